"""The border between what a model thinks and what it answers: one table of marks, for whoever reads an answer, and for
whoever finds in a chat template's end that it has begun the thought itself."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from re import Match, Pattern
from typing import Literal, NamedTuple

import msgspec

OPENING, CLOSING = "<think>", "</think>"
"""What judgebench itself writes, where a thought comes to it apart, or the chat template has begun it."""
_INDENT = 16
_RUN_ON = re.compile(r"[ \t]*(?:\n|\Z)|[^\W_]")
"""What follows a mark that opens a thought within a line: nothing, or the thought itself, without the space or the sign
that follows a tag which is being talked about."""


class Pair(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Fields as in thoughts.yaml."""

    opens: str
    closes: str
    families: str
    where: Literal["line", "start", "end"] = "line"


class Border(NamedTuple):
    """What a thought stands between, and whether the prompt has begun it."""

    pair: Pair
    begun: bool

    def in_ours(self, written: str) -> str:
        """What a model wrote, with our marks around the thought."""
        closed = re.sub(self.pair.closes, CLOSING, written, count=1)
        return OPENING + closed if self.begun else re.sub(self.pair.opens, OPENING, closed, count=1)


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pairs: tuple[Pair, ...]
    frames: tuple[str, ...]
    ends: tuple[str, ...]
    turns: str


@cache
def table() -> _Table:
    return msgspec.yaml.decode(Path(__file__).with_suffix(".yaml").read_bytes(), type=_Table)


@cache
def _marks() -> Pattern[str]:
    """Any mark, as a group that is named after its side and the number of its pair. Most characters begin none."""
    pairs = table().pairs
    first = {re.sub(r"^\(\?i:|\\", "", side)[0] for pair in pairs for side in (pair.opens, pair.closes)}
    sides = (f"(?P<opens{n}>{pair.opens})|(?P<closes{n}>{pair.closes})" for n, pair in enumerate(pairs))
    return re.compile(f"(?=[{re.escape(''.join(sorted(first)))}])(?:{'|'.join(sides)})")


@cache
def _frames() -> Pattern[str]:
    ends = "|".join(table().ends)
    return re.compile(rf"{'|'.join(table().frames)}|(?:(?:{ends})\s{{0,64}})++(?:\Z|(?:{table().turns})(?s:.*))")


def outside(text: str) -> str:
    """The answer without thoughts, frames and what ended it.

    A thought that never ends reaches to the end of the text. One that ends without having begun was begun by the chat
    template, and reaches back to the beginning. A tag within a sentence is merely mentioned, and so is any mark but its
    own within a thought.
    """
    kept: list[str] = []
    start, inside = _scan(text, kept)
    if inside is None:
        kept.append(text[start:])
    return _frames().sub("", "".join(kept))


def left_open(text: str) -> Pair | None:
    """Whose mark begins a thought in the text that is not ended there."""
    inside = _scan(text, [])[1]
    return _pair(inside) if inside else None


def _scan(text: str, kept: list[str]) -> tuple[int, Match[str] | None]:
    """Gathers what stands outside of thoughts, but for the rest of the text: where that begins, or the mark of the
    thought that it is."""
    start, inside = 0, None
    for mark in _marks().finditer(text):
        if (mark.lastgroup or "").startswith("opens"):
            if inside is None and _opens(text, mark):
                kept.append(text[start : mark.start()])
                start, inside = mark.start(), mark
        elif inside is None or _pair(inside) is _pair(mark):
            if inside is None:
                kept.clear()
            start, inside = mark.end(), None
    return start, inside


def _pair(mark: Match[str]) -> Pair:
    return table().pairs[int(re.sub(r"\D", "", mark.lastgroup or ""))]


def _opens(text: str, mark: Match[str]) -> bool:
    start = mark.start()
    if _pair(mark).where == "start":
        return start <= _INDENT and not text[:start].strip()
    if _pair(mark).where == "end":
        return mark.end() == len(text)
    _, newline, before = text[max(0, start - _INDENT - 1) : start].rpartition("\n")
    begins = not before.strip() and (newline or start <= _INDENT)
    return bool(begins or _RUN_ON.match(text, mark.end()))
