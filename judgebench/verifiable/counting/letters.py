"""A letter in a line of words. The slip: the count in one word is one too high or too low."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from judgebench.verifiable.lexicon import WORDS
from judgebench.verifiable.writing import Problem, Step, Voice, Working, slip


def draw(rng: Random) -> Problem | None:
    letter, off = rng.choice("aeorntls"), rng.choice((1, -1))
    by_count = [[word for word in WORDS if word.count(letter) == number] for number in range(3)]
    # Words with two of the letter are rare. With their number drawn evenly, one more or one fewer is as frequent.
    having = rng.randrange(4, 9)
    most = min(4, having - 1, len(by_count[2]))
    twos = rng.randrange(1, most + 1)
    if not 1 <= twos + off <= most:
        return None
    words = [
        *rng.sample(by_count[2], twos),
        *rng.sample(by_count[1], having - twos),
        *rng.sample(by_count[0], rng.randrange(3, 6)),
    ]
    rng.shuffle(words)
    counts = [word.count(letter) for word in words]
    at = rng.choice([at for at, number in enumerate(counts) if number == (1 if off == 1 else 2)])
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
        hits = [(word, number) for word, number in zip(words, numbers) if number]
        misses = [word for word, number in zip(words, numbers) if not number]
        running, lines = 0, []
        for word, number in hits:
            running += number
            lines.append(f"{word}: {number} (total {running})")
        levels = sorted(set(numbers) - {0})
        by_level = [f"{numbers.count(level)} × {level}" for level in levels]
        without = f"Words without it: {', '.join(misses)}." if misses else "There is no word without it."
        return Working(
            task=v.pick(
                f"We count every {v.lit(letter)} in {len(words)} words.",
                f"The line has {len(words)} words, and we need all the places with the letter {v.lit(letter)}.",
            ),
            plan=v.pick(
                "I go word by word and keep a running total.", "Taking one word at a time avoids losing track."
            ),
            steps=(
                Step(
                    "count in each word",
                    "by word: " + ", ".join(f"{word} {number}" for word, number in hits),
                    v.rows(f"Words with the letter {v.lit(letter)}:", lines),
                ),
                Step("look at the rest", f"other words: {len(misses)}", without),
                Step(
                    "add up",
                    f"{' + '.join(str(number) for _, number in hits)} = {total}",
                    f"The sum is {' + '.join(str(number) for _, number in hits)} = {total}.",
                ),
            ),
            check=v.pick(
                f"Sorted by size, we have {' + '.join(by_level)} = {total}, and {len(hits)} + {len(misses)} = "
                f"{len(words)} words were looked at.",
                f"All {len(words)} words are covered, {len(hits)} with the letter and {len(misses)} without, and the "
                f"sizes {' + '.join(by_level)} give {total}.",
            ),
            closing=f"The letter {v.lit(letter)} occurs {{}} times.",
            answer=str(total),
        )

    return slip(question, "miscount", solve, counts, wrong)
