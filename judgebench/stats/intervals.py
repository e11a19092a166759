"""Standard errors and intervals, clustered by question.

Items that share a question are not independent: on PandaLM's test set 999 items come from 170 questions and
the standard error of an accuracy is half as large again as the one that takes the items for independent. Pass
`clusters`, one label per score, wherever there are any. As many labels as scores, finite scores and a level in (0, 1)
are needed; anything else raises ValueError.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Iterator
from statistics import NormalDist
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from judgebench.stats import _arrays as arrays
from judgebench.stats import rounding
from judgebench.stats._arrays import Clusters, Floats

Statistic = Callable[[Floats], NDArray[Any]]

_NORMAL = NormalDist()
_KEPT_BYTES = 16_000_000
# A multinomial draw costs, for each distinct row, what it costs to pick ten clusters. The law is the same.
_GROUPING_PAYS = 10
# From there on fewer than one resample in six lies on one side of the estimate.
_MOST_BIAS = 1.0
# Where the rarer outcome sits in the equivalent of fewer clusters, their dependence cannot be estimated.
_RARE_CLUSTERS = 10


class Interval(NamedTuple):
    """Two ends, in the units of what was estimated."""

    low: float
    high: float


class BootstrapInterval(NamedTuple):
    """Two ends (None when undefined), the resamples drawn, and how many of them had no value."""

    low: float | None
    high: float | None
    resamples: int
    undefined: int


def wilson(successes: float, n: float, level: float = 0.95) -> Interval | None:
    """Wilson's score interval of successes / n, independent trials; half credits may make it fractional.

    None when n is 0. Raises ValueError unless 0 <= successes <= n. Source: Wilson 1927.

    >>> [round(end, 4) for end in wilson(0, 10)]
    [0.0, 0.2775]
    """
    arrays.inside(level, "level")
    if not 0 <= successes <= n:
        raise ValueError(f"successes is {successes} of n = {n}; it must lie between 0 and n")
    return _score_interval(float(successes / n), float(n), _NORMAL.inv_cdf((1 + level) / 2)) if n else None


def clopper_pearson(successes: int, n: int, level: float = 0.95) -> Interval | None:
    """Exact interval of successes / n, independent trials: covers at least `level`, usually more.

    None when n is 0. Raises ValueError unless both are whole and 0 <= successes <= n. Source: Clopper and Pearson 1934.

    >>> [round(end, 4) for end in clopper_pearson(0, 10)]
    [0.0, 0.3085]
    """
    from scipy.special import betaincinv

    arrays.inside(level, "level")
    if not 0 <= successes <= n or successes != int(successes) or n != int(n):
        raise ValueError(f"successes is {successes} of n = {n}; both must be whole, 0 <= successes <= n")
    if n == 0:
        return None
    tail = (1 - level) / 2
    low = float(betaincinv(successes, n - successes + 1, tail)) if successes else 0.0
    high = float(betaincinv(successes + 1, n - successes, 1 - tail)) if successes < n else 1.0
    return Interval(low, high)


def cluster_wilson(scores: ArrayLike, clusters: Clusters | None = None, level: float = 0.95) -> Interval | None:
    """Wilson's interval of a mean of scores in [0, 1], with as many trials as the clustered scores are worth.

    The trials are n / deff, where deff = (cluster SE / independent SE)^2 and at least 1; the quantile is
    Student's with n^2 / sum n_g^2 - 1 degrees of freedom: G - 1 when clusters are of one size (and at least 1).
    Where the rarer outcome sits in few clusters the sample cannot show deff, and the trials are at most the G
    clusters, as if each were one observation: with r_g the sum of the rarer outcome in cluster g, few means
    (sum r_g)^2 / sum r_g^2 < 10, or no such outcome at all. None with fewer than two clusters. Raises ValueError for
    scores outside [0, 1]. Source: Korn and Graubard 1998 for an effective sample size in a binomial interval, Kish 1965
    for the effective number of clusters; the rule for few clusters is checked by simulation (docs/intervals.md).

    >>> [round(end, 3) for end in cluster_wilson([1, 1, 1, 0, 0, 0, 1, 1, 0, 0], clusters="aabbccddee")]
    [0.111, 0.889]
    >>> [round(end, 3) for end in cluster_wilson([1, 1, 1, 1, 1, 1], clusters="aabbcc")]
    [0.139, 1.0]
    """
    arrays.inside(level, "level")
    values = arrays.flat(scores, "scores")
    if values.size and not rounding.at_least([values.min(), 1], [0, values.max()]).all():
        raise ValueError(f"scores reach from {values.min():g} to {values.max():g}; they must lie in [0, 1]")
    values = np.clip(values, 0, 1)
    totals, sizes, se = _clustered(values, clusters)
    if se is None:
        return None
    mean, spread = float(values.mean()), float(values.std(ddof=1))
    trials = values.size / (max(1.0, se**2 * values.size / spread**2) if spread > rounding.NO_SPREAD else 1.0)
    rarer = rounding.difference(*((totals, 0) if rounding.above(0.5, mean) else (sizes, totals)))
    if rounding.above(_RARE_CLUSTERS, _effective(rarer)):
        trials = min(trials, float(len(sizes)))
    return _score_interval(mean, trials, arrays.t_quantile(max(1.0, _effective(sizes) - 1), level))


def cluster_se(scores: ArrayLike, clusters: Clusters | None = None) -> float | None:
    """Standard error of the mean of `scores`, robust to any dependence within clusters.

    The square root of G / (G - 1) sum_g (sum_{i in g} (s_i - mean))^2 / n^2; without clusters each score is
    one. For two judges on the same items pass the differences. 0 where only rounding varies. None with fewer than
    two clusters. Source: Miller 2024 (arXiv 2411.00640), with the usual factor G / (G - 1).

    >>> round(cluster_se([1, 1, 0, 1, 0, 0, 1, 1, 1, 0], [0, 0, 0, 1, 1, 2, 2, 3, 3, 3]), 6)
    0.046188
    >>> round(cluster_se([1, 1, 0, 1, 0, 0, 1, 1, 1, 0]), 6)
    0.163299
    """
    return _clustered(arrays.flat(scores, "scores"), clusters)[2]


def t_interval(scores: ArrayLike, clusters: Clusters | None = None, level: float = 0.95) -> Interval | None:
    """Mean of `scores` plus and minus Student's t with G - 1 degrees of freedom times `cluster_se`.

    None with fewer than two clusters, or when the standard error is 0: a sample that does not vary says nothing
    about its spread (for scores in [0, 1] `cluster_wilson` still can). Source: as `cluster_se`.

    >>> [round(end, 4) for end in t_interval([0.1, 0.3, 0.2, 0.4])]
    [0.0446, 0.4554]
    """
    arrays.inside(level, "level")
    values = arrays.flat(scores, "scores")
    totals, _, se = _clustered(values, clusters)
    if not se:
        return None
    mean, margin = float(values.mean()), arrays.t_quantile(len(totals) - 1, level) * se
    return Interval(mean - margin, mean + margin)


def cluster_codes(clusters: Clusters | None, n: int) -> NDArray[np.intp]:
    """Number the clusters of n rows from 0 in the order in which they first appear, shape (n,).

    Without clusters each row is one.

    >>> cluster_codes(["q7", "q2", "q7"], 3).tolist()
    [0, 1, 0]
    """
    if clusters is None:
        return np.arange(n)
    listed = arrays.labels(clusters, "clusters")
    if len(listed) != n:
        raise ValueError(f"clusters has {len(listed)} labels for {n} rows; each row needs one")
    index: dict[Hashable, int] = {}
    return np.array([index.setdefault(cluster, len(index)) for cluster in listed], dtype=np.intp)


def cluster_sums(rows: ArrayLike, clusters: Clusters | None) -> Floats:
    """Sums of `rows` (n, ...) within clusters, shape (G, ...), clusters in order of first appearance.

    It turns one row of counts per item into the one row per question that `bootstrap` resamples; without clusters
    the rows stay as they are.

    >>> cluster_sums([[1, 0], [0, 1], [1, 0]], ["q1", "q2", "q1"])
    array([[2., 0.],
           [0., 1.]])
    """
    values = np.asarray(rows, dtype=np.float64)
    if values.ndim == 0:
        raise ValueError("rows is a single number; it must have the shape (n, ...)")
    if clusters is None:
        return values
    codes = cluster_codes(clusters, len(values))
    sums = np.zeros((int(codes.max(initial=-1)) + 1, *values.shape[1:]))
    np.add.at(sums, codes, values)
    return sums


def bootstrap(
    counts: ArrayLike,
    statistic: Statistic,
    *,
    rng: np.random.Generator,
    resamples: int = 10_000,
    level: float = 0.95,
    method: Literal["percentile", "bca"] = "percentile",
) -> BootstrapInterval:
    """Bootstrap interval of a statistic of summed counts, resampling clusters.

    `counts` is (clusters, cells), one row per question, or (cells,) for independent observations that fall into one
    cell each. `statistic` maps count tables (..., cells) to values (...), NaN where undefined. A resample is a draw
    over the distinct rows, and one matrix product makes the tables of all resamples, in chunks of at most about 64 MB.
    The same state of `rng` gives the same interval, whatever the order of the rows.

    The tails are Phi(-sqrt(G / (G - 1)) t) with Student's quantile t of G - 1 degrees of freedom, not those of `level`
    itself: of ten clusters the plain bootstrap makes intervals a tenth too short, of a thousand the two are the same.

    BCa is percentile where fewer than one resample in six lies on one side of the estimate: at the edge of what is
    possible, as the AC1 of a judge that always says the same is, the correction would fold the interval up.

    Both ends are None with fewer than two clusters, when the statistic of the sample itself is undefined, and when all
    resamples agree: a sample that cannot vary says nothing about its spread (for a proportion `cluster_wilson` still
    can). Resamples without a value are dropped and counted in `undefined`; more than one in a hundred deserves a word.
    Raises ValueError for other shapes and counts that are not finite, TypeError for an `rng` that is no Generator.
    Source: Efron 1987 for BCa, its acceleration from the jackknife over clusters; Hesterberg 2015 (The American
    Statistician 69) for the wider tails.

    >>> def share_equal(cells):
    ...     return (cells[..., 0] + cells[..., 3]) / cells.sum(-1)
    >>> bootstrap([40, 5, 5, 50], share_equal, rng=np.random.default_rng(1))
    BootstrapInterval(low=0.84, high=0.96, resamples=10000, undefined=0)
    """
    arrays.inside(level, "level")
    arrays.generator(rng)
    if method not in ("percentile", "bca"):
        raise ValueError(f"method is {method!r}; it must be 'percentile' or 'bca'")
    if resamples < 1:
        raise ValueError(f"resamples is {resamples}; it must be at least 1")
    patterns, weights = _patterns(np.asarray(counts, dtype=np.float64))
    nothing = BootstrapInterval(None, None, resamples, 0)
    clusters = int(weights.sum())
    if clusters < 2:
        return nothing
    total = weights @ patterns
    estimate = float(_evaluate(statistic, total[None, :])[0])
    if not math.isfinite(estimate):
        return nothing
    values = np.concatenate([_evaluate(statistic, tables) for tables in _drawn(patterns, weights, rng, resamples)])
    defined = values[np.isfinite(values)]
    undefined = resamples - defined.size
    low = high = None
    if defined.size and np.ptp(defined) > rounding.NO_SPREAD * float(np.abs(defined).max()):
        reach = math.sqrt(clusters / (clusters - 1)) * arrays.t_quantile(clusters - 1, level)
        bias = acceleration = 0.0
        if method == "bca":
            bias = _bias(estimate, defined)
            acceleration = _acceleration(_evaluate(statistic, total - patterns), weights)
        low, high = (float(end) for end in np.quantile(defined, _tails(reach, bias, acceleration)))
    return BootstrapInterval(low, high, resamples, undefined)


def _patterns(counts: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """The distinct rows, in a fixed order, and how many clusters have each."""
    if counts.ndim not in (1, 2) or not counts.shape[-1] or not np.isfinite(counts).all():
        wanted = "finite, (clusters, cells) or (cells,), with at least one cell"
        raise ValueError(f"counts has the shape {counts.shape}; it must be {wanted}")
    if counts.ndim == 1:
        if (counts < 0).any() or (counts != np.floor(counts)).any():
            raise ValueError("counts of the shape (cells,) must be whole numbers that are not negative")
        rows, times = np.eye(len(counts))[counts > 0], counts[counts > 0].astype(np.int64)
    else:
        counts = np.stack([rounding.snapped(column) for column in counts.T], axis=1)  # a third has several last bits
        # Comparing rows as bytes is ten times faster than np.unique(axis=0); adding 0 turns -0.0 into 0.0.
        packed = np.ascontiguousarray(counts + 0.0)
        keys = packed.view(np.dtype((np.void, packed.itemsize * packed.shape[1]))).ravel()
        _, first, times = np.unique(keys, return_index=True, return_counts=True)
        rows = packed[first]
    order = np.lexsort(rows.T[::-1])
    return rows[order], times[order].astype(np.int64)


_last: list[tuple[object, list[Floats], Any]] = []
"""The tables drawn last, after what they are drawn from and before the state in which that left the generator."""


def _drawn(patterns: Floats, weights: NDArray[np.int64], rng: np.random.Generator, resamples: int) -> Iterable[Floats]:
    """The tables of all resamples, in pieces. Several statistics of the same counts are common (P, R and F1; kappa and
    its kin), and drawing is what takes time: from the same state of `rng` the same tables come from memory."""
    generator = rng.bit_generator
    if 8 * resamples * patterns.shape[1] > _KEPT_BYTES or not isinstance(generator, np.random.PCG64):
        return _draw(patterns, weights, rng, resamples)
    made_from = (patterns.tobytes(), patterns.shape, weights.tobytes(), resamples, str(generator.state))
    last: tuple[object, list[Floats], Any] = _last[0] if _last else (None, [], None)
    if last[0] != made_from:
        last = (made_from, list(_draw(patterns, weights, rng, resamples)), generator.state)
        _last[:] = [last]
    _, tables, generator.state = last
    return (table.copy() for table in tables)  # what a statistic does to them is its own affair


def _draw(patterns: Floats, weights: NDArray[np.int64], rng: np.random.Generator, resamples: int) -> Iterator[Floats]:
    clusters, kinds = int(weights.sum()), len(weights)
    grouped = clusters > _GROUPING_PAYS * kinds
    # Per resample: what is drawn, how often each pattern (whole and as floats), its table and copies of that.
    held = (0 if grouped else 2 * clusters) + 2 * kinds + 4 * patterns.shape[1]
    owner = np.repeat(np.arange(kinds), weights)
    for size in arrays.chunks(resamples, 8 * held):
        if grouped:
            draws = rng.multinomial(clusters, weights / clusters, size=size)
        else:
            picks = owner[rng.integers(0, clusters, size=(size, clusters))]
            picks += np.arange(0, size * kinds, kinds)[:, None]
            draws = np.bincount(picks.ravel(), minlength=size * kinds).reshape(size, kinds)
        yield draws.astype(np.float64) @ patterns


def _evaluate(statistic: Statistic, tables: Floats) -> Floats:
    # A resample without, say, a positive case is expected: its 0 / 0 is an undefined value, not a warning.
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.asarray(statistic(tables), dtype=np.float64)
    if values.shape != tables.shape[:-1]:
        made = f"statistic made {values.shape} of tables {tables.shape}"
        raise ValueError(f"{made}; it must give one value per table, {tables.shape[:-1]}")
    return values


def _bias(estimate: float, values: Floats) -> float:
    """How far the middle of the resamples lies from the estimate, in standard normal deviations; infinite where all
    lie on one side. Of few clusters many resamples are equal to the estimate, and count half."""
    below = float(rounding.above(estimate, values).mean() + rounding.at_least(estimate, values).mean()) / 2
    return _NORMAL.inv_cdf(below) if 0 < below < 1 else math.inf


def _acceleration(left_out: Floats, weights: NDArray[np.int64]) -> float:
    """Of the jackknife values, one for each distinct cluster, of which there are `weights`."""
    defined = np.isfinite(left_out)
    times, jackknife = weights[defined], left_out[defined]
    pull = (times @ jackknife / times.sum() - jackknife) if times.size else jackknife
    most = float(np.abs(pull).max(initial=0.0))
    if most <= rounding.NO_SPREAD * np.abs(jackknife).max(initial=0.0):
        return 0.0
    pull = pull / most  # whose squares are then neither 0 nor infinite
    return float(times @ pull**3) / (6 * math.sqrt(float(times @ pull**2)) ** 3)


def _tails(reach: float, bias: float, acceleration: float) -> tuple[float, float]:
    """The quantiles to take: those of plus and minus `reach`, corrected where the correction can be trusted."""
    shifted = np.array([bias - reach, bias + reach])
    stretch = 1 - acceleration * shifted
    if abs(bias) > _MOST_BIAS or stretch.min() <= 0:
        return _NORMAL.cdf(-reach), _NORMAL.cdf(reach)
    low, high = bias + shifted / stretch
    return _NORMAL.cdf(low), _NORMAL.cdf(high)


def _score_interval(share: float, trials: float, quantile: float) -> Interval:
    penalty = quantile**2 / trials
    centre = (share + penalty / 2) / (1 + penalty)
    margin = math.sqrt(penalty * (share * (1 - share) + penalty / 4)) / (1 + penalty)
    # At the edges the formula gives exactly 0 and 1; rounding would not.
    low = 0.0 if rounding.same(share, 0) else max(0.0, centre - margin)
    high = 1.0 if rounding.same(share, 1) else min(1.0, centre + margin)
    return Interval(low, high)


def _effective(sums: Floats) -> float:
    """Kish's effective number of clusters: how many of equal sums would be worth as much; 0 when all are 0."""
    squares = float(sums @ sums)
    return float(sums.sum()) ** 2 / squares if squares > 0 else 0.0


def _clustered(values: Floats, clusters: Clusters | None) -> tuple[Floats, Floats, float | None]:
    """The sum and the number of the scores of each cluster, and the standard error of their mean."""
    totals, sizes = cluster_sums(np.stack([values, np.ones_like(values)], axis=1), clusters).T
    groups, n = len(totals), float(sizes.sum())
    if groups < 2:
        return totals, sizes, None
    residuals = totals - sizes * (totals.sum() / n)
    error = math.sqrt(groups / (groups - 1) * float(residuals @ residuals)) / n
    return totals, sizes, error if error > rounding.NO_SPREAD * float(np.abs(values).max()) else 0.0
