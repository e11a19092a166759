"""The border between what a model thinks and what it answers: one table of marks, for whoever reads an answer, and for
whoever finds in a chat template's end that it has begun the thought itself."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from re import Match, Pattern

import msgspec

OPENING, CLOSING = "<think>", "</think>"
"""What judgebench itself writes, where a thought comes to it apart, or the chat template has begun it."""
_INDENT = 16
_RUN_ON = re.compile(r"[ \t]*(?:\n|\Z)|[^\W_]")
"""What follows a mark that opens a thought within a line: nothing, or the thought itself, without the space or the sign
that follows a tag which is being talked about."""


class Pair(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Fields as in thoughts.yaml; `begun` says that the prompt ends within the thought."""

    opens: str
    closes: str
    families: str
    begun: bool = False

    def in_ours(self, written: str) -> str:
        """What a model wrote, with our marks around the thought."""
        closed = re.sub(self.closes, CLOSING, written, count=1)
        return OPENING + closed if self.begun else re.sub(self.opens, OPENING, closed, count=1)


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
    """Any mark: two groups for each pair. Most characters begin none, and are passed over."""
    sides = [side for pair in table().pairs for side in (pair.opens, pair.closes)]
    first = {re.sub(r"^(?:\(\?i:|\\A|\\)+", "", side)[0] for side in sides}
    return re.compile(f"(?=[{re.escape(''.join(sorted(first)))}])(?:{'|'.join(f'({side})' for side in sides)})")


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
    """Whose mark begins a thought in the end of a prompt that is not ended there."""
    inside = _scan(text, [])[1]
    return msgspec.structs.replace(inside, begun=True) if inside else None


def _scan(text: str, kept: list[str]) -> tuple[int, Pair | None]:
    """Gathers what stands outside of thoughts but for the rest of the text: where that begins, and in whose thought."""
    start, inside = 0, None
    for mark in _marks().finditer(text):
        number, closes = divmod((mark.lastindex or 1) - 1, 2)
        pair = table().pairs[number]
        if closes and inside in (None, pair):
            if inside is None:
                kept.clear()
            start, inside = mark.end(), None
        elif not closes and inside is None and _opens(text, mark):
            kept.append(text[start : mark.start()])
            inside = pair
    return start, inside


def _opens(text: str, mark: Match[str]) -> bool:
    _, newline, before = text[max(0, mark.start() - _INDENT - 1) : mark.start()].rpartition("\n")
    begins = not before.strip() and (newline or mark.start() <= _INDENT)
    return bool(begins or _RUN_ON.match(text, mark.end()))
