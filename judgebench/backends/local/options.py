"""Options (judgebench.backends.labels) read off the logits: each beginning is a prompt of its own, which shares all but
its last tokens with the first and costs little more than them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from judgebench.backends.labels import Labels, Options, Start, beginnings, chances, labels
from judgebench.backends.local.packing import Tokens
from judgebench.backends.local.sampling import Draft
from judgebench.types import Completion, Request

TAIL = 64
"""Characters of the prompt's end: how a spelling is written depends on no more."""


class Speller:
    """Finds the tokens of options, once for all prompts that end alike."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._known: dict[tuple[str, Options], Labels] = {}

    def labels(self, text: str, options: Options) -> Labels:
        """Of options that follow the text. InputError where the tokenizer writes two of them alike."""
        key = text[-TAIL:], options
        if key not in self._known:
            self._known[key] = labels(*key, lambda part: self._tokenizer(part, add_special_tokens=False)["input_ids"])
        return self._known[key]


@dataclass
class Reading:
    """One request's options: a draft for each beginning after which a token is read."""

    index: int
    options: int
    labels: Labels
    drafts: dict[Start, Draft] = field(default_factory=dict)
    ended: int = 0

    @classmethod
    def of(cls, index: int, request: Request, prompt: Tokens, found: Labels, **more: Any) -> Reading:
        """`more` are other fields of the drafts, by name."""
        reading = cls(index, len(request.options), found)
        for start, tokens in beginnings(found).items():
            whole = np.concatenate([prompt, np.array(start, np.int64)])
            reading.drafts[start] = Draft(index, whole, request.generation, wanted=tokens, reading=reading, **more)
        return reading

    def end(self) -> Completion | None:
        """After one of the drafts has ended: the completion, if it was the last of them."""
        self.ended += 1
        if self.ended < len(self.drafts):
            return None
        failed = next((draft for draft in self.drafts.values() if len(draft.found) < len(draft.wanted)), None)
        if failed is not None:
            return failed.completion()
        read = {start: dict(zip(draft.wanted, draft.found, strict=True)) for start, draft in self.drafts.items()}
        return self.drafts[()].completion(options=chances(self.labels, self.options, read))
