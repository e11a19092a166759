"""Rounding to a multiple: up or down from halfway?"""

from __future__ import annotations

from random import Random

from judgebench.verifiable.functions.spec import Spec, block


def spec(rng: Random) -> Spec:
    step = rng.choice((4, 6, 8, 10, 12, 20, 30, 50))
    x = rng.choice(("n", "value", "minutes"))

    def code(option: str) -> tuple[str, ...]:
        half = step // 2
        if option == "up":
            return (
                f"return ({x} + {half}) // {step} * {step}",
                block(
                    f"rest = {x} % {step}",
                    f"if rest >= {half}:",
                    f"    return {x} - rest + {step}",
                    f"return {x} - rest",
                ),
            )
        return (
            f"return ({x} + {half - 1}) // {step} * {step}",
            block(
                f"rest = {x} % {step}",
                f"if rest > {half}:",
                f"    return {x} - rest + {step}",
                f"return {x} - rest",
            ),
        )

    def run(option: str, n: int) -> int:
        low, high = n - n % step, n - n % step + step
        if n - low == high - n:
            return high if option == "up" else low
        return low if n - low < high - n else high

    return Spec(
        names=("to_multiple", "rounded", "snap"),
        parameters=x,
        purpose=f"rounds the whole number `{x}`, which is not negative, to the nearest multiple of {step}",
        goal=f"round to the nearest multiple of {step}",
        summary=f"round to the nearest multiple of {step}",
        in_question={
            "up": (
                "a number halfway between two multiples goes to the larger one",
                "numbers exactly in the middle are rounded up",
            ),
            "down": (
                "a number halfway between two multiples goes to the smaller one",
                "numbers exactly in the middle are rounded down",
            ),
        },
        in_response={
            "up": (f"a remainder of {step // 2} goes to the upper neighbour", f"{step // 2} itself becomes {step}"),
            "down": (f"a remainder of {step // 2} goes to the lower neighbour", f"{step // 2} itself becomes 0"),
        },
        steps=(
            (
                "use the remainder",
                f"the remainder by {step} decides",
                f"What decides is the remainder of the number when divided by {step}.",
            ),
            (
                "stay with integers",
                "integer division avoids floats",
                "Integer arithmetic is enough, so no rounding errors of floats can occur.",
            ),
        ),
        code=code,
        run=run,
        draw=lambda rng: (rng.choice((step * rng.randrange(1, 12) + step // 2, rng.randrange(1, 40 * step))),),
        error="tie_rule",
    )
