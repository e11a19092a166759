"""Ratings: a judge's numbers beside people's.

`human` and `judge` are equally long sequences, one number per unit. NaN or None in `judge` is a verdict that
failed. It is wrong wherever a credit is given (`exact`, `within`, `agr_credit`); an error, a bias or a correlation of
nothing does not exist, so there it is left out, and the coverage stands beside the number. Different lengths and
ratings that are not finite raise ValueError.

Correlations of ratings on many prompts rise with the differences *between* prompts, which any judge that knows an
easy question sees.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from judgebench.stats import _arrays as arrays
from judgebench.stats import rounding
from judgebench.stats._arrays import Clusters, Floats
from judgebench.stats.intervals import cluster_codes
from judgebench.stats.ranking import kendall_tau  # noqa: F401  (a correlation of ratings too, under either name)


class InducedPairs(NamedTuple):
    """Share of pairs of units of one prompt that both order alike, with human ties and without; counts of pairs."""

    agreement: float | None
    pairs: int
    agreement_without_ties: float | None
    pairs_without_ties: int


class Icc(NamedTuple):
    """Shrout and Fleiss' six, of one rating or the mean of all k. icc1: every unit has its own raters; icc2: the same
    raters, a sample; icc3: the same raters and no others (consistency: their different levels do not count)."""

    icc1: float | None
    icc2: float | None
    icc3: float | None
    icc1k: float | None
    icc2k: float | None
    icc3k: float | None
    units: int
    raters: int


def mae(human: ArrayLike, judge: ArrayLike) -> float | None:
    """Mean absolute difference, in points of the scale; None when nothing is left.

    >>> mae([5, 4, 4, 2], [4, 4, 5, None])
    0.6666666666666666
    """
    gaps = np.abs(np.subtract(*_ratings(human, judge)))
    return _mean(gaps[~np.isnan(gaps)])


def bias(human: ArrayLike, judge: ArrayLike) -> float | None:
    """Mean of judge minus human, in points: above 0 the judge is lenient. None when nothing is left.

    >>> bias([5, 4, 4, 2], [5, 5, 5, None])
    0.6666666666666666
    """
    gold, verdict = _ratings(human, judge)
    return _mean((verdict - gold)[~np.isnan(verdict)])


def exact(human: ArrayLike, judge: ArrayLike) -> float | None:
    """Share of units with equal ratings, in [0, 1]; a failed verdict is wrong. None when there are no units.

    >>> exact([5, 4, 4, 2], [5, 4, 5, None])
    0.5
    """
    return within(human, judge, distance=0)


def within(human: ArrayLike, judge: ArrayLike, *, distance: float = 1) -> float | None:
    """Share of units whose ratings are at most `distance` apart, in [0, 1]. None when there are no units.

    >>> within([5, 4, 4, 2], [5, 4, 5, None])
    0.75
    """
    gaps = np.abs(np.subtract(*_ratings(human, judge)))
    return _mean(rounding.at_least(distance, gaps).astype(np.float64))


def agr_credit(human: ArrayLike, judge: ArrayLike, *, p: float = 2, q: float = 2) -> Floats:
    """What each unit earns in Themis' Agr(p, q), (units,); Agr is the mean, and `intervals.t_interval` its interval.

    1 / (distance + 1)^q where the distance is below p, else 0: Agr(1, q) is `exact`, Agr(2, 2) gives a quarter for one
    point off. A failed verdict earns 0. Source: Themis (arXiv 2502.02988), the section on metrics.

    >>> agr_credit([5, 4, 4, 2], [5, 4, 5, None]).tolist()
    [1.0, 1.0, 0.25, 0.0]
    """
    gaps = np.abs(np.subtract(*_ratings(human, judge)))
    near = rounding.above(p, gaps)
    return np.where(near, (np.where(near, gaps, 0) + 1) ** -float(q), 0.0)


def pearson(human: ArrayLike, judge: ArrayLike) -> float | None:
    """Pearson's correlation, in [-1, 1]. None when either side does not vary.

    >>> round(pearson([5, 4, 4, 2], [4, 4, 5, 3]), 4)
    0.6489
    """
    return _correlation(*_without_failures(human, judge))


def spearman(human: ArrayLike, judge: ArrayLike) -> float | None:
    """Spearman's rank correlation (Pearson's of mid-ranks), in [-1, 1]. None when either side does not vary.

    Source: Spearman 1904.

    >>> round(spearman([5, 4, 4, 2], [4, 4, 5, 3]), 4)
    0.5
    """
    gold, verdict = _without_failures(human, judge)
    return _correlation(_mid_ranks(gold), _mid_ranks(verdict))


def spearman_from_counts(table: ArrayLike, rows: ArrayLike, columns: ArrayLike) -> Floats:
    """`spearman` of count tables (..., a, b) of *rising* human ratings `rows` and judge ratings `columns`.

    NaN where undefined. Raises ValueError for values that do not fit the table or do not rise.

    >>> spearman_from_counts([[[3, 1, 0], [0, 1, 3]], [[3, 1, 0], [0, 0, 0]]], [1, 5], [1, 2, 5]).round(4)
    array([0.866,   nan])
    """
    tables, values = np.asarray(table, dtype=np.float64), [arrays.flat(rows, "rows"), arrays.flat(columns, "columns")]
    a, b = map(len, values)
    if tables.shape[-2:] != (a, b):
        raise ValueError(f"table has the shape {tables.shape}; it must be (..., {a}, {b})")
    if any((np.diff(rising) <= 0).any() for rising in values):
        raise ValueError("rows and columns must rise")
    (x, spread_x), (y, spread_y) = (_centred_ranks(tables.sum(axis)) for axis in (-1, -2))
    return arrays.ratio(np.einsum("...ij,...i,...j->...", tables, x, y), np.sqrt(spread_x * spread_y))


def induced_pairs(human: ArrayLike, judge: ArrayLike, prompts: Clusters | None = None) -> InducedPairs:
    """The pairwise verdicts that ratings imply: does the judge order two units of a prompt as people do?

    All pairs of units of a prompt (or of everything): agreement of the sign of the difference, where a human
    tie must meet a judge's tie; and the same without the pairs that people rate equal. A failed verdict orders
    nothing: its pairs count, and disagree. None where there are no pairs.

    >>> induced_pairs([5, 4, 4, 2], [4, 4, 5, 3])
    InducedPairs(agreement=0.5, pairs=6, agreement_without_ties=0.6, pairs_without_ties=5)
    """
    gold, verdict = _ratings(human, judge)
    alike = pairs = decided = alike_decided = 0
    codes = cluster_codes(np.zeros(len(gold)) if prompts is None else prompts, len(gold))
    for units in np.split(np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes))[:-1]):
        above = np.triu_indices(len(units), 1)
        gaps = [rounding.side(side[units][:, None], side[units])[above] for side in (gold, verdict)]
        same, strict = gaps[0] == gaps[1], gaps[0] != 0
        alike, pairs = alike + int(same.sum()), pairs + len(same)
        alike_decided, decided = alike_decided + int((same & strict).sum()), decided + int(strict.sum())
    return InducedPairs(alike / pairs if pairs else None, pairs, alike_decided / decided if decided else None, decided)


def icc(ratings: ArrayLike) -> Icc:
    """Intraclass correlations of ratings (raters, units); units that a rater left out take no part.

    All None with fewer than two raters or complete units, or when nothing varies. Source: Shrout and Fleiss 1979.

    >>> ratings = [[9, 6, 8, 7, 10, 6], [2, 1, 4, 1, 5, 2], [5, 3, 6, 2, 6, 4], [8, 2, 8, 6, 9, 7]]
    >>> [round(value, 2) for value in icc(ratings)[:6]]
    [0.17, 0.29, 0.71, 0.44, 0.62, 0.91]
    """
    matrix = arrays.table(ratings, "ratings", "(raters, units)", missing=True)
    complete = matrix[:, ~np.isnan(matrix).any(0)]
    k, n = complete.shape
    if not complete.size:
        return Icc(None, None, None, None, None, None, n, k)
    centred = complete - complete.mean()
    total, by_unit = float((centred**2).sum()), float((centred.sum(0) ** 2).sum()) / k
    by_rater = float((centred.sum(1) ** 2).sum()) / n
    noise = rounding.NO_SPREAD * total
    rest = total - by_unit - by_rater
    # The mean squares of Shrout and Fleiss' table: between units, within units, between raters, what is left.
    squares = (by_unit, total - by_unit, by_rater, 0.0 if abs(rest) < noise else rest)
    between, inside, raters, left = arrays.ratio(squares, (n - 1, n * (k - 1), k - 1, (n - 1) * (k - 1)))

    def share(numerator: Floats, denominator: Floats) -> float | None:
        return arrays.number(numerator / denominator) if denominator > noise else None

    spread = (raters - left) / n
    return Icc(
        icc1=share(between - inside, between + (k - 1) * inside),
        icc2=share(between - left, between + (k - 1) * left + k * spread),
        icc3=share(between - left, between + (k - 1) * left),
        icc1k=share(between - inside, between),
        icc2k=share(between - left, between + spread),
        icc3k=share(between - left, between),
        units=n,
        raters=k,
    )


def _ratings(human: ArrayLike, judge: ArrayLike) -> tuple[Floats, Floats]:
    gold, verdict = arrays.flat(human, "human"), arrays.flat(judge, "judge", missing=True)
    arrays.equally_long(human=gold, judge=verdict)
    return gold, verdict


def _without_failures(human: ArrayLike, judge: ArrayLike) -> tuple[Floats, Floats]:
    gold, verdict = _ratings(human, judge)
    there = ~np.isnan(verdict)
    return gold[there], verdict[there]


def _mean(values: Floats) -> float | None:
    return float(values.mean()) if values.size else None


def _correlation(x: Floats, y: Floats) -> float | None:
    if len(x) < 2 or any(side.std() <= rounding.NO_SPREAD * np.abs(side).max() for side in (x, y)):
        return None
    return float(np.corrcoef(x, y)[0, 1])


def _mid_ranks(values: Floats) -> Floats:
    _, codes, times = np.unique(rounding.snapped(values), return_inverse=True, return_counts=True)
    return (np.cumsum(times) - (times - 1) / 2)[codes]


def _centred_ranks(units: Floats) -> tuple[Floats, Floats]:
    """The mid-ranks of so many units at each rating, less their mean, and their sum of squares: 0 without spread."""
    n, ranks = units.sum(-1), np.cumsum(units, -1) - units / 2
    centred = ranks - arrays.ratio((units * ranks).sum(-1), n)[..., None]
    spread = (units * centred**2).sum(-1)
    return centred, np.where(spread > rounding.NO_SPREAD * n * (ranks**2).max(-1, initial=0), spread, 0.0)
