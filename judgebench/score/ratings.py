"""Ratings: one response, one number, beside gold's number and the people's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judgebench.score import estimates, sets
from judgebench.score import human as among
from judgebench.score.arrays import Floats
from judgebench.score.scored import Scored, ratings_of
from judgebench.stats import human, ratings, rounding
from judgebench.stats.ranking import kendall_tau
from judgebench.types import Estimate

MOST_VALUES = 12
"""A table of more different ratings than this is not resampled: rank correlations then come without an interval."""
_CONSTANT = "gold or the judge gives one rating only"


def compute(scored: Scored) -> dict[str, Estimate]:
    return estimates.by_name(*against_gold(scored.with_gold), *sets.against_itself(scored), sets.coverage(scored))


def against_gold(judged: Scored) -> list[Estimate]:
    gold, rating = judged.gold_and_numbers()
    clusters, read, n = judged.per_trial, ~np.isnan(rating), len(judged)
    off = rounding.difference(rating, gold)
    shares = {
        "agreement": off == 0,
        "exact": off == 0,
        "within_one": rounding.at_least(1, np.abs(off)),
        "agr_2_2": ratings.agr_credit(gold, rating),
    }
    return [
        *(estimates.share(name, hits, clusters, empty=estimates.NO_GOLD, n=n) for name, hits in shares.items()),
        estimates.detectable("agreement", off == 0, clusters, n=n),
        *distances(off[read], clusters[read]),
        *correlations(gold[read], rating[read], clusters[read]),
    ]


def distances(off: Floats, clusters: NDArray[Any]) -> list[Estimate]:
    """Of the judge's numbers minus gold's."""
    return [
        estimates.mean("mae", np.abs(off), clusters, empty=estimates.NO_VERDICT),
        estimates.mean("signed_bias", off, clusters, empty=estimates.NO_VERDICT),
    ]


def correlations(gold: Floats, rating: Floats, clusters: NDArray[Any]) -> list[Estimate]:
    """Pooled over all items, which differences between prompts inflate: compare judges on the same items only."""
    constant = _CONSTANT if len(gold) else estimates.NO_VERDICT
    of_moments = {
        "pearson": pearson_of_moments,
        "weighted_kappa": _kappa_of_moments,
        "alpha_with_gold": _alpha_of_moments,
    }
    sums = _moments(gold, rating)
    return [
        *estimates.of_each(of_moments, sums, clusters, reason=constant).values(),
        *rank_correlations(gold, rating, clusters),
        _of_table("weighted_kappa_linear", _linear_kappa, gold, rating, clusters),
    ]


def rank_correlations(gold: Floats, rating: Floats, clusters: NDArray[Any]) -> list[Estimate]:
    return [
        _of_table("spearman", ratings.spearman_from_counts, gold, rating, clusters, flat=ratings.spearman),
        _of_table("kendall_tau", lambda table, _, __: tau_b(table), gold, rating, clusters, flat=kendall_tau),
    ]


def _moments(x: Floats, y: Floats) -> Floats:
    return np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=-1)


def pearson_of_moments(cells: Floats) -> Floats:
    """From sums of 1, x, y, xx, yy and xy; NaN where x or y does not vary."""
    n, x, y, xx, yy, xy = np.moveaxis(cells, -1, 0)
    spreads = [np.where((side := n * square - total**2) > rounding.NO_SPREAD * n * square, side, np.nan)
               for total, square in ((x, xx), (y, yy))]  # fmt: skip
    return (n * xy - x * y) / np.sqrt(spreads[0] * spreads[1])


def _kappa_of_moments(cells: Floats) -> Floats:
    """Cohen's kappa with quadratic weights, from the same sums: one minus the squared distance of judge and gold, over
    what it would be if they went by themselves. Source: Cohen 1968."""
    n, x, y, xx, yy, xy = np.moveaxis(cells, -1, 0)
    by_chance = xx + yy - 2 * x * y / n
    return 1 - (xx + yy - 2 * xy) / np.where(by_chance > rounding.NO_SPREAD * (xx + yy), by_chance, np.nan)


def _alpha_of_moments(cells: Floats) -> Floats:
    """Krippendorff's alpha at the interval level, likewise: over the squared distance of any two of all numbers."""
    n, x, y, xx, yy, xy = np.moveaxis(cells, -1, 0)
    spread = xx + yy - (x + y) ** 2 / (2 * n)
    return 1 - (2 * n - 1) * (xx + yy - 2 * xy) / (
        2 * n * np.where(spread > rounding.NO_SPREAD * (xx + yy), spread, np.nan)
    )


