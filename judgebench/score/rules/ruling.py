"""What a rule gives, and the numbers that most rules on pairs are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judgebench.score import estimates
from judgebench.score.pairs import CLASSES, FAILED, TIE, Pairs, cells_of, square
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


def side_by_side(blocks: Sequence[NDArray[Any]]) -> tuple[NDArray[np.float64], list[slice]]:
    """Blocks of rows below each other, each with columns of its own, and which those are; 0 elsewhere."""
    down, across = (np.cumsum([0, *(block.shape[axis] for block in blocks)]).tolist() for axis in (0, 1))
    table, columns = np.zeros((down[-1], across[-1] or 1)), [slice(*ends) for ends in pairwise(across)]
    for block, rows, own in zip(blocks, pairwise(down), columns, strict=True):
        table[slice(*rows), own] = block
    return table, columns


def merged(pairs: Pairs) -> NDArray[np.int8]:
    """One verdict an item, of the first sample: what the orders agree on, else a tie; a failure where one failed."""
    first, last = pairs.verdicts[:, 0, 0], pairs.verdicts[:, -1, 0]
    found: NDArray[np.int8] = np.where(first == last, first, TIE).astype(np.int8)
    found[(first == FAILED) | (last == FAILED)] = FAILED
    return found


def three_class_columns(gold: NDArray[Any], verdicts: NDArray[Any], clusters: NDArray[Any]) -> dict[str, Estimate]:
    """Accuracy and macro P, R and F1 over first, second and tie, of verdicts that hold no failure any more."""
    rows = cells_of(gold, verdicts, CLASSES)

    def macro(column: int) -> estimates.Statistic:
        return lambda sums: agreement.precision_recall_f1_from_counts(square(sums, CLASSES))[..., column]

    def accuracy(sums: NDArray[np.float64]) -> NDArray[Any]:
        return agreement.accuracy_from_counts(square(sums, CLASSES))

    columns = {"accuracy": accuracy, "macro_precision": macro(0), "macro_recall": macro(1), "macro_f1": macro(2)}
    return {
        name: estimates.of_counts(name, rows, clusters, statistic, reason="no items with gold")
        for name, statistic in columns.items()
    }
