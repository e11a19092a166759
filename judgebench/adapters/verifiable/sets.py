"""Counting with overlapping sets: three clubs given by their sizes, three sets given by their elements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from random import Random

from judgebench.adapters.verifiable.writing import Problem, Step, Voice, Working, count, series, slip, twin

_CLUBS = (
    ("members of a sports club", ("tennis", "rowing", "judo"), "do"),
    ("pupils of a school", ("chess", "drama", "pottery"), "do"),
    ("employees of a company", ("Spanish", "Polish", "Turkish"), "speak"),
    ("musicians of a town", ("violin", "piano", "guitar"), "play"),
    ("readers of a library", ("poetry", "crime", "travel"), "borrow"),
)
_GOALS = ("exactly one", "at least one", "exactly two", "at least two", "none")
_TOLD_GOALS = {
    "exactly one": ("those with a single one of the three", "people who have just one"),
    "at least one": ("everyone who has any of the three", "people who have one or several"),
    "exactly two": ("those with a pair but not the full set", "people who have a pair and no more"),
    "at least two": ("those with a pair or the full set", "people who have a pair or even more"),
    "none": ("those who have not a single one of the three", "people without any"),
}
_SWAPS = {"exactly one": "at least one", "at least one": "exactly one", "exactly two": "at least two", "at least two": "exactly two"}


def venn(rng: Random) -> Problem | None:
    """The premises: whether a pair's number includes those in all three; and which overlap is asked for."""
    people, names, verb = rng.choice(_CLUBS)
    triple = rng.randrange(3, 12)
    pairs = [triple + rng.randrange(2, 15) for _ in range(3)]  # 01, 02, 12
    singles = [sum(pairs[at] for at in ends) + triple + rng.randrange(4, 30) for ends in ((0, 1), (0, 2), (1, 2))]
    total = sum(singles) + rng.randrange(5, 40)
    goal, inclusive = rng.choice(_GOALS), rng.random() < 0.5
    true = (inclusive, goal)
    other = (inclusive, _SWAPS[goal]) if goal in _SWAPS and rng.random() < 0.5 else (not inclusive, goal)

    def parts(inclusive: bool) -> tuple[list[int], list[int]]:
        """Exactly two, by pair; exactly one, by club."""
        twos = [pair - triple if inclusive else pair for pair in pairs]
        ones = [
            single - twos[a] - twos[b] - triple for single, (a, b) in zip(singles, ((0, 1), (0, 2), (1, 2)), strict=True)
        ]
        return twos, ones

    def wanted(premise: tuple[bool, str]) -> int:
        twos, ones = parts(premise[0])
        two, one = sum(twos), sum(ones)
        values = {"exactly one": one, "exactly two": two, "at least one": one + two + triple, "at least two": two + triple}
        return values.get(premise[1], total - one - two - triple)

    if wanted(true) == wanted(other):
        return None
    labels = [f"{names[a]} and {names[b]}" for a, b in combinations(range(3), 2)]
    note = {
        True: ("Those in all three are included in the numbers for the pairs.", "The numbers for the pairs include those with all three."),
        False: (
            "Those in all three are not included in the numbers for the pairs.",
            "The numbers for the pairs leave out those with all three.",
        ),
    }[inclusive]
    question = (
        f"Of {total} {people}, {singles[0]} {verb} {names[0]}, {singles[1]} {names[1]} and {singles[2]} {names[2]}. "
        + ", ".join(f"{pair} {verb} {label}" for pair, label in zip(pairs, labels, strict=True))
        + f", and {triple} {verb} all three. {rng.choice(note)} How many {verb} {goal} of the three?"
    )

    def solve(v: Voice, told: tuple[bool, str], done: tuple[bool, str]) -> Working:
        twos, ones = parts(done[0])
        answer = wanted(done)
        sums = {
            "exactly one": (ones, ""),
            "exactly two": (twos, ""),
            "at least one": ([*ones, *twos, triple], ""),
            "at least two": ([*twos, triple], ""),
            "none": ([*ones, *twos, triple], f"{total} - "),
        }
        terms, before = sums[done[1]]
        inside = " + ".join(str(term) for term in terms)
        line = f"{total} - ({inside}) = {answer}" if before else f"{inside} = {answer}"
        rule = {
            True: ("a pair's number still has the triples in it", "the triples sit inside the pairs' numbers"),
            False: ("a pair's number is free of the triples", "the triples sit outside the pairs' numbers"),
        }[told[0]]
        two_text = [f"{label} only: {pair}{f' - {triple} = {two}' if done[0] else ''}" for label, pair, two in zip(labels, pairs, twos, strict=True)]
        one_text = [
            f"{name} only: {single} - {twos[a]} - {twos[b]} - {triple} = {one}"
            for name, single, one, (a, b) in zip(names, singles, ones, ((0, 1), (0, 2), (1, 2)), strict=True)
        ]
        return Working(
            task=v.pick(
                f"We split {count(total, 'person', 'people')} into separate parts, where {v.pick(*rule)}. Wanted are "
                f"{v.pick(*_TOLD_GOALS[told[1]])}.",
                f"What we want are {v.pick(*_TOLD_GOALS[told[1]])}; note that {v.pick(*rule)}.",
            ),
            plan=v.pick("From the middle outwards: triple, pairs, singles.", "I start with the innermost part of the diagram."),
            steps=(
                Step(
                    "find those with two only",
                    "two only: " + ", ".join(str(two) for two in twos),
                    v.rows(f"With {triple} in the middle, the pairs are:", two_text),
                ),
                Step(
                    "find those with one only",
                    "one only: " + ", ".join(f"{name} {one}" for name, one in zip(names, ones, strict=True)),
                    v.rows("Each single number loses its two pairs and the middle:", one_text),
                ),
                Step("put together what is wanted", line, f"The parts we need give {line}."),
            ),
            check=v.pick(
                f"{names[0].capitalize()} again from its parts: {ones[0]} + {twos[0]} + {twos[1]} + {triple} = {singles[0]}, as given.",
                f"All parts inside the circles make {sum(ones) + sum(twos) + triple}, which leaves "
                f"{total - sum(ones) - sum(twos) - triple} outside, and no part is negative.",
            ),
            closing=v.pick("That makes {} people.", "The number is {}."),
            answer=str(answer),
        )

    return twin(rng, question, "premise" if other[0] != inclusive else "double_count", solve, true, other)


