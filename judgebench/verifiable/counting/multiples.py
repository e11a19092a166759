"""Multiples in a range. The premises: whether its ends belong to it, and whether a multiple of both numbers counts."""

from __future__ import annotations

from math import lcm
from random import Random

from judgebench.verifiable.writing import Problem, Step, Voice, Working, twin

_PAIRS = ((3, 4), (4, 6), (6, 9), (5, 7), (4, 10), (6, 8), (6, 10), (3, 5), (8, 12), (9, 12), (10, 15), (4, 7), (6, 15))


def draw(rng: Random) -> Problem | None:
    a, b = rng.choice(_PAIRS)
    low = rng.choice((a, b)) * rng.randrange(8, 40)
    high = low + rng.randrange(90, 320)
    if rng.random() < 0.5:
        high = rng.choice((a, b)) * (high // 6)
    if high < low + 60:
        return None
    true = (rng.random() < 0.5, rng.random() < 0.5)  # ends included?, multiples of both counted?
    flipped = rng.randrange(2)
    misread = (not true[0], true[1]) if flipped == 0 else (true[0], not true[1])
    both = lcm(a, b)

    def counts(*, ends: bool) -> tuple[int, int, int]:
        first, last = (low, high) if ends else (low + 1, high - 1)
        return tuple(last // each - (first - 1) // each for each in (a, b, both))  # type: ignore[return-value]

    def total(premise: tuple[bool, bool]) -> int:
        by_a, by_b, by_both = counts(ends=premise[0])
        return by_a + by_b - by_both * (1 if premise[1] else 2)

    if total(true) == total(misread):
        return None
    ends = {
        True: (f"from {low} to {high}, both of these included,", f"from {low} up to and including {high}"),
        False: (f"greater than {low} and less than {high}", f"strictly between {low} and {high}"),
    }[true[0]]
    what = {
        True: (f"divisible by {a} or by {b} or by both", f"divisible by at least one of {a} and {b}"),
        False: (f"divisible by {a} or by {b} but not by both", f"divisible by exactly one of {a} and {b}"),
    }[true[1]]
    question = f"How many whole numbers {rng.choice(ends)} are {rng.choice(what)}?"

    def solve(v: Voice, stated: tuple[bool, bool], applied: tuple[bool, bool]) -> Working:
        first, last = (low, high) if applied[0] else (low + 1, high - 1)
        by_a, by_b, by_both = counts(ends=applied[0])
        answer = total(applied)
        line = (
            f"{by_a} + {by_b} - {by_both} = {answer}" if applied[1] else f"{by_a} + {by_b} - 2 × {by_both} = {answer}"
        )
        how = (
            "The common multiples appear twice in the sum and have to be taken off once"
            if applied[1]
            else "The common multiples appear twice in the sum and have to be taken off both times"
        )
        range_stated = {
            True: ("the two ends belong to the range", "the range contains its ends"),
            False: ("the two ends do not belong to the range", "the range does not contain its ends"),
        }[stated[0]]
        kind_stated = {
            True: ("common multiples count as well", "a number with both properties is fine"),
            False: ("common multiples do not count", "a number with both properties is out"),
        }[stated[1]]
        return Working(
            task=v.pick(
                f"We count multiples of {a} and of {b}, where {v.pick(*range_stated)} and {v.pick(*kind_stated)}.",
                f"The multiples of {a} and {b} are wanted; {v.pick(*kind_stated)}, and {v.pick(*range_stated)}.",
                f"We count multiples of {a} and of {b} between {low} and {high}.",
                f"Two kinds of number are involved, multiples of {a} and multiples of {b}, and they overlap.",
            ),
            plan=v.pick(
                "Counting each kind by itself and then correcting the overlap is enough.",
                "I use inclusion and exclusion.",
            ),
            steps=(
                Step(
                    "fix the range",
                    f"range {first} to {last}",
                    f"The smallest number in question is {first} and the largest is {last}.",
                ),
                Step(
                    "count each kind",
                    f"multiples of {a}: {by_a}; of {b}: {by_b}; of both ({both}): {by_both}",
                    v.rows(
                        f"Up to {last} and up to {first - 1}, the multiples are:",
                        [
                            f"of {each}: {last // each} - {(first - 1) // each} = {number}"
                            for each, number in ((a, by_a), (b, by_b), (both, by_both))
                        ],
                    )
                    + f"\n\nThe last line counts the common multiples, which are those of {both}.",
                ),
                Step("combine the counts", line, f"{how}: {line}."),
            ),
            check=v.pick(
                f"Multiples of {a} alone: {by_a} - {by_both} = {by_a - by_both}; of {b} alone: {by_b} - {by_both} = "
                f"{by_b - by_both}; common ones: {by_both}. From these parts, too, we get {answer}.",
                f"In a stretch of {both} numbers {both // a + both // b - (1 if applied[1] else 2)} are good, so among "
                f"{last - first + 1} numbers we expect about "
                f"{round((both // a + both // b - (1 if applied[1] else 2)) * (last - first + 1) / both)}; {answer} "
                "fits.",
            ),
            closing=v.pick("There are {} such numbers.", "The count is {}."),
            answer=str(answer),
        )

    return twin(rng, question, ("boundary", "premise")[flipped], solve, true, misread)
