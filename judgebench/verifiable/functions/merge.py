"""Merging ranges: do ranges that only touch merge?"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from judgebench.verifiable.functions.spec import Spec, block


def spec(rng: Random) -> Spec:
    x = rng.choice(("ranges", "spans", "bookings"))

    def code(option: str) -> tuple[str, ...]:
        sign = "<=" if option == "touching" else "<"
        opposite = ">" if option == "touching" else ">="
        return (
            block(
                "result = []",
                f"for start, end in sorted({x}):",
                f"    if result and start {sign} result[-1][1]:",
                "        result[-1] = (result[-1][0], max(result[-1][1], end))",
                "    else:",
                "        result.append((start, end))",
                "return result",
            ),
            block(
                "result = []",
                f"for start, end in sorted({x}):",
                f"    if not result or start {opposite} result[-1][1]:",
                "        result.append((start, end))",
                "    elif end > result[-1][1]:",
                "        result[-1] = (result[-1][0], end)",
                "return result",
            ),
        )

    def run(option: str, ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        rest = sorted(ranges)
        merged: list[tuple[int, int]] = []
        while rest:
            start, end = rest.pop(0)
            while rest and (rest[0][0] < end or (rest[0][0] == end and option == "touching")):
                end = max(end, rest.pop(0)[1])
            merged.append((start, end))
        return merged

    def draw(rng: Random) -> tuple[list[tuple[int, int]]]:
        starts = [rng.randrange(0, 24) for _ in range(rng.choice((3, 4)))]
        return ([(start, start + rng.randrange(1, 7)) for start in starts],)

    return Spec(
        names=("merge", "merge_ranges", "joined"),
        parameters=x,
        purpose=(
            f"takes a list `{x}` of tuples (start, end) with start < end and returns the sorted list in which "
            "overlapping ones are merged"
        ),
        goal="merge overlapping ranges",
        summary="return the merged ranges in order",
        in_question={
            "touching": ("ranges that only meet, one ending where the other starts, are merged too",),
            "apart": ("ranges that only meet, one ending where the other starts, stay separate",),
        },
        in_response={
            "touching": ("a common end point is enough for merging", "(1, 4) and (4, 6) become one"),
            "apart": ("a common end point is not enough for merging", "(1, 4) and (4, 6) remain two"),
        },
        steps=(
            (
                "sort the ranges",
                "sorted by start",
                "After sorting by start, a range can only overlap with the last one in the result.",
            ),
            (
                "extend or append",
                "extend the last range or append a new one",
                "Either the last range of the result is extended, or a new one is appended.",
            ),
        ),
        code=code,
        run=run,
        draw=draw,
    )
