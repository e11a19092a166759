"""How far people agree among themselves, from how many of them say what of an item: of a run's labels, and of a file
of any size that a datasheet is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judgebench.score import estimates
from judgebench.score.estimates import Statistic
from judgebench.stats import agreement
from judgebench.types import Estimate

MOST_ROWS = 1 << 16


def share_of_pairs(counts: NDArray[Any], clusters: NDArray[Any]) -> Estimate:
    """`human_agreement`: of all pairs of ratings of one item, those that are equal. `counts` is (items, categories)."""

    def pairs(patterns: NDArray[Any]) -> NDArray[Any]:
        each = patterns.sum(1)
        return np.stack([(patterns * (patterns - 1)).sum(1) / 2, each * (each - 1) / 2], axis=1)

    rows, questions = _by_question(pairs, counts, clusters)
    n, reason = int(rows[:, 1].sum()), "no item has two ratings"
    return estimates.of_counts("human_agreement", rows, questions, estimates.ratio, reason=reason, n=n)


def krippendorff_alpha(
    counts: NDArray[Any], clusters: NDArray[Any], values: Sequence[float] | NDArray[Any] | None = None
) -> Estimate:
    """Nominal, or interval where `values` gives the number of each category."""
    numbers = list(range(counts.shape[1]) if values is None else values)
    level: agreement.Level = "nominal" if values is None else "interval"

    def alpha(tables: NDArray[Any]) -> NDArray[Any]:
        return agreement.krippendorff_alpha_from_counts(tables, numbers, level)

    return _of_tables("krippendorff_alpha", agreement.coincidences, alpha, counts, clusters)


def fleiss_kappa(counts: NDArray[Any], clusters: NDArray[Any]) -> Estimate:
    """Where all items have equally many ratings; Scott's pi of summed coincidences is Fleiss' kappa then."""
    rated = counts.sum(1)
    if rated.min() < rated.max():
        return estimates.undefined("fleiss_kappa", "items have different numbers of ratings", n=len(counts))
    return _of_tables("fleiss_kappa", agreement.coincidences, agreement.scott_pi_from_counts, counts, clusters)


def gwet_ac1(counts: NDArray[Any], clusters: NDArray[Any]) -> Estimate:
    return _of_tables("gwet_ac1", agreement.pair_shares, agreement.gwet_ac1_from_counts, counts, clusters)


def left_out(person: NDArray[np.float64], judged: NDArray[np.float64], clusters: NDArray[Any]) -> list[Estimate]:
    """How a person and the judge stand to the others' mode, and the difference: each (items,), NaN without others."""
    rated = ~np.isnan(person)
    values = {"human_leave_one_out": person, "judge_leave_one_out": judged, "judge_minus_human": judged - person}
    return [
        *(
            estimates.mean(name, value[rated], clusters[rated], empty="no item has two ratings")
            for name, value in values.items()
        ),
        estimates.detectable("judge_minus_human", (judged - person)[rated], clusters[rated], n=int(rated.sum())),
    ]


def _of_tables(
    name: str, tables: Statistic, statistic: Statistic, counts: NDArray[Any], clusters: NDArray[Any]
) -> Estimate:
    """A statistic of the sum of a table an item."""
    rows, questions = _by_question(tables, counts, clusters)
    return estimates.of_counts(name, rows, questions, statistic, reason="every rating is the same", n=len(counts))


def _by_question(
    rows: Statistic, counts: NDArray[Any], clusters: NDArray[Any]
) -> tuple[NDArray[np.float64], NDArray[Any]]:
    """The rows of all items and their questions. Of more than MOST_ROWS items each question's rows are summed here, and
    of more questions those of random batches of them: to resample batches gives the same interval, and takes
    memory that does not grow. Rows are made once for each pattern of counts, of which there are few."""
    patterns, which = np.unique(counts, axis=0, return_inverse=True)
    of_pattern, which = rows(patterns), which.ravel()
    if len(counts) <= MOST_ROWS:
        return of_pattern[which], clusters
    questions, code = np.unique(clusters, return_inverse=True)
    if len(questions) > MOST_ROWS:
        questions, code = np.arange(MOST_ROWS), code % MOST_ROWS  # the numbers are hashes, in no order
    sums = np.zeros((len(questions), *of_pattern.shape[1:]))
    for cell in np.ndindex(sums.shape[1:]):
        sums[:, *cell] = np.bincount(code, of_pattern[:, *cell][which], minlength=len(questions))
    return sums, questions
