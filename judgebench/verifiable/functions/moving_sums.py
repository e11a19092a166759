"""Sums over a moving window: only full windows, or partial ones too?"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from judgebench.verifiable.functions.spec import Spec, block, few


def spec(rng: Random) -> Spec:
    x = rng.choice(("values", "numbers", "prices"))

    def code(option: str) -> tuple[str, ...]:
        if option == "full":
            return (
                f"return [sum({x}[end - width:end]) for end in range(width, len({x}) + 1)]",
                block(
                    "result = []",
                    f"for place in range(len({x})):",
                    "    if place >= width - 1:",
                    f"        result.append(sum({x}[place - width + 1:place + 1]))",
                    "return result",
                ),
            )
        return (
            f"return [sum({x}[max(0, end - width):end]) for end in range(1, len({x}) + 1)]",
            block(
                "result = []",
                f"for place in range(len({x})):",
                "    start = max(0, place - width + 1)",
                f"    result.append(sum({x}[start:place + 1]))",
                "return result",
            ),
        )

    def run(option: str, values: Sequence[int], width: int) -> list[int]:
        sums = [sum(values[at] for at in range(max(0, end - width), end)) for end in range(1, len(values) + 1)]
        return sums[width - 1 :] if option == "full" else sums

    return Spec(
        names=("moving_sums", "window_sums", "rolling_sums"),
        parameters=f"{x}, width",
        purpose=f"returns a list with the sum of each entry of the list `{x}` and the `width - 1` entries before it",
        goal="compute sums over a moving window",
        summary="return the sums over a moving window",
        in_question={
            "full": (
                "entries with fewer than `width - 1` others before them are passed over, so the result is shorter",
            ),
            "partial": ("where fewer than `width - 1` entries come before, the sum takes those that there are",),
        },
        in_response={
            "full": ("the first sum is formed when the window is full", "only full windows give a sum"),
            "partial": (
                "the first sums use a window that is still growing",
                "windows that are not yet full give a sum as well",
            ),
        },
        steps=(
            (
                "move the window",
                "the window moves one place at a time",
                "The window ends at each place in turn and reaches back over the given number of entries.",
            ),
            (
                "sum the slice",
                "each window is a slice that is summed",
                "Every window is a slice of the list, and the built-in sum does the rest.",
            ),
        ),
        code=code,
        run=run,
        draw=lambda rng: (few(rng, 1, 20, 6), rng.choice((1, 1, 2, 3, 4))),
    )
