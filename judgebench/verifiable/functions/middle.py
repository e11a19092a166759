"""The middle entry: the smaller or the larger of two?"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from judgebench.verifiable.functions.spec import Spec, block


def spec(rng: Random) -> Spec:
    x = rng.choice(("values", "numbers", "ages"))

    def code(option: str) -> tuple[str, ...]:
        place = f"(len({x}) - 1) // 2" if option == "smaller" else f"len({x}) // 2"
        from_the_end = f"-(len({x}) // 2) - 1" if option == "smaller" else f"-((len({x}) + 1) // 2)"
        return (
            block(
                f"ordered = sorted({x})",
                f"return ordered[{place}]",
            ),
            f"return sorted({x})[{from_the_end}]",
        )

    def run(option: str, values: Sequence[int]) -> int:
        rest = sorted(values)
        while len(rest) > 2:
            rest = rest[1:-1]
        return rest[0] if option == "smaller" else rest[-1]

    return Spec(
        names=("middle", "median_entry", "middle_entry"),
        parameters=x,
        purpose=f"returns the entry in the middle of the list `{x}` after sorting",
        goal="return the middle entry of a sorted list",
        summary="return the entry in the middle after sorting",
        in_question={
            "smaller": ("if two entries are in the middle, the smaller one is returned",),
            "larger": ("if two entries are in the middle, the larger one is returned",),
        },
        in_response={
            "smaller": (
                "with an even number of entries we take the lower one of the two",
                "the lower of two candidates wins",
            ),
            "larger": (
                "with an even number of entries we take the upper one of the two",
                "the upper of two candidates wins",
            ),
        },
        steps=(
            ("sort", "the list is sorted", "Sorting a copy keeps the argument unchanged."),
            (
                "compute the index",
                "the index follows from the length",
                "Half of the length leads to the middle; integer division deals with odd lengths.",
            ),
        ),
        code=code,
        run=run,
        draw=lambda rng: (rng.sample(range(1, 60), rng.choice((3, 4, 4, 5, 6, 7))),),
        error="tie_rule",
        note="The list is never empty and has no repeats.",
    )
