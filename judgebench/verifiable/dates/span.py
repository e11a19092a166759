"""The number of days in a span. The premise: which of the two end dates count."""

from __future__ import annotations

from random import Random

from judgebench.verifiable.dates.calendar import added, by_month, month_lengths, short, show, two_dates
from judgebench.verifiable.writing import Problem, Step, Voice, Working, count, twin

_SPANS = (
    ("A photo exhibition", "opens on", "closes on", "the opening day", "the closing day"),
    ("A fishing permit", "starts on", "ends on", "the first day", "the last day"),
    ("A language course", "begins on", "finishes on", "the first day", "the last day"),
    ("A road closure", "starts on", "ends on", "the first day", "the final day"),
    ("A summer job", "begins on", "ends on", "the first day", "the last day"),
)
_ADD = {"both": 1, "last": 0, "none": -1}


def draw(rng: Random) -> Problem:
    start, end = two_dates(rng)
    what, opens, closes, head, tail = rng.choice(_SPANS)
    true, misread = rng.sample(sorted(_ADD), 2)
    wordings = {
        "both": (f"counting both {head} and {tail}", f"with {head} and {tail} both included"),
        "last": (f"counting {tail} but not {head}", f"with {tail} included and {head} left out"),
        "none": (f"counting neither {head} nor {tail}", f"with {head} and {tail} both left out"),
    }[true]
    question = rng.choice(
        (
            f"{what} {opens} {show(start)} and {closes} {show(end)}. How many days is that, {rng.choice(wordings)}?",
            (
                f"{what} {opens} {short(start)} and {closes} {short(end)} {start.year}. "
                f"{rng.choice(wordings).capitalize()}, how many days are there?"
            ),
        )
    )

    def solve(v: Voice, stated: str, applied: str) -> Working:
        pieces = by_month(start, end, month_lengths(start.year))
        days = [number for _, number, _ in pieces]
        total = sum(days)
        answer = total + _ADD[applied]
        adjust = {1: f"{total} + 1 = {answer}", 0: f"{answer}, unchanged", -1: f"{total} - 1 = {answer}"}[_ADD[applied]]
        adjust_full = {
            1: f"the number has to go up by one: {total} + 1 = {answer}",
            0: f"the number can stay as it is: {answer}",
            -1: f"the number has to go down by one: {total} - 1 = {answer}",
        }[_ADD[applied]]
        rule = v.pick(
            *{
                "both": ("the count takes in each of the end dates", "the end dates are days like the others"),
                "last": (
                    "of the end dates the count takes in just the later one",
                    "only the later of the end dates is a day like the others",
                ),
                "none": ("the count takes in no end date", "the end dates are no days for this count"),
            }[stated]
        )
        yearday = [day.timetuple().tm_yday for day in (start, end)]
        return Working(
            task=v.pick(
                f"We want the days from {short(start)} to {short(end)}; {rule}.",
                f"The span runs from {short(start)} to {short(end)} {start.year}, and {rule}.",
                (
                    f"We count the days between {short(start)} and {short(end)} {start.year} in the way the question "
                    "asks for."
                ),
                f"The dates in question are {show(start)} and {show(end)}.",
            ),
            plan=v.pick(
                "I take the difference of the two dates and then correct for the end dates.",
                "The plain difference comes first; whether the end dates count is settled afterwards.",
            ),
            steps=(
                Step(
                    "find the difference of the two dates",
                    f"{'; '.join(f'{name} {number}' for name, number, _ in pieces)}; difference {total} days",
                    v.rows("Split by month:", [f"{name}: {how}" for name, _, how in pieces])
                    + f"\n\nThat is {added(days)} days.",
                ),
                Step(
                    "correct for the end dates",
                    f"with the end dates: {adjust}",
                    v.pick(
                        f"A plain difference contains {short(end)} but not {short(start)}, so here {adjust_full}.",
                        f"Subtracting dates counts one of the two ends. In our case {adjust_full}.",
                    ),
                ),
            ),
            check=v.pick(
                f"{short(start)} is day {yearday[0]} of the year and {short(end)} is day {yearday[1]}. Their "
                f"difference is {total}, and with the end dates treated as above that gives {answer}.",
                f"The later date comes {count(total // 7, 'week')} and {count(total % 7, 'day')} after the earlier "
                f"one, {total // 7} × 7 + {total % 7} = {total}, and the end dates turn this into {answer}.",
            ),
            closing=v.pick("That makes {} days.", "The number of days is {}."),
            answer=str(answer),
        )

    return twin(rng, question, "boundary", solve, true, misread)
