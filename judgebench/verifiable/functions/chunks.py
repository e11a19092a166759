"""A list in pieces: is a short rest kept?"""

from __future__ import annotations

from random import Random

from judgebench.verifiable.functions.spec import Spec, block, few


def spec(rng: Random) -> Spec:
    x = rng.choice(("values", "items", "letters"))

    def code(option: str) -> tuple[str, ...]:
        if option == "keep":
            return (
                f"return [{x}[start:start + size] for start in range(0, len({x}), size)]",
                (
                    block(
                        "result = []",
                        "start = 0",
                        f"while start < len({x}):",
                        f"    result.append({x}[start:start + size])",
                        "    start += size",
                        "return result",
                    )
                ),
            )
        return (
            f"return [{x}[start:start + size] for start in range(0, len({x}) - size + 1, size)]",
            block(
                "result = []",
                "start = 0",
                f"while start + size <= len({x}):",
                f"    result.append({x}[start:start + size])",
                "    start += size",
                "return result",
            ),
        )

    def run(option: str, values: list[int], size: int) -> list[list[int]]:
        parts: list[list[int]] = []
        for at, value in enumerate(values):
            if at % size == 0:
                parts.append([])
            parts[-1].append(value)
        return [part for part in parts if option == "keep" or len(part) == size]

    return Spec(
        names=("chunks", "in_groups", "split_up"),
        parameters=f"{x}, size",
        purpose=f"cuts the list `{x}` from left to right into lists of `size` entries and returns these as a list",
        goal="cut a list into pieces of a given size",
        summary=f"cut {x} into lists of the given size",
        in_question={
            "keep": ("if too few entries are left at the end, they form a shorter last list",),
            "drop": ("if too few entries are left at the end, they are left out",),
        },
        in_response={
            "keep": ("the rest at the end is returned as well", "a last piece may be short"),
            "drop": ("the rest at the end is not returned", "every piece is full"),
        },
        steps=(
            (
                "find the starting points",
                "pieces start at 0, size, 2 × size and so on",
                "A new piece starts after every full one.",
            ),
            (
                "slice",
                "each piece is a slice",
                "From each starting point we take a slice, and the slices are collected in order.",
            ),
        ),
        code=code,
        run=run,
        draw=lambda rng: (few(rng, 1, 10, 7), rng.randrange(2, 5)),
        error="boundary",
    )
