"""Options (judgebench.backends.labels) read off a server otherwise than from its candidates for a token.

`Scoring`: it tokenizes, and tells how likely named tokens are where a prompt ends, in /v1/completions: vLLM, met in
version 0.32.0. One request reads all of them, after the prompt and after each beginning of a longer label, which share
its prefix cache.

Decision APIs: the whole prompt is the input of one question, which of the options is the answer, and what comes back is
how likely each of them is. Whoever serves the model writes the question in words of its own. `systemone` is TypeSafe's,
and of those who followed: met on vLLM 0.32.0, which has it for a few architectures. `decisions` is OpenAI's: written
from openai 3.57.0's types, and met on no server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from math import inf, log
from typing import Any

import msgspec

from judgebench.backends import wire
from judgebench.backends.labels import Labels, Options, beginnings, chances, labels
from judgebench.errors import InputError
from judgebench.types import Finish, Request

NAMED = "logprob_token_ids"
TEMPLATE = frozenset({"chat_template", "chat_template_kwargs"})
"""Of `extra_body`, what changes the prompt, and so goes with it where it is tokenized."""
NEAR = 16
"""Tokens of the prompt's end, which decide how a label is written after it."""
DECISIONS = {"systemone": "systemone", "decisions": "decisions, written from OpenAI's types and met on no server"}
"""What a run's provenance says of each."""
INSTRUCTIONS = "Which answer do the instructions in the input ask for?"
NAME = "verdict"
Post = Callable[[str, Mapping[str, Any]], Awaitable[bytes]]
"""Asks a path, of the server's root where it begins with a slash; raises where there is no answer."""


def readable(described: bytes) -> bool:
    """Whether a server that describes itself so, at /openapi.json, can be read."""
    try:
        there = msgspec.json.decode(described)
        fields = there["components"]["schemas"]["CompletionRequest"]["properties"]
        return NAMED in fields and {"/tokenize", "/detokenize", "/v1/completions"} <= there["paths"].keys()
    except wire.NOT_SO:
        return False


class Scoring:
    """Reads the options of requests to `model`. `template` are the fields in TEMPLATE that the user gave."""

    def __init__(self, model: str, template: Mapping[str, Any]) -> None:
        self._model, self._template = model, template
        self._known: dict[tuple[tuple[int, ...], Options, str], tuple[list[int], Labels]] = {}

    async def read(self, request: Request, post: Post) -> tuple[bytes, tuple[float | None, ...]]:
        """The server's answer, and the log-probability of each option: None where it leaves out what it was asked."""
        chat = {"messages": wire.turns(request.messages), **self._template}
        prompt = await self._written(post, chat if request.text is None else {"prompt": request.text})
        lead, found = await self._labels(post, tuple(prompt[-NEAR:]), request)
        starts = beginnings(found)
        body = {"model": self._model, "max_tokens": 1, "temperature": 0, "logprobs": 1}
        body["prompt"] = [[*prompt, *lead, *start] for start in starts]
        body[NAMED] = sorted({token for tokens in starts.values() for token in tokens})
        answer = await post("/v1/completions", {**body, "return_tokens_as_token_ids": True})
        try:
            rows = [choice["logprobs"]["top_logprobs"][0] for choice in msgspec.json.decode(answer)["choices"]]
            read = {
                start: {token: float(row[f"token_id:{token}"]) for token in tokens}
                for (start, tokens), row in zip(starts.items(), rows, strict=True)
            }
        except wire.NOT_SO:
            return answer, (None,) * len(request.options)
        return answer, chances(found, len(request.options), read)

    async def _labels(self, post: Post, near: tuple[int, ...], request: Request) -> tuple[list[int], Labels]:
        """The tokens of the request's lead, and of its options after it; asked once for all prompts that end alike."""
        key = near, request.options, request.lead
        if key not in self._known:
            end = msgspec.json.decode(await post("/detokenize", {"model": self._model, "tokens": near}))["prompt"]
            tail = end + request.lead
            texts = dict.fromkeys(
                [end, tail, *(tail + spelling for spellings in request.options for spelling in spellings)]
            )
            texts |= dict.fromkeys(spellings[0] for spellings in request.options)
            asked = [self._written(post, {"prompt": text, "add_special_tokens": False}) for text in texts]
            written = dict(zip(texts, await asyncio.gather(*asked), strict=True))
            before, after = written[end], written[tail]
            if after[: len(before)] != before:
                raise InputError(f"the tokenizer of {self._model} writes {request.lead!r} together with what is before")
            self._known[key] = after[len(before) :], labels(tail, request.options, written.__getitem__)
        return self._known[key]

    async def _written(self, post: Post, text: Mapping[str, Any]) -> list[int]:
        tokens: list[int] = msgspec.json.decode(await post("/tokenize", {"model": self._model, **text}))["tokens"]
        return tokens


def decision(api: str, model: str, request: Request) -> dict[str, Any]:
    """What is sent, with the first spelling of each option as what it is called."""
    text = request.text or "\n\n".join(message.content for message in request.messages)
    called = [spellings[0] for spellings in request.options]
    question: dict[str, Any] = {"type": "choice", "instructions": INSTRUCTIONS}
    if api == "systemone":
        question["criteria"] = dict.fromkeys(called)
        return {"model": model, "state": text, "questions": {NAME: question}}
    question |= {"name": NAME, "choices": [{"value": one} for one in called]}
    return {"model": model, "input": text, "questions": [question]}


def decided(request: Request, data: bytes) -> dict[str, Any]:
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
