"""A mean with missing entries. The premise: a gap counts as nought, or is left out."""

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
    what, one, why = rng.choice(_READINGS)
    size, missing = rng.randrange(9, 14), rng.choice((2, 3, 4))
    present = size - missing
    values = [rng.randrange(12, 88) for _ in range(present)]
    values[-1] += -sum(values) % lcm(size, present)
    if values[-1] > 99:
        return None
    entries: list[int | None] = [*values, *([None] * missing)]
    rng.shuffle(entries)
    true, read = rng.sample(("zero", "skip"), 2)
    asked = {
        "zero": (f"counts as a {one} with the value 0", "is to be treated as 0"),
        "skip": (f"does not count as a {one} at all", "is to be left out"),
    }[true]
    listing = "\n".join(f"{one} {number}: {'-' if entry is None else entry}" for number, entry in enumerate(entries, 1))
    question = (
        f"The list shows {what}, and a dash stands where {why}:\n\n{listing}\n\nIn the mean, a dash "
        f"{rng.choice(asked)}. What is the mean per {one}?"
    )

    def solve(v: Voice, told: str, done: str) -> Working:
        known = [entry for entry in entries if entry is not None]
        total, divisor = sum(known), size if done == "zero" else present
        answer = total // divisor
        rule = {
            "zero": ("a gap adds nothing but still takes part", "the gaps are part of the number we divide by"),
            "skip": ("a gap takes no part", "the gaps are no part of the number we divide by"),
        }[told]
        half = len(known) // 2
        return Working(
            task=v.pick(
                f"We want the mean of the list, in which {v.pick(*rule)}.",
                f"For this mean, {v.pick(*rule)}.",
                f"We want the mean of a list with {missing} gaps.",
                f"The mean is a sum divided by a number of {one}s, so we need both.",
            ),
            plan=v.pick("The sum comes first, then the number to divide by.", "I add the entries and divide."),
            steps=(
                Step(
                    "add the entries",
                    f"sum: {plus(known)} = {total}",
                    f"The numbers in the list add up to {plus(known[:half])} = {sum(known[:half])} and "
                    f"{plus(known[half:])} = {sum(known[half:])}, together {total}.",
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
                f"The single values lie between {min(known)} and {max(known)}, so {answer} is of the right size, and "
                f"{answer} × {divisor} gives back {total}.",
            ),
            closing=f"The mean per {one} is {{}}.",
            answer=str(answer),
        )

    return twin(rng, question, "premise", solve, true, read)
