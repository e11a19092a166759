"""Which tokens are computed, and how often: prompts laid end to end without padding, shared beginnings only once.

A pack is what one forward pass reads. Prompts that begin alike (the two orders of an item, items with one question,
samples of one prompt, a long system prompt) hang on a tree of segments; each segment's tokens are computed once and
are seen by all that continue it. No torch here: what is packed with what can be read, tested and counted without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Tokens = NDArray[np.int64]

SHARED = 16
"""A beginning is worth a segment of its own from this many tokens on; below, reading it twice is cheaper."""


@dataclass(frozen=True)
class Segment:
    """Tokens computed once. `first` is the position of the first of them in its prompts, `parent` the index of the
    segment they continue."""

    tokens: Tokens
    first: int
    parent: int | None

    @property
    def end(self) -> int:
        return self.first + len(self.tokens)


@dataclass(frozen=True)
class Pack:
    """Segments, shared ones first (a parent before its children), then one leaf for each prompt, in the prompts' order.
    A leaf holds at least its prompt's last token, so that there is a row to read the next one from."""

    segments: list[Segment]
    prompts: int

    @property
    def shared(self) -> int:
        """How many of the segments are not leaves."""
        return len(self.segments) - self.prompts

    @property
    def computed(self) -> int:
        return sum(len(segment.tokens) for segment in self.segments)

    @property
    def asked(self) -> int:
        """Tokens that the prompts have, shared ones counted as often as they are asked."""
        return sum(segment.end for segment in self.segments[self.shared :])

    def path(self, index: int) -> list[int]:
        """The segments that segment `index` continues, from the root, and itself."""
        trail = [index]
        while (parent := self.segments[trail[-1]].parent) is not None:
            trail.append(parent)
        return trail[::-1]


def sort_key(tokens: Tokens) -> bytes:
    """Sorted by it, prompts that begin alike stand together."""
    return tokens.astype(">u4").tobytes()


def in_common(one: Tokens, other: Tokens, own: int = 1) -> int:
    """How many tokens two prompts share at their beginning, where a prompt's last `own` tokens are a leaf's."""
    reach = min(len(one), len(other)) - own
    differ = np.flatnonzero(one[:reach] != other[:reach])
    return int(differ[0]) if len(differ) else max(0, reach)


def pack(prompts: Sequence[Tokens], own: Sequence[int] | None = None) -> Pack:
    """The tree of prompts sorted by `sort_key`. `own` is how many last tokens of each are its leaf's, at least one."""
    own = own or [1] * len(prompts)
    common = [0, *(in_common(prompts[i - 1], prompts[i], max(own[i - 1 : i + 1])) for i in range(1, len(prompts)))]
    shared: list[Segment] = []
    leaves: dict[int, Segment] = {}
    runs: list[tuple[int, int, int, int | None]] = [(0, len(prompts), 0, None)]
    while runs:
        low, high, first, parent = runs.pop()
        for start, end in _alike(common, low, high, first + SHARED):
            if end - start == 1:
                leaves[start] = Segment(prompts[start][first:], first, parent)
                continue
            reach = min(common[start + 1 : end])
            shared.append(Segment(prompts[start][first:reach], first, parent))
            runs.append((start, end, reach, len(shared) - 1))
    return Pack([*shared, *(leaves[index] for index in range(len(prompts)))], len(prompts))


def _alike(common: Sequence[int], low: int, high: int, reach: int) -> Iterator[tuple[int, int]]:
    """Runs of neighbours that share at least `reach` tokens."""
    start = low
    for index in range(low + 1, high + 1):
        if index == high or common[index] < reach:
            yield start, index
            start = index


@dataclass
class Budget:
    """What one forward pass may hold: tokens computed in it, and tokens kept for what is generated after it."""

    computed: int
    kept: int

    def halve(self) -> None:
        self.computed, self.kept = max(1, self.computed // 2), max(1, self.kept // 2)


@dataclass
class Load:
    """How full a pack is while it is filled."""

    computed: int = 0
    kept: int = 0
    members: list[int] = field(default_factory=list)


def fill(prompts: Iterable[tuple[int, Tokens, int]], budget: Budget) -> Iterator[list[int]]:
    """Packs of (name, tokens, new tokens at most), sorted by `sort_key`, as lists of names. A prompt larger than the
    budget goes alone; the budget is read anew for each pack, since running out of memory halves it."""
    load, last = Load(), None
    for name, tokens, new in prompts:
        saved = in_common(last, tokens) if last is not None else 0
        computed, kept = len(tokens) - (saved if saved >= SHARED else 0), len(tokens) + new
        if load.members and (load.computed + computed > budget.computed or load.kept + kept > budget.kept):
            yield load.members
            load, computed = Load(), len(tokens)
        load.members.append(name)
        load.computed += computed
        load.kept += kept
        last = tokens
    if load.members:
        yield load.members
