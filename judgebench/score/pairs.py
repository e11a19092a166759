"""Arrays for verdicts on pairs. Each is one of four codes, in response coordinates (which response, not which slot):
the first response is better, the second is, they tie, or there is no verdict. Every pair metric is a function of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judgebench.errors import InputError
from judgebench.score import estimates, scored
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
    upstream calls inconsistent are ties marked in `unstable` (items,)."""

    unstable: Mask

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


def of_run(labels: Sequence[Label], manifest: Manifest, judgments: Sequence[Judgment]) -> Pairs:
    """Arrays of one run. A trial without a judgment is a failure here; `Run.coverage` tells the two apart."""
    for label in labels:
        if len(label.lengths) != 2:
            raise InputError(
                f"{manifest.benchmark}: item {label.id} has {len(label.lengths)} responses; pairs have two"
            )
    numbers = scored.of_run(labels, manifest, judgments)
    merged = {judgment.item for judgment in judgments if Flag.INCONSISTENT in judgment.flags}
    unstable = [manifest.orders == "merged" and label.id in merged for label in labels]
    shared = {name: getattr(numbers, name) for name in ("clusters", "scores", "mass", "ties", "confidence")}
    return Pairs(
        labels=labels,
        orders=manifest.orders,
        gold=np.where(numbers.has_gold, codes(_lean(numbers.gold)), np.int8(NO_GOLD)),
        verdicts=codes(_lean(numbers.verdicts)),
        unstable=np.array(unstable, dtype=np.bool_),
        **shared,
    )


def _lean(numbers: Floats) -> Floats:
    return rounding.side(numbers[..., 0], numbers[..., 1])


def codes(lean: Floats) -> Codes:
    """Of numbers that are above 0 where the first response is better, below 0 where the second is, and NaN without a
    verdict."""
    return np.select([np.isnan(lean), lean == 0, lean > 0], [FAILED, TIE, FIRST], SECOND).astype(np.int8)


def code(verdict: Verdict | None) -> int:
    if verdict is None:
        return FAILED
    first, second = verdict.scores
    return TIE if rounding.same(first, second) else FIRST if first > second else SECOND


def on_axis(codes: NDArray[Any]) -> Floats:
    """Codes on the preference axis of judgebench.stats: first -1, tie 0, second +1, no verdict or gold NaN."""
    return np.array([-1.0, 1.0, 0.0, np.nan])[codes]


def order_share(name: str, pairs: Pairs, order: int) -> Estimate:
    return item_share(name, pairs, pairs.hits[:, order])


def trial_share(name: str, pairs: Pairs, *, empty: str = estimates.NO_GOLD) -> Estimate:
    """Of verdicts that are gold; the trials of an item are one cluster's, and n counts items."""
    return estimates.share(name, pairs.hits.ravel(), pairs.per_trial, empty=empty, n=len(pairs))
