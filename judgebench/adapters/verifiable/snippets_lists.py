"""Functions on lists: ranges, repeats, runs, pieces, rotation, moving sums, second largest, middle, ranking."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from judgebench.adapters.verifiable.snippets import Spec
from judgebench.adapters.verifiable.writing import NAMES


def _few(rng: Random, low: int = 1, high: int = 10, size: int = 7) -> list[int]:
    """A short list with repeats."""
    return [rng.randrange(low, high) for _ in range(rng.randrange(size - 2, size + 2))]


def between(rng: Random) -> Spec:
    x = rng.choice(("values", "numbers", "readings"))
    signs = {"both": ("<=", "<="), "low": ("<=", "<"), "high": ("<", "<="), "none": ("<", "<")}

    def code(option: str) -> tuple[str, ...]:
        a, b = signs[option]
        return (
            f"return sum(1 for value in {x} if low {a} value {b} high)",
            f"total = 0\nfor value in {x}:\n    if low {a} value {b} high:\n        total += 1\nreturn total",
            f"inside = [value for value in {x} if low {a} value and value {b} high]\nreturn len(inside)",
        )

    def run(option: str, values: Sequence[int], low: int, high: int) -> int:
        inside = sum(low < value < high for value in values)
        ends = (option in ("low", "both")) * values.count(low) + (option in ("high", "both")) * values.count(high)
        return inside + ends

    return Spec(
        names=("count_between", "count_in_range", "how_many_inside"),
        parameters=f"{x}, low, high",
        purpose=f"counts the entries of the list `{x}` that lie in the range from `low` to `high`",
        goal="count the entries inside a range",
        summary=f"count the entries of {x} inside the range",
        asked={
            "both": ("both `low` and `high` belong to the range", "the range includes its two ends"),
            "low": ("`low` belongs to the range, `high` does not", "the range includes `low` but not `high`"),
            "high": ("`high` belongs to the range, `low` does not", "the range includes `high` but not `low`"),
            "none": ("neither `low` nor `high` belongs to the range", "the range includes neither of its ends"),
        },
        told={
            "both": ("an entry equal to one of the bounds is counted", "both comparisons admit equality"),
            "low": ("only the lower bound admits equality", "an entry equal to the upper bound is left out"),
            "high": ("only the upper bound admits equality", "an entry equal to the lower bound is left out"),
            "none": ("an entry equal to one of the bounds is left out", "both comparisons are strict"),
        },
        steps=(
            ("go through the list", "every entry is compared with both bounds", "Each entry is compared with the two bounds, once."),
            ("count the hits", "the hits are counted", "Entries that pass both comparisons are counted, and the count is returned."),
        ),
        code=code,
        run=run,
        draw=lambda rng: (_few(rng, 1, 9), rng.randrange(2, 5), rng.randrange(6, 9)),
    )


def keep_one(rng: Random) -> Spec:
    x = rng.choice(("items", "values", "entries"))

    def code(option: str) -> tuple[str, ...]:
        if option == "first":
            return (
                f"result = []\nfor item in {x}:\n    if item not in result:\n        result.append(item)\nreturn result",
                f"return [item for place, item in enumerate({x}) if item not in {x}[:place]]",
            )
        return (
            f"result = []\nfor item in {x}:\n    if item in result:\n        result.remove(item)\n    result.append(item)\nreturn result",
            f"return [item for place, item in enumerate({x}) if item not in {x}[place + 1:]]",
        )

    def run(option: str, items: list[int]) -> list[int]:
        return list(dict.fromkeys(items)) if option == "first" else list(dict.fromkeys(items[::-1]))[::-1]

    return Spec(
        names=("keep_one", "without_repeats", "unique"),
        parameters=x,
        purpose=f"returns a new list with every different entry of the list `{x}` exactly once",
        goal="drop repeated entries from a list",
        summary=f"return the different entries of {x}, each once",
        asked={
            "first": ("of equal entries the first one stays where it is and the later ones are dropped",),
            "last": ("of equal entries the last one stays where it is and the earlier ones are dropped",),
        },
        told={
            "first": ("an entry keeps the place where it turns up for the first time", "the earliest copy survives"),
            "last": ("an entry keeps the place where it turns up for the last time", "the latest copy survives"),
        },
        steps=(
            ("look at each entry in turn", "the entries are looked at in turn", "We visit the entries from left to right."),
            ("decide which copy stays", "of several copies one stays", "For each entry we see whether another copy makes it superfluous."),
        ),
        code=code,
        run=run,
        draw=lambda rng: (_few(rng, 1, 6, 6),),
        error="tie_rule",
        note="The order of the remaining entries does not change.",
    )


def longest_run(rng: Random) -> Spec:
    x = rng.choice(("values", "items", "symbols"))

    def code(option: str) -> tuple[str, ...]:
        sign = ">" if option == "first" else ">="
        return (
            f"best = start = 0\nlength = 0\nfor place, item in enumerate({x}):\n    if place and item != {x}[place - 1]:\n"
            f"        start = place\n    if place - start + 1 {sign} length:\n        length = place - start + 1\n        best = start\n"
            "return best",
            f"best, length = 0, 0\nfor start in range(len({x})):\n    end = start\n    while end < len({x}) and {x}[end] == {x}[start]:\n"
            f"        end += 1\n    if end - start {sign} length:\n        best, length = start, end - start\nreturn best",
        )

    def run(option: str, values: Sequence[int]) -> int:
        starts = [at for at in range(len(values)) if not at or values[at] != values[at - 1]]
        ends = [*starts[1:], len(values)]
        longest = max(end - start for start, end in zip(starts, ends))
        tops = [start for start, end in zip(starts, ends) if end - start == longest]
        return tops[0] if option == "first" else tops[-1]

    return Spec(
        names=("longest_run", "run_start", "longest_block"),
        parameters=x,
        purpose=f"returns the index (from 0) at which the longest run of equal neighbours in the list `{x}` starts",
        goal="find where the longest run of equal neighbours starts",
        summary="return the start of the longest run of equal neighbours",
        asked={
            "first": ("if several runs are equally long, the first of them counts",),
            "last": ("if several runs are equally long, the last of them counts",),
        },
        told={
            "first": ("a later run has to be longer to win", "among equally long runs the one furthest left wins"),
            "last": ("a later run wins if it is as long", "among equally long runs the one furthest right wins"),
        },
        steps=(
            ("measure the runs", "each run is measured from its start", "For each run we know where it starts and how long it is."),
            ("remember the best", "the best start so far is kept", "The best start and length so far are kept and replaced when needed."),
        ),
        code=code,
        run=run,
        draw=lambda rng: ([rng.randrange(1, 4) for _ in range(rng.randrange(7, 11))],),
        error="tie_rule",
        note="The list is never empty.",
    )


def chunks(rng: Random) -> Spec:
    x = rng.choice(("values", "items", "letters"))

    def code(option: str) -> tuple[str, ...]:
        if option == "keep":
            return (
                f"return [{x}[start:start + size] for start in range(0, len({x}), size)]",
                f"result = []\nstart = 0\nwhile start < len({x}):\n    result.append({x}[start:start + size])\n    start += size\nreturn result",
            )
        return (
            f"return [{x}[start:start + size] for start in range(0, len({x}) - size + 1, size)]",
            f"result = []\nstart = 0\nwhile start + size <= len({x}):\n    result.append({x}[start:start + size])\n    start += size\n"
            "return result",
        )

    def run(option: str, values: list[int], size: int) -> list[list[int]]:
        parts: list[list[int]] = []
        for at, value in enumerate(values):
            if at % size == 0:
                parts.append([])
            parts[-1].append(value)
        return [part for part in parts if option == "keep" or len(part) == size]

    return Spec(
        names=("chunks", "in_groups", "split_up"),
        parameters=f"{x}, size",
        purpose=f"cuts the list `{x}` from left to right into lists of `size` entries and returns these as a list",
        goal="cut a list into pieces of a given size",
        summary=f"cut {x} into lists of the given size",
        asked={
            "keep": ("if too few entries are left at the end, they form a shorter last list",),
            "drop": ("if too few entries are left at the end, they are left out",),
        },
        told={
            "keep": ("the rest at the end is returned as well", "a last piece may be short"),
            "drop": ("the rest at the end is not returned", "every piece is full"),
        },
        steps=(
            ("find the starting points", "pieces start at 0, size, 2 × size and so on", "A new piece starts after every full one."),
            ("slice", "each piece is a slice", "From each starting point we take a slice, and the slices are collected in order."),
        ),
        code=code,
        run=run,
        draw=lambda rng: (_few(rng, 1, 10, 7), rng.randrange(2, 5)),
        error="boundary",
    )


def rotate(rng: Random) -> Spec:
    x = rng.choice(("values", "items", "seats"))

    def code(option: str) -> tuple[str, ...]:
        cut = f"steps % len({x})" if option == "left" else f"-steps % len({x})"
        if option == "left":
            loop = f"result = list({x})\nfor _ in range(steps):\n    result.append(result.pop(0))\nreturn result"
        else:
            loop = f"result = list({x})\nfor _ in range(steps):\n    result.insert(0, result.pop())\nreturn result"
        return (f"cut = {cut}\nreturn {x}[cut:] + {x}[:cut]", loop)

    def run(option: str, values: list[int], steps: int) -> list[int]:
        sign = 1 if option == "left" else -1
        return [values[(at + sign * steps) % len(values)] for at in range(len(values))]

    return Spec(
        names=("rotate", "turn", "shifted"),
        parameters=f"{x}, steps",
        purpose=f"returns a copy of the list `{x}` whose entries have moved round by `steps` places",
        goal="move the entries of a list round in a circle",
        summary=f"return {x} moved round by the given number of places",
        asked={
            "left": ("they move to the left, and what falls off at the front comes back at the end",),
            "right": ("they move to the right, and what falls off at the end comes back at the front",),
        },
        told={
            "left": ("the first entry becomes the last one with each step", "each step takes one entry from the front to the back"),
            "right": ("the last entry becomes the first one with each step", "each step takes one entry from the back to the front"),
        },
        steps=(
            ("keep the original as it is", "we work on a copy", "The list that was passed in stays unchanged; the result is a new one."),
            ("allow many steps", "going round several times is fine", "With more steps than entries the list goes round more than once, which works too."),
        ),
        code=code,
        run=run,
        draw=lambda rng: ([rng.randrange(1, 30) for _ in range(rng.randrange(4, 7))], rng.randrange(1, 10)),
        error="direction",
        note="The list has at least one entry, and `steps` is not negative and may exceed its length.",
    )


def moving_sums(rng: Random) -> Spec:
    x = rng.choice(("values", "numbers", "prices"))

    def code(option: str) -> tuple[str, ...]:
        if option == "full":
            return (
                f"return [sum({x}[end - width:end]) for end in range(width, len({x}) + 1)]",
                f"result = []\nfor place in range(len({x})):\n    if place >= width - 1:\n"
                f"        result.append(sum({x}[place - width + 1:place + 1]))\nreturn result",
            )
        return (
            f"return [sum({x}[max(0, end - width):end]) for end in range(1, len({x}) + 1)]",
            f"result = []\nfor place in range(len({x})):\n    start = max(0, place - width + 1)\n"
            f"    result.append(sum({x}[start:place + 1]))\nreturn result",
        )

    def run(option: str, values: Sequence[int], width: int) -> list[int]:
        sums = [sum(values[at] for at in range(max(0, end - width), end)) for end in range(1, len(values) + 1)]
        return sums[width - 1 :] if option == "full" else sums

    return Spec(
        names=("moving_sums", "window_sums", "rolling_sums"),
        parameters=f"{x}, width",
        purpose=f"returns a list with the sum of each entry of the list `{x}` and the `width - 1` entries before it",
        goal="compute sums over a moving window",
        summary="return the sums over a moving window",
        asked={
            "full": ("entries with fewer than `width - 1` others before them are passed over, so the result is shorter",),
            "partial": ("where fewer than `width - 1` entries come before, the sum takes those that there are",),
        },
        told={
            "full": ("the first sum is formed when the window is full", "only full windows give a sum"),
            "partial": ("the first sums use a window that is still growing", "windows that are not yet full give a sum as well"),
        },
        steps=(
            ("move the window", "the window moves one place at a time", "The window ends at each place in turn and reaches back over the given number of entries."),
            ("sum the slice", "each window is a slice that is summed", "Every window is a slice of the list, and the built-in sum does the rest."),
        ),
        code=code,
        run=run,
        draw=lambda rng: (_few(rng, 1, 20, 6), rng.choice((1, 1, 2, 3, 4))),
    )


def second_largest(rng: Random) -> Spec:
    x = rng.choice(("values", "numbers", "scores"))

    def code(option: str) -> tuple[str, ...]:
        source = f"set({x})" if option == "different" else x
        loop = "elif value < top and (second is None or value > second)" if option == "different" else "elif second is None or value > second"
        return (
            f"ordered = sorted({source}, reverse=True)\nreturn ordered[1] if len(ordered) > 1 else None",
            f"top = second = None\nfor value in {x}:\n    if top is None or value > top:\n        top, second = value, top\n    {loop}:\n"
            "        second = value\nreturn second",
        )

    def run(option: str, values: Sequence[int]) -> int | None:
        ranked = sorted(dict.fromkeys(values) if option == "different" else values)
        return ranked[-2] if len(ranked) > 1 else None

    return Spec(
        names=("second_largest", "runner_up", "second_best"),
        parameters=x,
        purpose=f"returns the second largest entry of the list `{x}`, or `None` if there is no such entry",
        goal="return the second largest entry of a list",
        summary="return the second largest entry, or None",
        asked={
            "different": ("if the largest number occurs several times, the answer is the next smaller number",),
            "equal": ("if the largest number occurs several times, it is also the second largest",),
        },
        told={
            "different": ("copies of the maximum do not count as second", "the result is smaller than the maximum"),
            "equal": ("a copy of the maximum counts as second", "the result may equal the maximum"),
        },
        steps=(
            ("find the order", "we need to know the order of the entries", "What matters is the entry that comes next after the maximum."),
            ("handle short lists", "None if there is no second one", "If there is no such entry, the function returns None."),
        ),
        code=code,
        run=run,
        draw=lambda rng: (_few(rng, 3, 11, 5),),
        error="double_count",
    )


def middle(rng: Random) -> Spec:
    x = rng.choice(("values", "numbers", "ages"))

    def code(option: str) -> tuple[str, ...]:
        place = f"(len({x}) - 1) // 2" if option == "smaller" else f"len({x}) // 2"
        other = f"-(len({x}) // 2) - 1" if option == "smaller" else f"-(len({x}) + 1) // 2"
        return (f"ordered = sorted({x})\nreturn ordered[{place}]", f"return sorted({x})[{other}]")

    def run(option: str, values: Sequence[int]) -> int:
        rest = sorted(values)
        while len(rest) > 2:
            rest = rest[1:-1]
        return rest[0] if option == "smaller" else rest[-1]

    return Spec(
        names=("middle", "median_entry", "middle_entry"),
        parameters=x,
        purpose=f"returns the entry in the middle of the list `{x}` after sorting",
        goal="return the middle entry of a sorted list",
        summary="return the entry in the middle after sorting",
        asked={
            "smaller": ("if two entries are in the middle, the smaller one is returned",),
            "larger": ("if two entries are in the middle, the larger one is returned",),
        },
        told={
            "smaller": ("with an even number of entries we take the lower one of the two", "the lower of two candidates wins"),
            "larger": ("with an even number of entries we take the upper one of the two", "the upper of two candidates wins"),
        },
        steps=(
            ("sort", "the list is sorted", "Sorting a copy keeps the argument unchanged."),
            ("compute the index", "the index follows from the length", "Half of the length leads to the middle; integer division deals with odd lengths."),
        ),
        code=code,
        run=run,
        draw=lambda rng: (rng.sample(range(1, 60), rng.choice((3, 4, 4, 5, 6, 7))),),
        error="tie_rule",
        note="The list is never empty and has no repeats.",
    )


def ranking(rng: Random) -> Spec:
    x = rng.choice(("pairs", "results", "scores"))

    def code(option: str) -> tuple[str, ...]:
        if option == "az":
            return (
                f"ordered = sorted({x}, key=lambda pair: (-pair[1], pair[0]))\nreturn [name for name, _ in ordered]",
                f"by_name = sorted({x})\nby_name.sort(key=lambda pair: pair[1], reverse=True)\nreturn [pair[0] for pair in by_name]",
            )
        return (
            f"ordered = sorted({x}, key=lambda pair: (pair[1], pair[0]), reverse=True)\nreturn [name for name, _ in ordered]",
            f"by_name = sorted({x}, reverse=True)\nby_name.sort(key=lambda pair: -pair[1])\nreturn [pair[0] for pair in by_name]",
        )

    def run(option: str, pairs: Sequence[tuple[str, int]]) -> list[str]:
        levels = sorted({points for _, points in pairs}, reverse=True)
        groups = [sorted((name for name, points in pairs if points == level), reverse=option == "za") for level in levels]
        return [name for group in groups for name in group]

    def draw(rng: Random) -> tuple[list[tuple[str, int]]]:
        names = rng.sample(NAMES, rng.choice((3, 4, 4)))
        return ([(name, rng.randrange(3, 7)) for name in names],)

    return Spec(
        names=("ranking", "rank_names", "final_order"),
        parameters=x,
        purpose=f"takes a list `{x}` of tuples (name, points) and returns the list of the names from most to fewest points",
        goal="put names in order of their points",
        summary="return the names from most to fewest points",
        asked={
            "az": ("names with the same points are in alphabetical order",),
            "za": ("names with the same points are in reverse alphabetical order",),
        },
        told={
            "az": ("with equal points the name nearer to A comes first", "ties go from A to Z"),
            "za": ("with equal points the name nearer to Z comes first", "ties go from Z to A"),
        },
        steps=(
            ("sort by points", "more points come first", "The main criterion is the number of points, and the larger number comes first."),
            ("keep the names", "only the names are returned", "After sorting, the points have done their work and only the names are kept."),
        ),
        code=code,
        run=run,
        draw=draw,
        error="tie_rule",
        note="No name occurs twice.",
    )


LISTS = (between, keep_one, longest_run, chunks, rotate, moving_sums, second_largest, middle, ranking)
