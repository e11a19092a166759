"""From a request to the tokens that the model sees: its chat template applied once, one BOS, cuts counted in tokens."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from os.path import commonprefix
from typing import Any

import jinja2
import msgspec
import numpy as np

from judgebench import thoughts
from judgebench.backends.labels import Labels
from judgebench.backends.local.options import Speller
from judgebench.backends.local.packing import Tokens
from judgebench.errors import InputError, explained
from judgebench.types import Message, Request

CUT = "cut on the"
DATE = date(2025, 1, 1)
"""What a chat template is told that asks what day it is: an answer must not depend on when it is asked for."""
_CLOCK = "".join(f"|replace('%{sign}', '{DATE.strftime(f'%{sign}')}')" for sign in "aAbBcdfHIjmMpSUwWxXyYzZ")
_CLOCK = f"{{% macro strftime_now(format) %}}{{{{ format{_CLOCK} }}}}{{% endmacro +%}}"
"""A template's own, in place of transformers'."""


@dataclass(frozen=True)
class Encoded:
    """`detail` says what was cut, or why it cannot be asked. `options` are the tokens of the request's options,
    `thought` are the marks of a thought, where the answer by itself will not show it; `sight` is a sight.Sight."""

    tokens: Tokens
    detail: str | None = None
    fits: bool = True
    options: Labels = field(default_factory=dict)
    thought: thoughts.Pair | None = None
    sight: Any = None

    @property
    def cut(self) -> bool:
        return self.fits and self.detail is not None


@dataclass
class Encoder:
    """`model` is for messages; `context` is how many tokens prompt and answer may have together; `eyes` are sight.Eyes
    of a model that sees."""

    tokenizer: Any
    model: str
    context: int | None = None
    eyes: Any = None
    _known: dict[tuple[str, ...], bool | None] = field(default_factory=dict)

    def encode(self, requests: Sequence[Request]) -> list[Encoded]:
        """Prompts for generation. Many at once: a tokenizer works on all cores."""
        shown = [self._text(request) for request in requests]
        seen = [self._seen(text, request.messages) for (text, _), request in zip(shown, requests, strict=True)]
        bare = self.eyes.bare if self.eyes else lambda _: False
        raw = [one.text is not None or bare(str(text)) for one, (text, _) in zip(requests, shown, strict=True)]
        encoded = self.tokens(seen, raw)
        return [
            tokens if isinstance(tokens, Encoded) else self._fitting(tokens, request, str(text), cut)
            for tokens, request, (text, cut) in zip(encoded, requests, shown, strict=True)
        ]

    def tokens(self, texts: Sequence[Any], raw: Sequence[bool]) -> list[Any]:
        """A chat template writes its special tokens itself; a raw text gets those that the tokenizer adds, once. What
        could not be rendered, or has its tokens, stays as it is."""
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
        turns = list(messages)
        if len(turns) > 1 and turns[0].role == "system" and self._wants_parts(("system", "user")) is None:
            system, first, *rest = turns
            turns = [msgspec.structs.replace(first, content=f"{system.content}\n\n{first.content}"), *rest]
        seen = any(turn.images for turn in turns)
        parts = seen or self._wants_parts(tuple(turn.role for turn in turns))
        why = "leaves out a part of such a conversation, which the model would then judge unseen"
        try:
            text = self._applied(turns, answered=answered, parts=bool(parts))
            if parts is not None and not (seen and any(turn.content.strip() not in text for turn in turns)):
                return text
        except jinja2.TemplateError as error:
            why = f"does not take this conversation: {error}"
        return Encoded(np.empty(0, np.int64), f"the chat template of {self.model} {why}", fits=False)

    def need_template(self, judge: str, instead: str, roles: Sequence[str] = ("user",)) -> None:
        """InputError where there is no chat template, or it does not show the texts of such turns."""
        if not self.tokenizer.chat_template:
            raise InputError(f"{judge}: {self.model} has no chat template; {instead}")
        turns = [Message(role=role, content="judgebench") for role in roles]
        rendered = self.rendered(turns, answered=roles[-1] == "assistant")
        if isinstance(rendered, Encoded):
            raise InputError(f"{judge}: {rendered.detail}; {instead}")

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

    def _applied(self, messages: Sequence[Message], *, answered: bool, parts: bool = False, **told: Any) -> str:
        """`told` is what the template is told of the last message beside its text."""
        turns: list[dict[str, Any]] = [{"role": message.role, "content": message.content} for message in messages]
        for turn, message in zip(turns if parts else (), messages):
            turn["content"] = [{"type": "text", "text": message.content}, *[{"type": "image"}] * len(message.images)]
        turns[-1] |= told
        template = self.tokenizer.get_chat_template()
        dated = _CLOCK + template if "strftime_now" in template else template
        more = {"tokenize": False, "add_generation_prompt": not answered}
        try:
            return str(self.tokenizer.apply_chat_template(turns, chat_template=dated, **more))
        except Exception as error:  # a template may divide by zero as well as refuse
            raise jinja2.TemplateError(str(error)) from error

    def _wants_parts(self, roles: tuple[str, ...]) -> bool | None:
        """Whether the template shows the texts of such turns only as parts of messages, as those for images do; None
        where it leaves some of them out either way, or refuses."""
        if roles not in self._known:
            turns = [Message(role=role, content=f"judgebench-{place}-text") for place, role in enumerate(roles)]
            self._known[roles] = next((parts for parts in (False, True) if self._shows(turns, parts)), None)
        return self._known[roles]

    def _shows(self, turns: Sequence[Message], parts: bool) -> bool:  # noqa: FBT001
        try:
            text = self._applied(turns, answered=turns[-1].role == "assistant", parts=parts)
        except jinja2.TemplateError:
            return False
        return all(turn.content in text for turn in turns) and "{'type'" not in text

    def _thought(self, text: str, messages: Sequence[Message]) -> thoughts.Pair | None:
        """Of the answer to what was rendered from these messages."""
        before = self.rendered(messages, answered=True)
        if not (isinstance(before, str) and text.startswith(before)):  # such a template ends an open conversation, too
            before = "".join(text.rpartition(messages[-1].content.strip())[:2])
        return thoughts.left_open(text[len(before) :]) or self._own_marks

    @cached_property
    def _own_marks(self) -> thoughts.Pair | None:
        """Around a thought that the template is given with an answer, where it writes marks that are in no table."""
        thought, answer = "judgebench-thought", "judgebench-answer"
        told: dict[str, Any] = dict.fromkeys(("reasoning_content", "reasoning", "thinking"), thought)
        turns = [Message(role="user", content="judgebench-user"), Message(role="assistant", content=answer)]
        try:
            prompt, whole = self._applied(turns[:1], answered=False), self._applied(turns, answered=True, **told)
        except jinja2.TemplateError:
            return None
        before, _, after = whole.partition(thought)
        between, answered, _ = after.partition(answer)
        opens, closes = before[len(commonprefix([before, prompt])) :].strip(), between.strip()  # noqa: RUF071
        begun = before.strip() == prompt.strip()
        if not (answered and closes and (opens or begun)) or thoughts.outside(f"{opens}x{closes}y").strip() == "y":
            return None
        return thoughts.Pair(re.escape(opens) if opens else "(?!)", re.escape(closes), self.model, begun=begun)

    def _tidy(self, tokens: Tokens) -> Tokens:
        """Without a second BOS, which the text itself may have brought along."""
        bos = self.tokenizer.bos_token_id
        doubled = bos is not None and len(tokens) > 1 and tokens[0] == bos == tokens[1]
        return tokens[1:] if doubled else tokens

    def _seen(self, text: str | Encoded, messages: Sequence[Message]) -> Any:
        images = tuple(image for message in messages for image in message.images)
        try:
            with explained(lambda error: InputError(f"{self.model} cannot be shown the images: {error}")):
                return self.eyes.look(text, images) if images and isinstance(text, str) else text
        except InputError as error:
            return Encoded(np.empty(0, np.int64), str(error), fits=False)

    def _fitting(self, read: Any, request: Request, text: str, cut: str | None) -> Encoded:
        sight, tokens = (None, read) if isinstance(read, np.ndarray) else (read, read.tokens)
        options = self._speller.labels(text, request.options) if request.options else {}
        new = max(request.generation.max_tokens, max(map(len, options), default=0))
        if self.context is None or len(tokens) + new <= self.context:
            thought = self._thought(text, request.messages) if request.messages and not options else None
            return Encoded(tokens, cut, options=options, thought=thought, sight=sight)
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
