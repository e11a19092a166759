"""MR-Ben (script/evaluate.py, script/utils.py): is the solution right, where does it first go wrong, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judgebench.score import estimates
from judgebench.score.rules.ruling import Ruling
from judgebench.score.scored import Scored
from judgebench.types import GRADES, Flag, Item, Judgment, Label

Floats = NDArray[np.float64]
CODING = "coding"
_WEIGHTS = (0.2, 0.3, 0.5)
_COLUMNS = 6
"""Right solutions, of these called right; wrong ones, of these called wrong, first step found, reason right too."""


def mr_score(scored: Scored, _: Mapping[str, Any]) -> Ruling:
    """0.2 max(0, MCC) + 0.3 accuracy of the step + 0.5 accuracy of the reason, by subject, and the plain mean of the
    subjects. Somebody has to grade the reasons (upstream: GPT-4), which a judgment's flags then say. Without a grade
    for every step that was found the score is undefined and its first two parts stand alone. In coding, where upstream
    asks for the line, a right reason stands for the step."""
    judged = scored.with_gold
    subsets = judged.subsets
    names = sorted({name for name in subsets if name})
    columns = _columns(judged)
    clusters = np.repeat(judged.clusters, judged.verdicts.shape[2])
    inside = np.repeat(subsets, judged.verdicts.shape[2])
    rows = np.hstack([columns * (inside == name)[:, None] for name in names]) if names else columns
    return _score(rows, clusters, max(len(names), 1), judged)


def mr_score_part(scored: Scored, _: Mapping[str, Any]) -> Ruling:
    judged = scored.with_gold
    return _score(_columns(judged), np.repeat(judged.clusters, judged.verdicts.shape[2]), 1, judged)


def _score(rows: Floats, clusters: NDArray[Any], subjects: int, judged: Scored) -> Ruling:
    def over(form: estimates.Statistic) -> estimates.Statistic:
        return lambda sums: np.mean([form(block) for block in np.split(sums, subjects, axis=-1)], axis=0)

    forms = {"mcc": _mcc, "step_accuracy": lambda sums: sums[..., 4] / sums[..., 2]}
    reason, n = "a subject has no wrong solution", len(judged)
    parts = {
        name: estimates.of_counts(name, rows, clusters, over(form), reason=reason, n=n) for name, form in forms.items()
    }
    ungraded = _ungraded(judged)
    if ungraded:
        why = (
            f"{ungraded:,} of the first wrong steps that were found have no grade of the reason; see `judgebench grade`"
        )
        return Ruling(estimates.undefined("mr_score", why, n=n), parts)
    parts["reason_accuracy"] = estimates.of_counts(
        "reason_accuracy", rows, clusters, over(lambda sums: sums[..., 5] / sums[..., 2]), reason=reason, n=n
    )
    return Ruling(estimates.of_counts("mr_score", rows, clusters, over(_mr_score), reason=reason, n=n), parts)


def _columns(judged: Scored) -> Floats:
    """(items x samples, 6)."""
    gold, said, grades = judged.gold[:, :1], judged.verdicts[:, 0, :, 0], judged.grades[:, 0]
    wrong = np.broadcast_to(gold > 0, said.shape)
    called_right, called_wrong = said == 0, said > 0
    reason = grades == Flag.RIGHT_REASON
    coding = (judged.subsets == CODING)[:, None]
    step = wrong & called_wrong & ((said == gold) | (coding & reason))
    flags = (~wrong, ~wrong & called_right, wrong, wrong & called_wrong, step, step & reason)
    found: Floats = np.stack([flag.ravel() for flag in flags], axis=1).astype(np.float64)
    return found


def _ungraded(judged: Scored) -> int:
    gold, said, grades = judged.gold[:, :1], judged.verdicts[:, 0, :, 0], judged.grades[:, 0]
    return int(((gold > 0) & (said == gold) & (grades == None)).sum())  # noqa: E711  (by element)


def wants_grade(judgment: Judgment, item: Label | Item) -> bool:
    """Whether the score of a run waits for a grade of this judgment's reason: the first wrong step was found, or, in
    coding, where the reason stands for it, the solution was called wrong."""
    if judgment.verdict is None or item.gold is None or not GRADES.isdisjoint(judgment.flags):
        return False
    gold, said = item.gold.scores[0], judgment.verdict.scores[0]
    return gold > 0 and said > 0 and (said == gold or item.subset == CODING)


def _mcc(sums: Floats) -> Floats:
    """Of telling right from wrong solutions; a failure tells neither and counts as missed. 0 where undefined."""
    right, true_right, wrong, true_wrong = (sums[..., index] for index in range(4))
    missed, passed = right - true_right, wrong - true_wrong
    below = (true_right + passed) * right * wrong * (true_wrong + missed)
    above = true_right * true_wrong - passed * missed
    found: Floats = np.divide(above, np.sqrt(below), out=np.zeros_like(above), where=below > 0)
    return found


def _mr_score(sums: Floats) -> Floats:
    detection, step, reason = _WEIGHTS
    found: Floats = (
        detection * np.clip(_mcc(sums), 0, None)
        + step * sums[..., 4] / sums[..., 2]
        + reason * sums[..., 5] / sums[..., 2]
    )
    return found
