"""A bill. The premise: whether the discount or the voucher is applied first."""

from __future__ import annotations

from random import Random

from judgebench.verifiable.lexicon import NAMES
from judgebench.verifiable.writing import Problem, Step, Voice, Working, twin

_GOODS = ("desk lamp", "garden chair", "backpack", "kettle", "bicycle helmet", "bookshelf", "blanket", "suitcase")
_CUTS_ASKED = {
    "discount": (
        "takes off the discount first and then deducts the voucher",
        "applies the discount before the voucher",
    ),
    "voucher": ("deducts the voucher first and then takes off the discount", "applies the voucher before the discount"),
}
_CUTS_STATED = {
    "discount": ("the percentage comes off the full price of the goods", "the percentage is the first reduction"),
    "voucher": ("the fixed amount comes off the full price of the goods", "the fixed amount is the first reduction"),
}


def _dollars(cents: int) -> str:
    return f"${cents // 100:,}.{cents % 100:02d}"


def draw(rng: Random) -> Problem | None:
    name, item = rng.choice(NAMES), rng.choice(_GOODS)
    price, pieces = rng.randrange(18, 96), rng.randrange(3, 10)
    percent, off = rng.choice((5, 10, 15, 20, 25, 30)), rng.choice((15, 20, 25, 30, 40, 50))
    delivery = rng.choice((450, 590, 625, 650, 725, 800, 895))
    true, misread = rng.sample(sorted(_CUTS_ASKED), 2)
    if price * pieces < 2 * off:
        return None
    question = (
        f"{name} orders {pieces} {item}s at ${price} each. There is a {percent}% discount on the goods, and {name} "
        f"also has a ${off} voucher. The shop {rng.choice(_CUTS_ASKED[true])}. Delivery costs {_dollars(delivery)} "
        f"and is never reduced. How much does {name} pay in total?"
    )
    goods = price * pieces * 100

    def solve(v: Voice, stated: str, applied: str) -> Working:
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

        first, second = (take_percent, take_voucher) if applied == "discount" else (take_voucher, take_percent)
        amount, step_one = first(goods)
        amount, step_two = second(amount)
        total = amount + delivery
        keep = f"{(100 - percent) / 100:g}"
        line = (
            f"{_dollars(goods)} × {keep} - ${off}"
            if applied == "discount"
            else f"({_dollars(goods)} - ${off}) × {keep}"
        )
        return Working(
            task=v.pick(
                f"{name} buys {pieces} {item}s; {v.pick(*_CUTS_STATED[stated])}, and delivery is added at the end.",
                f"We need the final bill for {pieces} {item}s, knowing that {v.pick(*_CUTS_STATED[stated])}.",
                "The bill has the goods, two reductions and the delivery.",
                f"We want what {name} pays for {pieces} {item}s with the discount, the voucher and the delivery.",
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
                f"In a single line the reduced goods are {line} = {_dollars(amount)}; adding {_dollars(delivery)} "
                f"gives {_dollars(total)} again.",
                f"Taking the delivery off again leaves {_dollars(amount)}, and {line} is the same amount.",
            ),
            closing=v.pick(f"{name} pays {{}}.", f"In total {name} pays {{}}."),
            answer=_dollars(total),
        )

    return twin(rng, question, "order_of_steps", solve, true, misread)
