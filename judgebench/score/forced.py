"""Forced verdicts are probabilities: how much their options had of all that the judge might have said (the mass), one
verdict of both orders, and what follows the word and not its meaning where the words are exchanged (the placebo)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar, cast

import numpy as np

from judgebench.score import estimates, sets
from judgebench.score.arrays import Floats, ItemArrays
from judgebench.score.pairs import Pairs, codes
from judgebench.score.scored import Scored
from judgebench.stats import rounding
from judgebench.types import Estimate

HALF = 0.5
"""Of a lower mass, the judge would rather have said something else."""
A = TypeVar("A", bound=Pairs | Scored)
_MEANT = "not asked: the labels have meanings of their own; -J words=letters makes it possible"


def compute(arrays: Pairs | Scored, exchanged: Pairs | Scored | None, *, own_names: bool) -> dict[str, Estimate]:
    """`exchanged` are the answers with the words exchanged, where there are any; `own_names`: labels go by theirs."""
    if np.isnan(arrays.ties).all():
        return _mass(arrays)
    placebo = estimates.undefined("placebo", _MEANT if own_names else "not asked")
    if exchanged is not None:
        placebo = _placebo(arrays, exchanged)
    if isinstance(arrays, Scored) and arrays.question.labels:
        return _mass(arrays) | {"placebo": placebo}
    combination = estimates.undefined("agreement_combined", "needs both orders; the run has one")
    if (once := combined(arrays)) is not None:
        judged = once.with_gold
        hits = judged.hits.ravel() if isinstance(judged, Pairs) else judged.flat(sets.credit(judged))
        name, empty = combination.name, estimates.NO_GOLD
        combination = estimates.share(name, hits, judged.per_trial, empty=empty, n=len(judged))
    return _mass(arrays) | estimates.by_name(placebo, combination)


def combined(arrays: A, *, log_odds: bool = False) -> A | None:
    """As if the judge had been asked about each item in one order: the mean of the probabilities that the options have
    in both, or of their log-odds, decides. An item that lacks one is a failure. None where there are no two orders of
    forced verdicts."""
    if arrays.orders != "both" or arrays.verdicts.shape[1] < 2 or np.isnan(arrays.ties).all():
        return None
    if isinstance(arrays, Scored):
        arrays = arrays.where(np.asarray(arrays.asked.all(1)))
    likely = _options(arrays)
    with np.errstate(divide="ignore"):
        mean = np.exp(np.log(likely).mean(1, keepdims=True)) if log_odds else likely.mean(1, keepdims=True)
    total = np.nansum(mean, -1, keepdims=True)
    mean = mean / np.where(total == 0, 1, total)  # 0: what one order is certain of, the other rules out
    each, tie, mass = mean[..., :-1], mean[..., -1], arrays.mass.mean(1, keepdims=True)
    best = np.nan_to_num(each, nan=-1.0).max(-1)
    tied, shared = rounding.above(tie, best), each + (tie / _counts(each))[..., None]
    # Of a verdict without a mass nobody knows how sure it is.
    sure = np.where(np.isnan(mass), np.nan, np.maximum(best, tie))
    made = replace(cast("Any", arrays), orders="single", scores=shared, ties=tie, mass=mass, confidence=sure)
    if isinstance(arrays, Scored):
        said = np.where(tied[..., None] & ~np.isnan(each), 1.0, each)
        return replace(made, verdicts=said, asked=arrays.asked[:, :1], grades=arrays.grades[:, :1])
    lean = np.where(tied, 0.0, rounding.side(each[..., 0], each[..., 1]))
    return replace(made, verdicts=codes(np.where(np.isnan(tie), np.nan, lean)))


def _placebo(arrays: ItemArrays, exchanged: ItemArrays) -> Estimate:
    """Of each trial that was asked both ways, with p and q the probabilities of the options: W is the sum over words of
    min(p, q), M that over what they mean, and the number is W / (W + M). The words were handed out from the other end,
    so that the word of the first option was that of the last one."""
    one, other = _options(arrays), _options(exchanged)
    each, again, tie = one[..., :-1], other[..., :-1], np.minimum(one[..., -1], other[..., -1])
    last = np.maximum(_counts(each)[..., None] - 1 - np.arange(each.shape[-1]), 0).astype(np.intp)
    meaning = np.nansum(np.minimum(each, again), -1) + tie
    word = np.nansum(np.minimum(each, np.take_along_axis(again, last, -1)), -1) + tie
    with np.errstate(invalid="ignore"):
        share = word / (word + meaning)
    known = np.isfinite(share)
    clusters = np.broadcast_to(arrays.clusters[:, None, None], known.shape)[known]
    return estimates.share("placebo", share[known], clusters, empty="no trial has a verdict both ways")


def _options(arrays: ItemArrays) -> Floats:
    """(items, orders, samples, numbers + 1): how likely each response or label is, and, last, a tie; NaN where there is
    no such option, or the verdict is not forced."""
    each = arrays.scores - (arrays.ties / _counts(arrays.scores))[..., None]
    return np.concatenate([each.clip(0), arrays.ties[..., None]], axis=-1)


def _counts(numbers: Floats) -> Floats:
    """(...) of (..., numbers): how many there are, 1 where there are none."""
    return np.maximum((~np.isnan(numbers)).sum(-1), 1).astype(np.float64)


def _mass(arrays: ItemArrays) -> dict[str, Estimate]:
    """Over the verdicts that have one; nothing where none has."""
    known = np.isfinite(arrays.mass)
    if not known.any():
        return {}
    masses, clusters = arrays.mass[known], np.broadcast_to(arrays.clusters[:, None, None], known.shape)[known]
    below = ~rounding.at_least(masses, HALF)
    to_the_hundredth = np.eye(101)[np.rint(100 * masses.clip(0, 1)).astype(int)]
    return estimates.by_name(
        estimates.share("label_mass", masses, clusters),
        estimates.of_counts("label_mass_median", to_the_hundredth, clusters, _median),
        estimates.share("low_label_mass", below, clusters),
    )


def _median(counts: Floats) -> Floats:
    """Of counts of 0, .01, ... 1, (..., 101): the least that half of them do not exceed."""
    reached = 2 * counts.cumsum(-1) >= counts.sum(-1, keepdims=True)
    return np.asarray(reached.argmax(-1) / 100, dtype=np.float64)