_Rule = Callable[[int, Sequence[frozenset[int]]], bool]
_RULES: dict[str, _Rule] = {
    "in exactly two of the sets": lambda x, s: sum(x in one for one in s) == 2,
    "in at least two of the sets": lambda x, s: sum(x in one for one in s) >= 2,
    "in A or B, but not in C": lambda x, s: (x in s[0] or x in s[1]) and x not in s[2],
    "in A and C, or in B and C": lambda x, s: (x in s[0] or x in s[1]) and x in s[2],
    "in exactly one of A and B": lambda x, s: (x in s[0]) != (x in s[1]),
    "in at least one of A and B": lambda x, s: x in s[0] or x in s[1],
    "in A, but not in both B and C": lambda x, s: x in s[0] and not (x in s[1] and x in s[2]),
    "in A, but in neither B nor C": lambda x, s: x in s[0] and not (x in s[1] or x in s[2]),
}
_RULE_PAIRS = tuple(zip(list(_RULES)[::2], list(_RULES)[1::2], strict=True))
_RULE_TOLD = {
    "in exactly two of the sets": "two sets have it and the third does not",
    "in at least two of the sets": "two or all three sets have it",
    "in A or B, but not in C": "C does not have it, but A or B does",
    "in A and C, or in B and C": "C has it, and A or B does too",
    "in exactly one of A and B": "A has it or B has it, not both",
    "in at least one of A and B": "A has it or B has it, perhaps both",
    "in A, but not in both B and C": "A has it, and B and C do not both have it",
    "in A, but in neither B nor C": "A has it, and B and C both lack it",
}


def elements(rng: Random) -> Problem | None:
    """The premise: one of two neighbouring set operations. Or an element is lost, or one too many gets in."""
    start = rng.randrange(2, 60)
    pool = range(start, start + 17)
    lists = [rng.sample(pool, rng.randrange(7, 11)) for _ in range(3)]
    sets = [frozenset(one) for one in lists]
    true, read = rng.sample(rng.choice(_RULE_PAIRS), 2)

    def chosen(rule: str) -> list[int]:
        return [x for x in pool if _RULES[rule](x, sets)]

    present = sorted(frozenset.union(*sets))
    others = [x for x in present if x not in chosen(true)]
    kind = rng.choice(("premise", "premise", "lost_element", "extra_element"))
    if min(len(chosen(true)), len(chosen(read))) < 3 or not others:
        return None
    right = chosen(true)
    changed = {*right} ^ {rng.choice(right) if kind == "lost_element" else rng.choice(others)}
    wrong = chosen(read) if kind == "premise" else sorted(changed)
    if sum(right) == sum(wrong):
        return None
    listing = "\n".join(f"{name}: {', '.join(str(x) for x in one)}" for name, one in zip("ABC", lists, strict=True))
    question = (
        f"Three sets of numbers are given:\n\n{listing}\n\nTake every number that is {true}. What is the sum of these numbers?"
    )

    def where(x: int) -> str:
        return series([name for name, one in zip("ABC", sets, strict=True) if x in one])

    def solve(v: Voice, told: str, done: Sequence[int]) -> Working:
        total = sum(done)
        terms = " + ".join(str(x) for x in done)
        half = len(done) // 2
        return Working(
            task=v.pick(
                f"A number is taken if {_RULE_TOLD[told]}, and what we take is added up.",
                f"We need the sum over all numbers for which the following holds: {_RULE_TOLD[told]}.",
            ),
            plan=v.pick("I go through the numbers in increasing order.", "First the selection, then the sum."),
            steps=(
                Step(
                    "select the numbers",
                    f"numbers: {', '.join(str(x) for x in done)}",
                    v.rows("Selected, with the sets that have them:", [f"{x}: {where(x)}" for x in done]),
                ),
                Step(
                    "add them up",
                    f"{terms} = {total}",
                    f"These {len(done)} numbers add up to {terms} = {total}.",
                ),
            ),
            check=v.pick(
                f"In two parts: {sum(done[:half])} + {sum(done[half:])} = {total}.",
                f"There are {len(present)} different numbers in all; {len(done)} are taken and {len(present) - len(done)} are not. The mean "
                f"of those taken is about {total / len(done):.1f}, and {len(done)} times that is {total}.",
            ),
            closing=v.pick("The sum is {}.", "Together these numbers make {}."),
            answer=str(total),
        )

    told = read if kind == "premise" and rng.random() < 0.5 else true
    return Problem(question, kind, right=lambda v: solve(v, true, right), wrong=lambda v: solve(v, told, wrong))


KINDS = (venn, elements)
