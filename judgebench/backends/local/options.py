"""How likely each of several options is where the answer begins: the probability of its whole label, in any of its
spellings, as the tokenizer writes it after the prompt.

An option of one token is read off the prompt's own row of logits. Of a longer one, each token is read after those
before it: as prompts of their own, which share all but these tokens with the first and cost little more than them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp, inf, log
from typing import Any

import numpy as np

from judgebench.backends.local.packing import Tokens
from judgebench.backends.local.sampling import Draft
from judgebench.errors import InputError
from judgebench.types import Completion, Request

Sequences = dict[tuple[int, ...], int]
"""The tokens of each spelling, and which option it is one of."""
TAIL = 64
"""Characters of the prompt's end: how a spelling is written depends on no more."""


class Speller:
    """Finds the tokens of options, once for all prompts that end alike."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._known: dict[tuple[str, tuple[tuple[str, ...], ...]], Sequences] = {}

    def sequences(self, text: str, options: tuple[tuple[str, ...], ...]) -> Sequences:
        """Of options that follow the text. InputError where the tokenizer writes two of them alike."""
        key = text[-TAIL:], options
        if key not in self._known:
            self._known[key] = self._spelled(*key)
        return self._known[key]

    def _spelled(self, tail: str, options: tuple[tuple[str, ...], ...]) -> Sequences:
        before, found = self._ids(tail), Sequences()
        for option, spellings in enumerate(options):
            written = [self._ids(tail + spelling) for spelling in spellings]
            # A spelling that grows together with the end of the prompt is not what the model could write after it.
            after = [ids[len(before) :] for ids in written if ids[: len(before)] == before != ids]
            for ids in after or [self._ids(spellings[0])]:
                if found.setdefault(tuple(ids), option) != option:
                    other = options[found[tuple(ids)]][0]
                    raise InputError(f"the tokenizer writes {spellings[0]!r} as it writes {other!r}")
        return found

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids


@dataclass
class Reading:
    """One request's options: a draft for each beginning (none, or the first tokens of a longer option) after which a
    token is read."""

    index: int
    options: int
    sequences: Sequences
    drafts: dict[tuple[int, ...], Draft] = field(default_factory=dict)
    ended: int = 0

    @classmethod
    def of(cls, index: int, request: Request, prompt: Tokens, sequences: Sequences, **more: Any) -> Reading:
        """`more` are other fields of the drafts, by name."""
        reading = cls(index, len(request.options), sequences)
        wanted: dict[tuple[int, ...], dict[int, None]] = {}
        for ids in sequences:
            for place, token in enumerate(ids):
                wanted.setdefault(ids[:place], {})[token] = None
        for start, tokens in wanted.items():
            whole = np.concatenate([prompt, np.array(start, np.int64)])
            draft = Draft(index, whole, request.generation, wanted=tuple(tokens), reading=reading, **more)
            reading.drafts[start] = draft
        return reading

    def end(self) -> Completion | None:
        """After one of the drafts has ended: the completion, if it was the last of them."""
        self.ended += 1
        if self.ended < len(self.drafts):
            return None
        first = self.drafts[()]
        failed = next((draft for draft in self.drafts.values() if len(draft.found) < len(draft.wanted)), None)
        if failed is not None:
            return failed.completion()
        read = {start: dict(zip(draft.wanted, draft.found, strict=True)) for start, draft in self.drafts.items()}
        whole = {ids: sum(read[ids[:place]][token] for place, token in enumerate(ids)) for ids in self.sequences}
        chances = [0.0] * self.options
        # What goes on as another spelling is that one: "10" is not "1".
        for ids, logarithm in whole.items():
            longer = [other for other in whole if len(other) > len(ids) and other[: len(ids)] == ids]
            next_ones = [one for one in longer if not any(one != less and one[: len(less)] == less for less in longer)]
            gone = sum(exp(whole[one] - logarithm) for one in next_ones) if logarithm > -inf else 0.0
            chances[self.sequences[ids]] += exp(logarithm) * max(0.0, 1 - gone)
        return first.completion(options=tuple(log(chance) if chance > 0 else -inf for chance in chances))
