"""Counting working days. The premises: whether the first day counts, and whether the firm works on the holiday."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from judgebench.verifiable.dates.calendar import added, full, short
from judgebench.verifiable.lexicon import WEEKDAYS
from judgebench.verifiable.writing import Problem, Step, Voice, Working, count, twin

_DAY = timedelta(days=1)
_REPAIRS = (
    ("A repair shop takes in a bicycle", "the shop"),
    ("A laboratory receives a sample", "the laboratory"),
    ("A passport office accepts an application", "the office"),
    ("A bindery receives a thesis", "the bindery"),
    ("A tailor accepts a coat", "the workshop"),
)


def draw(rng: Random) -> Problem:
    start = date(rng.randrange(2021, 2036), rng.randrange(1, 12), rng.randrange(3, 20))
    start -= timedelta(days=max(0, start.weekday() - 4))
    number, (event, firm) = rng.randrange(9, 19), rng.choice(_REPAIRS)
    window = [start + timedelta(days=days) for days in range(2, number + 1)]
    holiday = rng.choice([day for day in window[:-2] if day.weekday() < 5])
    true = (rng.random() < 0.5, rng.random() < 0.5)
    flipped = rng.randrange(2)
    misread = (not true[0], true[1]) if flipped == 0 else (true[0], not true[1])
    first_asked = {
        True: ("That day itself is already working day 1", "The count starts with that day as working day 1"),
        False: (
            "The count starts with the next working day as working day 1",
            "Working day 1 is the next working day after that",
        ),
    }[true[0]]
    holiday_asked = {
        True: (f"{firm} works as on any other day", f"{firm} stays open all the same"),
        False: (f"{firm} is closed then", f"nobody works at {firm}"),
    }[true[1]]
    question = (
        f"{event} on {full(start)} and promises to be done on working day {number}, where working days are Monday to "
        f"Friday. {rng.choice(first_asked)}. {WEEKDAYS[holiday.weekday()]}, {short(holiday)}, is a public holiday, "
        f"and {rng.choice(holiday_asked)}. On which date is working day {number}?"
    )

    def solve(v: Voice, stated: tuple[bool, bool], applied: tuple[bool, bool]) -> Working:
        days = _working_days(start, number, counts=applied[0], closed=None if applied[1] else holiday)
        lines, running = [], 0
        for week in _weeks(days):
            running += len(week)
            lines.append((_range(week), len(week), running))
        first_stated = {
            True: ("the day of arrival is number 1", "the very first day is number 1"),
            False: ("the day of arrival is not a number yet", "the day after is the earliest that can be number 1"),
        }[stated[0]]
        holiday_stated = {
            True: (f"{short(holiday)} is a day like any other", f"{short(holiday)} is worked"),
            False: (f"{short(holiday)} drops out", f"{short(holiday)} is not worked"),
        }[stated[1]]
        return Working(
            task=v.pick(
                f"We look for working day {number}: {v.pick(*first_stated)}, and {v.pick(*holiday_stated)}.",
                f"Here {v.pick(*first_stated)} and {v.pick(*holiday_stated)}; we want number {number}.",
                f"We have to find the date of working day {number}, starting from {full(start)}.",
                f"The work begins around {short(start)}, and {number} working days have to be counted.",
            ),
            plan=v.pick(
                "I go through the calendar week by week.", "The simplest way is to count on, one week at a time."
            ),
            steps=(
                Step(
                    "fix the first working day",
                    f"working day 1 is {short(days[0])}",
                    f"Working day 1 is {WEEKDAYS[days[0].weekday()]}, {short(days[0])}.",
                ),
                Step(
                    "count week by week",
                    "; ".join(f"{dates}: {here} (total {total})" for dates, here, total in lines),
                    v.rows(
                        "Per calendar week, the days that count:",
                        [f"{dates}: {count(here, 'day')}, {total} so far" for dates, here, total in lines],
                    ),
                ),
                Step(
                    "read off the date",
                    f"working day {number} is {short(days[-1])}",
                    f"Working day {number} is the last one counted: {full(days[-1])}.",
                ),
            ),
            check=v.pick(
                f"The weeks contribute {added([here for _, here, _ in lines])} days, which is the number we need.",
                f"From {short(days[0])} to {short(days[-1])} there are {(days[-1] - days[0]).days + 1} calendar days; "
                f"without the {(days[-1] - days[0]).days + 1 - number} that do not count, {number} are left.",
            ),
            closing=v.pick(f"Working day {number} falls on {{}}.", "It is done on {}."),
            answer=full(days[-1]),
        )

    return twin(rng, question, ("start_day", "holiday")[flipped], solve, true, misread)


def _working_days(start: date, number: int, *, counts: bool, closed: date | None) -> list[date]:
    days: list[date] = []
    day = start if counts else start + _DAY
    while len(days) < number:
        if day.weekday() < 5 and day != closed:
            days.append(day)
        day += _DAY
    return days


def _weeks(days: Sequence[date]) -> list[list[date]]:
    weeks: list[list[date]] = []
    for day in days:
        if weeks and day.isocalendar()[:2] == weeks[-1][0].isocalendar()[:2]:
            weeks[-1].append(day)
        else:
            weeks.append([day])
    return weeks


def _range(week: Sequence[date]) -> str:
    return short(week[0]) if len(week) == 1 else f"{short(week[0])} to {short(week[-1])}"
