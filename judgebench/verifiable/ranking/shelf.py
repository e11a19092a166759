"""Words in order. The premise: the order among words of equal length. Or the slip: two neighbours change places."""

from __future__ import annotations

from random import Random

from judgebench.verifiable.lexicon import WORDS
from judgebench.verifiable.writing import Problem, Step, Voice, Working, slip


def draw(rng: Random) -> Problem | None:
    words = rng.sample(WORDS, rng.choice((7, 8, 9)))
    if len({len(word) for word in words}) > len(words) - 3:
        return None
    true, misread = rng.sample(("A to Z", "Z to A"), 2)
    by_length = rng.choice((1, -1))

    def ordered(rule: str) -> list[str]:
        alphabetical = sorted(words, reverse=rule == "Z to A")
        return sorted(alphabetical, key=lambda word: by_length * len(word))

    wordings = {
        "A to Z": (
            "words of the same length go in alphabetical order",
            "words of equal length are ordered from A to Z",
        ),
        "Z to A": (
            "words of the same length go in reverse alphabetical order",
            "words of equal length are ordered from Z to A",
        ),
    }[true]
    lengths = "shorter words come before longer ones" if by_length == 1 else "longer words come before shorter ones"
    question = (
        f"Put these words in order: {', '.join(words)}. The rule is that {lengths}, and {rng.choice(wordings)}. What "
        "is the resulting list?"
    )

    def solve(v: Voice, stated: str, applied: tuple[str, int | None]) -> Working:
        result = ordered(applied[0])
        if applied[1] is not None:
            result[applied[1] : applied[1] + 2] = reversed(result[applied[1] : applied[1] + 2])
        sizes = list(dict.fromkeys(len(word) for word in result))
        groups = [(size, [word for word in result if len(word) == size]) for size in sizes]
        rule = {
            "A to Z": ("ties are resolved as in a dictionary", "within a length the dictionary order holds"),
            "Z to A": (
                "ties are resolved against the dictionary",
                "within a length the dictionary order is turned round",
            ),
        }[stated]
        return Working(
            task=v.pick(
                f"We sort {len(words)} words by length, and {v.pick(*rule)}.",
                f"Length decides first; {v.pick(*rule)}.",
                f"There are {len(words)} words to be sorted by two criteria.",
                "The words are sorted by length first and then within each length.",
            ),
            plan=v.pick("I collect the words of each length and order them.", "Grouping by length makes this easy."),
            steps=(
                Step(
                    "group by length",
                    "; ".join(f"{size} letters: {', '.join(group)}" for size, group in groups),
                    v.rows(
                        "Ordered within each length, the groups are:",
                        [f"{size} letters: {', '.join(group)}" for size, group in groups],
                    ),
                ),
                Step(
                    "join the groups",
                    f"{len(result)} words in all, from {result[0]} to {result[-1]}",
                    (
                        f"One after the other they form the list, which starts with {result[0]} and ends with "
                        f"{result[-1]}."
                    ),
                ),
            ),
            check=v.pick(
                f"The lengths along the list are {', '.join(str(len(word)) for word in result)}, as the rule wants "
                f"it, and there are {len(words)} words as in the question.",
                f"{' + '.join(str(len(group)) for _, group in groups)} = {len(words)} words, so none is missing.",
            ),
            closing="The list is {}.",
            answer=", ".join(result),
        )

    if rng.random() < 0.5:
        stated = rng.choice((true, misread))
        return Problem(
            question,
            "tie_rule",
            right=lambda v: solve(v, true, (true, None)),
            wrong=lambda v: solve(v, stated, (misread, None)),
        )
    right = ordered(true)
    pairs = [at for at in range(len(right) - 1) if len(right[at]) == len(right[at + 1])]
    at = rng.choice(pairs)
    return slip(question, "misplaced", lambda v, misplaced: solve(v, true, (true, misplaced)), None, at)
