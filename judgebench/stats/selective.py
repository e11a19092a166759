"""Judging only what the judge is sure of: risk against coverage, and a threshold with a guarantee.

`confidence` is one finite number per unit (any increasing score will do), `correct` 1 where the verdict was
right, else 0; anything else and different lengths raise ValueError. Accuracy above a threshold means nothing without
the share of units that it keeps: every result here has both.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from judgebench.stats import _arrays as arrays
from judgebench.stats import rounding
from judgebench.stats._arrays import Floats


class RiskCoverage(NamedTuple):
    """One entry per distinct confidence, from the highest: units with at least that confidence are kept."""

    threshold: Floats
    units: NDArray[np.int64]
    coverage: Floats
    risk: Floats


class Kept(NamedTuple):
    """What a threshold keeps; accuracy is None when it keeps nothing, coverage when there was nothing."""

    accuracy: float | None
    coverage: float | None
    units: int


class SelectiveThreshold(NamedTuple):
    """Keep units with confidence >= threshold: on the calibration sample `units` of them had `errors` errors, and with
    probability 1 - delta the error rate of what is kept is below risk_bound."""

    threshold: float
    units: int
    errors: int
    risk_bound: float
    coverage: float


def risk_coverage(confidence: ArrayLike, correct: ArrayLike) -> RiskCoverage:
    """Share kept and error rate of what is kept, at each distinct confidence; empty without units.

    Source: El-Yaniv and Wiener 2010.

    >>> curve = risk_coverage([0.9, 0.9, 0.5, 0.7], [1, 1, 0, 1])
    >>> curve.coverage.tolist(), curve.risk.tolist()
    ([0.5, 0.75, 1.0], [0.0, 0.0, 0.25])
    """
    thresholds, kept, wrong = _kept(confidence, correct)
    return RiskCoverage(thresholds, kept, kept / kept.max(initial=1), wrong / kept)


def kept_above(confidence: ArrayLike, correct: ArrayLike, threshold: float) -> Kept:
    """Accuracy and coverage of the units with confidence >= threshold.

    >>> kept_above([0.9, 0.9, 0.5, 0.7], [1, 0, 0, 1], 0.7)
    Kept(accuracy=0.6666666666666666, coverage=0.75, units=3)
    """
    values, right = arrays.judged(arrays.flat(confidence, "confidence"), correct)
    kept = rounding.at_least(values, threshold)
    accuracy = float(right[kept].mean()) if kept.any() else None
    return Kept(accuracy, float(kept.mean()) if kept.size else None, int(kept.sum()))


def aurc(confidence: ArrayLike, correct: ArrayLike) -> float | None:
    """Area under the risk-coverage curve: mean over k of the error rate of the k surest units, in [0, 1].

    Units of equal confidence come in random order; their expected risk is taken. None when there are no units.
    Source: Geifman, Uziel and El-Yaniv 2019.

    >>> round(aurc([0.9, 0.8, 0.7, 0.6], [1, 1, 0, 0]), 4)
    0.2083
    """
    return arrays.number(aurc_from_counts(arrays.by_confidence(arrays.flat(confidence, "confidence"), correct)[1]))


def aurc_from_counts(counts: ArrayLike) -> Floats:
    """`aurc` of counts (..., k, 2): wrong and right at each of k rising confidences. NaN without units.

    Within a block of n equal confidences the expected errors grow evenly, so that its risks sum to
    r n + (E - r N) (H(N + n) - H(N)), with its error rate r, the E errors of the N units above it, harmonic numbers H.
    """
    from scipy.special import digamma

    surest_first = arrays.tables(counts, "k", 2)[..., ::-1, :]
    wrong, units = surest_first[..., 0], surest_first.sum(-1)
    rate = np.nan_to_num(arrays.ratio(wrong, units))
    above, errors = np.cumsum(units, -1) - units, np.cumsum(wrong, -1) - wrong
    harmonic = digamma(above + units + 1) - digamma(above + 1)
    return arrays.ratio((rate * units + (errors - rate * above) * harmonic).sum(-1), units.sum(-1))


def fixed_sequence_threshold(
    confidence: ArrayLike, correct: ArrayLike, *, target: float, delta: float = 0.1, min_units: int = 30
) -> SelectiveThreshold | None:
    """The lowest threshold whose kept units err less than `target` with probability 1 - delta; or None: abstain.

    Walks from the highest confidence down, as long as the exact upper bound of the error rate of what is kept stays at
    or below `target`, and stops for good at the first that does not: a fixed sequence of tests, so no correction for
    their number. Thresholds that keep fewer than `min_units` are passed over. None (abstain) when the first one tested
    fails or none keeps enough. The calibration units must be independent, and share no question with those that the
    threshold is used on. ValueError also for target or delta outside (0, 1) or min_units below 1. Source: Jung, Brahman
    and Choi 2024 (arXiv 2407.18370), whose code returns the highest threshold where their theorem abstains.

    >>> result = fixed_sequence_threshold([0.9] * 60 + [0.5] * 40, [1] * 58 + [0, 0] + [0, 1] * 20, target=0.1)
    >>> result.threshold, result.units, result.errors, round(result.risk_bound, 4), result.coverage
    (0.9, 60, 2, 0.0863, 0.6)
    """
    from scipy.special import betaincinv

    arrays.inside(target, "target")
    arrays.inside(delta, "delta")
    if min_units < 1:
        raise ValueError(f"min_units is {min_units}; it must be at least 1")
    thresholds, kept, wrong = _kept(confidence, correct)
    lowest = None
    for threshold, n, k in zip(thresholds.tolist(), kept.tolist(), wrong.tolist(), strict=True):
        if n < min_units:
            continue
        bound = float(betaincinv(k + 1, n - k, 1 - delta)) if k < n else 1.0
        if rounding.above(bound, target):
            break
        lowest = SelectiveThreshold(threshold, n, k, bound, n / int(kept[-1]))
    return lowest


def _kept(confidence: ArrayLike, correct: ArrayLike) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """The distinct confidences from the highest, how many units have at least each, and how many of those are wrong."""
    distinct, counts = arrays.by_confidence(arrays.flat(confidence, "confidence"), correct)
    wrong, right = np.cumsum(counts[::-1], axis=0).astype(np.int64).T
    return distinct[::-1], wrong + right, wrong
