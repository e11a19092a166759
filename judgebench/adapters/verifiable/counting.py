"""Counting with conditions: letters in words, words of a kind, multiples in a range, digits written."""

from __future__ import annotations

from collections.abc import Sequence
from math import lcm
from random import Random

from judgebench.adapters.verifiable.lexicon import WORDS
from judgebench.adapters.verifiable.writing import Problem, Step, Voice, Working, count, slip, twin


def letters(rng: Random) -> Problem | None:
    """The slip: one word's count is one too high or too low."""
    words = rng.sample(WORDS, rng.randrange(8, 13))
    letter = rng.choice("aeorntls")
    counts = [word.count(letter) for word in words]
    off = rng.choice((1, -1))
    places = [at for at, number in enumerate(counts) if number >= (1 if off == 1 else 2)]
    if not places or max(counts) < 2:
        return None
    at = rng.choice(places)
    wrong = [number + off * (place == at) for place, number in enumerate(counts)]
    line = " ".join(words)
    question = rng.choice(
        (
            f'How many times does the letter "{letter}" occur in this line?\n\n{line}',
            f'Count the letter "{letter}" in the following words, all occurrences together:\n\n{line}',
            f'In the line below, how often is the letter "{letter}" written?\n\n{line}',
        )
    )

    def solve(v: Voice, numbers: Sequence[int]) -> Working:
        total = sum(numbers)
        found = [(word, number) for word, number in zip(words, numbers) if number]
        none = [word for word, number in zip(words, numbers) if not number]
        running, lines = 0, []
        for word, number in found:
            running += number
            lines.append(f"{word}: {number}, so {running} up to here")
        levels = sorted(set(numbers) - {0})
        by_level = [f"{numbers.count(level)} × {level}" for level in levels]
        without = f"Words without it: {', '.join(none)}." if none else "There is no word without it."
        return Working(
            task=v.pick(
                f"We count every {v.lit(letter)} in {len(words)} words.",
                f"The line has {len(words)} words, and we need all the places with the letter {v.lit(letter)}.",
            ),
            plan=v.pick("I go word by word and keep a running total.", "Taking one word at a time avoids losing track."),
            steps=(
                Step(
                    "count in each word",
                    ", ".join(f"{word} {number}" for word, number in found),
                    v.rows(f"Words with the letter {v.lit(letter)}:", lines),
                ),
                Step("look at the rest", f"other words: {len(none)}", without),
                Step(
                    "add up",
                    f"{' + '.join(str(number) for _, number in found)} = {total}",
                    f"The sum is {' + '.join(str(number) for _, number in found)} = {total}.",
                ),
            ),
            check=v.pick(
                f"Sorted by size, we have {' + '.join(by_level)} = {total}, and {len(found)} + {len(none)} = {len(words)} words were "
                "looked at.",
                f"All {len(words)} words are covered, {len(found)} with the letter and {len(none)} without, and the sizes "
                f"{' + '.join(by_level)} give {total}.",
            ),
            closing=f'The letter {v.lit(letter)} occurs {{}} times.',
            answer=str(total),
        )

    return slip(question, "miscount", solve, counts, wrong)


