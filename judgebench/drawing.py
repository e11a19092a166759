"""Which items a run of a part of a benchmark asks about: the first ones, or a sample that is drawn.

A sample is the beginning of a sequence of all items that the seed alone decides, so that for one seed a smaller sample
is a part of any larger one. In each beginning every subset, and in a mixture each kind of question in it, has its share
of the items, to within one; and no question (cluster) comes a second time before all have come once, as far as the
subsets have others.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heapreplace
from typing import TypeVar

from judgebench.options import LIMIT
from judgebench.types import Item, Label, Manifest

T = TypeVar("T", Item, Label)
_FIRST = "first:"


@dataclass(frozen=True)
class Limit:
    """At most `count` items. Without a `seed` they are the first ones."""

    count: int
    seed: int | None = None


def limit(typed: int | str | None, seed: int = 0) -> Limit | None:
    """What `--limit` says: N items drawn with the seed, or `first:N`. InputError says what it may be."""
    if typed is None:
        return None
    value: str = LIMIT.read("run", typed)
    if value.startswith(_FIRST):
        return Limit(int(value.removeprefix(_FIRST)))
    return Limit(int(value), seed)


def of_manifest(manifest: Manifest) -> Limit | None:
    return None if manifest.limit is None else Limit(manifest.limit, manifest.limit_seed)


def drawn(items: Sequence[T], to: Limit | None) -> Sequence[T]:
    """The items that are asked about, in the order in which they stand."""
    if to is None or to.count >= len(items):
        return items
    if to.seed is None:
        return items[: to.count]
    return [items[index] for index in sorted(_sequence(items, to.seed)[: to.count])]


def inside(items: Sequence[T], to: Limit | None, count: int) -> Sequence[T]:
    """So many of the items that are asked about: of one draw, a smaller number is a part of a larger one."""
    if to is not None and to.seed is None:
        return drawn(drawn(items, to), Limit(count, 0))
    return drawn(items, Limit(min(count, to.count), to.seed) if to else Limit(count, 0))


def _sequence(items: Sequence[Item] | Sequence[Label], seed: int) -> list[int]:
    """The places of all items. Those of a subset are spread evenly over it, from a start that the seed decides; whose
    turn it is gives an item of the question that has come least often so far, in whatever subset."""
    subsets: dict[str, list[tuple[int, int, float, int]]] = defaultdict(list)
    met = Counter[tuple[str, str]]()
    for _, index in sorted((_number(seed, "item", item.id), index) for index, item in enumerate(items)):
        item = items[index]
        asked = str(item.question.kind) if item.question else ""
        subset = f"{item.subset or ''}/{asked}" if asked else item.subset or ""
        turn = met[subset, item.cluster]
        subsets[subset].append((0, turn, _number(seed, "cluster", item.cluster), index))
        met[subset, item.cluster] += 1
    places: list[tuple[float, str]] = []
    for subset, waiting in subsets.items():
        heapify(waiting)
        start = _number(seed, "subset", subset)
        places += [((place + start) / len(waiting), subset) for place in range(len(waiting))]
    came, sequence = Counter[str](), list[int]()
    for _, subset in sorted(places):
        waiting = subsets[subset]
        while waiting[0][0] < (times := came[items[waiting[0][-1]].cluster]):
            heapreplace(waiting, (times, *waiting[0][1:]))
        sequence.append(heappop(waiting)[-1])
        came[items[sequence[-1]].cluster] += 1
    return sequence


def _number(*parts: object) -> float:
    """From 0 to 1, the same on every machine."""
    return int.from_bytes(hashlib.sha256("\0".join(map(str, parts)).encode("utf-8", "replace")).digest()[:6]) / 2**48
