"""Many judges, one verdict: votes, and Dawid and Skene.

`votes` is (judges, units) of numbers that name labels (for preferences -1, 0, +1), NaN or None where a judge gave none.
Judges of one family make the same mistakes, which voting does not cure and Dawid and Skene's model takes for agreement:
`judgebench analyze panel` says how many independent judges they are worth. Other shapes and options raise ValueError.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from judgebench.stats import _arrays as arrays
from judgebench.stats import rounding
from judgebench.stats._arrays import Floats

# A judge never seen to confuse two labels still may; and a share of 0 has no logarithm.
_LEAST_SHARE = 1e-10


class DawidSkene(NamedTuple):
    """The fitted model; labels (k,) in rising order.

    posterior: probability of each label, (units, k), NaN for a unit without votes; label: the most probable,
    (units,), NaN where two are equally so; prior: (k,); confusion: P(judge says column | truth is row),
    (judges, k, k), NaN for a judge without votes; accuracy: the prior's mean of its diagonal, (judges,).
    """

    labels: Floats
    posterior: Floats
    label: Floats
    prior: Floats
    confusion: Floats
    accuracy: Floats
    log_likelihood: float
    iterations: int
    converged: bool


def majority(votes: ArrayLike, weights: ArrayLike | None = None) -> Floats:
    """The label with the most votes, (units,); NaN (abstain) where several have as many, or nobody voted.

    Judges count equally or by `weights` (judges,), none negative. Never a coin: give an abstention half credit or drop
    it, and say which.

    >>> majority([[1, 0, 1], [1, 1, 1], [-1, -1, None]]).tolist()
    [1.0, nan, 1.0]
    """
    labels, one_hot = _one_hot(votes)
    each = np.ones(len(one_hot)) if weights is None else arrays.flat(weights, "weights")
    if len(each) != len(one_hot) or (each < 0).any():
        raise ValueError(f"weights must be {len(one_hot)} numbers, one per judge, none negative")
    tallies = np.einsum("j,juk->uk", each, one_hot)
    return _most(labels, arrays.ratio(tallies, tallies.sum(1, keepdims=True)))


def log_odds_weights(right: ArrayLike, n: ArrayLike, *, labels: int = 2) -> Floats:
    """Vote weights (judges,) from how many of n units each judge got right: ln(a (k - 1) / (1 - a)), at least 0.

    The best weights when judges err independently and evenly over the other k - 1 labels. Accuracies are drawn
    half a unit to the middle, so that a perfect record is not infinite; a judge below chance gets 0.
    Source: Nitzan and Paroush 1982.

    >>> log_odds_weights([90, 50, 40], 100).round(3).tolist()
    [2.154, 0.0, 0.0]
    """
    hits, total = np.broadcast_arrays(np.asarray(right, dtype=np.float64), np.asarray(n, dtype=np.float64))
    if (hits < 0).any() or (hits > total).any() or labels < 2:
        raise ValueError("right must lie between 0 and n, and there must be at least two labels")
    return np.asarray(np.maximum(0.0, np.log((hits + 0.5) * (labels - 1) / (total - hits + 0.5))))


def dawid_skene(
    votes: ArrayLike, *, smoothing: float = 0.0, max_iterations: int = 1000, tolerance: float = 1e-10
) -> DawidSkene | None:
    """True labels and every judge's confusion matrix together, by expectation and maximisation.

    Starts from the vote shares and stops when the log-likelihood of a unit gains less than `tolerance`. `smoothing`,
    not negative, adds that many votes to every cell of every confusion matrix. It assumes that judges err independently
    given the truth, which models of one family do not. None when nobody voted. Source: Dawid and Skene 1979.

    >>> result = dawid_skene([[0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 1]])
    >>> result.label.tolist(), result.accuracy.round(2).tolist()
    ([0.0, 0.0, 1.0, 1.0, 1.0], [1.0, 0.8, 0.6])
    """
    if smoothing < 0 or max_iterations < 1:
        raise ValueError(f"smoothing is {smoothing} and max_iterations {max_iterations}; at least 0 and 1")
    labels, one_hot = _one_hot(votes)
    voted = one_hot.any((0, 2))
    if not voted.any():
        return None
    judges, units, k = one_hot[:, voted].shape
    table = np.ascontiguousarray(one_hot[:, voted].transpose(1, 0, 2)).reshape(units, judges * k)
    share = table.reshape(units, judges, k).sum(1)
    posterior = share / share.sum(1, keepdims=True)
    before, iteration, converged = -math.inf, 0, False
    while iteration < max_iterations and not converged:
        iteration += 1
        prior = posterior.mean(0)
        counts = (posterior.T @ table).reshape(k, judges, k).transpose(1, 0, 2) + smoothing
        confusion = arrays.ratio(counts, counts.sum(2, keepdims=True))
        logs = np.log(np.maximum(np.nan_to_num(confusion), _LEAST_SHARE)).transpose(0, 2, 1).reshape(judges * k, k)
        joint = table @ logs + np.log(np.maximum(prior, _LEAST_SHARE))
        top = joint.max(1, keepdims=True)
        evidence = np.exp(joint - top)
        total = evidence.sum(1, keepdims=True)
        posterior = evidence / total
        likelihood = float((np.log(total) + top).sum())
        converged, before = likelihood - before < tolerance * units, likelihood
    full = np.full((one_hot.shape[1], k), np.nan)
    full[voted] = posterior
    silent = ~one_hot.any((1, 2))
    confusion[silent] = np.nan
    accuracy = np.einsum("k,jkk->j", prior, np.where(np.isnan(confusion), 0, confusion))
    accuracy[silent] = np.nan
    return DawidSkene(labels, full, _most(labels, full), prior, confusion, accuracy, before, iteration, converged)


def _most(labels: Floats, shares: Floats) -> Floats:
    if not labels.size:
        return np.full(len(shares), np.nan)
    first = rounding.at_top(shares)
    return np.where(first.sum(1) == 1, labels[first.argmax(1)], np.nan)


def _one_hot(votes: ArrayLike) -> tuple[Floats, Floats]:
    """The distinct labels, and (judges, units, k) of 0 and 1."""
    matrix = arrays.table(votes, "votes", "(judges, units)", missing=True)
    labels = np.unique(matrix[~np.isnan(matrix)])
    return labels, (matrix[:, :, None] == labels).astype(np.float64)