def words_of_a_kind(rng: Random) -> Problem | None:
    """The premise: whether words of the very length count. Or a word is lost, or one too many gets in."""
    words = rng.sample(WORDS, rng.randrange(14, 20))
    letter, length, has = rng.choice("aeionrtl"), rng.choice((6, 7)), rng.random() < 0.5
    true, read = rng.sample((True, False), 2)
    meets = [word for word in words if (letter in word) == has]

    def chosen(inclusive: bool) -> list[str]:
        return [word for word in meets if len(word) >= length + (not inclusive)]

    others = [word for word in words if (letter in word) != has and len(word) > length]
    if len(chosen(False)) < 2 or len(chosen(True)) == len(chosen(False)) or not others:
        return None
    asked = {True: (f"at least {length} letters", f"{length} letters or more"), False: (f"more than {length} letters",)}[true]
    contain = rng.choice(("contain", "include")) if has else rng.choice(("do not contain", "do not include"))
    question = (
        f'How many of these words have {rng.choice(asked)} and {contain} the letter "{letter}"?\n\n{", ".join(words)}'
    )

    def solve(v: Voice, told: bool, done: Sequence[str]) -> Working:
        rule = {
            True: (f"length {length} is still fine", f"a word of just {length} letters is long enough"),
            False: (f"length {length} is not enough", f"a word of just {length} letters is too short"),
        }[told]
        sizes = sorted({len(word) for word in done})
        groups = [(size, [word for word in done if len(word) == size]) for size in sizes]
        letter_rule = f"with {v.lit(letter)}" if has else f"without {v.lit(letter)}"
        return Working(
            task=v.pick(
                f"We look for long words {letter_rule}, where {v.pick(*rule)}.",
                f"A word counts if it is {letter_rule} and long enough; {v.pick(*rule)}.",
            ),
            plan=v.pick("I test both conditions word by word.", "I check the letter and the length of each word in turn."),
            steps=(
                Step(
                    "collect the words",
                    f"words: {', '.join(done)}",
                    v.rows(
                        v.pick("The words that pass, with their lengths:", "Both conditions are met by:"),
                        [f"{word} ({len(word)})" for word in done],
                    ),
                ),
                Step("count them", f"that makes {len(done)}", f"This is a list of {count(len(done), 'word')}."),
            ),
            check=v.pick(
                "By length: "
                + ", ".join(f"{len(group)} with {size} letters" for size, group in groups)
                + f", in total {len(done)}.",
                f"The remaining {len(words) - len(done)} of the {len(words)} words fail at least one of the two conditions, and "
                f"{len(words) - len(done)} + {len(done)} = {len(words)}.",
            ),
            closing=v.pick("There are {} such words.", "The number of such words is {}."),
            answer=str(len(done)),
        )

    kind = rng.choice(("boundary", "boundary", "lost_element", "extra_element"))
    if kind == "boundary":
        told = rng.choice((true, read))
        return Problem(
            question, kind, right=lambda v: solve(v, true, chosen(true)), wrong=lambda v: solve(v, told, chosen(read))
        )
    right = chosen(true)
    changed = {*right} ^ {rng.choice(right) if kind == "lost_element" else rng.choice(others)}
    wrong = [word for word in words if word in changed]
    return slip(question, kind, lambda v, done: solve(v, true, done), right, wrong)


_PAIRS = ((3, 4), (4, 6), (6, 9), (5, 7), (4, 10), (6, 8), (6, 10), (3, 5), (8, 12), (9, 12), (10, 15), (4, 7), (6, 15))


def multiples(rng: Random) -> Problem | None:
    """The premises: whether the ends of the range are in, and whether a multiple of both counts."""
    a, b = rng.choice(_PAIRS)
    low = rng.choice((a, b)) * rng.randrange(8, 40)
    high = low + rng.randrange(90, 320)
    if rng.random() < 0.5:
        high = rng.choice((a, b)) * (high // 6)
    if high < low + 60:
        return None
    true = (rng.random() < 0.5, rng.random() < 0.5)  # ends included?, multiples of both counted?
    flipped = rng.randrange(2)
    read = (not true[0], true[1]) if flipped == 0 else (true[0], not true[1])
    both = lcm(a, b)

    def counts(inside: bool) -> tuple[int, int, int]:
        first, last = (low, high) if inside else (low + 1, high - 1)
        return tuple(last // each - (first - 1) // each for each in (a, b, both))  # type: ignore[return-value]

    def total(premise: tuple[bool, bool]) -> int:
        by_a, by_b, by_both = counts(premise[0])
        return by_a + by_b - by_both * (1 if premise[1] else 2)

    if total(true) == total(read):
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

    def solve(v: Voice, told: tuple[bool, bool], done: tuple[bool, bool]) -> Working:
        first, last = (low, high) if done[0] else (low + 1, high - 1)
        by_a, by_b, by_both = counts(done[0])
        answer = total(done)
        line = f"{by_a} + {by_b} - {by_both} = {answer}" if done[1] else f"{by_a} + {by_b} - 2 × {by_both} = {answer}"
        how = (
            "In the sum they appear twice and must stay once"
            if done[1]
            else "In the sum they appear twice and must go altogether"
        )
        range_told = {
            True: ("the two ends belong to the range", "the range contains its ends"),
            False: ("the two ends do not belong to the range", "the range does not contain its ends"),
        }[told[0]]
        kind_told = {
            True: ("common multiples are counted once", "a common multiple is as good as any"),
            False: ("common multiples are not counted", "a common multiple is of no use"),
        }[told[1]]
        return Working(
            task=v.pick(
                f"We count multiples of {a} and of {b}, where {v.pick(*range_told)} and {v.pick(*kind_told)}.",
                f"The multiples of {a} and {b} are wanted; {v.pick(*kind_told)}, and {v.pick(*range_told)}.",
            ),
            plan=v.pick("Counting each kind by itself and then correcting the overlap is enough.", "I use inclusion and exclusion."),
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
                    + f"\n\nThe last line are the common multiples, those of {both}.",
                ),
                Step("combine the counts", line, f"{how}: {line}."),
            ),
            check=v.pick(
                f"Multiples of {a} alone: {by_a} - {by_both} = {by_a - by_both}; of {b} alone: {by_b} - {by_both} = "
                f"{by_b - by_both}; common ones: {by_both}. From these parts, too, we get {answer}.",
                f"In a stretch of {both} numbers {both // a + both // b - (1 if done[1] else 2)} are good, so among {last - first + 1} numbers "
                f"we expect about {round((both // a + both // b - (1 if done[1] else 2)) * (last - first + 1) / both)}; {answer} fits.",
            ),
            closing=v.pick("There are {} such numbers.", "The count is {}."),
            answer=str(answer),
        )

    return twin(rng, question, ("boundary", "premise")[flipped], solve, true, read)


