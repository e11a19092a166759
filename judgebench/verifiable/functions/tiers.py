"""Price limits: is an order at the limit over it?"""

from __future__ import annotations

from random import Random

from judgebench.verifiable.functions.spec import Spec, block


def spec(rng: Random) -> Spec:
    first, second = rng.randrange(5, 26), rng.randrange(30, 90)
    p = rng.randrange(80, 200)
    q = p - rng.randrange(5, 20)
    r = q - rng.randrange(5, 20)
    x = rng.choice(("n", "pieces", "amount"))

    def code(option: str) -> tuple[str, ...]:
        sign, opposite = (">=", "<") if option == "from" else (">", "<=")
        return (
            (
                block(
                    f"if {x} {sign} {second}:",
                    f"    return {x} * {r}",
                    f"if {x} {sign} {first}:",
                    f"    return {x} * {q}",
                    f"return {x} * {p}",
                )
            ),
            (
                block(
                    f"if {x} {opposite} {first}:",
                    f"    each = {p}",
                    f"elif {x} {opposite} {second}:",
                    f"    each = {q}",
                    "else:",
                    f"    each = {r}",
                    f"return {x} * each",
                )
            ),
        )

    def run(option: str, n: int) -> int:
        passed = sum(n > limit or (n == limit and option == "from") for limit in (first, second))
        return n * (p, q, r)[passed]

    return Spec(
        names=("price", "total_price", "order_price"),
        parameters=x,
        purpose=(
            f"returns the price in cents of an order of `{x}` pieces. A piece costs {p} cents, from the first limit "
            f"on {q} cents and from the second limit on {r} cents, and the lower price then holds for all pieces"
        ),
        goal="return the price of an order with two price limits",
        summary="return the price of the order in cents",
        in_question={
            "from": (
                f"the limits are reached with {first} and with {second} pieces",
                f"the lower prices need at least {first} and at least {second} pieces",
            ),
            "over": (
                f"the limits are reached with more than {first} and with more than {second} pieces",
                f"the lower prices need over {first} and over {second} pieces",
            ),
        },
        in_response={
            "from": ("an order right at a limit gets the lower price", "the number at the limit itself is enough"),
            "over": ("an order right at a limit gets the higher price", "the number at the limit itself is not enough"),
        },
        steps=(
            (
                "find the price of a piece",
                "the size of the order decides the price of a piece",
                "The order is compared with the two limits to get the price of one piece.",
            ),
            (
                "multiply",
                "that price times the number of pieces",
                "All pieces cost the same, so one multiplication is enough.",
            ),
        ),
        code=code,
        run=run,
        draw=lambda rng: (rng.choice((first, second, rng.randrange(1, 99))),),
    )
