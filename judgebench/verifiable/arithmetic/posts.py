"""Posts along a road. The premise: whether there are posts at both ends, at one end or at none."""

from __future__ import annotations

from random import Random

from judgebench.verifiable.writing import Problem, Step, Voice, Working, spread, twin

_ROWS = (
    ("lamp post", "a straight avenue"),
    ("tree", "one side of a straight road"),
    ("flagpole", "a straight promenade"),
    ("bench", "a straight canal path"),
    ("marker stone", "a straight hiking trail"),
)
_EXTRA = {"both": 1, "start": 0, "none": -1}


_ENDS_ASKED = {
    "both": ("with one at each end", "the first and the last standing right at the two ends"),
    "start": (
        "starting right at one end but leaving the other end free",
        "with one at the near end and none at the far end",
    ),
    "none": ("with none at either end", "leaving the two ends themselves free"),
}
_ENDS_STATED = {
    "both": ("both ends are occupied", "each of the two ends gets one"),
    "start": ("only one of the two ends is occupied", "one end gets one and the other end stays empty"),
    "none": ("neither end is occupied", "both ends stay empty"),
}


def draw(rng: Random) -> Problem:
    thing, place = rng.choice(_ROWS)
    things = f"{thing}es" if thing == "bench" else f"{thing}s"
    spacing, gaps, price = rng.choice((15, 20, 24, 25, 30, 36, 40, 45)), rng.randrange(14, 53), rng.randrange(36, 240)
    metres = spacing * gaps
    length = rng.choice((f"{metres:,} m", f"{metres / 1000:g} km"))
    true, misread = rng.sample(sorted(_EXTRA), 2)
    ends = rng.choice(_ENDS_ASKED[true])
    question = rng.choice(
        (
            (
                f"{things.capitalize()} are to be set up along {place} that is {length} long, one every {spacing} m, "
                f"{ends}. Each {thing} costs ${price}. What do the {things} cost altogether?"
            ),
            (
                f"A town sets up {things} along {place}, one every {spacing} m, {ends}. The whole stretch is {length} "
                f"long, and the price is ${price} for each {thing}. What is the total price?"
            ),
        )
    )

    def solve(v: Voice, stated: str, applied: str) -> Working:
        number = gaps + _EXTRA[applied]
        cost = number * price
        sign = {1: f"{gaps} + 1 = {number}", 0: f"{number}", -1: f"{gaps} - 1 = {number}"}[_EXTRA[applied]]
        relation = {
            1: f"there is one {thing} more than there are gaps",
            0: f"there are as many {things} as gaps",
            -1: f"there is one {thing} fewer than there are gaps",
        }[_EXTRA[applied]]
        steps = [
            Step(
                "count the gaps",
                f"{metres:,} m / {spacing} m = {gaps} gaps",
                v.pick(
                    f"With one every {spacing} m, the {metres:,} m break up into {metres:,} / {spacing} = {gaps} gaps.",
                    f"Dividing the whole length by the spacing, {metres:,} m / {spacing} m, gives {gaps} gaps.",
                ),
            ),
            Step(
                f"get from gaps to {things}",
                f"{relation}: {sign}",
                v.pick(
                    f"Along the way {relation}, so we need {sign} {things}.",
                    f"Here {relation}. That makes {sign} {things}.",
                ),
            ),
            Step(
                "multiply by the price",
                f"{number} × ${price} = ${cost:,}",
                f"At ${price} each: {spread(number, price)}.",
            ),
        ]
        ends_stated = v.pick(*_ENDS_STATED[stated])
        return Working(
            task=v.pick(
                f"We want the cost of {things} standing {spacing} m apart along {length}, where {ends_stated}.",
                f"The {things} stand every {spacing} m along {length}, and {ends_stated}.",
                f"To get the cost, we need to know how many {things} there are along the {length}.",
                f"This is about {things} that stand {spacing} m apart and cost ${price} each.",
            ),
            plan=v.pick(
                f"I count the gaps first, turn them into {things}, and then multiply by the price.",
                f"The number of gaps is easy to get; from there we reach the number of {things} and the cost.",
            ),
            steps=tuple(steps),
            check=v.pick(
                (
                    f"Going backwards, ${cost:,} / ${price} = {number} {things}, and {gaps} gaps of {spacing} m are "
                    f"{metres:,} m."
                ),
                (
                    f"{gaps} × {spacing} m = {metres:,} m, which is the full length, and ${cost:,} is {number} times "
                    f"${price}."
                ),
            ),
            closing=f"Altogether the {things} cost {{}}.",
            answer=f"${cost:,}",
        )

    return twin(rng, question, "boundary", solve, true, misread)
