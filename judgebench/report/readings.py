"""What the numbers of a report card say, in plain words. A sentence is left out where its numbers are undefined."""

from __future__ import annotations

from judgebench.report.numbers import rounded
from judgebench.score.estimates import covers, reaches
from judgebench.score.human import EPSILON
from judgebench.score.samples import ALPHA
from judgebench.types import Estimate

Known = Estimate | None

NO_PEOPLE = {
    "human": "One label an item, from people: there is no human baseline.",
    "objective": "The labels are objective: right answers, not opinions.",
    "model": "The labels are a model's: agreement is with that model, not with people.",
}


def agreement(estimate: Known) -> str:
    if estimate is None or estimate.value is None:
        return ""
    return f"It says what gold says {_share(estimate.value)} of the time{_between(estimate)}."


def people(judge: Known, human: Known, gap: Known, low: Known, high: Known) -> str:
    if not (judge and human and gap) or judge.value is None or human.value is None or gap.value is None:
        return ""
    text = f"It agrees with people {_share(judge.value)} of the time; people agree with each other "
    text += f"{_share(human.value)}; "
    if gap.low is None or gap.high is None:
        text += f"the gap is {_points(abs(gap.value))}."
    elif covers(gap):
        ends = f"{_signed(gap.low)} to {_signed(gap.high)}"
        text += f"this sample cannot tell the two apart (95 % interval {ends})."
    else:
        near, far = sorted((abs(gap.low), abs(gap.high)))
        above = " in the judge's favour" if gap.value > 0 else ""
        text += f"the gap is {_points(abs(gap.value))}{above}, 95 % interval {_per_cent(near)} to {_per_cent(far)}."
    if low and high and low.value is not None and high.value is not None:
        ends = f"{_per_cent(low.value)} to {_share(high.value)}"
        text += f" No judge could agree with one person more often than {ends}."
    return text


def beyond_chance(kappa: Known, alpha: Known) -> str:
    if kappa is None or kappa.value is None:
        return ""
    text = f"Of the agreement with gold that chance leaves open it reaches {rounded(kappa.value, 2)}"
    if alpha is None or alpha.value is None:
        return f"{text}."
    return f"{text}; people, among themselves, {rounded(alpha.value, 2)}."


def position(steady: Known, lean: Known, p_value: Known, rerun: Known) -> str:
    if steady is None or steady.value is None or lean is None:
        return ""
    if steady.value == 1:
        return "It never changes its mind when the responses swap places."
    text = f"It changes its mind in {_share(1 - steady.value)} of the pairs when the responses swap places"
    if rerun and rerun.value is not None:
        text += f" (asked the same again, in {_share(1 - rerun.value)})"
    if lean.value is not None and p_value and p_value.value is not None:
        side = "second" if lean.value > 0 else "first"
        leans = reaches(ALPHA, p_value.value)
        text += f", and leans to the {side} slot" if leans else ", with no lean that this sample can show"
    return f"{text}."


def ties(judge: Known, gold: Known) -> str:
    if judge is None or judge.value is None or gold is None or gold.value is None:
        return ""
    return f"It says tie {_share(judge.value, 1)} of the time, gold does {_share(gold.value, 1)}."


def length(effect: Known, person: Known) -> str:
    if effect is None or effect.value is None:
        return ""
    if effect.low is None or effect.high is None or covers(effect):
        text = "At equal gold this sample shows no pull of length"
    else:
        text = f"At equal gold it favours the {'longer' if effect.value > 0 else 'shorter'} response"
    if person is None or person.value is None:
        return f"{text}."
    return f"{text}; people's own pull is {'+' * (person.value >= 0)}{rounded(person.value, 2)}."


def replaceability(share: Known) -> str:
    omega = (share.value if share else None) or 0.0
    verdict = "it passes" if reaches(omega, 0.5) else "it does not pass"
    price = f"{_per_cent(EPSILON)} points in return for what a person costs"
    return f"Granted {price}, it may take the place of {_share(omega)} of the people; half is the bar: {verdict}."


def sight(gap: Known, own: Known) -> str:
    least = gap if gap and gap.value is not None else own
    if least is None or least.value is None:
        return ""
    points = f"{_per_cent(least.value, 1)} points"
    return f"A true difference of {points} would be seen four times in five; of smaller ones, silence says little."


def _per_cent(fraction: float, digits: int = 0) -> str:
    return rounded(100 * fraction, digits)


def _share(fraction: float, digits: int = 0) -> str:
    return f"{_per_cent(fraction, digits)} %"


def _signed(fraction: float) -> str:
    return f"{'+' * (fraction >= 0)}{_per_cent(fraction)}"


def _points(value: float) -> str:
    whole = _per_cent(value)
    return f"{whole} point{'s' * (whole != '1')}"


def _between(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return ""
    return f", 95 % interval {_per_cent(estimate.low)} to {_per_cent(estimate.high)}"
