"""How dates are written, and the days from one date to another, month by month."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from random import Random

from judgebench.verifiable.lexicon import MONTHS, WEEKDAYS


def show(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def short(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]}"


def full(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]}, {show(day)}"


def month_lengths(year: int) -> dict[int, int]:
    return {month: monthrange(year, month)[1] for month in range(1, 13)}


def by_month(start: date, end: date, lengths: dict[int, int]) -> list[tuple[str, int, str]]:
    """The days from one date to a later one of the same year, month by month: (name, days, how these are counted)."""
    first = lengths[start.month] - start.day
    whole = range(start.month + 1, end.month)
    return [
        (MONTHS[start.month - 1], first, f"{lengths[start.month]} - {start.day} = {first} days are left"),
        *((MONTHS[month - 1], lengths[month], f"all {lengths[month]} days") for month in whole),
        (MONTHS[end.month - 1], end.day, f"{end.day} days up to the date"),
    ]


def added(numbers: Sequence[int]) -> str:
    return f"{' + '.join(str(number) for number in numbers)} = {sum(numbers)}"


def two_dates(rng: Random) -> tuple[date, date]:
    year, month = rng.randrange(2021, 2036), rng.randrange(1, 8)
    return date(year, month, rng.randrange(4, 26)), date(year, month + rng.randrange(3, 6), rng.randrange(4, 26))
