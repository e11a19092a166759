"""What a rule gives, and the numbers that several rules are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judgebench.score import estimates
from judgebench.score.arrays import Floats, ItemArrays, item_share
from judgebench.score.pairs import CLASSES, FAILED, TIE, Pairs
from judgebench.stats import agreement
from judgebench.types import Estimate


@dataclass(frozen=True)
class Ruling:
    """The benchmark's number, and the other numbers that its authors print beside it."""

    value: Estimate
    parts: dict[str, Estimate] = field(default_factory=dict)


Function = Callable[[Any, Mapping[str, Any]], Ruling]


def plain_mean(name: str, credit: Callable[[Any], NDArray[Any]]) -> Function:
    """The rule that is the plain mean of a credit, (items, samples), over the items with gold."""

    def rule(run: ItemArrays, _: Mapping[str, Any]) -> Ruling:
        judged = run.with_gold
        return Ruling(item_share(name, judged, credit(judged), n=len(judged)))

    return rule


def counted(credit: NDArray[Any]) -> Floats:
    """(items x samples, 2): the credit, and 1; NaN is not counted."""
    known = ~np.isnan(credit)
    return np.stack([np.where(known, credit, 0).ravel(), known.ravel()], axis=1)


def by_group(
    judged: ItemArrays, rows: Floats, groups: NDArray[Any], names: Sequence[str], *, cells_first: bool = False
) -> Floats:
    """(items x samples, names, ...) of `rows` (items x samples, ...): each with its group, 0 elsewhere. `groups` is
    (items,). Where `cells_first`, the names are the last axis: their order decides what a bootstrap draws."""
    where = np.repeat(groups, judged.verdicts.shape[2]).reshape(-1, *[1] * (rows.ndim - 1))
    return np.stack([(where == name) * rows for name in names] or [0 * rows], axis=-1 if cells_first else 1)


def needs_both(name: str, pairs: Pairs) -> Estimate:
    return estimates.undefined(name, f"the rule needs both orders, the run has {pairs.orders}", n=len(pairs))


def side_by_side(blocks: Sequence[NDArray[Any]]) -> tuple[Floats, list[slice]]:
    """Blocks of rows below each other, each with columns of its own, and which those are; 0 elsewhere."""
    down, across = (np.cumsum([0, *(block.shape[axis] for block in blocks)]).tolist() for axis in (0, 1))
    table, columns = np.zeros((down[-1], across[-1] or 1)), [slice(*ends) for ends in pairwise(across)]
    for block, rows, own in zip(blocks, pairwise(down), columns, strict=True):
        table[slice(*rows), own] = block
    return table, columns


def merged(pairs: Pairs) -> NDArray[np.int8]:
    """One verdict an item, of the first sample: what the orders agree on, else a tie; a failure where one failed."""
    first, last = pairs.verdicts[:, 0, 0], pairs.verdicts[:, -1, 0]
    failed = (first == FAILED) | (last == FAILED)
    return np.where(failed, FAILED, np.where(first == last, first, TIE)).astype(np.int8)


def three_class_columns(gold: NDArray[Any], verdicts: NDArray[Any], clusters: NDArray[Any]) -> dict[str, Estimate]:
    """Accuracy and macro P, R and F1 over first, second and tie, of verdicts that hold no failure any more."""
    rows = estimates.crossed(gold, verdicts, (CLASSES, CLASSES))

    def macro(column: int) -> estimates.Statistic:
        return lambda table: agreement.precision_recall_f1_from_counts(table)[..., column]

    columns: dict[str, estimates.Statistic] = {
        "accuracy": agreement.accuracy_from_counts,
        "macro_precision": macro(0),
        "macro_recall": macro(1),
        "macro_f1": macro(2),
    }
    return estimates.of_each(columns, rows, clusters)
