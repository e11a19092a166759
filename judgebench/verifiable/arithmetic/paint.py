"""Painting a room. The premise: whether the door is painted too."""

from __future__ import annotations

from random import Random

from judgebench.verifiable.writing import Problem, Step, Voice, Working, twin

_DOOR_ASKED = {
    "painted": ("is to be painted like the walls", "gets the same paint as the walls"),
    "bare": ("is not to be painted", "stays as it is, without paint"),
}
_DOOR_STATED = {
    "painted": ("the door is coated as well", "the door is part of the area"),
    "bare": ("the door is left out", "the door is no part of the area"),
}


def _decimal(numerator: int, scale: int) -> str:
    """numerator / 10**scale without trailing zeros."""
    return f"{numerator / 10**scale:.{scale}f}".rstrip("0").rstrip(".")


def draw(rng: Random) -> Problem:
    length, width, height = rng.randrange(32, 68), rng.randrange(25, 48), rng.choice((23, 24, 25, 26, 27, 28))
    wide, tall = rng.choice((8, 9, 10, 11)), rng.choice((20, 21, 22))
    coats, cover = rng.choice((2, 3)), rng.choice((4, 5, 8, 10))
    true, misread = rng.sample(sorted(_DOOR_ASKED), 2)
    metres = [_decimal(side, 1) for side in (length, width, height, wide, tall)]
    question = (
        f"The four walls of a room are to be painted. The room is {metres[0]} m long, {metres[1]} m wide and "
        f"{metres[2]} m high, and one wall has a door of {metres[3]} m by {metres[4]} m, which "
        f"{rng.choice(_DOOR_ASKED[true])}. There are no windows. {coats} coats are needed, and one litre covers "
        f"{cover} m² once. How many litres of paint are used? Give the exact decimal number."
    )
    around = 2 * (length + width)
    gross, door = around * height, wide * tall

    def solve(v: Voice, stated: str, applied: str) -> Working:
        net = gross if applied == "painted" else gross - door
        litres = _decimal(net * coats * 1000 // cover, 5)
        step = {
            "painted": Step(
                "deal with the door",
                f"the door stays in: {_decimal(net, 2)} m²",
                f"The door's {_decimal(door, 2)} m² stay in, so the area to be painted is {_decimal(net, 2)} m².",
            ),
            "bare": Step(
                "deal with the door",
                f"the door comes off: {_decimal(net, 2)} m²",
                f"The door's {_decimal(door, 2)} m² come off, so the area to be painted is {_decimal(net, 2)} m².",
            ),
        }[applied]
        return Working(
            task=v.pick(
                f"We need the paint for four walls with {coats} coats, and {v.pick(*_DOOR_STATED[stated])}.",
                f"The job is to paint the walls {coats} times; {v.pick(*_DOOR_STATED[stated])}.",
                f"We want to know how many litres {coats} coats on these walls take.",
                "The amount of paint depends on the area, the coats and how far a litre goes.",
            ),
            plan=v.pick(
                "First comes the area, then the coats, then the litres.",
                "I work out the area and then turn it into litres.",
            ),
            steps=(
                Step(
                    "find the area of the walls",
                    f"walls: 2 × ({metres[0]} + {metres[1]}) × {metres[2]} = {_decimal(gross, 2)} m²",
                    f"Once around the room is 2 × ({metres[0]} m + {metres[1]} m) = {_decimal(around, 1)} m. Times "
                    f"the height of {metres[2]} m, that is {_decimal(gross, 2)} m².",
                ),
                step,
                Step(
                    "include all the coats",
                    f"{coats} coats: {_decimal(net * coats, 2)} m²",
                    (
                        f"With {coats} coats the paint has to cover {coats} × {_decimal(net, 2)} = "
                        f"{_decimal(net * coats, 2)} m²."
                    ),
                ),
                Step(
                    "turn the area into litres",
                    f"{_decimal(net * coats, 2)} / {cover} = {litres} litres",
                    (
                        f"One litre is enough for {cover} m², so we divide: {_decimal(net * coats, 2)} / {cover} = "
                        f"{litres} litres."
                    ),
                ),
            ),
            check=v.pick(
                (
                    f"{litres} litres × {cover} m² = {_decimal(net * coats, 2)} m², which is {coats} × "
                    f"{_decimal(net, 2)} m²."
                ),
                f"One coat takes {_decimal(net * 1000 // cover, 5)} litres for {_decimal(net, 2)} m², and {coats} "
                f"coats take {litres} litres.",
            ),
            closing=v.pick("The job takes {} of paint.", "The paint used is {}."),
            answer=f"{litres} litres",
        )

    return twin(rng, question, "premise", solve, true, misread)
