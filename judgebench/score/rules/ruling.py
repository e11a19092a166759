"""What a rule gives, and the numbers that most rules on pairs are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judgebench.score import estimates
from judgebench.score.pairs import CLASSES, FAILED, TIE, Pairs
from judgebench.stats import agreement
from judgebench.types import Estimate


@dataclass(frozen=True)
class Ruling:
    """The benchmark's number, and the other numbers that its authors print beside it."""

    value: Estimate
    parts: dict[str, Estimate] = field(default_factory=dict)


def order_share(name: str, pairs: Pairs, order: int) -> Estimate:
    return item_share(name, pairs, pairs.hits[:, order])


def item_share(name: str, pairs: Pairs, hits: NDArray[Any]) -> Estimate:
    """`hits` is (items, samples)."""
    return estimates.share(name, hits.ravel(), pairs.per_sample, empty="no items with gold")


def trial_share(name: str, pairs: Pairs, hits: NDArray[Any]) -> Estimate:
    """`hits` is (items, orders, samples); the trials of an item are one cluster's, and n counts items."""
    return estimates.share(name, hits.ravel(), pairs.per_trial, empty="no items with gold", n=len(pairs))


def needs_both(name: str, pairs: Pairs) -> Estimate:
    return estimates.undefined(name, f"the rule needs both orders, the run has {pairs.orders}", n=len(pairs))


def cells(gold: NDArray[Any], verdicts: NDArray[Any], width: int) -> NDArray[np.float64]:
    """One row a trial: its cell in the gold x verdict table."""
    rows = np.broadcast_to(gold, verdicts.shape).ravel().astype(int) * width + verdicts.ravel()
    return estimates.one_hot(rows, CLASSES * width)


def square(cells: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    return cells.reshape(*cells.shape[:-1], CLASSES, width)


def merged(pairs: Pairs) -> NDArray[np.int8]:
    """One verdict an item, of the first sample: what the orders agree on, else a tie; a failure where one failed."""
    first, last = pairs.verdicts[:, 0, 0], pairs.verdicts[:, -1, 0]
    found: NDArray[np.int8] = np.where(first == last, first, TIE).astype(np.int8)
    found[(first == FAILED) | (last == FAILED)] = FAILED
    return found


def three_class_columns(
    gold: NDArray[Any], verdicts: NDArray[Any], clusters: NDArray[Any], reason: str = "no items with gold"
) -> dict[str, Estimate]:
    """Accuracy and macro P, R and F1 over first, second and tie, of verdicts that hold no failure any more."""
    rows = cells(gold, verdicts, CLASSES)

    def macro(column: int) -> estimates.Statistic:
        return lambda sums: agreement.precision_recall_f1_from_counts(square(sums, CLASSES))[..., column]

    def accuracy(sums: NDArray[np.float64]) -> NDArray[Any]:
        return agreement.accuracy_from_counts(square(sums, CLASSES))

    columns = {"accuracy": accuracy, "macro_precision": macro(0), "macro_recall": macro(1), "macro_f1": macro(2)}
    return {
        name: estimates.of_counts(name, rows, clusters, statistic, reason=reason) for name, statistic in columns.items()
    }
