"""Entries in a range: which of its ends belong to it?"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from judgebench.verifiable.functions.spec import Spec, block, few


def spec(rng: Random) -> Spec:
    x = rng.choice(("values", "numbers", "readings"))
    signs = {"both": ("<=", "<="), "low": ("<=", "<"), "high": ("<", "<="), "none": ("<", "<")}

    def code(option: str) -> tuple[str, ...]:
        a, b = signs[option]
        return (
            f"return sum(1 for value in {x} if low {a} value {b} high)",
            block(
                "total = 0",
                f"for value in {x}:",
                f"    if low {a} value {b} high:",
                "        total += 1",
                "return total",
            ),
            block(
                f"inside = [value for value in {x} if low {a} value and value {b} high]",
                "return len(inside)",
            ),
        )

    def run(option: str, values: Sequence[int], low: int, high: int) -> int:
        inside = sum(low < value < high for value in values)
        ends = (option in ("low", "both")) * values.count(low) + (option in ("high", "both")) * values.count(high)
        return inside + ends

    return Spec(
        names=("count_between", "count_in_range", "how_many_inside"),
        parameters=f"{x}, low, high",
        purpose=f"counts the entries of the list `{x}` that lie in the range from `low` to `high`",
        goal="count the entries inside a range",
        summary=f"count the entries of {x} inside the range",
        in_question={
            "both": ("both `low` and `high` belong to the range", "the range includes its two ends"),
            "low": ("`low` belongs to the range, `high` does not", "the range includes `low` but not `high`"),
            "high": ("`high` belongs to the range, `low` does not", "the range includes `high` but not `low`"),
            "none": ("neither `low` nor `high` belongs to the range", "the range includes neither of its ends"),
        },
        in_response={
            "both": ("an entry equal to one of the bounds is counted", "both comparisons admit equality"),
            "low": ("only the lower bound admits equality", "an entry equal to the upper bound is left out"),
            "high": ("only the upper bound admits equality", "an entry equal to the lower bound is left out"),
            "none": ("an entry equal to one of the bounds is left out", "both comparisons are strict"),
        },
        steps=(
            (
                "go through the list",
                "every entry is compared with both bounds",
                "Each entry is compared with the two bounds, once.",
            ),
            (
                "count the hits",
                "the hits are counted",
                "Entries that pass both comparisons are counted, and the count is returned.",
            ),
        ),
        code=code,
        run=run,
        draw=lambda rng: (few(rng, 1, 9), rng.randrange(2, 5), rng.randrange(6, 9)),
    )
