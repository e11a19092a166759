"""A chain of units. The slip: the two factors between them change places."""

from __future__ import annotations

from random import Random

from judgebench.verifiable.writing import Problem, Step, Voice, Working, spread, twin

_CHAINS = (
    ("pallets", "pallet", "crates", "crate", "bottles"),
    ("cartons", "carton", "boxes", "box", "pencils"),
    ("containers", "container", "sacks", "sack", "tins"),
    ("volumes", "volume", "chapters", "chapter", "pages"),
    ("warehouses", "warehouse", "shelves", "shelf", "folders"),
)


def draw(rng: Random) -> Problem | None:
    bigs, big, mids, mid, smalls = rng.choice(_CHAINS)
    true = (rng.randrange(6, 40), rng.randrange(6, 40))
    a, b, c = rng.randrange(2, 9), rng.randrange(2, 13), rng.randrange(2, 30)
    if true[0] == true[1]:
        return None
    question = rng.choice(
        (
            (
                f"Each {big} holds {true[0]} {mids}, and each {mid} holds {true[1]} {smalls}. How many {smalls} are "
                f"there in {a} {bigs}, {b} further {mids} and {c} single {smalls}?"
            ),
            (
                f"{true[1]} {smalls} make one {mid}, and {true[0]} {mids} make one {big}. Someone counts {a} {bigs}, "
                f"{b} loose {mids} and {c} loose {smalls}. How many {smalls} is that altogether?"
            ),
        )
    )

    def solve(v: Voice, stated: tuple[int, int], applied: tuple[int, int]) -> Working:
        middle = a * applied[0] + b
        total = middle * applied[1] + c
        return Working(
            task=v.pick(
                f"We turn everything into {smalls}, where a {big} counts {stated[0]} and a {mid} {stated[1]}.",
                f"The factors are {stated[0]} for a {big} and {stated[1]} for a {mid}; we want {smalls}.",
                f"Everything has to be expressed in {smalls}.",
                f"We want the number of {smalls} in {a} {bigs}, {b} {mids} and {c} {smalls}.",
            ),
            plan=v.pick(
                "I go down the units one level at a time.", f"First {bigs} become {mids}, then {mids} become {smalls}."
            ),
            steps=(
                Step(
                    f"turn the {bigs} into {mids}",
                    f"{a} × {applied[0]} + {b} = {middle} {mids}",
                    (
                        f"The {a} {bigs} are {a} × {applied[0]} = {a * applied[0]} {mids}. With the {b} others, that "
                        f"is {middle} {mids}."
                    ),
                ),
                Step(
                    f"turn the {mids} into {smalls}",
                    f"{middle} × {applied[1]} = {middle * applied[1]:,} {smalls}",
                    f"With {applied[1]} in each of the {middle}: {spread(middle, applied[1])}.",
                ),
                Step(
                    f"add the single {smalls}",
                    f"{middle * applied[1]:,} + {c} = {total:,}",
                    f"Finally the {c} {smalls} on their own: {middle * applied[1]:,} + {c} = {total:,}.",
                ),
            ),
            check=v.pick(
                f"Going back up, {total:,} - {c} = {middle * applied[1]:,}, which is {middle} times {applied[1]}, and "
                f"{middle} - {b} = {a * applied[0]} is {a} times {applied[0]}.",
                f"Level by level: {a * applied[0] * applied[1]:,} {smalls} in the {bigs}, {b * applied[1]:,} in the "
                f"other {mids} and {c} single ones, together {total:,}.",
            ),
            closing=f"That is {{}} {smalls} altogether.",
            answer=f"{total:,}",
        )

    return twin(rng, question, "unit_factor", solve, true, (true[1], true[0]))
