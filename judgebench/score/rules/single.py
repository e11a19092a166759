"""Rules for single responses: plain agreement of ratings and labels, Themis's ratings, MR-Ben's error
steps, and each step of a solution in PRMBench."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judgebench.score import classes, estimates, ratings, steps
from judgebench.score.arrays import Floats
from judgebench.score.rules.ruling import Ruling, by_group
from judgebench.score.scored import Scored
from judgebench.stats import agreement as coefficients
from judgebench.stats.ratings import agr_credit
from judgebench.types import GRADES, Estimate, Flag, Item, Judgment, Label

CODING = "coding"
_WEIGHTS = (0.2, 0.3, 0.5)
_NO_STEP = "there is no such step"


def agreement(run: Scored, _: Mapping[str, Any]) -> Ruling:
    """Ratings that are gold's, a failure wrong; `within_one` is at most a point away."""
    numbers = {estimate.name: estimate for estimate in ratings.against_gold(run.with_gold)}
    return Ruling(numbers["agreement"], {"within_one": numbers["within_one"]})


def right_label(run: Scored, _: Mapping[str, Any]) -> Ruling:
    """Labels that are gold's, a failure wrong; `proper` is the same without the questions that the items' facet
    `improper` says are no proper ones, where it says so of any."""
    proper = run.facet("improper") != True  # noqa: E712  (by element)
    parts = {} if proper.all() else {"proper": classes.agreed(run.where(proper), "proper")}
    return Ruling(classes.agreed(run), parts)


def themis(scored: Scored, _: Mapping[str, Any]) -> Ruling:
    """Themis (2502.02988): Agr(2,2), the value, and the mean absolute error. The paper does not say how an answer
    without a rating enters them: here it earns no Agr (`agr_valid` leaves it out), and has no error; `valid_rate`
    stands beside. Over the whole benchmark also how far Agr follows the scenarios' mean gold rating: judges look better
    where responses are good."""
    judged = scored.with_gold
    numbers = {estimate.name: estimate for estimate in ratings.against_gold(judged)}
    gold, rating = judged.gold_and_numbers()
    credit, clusters, valid = agr_credit(gold, rating), judged.per_trial, ~np.isnan(rating)
    parts = {
        "mae": numbers["mae"],
        "exact": numbers["exact"],
        "agr_valid": estimates.share("agr_valid", credit[valid], clusters[valid], empty="no valid answer"),
        "valid_rate": estimates.share("valid_rate", valid, clusters, empty=estimates.NO_GOLD),
    }
    scenarios = judged.flat(judged.by_trial(judged.subsets))
    names = sorted({name for name in scenarios if name})
    if len(names) > 2:
        inside = np.stack([scenarios == name for name in names], axis=1).astype(np.float64)
        rows = np.stack([inside, inside * credit[:, None], inside * gold[:, None]], axis=1)
        parts["agr_follows_gold"] = estimates.of_counts(
            "agr_follows_gold", rows, clusters, _correlation, reason="Agr or gold is the same in every scenario"
        )
    return Ruling(estimates.share("themis", credit, clusters, empty=estimates.NO_GOLD, n=len(judged)), parts)


def _correlation(sums: Floats) -> Floats:
    """Pearson's over scenarios of mean Agr and mean gold rating, from their counts and sums."""
    count, credit, gold = np.moveaxis(sums, -2, 0)
    return ratings.pearson_along(credit / count, gold / count)


# --------------------------------------------------------------------------------------------------------- MR-Ben


def mr_score(scored: Scored, _: Mapping[str, Any]) -> Ruling:
    """Is the solution right, where does it first go wrong, and why (script/evaluate.py, script/utils.py): 0.2 max(0,
    MCC) + 0.3 accuracy of the step + 0.5 accuracy of the reason, by subject, and the plain mean of the subjects.
    Somebody has to grade the reasons (upstream: GPT-4), which a judgment's flags then say. Without a grade for every
    step that was found the score is undefined and its first two parts stand alone. In coding, where upstream asks for
    the line, a right reason stands for the step."""
    judged = scored.with_gold
    names, rows = sorted({name for name in judged.subsets if name}), _columns(judged)
    return _mean_of_subjects(judged, by_group(judged, rows, judged.subsets, names) if names else rows[:, None])


def mr_score_part(scored: Scored, _: Mapping[str, Any]) -> Ruling:
    judged = scored.with_gold
    return _mean_of_subjects(judged, _columns(judged)[:, None])


