"""How a table and a sum are written."""

from __future__ import annotations

from collections.abc import Sequence


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    return "\n".join(", ".join(str(cell) for cell in row) for row in (header, *rows))


def plus(numbers: Sequence[int]) -> str:
    return " + ".join(str(number) for number in numbers)
