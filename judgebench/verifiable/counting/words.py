"""Words of a kind. The premise: whether words of the very length count. Or a word is lost, or one too many gets in."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from judgebench.verifiable.lexicon import WORDS
from judgebench.verifiable.writing import Problem, Step, Voice, Working, count, slip


def draw(rng: Random) -> Problem | None:
    letter, length, has = rng.choice("aeionrtl"), rng.choice((6, 7)), rng.random() < 0.5
    true, misread = rng.sample(("from", "over"), 2)
    kind = rng.choice(("boundary", "boundary", "lost_element", "extra_element"))

    def fits(word: str, rule: str) -> bool:
        return (letter in word) == has and len(word) >= length + (rule == "over")

    if kind == "boundary":
        words = rng.sample(WORDS, rng.randrange(14, 20))
    else:
        # With the number drawn evenly, a list with one word too few or too many is as frequent as the right one.
        size = rng.randrange(3, 8)
        if not 3 <= size + (1 if kind == "extra_element" else -1) <= 7:
            return None
        fitting = [word for word in WORDS if fits(word, true)]
        unfitting = [word for word in WORDS if not fits(word, true)]
        if len(fitting) < 7:
            return None
        words = [*rng.sample(fitting, size), *rng.sample(unfitting, rng.randrange(14, 20) - size)]
        rng.shuffle(words)

    def chosen(rule: str) -> list[str]:
        return [word for word in words if fits(word, rule)]

    others = [word for word in words if (letter in word) != has and len(word) > length]
    if not others:
        return None
    if kind == "boundary" and (len(chosen("over")) < 2 or not 1 <= len(chosen("from")) - len(chosen("over")) <= 4):
        return None
    wordings = {
        "from": (f"at least {length} letters", f"{length} letters or more"),
        "over": (f"more than {length} letters", f"over {length} letters"),
    }[true]
    contain = rng.choice(("contain", "include")) if has else rng.choice(("do not contain", "do not include"))
    question = (
        f"How many of these words have {rng.choice(wordings)} and {contain} the letter "
        f'"{letter}"?\n\n{", ".join(words)}'
    )

    def solve(v: Voice, stated: str, applied: Sequence[str]) -> Working:
        rule = {
            "from": (f"length {length} is still fine", f"a word of just {length} letters is long enough"),
            "over": (f"length {length} is not enough", f"a word of just {length} letters is too short"),
        }[stated]
        sizes = sorted({len(word) for word in applied})
        groups = [(size, [word for word in applied if len(word) == size]) for size in sizes]
        letter_rule = f"with {v.lit(letter)}" if has else f"without {v.lit(letter)}"
        return Working(
            task=v.pick(
                f"We look for long words {letter_rule}, where {v.pick(*rule)}.",
                f"A word counts if it is {letter_rule} and long enough; {v.pick(*rule)}.",
                f"There are {len(words)} words to be tested for their length and for the letter {v.lit(letter)}.",
                f"We look for long words {letter_rule}.",
            ),
            plan=v.pick(
                "I test both conditions word by word.", "I check the letter and the length of each word in turn."
            ),
            steps=(
                Step(
                    "collect the words",
                    f"words: {', '.join(applied)}",
                    v.rows(
                        v.pick("The words that pass, with their lengths:", "Both conditions are met by:"),
                        [f"{word} ({len(word)})" for word in applied],
                    ),
                ),
                Step("count them", f"that makes {len(applied)}", f"The list has {count(len(applied), 'word')}."),
            ),
            check=v.pick(
                "By length: "
                + ", ".join(f"{len(group)} with {size} letters" for size, group in groups)
                + f", in total {len(applied)}.",
                f"The remaining {len(words) - len(applied)} of the {len(words)} words fail at least one of the two "
                f"conditions, and {len(words) - len(applied)} + {len(applied)} = {len(words)}.",
            ),
            closing=v.pick("There are {} such words.", "The number of such words is {}."),
            answer=str(len(applied)),
        )

    if kind == "boundary":
        stated = rng.choice((true, misread))
        return Problem(
            question,
            kind,
            right=lambda v: solve(v, true, chosen(true)),
            wrong=lambda v: solve(v, stated, chosen(misread)),
        )
    right = chosen(true)
    changed = {*right} ^ {rng.choice(right) if kind == "lost_element" else rng.choice(others)}
    wrong = [word for word in words if word in changed]
    return slip(question, kind, lambda v, applied: solve(v, true, applied), right, wrong)
