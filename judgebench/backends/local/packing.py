"""Which tokens are computed, and how often: prompts laid end to end without padding, shared beginnings only once.

A pack is what one forward pass reads. Prompts that begin alike (the two orders of an item, items with one question,
samples of one prompt, a long system prompt) hang on a tree of segments; each segment's tokens are computed once and
are seen by all that continue it. No torch here: what is packed with what can be read, tested and counted without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

Tokens = NDArray[np.int64]

SHARED = 16
"""A beginning is worth a segment of its own from this many tokens on; below, reading it twice is cheaper."""


class Packable(Protocol):
    """A prompt on its way. Its last `own` tokens (one at least) are not shared even if another prompt has them too, so
    that there are rows to read from; `room` is how many tokens it may go on for."""

    @property
    def prompt(self) -> Tokens: ...
    @property
    def own(self) -> int: ...
    @property
    def room(self) -> int: ...


P = TypeVar("P", bound=Packable)


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
    """Segments: first shared ones, a parent before its children, then one leaf for each prompt, in their order."""

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


def sort_key(one: Packable) -> bytes:
    """Sorted by it, prompts that begin alike stand together."""
    return one.prompt.astype(">u4").tobytes()


def in_common(one: Packable, other: Packable) -> int:
    """How many tokens two prompts share at their beginning, those left out that are their own."""
    return beginning(one.prompt[: -one.own], other.prompt[: -other.own])


def beginning(one: Tokens, other: Tokens) -> int:
    """How many tokens two texts share at their beginning."""
    reach = min(len(one), len(other))
    differ = np.flatnonzero(one[:reach] != other[:reach])
    return int(differ[0]) if len(differ) else reach


def pack(prompts: Sequence[Packable]) -> Pack:
    """The tree of prompts sorted by `sort_key`."""
    common = [0, *(in_common(one, other) for one, other in pairwise(prompts))]
    shared: list[Segment] = []
    leaves: dict[int, Segment] = {}
    runs: list[tuple[int, int, int, int | None]] = [(0, len(prompts), 0, None)]
    while runs:
        low, high, first, parent = runs.pop()
        for start, end in _alike(common, low, high, first + SHARED):
            if end - start == 1:
                leaves[start] = Segment(prompts[start].prompt[first:], first, parent)
                continue
            reach = min(common[start + 1 : end])
            shared.append(Segment(prompts[start].prompt[first:reach], first, parent))
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
    """What a device has memory for: tokens computed in one forward pass, and tokens kept for what is generated."""

    computed: int
    kept: int

    def halve(self) -> None:
        self.computed, self.kept = max(1, self.computed // 2), max(1, self.kept // 2)


def fill(prompts: Iterable[P], budget: Budget) -> Iterator[list[P]]:
    """Prompts sorted by `sort_key`, in packs. One that is larger than the budget goes alone; the budget is read anew
    for each pack, since running out of memory halves it."""
    members: list[P] = []
    computed = kept = 0
    for prompt in prompts:
        saved = in_common(members[-1], prompt) if members else 0
        more = len(prompt.prompt) - (saved if saved >= SHARED else 0)
        hold = len(prompt.prompt) + prompt.room
        if members and (computed + more > budget.computed or kept + hold > budget.kept):
            yield members
            members, computed, kept, more = [], 0, 0, len(prompt.prompt)
        members.append(prompt)
        computed += more
        kept += hold
    if members:
        yield members


def by_length(waiting: list[P], budget: Budget, cost: Callable[[P], int]) -> list[P]:
    """For batches that are padded: of prompts sorted by length, the longest that fit together; at least one."""
    most = max(1, budget.computed // max(1, cost(waiting[-1])))
    return waiting[-most:]
