"""Systems ranked by a judge and by people: win rates, Bradley-Terry, and how far two rankings agree.

A table of wins is (k, k): entry (i, j) says how often system i beat system j, a tie half for each. Rankings are one
score per system, more is better. Different lengths, other shapes and numbers that are not finite raise ValueError. A
dozen systems is a small sample: with fewer than ten give an interval over *questions* (`intervals.bootstrap` on each
question's table) and say so. Functions that end in ``_from_...`` take any number of tables or rankings at once, (...,
k, k) or (..., k), and return NaN where undefined: the form that the bootstrap calls.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from judgebench.stats import _arrays as arrays
from judgebench.stats import rounding
from judgebench.stats._arrays import Clusters, Floats
from judgebench.stats.intervals import cluster_sums

_ITERATIONS = 100
_CONVERGED = 1e-10


def win_rates(wins: ArrayLike) -> Floats:
    """Share of its games that each system won, ties half: tables (..., k, k) to (..., k). NaN without games.

    >>> win_rates([[0, 3], [1, 0]]).tolist()
    [0.75, 0.25]
    """
    tables = _wins(wins)
    return arrays.ratio(tables.sum(-1), (tables + np.swapaxes(tables, -1, -2)).sum(-1))


def bradley_terry(wins: ArrayLike, *, prior: float = 0.0) -> Floats | None:
    """Log-strengths of k systems, centred on 0: system i beats j with odds exp(strength i - strength j).

    `prior` adds that many wins of each system over each other one; 0.5 is a common choice. None when there is
    no prior and some group of systems never lost to (or never met) the rest: its strength would be infinite.
    Source: Bradley and Terry 1952; Ford 1957 for the condition.

    >>> bradley_terry([[0, 3], [1, 0]]).round(4).tolist()
    [0.5493, -0.5493]
    """
    from scipy.sparse.csgraph import connected_components

    table = _wins(wins)
    if table.ndim != 2:
        raise ValueError(f"wins has the shape {table.shape}; it must be (k, k)")
    if prior < 0:
        raise ValueError(f"prior is {prior}; it must not be negative")
    table = (table + prior) * (1 - np.eye(len(table)))
    # Only between systems that are joined by chains of wins both ways is there a strength.
    return _newton(table) if connected_components(table > 0, connection="strong")[0] == 1 else None


def elo(strengths: ArrayLike) -> Floats:
    """Log-strengths on Elo's scale: 400 points are odds of ten to one, the mean is 1000.

    >>> elo([0.5493, -0.5493]).round(1).tolist()
    [1095.4, 904.6]
    """
    return np.asarray(1000 + 400 / math.log(10) * np.asarray(strengths, dtype=np.float64))


def kendall_tau(a: ArrayLike, b: ArrayLike, *, variant: Literal["b", "c"] = "b") -> float | None:
    """Kendall's rank correlation, in [-1, 1]: (concordant - discordant pairs) over what ties leave possible.

    tau-b suits two scales of equal length, tau-c (Stuart's) scales of different length. Takes time in the square
    of the number of distinct pairs of values: thousands of systems, any number of ratings. None when either
    side does not vary. Source: Kendall 1945; Stuart 1953.

    >>> round(kendall_tau([4, 3, 2, 2, 1], [5, 4, 4, 3, 1]), 4)
    0.8889
    """
    x, y = rounding.snapped(arrays.flat(a, "a")), rounding.snapped(arrays.flat(b, "b"))
    arrays.equally_long(a=x, b=y)
    if variant not in ("b", "c"):
        raise ValueError(f"variant is {variant!r}; it must be 'b' or 'c'")
    n = len(x)
    cells, times = np.unique(np.stack([x, y]), axis=1, return_counts=True)
    balance, start = 0.0, 0
    for size in arrays.chunks(len(times), 32 * max(len(times), 1)):
        part, start = slice(start, start + size), start + size
        agreeing = np.sign(cells[0, part, None] - cells[0]) * np.sign(cells[1, part, None] - cells[1])
        balance += float(times[part] @ agreeing @ times) / 2
    groups = [np.unique(side, return_counts=True)[1] for side in (x, y)]
    if variant == "c":
        least = min(len(group) for group in groups)
        return 2 * balance * least / (n**2 * (least - 1)) if least > 1 else None
    pairs = n * (n - 1) // 2
    untied = [pairs - int((group * (group - 1)).sum()) // 2 for group in groups]
    return balance / math.sqrt(untied[0] * untied[1]) if min(untied) > 0 else None


def kendall_tau_from_scores(a: ArrayLike, b: ArrayLike) -> Floats:
    """tau-b of many rankings of a few systems: (..., k) and (..., k) to (...), NaN where undefined.

    >>> kendall_tau_from_scores([[1, 2, 3], [1, 1, 1]], [1, 3, 2]).round(4)
    array([0.3333,    nan])
    """
    left, right = (_signs(side) for side in (a, b))
    balance = (left * right).sum((-2, -1))
    return arrays.ratio(balance, np.sqrt((left**2).sum((-2, -1)) * (right**2).sum((-2, -1))))


def pairwise_accuracy(human: ArrayLike, judge: ArrayLike) -> float | None:
    """Share of all pairs of systems that both rankings put in the same order; a tie must meet a tie.

    None with fewer than two systems. Source: Kocmi et al. 2021.

    >>> pairwise_accuracy([61.2, 55.0, 48.3, 48.3, 30.1, 22.0], [70.5, 72.0, 50.0, 41.0, 41.0, 20.0])
    0.8
    """
    x, y = arrays.flat(human, "human"), arrays.flat(judge, "judge")
    arrays.equally_long(human=x, judge=y)
    return arrays.number(pairwise_accuracy_from_scores(x, y))


def pairwise_accuracy_from_scores(human: ArrayLike, judge: ArrayLike) -> Floats:
    """`pairwise_accuracy` of many rankings: (..., k) and (..., k) to (...). NaN with fewer than two systems.

    >>> pairwise_accuracy_from_scores([[1, 2, 3], [3, 2, 1]], [1, 3, 2]).round(4)
    array([0.6667, 0.3333])
    """
    left, right = (_signs(side) for side in (human, judge))
    k = left.shape[-1]
    complete = ~np.isnan(left * right).any((-2, -1))
    return arrays.ratio((left == right).sum((-2, -1)) - k, np.where(complete, k * (k - 1), 0))


def pairwise_p_values(
    scores: ArrayLike, clusters: Clusters | None = None, *, rng: np.random.Generator, resamples: int = 1000
) -> Floats:
    """One-sided p-values that row's system is better than column's: scores (systems, units) to (k, k).

    Paired permutation tests that exchange the two systems' scores on randomly chosen units (or clusters), the same for
    all pairs; 1 counts every exchange that is as good as what was seen. For the soft pairwise accuracy draw human and
    judge with generators in the same state. NaN on the diagonal. Raises TypeError for an `rng` that is no Generator.
    Source: compute_pairwise_p_values in google-research/mt-metrics-eval, pce.py.

    >>> p_values = pairwise_p_values([[1, 1, 1, 1, 1, 1, 0], [0, 0, 0, 0, 0, 0, 0]], rng=np.random.default_rng(0))
    >>> bool(p_values[0, 1] < 0.03), float(p_values[1, 0])
    (True, 1.0)
    """
    arrays.generator(rng)
    sums = cluster_sums(arrays.table(scores, "scores", "(systems, units)").T, clusters)
    total, k = sums.sum(0), sums.shape[1]
    if not len(sums):
        return np.full((k, k), np.nan)
    seen = total[:, None] - total[None, :]
    least = seen - 1e-9 * np.abs(sums).sum(0).max(initial=0.0)
    as_good = np.zeros((k, k))
    for size in arrays.chunks(resamples, 8 * (len(sums) + k * k)):
        drawn = (rng.integers(0, 2, size=(size, len(sums))) * 2.0 - 1) @ sums
        as_good += (drawn[:, :, None] - drawn[:, None, :] >= least).sum(0)
    np.fill_diagonal(as_good, np.nan)
    return as_good / resamples


def soft_pairwise_accuracy(human: ArrayLike, judge: ArrayLike) -> float | None:
    """1 - mean |difference of p-values| over pairs of systems, in [0, 1]: a close call misjudged costs little.

    `human` and `judge` are one-sided p-values: one per pair, or (k, k) as from `pairwise_p_values`, of which the
    upper triangle counts. None without pairs. Raises ValueError for p-values outside [0, 1].
    Source: Thompson et al. 2024 (arXiv 2409.09598).

    >>> round(soft_pairwise_accuracy([0.01, 0.2, 0.6], [0.05, 0.5, 0.4]), 4)
    0.82
    """
    sides = []
    for name, values in (("human", human), ("judge", judge)):
        p_values = np.asarray(values, dtype=np.float64)
        if p_values.ndim == 2 and p_values.shape[0] == p_values.shape[1]:
            p_values = p_values[np.triu_indices(len(p_values), 1)]
        sides.append(arrays.shares(p_values, name))
    arrays.equally_long(human=sides[0], judge=sides[1])
    return 1 - float(np.abs(sides[0] - sides[1]).mean()) if sides[0].size else None


def _newton(wins: Floats) -> Floats:
    """Maximum likelihood of a table (k, k) that has one; the sum of the strengths is held at 0."""
    games, strengths = wins + wins.T, np.zeros(len(wins))
    best = _likelihood(wins, strengths)
    for _ in range(_ITERATIONS):
        expected = 1 / (1 + np.exp(strengths[None, :] - strengths[:, None]))
        bend = -games * expected * (1 - expected)
        curve = bend - np.diag(bend.sum(1))
        # `curve` is singular along equal shifts of all strengths; adding that direction holds their sum.
        held = (np.abs(curve).max() or 1.0) / len(wins)
        step = np.linalg.solve(curve + held, (wins - games * expected).sum(1))
        while (reached := _likelihood(wins, strengths + step)) < best - 1e-9 * np.abs(best):
            step /= 2
        strengths, best = strengths + step, reached
        if np.abs(step).max() < _CONVERGED:
            break
    return np.asarray(strengths - strengths.mean())


def _likelihood(wins: Floats, strengths: Floats) -> float:
    return -float((wins * np.logaddexp(0, strengths[None, :] - strengths[:, None])).sum())


def _signs(scores: ArrayLike) -> Floats:
    values = np.asarray(scores, dtype=np.float64)
    if not values.ndim or np.isinf(values).any():
        raise ValueError(f"scores have the shape {values.shape}; they must be (..., k), finite or NaN")
    return rounding.side(values[..., :, None], values[..., None, :])


def _wins(wins: ArrayLike) -> Floats:
    tables = np.asarray(wins, dtype=np.float64)
    if tables.ndim < 2 or tables.shape[-1] != tables.shape[-2] or not tables.shape[-1]:
        raise ValueError(f"wins has the shape {tables.shape}; it must be (..., k, k)")
    if not np.isfinite(tables).all() or (tables < 0).any():
        raise ValueError("wins must be finite and not negative")
    return tables
