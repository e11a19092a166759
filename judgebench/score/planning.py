"""How many pairs, and in how many orders, before the running: from a pilot run or from stated rates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from judgebench.errors import InputError
from judgebench.results import Run
from judgebench.score.comparison import common, in_one_order, items_with_gold, numbers_of
from judgebench.score.samples import by_question
from judgebench.stats import power, rounding
from judgebench.stats.intervals import cluster_se
from judgebench.types import Record


class Plan(Record, frozen=True, kw_only=True, omit_defaults=False):
    """`pairs` and `questions` to have, and the `calls` that each judge then costs."""

    orders: str
    pairs: int
    questions: int
    calls: int


class Aim(NamedTuple):
    """To tell two judges apart whose true difference is `delta`, with probability `power`; or to know one judge's
    agreement within plus or minus `margin`."""

    delta: float | None
    margin: float | None
    level: float
    power: float


def from_pilot(runs: Sequence[Run], aim: Aim) -> tuple[Plan, ...]:
    """From two runs for a difference, and one for a margin. A variance falls as one over the number of questions, so
    the pilot's own clustered standard error says how many more there must be, for each number of orders it has."""
    delta, margin, level, target_power = aim
    if (delta is None) == (margin is None) or len(runs) != (2 if margin is None else 1):
        raise InputError("a plan from pilot runs takes two runs and --delta, or one run and --margin")
    if margin is not None and margin <= 0:
        raise InputError("a margin is above 0")
    shared, _ = common(runs)
    forms = {"both": shared} if shared[0].manifest.orders == "both" else {}
    forms["single"] = list(map(in_one_order, shared))
    plans = []
    for orders, pilots in forms.items():
        values = by_question([numbers_of(run)["agreement"] for run in pilots])
        error = cluster_se(values[0] - values[1] if len(values) == 2 else values[0])
        if not error:
            raise InputError("the pilot does not vary: it says nothing about how many pairs are needed")
        if delta is not None:
            ratio = (power.minimum_detectable_effect(error, alpha=1 - level, power=target_power) / delta) ** 2
        else:  # standard errors are of one "item" here: the whole pilot
            ratio = power.sample_size_for_margin(margin or 0.0, variance=error**2, level=level)
        plans.append(_plan(orders, ratio * len(items_with_gold(pilots[0])), ratio * values.shape[1]))
    return tuple(plans)


def from_rates(aim: Aim, discordant: float | None, accuracy: float | None, design_effect: float) -> tuple[Plan, ...]:
    """The same from rates: `discordant`, how often exactly one of two judges is right; `accuracy` of one judge."""
    delta, margin, level, target_power = aim
    if delta is not None and discordant is not None:
        pairs = power.sample_size_mcnemar(
            delta, discordant=discordant, alpha=1 - level, power=target_power, design_effect=design_effect
        )
    elif margin is not None:
        rate = 0.5 if accuracy is None else accuracy
        pairs = power.sample_size_for_margin(
            margin, variance=rate * (1 - rate), level=level, design_effect=design_effect
        )
    else:
        raise InputError("a plan from rates takes --delta and --discordant, or --margin (and --accuracy)")
    return (_plan("single", pairs, pairs / design_effect),)


def _plan(orders: str, pairs: float, questions: float) -> Plan:
    whole, times = rounding.ceiling(pairs), 2 if orders == "both" else 1
    return Plan(orders=orders, pairs=whole, questions=rounding.ceiling(questions), calls=whole * times)
