"""Options (judgebench.backends.labels) read off a server that tokenizes and tells how likely given tokens are: vLLM.

Its description of itself, /openapi.json, says in which way (as met on vLLM 0.32.0):

    logprob_token_ids   the log-probabilities of named tokens where a prompt ends: one request for all of them, with the
                        prompt and each beginning of a longer label, which share the server's prefix cache
    prompt_logprobs     those of each token of a prompt: the prompt with each label after it, without the cache
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from judgebench.backends.labels import Labels, Options, beginnings, chances, labels, texts
from judgebench.errors import InputError
from judgebench.types import Request

NAMED, PROMPT = "logprob_token_ids", "prompt_logprobs"
TEMPLATE = frozenset({"chat_template", "chat_template_kwargs"})
"""Of `extra_body`, what changes the prompt, and so goes with it where it is tokenized."""
NEAR = 16
"""Tokens of the prompt's end, which decide how a label is written after it."""
Post = Callable[[str, Mapping[str, Any]], Awaitable[bytes]]
"""Asks a path of the server's root; raises where there is no answer."""


class _Schema(msgspec.Struct):
    properties: dict[str, msgspec.Raw] = {}


class _Components(msgspec.Struct):
    schemas: dict[str, msgspec.Raw] = {}


class _Described(msgspec.Struct):
    paths: dict[str, msgspec.Raw] = {}
    components: _Components = msgspec.field(default_factory=_Components)


class _Tokens(msgspec.Struct):
    tokens: list[int]


class _Text(msgspec.Struct):
    prompt: str


class _Logprob(msgspec.Struct):
    logprob: float


class _Logprobs(msgspec.Struct):
    top_logprobs: list[dict[str, float]]


class _Choice(msgspec.Struct):
    logprobs: _Logprobs | None = None
    prompt_logprobs: list[dict[str, _Logprob] | None] | None = None


class _Read(msgspec.Struct):
    choices: list[_Choice]


def way_of(described: bytes) -> str | None:
    """In which of the two ways a server that describes itself so can be read; None for neither."""
    try:
        there = msgspec.json.decode(described, type=_Described)
        completions = msgspec.json.decode(there.components.schemas["CompletionRequest"], type=_Schema).properties
    except (msgspec.MsgspecError, UnicodeDecodeError, KeyError):
        return None
    if not {"/tokenize", "/detokenize", "/v1/completions"} <= set(there.paths):
        return None
    return next((way for way in (NAMED, PROMPT) if way in completions), None)


class Scoring:
    """Reads the options of requests to `model`. `template` are the fields in TEMPLATE that the user gave."""

    def __init__(self, way: str, model: str, template: Mapping[str, Any]) -> None:
        self.way, self._model, self._template = way, model, template
        self._known: dict[tuple[tuple[int, ...], Options, str], tuple[list[int], Labels]] = {}

    async def read(self, request: Request, post: Post) -> tuple[bytes, tuple[float | None, ...]]:
        """The server's answer, and the log-probability of each option: None where it leaves out what it was asked."""
        text = {"prompt": request.text}
        chat = {"messages": request.messages, **self._template}
        prompt = await self._written(post, chat if request.text is None else text)
        lead, found = await self._labels(post, tuple(prompt[-NEAR:]), request)
        prompt += lead
        starts = beginnings(found)
        body: dict[str, Any] = {"model": self._model, "max_tokens": 1, "temperature": 0}
        if self.way == NAMED:
            body["prompt"] = [[*prompt, *start] for start in starts]
            body["logprob_token_ids"] = sorted({token for tokens in starts.values() for token in tokens})
            body |= {"logprobs": 1, "return_tokens_as_token_ids": True}
        else:
            body |= {"prompt": [[*prompt, *ids] for ids in found], "prompt_logprobs": 0}
        answer = await post("v1/completions", body)
        try:
            choices = msgspec.json.decode(answer, type=_Read).choices
            read = self._named(choices, starts) if self.way == NAMED else self._prompted(choices, found, len(prompt))
        except (msgspec.MsgspecError, UnicodeDecodeError, LookupError, TypeError, AttributeError, ValueError):
            return answer, (None,) * len(request.options)
        return answer, chances(found, len(request.options), read)

    @staticmethod
    def _named(choices: list[_Choice], starts: Mapping[Any, tuple[int, ...]]) -> dict[Any, dict[int, float]]:
        rows = [choice.logprobs.top_logprobs[0] for choice in choices]  # type: ignore[union-attr]
        return {
            start: {token: row[f"token_id:{token}"] for token in tokens}
            for (start, tokens), row in zip(starts.items(), rows, strict=True)
        }

    @staticmethod
    def _prompted(choices: list[_Choice], found: Labels, length: int) -> dict[Any, dict[int, float]]:
        read: dict[Any, dict[int, float]] = {}
        for ids, choice in zip(found, choices, strict=True):
            for place, token in enumerate(ids):
                row = choice.prompt_logprobs[length + place]  # type: ignore[index]
                read.setdefault(ids[:place], {})[token] = row[str(token)].logprob  # type: ignore[index]
        return read

    async def _labels(self, post: Post, near: tuple[int, ...], request: Request) -> tuple[list[int], Labels]:
        """The tokens of the request's lead, and of its options after it; asked once for all prompts that end alike."""
        key = near, request.options, request.lead
        if key not in self._known:
            data = await post("detokenize", {"model": self._model, "tokens": near})
            end = msgspec.json.decode(data, type=_Text).prompt
            wanted = list(dict.fromkeys([end, *texts(end + request.lead, request.options)]))
            asked = [self._written(post, {"prompt": text, "add_special_tokens": False}) for text in wanted]
            written = dict(zip(wanted, await asyncio.gather(*asked), strict=True))
            before, after = written[end], written[end + request.lead]
            if after[: len(before)] != before:
                raise InputError(f"the tokenizer of {self._model} writes {request.lead!r} together with what is before")
            self._known[key] = after[len(before) :], labels(end + request.lead, request.options, written.__getitem__)
        return self._known[key]

    async def _written(self, post: Post, text: Mapping[str, Any]) -> list[int]:
        return msgspec.json.decode(await post("tokenize", {"model": self._model, **text}), type=_Tokens).tokens
