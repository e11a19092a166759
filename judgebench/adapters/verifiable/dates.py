"""Calendar sums: the weekday of a far date, the days of a span, working days, the nth weekday of a month."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from judgebench.adapters.verifiable.writing import NAMES, Problem, Step, Voice, Working, count, series, slip, twin

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAY = timedelta(days=1)


def _show(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _short(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]}"


def _full(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]}, {_show(day)}"


def _lengths(year: int) -> dict[int, int]:
    return {month: monthrange(year, month)[1] for month in range(1, 13)}


def _pieces(start: date, end: date, lengths: dict[int, int]) -> list[tuple[str, int, str]]:
    """The way from one date to a later one of the same year, month by month: name, days, how they come about."""
    first = lengths[start.month] - start.day
    whole = range(start.month + 1, end.month)
    return [
        (MONTHS[start.month - 1], first, f"{lengths[start.month]} - {start.day} = {first} days are left"),
        *((MONTHS[month - 1], lengths[month], f"all {lengths[month]} days") for month in whole),
        (MONTHS[end.month - 1], end.day, f"{end.day} days up to the date"),
    ]


def _sum(numbers: Sequence[int]) -> str:
    return f"{' + '.join(str(number) for number in numbers)} = {sum(numbers)}"


def _two_dates(rng: Random) -> tuple[date, date]:
    year, month = rng.randrange(2021, 2036), rng.randrange(1, 8)
    return date(year, month, rng.randrange(4, 26)), date(year, month + rng.randrange(3, 6), rng.randrange(4, 26))


def weekday(rng: Random) -> Problem | None:
    """The slips: one month has a day too many or too few; or the remainder by seven is one off."""
    start, end = _two_dates(rng)
    right = _lengths(start.year)
    off, kind = rng.choice((1, -1)), rng.choice(("month_length", "calculation"))
    wrong = dict(right)
    if kind == "month_length":
        # A month is only ever taken for one of the other usual length, and up or down with the same chance.
        usual = {30: 31, 28: 29} if off == 1 else {31: 30, 29: 28}
        months = [month for month in range(start.month, end.month) if right[month] in usual]
        if not months:
            return None
        wrong[rng.choice(months)] += off
    elif not 0 <= (end - start).days % 7 - off <= 6:
        return None
    by_pieces = kind == "month_length" and rng.random() < 0.6
    question = rng.choice(
        (
            f"{_show(start)} is a {WEEKDAYS[start.weekday()]}. On which day of the week does {_show(end)} fall?",
            f"In {start.year}, {_short(start)} falls on a {WEEKDAYS[start.weekday()]}. Which weekday is {_show(end)}?",
        )
    )

    def solve(v: Voice, slip: tuple[dict[int, int], int]) -> Working:
        lengths, shift = slip
        pieces = _pieces(start, end, lengths)
        days = [number for _, number, _ in pieces]
        total = sum(days)
        product, rest = total // 7 * 7 + shift, total % 7 - shift
        answer = WEEKDAYS[(start.weekday() + rest) % 7]
        names = "; ".join(f"{name} {number}" for name, number, _ in pieces)
        residues = [number % 7 for number in days]
        check = (
            f"The pieces leave {series(residues)} when divided by seven. They add up to {sum(residues)}, which leaves "
            f"{sum(residues) % 7}, as before."
            if by_pieces
            else f"{total // 7} weeks are {product} days, and {product} + {rest} = {total}. Stepping {count(rest, 'day')} on "
            f"from {WEEKDAYS[start.weekday()]} gives {answer}."
        )
        return Working(
            task=v.pick(
                f"From a {WEEKDAYS[start.weekday()]} on {_short(start)} we have to get to {_short(end)}.",
                f"We know the weekday of {_show(start)} and want that of {_show(end)}.",
            ),
            plan=v.pick(
                "The weekday repeats every seven days, so only the remainder of the distance by seven matters.",
                "I count the days in between and see what is left over after whole weeks.",
            ),
            steps=(
                Step(
                    "count the days from date to date",
                    f"{names}; in all {total} days",
                    v.rows(
                        v.pick("Month by month this gives:", "Going through the months:"),
                        [f"{name}: {how}" for name, _, how in pieces],
                    )
                    + f"\n\nTogether {_sum(days)} days.",
                ),
                Step(
                    "take out the whole weeks",
                    f"{total} = {total // 7} weeks + {count(rest, 'day')}",
                    f"{total // 7} full weeks make {product} days, which leaves {total} - {product} = {rest}.",
                ),
                Step(
                    "step forward from the known weekday",
                    f"{WEEKDAYS[start.weekday()]} + {count(rest, 'day')} is {answer}",
                    f"{count(rest, 'day').capitalize()} after a {WEEKDAYS[start.weekday()]} comes a {answer}.",
                ),
            ),
            check=check,
            closing=f"{_show(end)} is a {{}}.",
            answer=answer,
        )

    return slip(question, kind, solve, (right, 0), (wrong, off if kind == "calculation" else 0))


_SPANS = (
    ("A photo exhibition", "opens on", "closes on", "the opening day", "the closing day"),
    ("A fishing permit", "starts on", "ends on", "the first day", "the last day"),
    ("A language course", "begins on", "finishes on", "the first day", "the last day"),
    ("A road closure", "starts on", "ends on", "the first day", "the final day"),
    ("A summer job", "begins on", "ends on", "the first day", "the last day"),
)
_ADD = {"both": 1, "last": 0, "none": -1}


def span(rng: Random) -> Problem:
    start, end = _two_dates(rng)
    what, opens, closes, head, tail = rng.choice(_SPANS)
    true, read = rng.sample(sorted(_ADD), 2)
    asked = {
        "both": (f"counting both {head} and {tail}", f"with {head} and {tail} both included"),
        "last": (f"counting {tail} but not {head}", f"with {tail} included and {head} left out"),
        "none": (f"counting neither {head} nor {tail}", f"with {head} and {tail} both left out"),
    }[true]
    question = rng.choice(
        (
            f"{what} {opens} {_show(start)} and {closes} {_show(end)}. How many days is that, {rng.choice(asked)}?",
            f"{what} {opens} {_short(start)} and {closes} {_short(end)} {start.year}. {rng.choice(asked).capitalize()}, how "
            "many days are there?",
        )
    )

    def solve(v: Voice, told: str, done: str) -> Working:
        pieces = _pieces(start, end, _lengths(start.year))
        days = [number for _, number, _ in pieces]
        total = sum(days)
        answer = total + _ADD[done]
        adjust = {1: f"{total} + 1 = {answer}", 0: f"{answer}, unchanged", -1: f"{total} - 1 = {answer}"}[_ADD[done]]
        adjust_full = {
            1: f"the count gets one day more: {total} + 1 = {answer}",
            0: f"the count stays as it is: {answer}",
            -1: f"the count gets one day less: {total} - 1 = {answer}",
        }[_ADD[done]]
        rule = v.pick(
            *{
                "both": ("the two outer days belong to the count", "the count takes in each of the outer days"),
                "last": ("of the two outer days only the later one belongs to the count", "the count drops the day it starts on"),
                "none": ("neither of the two outer days belongs to the count", "the count takes only what lies in between"),
            }[told]
        )
        yearday = [day.timetuple().tm_yday for day in (start, end)]
        return Working(
            task=v.pick(
                f"We want the days from {_short(start)} to {_short(end)}; {rule}.",
                f"The span runs from {_short(start)} to {_short(end)} {start.year}, and {rule}.",
            ),
            plan=v.pick(
                "I take the difference of the dates and then see to the two outer days.",
                "The plain difference comes first; the outer days are dealt with at the end.",
            ),
            steps=(
                Step(
                    "find the difference of the two dates",
                    f"{'; '.join(f'{name} {number}' for name, number, _ in pieces)}; difference {total} days",
                    v.rows("Split by month:", [f"{name}: {how}" for name, _, how in pieces]) + f"\n\nThat is {_sum(days)} days.",
                ),
                Step(
                    "see to the outer days",
                    f"outer days: {adjust}",
                    v.pick(
                        f"The difference counts {_short(end)} but not {_short(start)}; here {adjust_full}.",
                        f"A difference of dates includes one of its two ends. In our case {adjust_full}.",
                    ),
                ),
            ),
            check=v.pick(
                f"{_short(start)} is day {yearday[0]} of the year and {_short(end)} is day {yearday[1]}. Their difference is "
                f"{total}, and after the correction for the outer days we have {answer}.",
                f"{count(total // 7, 'week')} and {count(total % 7, 'day')} lie between the dates, {total // 7} × 7 + {total % 7} = "
                f"{total}, so {answer} is right for the outer days as taken here.",
            ),
            closing=v.pick("That makes {} days.", "The number of days is {}."),
            answer=str(answer),
        )

    return twin(rng, question, "boundary", solve, true, read)


_REPAIRS = (
    ("A repair shop takes in a bicycle", "the shop"),
    ("A laboratory receives a sample", "the laboratory"),
    ("A passport office accepts an application", "the office"),
    ("A bindery receives a thesis", "the bindery"),
    ("A tailor accepts a coat", "the workshop"),
)


def workdays(rng: Random) -> Problem:
    """The premises: whether the first day counts, and whether the firm works on the holiday."""
    start = date(rng.randrange(2021, 2036), rng.randrange(1, 12), rng.randrange(3, 20))
    start -= timedelta(days=max(0, start.weekday() - 4))
    number, (event, firm) = rng.randrange(9, 19), rng.choice(_REPAIRS)
    window = [start + timedelta(days=days) for days in range(2, number + 1)]
    holiday = rng.choice([day for day in window[:-2] if day.weekday() < 5])
    true = (rng.random() < 0.5, rng.random() < 0.5)
    flipped = rng.randrange(2)
    read = (not true[0], true[1]) if flipped == 0 else (true[0], not true[1])
    first_asked = {
        True: ("That day itself is already working day 1", "The count starts with that day as working day 1"),
        False: ("The count starts with the next working day as working day 1", "Working day 1 is the next working day after that"),
    }[true[0]]
    holiday_asked = {
        True: (f"{firm} works as on any other day", f"{firm} stays open all the same"),
        False: (f"{firm} is closed then", f"nobody works at {firm}"),
    }[true[1]]
    question = (
        f"{event} on {_full(start)} and promises to be done on working day {number}, where working days are Monday to "
        f"Friday. {rng.choice(first_asked)}. {WEEKDAYS[holiday.weekday()]}, {_short(holiday)}, is a public holiday, and "
        f"{rng.choice(holiday_asked)}. On which date is working day {number}?"
    )

    def solve(v: Voice, told: tuple[bool, bool], done: tuple[bool, bool]) -> Working:
        days = _working_days(start, number, counts=done[0], closed=None if done[1] else holiday)
        lines, running = [], 0
        for week in _weeks(days):
            running += len(week)
            lines.append((_range(week), len(week), running))
        first_told = {
            True: ("the day of arrival is number 1", "the very first day is number 1"),
            False: ("the day of arrival is number 0, so to speak", "the day after is the earliest that can be number 1"),
        }[told[0]]
        holiday_told = {
            True: (f"{_short(holiday)} is a day like any other", f"{_short(holiday)} is worked"),
            False: (f"{_short(holiday)} drops out", f"{_short(holiday)} is not worked"),
        }[told[1]]
        return Working(
            task=v.pick(
                f"We look for working day {number}: {v.pick(*first_told)}, and {v.pick(*holiday_told)}.",
                f"Here {v.pick(*first_told)} and {v.pick(*holiday_told)}; we want number {number}.",
            ),
            plan=v.pick("I go through the calendar week by week.", "The simplest way is to count on, one week at a time."),
            steps=(
                Step(
                    "fix the first working day",
                    f"working day 1 is {_short(days[0])}",
                    f"Working day 1 is {WEEKDAYS[days[0].weekday()]}, {_short(days[0])}.",
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
                    f"working day {number} is {_short(days[-1])}",
                    f"Working day {number} is the last one counted: {_full(days[-1])}.",
                ),
            ),
            check=v.pick(
                f"The weeks contribute {_sum([here for _, here, _ in lines])} days, which is the number we need.",
                f"From {_short(days[0])} to {_short(days[-1])} there are {(days[-1] - days[0]).days + 1} calendar days; without "
                f"the {(days[-1] - days[0]).days + 1 - number} that do not count, {number} are left.",
            ),
            closing=v.pick(f"Working day {number} falls on {{}}.", "It is done on {}."),
            answer=_full(days[-1]),
        )

    return twin(rng, question, ("start_day", "holiday")[flipped], solve, true, read)


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
    return _short(week[0]) if len(week) == 1 else f"{_short(week[0])} to {_short(week[-1])}"


_MEETINGS = ("A reading circle meets", "A chess club meets", "A town council meets", "A choir rehearses", "A repair café opens")


def nth(rng: Random) -> Problem | None:
    """Only months with five such weekdays, so that the fourth one and the last one differ."""
    first = date(rng.randrange(2021, 2036), rng.randrange(1, 13), 1)
    day = rng.randrange(7)
    found = [one for one in range(1, _lengths(first.year)[first.month] + 1) if first.replace(day=one).weekday() == day]
    if len(found) < 5:
        return None
    event, later, name = rng.choice(_MEETINGS), rng.randrange(6, 28), rng.choice(NAMES)
    true, read = rng.sample(("fourth", "last"), 2)
    asked = {"fourth": f"the fourth {WEEKDAYS[day]}", "last": f"the last {WEEKDAYS[day]}"}[true]
    month = f"{MONTHS[first.month - 1]} {first.year}"
    question = (
        f"{event} on {asked} of {month}. The first of that month is a {WEEKDAYS[first.weekday()]}. {name} has to hand in a "
        f"report exactly {later} days after that date. On which date is the report due?"
    )

    def solve(v: Voice, told: str, done: str) -> Working:
        meeting = first.replace(day=found[3 if done == "fourth" else 4])
        due = meeting + timedelta(days=later)
        over = due.month != meeting.month
        left = _lengths(first.year)[first.month] - meeting.day
        told_as = {"fourth": ("number four of the month", "number four in the list"), "last": ("the final one of the month",)}[told]
        add = (
            f"{left} of the {later} days are used up by the end of the month, and {later - left} more lead to {_show(due)}"
            if over
            else f"the month is long enough: {meeting.day} + {later} = {due.day}, so we get to {_show(due)}"
        )
        return Working(
            task=v.pick(
                f"We need a certain {WEEKDAYS[day]} of {month}, {v.pick(*told_as)}, and from there we go {later} days on.",
                f"The meeting is on a {WEEKDAYS[day]}, {v.pick(*told_as)}; the report follows {later} days later.",
            ),
            plan=v.pick(
                f"I list the {WEEKDAYS[day]}s of the month and add the days.", "First the date of the meeting, then the deadline."
            ),
            steps=(
                Step(
                    f"find the {WEEKDAYS[day]}s",
                    f"{WEEKDAYS[day]}s: {', '.join(str(one) for one in found)}",
                    f"With the 1st on a {WEEKDAYS[first.weekday()]}, the first {WEEKDAYS[day]} is day {found[0]}. Adding sevens, "
                    f"they are on the days {series(found)}.",
                ),
                Step(
                    "pick the date of the meeting",
                    f"meeting on {_short(meeting)}",
                    f"The meeting takes place on {_short(meeting)}.",
                ),
                Step(f"add the {later} days", f"{later} days later it is {_short(due)}", f"{add[0].upper()}{add[1:]}."),
            ),
            check=v.pick(
                f"{later} days are {count(later // 7, 'week')} and {count(later % 7, 'day')}. The meeting is on a {WEEKDAYS[day]}, so "
                f"the deadline should be a {WEEKDAYS[due.weekday()]}, which {_show(due)} is.",
                f"Counting back {later} days from {_show(due)} leads to {_short(meeting)}, a {WEEKDAYS[day]}.",
            ),
            closing=v.pick("The report is due on {}.", f"{name} has to hand it in on {{}}."),
            answer=_full(due),
        )

    return twin(rng, question, "premise", solve, true, read)


KINDS = (weekday, span, workdays, nth)
