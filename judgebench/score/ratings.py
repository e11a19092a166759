"""Ratings: one response, one number, beside gold's number and the people's."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from judgebench.score import estimates
from judgebench.score import people as among
from judgebench.score.arrays import Floats
from judgebench.score.scored import Scored, ratings_of
from judgebench.stats import human, ratings, rounding
from judgebench.stats.ranking import kendall_tau
from judgebench.types import Estimate

MOST_VALUES = 12
"""A table of more different ratings than this is not resampled: rank correlations then come without an interval."""

_NO_GOLD = "no items with gold"
_NO_VERDICT = "no item with gold has a verdict"
_ONE_RESPONSE = "a single response has no order"


def compute(scored: Scored) -> dict[str, Estimate]:
    found = [
        *against_gold(scored.with_gold),
        estimates.undefined("consistency", _ONE_RESPONSE),
        estimates.undefined("first_slot_rate", _ONE_RESPONSE),
        coverage(scored),
    ]
    return {estimate.name: estimate for estimate in found}


def against_gold(scored: Scored) -> list[Estimate]:
    gold, said = scored.flat(scored.gold_by_trial[..., 0]), scored.flat(scored.verdicts[..., 0])
    clusters, given, n = scored.per_trial, ~np.isnan(said), len(scored)
    distance = np.abs(rounding.difference(said, gold))
    shares = {
        "agreement": distance == 0,
        "exact": distance == 0,
        "within_one": rounding.at_least(1, distance),
        "agr_2_2": ratings.agr_credit(gold, said),
    }
    found = [estimates.share(name, hits, clusters, empty=_NO_GOLD, n=n) for name, hits in shares.items()]
    found.append(estimates.detectable("agreement", distance == 0, clusters, n=n))
    gold, said, clusters = gold[given], said[given], clusters[given]
    found += [
        estimates.mean("mae", distance[given], clusters, empty=_NO_VERDICT),
        estimates.mean("signed_bias", rounding.difference(said, gold), clusters, empty=_NO_VERDICT),
        *correlations(gold, said, clusters),
    ]
    return found


def correlations(gold: Floats, said: Floats, clusters: NDArray[Any]) -> list[Estimate]:
    """Pooled over all items, which differences between prompts inflate: compare judges on the same items only."""
    constant = "gold or the judge gives one rating only" if len(gold) else _NO_VERDICT
    moments = np.stack([np.ones(len(gold)), gold, said, gold**2, said**2, gold * said], axis=1)
    return [
        estimates.of_counts("pearson", moments, clusters, pearson_of_moments, reason=constant),
        _rank("spearman", gold, said, clusters, constant),
        _rank("kendall_tau", gold, said, clusters, constant),
    ]


def pearson_of_moments(cells: Floats) -> NDArray[Any]:
    """From sums of 1, x, y, xx, yy and xy; NaN where x or y does not vary."""
    n, x, y, xx, yy, xy = np.moveaxis(cells, -1, 0)
    spreads = [np.where((side := n * square - total**2) > rounding.NO_SPREAD * n * square, side, np.nan)
               for total, square in ((x, xx), (y, yy))]  # fmt: skip
    found: NDArray[Any] = (n * xy - x * y) / np.sqrt(spreads[0] * spreads[1])
    return found


def pearson_along(x: Floats, y: Floats) -> NDArray[Any]:
    """Over the last axis of (..., k) and (..., k)."""
    return pearson_of_moments(np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=-1).sum(-2))


def coverage(scored: Scored) -> Estimate:
    return estimates.share("coverage", scored.flat(scored.given), scored.per_trial, empty="nothing was asked")


def people(scored: Scored) -> dict[str, Estimate]:
    """The people among themselves and beside the judge; empty where fewer than two of them rated any item."""
    raters, table = ratings_of(scored.labels)
    if not table.size or (~np.isnan(table)).sum(0).max() < 2:
        return {}
    verdicts = scored.verdicts[:, 0, 0, 0]
    fold = human.leave_one_out(table, verdicts)
    rated = ~np.isnan(fold.human_by_unit)
    judged = np.asarray(fold.judge_by_unit)[rated]
    found = [
        Estimate(name="raters", value=float(len(raters)), n=len(scored), method="count"),
        *among.left_out(fold.human_by_unit[rated], judged, scored.clusters[rated]),
        _alpha(table, scored.clusters),
        _distance("human_mae", *_between_people(table), scored.clusters),
        _distance("judge_human_mae", np.abs(table - verdicts), ~np.isnan(table - verdicts), scored.clusters),
    ]
    return {estimate.name: estimate for estimate in found}


def _rank(name: str, gold: Floats, said: Floats, clusters: NDArray[Any], reason: str) -> Estimate:
    rows, at_row = np.unique(rounding.snapped(gold), return_inverse=True)
    columns, at_column = np.unique(rounding.snapped(said), return_inverse=True)
    if len(rows) < 2 or len(columns) < 2:
        return estimates.undefined(name, reason, n=len(gold))
    if max(len(rows), len(columns)) > MOST_VALUES:
        value = ratings.spearman(gold, said) if name == "spearman" else kendall_tau(gold, said)
        if value is None:
            return estimates.undefined(name, reason, n=len(gold))
        return Estimate(
            name=name, value=value, n=len(gold), n_clusters=len(np.unique(clusters)), method="none: not resampled"
        )
    shape = (len(rows), len(columns))
    cells = estimates.one_hot(at_row * shape[1] + at_column, shape[0] * shape[1])

    def statistic(sums: Floats) -> NDArray[Any]:
        table = sums.reshape(*sums.shape[:-1], *shape)
        return ratings.spearman_from_counts(table, rows, columns) if name == "spearman" else tau_b(table)

    return estimates.of_counts(name, cells, clusters, statistic, reason=reason)


def tau_b(table: Floats) -> NDArray[Any]:
    """Kendall's tau-b of contingency tables (..., rows, columns), both in rising order; NaN where one is constant."""
    below = np.flip(np.cumsum(np.flip(table, -2), -2), -2)  # sums over this row and the ones below
    after = np.zeros_like(below)
    after[..., :-1, :] = below[..., 1:, :]
    total = after.sum(-1, keepdims=True)
    left = np.cumsum(after, -1)
    right, before = total - left, left - after
    agree, differ = (table * right).sum((-2, -1)), (table * before).sum((-2, -1))
    n = table.sum((-2, -1))
    pairs = n * (n - 1) / 2
    tied = [((margin**2 - margin) / 2).sum(-1) for margin in (table.sum(-1), table.sum(-2))]
    with np.errstate(invalid="ignore", divide="ignore"):
        found: NDArray[Any] = (agree - differ) / np.sqrt((pairs - tied[0]) * (pairs - tied[1]))
    return found


def _alpha(table: Floats, clusters: NDArray[Any]) -> Estimate:
    table = rounding.snapped(table)
    values = np.unique(table[~np.isnan(table)])
    if len(values) > 2 * MOST_VALUES:
        return estimates.undefined("krippendorff_alpha", "too many different ratings to resample")
    counts = np.stack([(table == value).sum(0) for value in values], axis=1)
    return among.krippendorff_alpha(counts, clusters, values)


def _between_people(table: Floats) -> tuple[Floats, NDArray[Any]]:
    pairs = [np.abs(table[one] - table[two]) for one in range(len(table)) for two in range(one)]
    distances = np.stack(pairs)
    return distances, ~np.isnan(distances)


def _distance(name: str, distances: Floats, known: NDArray[Any], clusters: NDArray[Any]) -> Estimate:
    """Mean over pairs; the pairs of an item share its question."""
    where = np.broadcast_to(clusters, distances.shape)
    return estimates.mean(name, distances[known], where[known], empty="no item has both ratings")
