"""Where a running total stops: at the limit or beyond it?"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from judgebench.verifiable.functions.spec import Spec, block


def spec(rng: Random) -> Spec:
    x = rng.choice(("values", "amounts", "weights"))

    def code(option: str) -> tuple[str, ...]:
        sign, opposite = (">=", "<") if option == "reach" else (">", "<=")
        return (
            (
                block(
                    "total = 0",
                    f"for place, value in enumerate({x}):",
                    "    total += value",
                    f"    if total {sign} limit:",
                    "        return place",
                    "return -1",
                )
            ),
            block(
                "place, total = 0, 0",
                f"while place < len({x}):",
                f"    total += {x}[place]",
                f"    if total {opposite} limit:",
                "        place += 1",
                "    else:",
                "        return place",
                "return -1",
            ),
        )

    def run(option: str, values: Sequence[int], limit: int) -> int:
        sums = [sum(values[: at + 1]) for at in range(len(values))]
        fitting = [at for at, total in enumerate(sums) if total > limit or (total == limit and option == "reach")]
        return fitting[0] if fitting else -1

    def draw(rng: Random) -> tuple[list[int], int]:
        values = [rng.randrange(2, 15) for _ in range(rng.randrange(4, 7))]
        return values, rng.choice((sum(values[:2]), sum(values[:3]), rng.randrange(10, 40)))

    return Spec(
        names=("first_over", "fill_index", "stop_index"),
        parameters=f"{x}, limit",
        purpose=(
            f"adds up the positive numbers in the list `{x}` from the start and returns the index (from 0) at which "
            "it stops, or -1 if it never does"
        ),
        goal="find where a running total stops",
        summary="return the index at which the running total stops",
        in_question={
            "reach": (
                "it stops as soon as the total is at least `limit`",
                "it stops once the total has reached `limit`",
            ),
            "over": (
                "it stops as soon as the total is more than `limit`",
                "it stops once the total has exceeded `limit`",
            ),
        },
        in_response={
            "reach": ("a total equal to the limit ends the search", "meeting the limit is enough"),
            "over": ("a total equal to the limit does not end the search", "meeting the limit is not enough"),
        },
        steps=(
            (
                "keep a running total",
                "a running total is kept",
                "We add one entry at a time and compare the total with the limit.",
            ),
            (
                "return the index",
                "the index comes back, or -1",
                "The index of the entry that made the difference is returned; after the loop it is -1.",
            ),
        ),
        code=code,
        run=run,
        draw=draw,
    )
