"""Who sits where? The slips: a clue is taken the other way round, or the last clue rules out the wrong line-up."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from judgebench.verifiable.lexicon import NAMES
from judgebench.verifiable.seating.clues import (
    DIRECTED,
    ORDERS,
    SCENES,
    SIZE,
    Clue,
    draw_clues,
    remaining,
    say,
)
from judgebench.verifiable.writing import Problem, Step, Voice, Working, cap, count, series


def draw(rng: Random) -> Problem | None:
    clues = draw_clues(rng)
    if clues is None:
        return None
    names, scene = rng.sample(NAMES, SIZE), rng.choice(SCENES)
    place = rng.choice((None, None, 0, 1, 2, 3, 4))
    ranked = sorted(range(len(clues)), key=lambda k: (len(clues[k].holds()), k))
    listing = "\n".join(
        f"({number}) {cap(say(scene, names, clue, reverse=rng.random() < 0.5))}."
        for number, clue in enumerate(clues, 1)
    )
    wanted = (
        f"List all five, from {scene.place} 1 to {scene.place} 5."
        if place is None
        else f"Who is {scene.where} {scene.place} {place + 1}?"
    )
    question = f"{series(sorted(names))} {scene.setting}. The following is known:\n\n{listing}\n\n{wanted}"

    def solve(v: Voice, stated: Sequence[Clue], applied: tuple[Sequence[Clue], int]) -> Working:
        stages = _stages(ranked, applied[0], applied[1])
        final = ORDERS[stages[-1][1][0]]
        at = {person: spot for spot, person in enumerate(final)}
        full = [names[person] for person in final]
        statements = [say(scene, names, clue, reverse=v.rng.random() < 0.5) for clue in stated]
        people = [sorted({clue.a, *([clue.b] if clue.kind in (*DIRECTED, "apart") else [])}) for clue in stated]
        spots = [" and ".join(f"{names[person]} {at[person] + 1}" for person in pair) for pair in people]
        return Working(
            task=v.pick(
                (
                    f"We have to put {series(names)} into the {scene.place}s 1 to 5 so that all {len(clues)} "
                    "statements hold."
                ),
                (
                    f"There are 120 ways to put five people into five {scene.place}s, and the {len(clues)} statements "
                    "single out one."
                ),
            ),
            plan=v.pick(
                "I begin with the statements that restrict most and strike out line-ups with the others.",
                "The strongest statements go first; the others then sort out what is left.",
            ),
            steps=tuple(_step(v, names, statements, used, left) for used, left in stages),
            check=v.pick(
                f"The {scene.place}s statement by statement: "
                + "; ".join(f"({number}) {spot}" for number, spot in enumerate(spots, 1))
                + ". Each of them is met.",
                (
                    f"In the line-up {series(full)} everyone occurs once, and going through (1) to ({len(clues)}) "
                    "finds no conflict."
                ),
            ),
            closing="From 1 to 5 the order is {}."
            if place is None
            else f"{cap(scene.where)} {scene.place} {place + 1} we find {{}}.",
            answer=", ".join(full) if place is None else full[place],
        )

    def answer(number: int) -> tuple[int, ...]:
        return ORDERS[number] if place is None else (ORDERS[number][place],)

    solution = remaining(clues)[0]
    if rng.random() < 0.6:
        turnable = [k for k, clue in enumerate(clues) if clue.kind in DIRECTED]
        k = rng.choice(turnable)
        turned = [*clues[:k], clues[k].turned(), *clues[k + 1 :]]
        line_ups = remaining(turned)
        if len(line_ups) != 1 or answer(line_ups[0]) == answer(solution):
            return None
        stated = [clues, turned][rng.randrange(2)]
        return Problem(
            question,
            "premise",
            right=lambda v: solve(v, clues, (clues, solution)),
            wrong=lambda v: solve(v, stated, (turned, line_ups[0])),
        )
    spared = [line_up for line_up in remaining([clues[k] for k in ranked[:-1]]) if answer(line_up) != answer(solution)]
    if not spared:
        return None
    kept = rng.choice(spared)
    return Problem(
        question,
        "elimination",
        right=lambda v: solve(v, clues, (clues, solution)),
        wrong=lambda v: solve(v, clues, (clues, kept)),
    )


def _stages(ranked: Sequence[int], clues: Sequence[Clue], final: int) -> list[tuple[list[int], list[int]]]:
    """The steps of the solution: which clues are used in each, and the line-ups left after it. `final` is the line-up
    that the last clue leaves."""
    used: list[int] = []
    while len(remaining([clues[k] for k in used])) > 6 and len(used) < len(ranked) - 1:
        used.append(ranked[len(used)])
    later = range(len(used) + 1, len(ranked))
    return [
        (used, remaining([clues[k] for k in used])),
        *(([ranked[applied - 1]], remaining([clues[k] for k in ranked[:applied]])) for applied in later),
        ([ranked[-1]], [final]),
    ]


def _step(v: Voice, names: Sequence[str], statements: Sequence[str], used: Sequence[int], left: Sequence[int]) -> Step:
    numbers = series([f"({k + 1})" for k in used])
    verb = "leaves" if len(used) == 1 else "leave"
    line_ups = ["-".join(names[person] for person in ORDERS[number]) for number in left]
    reading = "; ".join(f"({k + 1}) says that {statements[k]}" for k in used)
    if len(left) == 1:
        full = f"{cap(reading)}. " + v.pick(f"Only {line_ups[0]} is left.", f"This singles out {line_ups[0]}.")
    elif len(left) <= 12:
        remain = v.pick("In the order 1 to 5, these {} line-ups remain:", "The {} line-ups left, from 1 to 5:").format(
            len(left)
        )
        full = v.rows(f"{cap(reading)}. {remain}", line_ups)
    else:
        full = f"{cap(reading)}. That leaves {len(left)} line-ups, too many to list yet."
    few = "; ".join(line_ups) if len(left) <= 6 else count(len(left), "line-up")
    return Step(f"use {numbers}", f"{numbers} {verb} {few}", full)
