"""From arrays to Estimates: how each kind of number gets its interval. One seed: two people get one interval."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from judgebench.score import samples
from judgebench.stats import intervals, power, rounding
from judgebench.stats.compare import PairedDifference
from judgebench.types import Estimate

LEVEL = 0.95
POWER = 0.8
RESAMPLES = 10_000
SEED = 20261122
NO_GOLD, NO_VERDICT = "no items with gold", "no item with gold has a verdict"

Clusters = NDArray[Any]
Statistic = Callable[[NDArray[np.float64]], NDArray[Any]]


def undefined(name: str, reason: str, *, n: int = 0) -> Estimate:
    return Estimate(name=name, value=None, reason=reason, n=n)


def bare(headline: Estimate) -> Estimate:
    """The estimate alone, of a headline that is more."""
    return Estimate(**{field: getattr(headline, field) for field in Estimate.__struct_fields__})


def by_name(*numbers: Estimate) -> dict[str, Estimate]:
    return {number.name: number for number in numbers}


def same(one: float | None, other: float | None) -> bool:
    """Whether two values are equal but for rounding, or there is neither."""
    return one is other if one is None or other is None else rounding.same(one, other)


def reaches(value: float, bar: float) -> bool:
    """Whether a value is at least the bar, but for rounding: no sentence may hang on a last bit."""
    return bool(rounding.at_least(value, bar))


def covers(estimate: Estimate, value: float = 0.0) -> bool:
    """Whether a value lies in the interval, likewise; False where there is no interval."""
    low, high = estimate.low, estimate.high
    return low is not None and high is not None and reaches(value, low) and reaches(high, value)


def best_first(values: Sequence[float | None]) -> list[int]:
    """The places of the values, the greatest first; equals, and those without a value as if it were 0, stay in the
    order in which they stand."""
    level = rounding.levels([value or 0.0 for value in values])
    return sorted(range(len(values)), key=lambda index: -level[index])


def share(
    name: str, hits: ArrayLike, clusters: Clusters, *, empty: str = "no verdicts", n: int | None = None
) -> Estimate:
    """A share of observations, each 0 or 1 (or a split credit between), that belong to clusters. `n` is what is
    reported, where that is not the number of observations: two orders of one item are one item."""
    values = np.asarray(hits, dtype=np.float64)
    return _of_values(name, values, clusters, intervals.cluster_wilson, "Wilson on clustered SE", empty=empty, n=n)


def mean(name: str, values: NDArray[np.float64], clusters: Clusters, *, empty: str) -> Estimate:
    """A mean of anything else, a paired difference above all: t interval on the cluster-robust standard error."""
    return _of_values(name, values, clusters, intervals.t_interval, "t on clustered SE", empty=empty)


def _of_values(
    name: str,
    values: NDArray[np.float64],
    clusters: Clusters,
    interval: Callable[[ArrayLike, Clusters, float], intervals.Interval | None],
    method: str,
    *,
    empty: str,
    n: int | None = None,
) -> Estimate:
    if not values.size:
        return undefined(name, empty)
    value, n = rounding.mean(values), n or values.size
    if samples.keep(name, value, np.stack([values, np.ones_like(values)], axis=1), clusters, ratio):
        return Estimate(name=name, value=value, n=n)
    return with_interval(name, value, interval(values, clusters, LEVEL), n=n, clusters=clusters, method=method)


def of_counts(
    name: str,
    rows: NDArray[Any],
    clusters: Clusters,
    statistic: Statistic,
    *,
    reason: str = NO_GOLD,
    n: int | None = None,
) -> Estimate:
    """A statistic of summed counts: `rows` is (observations, *table), `statistic` maps (..., *table) to (...). Dividing
    by 0 in it is no warning: whatever is not finite is undefined."""
    n = len(rows) if n is None else n
    table = rows.shape[1:]

    def of_cells(cells: NDArray[np.float64]) -> NDArray[Any]:
        return statistic(cells.reshape(*cells.shape[:-1], *table))

    rows = rows.reshape(len(rows), math.prod(table))
    counts = intervals.cluster_sums(rows, clusters) if len(rows) else np.zeros(rows.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(of_cells(counts.sum(0)))
    if not np.isfinite(value):
        return undefined(name, reason, n=n)
    if samples.keep(name, value, rows, clusters, of_cells):
        return Estimate(name=name, value=value, n=n)
    drawn = intervals.bootstrap(
        counts, of_cells, rng=np.random.default_rng(SEED), resamples=RESAMPLES, level=LEVEL, method="bca"
    )
    interval = None if drawn.low is None or drawn.high is None else intervals.Interval(drawn.low, drawn.high)
    method = "cluster bootstrap (BCa)"
    if drawn.undefined > drawn.resamples / 100:
        method += f", {drawn.undefined:,} of {drawn.resamples:,} resamples undefined"
    return with_interval(name, value, interval, n=n, clusters=clusters, method=method)


def of_each(
    forms: Mapping[str, Statistic],
    rows: NDArray[Any],
    clusters: Clusters,
    *,
    reason: str = NO_GOLD,
    n: int | None = None,
) -> dict[str, Estimate]:
    """Several statistics of the same counts, by name."""
    return {name: of_counts(name, rows, clusters, form, reason=reason, n=n) for name, form in forms.items()}


def of_difference(difference: PairedDifference, *, n: int) -> Estimate:
    return Estimate(
        name="difference",
        value=difference.value,
        low=difference.low,
        high=difference.high,
        n=n,
        n_clusters=difference.clusters,
        method="t on clustered SE" if difference.low is not None else "none: the difference does not vary",
    )


def detectable(of: str, values: ArrayLike, clusters: Clusters, *, n: int) -> Estimate:
    """`<of>_mde`: the least true change of the mean `of` these that so many questions show with POWER, at 5 %."""
    error = intervals.cluster_se(values, clusters) if np.size(values) else None
    name = f"{of}_mde"
    if not error:
        return undefined(name, "the sample does not vary, or it is one question", n=n)
    value = power.minimum_detectable_effect(error, alpha=1 - LEVEL, power=POWER)
    method = f"{value / error:.2f} clustered SE, power {POWER:g}"
    return Estimate(name=name, value=value, n=n, n_clusters=len(np.unique(clusters)), method=method)


def ratio(cells: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of counts (..., 2): the first over the second, NaN for 0 / 0."""
    return cells[..., 0] / cells[..., 1]


def mean_of(statistics: Iterable[Statistic]) -> Statistic:
    """Of the same sums: the plain mean of several statistics."""
    each = list(statistics)
    return lambda cells: np.mean([statistic(cells) for statistic in each], axis=0)


def crossed(one: NDArray[Any], other: NDArray[Any], table: tuple[int, int]) -> NDArray[np.float64]:
    """(observations, *table): a 1 in the cell of each observation's two codes, which broadcast."""
    at = np.ravel_multi_index(np.broadcast_arrays(one, other), table)
    return np.eye(math.prod(table))[at.ravel()].reshape(-1, *table)


def with_interval(
    name: str, value: float, interval: intervals.Interval | None, *, n: int, clusters: Clusters, method: str
) -> Estimate:
    low, high = interval or (None, None)
    return Estimate(
        name=name,
        value=value,
        low=low,
        high=high,
        level=LEVEL,
        n=n,
        n_clusters=len(np.unique(clusters)),
        method=method if interval else "none: the sample does not vary, or it is one question",
    )
