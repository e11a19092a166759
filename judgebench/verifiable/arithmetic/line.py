"""The output of a machine. The slip: a product or a sum is off by ten or by a hundred."""

from __future__ import annotations

from random import Random

from judgebench.verifiable.writing import Problem, Step, Voice, Working, clock, duration, slip


def draw(rng: Random) -> Problem | None:
    batch, per = rng.randrange(23, 98), rng.choice((3, 4, 5, 6))
    product, verb = rng.choice(
        (("bottle", "fills"), ("jar", "closes"), ("box", "packs"), ("can", "seals"), ("bag", "fills"))
    )
    products = f"{product}es" if product == "box" else f"{product}s"
    start, cycles, pause = rng.randrange(72, 108) * 5, rng.randrange(62, 139), rng.randrange(12, 40)
    running = cycles * per
    if batch % 10 == 0 or cycles % 10 == 0:
        return None
    stop = start + running + pause
    question = (
        f"A machine {verb} {batch} {products} every {per} minutes. It is started at {clock(start)} and switched off "
        f"at {clock(stop)} on the same day; in between it stands still for {pause} minutes while it is cleaned. How "
        f"many {products} come out of it?"
    )

    def solve(v: Voice, off: tuple[int, int]) -> Working:
        tens, ones = cycles // 10 * 10 * batch, cycles % 10 * batch + off[0]
        total = tens + ones + off[1]
        parts = f"{cycles // 10 * 10} × {batch} = {tens:,} and {cycles % 10} × {batch} = {ones}"
        return Working(
            task=v.pick(
                (
                    f"We need the number of {products} made between {clock(start)} and {clock(stop)}, without the "
                    "cleaning time."
                ),
                f"The machine works from {clock(start)} to {clock(stop)} with one stop of {pause} minutes.",
            ),
            plan=v.pick(
                f"I find the time it really runs, count the rounds of {per} minutes, and multiply.",
                "Running time, number of rounds and output follow one after the other.",
            ),
            steps=(
                Step(
                    "find the running time",
                    f"{clock(start)} to {clock(stop)} is {stop - start} min, less {pause} is {running} min",
                    f"From {clock(start)} to {clock(stop)} it is {duration(stop - start)}, that is {stop - start} "
                    f"minutes. Without the {pause} minutes of cleaning, {running} minutes remain.",
                ),
                Step(
                    "count the rounds",
                    f"{running} / {per} = {cycles} rounds",
                    f"A round takes {per} minutes, so there are {running} / {per} = {cycles} rounds.",
                ),
                Step(
                    f"multiply by the {products} in a round",
                    f"{cycles} × {batch} = {total:,}",
                    f"Each round yields {batch} {products}, so we need {cycles} × {batch}. Splitting it up, {parts}. "
                    f"The sum is {total:,}.",
                ),
            ),
            check=v.pick(
                f"The units come to {ones} and the tens to {tens:,}; adding the two gives {total:,}.",
                f"Taking {ones} away from {total:,} leaves {tens:,}, the share of the {cycles // 10 * 10} rounds.",
            ),
            closing=f"The machine turns out {{}} {products}.",
            answer=f"{total:,}",
        )

    error = rng.choice(((10, 0), (-10, 0), (0, 100), (0, -100), (0, 10), (0, -10)))
    return slip(question, "calculation", solve, (0, 0), error)