def _linear_kappa(table: Floats, rows: Floats, columns: Floats) -> Floats:
    """Cohen's kappa with linear weights, of contingency tables (..., rows, columns) of these numbers: one minus the
    distance of judge and gold, over that of any gold from any of the judge's numbers. Source: Cohen 1968."""
    distance, n = np.abs(np.subtract.outer(rows, columns)), table.sum((-2, -1))
    by_chance = np.einsum("...i,ij,...j->...", table.sum(-1), distance, table.sum(-2))
    return 1 - n * (table * distance).sum((-2, -1)) / by_chance


def pearson_along(x: Floats, y: Floats) -> Floats:
    """Over the last axis of (..., k) and (..., k)."""
    return pearson_of_moments(_moments(x, y).sum(-2))


def people(scored: Scored) -> dict[str, Estimate]:
    """The people among themselves and beside the judge; empty where fewer than two of them rated any item."""
    raters, table = ratings_of(scored.labels)
    if not table.size or (~np.isnan(table)).sum(0).max() < 2:
        return {}
    verdicts, clusters = scored.verdicts[:, 0, 0, 0], scored.clusters
    fold = human.leave_one_out(table, verdicts)
    one, other = np.tril_indices(len(table), -1)
    return estimates.by_name(
        Estimate(name="raters", value=float(len(raters)), n=len(scored), method="count"),
        *among.left_out(fold.human_by_unit, fold.judge_by_unit, clusters),
        _alpha(table, clusters),
        _distance("human_mae", np.abs(table[one] - table[other]), clusters),
        _distance("judge_human_mae", np.abs(table - verdicts), clusters),
    )


def _of_table(
    name: str,
    form: Callable[[Floats, Floats, Floats], Floats],
    gold: Floats,
    rating: Floats,
    clusters: NDArray[Any],
    *,
    flat: Callable[[Floats, Floats], float | None] | None = None,
) -> Estimate:
    """`form` is of contingency tables, and the numbers of their rows and of their columns; `flat` of the ratings, which
    takes less time where there are many different ones."""
    rows, at_row = np.unique(rounding.snapped(gold), return_inverse=True)
    columns, at_column = np.unique(rounding.snapped(rating), return_inverse=True)
    shape = (len(rows), len(columns))
    if min(shape) < 2:
        return estimates.undefined(name, _CONSTANT if len(gold) else estimates.NO_VERDICT, n=len(gold))
    if max(shape) <= MOST_VALUES:
        tables = estimates.crossed(at_row, at_column, shape)
        return estimates.of_counts(name, tables, clusters, lambda table: form(table, rows, columns), reason=_CONSTANT)
    if flat is None:
        table = np.zeros(shape)
        np.add.at(table, (at_row, at_column), 1)
    value = float(form(table, rows, columns)) if flat is None else flat(gold, rating)
    questions = len(np.unique(clusters))
    return Estimate(name=name, value=value, n=len(gold), n_clusters=questions, method="none: not resampled")


def tau_b(table: Floats) -> Floats:
    """Kendall's tau-b of contingency tables (..., rows, columns), both in rising order; NaN where one is constant."""
    rows, columns = (np.sign(np.subtract.outer(np.arange(k), np.arange(k))) for k in table.shape[-2:])
    lead = (table * (rows @ table @ columns.T)).sum((-2, -1)) / 2  # pairs of one order less those of the other
    n = table.sum((-2, -1))
    pairs = n * (n - 1) / 2
    tied = [((margin**2 - margin) / 2).sum(-1) for margin in (table.sum(-1), table.sum(-2))]
    with np.errstate(invalid="ignore", divide="ignore"):
        return lead / np.sqrt((pairs - tied[0]) * (pairs - tied[1]))


def _alpha(table: Floats, clusters: NDArray[Any]) -> Estimate:
    table = rounding.snapped(table)
    values = np.unique(table[~np.isnan(table)])
    if len(values) > 2 * MOST_VALUES:
        return estimates.undefined("krippendorff_alpha", "too many different ratings to resample")
    counts = np.stack([(table == value).sum(0) for value in values], axis=1)
    return among.krippendorff_alpha(counts, clusters, values)


def _distance(name: str, distances: Floats, clusters: NDArray[Any]) -> Estimate:
    """Mean over pairs, NaN where there is none; the pairs of an item share its question."""
    both, where = ~np.isnan(distances), np.broadcast_to(clusters, distances.shape)
    return estimates.mean(name, distances[both], where[both], empty="no item has both ratings")
