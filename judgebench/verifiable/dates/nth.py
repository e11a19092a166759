"""A date some days after the fourth, or the last, of a weekday in a month: which of the two is the premise. Only months
with five of that weekday are used, since in others the two are the same."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from judgebench.verifiable.dates.calendar import full, month_lengths, short, show
from judgebench.verifiable.lexicon import MONTHS, NAMES, WEEKDAYS
from judgebench.verifiable.writing import Problem, Step, Voice, Working, count, series, twin

_MEETINGS = (
    "A reading circle meets",
    "A chess club meets",
    "A town council meets",
    "A choir rehearses",
    "A repair café opens",
)


def draw(rng: Random) -> Problem | None:
    first = date(rng.randrange(2021, 2036), rng.randrange(1, 13), 1)
    day = rng.randrange(7)
    days = [
        number
        for number in range(1, month_lengths(first.year)[first.month] + 1)
        if first.replace(day=number).weekday() == day
    ]
    if len(days) < 5:
        return None
    event, later, name = rng.choice(_MEETINGS), rng.randrange(6, 28), rng.choice(NAMES)
    true, misread = rng.sample(("fourth", "last"), 2)
    wording = {"fourth": f"the fourth {WEEKDAYS[day]}", "last": f"the last {WEEKDAYS[day]}"}[true]
    month = f"{MONTHS[first.month - 1]} {first.year}"
    question = (
        f"{event} on {wording} of {month}. The first of that month is a {WEEKDAYS[first.weekday()]}. {name} has to "
        f"hand in a report exactly {later} days after that date. On which date is the report due?"
    )

    def solve(v: Voice, stated: str, applied: str) -> Working:
        meeting = first.replace(day=days[3 if applied == "fourth" else 4])
        due = meeting + timedelta(days=later)
        over = due.month != meeting.month
        left = month_lengths(first.year)[first.month] - meeting.day
        stated_as = {
            "fourth": ("number four of the month", "the one that is number four in the list"),
            "last": ("the final one of the month", "the one at the very end of the list"),
        }[stated]
        if not over:
            add = f"The month is long enough: {meeting.day} + {later} = {due.day}, so we get to {show(due)}."
        elif left:
            rest = later - left
            add = f"The month has {count(left, 'day')} left, and the other {rest} of the {later} lead to {show(due)}."
        else:
            add = f"The month ends with that day, so all {later} days belong to the next one and lead to {show(due)}."
        return Working(
            task=v.pick(
                (
                    f"We need a certain {WEEKDAYS[day]} of {month}, {v.pick(*stated_as)}, and from there we go {later} "
                    "days on."
                ),
                f"The meeting is on a {WEEKDAYS[day]}, {v.pick(*stated_as)}; the report follows {later} days later.",
                f"We first need the date of the meeting in {month} and then go {later} days on.",
                f"The deadline is {later} days after a {WEEKDAYS[day]} of {month}.",
            ),
            plan=v.pick(
                f"I list the {WEEKDAYS[day]}s of the month and add the days.",
                "First the date of the meeting, then the deadline.",
            ),
            steps=(
                Step(
                    f"find the {WEEKDAYS[day]}s",
                    f"{WEEKDAYS[day]}s: {', '.join(str(number) for number in days)}",
                    f"With the 1st on a {WEEKDAYS[first.weekday()]}, the first {WEEKDAYS[day]} is day {days[0]}. "
                    f"Adding sevens, they are on the days {series(days)}.",
                ),
                Step(
                    "pick the date of the meeting",
                    f"meeting on {short(meeting)}",
                    f"The meeting takes place on {short(meeting)}.",
                ),
                Step(f"add the {later} days", f"{later} days later it is {short(due)}", add),
            ),
            check=v.pick(
                f"{later} days are {count(later // 7, 'week')} and {count(later % 7, 'day')}. The meeting is on a "
                f"{WEEKDAYS[day]}, so the deadline should be a {WEEKDAYS[due.weekday()]}, which {show(due)} is.",
                f"Counting back {later} days from {show(due)} leads to {short(meeting)}, a {WEEKDAYS[day]}.",
            ),
            closing=v.pick("The report is due on {}.", f"{name} has to hand it in on {{}}."),
            answer=full(due),
        )

    return twin(rng, question, "premise", solve, true, misread)
