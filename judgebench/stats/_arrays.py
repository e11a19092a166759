"""What every room of the statistics needs: arrays checked, ratios that may be undefined, numbers that may be None."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from judgebench.stats import rounding

Floats = NDArray[np.float64]
Clusters = Sequence[Hashable] | NDArray[Any]

_CHUNK_BYTES = 64_000_000


def flat(values: ArrayLike, name: str, *, missing: bool = False) -> Floats:
    """One flat sequence of finite numbers; with `missing` also NaN and None."""
    return _finite(values, name, 1, "one flat sequence of finite numbers", missing)


def table(values: ArrayLike, name: str, shape: str, *, missing: bool = False) -> Floats:
    """Two dimensions, called `shape` in messages, of finite numbers; with `missing` also NaN and None."""
    return _finite(values, name, 2, f"{shape}, finite", missing)


def shares(values: ArrayLike, name: str) -> Floats:
    """One flat sequence of numbers in [0, 1]."""
    array = flat(values, name)
    if array.size and not 0 <= array.min() <= array.max() <= 1:
        raise ValueError(f"{name} reaches from {array.min():g} to {array.max():g}; it must lie in [0, 1]")
    return array


def bits(values: ArrayLike, name: str) -> Floats:
    """One flat sequence of 0 and 1."""
    array = flat(values, name)
    other = array[(array != 0) & (array != 1)]
    if other.size:
        raise ValueError(f"{name} must hold 0 and 1 only; got {other[0]:g}")
    return array


def preferences(values: ArrayLike, name: str) -> Floats:
    """One flat sequence of -1, 0, +1 or NaN (None)."""
    array = flat(values, name, missing=True)
    other = array[~np.isnan(array) & ~np.isin(array, (-1, 0, 1))]
    if other.size:
        raise ValueError(f"{name} must hold -1, 0, 1 or NaN; got {other[0]:g}")
    return array


def judged(confidence: Floats, correct: ArrayLike) -> tuple[Floats, Floats]:
    """Confidences, equals alike, and as many of 0 and 1: whether each verdict was right."""
    right = bits(correct, "correct")
    equally_long(confidence=confidence, correct=right)
    return rounding.snapped(confidence), right


def by_confidence(confidence: Floats, correct: ArrayLike) -> tuple[Floats, Floats]:
    """The k distinct confidences, rising, and how many units of each are wrong and right, (k, 2)."""
    values, right = judged(confidence, correct)
    distinct, cell = np.unique(values, return_inverse=True)
    counts = np.zeros((len(distinct), 2))
    np.add.at(counts, (cell, right.astype(np.intp)), 1)
    return distinct, counts


def labels(values: Clusters, name: str) -> list[Hashable]:
    """One flat sequence of labels, as a list: numpy's own scalars would hash and compare ten times slower."""
    if isinstance(values, np.ndarray) and values.ndim != 1:
        raise ValueError(f"{name} has the shape {values.shape}; it must be one flat sequence of labels")
    listed: list[Hashable] = values.tolist() if isinstance(values, np.ndarray) else list(values)
    try:
        hash(tuple(listed))
    except TypeError as error:
        raise ValueError(f"{name} must be one flat sequence of labels: {error}") from None
    return listed


def tables(counts: ArrayLike, *last: int | str) -> Floats:
    """Counts with any leading axes before those of `last`: a size, or a letter where any will do."""
    array = np.asarray(counts, dtype=np.float64)
    sizes = array.shape[-len(last) :]
    if array.ndim < len(last) or any(isinstance(a, int) and a != b for a, b in zip(last, sizes, strict=True)):
        raise ValueError(f"counts has the shape {array.shape}; it must be (..., {', '.join(map(str, last))})")
    return array


def absent(label: Hashable) -> bool:
    """Whether a label is missing: None or NaN."""
    return label is None or (isinstance(label, float) and math.isnan(label))


def equally_long(**arrays: Floats) -> None:
    """Raise ValueError unless all arrays have as many rows as the first."""
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        listed = " and ".join(f"{name} has {length}" for name, length in lengths.items())
        raise ValueError(f"{listed} entries; they must be equally many")


def inside(value: float, name: str) -> None:
    """Raise ValueError unless 0 < value < 1."""
    if not 0 < value < 1:
        raise ValueError(f"{name} is {value}; it must lie between 0 and 1")


def share(value: float, name: str) -> None:
    """Raise ValueError unless 0 <= value <= 1."""
    if not 0 <= value <= 1:
        raise ValueError(f"{name} is {value}; it must lie in [0, 1]")


def generator(rng: np.random.Generator) -> None:
    """Raise TypeError for a seed or anything else in the place of a generator."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng is {rng!r}; it must be a numpy Generator, such as numpy.random.default_rng(0)")


def chunks(total: int, bytes_each: int) -> Iterator[int]:
    """Sizes that add up to `total`, each of so many things as take at most about 64 MB."""
    size = max(1, _CHUNK_BYTES // bytes_each)
    return (min(size, total - start) for start in range(0, total, size))


def t_quantile(df: float, level: float) -> float:
    """Student's quantile of a two-sided interval: scipy's, which older versions give to nine digits only, and a step of
    Newton's method from there, which makes it the same everywhere."""
    from scipy.special import gammaln, stdtr, stdtrit

    probability = (1 + level) / 2
    t = float(stdtrit(df, probability))
    log_density = gammaln((df + 1) / 2) - gammaln(df / 2) - math.log(df * math.pi) / 2
    density = math.exp(log_density - (df + 1) / 2 * math.log1p(t * t / df))
    return t - float(stdtr(df, t) - probability) / density


def ratio(numerator: ArrayLike, denominator: ArrayLike, undefined: float = math.nan) -> Floats:
    """numerator / denominator where the denominator is positive, `undefined` elsewhere."""
    above, below = np.broadcast_arrays(
        np.asarray(numerator, dtype=np.float64), np.asarray(denominator, dtype=np.float64)
    )
    quotient: Floats = np.divide(above, below, out=np.full(above.shape, undefined), where=below > 0)
    return quotient


def number(value: float | Floats) -> float | None:
    """NaN becomes None."""
    return None if math.isnan(value) else float(value)


def _finite(values: ArrayLike, name: str, dimensions: int, wanted: str, missing: bool) -> Floats:  # noqa: FBT001
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be numbers: {error}") from None
    good = np.isfinite(array) | (np.isnan(array) if missing else False)
    if array.ndim != dimensions or not good.all():
        got = f"the shape {array.shape}" if good.all() else f"{array[~good][0]:g}"
        raise ValueError(f"{name} must be {wanted}{' or NaN' if missing else ''}; got {got}")
    return array
