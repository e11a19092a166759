"""Names by points: in which order with equal points?"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from judgebench.verifiable.functions.spec import Spec, block
from judgebench.verifiable.lexicon import NAMES


def spec(rng: Random) -> Spec:
    x = rng.choice(("pairs", "results", "scores"))

    def code(option: str) -> tuple[str, ...]:
        if option == "az":
            return (
                block(
                    f"ordered = sorted({x}, key=lambda pair: (-pair[1], pair[0]))",
                    "return [name for name, _ in ordered]",
                ),
                (
                    block(
                        f"by_name = sorted({x})",
                        "by_name.sort(key=lambda pair: pair[1], reverse=True)",
                        "return [pair[0] for pair in by_name]",
                    )
                ),
            )
        return (
            (
                block(
                    f"ordered = sorted({x}, key=lambda pair: (pair[1], pair[0]), reverse=True)",
                    "return [name for name, _ in ordered]",
                )
            ),
            (
                block(
                    f"by_name = sorted({x}, reverse=True)",
                    "by_name.sort(key=lambda pair: -pair[1])",
                    "return [pair[0] for pair in by_name]",
                )
            ),
        )

    def run(option: str, pairs: Sequence[tuple[str, int]]) -> list[str]:
        levels = sorted({points for _, points in pairs}, reverse=True)
        groups = [
            sorted((name for name, points in pairs if points == level), reverse=option == "za") for level in levels
        ]
        return [name for group in groups for name in group]

    def draw(rng: Random) -> tuple[list[tuple[str, int]]]:
        names = rng.sample(NAMES, rng.choice((3, 4, 4)))
        return ([(name, rng.randrange(3, 7)) for name in names],)

    return Spec(
        names=("ranking", "rank_names", "final_order"),
        parameters=x,
        purpose=(
            f"takes a list `{x}` of tuples (name, points) and returns the list of the names from most to fewest points"
        ),
        goal="put names in order of their points",
        summary="return the names from most to fewest points",
        in_question={
            "az": ("names with the same points are in alphabetical order",),
            "za": ("names with the same points are in reverse alphabetical order",),
        },
        in_response={
            "az": ("with equal points the name nearer to A comes first", "ties go from A to Z"),
            "za": ("with equal points the name nearer to Z comes first", "ties go from Z to A"),
        },
        steps=(
            (
                "sort by points",
                "more points come first",
                "The main criterion is the number of points, and the larger number comes first.",
            ),
            (
                "keep the names",
                "only the names are returned",
                "After sorting, the points have done their work and only the names are kept.",
            ),
        ),
        code=code,
        run=run,
        draw=draw,
        error="tie_rule",
        note="No name occurs twice.",
    )
