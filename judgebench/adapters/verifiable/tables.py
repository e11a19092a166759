"""Small tables: a filtered sum, a mean with missing entries, the difference between two groups."""

from __future__ import annotations

from collections.abc import Sequence
from math import lcm
from random import Random

from judgebench.adapters.verifiable.clocks import TOWNS
from judgebench.adapters.verifiable.writing import NAMES, Problem, Step, Voice, Working, count, series, slip, twin

_THEMES = (
    ("deliveries of a wholesaler", "crates", ("apples", "pears", "plums")),
    ("orders of a paper mill", "rolls", ("white", "brown", "grey")),
    ("sales of a seed merchant", "sacks", ("barley", "oats", "rye")),
    ("shipments of a tile maker", "pallets", ("red", "blue", "green")),
    ("stocks of a wool dealer", "bales", ("merino", "alpaca", "mohair")),
)


def _table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    return "\n".join(", ".join(str(cell) for cell in row) for row in (header, *rows))


def _sum(numbers: Sequence[int]) -> str:
    return " + ".join(str(number) for number in numbers)
