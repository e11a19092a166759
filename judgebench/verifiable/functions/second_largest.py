"""The second largest entry: may it equal the largest?"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from judgebench.verifiable.functions.spec import Spec, block, few


def spec(rng: Random) -> Spec:
    x = rng.choice(("values", "numbers", "scores"))

    def code(option: str) -> tuple[str, ...]:
        source = f"set({x})" if option == "different" else x
        loop = (
            "elif value < top and (second is None or value > second)"
            if option == "different"
            else "elif second is None or value > second"
        )
        return (
            block(
                f"ordered = sorted({source}, reverse=True)",
                "return ordered[1] if len(ordered) > 1 else None",
            ),
            block(
                "top = second = None",
                f"for value in {x}:",
                "    if top is None or value > top:",
                "        top, second = value, top",
                f"    {loop}:",
                "        second = value",
                "return second",
            ),
        )

    def run(option: str, values: Sequence[int]) -> int | None:
        ranked = sorted(dict.fromkeys(values) if option == "different" else values)
        return ranked[-2] if len(ranked) > 1 else None

    return Spec(
        names=("second_largest", "runner_up", "second_best"),
        parameters=x,
        purpose=f"returns the second largest entry of the list `{x}`, or `None` if there is no such entry",
        goal="return the second largest entry of a list",
        summary="return the second largest entry, or None",
        in_question={
            "different": ("if the largest number occurs several times, the answer is the next smaller number",),
            "equal": ("if the largest number occurs several times, it is also the second largest",),
        },
        in_response={
            "different": ("copies of the maximum do not count as second", "the result is smaller than the maximum"),
            "equal": ("a copy of the maximum counts as second", "the result may equal the maximum"),
        },
        steps=(
            (
                "find the order",
                "we need to know the order of the entries",
                "What matters is the entry that comes next after the maximum.",
            ),
            (
                "handle short lists",
                "None if there is no second one",
                "If there is no such entry, the function returns None.",
            ),
        ),
        code=code,
        run=run,
        draw=lambda rng: (few(rng, 3, 11, 5),),
        error="double_count",
    )
