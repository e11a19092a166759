"""The judge beside the people who did the same work.

`raters` is a ratings matrix (raters, units) of numbers, NaN where a rater gave none; `judge` has one number per unit.
For preferences use -1, 0, +1 (first, tie, second): scoring by distance takes the numbers at their word. A judge's NaN
is a failure: it agrees with nobody, and its units stay in. Other shapes and infinite numbers raise ValueError.

A fair comparison shows judge and human the same target. The majority of three is an easier target than the
majority of the other two, so scoring the judge on the one and people on the other flatters the judge.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from judgebench.stats import _arrays as arrays
from judgebench.stats import rounding
from judgebench.stats._arrays import Clusters, Floats
from judgebench.stats.compare import benjamini_yekutieli
from judgebench.stats.intervals import cluster_codes, cluster_se


class LeaveOneOut(NamedTuple):
    """Scores in [0, 1] against the other raters' mode: one entry per rater (None: shares no unit with another), then
    arrays with one per unit (NaN: in no fold)."""

    human: tuple[float | None, ...]
    judge: tuple[float | None, ...]
    units: tuple[int, ...]
    human_by_unit: Floats
    judge_by_unit: Floats
    difference: Floats


class AlternativeAnnotatorTest(NamedTuple):
    """Result of the test; tuples have one entry per rater who could be tested, in the order of `raters`.

    omega: share of the tested raters whose place the judge may take; passed: omega >= 0.5.
    rho: probability that the judge does as well as a rater or better, averaged over raters; rho_human: the
    same of the rater against the judge. Ties count for both, so read the two together.
    raters, units: which rows of `raters` were tested, on how many units. advantage: rho rater by rater.
    difference: mean over units of [rater as good] - [judge as good], in [-1, 1], with its standard error, its
    degrees of freedom, the p-value of the test, and whether that is rejected.
    difference_by_unit: the same averaged over raters, (units,), NaN where nobody was tested.
    """

    omega: float
    passed: bool
    rho: float
    rho_human: float
    raters: tuple[int, ...]
    units: tuple[int, ...]
    advantage: tuple[float, ...]
    difference: tuple[float, ...]
    standard_error: tuple[float, ...]
    df: tuple[int, ...]
    p_values: tuple[float, ...]
    rejected: tuple[bool, ...]
    difference_by_unit: Floats


class Ceiling(NamedTuple):
    """Bounds of the best agreement with one random rater, and the plug-in estimate, biased upward."""

    lower: float
    upper: float
    plugin: float


class BinaryCeiling(NamedTuple):
    """The raters' error rate and the agreement of an errorless judge with one of them."""

    error_rate: float
    ceiling: float