def _mean_of_subjects(judged: Scored, rows: Floats) -> Ruling:
    """`rows` is (items x samples, subjects, 6)."""
    reason, n = "a subject has no wrong solution", len(judged)

    def number(name: str, form: estimates.Statistic) -> Estimate:
        return estimates.of_counts(name, rows, judged.per_sample, lambda sums: form(sums).mean(-1), reason=reason, n=n)

    parts = {"mcc": number("mcc", _mcc), "step_accuracy": number("step_accuracy", _step_accuracy)}
    gold, step, grades = _steps(judged)
    if ungraded := int(((gold > 0) & (step == gold) & (grades == None)).sum()):  # noqa: E711  (by element)
        why = (
            f"{ungraded:,} of the first wrong steps that were found have no grade of the reason; see `judgebench grade`"
        )
        return Ruling(estimates.undefined("mr_score", why, n=n), parts)
    parts["reason_accuracy"] = number("reason_accuracy", _reason_accuracy)
    return Ruling(number("mr_score", _mr_score), parts)


def _columns(judged: Scored) -> Floats:
    """(items x samples, 6): right solutions, of these called right; wrong ones, of these called wrong, with the first
    step found, and with the reason right too."""
    gold, step, grades = _steps(judged)
    wrong = np.broadcast_to(gold > 0, step.shape)
    called_right, called_wrong, reason = step == 0, step > 0, grades == Flag.RIGHT_REASON
    coding = (judged.subsets == CODING)[:, None]
    hit = wrong & called_wrong & ((step == gold) | (coding & reason))
    flags = (~wrong, ~wrong & called_right, wrong, wrong & called_wrong, hit, hit & reason)
    return np.stack([flag.ravel() for flag in flags], axis=1).astype(np.float64)


def _steps(judged: Scored) -> tuple[Floats, Floats, NDArray[Any]]:
    """(items, 1) of gold's first wrong steps, (items, samples) of the judge's, and what the reasons were graded."""
    return judged.number(judged.gold)[:, None], judged.number(judged.verdicts)[:, 0], judged.grades[:, 0]


def wants_grade(judgment: Judgment, item: Label | Item) -> bool:
    """Whether the score of a run waits for a grade of this judgment's reason: the first wrong step was found, or, in
    coding, where the reason stands for it, the solution was called wrong."""
    if judgment.verdict is None or item.gold is None or not GRADES.isdisjoint(judgment.flags):
        return False
    gold, step = item.gold.scores[0], judgment.verdict.scores[0]
    return gold > 0 and step > 0 and (step == gold or item.subset == CODING)


def _mcc(sums: Floats) -> Floats:
    """Of telling right from wrong solutions; a failure tells neither and counts as missed. 0 where undefined."""
    right, true_right, wrong, true_wrong = (sums[..., index] for index in range(4))
    missed, passed = right - true_right, wrong - true_wrong
    below = (true_right + passed) * right * wrong * (true_wrong + missed)
    above = true_right * true_wrong - passed * missed
    return np.divide(above, np.sqrt(below), out=np.zeros_like(above), where=below > 0)


def _step_accuracy(sums: Floats) -> Floats:
    return sums[..., 4] / sums[..., 2]


def _reason_accuracy(sums: Floats) -> Floats:
    return sums[..., 5] / sums[..., 2]


def _mr_score(sums: Floats) -> Floats:
    detection, step, reason = _WEIGHTS
    return detection * np.clip(_mcc(sums), 0, None) + step * _step_accuracy(sums) + reason * _reason_accuracy(sums)


# -------------------------------------------------------------------------------------------------------- PRMBench


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

    forms = {
        "prmscore": score,
        "f1": steps.f1_of(steps.RIGHT),
        "negative_f1": steps.f1_of(steps.WRONG),
        "total_step_acc": coefficients.accuracy_from_counts,
        "correct_step_acc": lambda table: table[..., 0, 0] / table[..., 0, :].sum(-1),
        "wrong_step_acc": lambda table: table[..., 1, 1] / table[..., 1, :].sum(-1),
    }
    parts = estimates.of_each(forms, rows, clusters, reason=_NO_STEP, n=n)
    return Ruling(parts.pop("prmscore"), parts | {"first_error_acc": _first_error(judged)})


def _first_error(judged: Scored) -> Estimate:
    """Whether the first step that gold calls wrong is called so, whatever is said of the steps before it."""
    there, wrong, called_wrong = steps.steps_of(judged)
    first = (wrong & there).argmax(-1)[..., None]
    found = np.take_along_axis(called_wrong, first, axis=-1)[..., 0].ravel()
    counts = ((wrong & there).any(-1) & judged.read[:, 0]).ravel()
    return estimates.share("first_error_acc", found[counts], judged.per_sample[counts], empty=_NO_STEP)


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