def digits(rng: Random) -> Problem | None:
    """The premise: how often the digit is written, or how many numbers contain it."""
    low = rng.randrange(1, 420)
    high = low + rng.randrange(90, 340)
    digit = rng.randrange(1, 10)
    numbers = range(low, high + 1)
    places = [sum(number // unit % 10 == digit for number in numbers) for unit in (1, 10, 100)]
    written, containing = sum(places), sum(str(digit) in str(number) for number in numbers)
    if written == containing:
        return None
    thrice = sum(str(number).count(str(digit)) == 3 for number in numbers)
    twice = written - containing - 2 * thrice
    true, read = rng.sample(("written", "containing"), 2)
    question = {
        "written": (
            f"All whole numbers from {low} to {high} are written down. How often is the digit {digit} written?",
            f"Someone writes out the numbers {low} to {high}, both included. How many times does the digit {digit} get written?",
        ),
        "containing": (
            f"All whole numbers from {low} to {high} are written down. How many of them contain the digit {digit}?",
            f"Someone writes out the numbers {low} to {high}, both included. How many of these numbers have a digit {digit} in them?",
        ),
    }[true]

    def solve(v: Voice, told: str, done: str) -> Working:
        repeated = [
            f"{count(number, 'number')} with it {how}" for number, how in ((twice, "twice"), (thrice, "three times")) if number
        ]
        answer = written if done == "written" else containing
        goal = {
            "written": ("every single one on paper is counted, so a number can count more than once",
                        "what counts is the digit on paper, each time anew"),
            "containing": ("a number counts once, no matter how many of them it has", "what counts is whether a number has it"),
        }[told]  # fmt: skip
        if done == "written":
            treat = f"These are counted as often as they have the digit, so the total stays {answer}"
        else:
            treat = f"These are counted once only: {written} - {written - answer} = {answer}"
        return Working(
            task=v.pick(
                f"We go through {low} to {high} and look for the digit {digit}: {v.pick(*goal)}.",
                f"The digit {digit} is looked for among {high - low + 1} numbers; {v.pick(*goal)}.",
            ),
            plan=v.pick("I count place by place and then look at numbers with the digit in two places.", "Each place is counted by itself."),
            steps=(
                Step(
                    "count place by place",
                    f"units {places[0]}, tens {places[1]}, hundreds {places[2]}, sum {written}",
                    v.rows(
                        f"Numbers with a {digit}",
                        [f"in the units place: {places[0]}", f"in the tens place: {places[1]}", f"in the hundreds place: {places[2]}"],
                    ).replace(f"a {digit}\n", f"a {digit}:\n")
                    + f"\n\nThe sum is {written}.",
                ),
                Step(
                    "deal with repeats",
                    f"{' and '.join(repeated)}: {answer}",
                    f"Among them there are {' and '.join(repeated)}. {treat}.",
                ),
            ),
            check=v.pick(
                f"In a hundred numbers in a row there are 10 units and 10 tens with the digit; for {high - low + 1} numbers, {places[0]} and "
                f"{places[1]} are in line with that, and so is {answer}.",
                f"The three places give {places[0]} + {places[1]} + {places[2]} = {written}; with the repeats treated as above this is "
                f"{answer}.",
            ),
            closing=v.pick("The number asked for is {}.", "That gives {} in all."),
            answer=str(answer),
        )

    return twin(rng, rng.choice(question), "double_count", solve, true, read)


KINDS = (letters, words_of_a_kind, multiples, digits)
