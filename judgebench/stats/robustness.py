"""Probes: what a judge does when something changes that should not matter, and when it judges itself.

All verdicts are on the axis -1 (first response), 0 (tie), +1 (second), in the item's order, NaN or None where
the judge failed. A judge changes its mind on a rerun too, so a changed verdict is charged to the perturbation
only beyond what a *rerun* of the same trial and a *placebo* (a neutral change of the same size) do. Other verdicts,
different lengths and levels outside (0, 1) raise ValueError.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from judgebench.stats import _arrays as arrays
from judgebench.stats._arrays import Clusters
from judgebench.stats.compare import PairedDifference, paired_difference
from judgebench.stats.intervals import cluster_codes


class Robustness(NamedTuple):
    """Shares of unchanged verdicts in [0, 1], on units without a failure in any run, and paired differences.

    perturbed: CALM's robustness rate; rerun: its consistency rate; placebo: the same for the placebo.
    beyond_rerun: rerun - perturbed, the effect of the perturbation; beyond_placebo: placebo - perturbed, the
    effect of its content. failed: units left out because a run failed on them.
    """

    perturbed: float
    rerun: float
    placebo: float | None
    beyond_rerun: PairedDifference | None
    beyond_placebo: PairedDifference | None
    units: int
    failed: int


class SelfPreference(NamedTuple):
    """How often the judge picks its own response beyond people, another judge likewise, and the difference.

    Ties are half. On the same pairs people drop out of the difference of the two: it is the judge's rate of own
    picks minus the reference judge's.
    """

    judge: PairedDifference
    reference: PairedDifference
    difference: PairedDifference


def robustness(
    original: ArrayLike,
    rerun: ArrayLike,
    perturbed: ArrayLike,
    placebo: ArrayLike | None = None,
    clusters: Clusters | None = None,
    *,
    level: float = 0.95,
) -> Robustness | None:
    """How much more often a perturbation changes the verdict than a rerun does, paired, with clustered intervals.

    `rerun` is the original trial asked again. None when no unit has all verdicts.
    Source: RR and CR of CALM (Ye et al. 2024, arXiv 2410.02736); the differences are ours.

    >>> result = robustness([-1, 1, 1, -1], [-1, 1, 1, 1], [1, -1, 1, 1])
    >>> result.perturbed, result.rerun, result.beyond_rerun.value
    (0.25, 0.75, 0.5)
    """
    runs = {"original": original, "rerun": rerun, "perturbed": perturbed}
    if placebo is not None:
        runs["placebo"] = placebo
    verdicts = {name: arrays.preferences(values, name) for name, values in runs.items()}
    arrays.equally_long(**verdicts)
    kept = np.asarray(~np.isnan(np.stack(list(verdicts.values()))).any(0), dtype=np.bool_)
    if not kept.any():
        return None
    groups = cluster_codes(clusters, len(kept))[kept]
    same = {name: (values == verdicts["original"])[kept].astype(np.float64) for name, values in verdicts.items()}
    neutral = same.get("placebo")
    return Robustness(
        perturbed=float(same["perturbed"].mean()),
        rerun=float(same["rerun"].mean()),
        placebo=None if neutral is None else float(neutral.mean()),
        beyond_rerun=paired_difference(same["rerun"], same["perturbed"], groups, level=level),
        beyond_placebo=None if neutral is None else paired_difference(neutral, same["perturbed"], groups, level=level),
        units=int(kept.sum()),
        failed=int((~kept).sum()),
    )


def self_preference(
    judge: ArrayLike,
    people: ArrayLike,
    reference: ArrayLike,
    own: ArrayLike,
    clusters: Clusters | None = None,
    *,
    level: float = 0.95,
) -> SelfPreference | None:
    """Does a judge favour its own responses? Its own picks beyond people's, less those of a reference judge.

    `own` is -1 or +1: which response the judge's model wrote. `people` lies in [-1, 1] (a majority or a mean of votes),
    or ValueError. Without people it cannot be told from the responses' quality; without a reference judge, from what
    machines like and people do not. Units where any of the three is missing take no part. None with fewer than two
    clusters left. Source: the idea is in Panickssery et al. 2024 (arXiv 2404.13076); the rest is ours.

    >>> result = self_preference([-1, -1, 1, -1], [-1, 1, 1, 1], [-1, 1, 1, -1], own=[-1, -1, 1, -1])
    >>> result.judge.value, result.reference.value, result.difference.value
    (0.5, 0.25, 0.25)
    """
    picks, others = arrays.preferences(judge, "judge"), arrays.preferences(reference, "reference")
    taste, side = arrays.flat(people, "people", missing=True), arrays.preferences(own, "own")
    arrays.equally_long(judge=picks, people=taste, reference=others, own=side)
    if not (np.abs(side) == 1).all():
        raise ValueError("own must hold -1 and 1 only")
    if (np.abs(taste) > 1).any():
        raise ValueError("people must lie in [-1, 1]")
    kept = ~np.isnan(picks + taste + others)
    groups = cluster_codes(clusters, len(kept))[kept]
    mine, theirs, humans = ((1 + verdicts[kept] * side[kept]) / 2 for verdicts in (picks, others, taste))
    pairs = ((mine, humans), (theirs, humans), (mine, theirs))
    differences = [paired_difference(*pair, groups, level=level) for pair in pairs]
    defined = [difference for difference in differences if difference is not None]
    return SelfPreference(*defined) if len(defined) == len(pairs) else None
