"""Options (judgebench.backends.labels) read off a server that tokenizes and tells how likely named tokens are where a
prompt ends, in /v1/completions: vLLM, met in version 0.32.0. One request reads all of them, after the prompt and after
each beginning of a longer label, which share its prefix cache."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from judgebench.backends import wire
from judgebench.backends.labels import Labels, Options, beginnings, chances, labels
from judgebench.errors import InputError
from judgebench.types import Request

NAMED = "logprob_token_ids"
TEMPLATE = frozenset({"chat_template", "chat_template_kwargs"})
"""Of `extra_body`, what changes the prompt, and so goes with it where it is tokenized."""
NEAR = 16
"""Tokens of the prompt's end, which decide how a label is written after it."""
NOT_SO = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, LookupError, TypeError, AttributeError, ValueError)
"""What reading an answer of another form raises."""
Post = Callable[[str, Mapping[str, Any]], Awaitable[bytes]]
"""Asks a path of the server's root; raises where there is no answer."""


def readable(described: bytes) -> bool:
    """Whether a server that describes itself so, at /openapi.json, can be read."""
    try:
        there = msgspec.json.decode(described)
        fields = there["components"]["schemas"]["CompletionRequest"]["properties"]
        return NAMED in fields and {"/tokenize", "/detokenize", "/v1/completions"} <= there["paths"].keys()
    except NOT_SO:
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
        answer = await post("v1/completions", {**body, "return_tokens_as_token_ids": True})
        try:
            rows = [choice["logprobs"]["top_logprobs"][0] for choice in msgspec.json.decode(answer)["choices"]]
            read = {
                start: {token: float(row[f"token_id:{token}"]) for token in tokens}
                for (start, tokens), row in zip(starts.items(), rows, strict=True)
            }
        except NOT_SO:
            return answer, (None,) * len(request.options)
        return answer, chances(found, len(request.options), read)

    async def _labels(self, post: Post, near: tuple[int, ...], request: Request) -> tuple[list[int], Labels]:
        """The tokens of the request's lead, and of its options after it; asked once for all prompts that end alike."""
        key = near, request.options, request.lead
        if key not in self._known:
            end = msgspec.json.decode(await post("detokenize", {"model": self._model, "tokens": near}))["prompt"]
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
        tokens: list[int] = msgspec.json.decode(await post("tokenize", {"model": self._model, **text}))["tokens"]
        return tokens
