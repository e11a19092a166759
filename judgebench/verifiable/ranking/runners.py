"""A list of runners. The premise: equal times favour the older or the younger one."""

from __future__ import annotations

from random import Random

from judgebench.verifiable.lexicon import NAMES, ORDINALS
from judgebench.verifiable.writing import Problem, Step, Voice, Working, twin


def draw(rng: Random) -> Problem | None:
    names = rng.sample(NAMES, rng.choice((6, 7, 8)))
    pool = rng.sample(range(1185, 1300), len(names) - rng.choice((2, 3)))
    times = [*pool, *(rng.choice(pool) for _ in range(len(names) - len(pool)))]
    rng.shuffle(times)
    ages = rng.sample(range(17, 60), len(names))
    true, misread = rng.sample((1, -1), 2)

    def ranked(sign: int) -> list[int]:
        return sorted(range(len(names)), key=lambda at: (times[at], sign * ages[at]))

    differ = [at for at, (a, b) in enumerate(zip(ranked(1), ranked(-1))) if a != b]
    place = rng.choice(differ) if rng.random() < 0.5 else None
    wordings = {
        1: ("the younger runner is placed ahead", "the younger of them gets the better place"),
        -1: ("the older runner is placed ahead", "the older of them gets the better place"),
    }[true]
    listing = "\n".join(
        f"{name}, aged {ages[at]}: {times[at] // 60} min {times[at] % 60:02d} s" for at, name in enumerate(names)
    )
    request = "Give the full order from first to last." if place is None else f"Who is in {ORDINALS[place]} place?"
    question = (
        f"These are the times of a five-kilometre run:\n\n{listing}\n\nThe shorter time wins. Where times are equal, "
        f"{rng.choice(wordings)}. {request}"
    )

    def solve(v: Voice, stated: int, applied: int) -> Working:
        order = ranked(applied)
        full = [names[at] for at in order]
        equal = sorted({time for time in times if times.count(time) > 1})
        ties = [
            f"{time // 60}:{time % 60:02d}: "
            + ", then ".join(f"{names[at]} ({ages[at]})" for at in order if times[at] == time)
            for time in equal
        ]
        rule = {
            1: ("age counts against a runner when times are equal", "with equal times, fewer years are better"),
            -1: ("age counts in a runner's favour when times are equal", "with equal times, more years are better"),
        }[stated]
        listed = ", ".join(f"{names[at]} {times[at] // 60}:{times[at] % 60:02d}" for at in order)
        return Working(
            task=v.pick(
                f"We order {len(names)} runners by time; {v.pick(*rule)}.",
                f"The times decide first, and {v.pick(*rule)}.",
                f"{len(names)} runners have to be put in order, some of them with the same time.",
                "This comes down to sorting the times and settling the ties.",
            ),
            plan=v.pick(
                "I look for equal times, settle them, and write down the list.", "Ties come first, then the full list."
            ),
            steps=(
                Step(
                    "settle the equal times",
                    "equal times: " + "; ".join(ties),
                    v.rows(
                        v.pick("These times occur more than once, with the order that follows:", "The ties, in order:"),
                        ties,
                    ),
                ),
                Step(
                    "write down the order", f"order: {listed}", f"Merging this with the other times, we get {listed}."
                ),
                *(
                    ()
                    if place is None
                    else (
                        Step(
                            "find the place",
                            f"{full[place]} is {ORDINALS[place]}",
                            f"Counting from the front, {ORDINALS[place]} place goes to {full[place]}.",
                        ),
                    )
                ),
            ),
            check=v.pick(
                f"The list has {len(names)} names, nobody twice, and the times in it never get shorter.",
                (
                    f"From the winner {full[0]} to {full[-1]} the times only stay equal or grow, and all {len(names)} "
                    "runners are there."
                ),
            ),
            closing="The order is {}." if place is None else f"{{}} is in {ORDINALS[place]} place.",
            answer=", ".join(full) if place is None else full[place],
        )

    return twin(rng, question, "tie_rule", solve, true, misread)
