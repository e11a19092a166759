"""Does a judge's confidence mean what it says?

`confidence` is one number in [0, 1] per unit, the probability that the judge gives its own verdict of being
right (a verbal 0-100 divided by 100, a probability, a share of votes); `correct` is 1 where it was, else 0.
Units without a confidence are left out beforehand, and how many there were stands beside the result. Different lengths,
confidences outside [0, 1], `correct` other than 0 and 1 and unknown bins raise ValueError.

The expected calibration error depends on its bins, and with few units it is biased upward even for a perfectly
calibrated judge: print the `reliability_table`, and compare with `calibration_null`. Verbal confidences sit on
the edges of round bins, so the default takes every distinct value for a bin while there are at most twenty.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from judgebench.stats import _arrays as arrays
from judgebench.stats import rounding
from judgebench.stats._arrays import Floats

Bins = Literal["auto", "unique", "mass", "width"]

_MANY_VALUES = 20


class ReliabilityTable(NamedTuple):
    """One entry per bin that holds units, by rising confidence, each (bins,).

    low, high: the bin's ends (of equal width) or the least and the greatest confidence in it (otherwise).
    units: how many; confidence: their mean; accuracy: the share that was right.
    """

    low: Floats
    high: Floats
    units: NDArray[np.int64]
    confidence: Floats
    accuracy: Floats


class Brier(NamedTuple):
    """score = reliability - resolution + uncertainty, all in [0, 1]; only a high resolution is good."""

    score: float
    reliability: float
    resolution: float
    uncertainty: float


def reliability_table(
    confidence: ArrayLike, correct: ArrayLike, *, bins: Bins = "auto", number: int = 10
) -> ReliabilityTable:
    """Confidence beside accuracy, bin by bin.

    bins: "unique", one per distinct value; "mass", `number` bins of about equally many units, no value split;
    "width", `number` bins (low, high] of equal width; "auto", "unique" up to twenty values and else "mass".
    Without units all columns are empty.

    >>> table = reliability_table([0.8, 0.8, 0.8, 0.6, 0.6], [1, 1, 0, 1, 0])
    >>> table.confidence.tolist(), table.accuracy.round(3).tolist(), table.units.tolist()
    ([0.6, 0.8], [0.5, 0.667], [2, 3])
    """
    values, right = _checked(confidence, correct)
    present, inverse, units = np.unique(_bins(values, bins, number), return_inverse=True, return_counts=True)
    if bins == "width":
        low, high = present / number, (present + 1) / number
    else:
        low, high = np.full(len(present), np.inf), np.full(len(present), -np.inf)
        np.minimum.at(low, inverse, values)
        np.maximum.at(high, inverse, values)
    # A mean of equal numbers is that number; rounding would not always say so.
    mean = np.clip(np.bincount(inverse, values, len(present)) / units, low, high)
    return ReliabilityTable(low, high, units, mean, np.bincount(inverse, right, len(present)) / units)


def expected_calibration_error(
    confidence: ArrayLike, correct: ArrayLike, *, bins: Bins = "auto", number: int = 10
) -> float | None:
    """Mean over units of |mean confidence - accuracy| of their bin, in [0, 1]; bins as in `reliability_table`.

    None when there are no units. Source: Naeini et al. 2015.

    >>> round(expected_calibration_error([0.8, 0.8, 0.8, 0.6, 0.6], [1, 1, 0, 1, 0]), 4)
    0.12
    """
    gaps = calibration_gaps(confidence, correct, bins=bins, number=number)
    return arrays.number(expected_calibration_error_from_counts(gaps.sum(0)))


def calibration_gaps(confidence: ArrayLike, correct: ArrayLike, *, bins: Bins = "auto", number: int = 10) -> Floats:
    """What each unit adds to the calibration error: confidence - correct in its bin, then a 1: (units, bins + 1).

    Sums of rows are what `judgebench.stats.intervals.bootstrap` needs; the bins stay those of the sample.

    >>> calibration_gaps([0.75, 0.5], [1, 0]).tolist()
    [[0.0, -0.25, 1.0], [0.5, 0.0, 1.0]]
    """
    values, right = _checked(confidence, correct)
    _, inverse = np.unique(_bins(values, bins, number), return_inverse=True)
    rows = np.zeros((len(values), int(inverse.max(initial=-1)) + 2))
    rows[np.arange(len(values)), inverse] = values - right
    rows[:, -1] = 1
    return rows


def expected_calibration_error_from_counts(gaps: ArrayLike) -> Floats:
    """`expected_calibration_error` of summed `calibration_gaps` (..., bins + 1). NaN where there are no units.

    >>> expected_calibration_error_from_counts([[0.5, -0.25, 2], [0, 0, 0]])
    array([0.375,   nan])
    """
    tables = np.asarray(gaps, dtype=np.float64)
    if not tables.ndim or not tables.shape[-1]:
        raise ValueError(f"gaps has the shape {tables.shape}; it must be (..., bins + 1)")
    return arrays.ratio(np.abs(tables[..., :-1]).sum(-1), tables[..., -1])


def calibration_null(
    confidence: ArrayLike, *, rng: np.random.Generator, bins: Bins = "auto", number: int = 10, resamples: int = 1000
) -> Floats:
    """Calibration errors that a perfectly calibrated judge with these confidences would show, (resamples,).

    Each unit is right with the probability of its confidence. An observed error inside the bulk of these is no
    evidence of miscalibration. NaN without units. Raises TypeError for an `rng` that is no Generator.
    Source: the consistency bars of Broecker and Smith 2007.

    >>> null = calibration_null([0.7] * 50, rng=np.random.default_rng(0))
    >>> round(float(np.quantile(null, 0.95)), 2)
    0.14
    """
    arrays.generator(rng)
    values = rounding.snapped(arrays.shares(confidence, "confidence"))
    if not values.size:
        return np.full(resamples, np.nan)
    codes = np.unique(_bins(values, bins, number), return_inverse=True)[1]
    distinct, cell, units = np.unique(values, return_inverse=True, return_counts=True)
    member = np.zeros((len(distinct), int(codes.max()) + 1))
    member[cell, codes] = 1
    expected = (distinct * units) @ member
    errors = []
    for size in arrays.chunks(resamples, 8 * len(distinct)):
        right = rng.binomial(units, distinct, size=(size, len(distinct)))
        errors.append(np.abs(right @ member - expected).sum(1) / len(values))
    return np.concatenate(errors)


def brier(confidence: ArrayLike, correct: ArrayLike) -> Brier | None:
    """Mean squared distance of confidence and correctness with its decomposition by distinct confidences.

    None when there are no units. Source: Brier 1950; Murphy 1973.

    >>> [round(value, 4) for value in brier([0.8, 0.8, 0.8, 0.6, 0.6], [1, 1, 0, 1, 0])]
    [0.248, 0.0147, 0.0067, 0.24]
    """
    values, right = _checked(confidence, correct)
    if not values.size:
        return None
    table = reliability_table(values, right, bins="unique")
    share, base = table.units / len(values), float(right.mean())
    return Brier(
        score=float(((values - right) ** 2).mean()),
        reliability=float(share @ (table.confidence - table.accuracy) ** 2),
        resolution=float(share @ (table.accuracy - base) ** 2),
        uncertainty=base * (1 - base),
    )


def auroc(confidence: ArrayLike, correct: ArrayLike) -> float | None:
    """Probability that a right verdict has the higher confidence than a wrong one, ties half, in [0, 1].

    None when all verdicts are right or all are wrong. Confidences need not lie in [0, 1].
    Source: Hanley and McNeil 1982.

    >>> auroc([0.9, 0.8, 0.8, 0.7, 0.6, 0.6, 0.5, 0.4], [1, 1, 0, 1, 0, 1, 0, 0])
    0.8125
    """
    return arrays.number(auroc_from_counts(arrays.by_confidence(arrays.flat(confidence, "confidence"), correct)[1]))


def auroc_from_counts(counts: ArrayLike) -> Floats:
    """`auroc` of counts (..., k, 2): wrong and right at each of k rising confidences. NaN where undefined.

    >>> auroc_from_counts([[[2, 0], [1, 1]], [[1, 0], [2, 0]]]).round(4)
    array([0.8333,    nan])
    """
    tables = arrays.tables(counts, "k", 2)
    wrong, right = tables[..., 0], tables[..., 1]
    beaten = np.cumsum(wrong, axis=-1) - wrong / 2
    return arrays.ratio((right * beaten).sum(-1), right.sum(-1) * wrong.sum(-1))


def _bins(values: Floats, bins: Bins, number: int) -> NDArray[np.intp]:
    """Which bin each value falls into; bins may be empty."""
    if number < 1:
        raise ValueError(f"number is {number}; it must be at least 1")
    distinct, codes = np.unique(values, return_inverse=True)
    if bins == "unique" or (bins == "auto" and len(distinct) <= _MANY_VALUES):
        return codes.astype(np.intp)
    if bins in ("auto", "mass"):
        edges = np.quantile(values, np.arange(1, number) / number, method="inverted_cdf") if values.size else values
        return np.searchsorted(np.unique(edges), values, side="left").astype(np.intp)
    if bins == "width":
        # 0.6 * 10 may come out above 6: decimal confidences on an edge belong below it.
        return np.asarray(np.maximum(np.ceil(np.round(values * number, 9)) - 1, 0), dtype=np.intp)
    raise ValueError(f"bins is {bins!r}; it must be 'auto', 'unique', 'mass' or 'width'")


def _checked(confidence: ArrayLike, correct: ArrayLike) -> tuple[Floats, Floats]:
    return arrays.judged(arrays.shares(confidence, "confidence"), correct)
