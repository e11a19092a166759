"""A journey between time zones. The premise: whose clock is ahead. Or the slip: a sum of times is off by an hour."""

from __future__ import annotations

from random import Random

from judgebench.verifiable.lexicon import TOWNS, WEEKDAYS
from judgebench.verifiable.writing import Problem, Step, Voice, Working, clock, duration, slip, twin

_DAY = 24 * 60


def _moment(minutes: int) -> str:
    """The weekday and time that many minutes after Monday's first midnight."""
    return f"{WEEKDAYS[minutes // _DAY % 7]}, {clock(minutes)}"


def _ahead(rng: Random, a: str, b: str, hours: str, *, ahead: bool) -> str:
    """How clocks in b compare with those in a, stated from either side."""
    return rng.choice(
        (f"Clocks in {b} are {hours} ahead of those in {a}", f"Clocks in {a} are {hours} behind those in {b}")
        if ahead
        else (f"Clocks in {b} are {hours} behind those in {a}", f"Clocks in {a} are {hours} ahead of those in {b}")
    )


def _earlier(v: Voice, a: str, b: str, *, ahead: bool) -> str:
    return v.pick(f"it is later in {b} than in {a}", f"{b} has the later time") if ahead else v.pick(
        f"it is earlier in {b} than in {a}", f"{b} has the earlier time"
    )  # fmt: skip


def draw(rng: Random) -> Problem:
    a, b, via = rng.sample(TOWNS, 3)
    leave = rng.randrange(1, 6) * _DAY + rng.randrange(6 * 12, 23 * 12) * 5
    first, wait, second = rng.randrange(17, 130) * 5, rng.randrange(9, 46) * 5, rng.randrange(13, 110) * 5
    zone = rng.randrange(4, 24) * 30
    zone_text = (
        duration(zone).replace(" min", " minutes").replace(" h", " hours") if zone % 60 else f"{zone // 60} hours"
    )
    ahead = rng.random() < 0.5
    question = (
        f"A traveller leaves {a} at {clock(leave)} on {WEEKDAYS[leave // _DAY % 7]}, local time. The flight to {via} "
        f"takes {duration(first)}, the stop there {duration(wait)}, and the second flight, to {b}, "
        f"{duration(second)}. {_ahead(rng, a, b, zone_text, ahead=ahead)}. What are the local weekday and time in {b} "
        "on arrival?"
    )

    def solve(v: Voice, stated: tuple[bool, int], applied: tuple[bool, int]) -> Working:
        travel = first + wait + second + applied[1]
        home = leave + travel
        there = home + zone if applied[0] else home - zone
        verb = "add" if applied[0] else "subtract"
        sign = "+" if applied[0] else "-"
        hours = (first // 60 + wait // 60 + second // 60, first % 60 + wait % 60 + second % 60)
        return Working(
            task=v.pick(
                f"The journey from {a} to {b} has two flights and a stop, and {_earlier(v, a, b, ahead=stated[0])}.",
                f"We follow the traveller on the clock of {a} and change to that of {b} at the end, where "
                f"{_earlier(v, a, b, ahead=stated[0])}.",
                f"We need the local time in {b} after two flights and a stop.",
                f"The journey from {a} to {b} goes via {via}, and the clocks at its ends differ by {duration(zone)}.",
            ),
            plan=v.pick(
                "I add up the travel time, find the arrival on the old clock, and then convert.",
                "Total travel time first, time zones last.",
            ),
            steps=(
                Step(
                    "add up the travel time",
                    f"travel time: {duration(first)} + {duration(wait)} + {duration(second)} = {duration(travel)}",
                    f"The parts are {duration(first)}, {duration(wait)} and {duration(second)}. The full hours make "
                    f"{hours[0]} h and the minutes {hours[1]} min, so the whole journey takes {duration(travel)}.",
                ),
                Step(
                    f"find the arrival on the clock of {a}",
                    f"arrival by {a} time: {_moment(home)}",
                    (
                        f"{clock(leave)} on {WEEKDAYS[leave // _DAY % 7]} plus {duration(travel)} is {_moment(home)} "
                        f"in {a}."
                    ),
                ),
                Step(
                    f"convert to the time of {b}",
                    f"{_moment(home)} {sign} {duration(zone)} = {_moment(there)}",
                    f"For the time in {b} we {verb} {duration(zone)}: {_moment(home)} becomes {_moment(there)}.",
                ),
            ),
            check=v.pick(
                f"Seen from {b}, the journey starts at {_moment(leave + there - home)} local time; {duration(travel)} "
                f"later it is {_moment(there)}.",
                f"Between the two local times, {_moment(leave)} and {_moment(there)}, the clock moves on by "
                f"{duration(there - leave) if there >= leave else '-' + duration(leave - there)}, which is "
                f"{duration(travel)} {sign} {duration(zone)}.",
            ),
            closing=v.pick(f"In {b} it is {{}} on arrival.", "The traveller arrives on {} local time."),
            answer=_moment(there),
        )

    if rng.random() < 0.5:
        return twin(rng, question, "direction", solve, (ahead, 0), (not ahead, 0))
    hour = rng.choice((60, -60))
    return slip(question, "calculation", lambda v, off: solve(v, (ahead, 0), (ahead, off)), 0, hour)
