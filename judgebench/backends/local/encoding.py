"""From a request to the tokens that the model sees: its chat template applied once, one BOS, cuts counted in tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import jinja2
import numpy as np

from judgebench.backends.labels import Labels
from judgebench.backends.local.options import Speller
from judgebench.backends.local.packing import Tokens
from judgebench.errors import InputError
from judgebench.types import Message, Request

CUT = "cut on the"


@dataclass(frozen=True)
class Encoded:
    """`detail` says what was cut, or why it cannot be asked. `options` are the tokens of the request's options."""

    tokens: Tokens
    detail: str | None = None
    fits: bool = True
    options: Labels = field(default_factory=dict)

    @property
    def cut(self) -> bool:
        return self.fits and self.detail is not None


@dataclass
class Encoder:
    """`model` is for messages; `context` is how many tokens prompt and answer may have together."""

    tokenizer: Any
    model: str
    context: int | None = None

    def encode(self, requests: Sequence[Request]) -> list[Encoded]:
        """Prompts for generation. Many at once: a tokenizer works on all cores."""
        shown = [self._text(request) for request in requests]
        encoded = self.tokens([text for text, _ in shown], [request.text is not None for request in requests])
        return [
            tokens if isinstance(tokens, Encoded) else self._fitting(tokens, request, str(text), cut)
            for tokens, request, (text, cut) in zip(encoded, requests, shown, strict=True)
        ]

    def tokens(self, texts: Sequence[str | Encoded], raw: Sequence[bool]) -> list[Tokens | Encoded]:
        """A chat template writes its special tokens itself; a raw text gets those that the tokenizer adds, once. What
        could not be rendered stays as it is."""
        encoded: list[Any] = list(texts)
        for special in (True, False):
            places = [place for place, is_raw in enumerate(raw) if is_raw == special and isinstance(texts[place], str)]
            if places:
                ids = self.tokenizer(
                    [texts[place] for place in places],
                    add_special_tokens=special,
                    return_attention_mask=False,  # these take as long to make as the tokens
                    return_token_type_ids=False,
                )["input_ids"]
                for place, one in zip(places, ids, strict=True):
                    encoded[place] = self._tidy(np.array(one, np.int64))
        return encoded

    def rendered(self, messages: Sequence[Message], *, answered: bool = False) -> str | Encoded:
        """The conversation in the model's chat template, up to where the model answers, or with its answer."""
        turns = [{"role": message.role, "content": message.content} for message in messages]
        if len(turns) > 1 and turns[0]["role"] == "system" and not self._takes_system:
            system, first, *rest = turns
            turns = [{**first, "content": f"{system['content']}\n\n{first['content']}"}, *rest]
        try:
            text: str = self.tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=not answered)
        except jinja2.TemplateError as error:
            why = f"the chat template of {self.model} does not take this conversation: {error}"
            return Encoded(np.empty(0, np.int64), why, fits=False)
        return text

    def need_template(self, judge: str, instead: str) -> None:
        if not self.tokenizer.chat_template:
            raise InputError(f"{judge}: {self.model} has no chat template; {instead}")

    def cut(self, tokens: Tokens | Encoded) -> Encoded:
        """What fits into the context: the beginning goes, but for the BOS, since scores are read at the end."""
        if isinstance(tokens, Encoded):
            return tokens
        over = len(tokens) - (self.context or len(tokens))
        if over <= 0:
            return Encoded(tokens)
        keep = int(tokens[0] == self.tokenizer.bos_token_id)
        return Encoded(np.concatenate([tokens[:keep], tokens[keep + over :]]), f"{CUT} left: {over:,} tokens")

    @cached_property
    def _speller(self) -> Speller:
        return Speller(self.tokenizer)

    @cached_property
    def _takes_system(self) -> bool:
        """Whether the template shows a system message. Some refuse one, some leave it out without a word."""
        turns = [{"role": "system", "content": "judgebench-system"}, {"role": "user", "content": "judgebench-user"}]
        try:
            return "judgebench-system" in self.tokenizer.apply_chat_template(turns, tokenize=False)
        except jinja2.TemplateError:
            return False

    def _tidy(self, tokens: Tokens) -> Tokens:
        """Without a second BOS, which the text itself may have brought along."""
        bos = self.tokenizer.bos_token_id
        doubled = bos is not None and len(tokens) > 1 and tokens[0] == bos == tokens[1]
        return tokens[1:] if doubled else tokens

    def _fitting(self, tokens: Tokens, request: Request, text: str, cut: str | None) -> Encoded:
        options = self._speller.labels(text, request.options) if request.options else {}
        new = max(request.generation.max_tokens, max(map(len, options), default=0))
        if self.context is None or len(tokens) + new <= self.context:
            return Encoded(tokens, cut, options=options)
        asked = f"the prompt has {len(tokens):,} tokens and the answer may have {new:,}"
        return Encoded(tokens, f"{asked}, and the model's context is {self.context:,}", fits=False)

    def _text(self, request: Request) -> tuple[str | Encoded, str | None]:
        """What is asked as one text, with its spans cut as its truncation says, and what was cut."""
        text, truncation = request.text, request.truncation
        if text is None:
            rendered = self.rendered(request.messages)
            return rendered if isinstance(rendered, Encoded) else rendered + request.lead, None
        if truncation is None or not truncation.spans:
            return text, None
        free = truncation.context - request.generation.max_tokens
        longest = max(end - start for start, end in truncation.spans)
        if text.isascii() and longest < (free - len(truncation.frame) - 1) // len(truncation.spans) - 2:
            return text, None  # a token is a character at least, and counting them takes as long as encoding
        most = (free - len(self._ids(truncation.frame, special=True))) // len(truncation.spans) - 2
        lost = []
        for start, end in sorted(truncation.spans, reverse=True):
            ids = self._ids(text[start:end], special=False)
            if len(ids) > most > 0:
                kept = ids[-most:] if truncation.side == "left" else ids[:most]
                text = text[:start] + self.tokenizer.decode(kept) + text[end:]
                lost.append(len(ids) - most)
        return text, f"{CUT} {truncation.side}: {' and '.join(map(str, lost[::-1]))} tokens" if lost else None

    def _ids(self, text: str, *, special: bool) -> list[int]:
        ids: list[int] = self.tokenizer(text, add_special_tokens=special)["input_ids"]
        return ids
