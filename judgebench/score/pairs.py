"""Judgments and labels as arrays: the one place where objects become numbers.

Every verdict on a pair is one of four codes, in response coordinates (which response, not which slot): the first
response is better, the second is, they tie, or there is no verdict. Every pair metric is a function of these arrays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judgebench.errors import InputError
from judgebench.score import estimates
from judgebench.score.arrays import Floats, ItemArrays, Mask, item_share
from judgebench.stats import rounding
from judgebench.types import Estimate, Flag, Judgment, Label, Manifest, Verdict

FIRST, SECOND, TIE, FAILED = range(4)
NO_GOLD = -1
CLASSES = 3

Codes = NDArray[np.int8]

OPPOSITE = np.array([SECOND, FIRST, TIE, FAILED], dtype=np.int8)


@dataclass(frozen=True)
class Pairs(ItemArrays):
    """`gold` is (items,), NO_GOLD where there is none; `verdicts` is (items, orders, samples). `merged` verdicts that
    upstream calls inconsistent are ties marked in `unstable` (items,). `confidence` is of the shape of `verdicts`, NaN
    where there is none."""

    unstable: Mask
    confidence: Floats

    @property
    def margins(self) -> Floats:
        """(items, orders, samples): the first response's score minus the second's; NaN where there is no verdict."""
        return np.asarray(self.scores[..., 0] - self.scores[..., 1])

    @property
    def has_gold(self) -> Mask:
        return np.asarray(self.gold != NO_GOLD)

    @property
    def slots(self) -> Codes:
        """The verdicts in slot coordinates: FIRST is whatever was shown first."""
        slots = self.verdicts.copy()
        slots[:, 1:] = OPPOSITE[slots[:, 1:]]
        return slots

    @property
    def hits(self) -> Mask:
        """(items, orders, samples): the verdict is gold. A failure never is."""
        return self.verdicts == self.gold[:, None, None]

    @property
    def net_votes(self) -> NDArray[np.int64]:
        """(items, samples): over the orders, +1 for a verdict that is gold, -1 for the opposite one, 0 for a tie or a
        failure."""
        opposed = (self.verdicts == OPPOSITE[self.gold][:, None, None]) & (self.gold != TIE)[:, None, None]
        return (self.hits.astype(np.int64) - opposed).sum(axis=1)

    @property
    def hits_in_all_orders(self) -> Mask:
        """(items, samples)."""
        return np.asarray(self.hits.all(axis=1))

    @property
    def per_trial(self) -> NDArray[Any]:
        """The clusters of (items, orders, samples), flattened."""
        return np.repeat(self.clusters, self.verdicts.shape[1] * self.verdicts.shape[2])


def of_run(labels: Sequence[Label], manifest: Manifest, judgments: Iterable[Judgment]) -> Pairs:
    """Arrays of one run. A trial without a judgment is a failure here; `Run.coverage` tells the two apart."""
    for label in labels:
        if len(label.lengths) != 2:
            raise InputError(
                f"{manifest.benchmark}: item {label.id} has {len(label.lengths)} responses; pairs have two"
            )
    row = {label.id: index for index, label in enumerate(labels)}
    shape = (len(labels), 2 if manifest.orders == "both" else 1, manifest.samples)
    verdicts = np.full(shape, FAILED, dtype=np.int8)
    scores = np.full((*shape, 2), np.nan)
    confidence, mass, ties = (np.full(shape, np.nan) for _ in range(3))
    unstable = np.zeros(len(labels), dtype=np.bool_)
    for judgment in judgments:
        index = row.get(judgment.item)
        if index is None or judgment.order[0] >= shape[1] or judgment.sample >= shape[2]:
            continue  # beyond --limit, or an order or sample that this manifest does not ask for
        cell = (index, judgment.order[0], judgment.sample)
        verdicts[cell] = code(judgment.decision)
        if judgment.verdict is not None:
            scores[cell] = judgment.verdict.scores
        if judgment.chosen is not None:
            ties[cell] = judgment.tie or 0.0
        if judgment.confidence is not None:
            confidence[cell] = judgment.confidence
        if judgment.mass is not None:
            mass[cell] = judgment.mass
        unstable[index] |= manifest.orders == "merged" and Flag.INCONSISTENT in judgment.flags
    _, clusters = np.unique([label.cluster for label in labels], return_inverse=True)
    gold = np.array([NO_GOLD if label.gold is None else code(label.gold) for label in labels], dtype=np.int8)
    return Pairs(labels, manifest.orders, gold, verdicts, clusters, scores, mass, ties, unstable, confidence)


def code(verdict: Verdict | None) -> int:
    if verdict is None:
        return FAILED
    first, second = verdict.scores
    return TIE if rounding.same(first, second) else FIRST if first > second else SECOND


def cells_of(gold: NDArray[Any], verdicts: NDArray[Any], width: int) -> Floats:
    """One row a trial: a 1 in its cell of the table of gold's CLASSES by `width` codes of verdicts."""
    at = np.broadcast_to(gold, verdicts.shape).ravel().astype(int) * width + verdicts.ravel()
    return estimates.one_hot(at, CLASSES * width)


def square(cells: Floats, width: int) -> Floats:
    """The table again, (..., CLASSES, width), of summed rows."""
    return cells.reshape(*cells.shape[:-1], CLASSES, width)


def on_axis(codes: NDArray[Any]) -> Floats:
    """Codes on the preference axis of judgebench.stats: first -1, tie 0, second +1, no verdict or gold NaN."""
    return np.array([-1.0, 1.0, 0.0, np.nan])[codes]


def order_share(name: str, pairs: Pairs, order: int) -> Estimate:
    return item_share(name, pairs, pairs.hits[:, order])


def trial_share(name: str, pairs: Pairs, *, empty: str = estimates.NO_GOLD) -> Estimate:
    """Of verdicts that are gold; the trials of an item are one cluster's, and n counts items."""
    return estimates.share(name, pairs.hits.ravel(), pairs.per_trial, empty=empty, n=len(pairs))
