"""Small tables: a filtered sum, a mean with missing entries, the difference between two groups."""

from __future__ import annotations

from collections.abc import Sequence
from math import lcm
from random import Random

from judgebench.adapters.verifiable.clocks import TOWNS
from judgebench.adapters.verifiable.writing import Problem, Step, Voice, Working, count, series, slip, twin

_THEMES = (
    ("deliveries of a wholesaler", "crates", ("apples", "pears", "plums")),
    ("orders of a paper mill", "rolls", ("white", "brown", "grey")),
    ("sales of a seed merchant", "sacks", ("barley", "oats", "rye")),
    ("shipments of a tile maker", "pallets", ("red", "blue", "green")),
    ("stocks of a wool dealer", "bales", ("merino", "alpaca", "mohair")),
)


def _table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    return "\n".join(", ".join(str(cell) for cell in row) for row in (header, *rows))


def _plus(numbers: Sequence[int]) -> str:
    return " + ".join(str(number) for number in numbers)


def filtered(rng: Random) -> Problem | None:
    """The premise: whether a row at the bound itself is in. Or a row is lost, or one of another sort slips in."""
    theme, unit, sorts = rng.choice(_THEMES)
    size = rng.randrange(10, 14)
    rows = [(rng.choice(TOWNS), rng.choice(sorts), rng.randrange(14, 96)) for _ in range(size)]
    sort = rng.choice(sorts)
    own = [at for at, row in enumerate(rows) if row[1] == sort]
    if len(own) < 5:
        return None
    bound = sorted(rows[at][2] for at in own)[rng.choice((1, 2))]
    above = rng.random() < 0.6
    true, read = rng.sample((True, False), 2)

    def chosen(inclusive: bool) -> list[int]:
        def fits(amount: int) -> bool:
            return (amount > bound if above else amount < bound) or (inclusive and amount == bound)

        return [at for at in own if fits(rows[at][2])]

    others = [at for at, row in enumerate(rows) if row[1] != sort and (row[2] > bound if above else row[2] < bound)]
    if not chosen(False) or len(chosen(True)) < 3 or not others:
        return None
    limit = {
        (True, True): (f"at least {bound} {unit}", f"{bound} {unit} or more"),
        (True, False): (f"more than {bound} {unit}", f"over {bound} {unit}"),
        (False, True): (f"at most {bound} {unit}", f"{bound} {unit} or fewer"),
        (False, False): (f"fewer than {bound} {unit}", f"under {bound} {unit}"),
    }[above, true]
    listing = _table(("town", "sort", unit), rows)
    question = (
        f"The {theme}:\n\n{listing}\n\nTake only the rows of the sort {sort} with {rng.choice(limit)}. How many {unit} is that in "
        "total?"
    )

    def solve(v: Voice, told: bool, done: Sequence[int]) -> Working:
        amounts = [rows[at][2] for at in done]
        total = sum(amounts)
        rule = {
            True: (f"exactly {bound} is good enough", f"the bound of {bound} itself is allowed"),
            False: (f"exactly {bound} is not good enough", f"the bound of {bound} itself is not allowed"),
        }[told]
        halves = (sum(amounts[: len(amounts) // 2]), sum(amounts[len(amounts) // 2 :]))
        side = "upper" if above else "lower"
        return Working(
            task=v.pick(
                f"We filter the table by the sort {sort} and by size, where {v.pick(*rule)}, and add up what is left.",
                f"Two conditions have to hold, the sort {sort} and the {side} range of sizes, in which {v.pick(*rule)}.",
            ),
            plan=v.pick("I go down the table, keep the rows that qualify, and sum them.", "First the rows, then the sum."),
            steps=(
                Step(
                    "select the rows",
                    "rows: " + ", ".join(f"{rows[at][0]} {rows[at][2]}" for at in done),
                    v.rows(
                        v.pick("These rows meet both conditions:", "Going down the table, I keep:"),
                        [f"{rows[at][0]}, {rows[at][2]} {unit}" for at in done],
                    ),
                ),
                Step(
                    "add them up",
                    f"{_plus(amounts)} = {total}" if len(amounts) > 1 else f"total {total}",
                    f"That is {count(len(done), 'row')}, and the sum is {_plus(amounts)} = {total}."
                    if len(done) > 1
                    else f"That is a single row, so the sum is {total}.",
                ),
            ),
            check=v.pick(
                f"In two parts the sum is {halves[0]} + {halves[1]} = {total}, the same as before.",
                f"The {count(len(done), 'amount')} from {min(amounts)} to {max(amounts)} have a mean of about "
                f"{total / len(done):.1f}, and {len(done)} times that is {total}.",
            ),
            closing=v.pick(f"In total that is {{}} {unit}.", f"The selected rows hold {{}} {unit}."),
            answer=str(total),
        )

    kind = rng.choice(("boundary", "boundary", "lost_element", "extra_element"))
    if kind == "boundary":
        told = rng.choice((true, read))
        return Problem(
            question,
            kind,
            right=lambda v: solve(v, true, chosen(true)),
            wrong=lambda v: solve(v, told, chosen(read)),
        )
    right = chosen(true)
    if len(right) < 3:
        return None
    wrong = sorted({*right} ^ {rng.choice(right) if kind == "lost_element" else rng.choice(others)})
    return slip(question, kind, lambda v, done: solve(v, true, done), right, wrong)


_READINGS = (
    ("rainfall in mm", "day", "the gauge failed"),
    ("visitors of a small museum", "day", "nobody counted"),
    ("litres of milk from a herd", "day", "the meter was off"),
    ("letters sorted in an office", "shift", "no record was kept"),
    ("kilometres cycled by a courier", "day", "the counter was broken"),
)


def mean(rng: Random) -> Problem | None:
    """The premise: a missing entry counts as nought, or is left out."""
    what, one, why = rng.choice(_READINGS)
    size, missing = rng.randrange(9, 14), rng.choice((2, 3, 4))
    present = size - missing
    values = [rng.randrange(12, 88) for _ in range(present)]
    values[-1] += -sum(values) % lcm(size, present)
    if values[-1] > 99:
        return None
    entries: list[int | None] = [*values, *([None] * missing)]
    rng.shuffle(entries)
    true, read = rng.sample(("zero", "skip"), 2)
    asked = {
        "zero": (f"counts as a {one} with the value 0", "is to be treated as 0"),
        "skip": (f"does not count as a {one} at all", "is to be left out"),
    }[true]
    listing = "\n".join(f"{one} {number}: {'-' if entry is None else entry}" for number, entry in enumerate(entries, 1))
    question = (
        f"The list shows {what}, and a dash stands where {why}:\n\n{listing}\n\nIn the mean, a dash {rng.choice(asked)}. What is the "
        f"mean per {one}?"
    )

    def solve(v: Voice, told: str, done: str) -> Working:
        known = [entry for entry in entries if entry is not None]
        total, divisor = sum(known), size if done == "zero" else present
        answer = total // divisor
        rule = {
            "zero": ("a gap adds nothing but still takes part", "the gaps are part of the number we divide by"),
            "skip": ("a gap takes no part", "the gaps are no part of the number we divide by"),
        }[told]
        half = len(known) // 2
        return Working(
            task=v.pick(f"We want the mean of the list, in which {v.pick(*rule)}.", f"For this mean, {v.pick(*rule)}."),
            plan=v.pick("The sum comes first, then the number to divide by.", "I add the entries and divide."),
            steps=(
                Step(
                    "add the entries",
                    f"sum: {_plus(known)} = {total}",
                    f"The numbers in the list add up to {_plus(known[:half])} = {sum(known[:half])} and {_plus(known[half:])} = "
                    f"{sum(known[half:])}, together {total}.",
                ),
                Step(
                    "find the number to divide by",
                    f"divide by {divisor}",
                    f"The list has {size} lines, {missing} of them with a dash, and we divide by {divisor}.",
                ),
                Step("divide", f"{total} / {divisor} = {answer}", f"The mean is {total} / {divisor} = {answer}."),
            ),
            check=v.pick(
                f"{divisor} × {answer} = {total}, the sum of the list.",
                f"The single values lie between {min(known)} and {max(known)}, so {answer} is of the right size, and {answer} × {divisor} "
                f"gives back {total}.",
            ),
            closing=f"The mean per {one} is {{}}.",
            answer=str(answer),
        )

    return twin(rng, question, "premise", solve, true, read)


_TEAMS = (("North", "South"), ("Red", "Blue"), ("Day", "Night"), ("Upper", "Lower"), ("East", "West"))
_MADE = (("parcels", "packed"), ("forms", "checked"), ("meals", "served"), ("calls", "answered"), ("trees", "planted"))


def gap(rng: Random) -> Problem | None:
    """The slips: a row is put down to the other group; or one of the two sums is off by ten."""
    groups, (things, done_to) = rng.choice(_TEAMS), rng.choice(_MADE)
    size = rng.randrange(10, 14)
    rows = [(f"week {number}", rng.choice(groups), rng.randrange(18, 97)) for number in range(1, size + 1)]
    sides = [[at for at, row in enumerate(rows) if row[1] == group] for group in groups]
    if min(len(side) for side in sides) < 4:
        return None
    question = (
        f"Each week one of two teams was on duty. The table gives the week, the team and the {things} {done_to}:\n\n"
        f"{_table(('week', 'team', things), rows)}\n\nWhich team {done_to} more {things} over the whole period, and how many more?"
    )

    def solve(v: Voice, made: tuple[int | None, int, int]) -> Working:
        moved, *off = made
        members = [[at for at in range(size) if (rows[at][1] == group) != (at == moved)] for group in groups]
        sums = [sum(rows[at][2] for at in side) + extra for side, extra in zip(members, off)]
        ahead = 0 if sums[0] > sums[1] else 1
        difference = abs(sums[0] - sums[1])
        steps = [
            Step(
                f"add up the weeks of team {group}",
                f"{group}: {_plus([rows[at][2] for at in side])} = {total}",
                f"Team {group} has {count(len(side), 'week')} ({series([at + 1 for at in side])}) with "
                f"{_plus([rows[at][2] for at in side])} = {total} {things}.",
            )
            for group, side, total in zip(groups, members, sums)
        ]
        return Working(
            task=v.pick(
                f"We compare the totals of the teams {groups[0]} and {groups[1]}.", f"The {things} have to be added up for each team."
            ),
            plan=v.pick("Each total is a sum over that team's weeks.", "I collect the weeks of one team, then of the other."),
            steps=(
                *steps,
                Step(
                    "compare",
                    f"difference: {max(sums)} - {min(sums)} = {difference}",
                    f"Team {groups[ahead]} has the larger total, by {max(sums)} - {min(sums)} = {difference}.",
                ),
            ),
            check=v.pick(
                f"The teams have {len(members[0])} + {len(members[1])} = {size} weeks, so every row is used once.",
                f"Both teams together have {sums[0]} + {sums[1]} = {sum(sums)} {things} in {size} weeks, about "
                f"{round(sum(sums) / size)} a week, which fits the table.",
            ),
            closing=v.pick("The answer is team {} more.", "It is team {} more."),
            answer=f"{groups[ahead]}, {difference}",
        )

    totals = [sum(rows[at][2] for at in side) for side in sides]
    if rng.random() < 0.5:
        made: tuple[int | None, int, int] = (rng.randrange(size), 0, 0)
    else:
        made = rng.choice(((None, 10, 0), (None, -10, 0), (None, 0, 10), (None, 0, -10)))
    moved = rows[made[0]][2] * (1 if rows[made[0]][1] == groups[1] else -1) if made[0] is not None else 0
    after = [totals[0] + moved + made[1], totals[1] - moved + made[2]]
    if totals[0] == totals[1] or after[0] == after[1]:
        return None
    return slip(question, "calculation" if made[0] is None else "misassigned", solve, (None, 0, 0), made)


KINDS = (filtered, mean, gap)
