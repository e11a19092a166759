"""Numbers that only rounding separates are equal: every comparison of computed numbers is made here.

A sum, a product of matrices or an exponential ends in another last bit on another processor, with another version of
numpy or with another number of threads, and 8.2 - 7.5 is not 8.0 - 7.3 on any. Whatever is decided by a comparison (a
tie, a rank, whether a sample varies, on which side of the estimate a resample lies) must not hang on that bit. Two
numbers are equal here when they differ by at most 1e-9 of the larger one, or by at most 1e-12. Sums of a million terms
are exact to 1e-10 of their size; single precision, which scores of reward models have, tells apart what differs by
1e-7.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

RELATIVE, ABSOLUTE = 1e-9, 1e-12
NO_SPREAD = 1e-12
"""A spread of at most this, relative to the size of the values, is rounding alone: the values do not vary."""

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


def same(a: float, b: float) -> bool:
    """`equal` of two numbers, in a tenth of a microsecond.

    >>> same(0.1 + 0.2, 0.3), same(0.3, 0.3001)
    (True, False)
    """
    return math.isclose(a, b, rel_tol=RELATIVE, abs_tol=ABSOLUTE)


def equal(a: ArrayLike, b: ArrayLike) -> Mask:
    """Whether only rounding separates a from b, of arrays that broadcast. NaN equals nothing.

    >>> equal([0.1 + 0.2, 0.3, np.inf], [0.3, 0.3001, np.inf]).tolist()
    [True, False, True]
    """
    x, y = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    with np.errstate(invalid="ignore"):  # inf - inf
        gap = np.abs(x - y)
        near = gap <= np.maximum(RELATIVE * np.maximum(np.abs(x), np.abs(y)), ABSOLUTE)
    return np.asarray((near & np.isfinite(gap)) | (x == y), dtype=np.bool_)


def above(a: ArrayLike, b: ArrayLike) -> Mask:
    """Whether a is greater than b by more than rounding. False beside NaN.

    >>> above([0.1 + 0.2, 0.31], 0.3).tolist()
    [False, True]
    """
    return np.asarray(np.greater(a, b) & ~equal(a, b), dtype=np.bool_)


def at_least(a: ArrayLike, b: ArrayLike) -> Mask:
    """Whether a is greater than b, or equal to it. False beside NaN.

    >>> at_least([0.7 + 0.1, 0.79], 0.8).tolist()
    [True, False]
    """
    return np.asarray(np.greater(a, b) | equal(a, b), dtype=np.bool_)


def difference(a: ArrayLike, b: ArrayLike) -> Floats:
    """a - b, and exactly 0 where the two are equal.

    >>> difference([8.2 - 7.5, 3], [8.0 - 7.3, 1]).tolist()
    [0.0, 2.0]
    """
    with np.errstate(invalid="ignore"):
        return np.where(equal(a, b), 0.0, np.subtract(a, b, dtype=np.float64))


def mean(values: Floats) -> float:
    """Of one value or more; exactly 0 where they cancel but for rounding, so that it has no sign.

    >>> mean(np.array([1 / 3, 1 / 3, -2 / 3, 0.1, 0.2, -0.3]))
    0.0
    """
    average = float(values.mean())
    return 0.0 if abs(average) <= RELATIVE * float(np.abs(values).max()) else average


def side(a: ArrayLike, b: ArrayLike) -> Floats:
    """1 where a is above b, -1 where it is below, 0 where they are equal, NaN where either is.

    >>> side([0.1 + 0.2, 2, np.nan], [0.3, 3, 1]).tolist()
    [0.0, -1.0, nan]
    """
    return np.asarray(np.sign(difference(a, b)))


def at_top(scores: ArrayLike) -> Mask:
    """Which of the last axis are equal to its greatest, (..., k) to (..., k). NaN never is.

    >>> at_top([[0.1 + 0.2, 0.3, 0.2], [np.nan, -1, -2]]).tolist()
    [[True, True, False], [False, True, False]]
    """
    values = np.asarray(scores, dtype=np.float64)
    comparable = np.where(np.isnan(values), -np.inf, values)
    return equal(values, comparable.max(axis=-1, keepdims=True, initial=-np.inf))


def mid_ranks(values: ArrayLike) -> Floats:
    """Ranks from 1 along the last axis, equals in the middle of theirs; (..., k), a few at a time. NaN makes a row NaN.

    >>> mid_ranks([0.3, 0.1 + 0.2, 0.1]).tolist()
    [2.5, 2.5, 1.0]
    """
    row = np.asarray(values, dtype=np.float64)
    return np.asarray((side(row[..., :, None], row[..., None, :]).sum(-1) + row.shape[-1] + 1) / 2)


def levels(values: ArrayLike) -> NDArray[np.intp]:
    """Flat values numbered from 0 by rising size, equals alike: what to sort by. NaN has the highest number.

    >>> levels([0.3, 0.1, 0.1 + 0.2]).tolist()
    [1, 0, 1]
    """
    row = np.asarray(values, dtype=np.float64)
    order = np.argsort(row, kind="stable")
    rises = ~equal(row[order][1:], row[order][:-1])
    numbers = np.empty(len(row), dtype=np.intp)
    numbers[order] = np.concatenate([[0], np.cumsum(rises)])[: len(row)]
    return numbers


def snapped(values: ArrayLike) -> Floats:
    """The values, each replaced by the least of those that it equals, so that `np.unique` finds each once. NaN stays.

    >>> snapped([0.3, 0.1, 0.1 + 0.2]).tolist()
    [0.3, 0.1, 0.3]
    """
    array = np.array(values, dtype=np.float64)
    there = ~np.isnan(array)
    numbers = array[there]
    if (numbers == np.rint(numbers)).all():  # whole numbers are far apart
        return array
    level = levels(numbers)
    least = np.full(int(level.max(initial=-1)) + 1, np.inf)
    np.minimum.at(least, level, numbers)
    array[there] = least[level]
    return array


def ceiling(value: float) -> int:
    """The whole number at or above a number, likewise.

    >>> ceiling(400.00000000000006), ceiling(400.1)
    (400, 401)
    """
    whole = round(value)
    return whole if same(value, whole) else math.ceil(value)
