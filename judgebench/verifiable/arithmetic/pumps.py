"""Filling a tank. The premise: whether the second pump brings water in or takes it out."""

from __future__ import annotations

from math import lcm
from random import Random

from judgebench.verifiable.writing import Problem, Step, Voice, Working, duration, twin

_RATES = (  # sum and difference share small multiples
    (24, 6), (20, 4), (18, 6), (15, 5), (25, 5), (28, 4), (21, 7), (30, 10), (27, 9), (32, 8), (36, 12), (40, 8),
    (45, 15),
)  # fmt: skip


_SECOND_ASKED = {
    "in": ("a second pump brings in another {b} litres per minute", "another pump adds {b} litres per minute"),
    "out": ("a second pump draws off {b} litres per minute", "another pump takes out {b} litres per minute"),
}
_SECOND_STATED = {
    "in": ("both pumps fill it", "the two rates add up"),
    "out": ("the pumps work against each other", "the two rates partly cancel"),
}


def draw(rng: Random) -> Problem:
    fast, slow = rng.choice(_RATES)
    step = lcm(fast + slow, fast - slow)
    missing = step * rng.randrange(800 // step + 1, 3600 // step + 1)
    inside = rng.randrange(12, 95) * 10
    true, misread = rng.sample(sorted(_SECOND_ASKED), 2)
    second = rng.choice(_SECOND_ASKED[true]).format(b=slow)
    size = rng.choice((f"{missing + inside:,} litres", f"{(missing + inside) / 1000:g} m³"))
    question = (
        f"A water tank holds {size} and contains {inside} litres at the start. One pump brings in {fast} litres per "
        f"minute; at the same time {second}. How long does it take until the tank is full?"
    )

    def solve(v: Voice, stated: str, applied: str) -> Working:
        rate = fast + slow if applied == "in" else fast - slow
        net = f"{fast} + {slow} = {rate}" if applied == "in" else f"{fast} - {slow} = {rate}"
        minutes = missing // rate
        time = duration(minutes)
        second_stated = v.pick(*_SECOND_STATED[stated])
        convert = f"The tank holds {missing + inside:,} litres. " if "m³" in size else ""
        return Working(
            task=v.pick(
                f"The tank is partly full already, {second_stated}, and we want the time until it is full.",
                f"We look for the time to fill the rest of the tank, where {second_stated}.",
                "The question is how long it takes to fill the rest of the tank.",
                f"The tank already has {inside} litres in it, and we want to know when it is full.",
            ),
            plan=v.pick(
                "What matters is how much water is missing and how fast the level really changes.",
                "I compare the missing volume with the overall change per minute.",
            ),
            steps=(
                Step(
                    "find the missing volume",
                    f"missing: {missing + inside:,} - {inside} = {missing:,} litres",
                    (
                        f"{convert}With {inside} litres in it, {missing + inside:,} - {inside} = {missing:,} litres "
                        "are missing."
                    ),
                ),
                Step(
                    "combine the two pumps",
                    f"net rate: {net} litres per minute",
                    v.pick(
                        f"Each minute the tank gains {net} litres.",
                        f"Taken together the pumps change the content by {net} litres per minute.",
                    ),
                ),
                Step(
                    "divide volume by rate",
                    f"{missing:,} / {rate} = {minutes} minutes",
                    (
                        f"Filling up takes {missing:,} / {rate} = {minutes} "
                        f"minutes{f', or {time}' if minutes > 60 else ''}."
                    ),
                ),
            ),
            check=v.pick(
                f"In {minutes} minutes the tank gains {minutes} × {rate} = {missing:,} litres, and {inside} + "
                f"{missing:,} = {missing + inside:,} litres fills it.",
                (
                    f"After {minutes} minutes the content is {inside} + {minutes} × {rate} = {missing + inside:,} "
                    "litres: full."
                ),
            ),
            closing=v.pick("The tank is full after {}.", "It takes {} to fill the tank."),
            answer=time,
        )

    return twin(rng, question, "direction", solve, true, misread)
