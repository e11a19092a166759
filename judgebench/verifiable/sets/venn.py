"""Three clubs. The premises: whether the number for a pair includes people in all three; which overlap is asked for."""

from __future__ import annotations

from itertools import combinations
from random import Random

from judgebench.verifiable.writing import Problem, Step, Voice, Working, count, series, twin

_CLUBS = (
    ("members of a sports club", ("tennis", "rowing", "judo"), "do"),
    ("pupils of a school", ("chess", "drama", "pottery"), "do"),
    ("employees of a company", ("Spanish", "Polish", "Turkish"), "speak"),
    ("musicians of a town", ("violin", "piano", "guitar"), "play"),
    ("readers of a library", ("poetry", "crime", "travel"), "borrow"),
)
_GOALS = ("exactly one", "at least one", "exactly two", "at least two", "none")


_STATED_GOALS = {
    "exactly one": ("those with a single one of the three", "people who have just one"),
    "at least one": ("everyone who has any of the three", "people who have one or several"),
    "exactly two": ("those with a pair but not the full set", "people who have a pair and no more"),
    "at least two": ("those with a pair or the full set", "people who have a pair or even more"),
    "none": ("those who have not a single one of the three", "people without any"),
}
_SWAPS = {
    "exactly one": "at least one",
    "at least one": "exactly one",
    "exactly two": "at least two",
    "at least two": "exactly two",
}


def draw(rng: Random) -> Problem | None:
    people, names, verb = rng.choice(_CLUBS)
    triple = rng.randrange(3, 12)
    pairs = [triple + rng.randrange(2, 15) for _ in range(3)]  # 01, 02, 12
    singles = [sum(pairs[at] for at in ends) + triple + rng.randrange(4, 30) for ends in ((0, 1), (0, 2), (1, 2))]
    total = sum(singles) + rng.randrange(5, 40)
    goal, inclusive = rng.choice(_GOALS), rng.random() < 0.5
    true = (inclusive, goal)
    misread = (inclusive, _SWAPS[goal]) if goal in _SWAPS and rng.random() < 0.5 else (not inclusive, goal)

    def parts(*, inclusive: bool) -> tuple[list[int], list[int]]:
        """The numbers of people in exactly two clubs, by pair, and in exactly one, by club."""
        twos = [pair - triple if inclusive else pair for pair in pairs]
        ones = [
            single - twos[a] - twos[b] - triple
            for single, (a, b) in zip(singles, ((0, 1), (0, 2), (1, 2)), strict=True)
        ]
        return twos, ones

    def wanted(premise: tuple[bool, str]) -> int:
        twos, ones = parts(inclusive=premise[0])
        two, one = sum(twos), sum(ones)
        values = {
            "exactly one": one,
            "exactly two": two,
            "at least one": one + two + triple,
            "at least two": two + triple,
        }
        return values.get(premise[1], total - one - two - triple)

    if wanted(true) == wanted(misread):
        return None
    labels = [f"{names[a]} and {names[b]}" for a, b in combinations(range(3), 2)]
    note = {
        True: (
            "Those in all three are included in the numbers for the pairs.",
            "The numbers for the pairs include those with all three.",
        ),
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

    def solve(v: Voice, stated: tuple[bool, str], applied: tuple[bool, str]) -> Working:
        twos, ones = parts(inclusive=applied[0])
        answer = wanted(applied)
        sums = {
            "exactly one": (ones, ""),
            "exactly two": (twos, ""),
            "at least one": ([*ones, *twos, triple], ""),
            "at least two": ([*twos, triple], ""),
            "none": ([*ones, *twos, triple], f"{total} - "),
        }
        terms, before = sums[applied[1]]
        inside = " + ".join(str(term) for term in terms)
        line = f"{total} - ({inside}) = {answer}" if before else f"{inside} = {answer}"
        rule = {
            True: (
                "a pair's number has the people with all three in it",
                "people with all three are part of each pair's number",
            ),
            False: (
                "a pair's number has nobody with all three in it",
                "people with all three come on top of each pair's number",
            ),
        }[stated[0]]
        two_text = [
            f"{label} only: {pair}{f' - {triple} = {two}' if applied[0] else ''}"
            for label, pair, two in zip(labels, pairs, twos, strict=True)
        ]
        one_text = [
            f"{name} only: {single} - {twos[a]} - {twos[b]} - {triple} = {one}"
            for name, single, one, (a, b) in zip(names, singles, ones, ((0, 1), (0, 2), (1, 2)), strict=True)
        ]
        return Working(
            task=v.pick(
                f"We split {count(total, 'person', 'people')} into separate parts, where {v.pick(*rule)}. Wanted are "
                f"{v.pick(*_STATED_GOALS[stated[1]])}.",
                f"What we want are {v.pick(*_STATED_GOALS[stated[1]])}; note that {v.pick(*rule)}.",
                f"A Venn diagram with three circles for {series(names)} helps here.",
                f"We split {count(total, 'person', 'people')} into the separate parts of a Venn diagram.",
            ),
            plan=v.pick(
                "From the middle outwards: triple, pairs, singles.", "I start with the innermost part of the diagram."
            ),
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
                (
                    f"{names[0].capitalize()} again from its parts: {ones[0]} + {twos[0]} + {twos[1]} + {triple} = "
                    f"{singles[0]}, as given."
                ),
                f"All parts inside the circles make {sum(ones) + sum(twos) + triple}, which leaves "
                f"{total - sum(ones) - sum(twos) - triple} outside, and no part is negative.",
            ),
            closing=v.pick("That makes {} people.", "The number is {}."),
            answer=str(answer),
        )

    return twin(rng, question, "premise" if misread[0] != inclusive else "double_count", solve, true, misread)
