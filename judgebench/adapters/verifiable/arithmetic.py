"""Word problems with units: posts along a road, a discount and a voucher, paint, two pumps, a production line."""

from __future__ import annotations

from math import lcm
from random import Random

from judgebench.adapters.verifiable.writing import (
    NAMES,
    Problem,
    Step,
    Voice,
    Working,
    clock,
    duration,
    slip,
    spread,
    twin,
)

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
    "start": ("starting right at one end but leaving the other end free", "with one at the near end and none at the far end"),
    "none": ("with none at either end", "leaving the two ends themselves free"),
}
_ENDS_TOLD = {
    "both": ("both ends are occupied", "each of the two ends gets one"),
    "start": ("only one of the two ends is occupied", "one end gets one and the other end stays empty"),
    "none": ("neither end is occupied", "both ends stay empty"),
}


def posts(rng: Random) -> Problem:
    thing, place = rng.choice(_ROWS)
    things = f"{thing}es" if thing == "bench" else f"{thing}s"
    spacing, gaps, price = rng.choice((15, 20, 24, 25, 30, 36, 40, 45)), rng.randrange(14, 53), rng.randrange(36, 240)
    metres = spacing * gaps
    length = rng.choice((f"{metres:,} m", f"{metres / 1000:g} km"))
    true, read = rng.sample(sorted(_EXTRA), 2)
    ends = rng.choice(_ENDS_ASKED[true])
    question = rng.choice(
        (
            f"{things.capitalize()} are to be set up along {place} that is {length} long, one every {spacing} m, {ends}. "
            f"Each {thing} costs ${price}. What do the {things} cost altogether?",
            f"A town sets up {things} along {place}, one every {spacing} m, {ends}. The whole stretch is {length} long, "
            f"and the price is ${price} for each {thing}. What is the total price?",
        )
    )

    def solve(v: Voice, told: str, done: str) -> Working:
        number = gaps + _EXTRA[done]
        cost = number * price
        sign = {1: f"{gaps} + 1 = {number}", 0: f"{number}", -1: f"{gaps} - 1 = {number}"}[_EXTRA[done]]
        relation = {
            1: f"there is one {thing} more than there are gaps",
            0: f"there are as many {things} as gaps",
            -1: f"there is one {thing} fewer than there are gaps",
        }[_EXTRA[done]]
        steps = [
            Step(
                "count the gaps",
                f"{metres:,} m / {spacing} m = {gaps} gaps",
                v.pick(
                    f"The {length} are divided into stretches of {spacing} m: {metres:,} / {spacing} = {gaps} gaps.",
                    f"Dividing the whole length by the spacing, {metres:,} m / {spacing} m, gives {gaps} gaps.",
                ),
            ),
            Step(
                f"get from gaps to {things}",
                f"{relation}: {sign}",
                v.pick(
                    f"Seen along the road, {relation}, so we need {sign} {things}.",
                    f"Here {relation}. That makes {sign} {things}.",
                ),
            ),
            Step("multiply by the price", f"{number} × ${price} = ${cost:,}", f"At ${price} each: {spread(number, price)}."),
        ]
        ends_told = v.pick(*_ENDS_TOLD[told])
        return Working(
            task=v.pick(
                f"We want the cost of {things} standing {spacing} m apart along {length}, where {ends_told}.",
                f"The {things} stand every {spacing} m along {length}, and {ends_told}.",
            ),
            plan=v.pick(
                f"I count the gaps first, turn them into {things}, and then multiply by the price.",
                f"The number of gaps is easy to get; from there we reach the number of {things} and the cost.",
            ),
            steps=tuple(steps),
            check=v.pick(
                f"Going backwards, ${cost:,} / ${price} = {number} {things}, and {gaps} gaps of {spacing} m are {metres:,} m.",
                f"{gaps} × {spacing} m = {metres:,} m, which is the full length, and ${cost:,} is {number} times ${price}.",
            ),
            closing=f"Altogether the {things} cost {{}}.",
            answer=f"${cost:,}",
        )

    return twin(rng, question, "boundary", solve, true, read)


