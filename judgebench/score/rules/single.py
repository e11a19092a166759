"""Rules for single responses: plain agreement of ratings and labels, Themis's ratings, and MR-Ben's error steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judgebench.score import classes, estimates, ratings
from judgebench.score.arrays import Floats
from judgebench.score.rules.ruling import Ruling, by_group
from judgebench.score.scored import Scored
from judgebench.stats.ratings import agr_credit
from judgebench.types import GRADES, Estimate, Flag, Item, Judgment, Label

CODING = "coding"
_WEIGHTS = (0.2, 0.3, 0.5)
_COLUMNS = 6
"""Right solutions, of these called right; wrong ones, of these called wrong, first step found, reason right too."""


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
        rows = np.hstack([inside, inside * credit[:, None], inside * gold[:, None]])
        parts["agr_follows_gold"] = estimates.of_counts(
            "agr_follows_gold", rows, clusters, _correlation, reason="Agr or gold is the same in every scenario"
        )
    return Ruling(estimates.share("themis", credit, clusters, empty=estimates.NO_GOLD, n=len(judged)), parts)


def _correlation(sums: Floats) -> Floats:
    """Pearson's over scenarios of mean Agr and mean gold rating, from their counts and sums."""
    count, credit, gold = np.split(sums, 3, axis=-1)
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
    return _mean_of_subjects(judged, by_group(judged, rows, judged.subsets, names) if names else rows)


def mr_score_part(scored: Scored, _: Mapping[str, Any]) -> Ruling:
    judged = scored.with_gold
    return _mean_of_subjects(judged, _columns(judged))


def _mean_of_subjects(judged: Scored, rows: Floats) -> Ruling:
    """`rows` is (items x samples, subjects x 6)."""
    reason, n = "a subject has no wrong solution", len(judged)

    def number(name: str, form: estimates.Statistic) -> Estimate:
        def mean(sums: Floats) -> Floats:
            return form(sums.reshape(*sums.shape[:-1], -1, _COLUMNS)).mean(-1)

        return estimates.of_counts(name, rows, judged.per_sample, mean, reason=reason, n=n)

    parts = {"mcc": number("mcc", _mcc), "step_accuracy": number("step_accuracy", _step_accuracy)}
    ungraded = _ungraded(judged)
    if ungraded:
        why = (
            f"{ungraded:,} of the first wrong steps that were found have no grade of the reason; see `judgebench grade`"
        )
        return Ruling(estimates.undefined("mr_score", why, n=n), parts)
    parts["reason_accuracy"] = number("reason_accuracy", _reason_accuracy)
    return Ruling(number("mr_score", _mr_score), parts)


def _columns(judged: Scored) -> Floats:
    """(items x samples, 6)."""
    gold, step, grades = _steps(judged)
    wrong = np.broadcast_to(gold > 0, step.shape)
    called_right, called_wrong, reason = step == 0, step > 0, grades == Flag.RIGHT_REASON
    coding = (judged.subsets == CODING)[:, None]
    hit = wrong & called_wrong & ((step == gold) | (coding & reason))
    flags = (~wrong, ~wrong & called_right, wrong, wrong & called_wrong, hit, hit & reason)
    return np.stack([flag.ravel() for flag in flags], axis=1).astype(np.float64)


def _ungraded(judged: Scored) -> int:
    gold, step, grades = _steps(judged)
    return int(((gold > 0) & (step == gold) & (grades == None)).sum())  # noqa: E711  (by element)


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
