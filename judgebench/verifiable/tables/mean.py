"""A mean with missing entries. The premise: whether a missing entry counts as 0 or is left out."""

from __future__ import annotations

from math import lcm
from random import Random

from judgebench.verifiable.tables.layout import plus
from judgebench.verifiable.writing import Problem, Step, Voice, Working, twin

_READINGS = (
    ("rainfall in mm", "day", "the gauge failed"),
    ("visitors of a small museum", "day", "nobody counted"),
    ("litres of milk from a herd", "day", "the meter was off"),
    ("letters sorted in an office", "shift", "no record was kept"),
    ("kilometres cycled by a courier", "day", "the counter was broken"),
)


def draw(rng: Random) -> Problem | None:
    what, period, why = rng.choice(_READINGS)
    size, missing = rng.randrange(9, 14), rng.choice((2, 3, 4))
    present = size - missing
    values = [rng.randrange(12, 88) for _ in range(present)]
    values[-1] += -sum(values) % lcm(size, present)
    if values[-1] > 99:
        return None
    entries: list[int | None] = [*values, *([None] * missing)]
    rng.shuffle(entries)
    true, misread = rng.sample(("zero", "skip"), 2)
    wordings = {
        "zero": (f"counts as a {period} with the value 0", "is to be treated as 0"),
        "skip": (f"does not count as a {period} at all", "is to be left out"),
    }[true]
    listing = "\n".join(
        f"{period} {number}: {'-' if entry is None else entry}" for number, entry in enumerate(entries, 1)
    )
    question = (
        f"The list shows {what}, and a dash stands where {why}:\n\n{listing}\n\nIn the mean, a dash "
        f"{rng.choice(wordings)}. What is the mean per {period}?"
    )

    def solve(v: Voice, stated: str, applied: str) -> Working:
        numbers = [entry for entry in entries if entry is not None]
        total, divisor = sum(numbers), size if applied == "zero" else present
        answer = total // divisor
        rule = {
            "zero": ("a gap adds nothing but still takes part", "the gaps are part of the number we divide by"),
            "skip": ("a gap takes no part", "the gaps are no part of the number we divide by"),
        }[stated]
        half = len(numbers) // 2
        return Working(
            task=v.pick(
                f"We want the mean of the list, in which {v.pick(*rule)}.",
                f"For this mean, {v.pick(*rule)}.",
                f"We want the mean of a list with {missing} gaps.",
                f"The mean is a sum divided by a number of {period}s, so we need both.",
            ),
            plan=v.pick("The sum comes first, then the number to divide by.", "I add the entries and divide."),
            steps=(
                Step(
                    "add the entries",
                    f"sum: {plus(numbers)} = {total}",
                    f"The numbers in the list add up to {plus(numbers[:half])} = {sum(numbers[:half])} and "
                    f"{plus(numbers[half:])} = {sum(numbers[half:])}, together {total}.",
                ),
                Step(
                    "find the number to divide by",
                    f"divide by {divisor}",
                    f"The list has {size} lines, {missing} of them with a dash, and we divide by {divisor}.",
                ),
                Step("divide", f"{total} / {divisor} = {answer}", f"The mean is {total} / {divisor} = {answer}."),
            ),
            check=v.pick(
                f"{divisor} × {answer} = {total}, the sum of the list.",
                f"The single values lie between {min(numbers)} and {max(numbers)}, so {answer} is of the right size, "
                f"and {answer} × {divisor} gives back {total}.",
            ),
            closing=f"The mean per {period} is {{}}.",
            answer=str(answer),
        )

    return twin(rng, question, "premise", solve, true, misread)
