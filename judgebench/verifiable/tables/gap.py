"""Which team has more, and by how much? The slips: a row is counted for the other team; or a sum is off by ten."""

from __future__ import annotations

from random import Random

from judgebench.verifiable.tables.layout import plus, table
from judgebench.verifiable.writing import Problem, Step, Voice, Working, count, series, slip

_TEAMS = (("North", "South"), ("Red", "Blue"), ("Day", "Night"), ("Upper", "Lower"), ("East", "West"))
_MADE = (("parcels", "packed"), ("forms", "checked"), ("meals", "served"), ("calls", "answered"), ("trees", "planted"))


def draw(rng: Random) -> Problem | None:
    groups, (things, done_to) = rng.choice(_TEAMS), rng.choice(_MADE)
    size = rng.randrange(10, 14)
    rows = [(f"week {number}", rng.choice(groups), rng.randrange(18, 97)) for number in range(1, size + 1)]
    sides = [[at for at, row in enumerate(rows) if row[1] == group] for group in groups]
    question = (
        f"Each week one of two teams was on duty. The table gives the week, the team and the {things} "
        f"{done_to}:\n\n{table(('week', 'team', things), rows)}\n\nWhich team {done_to} more {things} over the whole "
        "period, and by how many?"
    )

    def solve(v: Voice, error: tuple[int | None, int, int]) -> Working:
        moved, *off = error
        members = [[at for at in range(size) if (rows[at][1] == group) != (at == moved)] for group in groups]
        sums = [sum(rows[at][2] for at in side) + extra for side, extra in zip(members, off)]
        ahead = 0 if sums[0] > sums[1] else 1
        difference = abs(sums[0] - sums[1])
        steps = [
            Step(
                f"add up the weeks of team {group}",
                f"{group}: {plus([rows[at][2] for at in side])} = {total}",
                f"Team {group} has {count(len(side), 'week')} ({series([at + 1 for at in side])}) with "
                f"{plus([rows[at][2] for at in side])} = {total} {things}.",
            )
            for group, side, total in zip(groups, members, sums)
        ]
        return Working(
            task=v.pick(
                f"We compare the totals of the teams {groups[0]} and {groups[1]}.",
                f"The {things} have to be added up for each team.",
            ),
            plan=v.pick(
                "Each total is a sum over that team's weeks.", "I collect the weeks of one team, then of the other."
            ),
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
            closing=v.pick("The lead goes to team {}.", "Ahead is team {}."),
            answer=f"{groups[ahead]}, by {difference}",
        )

    totals = [sum(rows[at][2] for at in side) for side in sides]
    if rng.random() < 0.5:
        error: tuple[int | None, int, int] = (rng.randrange(size), 0, 0)
    else:
        error = rng.choice(((None, 10, 0), (None, -10, 0), (None, 0, 10), (None, 0, -10)))
    moved = rows[error[0]][2] * (1 if rows[error[0]][1] == groups[1] else -1) if error[0] is not None else 0
    after = [totals[0] + moved + error[1], totals[1] - moved + error[2]]
    sizes = [len(side) for side in sides]
    if error[0] is not None:
        to = 1 if rows[error[0]][1] == groups[0] else 0
        sizes += [sizes[to] + 1, sizes[1 - to] - 1]
    if totals[0] == totals[1] or after[0] == after[1] or min(sizes) < 3:
        return None
    return slip(question, "calculation" if error[0] is None else "misassigned", solve, (None, 0, 0), error)