def pair_counts(raters: ArrayLike, judge: ArrayLike | None = None) -> NDArray[np.int64]:
    """For each unit the agreeing pairs of ratings and all pairs, shape (units, 2).

    Pairs of two raters or, with a judge, of the judge and one rater. Sums of rows are what
    `judgebench.stats.intervals.bootstrap` needs.

    >>> pair_counts([[1, 1], [1, 0], [0, float("nan")]])
    array([[1, 3],
           [0, 1]])
    """
    matrix = _matrix(raters)
    if judge is not None:
        agreeing, pairs = rounding.equal(matrix, _verdicts(judge, matrix)).sum(0), (~np.isnan(matrix)).sum(0)
        return np.stack([agreeing, pairs], axis=1)
    counts = _votes(matrix)[1].sum(0)
    size = counts.sum(1)
    return np.stack([(counts * (counts - 1)).sum(1) // 2, size * (size - 1) // 2], axis=1)


def pairwise_agreement(raters: ArrayLike, judge: ArrayLike | None = None) -> float | None:
    """Share of equal pairs of ratings, in [0, 1]: raters among themselves or, with a judge, it against each.

    The two are comparable: both meet one single rater. Pairs are pooled over units. None when there is no
    pair. Source: FastChat, compute_agreement.py (MT-Bench).

    >>> pairwise_agreement([[1, 1], [1, 0], [0, 0]])
    0.3333333333333333
    >>> pairwise_agreement([[1, 1], [1, 0], [0, 0]], judge=[1, 0])
    0.6666666666666666
    """
    agreeing, pairs = pair_counts(raters, judge).sum(0).tolist()
    return agreeing / pairs if pairs else None


def leave_one_out(raters: ArrayLike, judge: ArrayLike) -> LeaveOneOut:
    """Each rater, and the judge on the same units, against the mode of the *other* raters.

    A unit enters the fold of rater j when j and at least one other rated it. A score is the share of the modes that it
    hits: 1 or 0, or 1/m when m labels are equally frequent. `difference` is the mean over folds of judge minus human,
    unit by unit; drop its NaN and put a clustered interval on it (`judgebench.stats.intervals.t_interval`). Source: the
    humans' row of AlpacaEval's evaluator table (one against the mode of the others), ties by expectation.

    >>> result = leave_one_out([[1, 1, 0], [1, 0, 0], [1, 0, 1]], judge=[1, 1, 0])
    >>> result.human
    (0.5, 0.6666666666666666, 0.5)
    >>> result.difference.round(3).tolist()
    [0.0, 0.0, 0.333]
    """
    matrix = _matrix(raters)
    values, votes = _votes(matrix)
    verdicts = rounding.equal(_verdicts(judge, matrix)[:, None], values)
    rated = votes.sum(0)
    human, machine = np.full(matrix.shape, np.nan), np.full(matrix.shape, np.nan)
    for j, own in enumerate(votes):
        others = rated - own
        most = others.max(1, initial=0)
        modes = (others == most[:, None]) & (most[:, None] > 0)
        target = modes / np.maximum(modes.sum(1), 1)[:, None]
        fold = own.any(1) & (most > 0)
        human[j, fold] = (target * own).sum(1)[fold]
        machine[j, fold] = (target * verdicts).sum(1)[fold]
    by_rater, judge_by_rater = (tuple(map(arrays.number, _mean(one, axis=1))) for one in (human, machine))
    by_unit, judge_by_unit = _mean(human, axis=0), _mean(machine, axis=0)
    units = tuple((~np.isnan(human)).sum(1).tolist())
    return LeaveOneOut(by_rater, judge_by_rater, units, by_unit, judge_by_unit, judge_by_unit - by_unit)


def alternative_annotator_test(
    raters: ArrayLike,
    judge: ArrayLike,
    *,
    epsilon: float,
    scoring: Literal["accuracy", "neg_rmse"] = "accuracy",
    q: float = 0.05,
    min_units: int = 30,
    clusters: Clusters | None = None,
) -> AlternativeAnnotatorTest | None:
    """May the judge take the place of a rater? One t-test per rater, Benjamini-Yekutieli at `q` over raters.

    On each unit rated by j and another, judge and j are scored against the other raters (share of equal ratings, or
    minus the root mean squared distance); d = [j as good] - [judge as good]. The null hypothesis mean d >= epsilon is
    tested for every rater with `min_units` such units, by Student's t or, with `clusters` (one label per unit), by the
    cluster-robust t with G - 1 degrees of freedom. When d does not vary, p is 0 or 1. `epsilon` is the price of a
    human: 0.2 for experts, 0.15 skilled, 0.1 crowd. It has little power below 200 units: a failure alone says little.
    None when no rater has enough units (at least two, and two clusters). ValueError also for epsilon outside [0, 1) and
    q outside (0, 1). Source: Calderon et al. 2025 (ACL; arXiv 2501.10970), section 3, and alt_test in
    nitaytech/AltTest@18428b1.

    >>> raters = [[0, 1, 1, 0, 0, 1], [0, 1, 1, 1, 0, 0], [0, 0, 1, 1, 1, 1]]
    >>> result = alternative_annotator_test(raters, [0, 1, 1, 1, 0, 0], epsilon=0.2, min_units=6)
    >>> round(result.omega, 4), result.rho, result.rejected
    (0.3333, 1.0, (False, True, False))
    """
    from scipy.special import stdtr

    matrix = _matrix(raters)
    verdicts = _verdicts(judge, matrix)
    if scoring not in _SCORES:
        raise ValueError(f"scoring is {scoring!r}; it must be 'accuracy' or 'neg_rmse'")
    if not 0 <= epsilon < 1 or not 0 < q < 1:
        raise ValueError(f"epsilon is {epsilon} and q is {q}; they must lie in [0, 1) and (0, 1)")
    units = matrix.shape[1]
    groups = cluster_codes(clusters, units)
    score = _SCORES[scoring]
    present = ~np.isnan(matrix)
    shared = present.sum(0) > 1
    tested: list[tuple[int, int, float, float, float, int, float]] = []
    differences = np.full(matrix.shape, np.nan)
    for j, own in enumerate(matrix):
        fold = present[j] & shared
        df = len(np.unique(groups[fold])) - 1
        if fold.sum() < min_units or df < 1:
            continue
        others = np.delete(matrix, j, axis=0)[:, fold]
        human, machine = score(own[fold], others), score(verdicts[fold], others)
        as_good = rounding.at_least(machine, human)
        d = rounding.at_least(human, machine).astype(np.float64) - as_good
        se = cluster_se(d, groups[fold]) or 0.0
        mean = float(d.mean())
        p_value = float(stdtr(df, (mean - epsilon) / se)) if se else float(not rounding.above(epsilon, mean))
        tested.append((j, len(d), float(as_good.mean()), mean, se, df, p_value))
        differences[j, fold] = d
    if not tested:
        return None
    indices, sizes, advantage, difference, errors, dfs, p_values = zip(*tested, strict=True)
    rejected = tuple(rounding.at_least(q, benjamini_yekutieli(p_values)).tolist())
    omega, rho = sum(rejected) / len(rejected), float(np.mean(advantage))
    overall = (omega, omega >= 0.5, rho, rho + float(np.mean(difference)))
    by_rater = (indices, sizes, advantage, difference, errors, dfs, p_values, rejected)
    return AlternativeAnnotatorTest(*overall, *by_rater, _mean(differences, axis=0))


def ceiling(raters: ArrayLike) -> Ceiling | None:
    """Bounds of the agreement with one random rater that the best judge could reach, in [0, 1].

    With a the mean over units of the share of equal pairs, the ceiling lies between a and sqrt(a), for the largest of
    some probabilities is at most the root of their sum of squares. The plug-in, the mean share of each unit's mode, is
    biased upward with few raters. None when no unit has two ratings. Source: ours, by Jensen's inequality as said.

    >>> ceiling([[1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 0]]).upper ** 2
    0.8333333333333334
    """
    matrix = _matrix(raters)
    agreeing, pairs = pair_counts(matrix).T
    counts = _votes(matrix)[1].sum(0)[pairs > 0]
    if not len(counts):
        return None
    lower = float((agreeing[pairs > 0] / pairs[pairs > 0]).mean())
    return Ceiling(lower, math.sqrt(lower), float((counts.max(1) / counts.sum(1)).mean()))


def binary_ceiling(agreement: float) -> BinaryCeiling | None:
    """Error rate and ceiling that a pairwise agreement implies: two labels, independent symmetric errors.

    From agreement = e^2 + (1 - e)^2. None below 0.5, which no error rate explains. ValueError outside [0, 1].

    >>> [round(value, 6) for value in binary_ceiling(0.82)]
    [0.1, 0.9]
    """
    arrays.share(agreement, "agreement")
    if agreement < 0.5:
        return None
    error_rate = (1 - math.sqrt(2 * agreement - 1)) / 2
    return BinaryCeiling(error_rate, 1 - error_rate)


_SCORES: dict[str, Callable[[Floats, Floats], Floats]] = {
    # Both sides of a comparison meet equally many others: sums order them as means would, without rounding.
    "accuracy": lambda rating, others: rounding.equal(others, rating).sum(0, dtype=np.float64),
    # The root does not change which is larger. A failed verdict is infinitely far from everybody.
    "neg_rmse": lambda rating, others: np.where(np.isnan(rating), -np.inf, -np.nansum((others - rating) ** 2, axis=0)),
}
"""How alike a rating is to those of the others."""


def _votes(matrix: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """The distinct ratings, and who gave which: (raters, units, values) of 0 and 1."""
    values = np.unique(matrix[~np.isnan(matrix)])
    return values, (matrix[:, :, None] == values).astype(np.int64)


def _mean(folds: Floats, axis: int) -> Floats:
    """Mean along an axis over what is there; NaN where nothing is."""
    return arrays.ratio(np.nansum(folds, axis), (~np.isnan(folds)).sum(axis))


def _matrix(raters: ArrayLike) -> Floats:
    return rounding.snapped(arrays.table(raters, "raters", "(raters, units)", missing=True))


def _verdicts(judge: ArrayLike, matrix: Floats) -> Floats:
    verdicts = arrays.flat(judge, "judge", missing=True)
    if verdicts.shape != matrix.shape[1:]:
        raise ValueError(f"judge has {len(verdicts)} numbers for {matrix.shape[1]} units; each unit needs one")
    return verdicts
