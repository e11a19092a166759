"""Rules for worked solutions of which each step is judged: PRMBench."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judgebench.score import estimates, steps
from judgebench.score.arrays import Floats
from judgebench.score.rules.ruling import Ruling
from judgebench.score.scored import Scored
from judgebench.types import Estimate

_NONE = "there is no such step"


def prmscore(scored: Scored, settings: Mapping[str, Any]) -> Ruling:
    """PRMBench (2501.03124): the mean of the F1 of right and of wrong steps, over all steps of all answers that could
    be read (task.py; form_latex_strs.ipynb has the mean); `valid_rate` says how many those are. `originals` is the
    subset of the solutions without an error: they are no part of the score, and `similarity` is one minus how far the
    share of steps called right differs from that of the original, where the judge calls any of the original's right."""
    if not scored.question.each_step:
        return Ruling(estimates.undefined("prmscore", "the question has no number for each step", n=len(scored)))
    judged = scored.with_gold
    originals = judged.subsets == settings.get("originals")
    changed = judged.where(~originals)
    ruling = _over_steps(changed, steps.macro_f1)
    valid = changed.flat(changed.read)
    ruling.parts["valid_rate"] = estimates.share("valid_rate", valid, changed.per_trial, empty=estimates.NO_GOLD)
    ruling.parts["similarity"] = _similarity(changed, judged.where(originals))
    return ruling


def prmscore_part(scored: Scored, settings: Mapping[str, Any]) -> Ruling:
    """Of one subset. Those that `right_only` names have no wrong step: their score is the F1 of the right ones."""
    judged = scored.with_gold
    right_only = set(judged.subsets.tolist()) <= set(settings.get("right_only", ()))
    return _over_steps(judged, steps.f1_of(steps.RIGHT) if right_only else steps.macro_f1)


def _over_steps(judged: Scored, score: estimates.Statistic) -> Ruling:
    """`score` is of the cells of `judgebench.score.steps`."""
    read = judged.read[:, 0].ravel()
    rows, clusters, n = steps.cells(judged)[read], judged.per_sample[read], int(judged.read.any((1, 2)).sum())

    def number(name: str, form: estimates.Statistic) -> Estimate:
        return estimates.of_counts(name, rows, clusters, form, reason=_NONE, n=n)

    parts = {
        "f1": number("f1", steps.f1_of(steps.RIGHT)),
        "negative_f1": number("negative_f1", steps.f1_of(steps.WRONG)),
        "total_step_acc": number("total_step_acc", steps.agreed),
        "correct_step_acc": number("correct_step_acc", lambda sums: sums[..., 0] / (sums[..., 0] + sums[..., 1])),
        "wrong_step_acc": number("wrong_step_acc", lambda sums: sums[..., 3] / (sums[..., 2] + sums[..., 3])),
        "first_error_acc": _first_error(judged),
    }
    return Ruling(number("prmscore", score), parts)


def _first_error(judged: Scored) -> Estimate:
    """Whether the first step that gold calls wrong is called so, whatever is said of the steps before it."""
    there, wrong, called_wrong = steps.steps_of(judged)
    first = (wrong & there).argmax(-1)[..., None]
    found = np.take_along_axis(called_wrong, first, axis=-1)[..., 0].ravel()
    counts = ((wrong & there).any(-1) & judged.read[:, 0]).ravel()
    return estimates.share("first_error_acc", found[counts], judged.per_sample[counts], empty=_NONE)


def _similarity(changed: Scored, originals: Scored) -> Estimate:
    by_cluster = dict(zip(originals.clusters.tolist(), _called_right(originals), strict=True))
    without = np.full(changed.verdicts.shape[2], np.nan)
    base = np.array([by_cluster.get(cluster, without) for cluster in changed.clusters.tolist()]).reshape(
        -1, len(without)
    )
    alike = 1 - np.abs(_called_right(changed) - np.where(base > 0, base, np.nan))
    known = ~np.isnan(alike)
    clusters = np.broadcast_to(changed.clusters[:, None], alike.shape)
    return estimates.share("similarity", alike[known], clusters[known], empty="no solution's original is judged")


def _called_right(judged: Scored) -> NDArray[np.float64]:
    """(items, samples): the share of the steps that the judge calls right, NaN where it failed."""
    there, _, called_wrong = steps.steps_of(judged)
    share: Floats = (there & ~called_wrong).sum(-1) / there.sum(-1)
    return np.where(judged.read[:, 0], share, np.nan)
