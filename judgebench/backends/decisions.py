"""Decision APIs: the whole prompt is the input of one question, which of the options is the answer, and what comes back
is how likely each of them is. Whoever serves the model writes the question in words of its own.

    systemone   /systemone of TypeSafe and those who followed. Met on vLLM 0.32.0, which has it for a few architectures
    decisions   /decisions of OpenAI. Written from openai 3.57.0's types; met on no server
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, log
from typing import Any

import msgspec

from judgebench.types import Finish, Request

APIS = {"systemone": "systemone", "decisions": "decisions, written from OpenAI's types and met on no server"}
"""What a run's provenance says of each."""
INSTRUCTIONS = "Which answer do the instructions in the input ask for?"
NAME = "verdict"


class _Share(msgspec.Struct):
    value: str | bool
    probability: float


class _Answer(msgspec.Struct):
    type: str
    probabilities: list[_Share] | dict[str, float] = []


class _Diagnosis(msgspec.Struct):
    label_mass: float | None = None


class _Usage(msgspec.Struct):
    input_tokens: int | None = None
    output_tokens: int | None = None


class Decided(msgspec.Struct):
    """The part of an answer that is read."""

    answers: list[_Answer] | dict[str, _Answer]
    model: str | None = None
    usage: _Usage = msgspec.field(default_factory=_Usage)
    diagnostics: dict[str, _Diagnosis] = {}


decode = msgspec.json.Decoder(Decided).decode


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


def completed(decided: Decided, request: Request) -> dict[str, Any]:
    """Fields of a completion. The options' probabilities are shares of one, unless the server says how much of all
    that it might have said they had (vLLM's `label_mass`). LookupError where there is no answer to the question."""
    answer = decided.answers[NAME] if isinstance(decided.answers, dict) else decided.answers[0]
    if answer.type == "refusal":
        return {"finish": Finish.REFUSED, "detail": "the model refused"}
    listed = answer.probabilities
    shares: Mapping[Any, float] = listed if isinstance(listed, dict) else {one.value: one.probability for one in listed}
    mass = decided.diagnostics[NAME].label_mass if NAME in decided.diagnostics else None
    found = [shares.get(spellings[0]) for spellings in request.options]
    chances = [None if share is None else share * (1 if mass is None else mass) for share in found]
    logs = (chance if chance is None else log(chance) if chance > 0 else -inf for chance in chances)
    return {"finish": Finish.STOP, "options": tuple(logs), "shares": mass is None}
