"""The longest series of good days: is a day at the goal good?"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from judgebench.verifiable.functions.spec import Spec, block


def spec(rng: Random) -> Spec:
    goal, x = rng.randrange(20, 90) * 100, rng.choice(("steps", "days", "counts"))

    def code(option: str) -> tuple[str, ...]:
        sign, opposite = (">=", "<") if option == "reach" else (">", "<=")
        return (
            (
                block(
                    "best = now = 0",
                    f"for value in {x}:",
                    f"    now = now + 1 if value {sign} {goal} else 0",
                    "    best = max(best, now)",
                    "return best",
                )
            ),
            block(
                "best = 0",
                "now = 0",
                f"for value in {x}:",
                f"    if value {opposite} {goal}:",
                "        now = 0",
                "        continue",
                "    now += 1",
                "    if now > best:",
                "        best = now",
                "return best",
            ),
        )

    def run(option: str, values: Sequence[int]) -> int:
        marks = "".join("+" if value > goal or (value == goal and option == "reach") else " " for value in values)
        return max((len(part) for part in marks.split()), default=0)

    return Spec(
        names=("best_streak", "longest_streak", "streak"),
        parameters=x,
        purpose=(
            f"takes the list `{x}` of daily step counts and returns the length of the longest unbroken series of good "
            "days"
        ),
        goal="find the longest series of good days",
        summary="return the length of the longest series of good days",
        in_question={
            "reach": (f"a day is good with at least {goal} steps", f"a good day has {goal} steps or more"),
            "over": (f"a day is good with more than {goal} steps", f"a good day has over {goal} steps"),
        },
        in_response={
            "reach": (f"a day with exactly {goal} keeps the series alive", f"{goal} itself is good"),
            "over": (f"a day with exactly {goal} ends the series", f"{goal} itself is not good"),
        },
        steps=(
            (
                "count the current series",
                "the current series grows or starts again at 0",
                "A good day makes the current series longer; any other day sets it back to 0.",
            ),
            (
                "keep the maximum",
                "the maximum is kept",
                "The longest series so far is remembered and returned at the end.",
            ),
        ),
        code=code,
        run=run,
        draw=lambda rng: ([goal + rng.choice((-900, -100, 0, 0, 300, 800, 1500)) for _ in range(rng.randrange(5, 9))],),
    )