_GOODS = ("desk lamp", "garden chair", "backpack", "kettle", "bicycle helmet", "bookshelf", "blanket", "suitcase")
_CUTS_ASKED = {
    "discount": ("takes off the discount first and then deducts the voucher", "applies the discount before the voucher"),
    "voucher": ("deducts the voucher first and then takes off the discount", "applies the voucher before the discount"),
}
_CUTS_TOLD = {
    "discount": ("the percentage comes off the full price of the goods", "the percentage is the first reduction"),
    "voucher": ("the fixed amount comes off the full price of the goods", "the fixed amount is the first reduction"),
}


def _dollars(cents: int) -> str:
    return f"${cents // 100:,}.{cents % 100:02d}"


def voucher(rng: Random) -> Problem:
    name, item = rng.choice(NAMES), rng.choice(_GOODS)
    price, pieces = rng.randrange(18, 96), rng.randrange(3, 10)
    percent, off = rng.choice((5, 10, 15, 20, 25, 30)), rng.choice((15, 20, 25, 30, 40, 50))
    delivery = rng.choice((450, 590, 625, 650, 725, 800, 895))
    true, read = rng.sample(sorted(_CUTS_ASKED), 2)
    question = (
        f"{name} orders {pieces} {item}s at ${price} each. There is a {percent}% discount on the goods, and {name} also "
        f"has a ${off} voucher. The shop {rng.choice(_CUTS_ASKED[true])}. Delivery costs {_dollars(delivery)} and is "
        f"never reduced. How much does {name} pay in total?"
    )
    goods = price * pieces * 100

    def solve(v: Voice, told: str, done: str) -> Working:
        def take_percent(amount: int) -> tuple[int, Step]:
            left = amount * (100 - percent) // 100
            return left, Step(
                f"take off {percent}%",
                f"{percent}% off: {_dollars(amount)} - {_dollars(amount - left)} = {_dollars(left)}",
                f"{percent}% of {_dollars(amount)} is {_dollars(amount - left)}, which leaves {_dollars(left)}.",
            )

        def take_voucher(amount: int) -> tuple[int, Step]:
            left = amount - off * 100
            return left, Step(
                "deduct the voucher",
                f"voucher: {_dollars(amount)} - ${off} = {_dollars(left)}",
                f"The voucher is worth ${off}: {_dollars(amount)} - ${off} = {_dollars(left)}.",
            )

        first, second = (take_percent, take_voucher) if done == "discount" else (take_voucher, take_percent)
        amount, step_one = first(goods)
        amount, step_two = second(amount)
        total = amount + delivery
        keep = f"{(100 - percent) / 100:g}"
        line = f"{_dollars(goods)} × {keep} - ${off}" if done == "discount" else f"({_dollars(goods)} - ${off}) × {keep}"
        return Working(
            task=v.pick(
                f"{name} buys {pieces} {item}s; {v.pick(*_CUTS_TOLD[told])}, and delivery is added at the end.",
                f"We need the final bill for {pieces} {item}s, knowing that {v.pick(*_CUTS_TOLD[told])}.",
            ),
            plan=v.pick("I go through the bill line by line.", "Let us build up the bill one line at a time."),
            steps=(
                Step(
                    "add up the goods",
                    f"goods: {pieces} × ${price} = {_dollars(goods)}",
                    f"{pieces} {item}s at ${price} each come to {pieces} × ${price} = {_dollars(goods)}.",
                ),
                step_one,
                step_two,
                Step(
                    "add the delivery",
                    f"with delivery: {_dollars(amount)} + {_dollars(delivery)} = {_dollars(total)}",
                    f"Delivery is charged in full: {_dollars(amount)} + {_dollars(delivery)} = {_dollars(total)}.",
                ),
            ),
            check=v.pick(
                f"In a single line the reduced goods are {line} = {_dollars(amount)}; adding {_dollars(delivery)} gives "
                f"{_dollars(total)} again.",
                f"Taking the delivery off again leaves {_dollars(amount)}, and {line} is the same amount.",
            ),
            closing=v.pick(f"{name} pays {{}}.", f"In total {name} pays {{}}."),
            answer=_dollars(total),
        )

    return twin(rng, question, "order_of_steps", solve, true, read)


