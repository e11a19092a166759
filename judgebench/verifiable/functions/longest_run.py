"""The longest run of equal neighbours: the first or the last of several?"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from judgebench.verifiable.functions.spec import Spec, block


def spec(rng: Random) -> Spec:
    x = rng.choice(("values", "items", "symbols"))

    def code(option: str) -> tuple[str, ...]:
        sign = ">" if option == "first" else ">="
        return (
            block(
                "best = start = 0",
                "length = 0",
                f"for place, item in enumerate({x}):",
                f"    if place and item != {x}[place - 1]:",
                "        start = place",
                f"    if place - start + 1 {sign} length:",
                "        length = place - start + 1",
                "        best = start",
                "return best",
            ),
            block(
                "best, length = 0, 0",
                f"for start in range(len({x})):",
                "    end = start",
                f"    while end < len({x}) and {x}[end] == {x}[start]:",
                "        end += 1",
                f"    if end - start {sign} length:",
                "        best, length = start, end - start",
                "return best",
            ),
        )

    def run(option: str, values: Sequence[int]) -> int:
        starts = [at for at in range(len(values)) if not at or values[at] != values[at - 1]]
        ends = [*starts[1:], len(values)]
        longest = max(end - start for start, end in zip(starts, ends))
        tops = [start for start, end in zip(starts, ends) if end - start == longest]
        return tops[0] if option == "first" else tops[-1]

    return Spec(
        names=("longest_run", "run_start", "longest_block"),
        parameters=x,
        purpose=f"returns the index (from 0) at which the longest run of equal neighbours in the list `{x}` starts",
        goal="find where the longest run of equal neighbours starts",
        summary="return the start of the longest run of equal neighbours",
        in_question={
            "first": ("if several runs are equally long, the first of them counts",),
            "last": ("if several runs are equally long, the last of them counts",),
        },
        in_response={
            "first": ("a later run has to be longer to win", "among equally long runs the one furthest left wins"),
            "last": ("a later run wins if it is as long", "among equally long runs the one furthest right wins"),
        },
        steps=(
            (
                "measure the runs",
                "each run is measured from its start",
                "For each run we know where it starts and how long it is.",
            ),
            (
                "remember the best",
                "the best start so far is kept",
                "The best start and length so far are kept and replaced when needed.",
            ),
        ),
        code=code,
        run=run,
        draw=lambda rng: ([rng.randrange(1, 4) for _ in range(rng.randrange(7, 11))],),
        error="tie_rule",
        note="The list is never empty.",
    )
