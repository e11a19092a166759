"""A list moved round in a circle: which way?"""

from __future__ import annotations

from random import Random

from judgebench.verifiable.functions.spec import Spec, block


def spec(rng: Random) -> Spec:
    x = rng.choice(("values", "items", "seats"))

    def code(option: str) -> tuple[str, ...]:
        cut = f"steps % len({x})" if option == "left" else f"-steps % len({x})"
        if option == "left":
            loop = block(
                f"result = list({x})",
                "for _ in range(steps):",
                "    result.append(result.pop(0))",
                "return result",
            )
        else:
            loop = block(
                f"result = list({x})",
                "for _ in range(steps):",
                "    result.insert(0, result.pop())",
                "return result",
            )
        return (
            block(
                f"cut = {cut}",
                f"return {x}[cut:] + {x}[:cut]",
            ),
            loop,
        )

    def run(option: str, values: list[int], steps: int) -> list[int]:
        sign = 1 if option == "left" else -1
        return [values[(at + sign * steps) % len(values)] for at in range(len(values))]

    return Spec(
        names=("rotate", "turn", "shifted"),
        parameters=f"{x}, steps",
        purpose=f"returns a copy of the list `{x}` whose entries have moved round by `steps` places",
        goal="move the entries of a list round in a circle",
        summary=f"return {x} moved round by the given number of places",
        in_question={
            "left": ("they move to the left, and what falls off at the front comes back at the end",),
            "right": ("they move to the right, and what falls off at the end comes back at the front",),
        },
        in_response={
            "left": (
                "the first entry becomes the last one with each step",
                "each step takes one entry from the front to the back",
            ),
            "right": (
                "the last entry becomes the first one with each step",
                "each step takes one entry from the back to the front",
            ),
        },
        steps=(
            (
                "keep the original as it is",
                "we work on a copy",
                "The list that was passed in stays unchanged; the result is a new one.",
            ),
            (
                "allow many steps",
                "going round several times is fine",
                "With more steps than entries the list goes round more than once, which works too.",
            ),
        ),
        code=code,
        run=run,
        draw=lambda rng: ([rng.randrange(1, 30) for _ in range(rng.randrange(4, 7))], rng.randrange(1, 10)),
        error="direction",
        note="The list has at least one entry, and `steps` is not negative and may exceed its length.",
    )