_DOOR_ASKED = {
    "painted": ("is to be painted like the walls", "gets the same paint as the walls"),
    "bare": ("is not to be painted", "stays as it is, without paint"),
}
_DOOR_TOLD = {
    "painted": ("the door is part of the job", "the door is coated along with the walls"),
    "bare": ("the door is not part of the job", "the door is left out"),
}


def _decimal(numerator: int, scale: int) -> str:
    """numerator / 10**scale without trailing zeros."""
    return f"{numerator / 10**scale:.{scale}f}".rstrip("0").rstrip(".")


def paint(rng: Random) -> Problem:
    length, width, height = rng.randrange(32, 68), rng.randrange(25, 48), rng.choice((23, 24, 25, 26, 27, 28))
    wide, tall = rng.choice((8, 9, 10, 11)), rng.choice((20, 21, 22))
    coats, cover = rng.choice((2, 3)), rng.choice((4, 5, 8, 10))
    true, read = rng.sample(sorted(_DOOR_ASKED), 2)
    metres = [_decimal(side, 1) for side in (length, width, height, wide, tall)]
    question = (
        f"The four walls of a room are to be painted. The room is {metres[0]} m long, {metres[1]} m wide and {metres[2]} m "
        f"high, and one wall has a door of {metres[3]} m by {metres[4]} m, which {rng.choice(_DOOR_ASKED[true])}. There are "
        f"no windows. {coats} coats are needed, and one litre covers {cover} m² once. How many litres of paint are used? "
        "Give the exact decimal number."
    )
    around = 2 * (length + width)
    gross, door = around * height, wide * tall

    def solve(v: Voice, told: str, done: str) -> Working:
        net = gross if done == "painted" else gross - door
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
        }[done]
        return Working(
            task=v.pick(
                f"We need the paint for four walls with {coats} coats, and {v.pick(*_DOOR_TOLD[told])}.",
                f"The job is to paint the walls {coats} times; {v.pick(*_DOOR_TOLD[told])}.",
            ),
            plan=v.pick(
                "First comes the area, then the coats, then the litres.", "I work out the area and then turn it into litres."
            ),
            steps=(
                Step(
                    "find the area of the walls",
                    f"walls: 2 × ({metres[0]} + {metres[1]}) × {metres[2]} = {_decimal(gross, 2)} m²",
                    f"Once around the room is 2 × ({metres[0]} m + {metres[1]} m) = {_decimal(around, 1)} m. Times the height "
                    f"of {metres[2]} m, that is {_decimal(gross, 2)} m².",
                ),
                step,
                Step(
                    "include all the coats",
                    f"{coats} coats: {_decimal(net * coats, 2)} m²",
                    f"With {coats} coats the paint has to cover {coats} × {_decimal(net, 2)} = {_decimal(net * coats, 2)} m².",
                ),
                Step(
                    "turn the area into litres",
                    f"{_decimal(net * coats, 2)} / {cover} = {litres} litres",
                    f"One litre is enough for {cover} m², so we divide: {_decimal(net * coats, 2)} / {cover} = {litres} litres.",
                ),
            ),
            check=v.pick(
                f"{litres} litres × {cover} m² = {_decimal(net * coats, 2)} m², which is {coats} × {_decimal(net, 2)} m².",
                f"One coat takes {_decimal(net * 1000 // cover, 5)} litres for {_decimal(net, 2)} m², and {coats} coats "
                f"take {litres} litres.",
            ),
            closing=v.pick("The job takes {} of paint.", "The paint used is {}."),
            answer=f"{litres} litres",
        )

    return twin(rng, question, "premise", solve, true, read)


_RATES = (  # a pump and a second one, such that sum and difference share small multiples
    (24, 6), (20, 4), (18, 6), (15, 5), (25, 5), (28, 4), (21, 7), (30, 10), (27, 9), (32, 8), (36, 12), (40, 8), (45, 15),
)  # fmt: skip
_SECOND_ASKED = {
    "in": ("a second pump brings in another {b} litres per minute", "another pump adds {b} litres per minute"),
    "out": ("a second pump draws off {b} litres per minute", "another pump takes out {b} litres per minute"),
}
_SECOND_TOLD = {
    "in": ("both pumps fill it", "the two pumps work together"),
    "out": ("one pump fills it while the other empties it", "the two pumps work against each other"),
}


