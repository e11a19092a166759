"""Shared places. The premise: whether the places after a shared one are left out."""

from __future__ import annotations

from random import Random

from judgebench.verifiable.lexicon import NAMES
from judgebench.verifiable.writing import Problem, Step, Voice, Working, series, twin

_CONTESTS = (
    ("quiz", "points"),
    ("archery contest", "rings"),
    ("dance competition", "marks"),
    ("chess tournament", "points"),
)


def draw(rng: Random) -> Problem | None:
    contest, unit = rng.choice(_CONTESTS)
    names = rng.sample(NAMES, rng.choice((8, 9, 10)))
    pool = rng.sample(range(41, 98), len(names) - rng.choice((3, 4)))
    scores = [*pool, *(rng.choice(pool) for _ in range(len(names) - len(pool)))]
    rng.shuffle(scores)
    true, misread = rng.sample(("skip", "dense"), 2)

    def place(at: int, rule: str) -> int:
        better = [score for score in scores if score > scores[at]]
        return 1 + (len(better) if rule == "skip" else len(set(better)))

    differ = [at for at in range(len(names)) if place(at, "skip") != place(at, "dense")]
    if not differ:
        return None
    who = rng.choice(differ)
    wordings = {
        "skip": (
            "the places that would follow are left out, so two in first place are followed by third place",
            "the places used up by the tie are skipped, so after two in second place comes fourth place",
        ),
        "dense": (
            "no place is left out, so two in first place are followed by second place",
            "the count simply goes on, so after two in second place comes third place",
        ),
    }[true]
    question = (
        f"Results of a {contest}: "
        + ", ".join(f"{name} {scores[at]}" for at, name in enumerate(names))
        + f". More {unit} are better. Equal results share a place, and after a shared place {rng.choice(wordings)}. "
        "Which place does "
        f"{names[who]} get?"
    )

    def solve(v: Voice, stated: str, applied: str) -> Working:
        better = sorted((at for at in range(len(names)) if scores[at] > scores[who]), key=lambda at: -scores[at])
        ahead = sorted({scores[at] for at in better}, reverse=True)
        answer = place(who, applied)
        number = {
            "skip": f"{len(better)} people are better",
            "dense": f"{len(ahead)} different scores are better",
        }[applied]
        rule = {
            "skip": ("it matters how many people are better", "each better person pushes the place back"),
            "dense": ("it matters how many better scores there are", "each better score pushes the place back"),
        }[stated]
        listed = ", ".join(f"{names[at]} {scores[at]}" for at in better)
        return Working(
            task=v.pick(
                f"{names[who]} has {scores[who]} {unit}; we need the place, where {v.pick(*rule)}.",
                f"We look for the place of {names[who]} with {scores[who]} {unit}, and {v.pick(*rule)}.",
                f"The question is which place {scores[who]} {unit} are worth.",
                f"We want to know how far up {names[who]} is with {scores[who]} {unit}.",
            ),
            plan=v.pick(
                f"I list everyone above {scores[who]} and count.", "Only the better results matter, so I collect those."
            ),
            steps=(
                Step(
                    "collect the better results",
                    f"ahead of {names[who]}: {listed}",
                    f"More than {scores[who]} {unit} have: {listed}.",
                ),
                Step(
                    "count what is ahead",
                    number,
                    v.pick(
                        f"These are {len(better)} people with {len(ahead)} different results ({series(ahead)}). For "
                        f"the place it matters that {number}.",
                        f"Their results are {series(ahead)}, and we note that {number}.",
                    ),
                ),
                Step(
                    "add one",
                    f"{answer - 1} + 1 = {answer}",
                    f"The place is one more than that: {answer - 1} + 1 = {answer}.",
                ),
            ),
            check=v.pick(
                (
                    f"From the top, the results run {', '.join(str(scores[at]) for at in better)}, and then "
                    f"{scores[who]} in place {answer}."
                ),
                f"Going down from first place with {max(scores)} {unit}, one reaches {scores[who]} at place {answer}.",
            ),
            closing=f"{names[who]} gets place {{}}.",
            answer=str(answer),
        )

    return twin(rng, question, "tie_rule", solve, true, misread)
