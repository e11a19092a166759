"""Decision APIs: the whole prompt is the input of one question, which of the options is the answer, and what comes back
is how likely each of them is. Whoever serves the model writes the question in words of its own.

`systemone` is TypeSafe's, and of those who followed: met on vLLM 0.32.0, which has it for a few architectures.
`decisions` is OpenAI's: written from openai 3.57.0's types, and met on no server."""

from __future__ import annotations

from math import inf, log
from typing import Any

import msgspec

from judgebench.types import Finish, Request

APIS = {"systemone": "systemone", "decisions": "decisions, written from OpenAI's types and met on no server"}
"""What a run's provenance says of each."""
INSTRUCTIONS = "Which answer do the instructions in the input ask for?"
NAME = "verdict"


def body(api: str, model: str, request: Request) -> dict[str, Any]:
    """What is sent, with the first spelling of each option as what it is called."""
    text = request.text or "\n\n".join(message.content for message in request.messages)
    called = [spellings[0] for spellings in request.options]
    question: dict[str, Any] = {"type": "choice", "instructions": INSTRUCTIONS}
    if api == "systemone":
        question["criteria"] = dict.fromkeys(called)
        return {"model": model, "state": text, "questions": {NAME: question}}
    question |= {"name": NAME, "choices": [{"value": one} for one in called]}
    return {"model": model, "input": text, "questions": [question]}


def completed(request: Request, data: bytes) -> dict[str, Any]:
    """Fields of a completion, of an answer, and `tokens`, of prompt and answer. The options' probabilities are shares
    of one, unless the server says how much of all that it might have said they had (vLLM's `label_mass`)."""
    said = msgspec.json.decode(data)
    answer, usage = said["answers"][NAME if isinstance(said["answers"], dict) else 0], said.get("usage") or {}
    fields = {"served": said.get("model"), "tokens": (usage.get("input_tokens"), usage.get("output_tokens"))}
    if answer["type"] == "refusal":
        return {**fields, "finish": Finish.REFUSED, "detail": "the model refused"}
    shares = answer["probabilities"]
    if isinstance(shares, list):
        shares = {one["value"]: one["probability"] for one in shares}
    mass = said.get("diagnostics", {}).get(NAME, {}).get("label_mass")
    found = {called: share * (1 if mass is None else mass) for called, share in shares.items()}
    logs = {called: log(chance) if chance > 0 else -inf for called, chance in found.items()}
    options = tuple(logs.get(spellings[0]) for spellings in request.options)
    return {**fields, "finish": Finish.STOP, "options": options, "shares": mass is None}
