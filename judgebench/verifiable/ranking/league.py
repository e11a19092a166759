"""A league table. The premise: which of two tie-breakers comes first."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from judgebench.verifiable.lexicon import ORDINALS
from judgebench.verifiable.writing import Problem, Step, Voice, Working, twin

_TEAMS = (
    "Ash",
    "Birch",
    "Cedar",
    "Elm",
    "Fir",
    "Hazel",
    "Juniper",
    "Larch",
    "Maple",
    "Oak",
    "Pine",
    "Rowan",
    "Willow",
    "Yew",
)
_MEASURES = (
    ("goal difference", "number of wins"),
    ("number of goals", "number of wins"),
    ("fairness score", "goal difference"),
)


def _groups(values: Sequence[int]) -> list[tuple[int, list[int]]]:
    """Indices by value, the highest value first; the order within a group is that of the question."""
    return [
        (value, [at for at, number in enumerate(values) if number == value])
        for value in sorted(set(values), reverse=True)
    ]


def draw(rng: Random) -> Problem | None:
    teams = rng.sample(_TEAMS, rng.choice((6, 7)))
    levels = rng.sample(range(11, 35), 3)
    points = [rng.choice(levels) for _ in teams]
    measures = rng.choice(_MEASURES)
    extra = ([rng.randrange(3, 14) for _ in teams], [rng.randrange(3, 14) for _ in teams])
    true, misread = rng.sample((0, 1), 2)

    def ranked(first: int) -> list[int]:
        return sorted(
            range(len(teams)), key=lambda at: (points[at], extra[first][at], extra[1 - first][at]), reverse=True
        )

    keys = {(points[at], extra[0][at], extra[1][at]) for at in range(len(teams))}
    differ = [at for at, (a, b) in enumerate(zip(ranked(0), ranked(1))) if a != b]
    if len(keys) < len(teams) or not differ:
        return None
    place = rng.choice(differ) if rng.random() < 0.5 else None
    wordings = (
        f"ties are broken by the {measures[true]}, and if that is equal too, by the {measures[1 - true]}",
        f"among teams with equal points the {measures[true]} decides, and only then the {measures[1 - true]}",
    )
    listing = "\n".join(
        f"{team}: {points[at]} points, {measures[0]} {extra[0][at]}, {measures[1]} {extra[1][at]}"
        for at, team in enumerate(teams)
    )
    request = "List all teams from first to last." if place is None else f"Which team comes {ORDINALS[place]}?"
    question = (
        f"{len(teams)} teams finished a season with these results:\n\n{listing}\n\nMore points are better; "
        f"{rng.choice(wordings)}. In both of these a higher number is better. {request}"
    )

    def solve(v: Voice, stated: int, applied: int) -> Working:
        order = ranked(applied)
        names = [teams[at] for at in order]
        tied = [(value, sorted(group, key=order.index)) for value, group in _groups(points)]
        lines = [
            f"{value} points: {teams[group[0]]} alone"
            if len(group) == 1
            else f"{value} points: "
            + ", ".join(
                f"{teams[at]} ({measures[applied]} {extra[applied][at]}, "
                f"{measures[1 - applied]} {extra[1 - applied][at]})"
                for at in group
            )
            for value, group in tied
        ]
        blocks = "; ".join(f"{value}: {', '.join(teams[at] for at in group)}" for value, group in _groups(points))
        answer = ", ".join(names) if place is None else names[place]
        rule = v.pick(
            f"equal points are settled by the {measures[stated]} before anything else",
            f"the {measures[stated]} is the first thing to look at when points are equal",
        )
        return Working(
            task=v.pick(
                f"The table is ordered by points, and {rule}.",
                f"We need the final order of {len(teams)} teams; {rule}.",
                f"We need to rank {len(teams)} teams, some of them with equal points.",
                "The points decide first, and the ties have to be broken.",
            ),
            plan=v.pick(
                "I form the groups with equal points and then order each of them.",
                "Points come first, and then every tie is looked at separately.",
            ),
            steps=(
                Step(
                    "group the teams by points",
                    f"by points: {blocks}",
                    f"Sorted by points alone, the groups are: {blocks}.",
                ),
                Step(
                    "settle the ties",
                    "with the ties settled: " + "; ".join(", ".join(teams[at] for at in group) for _, group in tied),
                    v.rows("Inside the groups the order is:", lines),
                ),
                *(
                    ()
                    if place is None
                    else (
                        Step(
                            "read off the place",
                            f"{ORDINALS[place]} is {names[place]}",
                            f"The whole order is {', '.join(names)}, so {ORDINALS[place]} is {names[place]}.",
                        ),
                    )
                ),
            ),
            check=v.pick(
                (
                    f"Read from the bottom, the order is {', '.join(reversed(names))}, and the points never fall on "
                    "the way up."
                ),
                (
                    f"All {len(teams)} teams appear once, with points {', '.join(str(points[at]) for at in order)} "
                    "from top to bottom."
                ),
            ),
            closing="The order is {}." if place is None else f"{{}} comes {ORDINALS[place]}.",
            answer=answer,
        )

    return twin(rng, question, "tie_rule", solve, true, misread)
