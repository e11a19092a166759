"""What an imperfect judge's verdicts say about the truth, with the help of some human labels.

Which: labels on a *random sample of the same population* -> `ppi` (it needs nothing of the judge, and a useless
judge costs nothing); labels from elsewhere, or chosen by class, and a judge whose error rates carry over ->
`rogan_gladen`. Ties go in as 0.5, into `ppi`. `noise_corrected_accuracy` answers another question: how accurate
a judge is whose accuracy was measured against labels that are themselves sometimes wrong. Rates and weights outside
[0, 1], levels outside (0, 1), different lengths and numbers that are not finite raise ValueError.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from judgebench.stats import _arrays as arrays
from judgebench.stats import rounding
from judgebench.stats._arrays import Clusters, Floats
from judgebench.stats.intervals import cluster_se


class RoganGladen(NamedTuple):
    """The corrected rate and its interval, all in [0, 1], and the rate before it was clipped. conflict: that lies
    outside [0, 1], which no true rate explains: the error rates do not hold on the test sample (or chance made it so).
    An interval such as [0, 0] is then no certainty."""

    estimate: float
    low: float
    high: float
    unclipped: float
    conflict: bool


class Ppi(NamedTuple):
    """A mean, its interval, its standard error, and the weight (0 to 1) that the judge's verdicts were given."""

    estimate: float
    low: float
    high: float
    standard_error: float
    weight: float


class CorrectedAccuracy(NamedTuple):
    """Accuracy against errorless labels, clipped to [0, 1], and the same before clipping."""

    accuracy: float
    unclipped: float


def rogan_gladen(
    positive: float, *, specificity: float, sensitivity: float, n: int, m0: int, m1: int, level: float = 0.95
) -> RoganGladen | None:
    """True positive rate behind a judge's rate `positive` on n units, for a judge with known kinds of error.

    `specificity` was measured on m0 negatives, `sensitivity` on m1 positives, at least one each; the interval allows
    for the uncertainty of all three. None unless specificity + sensitivity > 1: such a judge says nothing.
    Source: Rogan and Gladen 1978; the interval is that of Lee et al. 2025 (arXiv 2511.21140).

    >>> result = rogan_gladen(0.4, specificity=0.7, sensitivity=0.9, n=1000, m0=200, m1=200)
    >>> [round(value, 4) for value in result[:3]]
    [0.1667, 0.0564, 0.2627]
    """
    for name, rate in {"positive": positive, "specificity": specificity, "sensitivity": sensitivity}.items():
        arrays.share(rate, name)
    if min(n, m0, m1) < 1:
        raise ValueError(f"n is {n}, m0 is {m0}, m1 is {m1}; all must be at least 1")
    arrays.inside(level, "level")
    if rounding.at_least(1, specificity + sensitivity):
        return None
    unclipped = (positive + specificity - 1) / (specificity + sensitivity - 1)
    z = NormalDist().inv_cdf((1 + level) / 2)
    # Every rate is drawn a little to the middle, as in the intervals of Agresti and Coull.
    p = (positive * n + z**2 / 2) / (n + z**2)
    q0, q1 = (specificity * m0 + 1) / (m0 + 2), (sensitivity * m1 + 1) / (m1 + 2)
    theta = (p + q0 - 1) / (q0 + q1 - 1)
    noise0, noise1 = q0 * (1 - q0) / (m0 + 2), q1 * (1 - q1) / (m1 + 2)
    shift = 2 * z**2 * (theta * noise1 - (1 - theta) * noise0)
    spread = p * (1 - p) / (n + z**2) + (1 - theta) ** 2 * noise0 + theta**2 * noise1
    margin = z * math.sqrt(spread) / (q0 + q1 - 1)
    estimate, low, high = (_clip(value) for value in (unclipped, theta + shift - margin, theta + shift + margin))
    return RoganGladen(estimate, low, high, unclipped, bool(not rounding.same(unclipped, estimate)))


def ppi(
    labels: ArrayLike,
    verdicts: ArrayLike,
    unlabelled: ArrayLike,
    *,
    weight: float | None = None,
    level: float = 0.95,
    clusters: Clusters | None = None,
    unlabelled_clusters: Clusters | None = None,
) -> Ppi | None:
    """Mean of the true labels of a population, from few labels and a judge's verdicts on many more units.

    `labels` and the judge's `verdicts` on the same n units, a random sample; its verdicts on N `unlabelled` units of
    the same population. `weight` is that of the judge's verdicts: None chooses the best (PPI++), 0 is the labels alone,
    1 plain prediction-powered inference. With clusters (the labelled ones' and the others', which must not share a
    question) the standard error is cluster-robust. None with fewer than two labelled or no unlabelled units, or fewer
    than two clusters of either. Source: Angelopoulos et al. 2023 (arXiv 2311.01453).

    >>> result = ppi([1, 0, 1, 1, 0, 1], [1, 0, 1, 0, 0, 1], [1, 1, 0, 1] * 10)
    >>> round(result.estimate, 4), round(result.low, 4), round(result.high, 4)
    (0.8415, 0.5584, 1.1245)
    """
    truth, judged = arrays.flat(labels, "labels"), arrays.flat(verdicts, "verdicts")
    others = arrays.flat(unlabelled, "unlabelled")
    arrays.equally_long(labels=truth, verdicts=judged)
    arrays.inside(level, "level")
    if weight is not None:
        arrays.share(weight, "weight")
    if len(truth) < 2 or not len(others):
        return None
    if weight is None:
        weight = _best_weight(truth, judged, others)
    rectified = truth - weight * judged
    labelled_error, unlabelled_error = _mean_error(rectified, clusters), _mean_error(others, unlabelled_clusters)
    if labelled_error is None or unlabelled_error is None:
        return None
    estimate = weight * float(others.mean()) + float(rectified.mean())
    error = math.hypot(labelled_error, weight * unlabelled_error)
    margin = NormalDist().inv_cdf((1 + level) / 2) * error
    return Ppi(estimate, estimate - margin, estimate + margin, error, weight)


def noise_corrected_accuracy(observed: float, error_rate: float) -> CorrectedAccuracy | None:
    """Accuracy against the truth of a judge that agrees with noisy binary labels at the rate `observed`.

    The labels are wrong at `error_rate`, independently of the judge (as in `human.binary_ceiling`).
    None from an error rate of 0.5: such labels say nothing.

    >>> round(noise_corrected_accuracy(0.74, 0.1).accuracy, 6)
    0.8
    """
    arrays.share(observed, "observed")
    arrays.share(error_rate, "error_rate")
    if error_rate >= 0.5:
        return None
    unclipped = (observed - error_rate) / (1 - 2 * error_rate)
    return CorrectedAccuracy(_clip(unclipped), unclipped)


def _best_weight(truth: Floats, judged: Floats, others: Floats) -> float:
    """The weight with the least variance, clipped to [0, 1]; 0 for a judge that does not vary."""
    values = np.concatenate([judged, others])
    spread = float(values.var(ddof=1))
    if math.sqrt(spread) <= rounding.NO_SPREAD * np.abs(values).max():
        return 0.0
    shared = float(((truth - truth.mean()) * (judged - judged.mean())).mean())
    return _clip(shared / ((1 + len(truth) / len(others)) * spread))


def _mean_error(values: Floats, clusters: Clusters | None) -> float | None:
    return math.sqrt(float(values.var()) / len(values)) if clusters is None else cluster_se(values, clusters)


def _clip(value: float) -> float:
    return min(1.0, max(0.0, value))
