"""The weekday of a far date. The slips: a month has a day too many or too few; or the remainder by seven is one off."""

from __future__ import annotations

from random import Random

from judgebench.verifiable.dates.calendar import added, by_month, month_lengths, short, show, two_dates
from judgebench.verifiable.lexicon import WEEKDAYS
from judgebench.verifiable.writing import Problem, Step, Voice, Working, count, series, slip


def draw(rng: Random) -> Problem | None:
    start, end = two_dates(rng)
    right = month_lengths(start.year)
    off, kind = rng.choice((1, -1)), rng.choice(("month_length", "calculation"))
    wrong = dict(right)
    if kind == "month_length":
        # A month is given only another usual length, a longer or a shorter one with the same chance.
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
            f"{show(start)} is a {WEEKDAYS[start.weekday()]}. On which day of the week does {show(end)} fall?",
            f"In {start.year}, {short(start)} falls on a {WEEKDAYS[start.weekday()]}. Which weekday is {show(end)}?",
        )
    )

    def solve(v: Voice, slipped: tuple[dict[int, int], int]) -> Working:
        lengths, shift = slipped
        pieces = by_month(start, end, lengths)
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
            else f"{total // 7} weeks are {product} days, and {product} + {rest} = {total}. So the weekday moves on by "
            f"{count(rest, 'day')} from {WEEKDAYS[start.weekday()]}, to {answer}."
        )
        return Working(
            task=v.pick(
                f"From a {WEEKDAYS[start.weekday()]} on {short(start)} we have to get to {short(end)}.",
                f"We know the weekday of {show(start)} and want that of {show(end)}.",
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
                    + f"\n\nTogether {added(days)} days.",
                ),
                Step(
                    "take out the whole weeks",
                    f"{total} = {total // 7} weeks + {count(rest, 'day')}",
                    f"{total // 7} full weeks make {product} days, which leaves {total} - {product} = {rest}.",
                ),
                Step(
                    "step forward from the known weekday",
                    f"{WEEKDAYS[start.weekday()]} + {count(rest, 'day')} is {answer}",
                    f"{count(rest, 'day').capitalize()} after a {WEEKDAYS[start.weekday()]} comes a {answer}."
                    if rest
                    else f"Nothing is left over, so the date falls on a {answer} again.",
                ),
            ),
            check=check,
            closing=f"{show(end)} is a {{}}.",
            answer=answer,
        )

    return slip(question, kind, solve, (right, 0), (wrong, off if kind == "calculation" else 0))