def pumps(rng: Random) -> Problem:
    fast, slow = rng.choice(_RATES)
    step = lcm(fast + slow, fast - slow)
    missing = step * rng.randrange(800 // step + 1, 3600 // step + 1)
    inside = rng.randrange(12, 95) * 10
    true, read = rng.sample(sorted(_SECOND_ASKED), 2)
    second = rng.choice(_SECOND_ASKED[true]).format(b=slow)
    size = rng.choice((f"{missing + inside:,} litres", f"{(missing + inside) / 1000:g} m³"))
    question = (
        f"A water tank holds {size} and contains {inside} litres at the start. One pump brings in {fast} litres per minute; "
        f"at the same time {second}. How long does it take until the tank is full?"
    )

    def solve(v: Voice, told: str, done: str) -> Working:
        rate = fast + slow if done == "in" else fast - slow
        net = f"{fast} + {slow} = {rate}" if done == "in" else f"{fast} - {slow} = {rate}"
        minutes = missing // rate
        time = duration(minutes)
        told_second = v.pick(*_SECOND_TOLD[told])
        convert = f"The tank holds {missing + inside:,} litres. " if "m³" in size else ""
        return Working(
            task=v.pick(
                f"The tank is partly full already, {told_second}, and we want the time until it is full.",
                f"We look for the time to fill the rest of the tank, where {told_second}.",
            ),
            plan=v.pick(
                "What matters is how much water is missing and how fast the level really changes.",
                "I compare the missing volume with the overall change per minute.",
            ),
            steps=(
                Step(
                    "find the missing volume",
                    f"missing: {missing + inside:,} - {inside} = {missing:,} litres",
                    f"{convert}With {inside} litres in it, {missing + inside:,} - {inside} = {missing:,} litres are missing.",
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
                    f"Filling up takes {missing:,} / {rate} = {minutes} minutes, which we can write as {time}.",
                ),
            ),
            check=v.pick(
                f"In {minutes} minutes the tank gains {minutes} × {rate} = {missing:,} litres, and {inside} + {missing:,} = "
                f"{missing + inside:,} litres fills it.",
                f"After {minutes} minutes the content is {inside} + {minutes} × {rate} = {missing + inside:,} litres: full.",
            ),
            closing=v.pick("The tank is full after {}.", "It takes {} to fill the tank."),
            answer=time,
        )

    return twin(rng, question, "direction", solve, true, read)


def line(rng: Random) -> Problem | None:
    """The slip is in a sum that one does by hand: ten too many or too few."""
    batch, per = rng.randrange(23, 98), rng.choice((3, 4, 5, 6))
    product, made = rng.choice((("bottle", "fills"), ("jar", "closes"), ("box", "packs"), ("can", "seals"), ("bag", "fills")))
    products = f"{product}es" if product == "box" else f"{product}s"
    start, cycles, pause = rng.randrange(72, 108) * 5, rng.randrange(62, 139), rng.randrange(12, 40)
    running = cycles * per
    if batch % 10 == 0 or cycles % 10 == 0:
        return None
    stop = start + running + pause
    question = (
        f"A machine {made} {batch} {products} every {per} minutes. It is started at {clock(start)} and switched off at "
        f"{clock(stop)} on the same day; in between it stands still for {pause} minutes while it is cleaned. How many "
        f"{products} come out of it?"
    )

    def solve(v: Voice, off: tuple[int, int]) -> Working:
        tens, ones = cycles // 10 * 10 * batch, cycles % 10 * batch + off[0]
        total = tens + ones + off[1]
        parts = f"{cycles // 10 * 10} × {batch} = {tens:,} and {cycles % 10} × {batch} = {ones}"
        return Working(
            task=v.pick(
                f"We need the number of {products} made between {clock(start)} and {clock(stop)}, without the cleaning time.",
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
                    f"From {clock(start)} to {clock(stop)} it is {duration(stop - start)}, that is {stop - start} minutes. "
                    f"Without the {pause} minutes of cleaning, {running} minutes remain.",
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


KINDS = (posts, voucher, paint, pumps, line)
