"""What the labels of a preference mean. Clear words are read; a number that could mean several things is not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from judgebench.adapters.own.mapping import Layout, normal
from judgebench.errors import InputError
from judgebench.types import Kind, Question

TIE = -1
NONE = -2
"""A meaning is one of these, or the index of the better response."""
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_WORDS = {TIE: "tie", NONE: "none", **dict(enumerate(ORDINALS))}
"""A meaning, as a mapping says it."""
MISSING = frozenset({"", "nan", "none", "null", "n/a", "na", "<na>"})

_TIES = frozenset({
    "tie", "ties", "tied", "equal", "equally good", "draw", "both", "neither", "same", "a=b", "b=a", "[[c]]",
    "tie_bothbad", "tie (bothbad)", "tie (both bad)", "bothbad", "both_bad", "both bad", "bothgood",
    "both good", "no preference",
})  # fmt: skip
_STEM = (
    r"(?:response|model|answer|output|assistant|completion|candidate|option|system|conversation|summary|text|reply)"
    r"[ _-]?"
)
_LETTER = re.compile(rf"(?:\[\[)?(?:{_STEM})?([a-h])(?:\]\])?(?: (?:is )?better| wins)?")
_NUMBER = re.compile(rf"{_STEM}([1-8])(?: (?:is )?better| wins)?")
_SIGN = re.compile(r"([ab]) ?(>>?|<<?) ?([ab])")


@dataclass(frozen=True)
class Meanings:
    """`responses` are the columns of the responses, or chosen and rejected; a meaning is an index among them."""

    responses: Sequence[str]
    values: Mapping[str, int]
    _cache: dict[str, int | None] = field(default_factory=dict)

    def of(self, label: str, authors: Sequence[str | None] = ()) -> int | None:
        """The meaning of a label in the form that `normal` gives it, or None where it has none. The label may be the
        name of exactly one author."""
        if label not in self._cache:
            self._cache[label] = self._read(label)
        meaning = self._cache[label]
        if meaning is None:
            named = [author is not None and normal(author) == label for author in authors]
            return named.index(True) if named.count(True) == 1 else None
        return meaning

    def _read(self, label: str) -> int | None:
        if label in self.values:
            return self.values[label]
        if label in MISSING:
            return NONE
        return word(label, self.responses)

    @property
    def choices(self) -> str:
        """What a label may be, for messages."""
        if self.values:
            return ", ".join(f"{label} ({_WORDS[meaning]})" for label, meaning in self.values.items())
        letters = [chr(65 + index) for index in range(len(self.responses))]
        return f"{', '.join(letters)}, {', '.join(self.responses)} or tie"


def word(label: str, responses: Sequence[str]) -> int | None:
    """What a label means by itself; None where that is not clear. Bare numbers are never clear."""
    names = [normal(column) for column in responses]
    if names.count(label) == 1:
        return names.index(label)
    if label in _TIES:
        return TIE
    if label in ORDINALS[: len(responses)]:
        return ORDINALS.index(label)
    if len(responses) == 2 and (sign := _SIGN.fullmatch(label)) and sign[1] != sign[3]:
        return int((sign[1] == "b") == (">" in sign[2]))
    letter, number = _LETTER.fullmatch(label), _NUMBER.fullmatch(label)
    index = ord(letter[1]) - ord("a") if letter else int(number[1]) - 1 if number else None
    return index if index is not None and index < len(responses) else None


def resolved(layout: Layout, responses: Sequence[str], where: str) -> dict[str, int]:
    """The meanings that a mapping states, by label: an index, TIE or NONE."""
    index_of = {"tie": TIE, "none": NONE} | {normal(column): index for index, column in enumerate(responses)}
    index_of |= {ordinal: index for index, ordinal in enumerate(ORDINALS[: len(responses)])}
    indices = {}
    for label, meaning in layout.values.items():
        if normal(meaning) not in index_of:
            choices = ", ".join(dict.fromkeys([*ORDINALS[: len(responses)], *responses, "tie", "none"]))
            raise InputError(f"{where}: in values, {label} means one of {choices}, not {meaning!r}")
        indices[label] = index_of[normal(meaning)]
    return indices


def guess(labels: Iterable[Any], responses: Sequence[str], column: str, where: str, mapping: str) -> dict[str, str]:
    """What these labels mean, to be shown and kept. Where that is not clear, the InputError says what to write;
    `mapping` is where to write it."""
    seen = sorted({normal(label) for label in labels} - MISSING)
    numbers = [label for label in seen if re.fullmatch(r"-?\d+(\.\d+)?", label)]
    read = {label: word(label, responses) for label in seen} | _numbered(numbers, responses)
    unclear = [label for label, meaning in read.items() if meaning is None]
    named_one = any(meaning is not None and meaning >= 0 for meaning in read.values())
    if unclear and (not named_one or set(unclear) & set(numbers)):  # a single odd word is an error of its row instead
        listed = ", ".join(unclear[:6]) + (", ..." if len(unclear) > 6 else "")
        some = unclear[:2] if len(unclear) > 1 else [*unclear, "0" if unclear == ["1"] else "1"]
        example = ", ".join(f"{label}: {ordinal}" for label, ordinal in zip(some, ORDINALS))
        why = "could mean several things" if {*unclear} <= {*numbers, "true", "false"} else "are not clear"
        raise InputError(
            f"{where}: the labels in {column} are {listed}, which {why}; say what each means in {mapping}, for example "
            f"values: {{{example}}} (first, second, tie or none)"
        )
    return {label: _WORDS[meaning] for label, meaning in read.items() if meaning is not None}


_POSITIVE = ("pass", "passed", "correct", "yes", "true", "good", "right", "acceptable", "safe", "supported")
MOST_LABELS = 12


def guess_labels(labels: Iterable[Any]) -> Question | None:
    """What the labels of single responses are, where none of them is a number: the question, of two labels or more.
    None for ratings, and for texts of which there are too many to be labels."""
    words = {normal(label): str(label).strip() for label in labels}
    words = {plain: word for plain, word in sorted(words.items()) if plain not in MISSING}
    numbers = any(re.fullmatch(r"-?\d+(\.\d+)?", plain) for plain in words)
    texts = any(sign in word for word in words.values() for sign in ",[]\n")
    if numbers or texts or not 2 <= len(words) <= MOST_LABELS:
        return None
    positive = [words[plain] for plain in _POSITIVE if plain in words and len(words) == 2]
    one = positive[0] if len(positive) == 1 else None
    return Question(kind=Kind.CLASS, labels=tuple(words.values()), positive=one)


def _numbered(numbers: Sequence[str], responses: Sequence[str]) -> dict[str, int | None]:
    """Bare numbers that are clear: those in the columns' own names, or exactly the numbers from 1 on."""
    suffixes = [end[1] for column in responses if (end := re.search(r"(\d+)$", column))]
    if len(suffixes) < len(responses) or not set(numbers) <= set(suffixes):
        suffixes = [str(index + 1) for index in range(len(responses))]
        if sorted(numbers) != suffixes:
            return {}
    return {number: suffixes.index(number) for number in numbers}
