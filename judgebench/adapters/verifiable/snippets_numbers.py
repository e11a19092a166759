"""Functions on numbers, texts and ranges: price limits, letters shifted, ranges merged, streaks, thresholds, rounding."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from judgebench.adapters.verifiable.lexicon import WORDS
from judgebench.adapters.verifiable.snippets import Spec

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def tiers(rng: Random) -> Spec:
    first, second = rng.randrange(5, 26), rng.randrange(30, 90)
    p = rng.randrange(80, 200)
    q = p - rng.randrange(5, 20)
    r = q - rng.randrange(5, 20)
    x = rng.choice(("n", "pieces", "amount"))

    def code(option: str) -> tuple[str, ...]:
        sign, other = (">=", "<") if option == "from" else (">", "<=")
        return (
            f"if {x} {sign} {second}:\n    return {x} * {r}\nif {x} {sign} {first}:\n    return {x} * {q}\nreturn {x} * {p}",
            f"if {x} {other} {first}:\n    each = {p}\nelif {x} {other} {second}:\n    each = {q}\nelse:\n    each = {r}\nreturn {x} * each",
        )

    def run(option: str, n: int) -> int:
        passed = sum(n > limit or (n == limit and option == "from") for limit in (first, second))
        return n * (p, q, r)[passed]

    return Spec(
        names=("price", "total_price", "order_price"),
        parameters=x,
        purpose=(
            f"returns the price in cents of an order of `{x}` pieces. A piece costs {p} cents, from the first limit on {q} cents and "
            f"from the second limit on {r} cents, and the lower price then holds for all pieces"
        ),
        goal="return the price of an order with two price limits",
        summary="return the price of the order in cents",
        asked={
            "from": (
                f"the limits are reached with {first} and with {second} pieces",
                f"the lower prices need at least {first} and at least {second} pieces",
            ),
            "over": (
                f"the limits are reached with more than {first} and with more than {second} pieces",
                f"the lower prices need over {first} and over {second} pieces",
            ),
        },
        told={
            "from": ("an order right at a limit gets the lower price", "the number at the limit itself is enough"),
            "over": ("an order right at a limit gets the higher price", "the number at the limit itself is not enough"),
        },
        steps=(
            ("find the price of a piece", "the size of the order decides the price of a piece", "The order is compared with the two limits to get the price of one piece."),
            ("multiply", "that price times the number of pieces", "All pieces cost the same, so one multiplication is enough."),
        ),
        code=code,
        run=run,
        draw=lambda rng: (rng.choice((first, second, rng.randrange(1, 99))),),
    )


def shift_letters(rng: Random) -> Spec:
    x = rng.choice(("text", "word", "message"))

    def code(option: str) -> tuple[str, ...]:
        sign = "+" if option == "forward" else "-"
        return (
            f'letters = "{_LETTERS}"\nreturn "".join(letters[(letters.index(c) {sign} steps) % 26] if c in letters else c for c in {x})',
            f"result = \"\"\nfor c in {x}:\n    if \"a\" <= c <= \"z\":\n        place = (ord(c) - ord(\"a\") {sign} steps) % 26\n"
            "        c = chr(ord(\"a\") + place)\n    result += c\nreturn result",
        )

    def run(option: str, text: str, steps: int) -> str:
        turn = steps % 26 if option == "forward" else -steps % 26
        table = dict(zip(_LETTERS, _LETTERS[turn:] + _LETTERS[:turn]))
        return "".join(table.get(c, c) for c in text)

    def draw(rng: Random) -> tuple[str, int]:
        # 13 steps come to the same in both directions: that is the example on which the two readings agree.
        text = rng.choice((rng.choice(WORDS), f"{rng.choice(WORDS)} {rng.randrange(2, 99)}"))
        return text, rng.choice((13, rng.randrange(1, 26)))

    return Spec(
        names=("shift_letters", "encode", "shift_text"),
        parameters=f"{x}, steps",
        purpose=f"replaces each lower-case letter a to z of the string `{x}` by the one `steps` places further on in the alphabet",
        goal="shift the letters of a text along the alphabet",
        summary="return the text with its letters shifted",
        asked={
            "forward": ("the shift goes from a towards z, and after z it goes on with a",),
            "back": ("the shift goes from z towards a, and after a it goes on with z",),
        },
        told={
            "forward": ("a shift by one turns b into c", "with one step, d becomes e"),
            "back": ("a shift by one turns c into b", "with one step, e becomes d"),
        },
        steps=(
            ("number the letters", "letters become the numbers 0 to 25", "Each letter has a number from 0 to 25, which makes shifting a sum."),
            ("wrap around", "modulo 26 wraps around", "Taking the result modulo 26 keeps it in the alphabet. All other characters stay as they are."),
        ),
        code=code,
        run=run,
        draw=draw,
        error="direction",
        note="All other characters are kept, and `steps` is between 0 and 25.",
    )


def merge(rng: Random) -> Spec:
    x = rng.choice(("ranges", "spans", "bookings"))

    def code(option: str) -> tuple[str, ...]:
        sign = "<=" if option == "touching" else "<"
        other = ">" if option == "touching" else ">="
        return (
            f"result = []\nfor start, end in sorted({x}):\n    if result and start {sign} result[-1][1]:\n"
            "        result[-1] = (result[-1][0], max(result[-1][1], end))\n    else:\n        result.append((start, end))\nreturn result",
            f"result = []\nfor start, end in sorted({x}):\n    if not result or start {other} result[-1][1]:\n"
            "        result.append((start, end))\n    elif end > result[-1][1]:\n        result[-1] = (result[-1][0], end)\nreturn result",
        )

    def run(option: str, ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        rest = sorted(ranges)
        merged: list[tuple[int, int]] = []
        while rest:
            start, end = rest.pop(0)
            while rest and (rest[0][0] < end or (rest[0][0] == end and option == "touching")):
                end = max(end, rest.pop(0)[1])
            merged.append((start, end))
        return merged

    def draw(rng: Random) -> tuple[list[tuple[int, int]]]:
        starts = [rng.randrange(0, 24) for _ in range(rng.choice((3, 4)))]
        return ([(start, start + rng.randrange(1, 7)) for start in starts],)

    return Spec(
        names=("merge", "merge_ranges", "joined"),
        parameters=x,
        purpose=f"takes a list `{x}` of tuples (start, end) with start < end and returns the sorted list in which overlapping ones are merged",
        goal="merge overlapping ranges",
        summary="return the merged ranges in order",
        asked={
            "touching": ("ranges that only meet, one ending where the other starts, are merged too",),
            "apart": ("ranges that only meet, one ending where the other starts, stay separate",),
        },
        told={
            "touching": ("a common end point is enough for merging", "(1, 4) and (4, 6) become one"),
            "apart": ("a common end point is not enough for merging", "(1, 4) and (4, 6) remain two"),
        },
        steps=(
            ("sort the ranges", "sorted by start", "After sorting by start, a range can only overlap with the last one in the result."),
            ("extend or append", "extend the last range or append a new one", "Either the last range of the result is extended, or a new one is appended."),
        ),
        code=code,
        run=run,
        draw=draw,
    )


def streak(rng: Random) -> Spec:
    goal, x = rng.randrange(20, 90) * 100, rng.choice(("steps", "days", "counts"))

    def code(option: str) -> tuple[str, ...]:
        sign, other = (">=", "<") if option == "reach" else (">", "<=")
        return (
            f"best = now = 0\nfor value in {x}:\n    now = now + 1 if value {sign} {goal} else 0\n    best = max(best, now)\nreturn best",
            f"best = 0\nnow = 0\nfor value in {x}:\n    if value {other} {goal}:\n        now = 0\n        continue\n    now += 1\n"
            "    if now > best:\n        best = now\nreturn best",
        )

    def run(option: str, values: Sequence[int]) -> int:
        marks = "".join("+" if value > goal or (value == goal and option == "reach") else " " for value in values)
        return max((len(part) for part in marks.split()), default=0)

    return Spec(
        names=("best_streak", "longest_streak", "streak"),
        parameters=x,
        purpose=f"takes the list `{x}` of daily step counts and returns the length of the longest unbroken series of good days",
        goal="find the longest series of good days",
        summary="return the length of the longest series of good days",
        asked={
            "reach": (f"a day is good with at least {goal} steps", f"a good day has {goal} steps or more"),
            "over": (f"a day is good with more than {goal} steps", f"a good day has over {goal} steps"),
        },
        told={
            "reach": (f"a day with exactly {goal} keeps the series alive", f"{goal} itself is good"),
            "over": (f"a day with exactly {goal} ends the series", f"{goal} itself is not good"),
        },
        steps=(
            ("count the current series", "the current series grows or starts again at 0", "A good day makes the current series longer; any other day sets it back to 0."),
            ("keep the maximum", "the maximum is kept", "The longest series so far is remembered and returned at the end."),
        ),
        code=code,
        run=run,
        draw=lambda rng: ([goal + rng.choice((-900, -100, 0, 0, 300, 800, 1500)) for _ in range(rng.randrange(5, 9))],),
    )


def first_over(rng: Random) -> Spec:
    x = rng.choice(("values", "amounts", "weights"))

    def code(option: str) -> tuple[str, ...]:
        sign, other = (">=", "<") if option == "reach" else (">", "<=")
        return (
            f"total = 0\nfor place, value in enumerate({x}):\n    total += value\n    if total {sign} limit:\n        return place\nreturn -1",
            f"place, total = 0, 0\nwhile place < len({x}):\n    total += {x}[place]\n    if total {other} limit:\n        place += 1\n"
            "    else:\n        return place\nreturn -1",
        )

    def run(option: str, values: Sequence[int], limit: int) -> int:
        sums = [sum(values[: at + 1]) for at in range(len(values))]
        fitting = [at for at, total in enumerate(sums) if total > limit or (total == limit and option == "reach")]
        return fitting[0] if fitting else -1

    def draw(rng: Random) -> tuple[list[int], int]:
        values = _positive(rng)
        return values, rng.choice((sum(values[:2]), sum(values[:3]), rng.randrange(10, 40)))

    return Spec(
        names=("first_over", "fill_index", "stop_index"),
        parameters=f"{x}, limit",
        purpose=f"adds up the positive numbers in the list `{x}` from the start and returns the index (from 0) at which it stops, or -1 if it never does",
        goal="find where a running total stops",
        summary="return the index at which the running total stops",
        asked={
            "reach": ("it stops as soon as the total is at least `limit`", "it stops once the total has reached `limit`"),
            "over": ("it stops as soon as the total is more than `limit`", "it stops once the total has exceeded `limit`"),
        },
        told={
            "reach": ("a total equal to the limit ends the search", "meeting the limit is enough"),
            "over": ("a total equal to the limit does not end the search", "meeting the limit is not enough"),
        },
        steps=(
            ("keep a running total", "a running total is kept", "We add one entry at a time and compare the total with the limit."),
            ("return the index", "the index comes back, or -1", "The index of the entry that made the difference is returned; after the loop it is -1."),
        ),
        code=code,
        run=run,
        draw=draw,
    )


def _positive(rng: Random) -> list[int]:
    return [rng.randrange(2, 15) for _ in range(rng.randrange(4, 7))]


def to_multiple(rng: Random) -> Spec:
    step = rng.choice((4, 6, 8, 10, 12, 20, 30, 50))
    x = rng.choice(("n", "value", "minutes"))

    def code(option: str) -> tuple[str, ...]:
        half = step // 2
        if option == "up":
            return (
                f"return ({x} + {half}) // {step} * {step}",
                f"rest = {x} % {step}\nif rest >= {half}:\n    return {x} - rest + {step}\nreturn {x} - rest",
            )
        return (
            f"return ({x} + {half - 1}) // {step} * {step}",
            f"rest = {x} % {step}\nif rest > {half}:\n    return {x} - rest + {step}\nreturn {x} - rest",
        )

    def run(option: str, n: int) -> int:
        low, high = n - n % step, n - n % step + step
        if n - low == high - n:
            return high if option == "up" else low
        return low if n - low < high - n else high

    return Spec(
        names=("to_multiple", "rounded", "snap"),
        parameters=x,
        purpose=f"rounds the whole number `{x}`, which is not negative, to the nearest multiple of {step}",
        goal=f"round to the nearest multiple of {step}",
        summary=f"round to the nearest multiple of {step}",
        asked={
            "up": ("a number halfway between two multiples goes to the larger one", "numbers exactly in the middle are rounded up"),
            "down": ("a number halfway between two multiples goes to the smaller one", "numbers exactly in the middle are rounded down"),
        },
        told={
            "up": (f"a remainder of {step // 2} goes to the upper neighbour", f"{step // 2} itself becomes {step}"),
            "down": (f"a remainder of {step // 2} goes to the lower neighbour", f"{step // 2} itself becomes 0"),
        },
        steps=(
            ("use the remainder", f"the remainder by {step} decides", f"What decides is the remainder of the number when divided by {step}."),
            ("stay with integers", "integer division avoids floats", "Integer arithmetic is enough, so no rounding errors of floats can occur."),
        ),
        code=code,
        run=run,
        draw=lambda rng: (rng.choice((step * rng.randrange(1, 12) + step // 2, rng.randrange(1, 40 * step))),),
        error="tie_rule",
    )


NUMBERS = (tiers, shift_letters, merge, streak, first_over, to_multiple)
