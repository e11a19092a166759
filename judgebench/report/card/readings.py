"""What the numbers of a report card say, in plain words. A sentence is left out where its numbers are undefined."""

from __future__ import annotations

from collections.abc import Mapping

from judgebench.score.human import EPSILON
from judgebench.types import Estimate

Named = Mapping[str, Estimate]

NO_PEOPLE = {
    "human": "One label an item, from people: there is no human baseline.",
    "objective": "The labels are objective: right answers, not opinions.",
    "model": "The labels are a model's: agreement is with that model, not with people.",
}
_SMALL = 0.05
"""A p-value of at most this is more than chance."""


def agreement(metrics: Named) -> str:
    found = metrics["agreement"]
    return f"It says what gold says {_share(found)} of the time{_between(found)}." if found.value is not None else ""


def people(people: Named) -> str:
    judge, human, gap = (people[name] for name in ("judge_leave_one_out", "human_leave_one_out", "judge_minus_human"))
    if judge.value is None or human.value is None or gap.value is None:
        return ""
    text = f"It agrees with people {_share(judge)} of the time; people agree with each other {_share(human)}; "
    if gap.low is None or gap.high is None:
        text += f"the gap is {_points(abs(gap.value))}."
    elif gap.low <= 0 <= gap.high:
        text += f"this sample cannot tell the two apart (95 % interval {100 * gap.low:+.0f} to {100 * gap.high:+.0f})."
    else:
        near, far = sorted((abs(gap.low), abs(gap.high)))
        above = " in the judge's favour" if gap.value > 0 else ""
        text += f"the gap is {_points(abs(gap.value))}{above}, 95 % interval {100 * near:.0f} to {100 * far:.0f}."
    low, high = people.get("ceiling_low"), people.get("ceiling_high")
    if low and high and low.value is not None and high.value is not None:
        text += (
            f" No judge could agree with one person more often than {100 * low.value:.0f} to {100 * high.value:.0f} %."
        )
    return text


def beyond_chance(metrics: Named, people: Named) -> str:
    kappa, alpha = metrics.get("cohen_kappa"), people.get("krippendorff_alpha")
    if kappa is None or kappa.value is None:
        return ""
    text = f"Of the agreement with gold that chance leaves open it reaches {_share(kappa)}"
    return f"{text}; people, among themselves, {_share(alpha)}." if alpha and alpha.value is not None else f"{text}."


def position(metrics: Named) -> str:
    steady, lean, p_value = (metrics.get(name) for name in ("consistency", "delta_bias", "position_p"))
    if steady is None or steady.value is None:
        return ""
    if steady.value == 1:
        return "It never changes its mind when the responses swap places."
    text = f"It changes its mind in {100 * (1 - steady.value):.0f} % of the pairs when the responses swap places"
    rerun = metrics.get("rerun_agreement")
    if rerun and rerun.value is not None:
        text += f" (asked the same again, in {100 * (1 - rerun.value):.0f} %)"
    if lean and lean.value is not None and p_value and p_value.value is not None:
        side = "second" if lean.value > 0 else "first"
        told = f"and leans to the {side} slot" if p_value.value <= _SMALL else "with no lean that this sample can show"
        text += f", {told}"
    return f"{text}."


def ties(metrics: Named) -> str:
    judge, gold = metrics["tie_rate"], metrics.get("gold_tie_rate")
    if judge.value is None or gold is None or gold.value is None:
        return ""
    return f"It says tie {_share(judge, 1)} of the time, gold does {_share(gold, 1)}."


def length(metrics: Named) -> str:
    effect, person = metrics["length_effect"], metrics["human_length_effect"]
    if effect.value is None:
        return ""
    if effect.low is None or effect.high is None or effect.low <= 0 <= effect.high:
        text = "At equal gold this sample shows no pull of length"
    else:
        text = f"At equal gold it favours the {'longer' if effect.value > 0 else 'shorter'} response"
    if person.value is None:
        return f"{text}."
    return f"{text}; people's own pull is {person.value:+.2f}."


def replaceability(people: Named) -> str:
    omega = people["alt_test_omega"].value or 0.0
    verdict = "it passes" if omega >= 0.5 else "it does not pass"
    price = f"{100 * EPSILON:.0f} points in return for what a person costs"
    return f"Granted {price}, it may take the place of {100 * omega:.0f} % of the people; half is the bar: {verdict}."


def sight(detectable: Estimate) -> str:
    least = f"{100 * (detectable.value or 0):.1f} points"
    return f"A true difference of {least} would be seen four times in five; of smaller ones, silence says little."


def _share(estimate: Estimate, decimals: int = 0) -> str:
    return f"{100 * (estimate.value or 0):.{decimals}f} %"


def _points(value: float) -> str:
    whole = f"{100 * value:.0f}"
    return f"{whole} point{'s' * (whole != '1')}"


def _between(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return ""
    return f", 95 % interval {100 * estimate.low:.0f} to {100 * estimate.high:.0f}"
