"""Length: does a judge prefer the longer response, beyond what people do?

Preferring the longer response is no bias by itself: on PandaLM people do so in 71 % of the pairs that differ,
and gpt-3.5-turbo in 65 %. So there are two views: the raw rate; and the controlled effect (`length_effect`), which
holds people's preference fixed and is to be read beside the same coefficient of people against each other
(`people_length_effects`), not beside 0.

Verdicts and people's preferences lie on the axis -1 (first), 0 (tie), +1 (second); NaN or None is a failure.
`lengths` is (units, 2), in characters or tokens: of the first and of the second response. Other verdicts, people
outside [-1, 1], other shapes and levels outside (0, 1) raise ValueError.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from judgebench.stats import _arrays as arrays
from judgebench.stats import rounding
from judgebench.stats._arrays import Clusters, Floats
from judgebench.stats.intervals import cluster_codes, cluster_sums

_ITERATIONS = 50
_CONVERGED = 1e-9
# Below so many of the rarer outcome per coefficient, maximum likelihood is biased and its errors too small.
_EVENTS_PER_COEFFICIENT = 10


class Coefficient(NamedTuple):
    """A coefficient on the log-odds scale: interval and p-value from t with clusters - 1 degrees of freedom."""

    value: float
    standard_error: float
    low: float
    high: float
    p_value: float


class LogisticFit(NamedTuple):
    """Coefficients (k,), the intercept first, and their cluster-robust covariance (k, k).

    penalised: None, or why a ridge penalty (C = 1, not on the intercept) was needed: "few events", "collinear"
    or "separation". A penalised coefficient is drawn towards 0: a lower bound of the effect's size.
    """

    coefficients: Floats
    covariance: Floats
    units: int
    clusters: int
    penalised: str | None

    def coefficient(self, index: int, level: float = 0.95) -> Coefficient:
        """One coefficient with its interval."""
        from scipy.special import stdtr

        arrays.inside(level, "level")
        value, df = float(self.coefficients[index]), self.clusters - 1
        error = math.sqrt(max(0.0, float(self.covariance[index, index])))  # rounding may leave a variance below 0
        margin = arrays.t_quantile(df, level) * error
        p_value = 2 * float(stdtr(df, -abs(value) / error)) if error > 0 else float(value == 0)
        return Coefficient(value, error, value - margin, value + margin, p_value)


class LengthEffect(NamedTuple):
    """The logit of choosing the first response: its parts, on how many decisive verdicts.

    first_slot: choosing the first at equal preference and length; people: per step of people's preference;
    length: per step of tanh(length difference / standard deviation). penalised: as in `LogisticFit`.
    """

    first_slot: Coefficient
    people: Coefficient
    length: Coefficient
    units: int
    clusters: int
    penalised: str | None


def longer_counts(verdicts: ArrayLike, lengths: ArrayLike, *, more_than: float = 30) -> Floats:
    """For each unit whether the longer response won and whether it could have, shape (units, 2).

    A unit counts when the lengths differ by more than `more_than` and the verdict is no tie and no failure.
    Sums of rows are what `judgebench.stats.intervals.bootstrap` needs. Source: AlpacaEval's rule and 30 characters.

    >>> longer_counts([-1, 1, 0], [[100, 50], [100, 50], [100, 50]]).tolist()
    [[1.0, 1.0], [0.0, 1.0], [0.0, 0.0]]
    """
    choice, gap = _checked(verdicts, lengths)
    eligible = (np.abs(gap) > more_than) & (np.abs(choice) == 1)
    return np.stack([eligible & (choice == -np.sign(gap)), eligible], axis=1).astype(np.float64)


def length_effect(
    verdicts: ArrayLike, people: ArrayLike, lengths: ArrayLike, clusters: Clusters | None = None, *, level: float = 0.95
) -> LengthEffect | None:
    """How length moves a judge's choice when people's preference is held fixed, with cluster-robust errors.

    Logit P(first) = b0 + b1 (people, +1 for the first) + b2 tanh(d / sd d), d the first length minus the second and sd
    over all units. `people` is the majority, or a mean of votes. Ties and failures of the judge are left out, units
    without a human preference too. Penalised, and marked so, when there are fewer than ten of the rarer choice per
    coefficient or the choices are separated. None when the judge always chooses the same slot, lengths do not vary, or
    there are fewer than two clusters. Source: the control of AlpacaEval-LC (Dubois et al. 2024, arXiv 2404.04475), with
    people's preference for the strengths of the systems.

    >>> rng = np.random.default_rng(0)
    >>> lengths, people = rng.integers(50, 500, size=(400, 2)), rng.integers(-1, 2, size=400)
    >>> first = people * -1.0 + 0.004 * (lengths[:, 0] - lengths[:, 1]) + rng.logistic(size=400) > 0
    >>> effect = length_effect(np.where(first, -1, 1), people, lengths)
    >>> round(effect.length.value, 2), effect.length.p_value < 0.05
    (1.31, True)
    """
    choice, gap = _checked(verdicts, lengths)
    taste = arrays.flat(people, "people", missing=True)
    arrays.equally_long(verdicts=choice, people=taste)
    if (np.abs(taste) > 1).any():
        raise ValueError("people must lie in [-1, 1]")
    spread = float(gap.std()) if gap.size else 0.0
    kept = (np.abs(choice) == 1) & ~np.isnan(taste)
    if spread <= rounding.NO_SPREAD * np.abs(gap).max(initial=0.0) or not kept.any():
        return None
    features = np.stack([-taste, np.tanh(gap / spread)], axis=1)[kept]
    fit = logistic_regression(features, choice[kept] == -1, cluster_codes(clusters, len(choice))[kept])
    if fit is None:
        return None
    slot, preference, longer = (fit.coefficient(index, level) for index in range(3))
    return LengthEffect(slot, preference, longer, fit.units, fit.clusters, fit.penalised)


def people_length_effects(
    raters: ArrayLike, lengths: ArrayLike, clusters: Clusters | None = None, *, level: float = 0.95
) -> tuple[LengthEffect | None, ...]:
    """The `length_effect` of each rater, with the mean of the *other* raters in the place of people.

    `raters` is (raters, units) on the axis, NaN where missing. What a judge's effect is to be compared with.

    >>> rng = np.random.default_rng(0)
    >>> raters, lengths = rng.integers(-1, 2, size=(3, 300)), rng.integers(50, 500, size=(300, 2))
    >>> [abs(effect.length.value) < 0.5 for effect in people_length_effects(raters, lengths)]
    [True, True, True]
    """
    matrix = arrays.table(raters, "raters", "(raters, units)", missing=True)
    voted, votes = ~np.isnan(matrix), np.nan_to_num(matrix)
    # Row by row what all voted without the row's own rater, and how many they are.
    others = arrays.ratio(votes.sum(0) - votes, voted.sum(0) - voted)
    pairs = zip(matrix, others, strict=True)
    return tuple(length_effect(own, rest, lengths, clusters, level=level) for own, rest in pairs)


def logistic_regression(
    features: ArrayLike, outcome: ArrayLike, clusters: Clusters | None = None
) -> LogisticFit | None:
    """Logistic regression of a 0/1 outcome on features (n, k) with an intercept and cluster-robust covariance.

    Newton's method; the covariance is the sandwich with the factors G / (G - 1) and (n - 1) / (n - k) (statsmodels and
    Stata), of Liang and Zeger 1986. A ridge penalty (C = 1 in scikit-learn's terms) steps in where maximum likelihood
    cannot be had or trusted. None when the outcome does not vary or there are fewer than two clusters. ValueError also
    for features that are not finite and an outcome other than 0 and 1.

    >>> fit = logistic_regression(np.array([[0.0], [1.0]] * 40), [0, 1, 1, 0, 0, 1, 0, 1] * 10)
    >>> fit.coefficients.round(3).tolist(), fit.penalised
    ([-1.099, 2.197], None)
    """
    columns = arrays.table(features, "features", "(n, k)")
    y = arrays.bits(outcome, "outcome")
    arrays.equally_long(features=columns, outcome=y)
    n = len(y)
    groups = cluster_codes(clusters, n)
    count, rarer = len(np.unique(groups)), min(float(y.sum()), n - float(y.sum()))
    if count < 2 or rarer == 0:
        return None
    design = np.column_stack([np.ones(n), columns])
    k = design.shape[1]
    penalised, ridge = None, np.zeros(k)
    if np.linalg.matrix_rank(design) < k:
        penalised = "collinear"
    elif rarer < _EVENTS_PER_COEFFICIENT * k:
        penalised = "few events"
    elif (coefficients := _newton(design, y, ridge)) is None:
        penalised = "separation"
    if penalised:
        ridge[1:] = 1.0
        coefficients = _newton(design, y, ridge)
    if coefficients is None:
        return None
    probability = _sigmoid(design @ coefficients)
    bread = np.linalg.inv(design.T @ (design * (probability * (1 - probability))[:, None]) + np.diag(ridge))
    sums = cluster_sums(design * (y - probability)[:, None], groups)
    factor = count / (count - 1) * (n - 1) / max(n - k, 1)
    return LogisticFit(coefficients, factor * bread @ (sums.T @ sums) @ bread, n, count, penalised)


def _newton(design: Floats, y: Floats, ridge: Floats) -> Floats | None:
    """Coefficients of most (penalised) likelihood, or None when they run away."""

    def loss(beta: Floats) -> float:
        eta = design @ beta
        return float(np.logaddexp(0, eta).sum() - y @ eta + ridge @ beta**2 / 2)

    beta = np.zeros(design.shape[1])
    best = loss(beta)
    for _ in range(_ITERATIONS):
        p = _sigmoid(design @ beta)
        slope = design.T @ (y - p) - ridge * beta
        bend = design.T @ (design * (p * (1 - p))[:, None]) + np.diag(ridge)
        try:
            step = np.linalg.solve(bend, slope)
        except np.linalg.LinAlgError:
            return None
        while not (new := loss(beta + step)) <= best + 1e-9 * (1 + abs(best)) and np.abs(step).max() > _CONVERGED:
            step /= 2
        beta, best = beta + step, new
        # Without a maximum every step goes on by about 1; with one the steps vanish.
        if np.abs(step).max() <= _CONVERGED * (1 + np.abs(beta).max()):
            return beta
    return None


def _sigmoid(eta: Floats) -> Floats:
    return np.asarray(0.5 * (1 + np.tanh(eta / 2)))


def _checked(verdicts: ArrayLike, lengths: ArrayLike) -> tuple[Floats, Floats]:
    choice = arrays.preferences(verdicts, "verdicts")
    sizes = np.asarray(lengths, dtype=np.float64).reshape(-1, 2) if not len(choice) else lengths
    sizes = arrays.table(sizes, "lengths", "(units, 2)")
    if sizes.shape[1] != 2 or (sizes < 0).any():
        raise ValueError(f"lengths has the shape {sizes.shape}; it must be (units, 2), none negative")
    arrays.equally_long(verdicts=choice, lengths=sizes)
    return choice, sizes[:, 0] - sizes[:, 1]
