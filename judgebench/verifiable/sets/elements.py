"""Three sets of numbers. The premise: which of two similar set operations. Or the slip: a membership is misread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from judgebench.verifiable.writing import Problem, Step, Voice, Working, series

Sets = Sequence[frozenset[int]]


_Rule = Callable[[int, Sets], bool]


_RULES: dict[str, _Rule] = {
    "in exactly two of the sets": lambda x, s: sum(x in members for members in s) == 2,
    "in at least two of the sets": lambda x, s: sum(x in members for members in s) >= 2,
    "in A or B, but not in C": lambda x, s: (x in s[0] or x in s[1]) and x not in s[2],
    "in A and C, or in B and C": lambda x, s: (x in s[0] or x in s[1]) and x in s[2],
    "in exactly one of A and B": lambda x, s: (x in s[0]) != (x in s[1]),
    "in at least one of A and B": lambda x, s: x in s[0] or x in s[1],
    "in A, but not in both B and C": lambda x, s: x in s[0] and not (x in s[1] and x in s[2]),
    "in A, but in neither B nor C": lambda x, s: x in s[0] and not (x in s[1] or x in s[2]),
}
_RULE_PAIRS = tuple(zip(list(_RULES)[::2], list(_RULES)[1::2], strict=True))


_RULE_STATED = {
    "in exactly two of the sets": "two sets have it and the third does not",
    "in at least two of the sets": "two or all three sets have it",
    "in A or B, but not in C": "C does not have it, but A or B does",
    "in A and C, or in B and C": "C has it, and A or B does too",
    "in exactly one of A and B": "A has it or B has it, not both",
    "in at least one of A and B": "A has it or B has it, perhaps both",
    "in A, but not in both B and C": "A has it, and B and C do not both have it",
    "in A, but in neither B nor C": "A has it, and B and C both lack it",
}


def draw(rng: Random) -> Problem | None:
    start = rng.randrange(2, 60)
    pool = range(start, start + rng.randrange(14, 18))
    # Every membership has probability 1/2, so that sets with one misread are as frequent as the sets themselves.
    sets = [frozenset(x for x in pool if rng.random() < 0.5) for _ in range(3)]
    true, misread = rng.sample(rng.choice(_RULE_PAIRS), 2)
    premise = rng.random() < 0.35
    seen = sets if premise else _misread(rng, pool, sets)
    if min(map(len, (*sets, *seen))) < 4 or frozenset.union(*sets) != frozenset.union(*seen):
        return None

    def chosen(rule: str, seen: Sets) -> list[int]:
        return [x for x in pool if _RULES[rule](x, seen)]

    right, wrong = chosen(true, sets), chosen(misread if premise else true, seen)
    if min(len(right), len(wrong)) < 3 or sum(right) == sum(wrong):
        return None
    kind = "premise" if premise else "lost_element" if len(wrong) < len(right) else "extra_element"
    lists = [rng.sample(sorted(members), len(members)) for members in sets]
    present = sorted(frozenset.union(*sets))
    listing = "\n".join(
        f"{name}: {', '.join(str(x) for x in members)}" for name, members in zip("ABC", lists, strict=True)
    )
    question = (
        f"Three sets of numbers are given:\n\n{listing}\n\nTake every number that is {true}. What is the sum of these "
        "numbers?"
    )

    def where(x: int, seen: Sets) -> str:
        return series([name for name, members in zip("ABC", seen, strict=True) if x in members])

    def solve(v: Voice, stated: str, act: tuple[str, Sets]) -> Working:
        applied = chosen(*act)
        total = sum(applied)
        terms = " + ".join(str(x) for x in applied)
        half = len(applied) // 2
        return Working(
            task=v.pick(
                f"A number is taken if {_RULE_STATED[stated]}, and what we take is added up.",
                f"We need the sum over all numbers for which the following holds: {_RULE_STATED[stated]}.",
                "We have to find out which numbers qualify and add them up.",
                (
                    f"The three sets have {len(lists[0])}, {len(lists[1])} and {len(lists[2])} elements, and we look "
                    "for those that qualify."
                ),
            ),
            plan=v.pick("I go through the numbers in increasing order.", "First the selection, then the sum."),
            steps=(
                Step(
                    "select the numbers",
                    f"numbers: {', '.join(str(x) for x in applied)}",
                    v.rows("Selected, with the sets that have them:", [f"{x}: {where(x, act[1])}" for x in applied]),
                ),
                Step(
                    "add them up",
                    f"{terms} = {total}",
                    f"These {len(applied)} numbers add up to {terms} = {total}.",
                ),
            ),
            check=v.pick(
                f"In two parts: {sum(applied[:half])} + {sum(applied[half:])} = {total}.",
                f"There are {len(present)} different numbers in all; {len(applied)} are taken and "
                f"{len(present) - len(applied)} are not. Running totals: "
                f"{', '.join(str(sum(applied[:k])) for k in range(1, len(applied) + 1))}.",
            ),
            closing=v.pick("The sum is {}.", "Together these numbers make {}."),
            answer=str(total),
        )

    stated = misread if premise and rng.random() < 0.5 else true
    slipped = (misread if premise else true, seen)
    return Problem(
        question, kind, right=lambda v: solve(v, true, (true, sets)), wrong=lambda v: solve(v, stated, slipped)
    )


def _misread(rng: Random, pool: Sequence[int], sets: Sets) -> Sets:
    """The sets as seen by someone who misreads whether one number is in one of them."""
    at, x = rng.randrange(len(sets)), rng.choice(pool)
    return [*sets[:at], sets[at] ^ {x}, *sets[at + 1 :]]
