"""A row of a file: its columns, with a getter for each type that a value should have, and its place in the file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, isfinite
from pathlib import Path
from typing import Any, TypeVar

from judgebench.errors import BadRow, place

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row:
    """`number` counts from 1, as the programs in which people look at such files do: the row of a spreadsheet, whose
    header is row 1; the line of JSON lines; the element of a JSON list; the row of a parquet file. `line` is the line
    on which the row begins, in files of lines. In a CSV it differs from the row's number below a cell of several lines.

    Each getter raises a BadRow unless the column holds what it reads."""

    path: Path
    number: int
    fields: Mapping[str, Any]
    line: int | None = None

    def bad(self, problem: str) -> BadRow:
        return BadRow(self.path, self.number, problem, self.line)

    @property
    def place(self) -> str:
        """`row 3`, or `row 3 (line 4)`."""
        return place(self.number, self.line)

    def without_fields(self) -> Row:
        """The row's place alone, to be kept without its texts."""
        return Row(self.path, self.number, {}, self.line)

    def has(self, *columns: str) -> bool:
        return all(column in self.fields for column in columns)

    def value(self, column: str) -> Any:
        if column not in self.fields:
            raise self.bad(f"no column {column!r}; there are: {', '.join(self.fields) or 'none'}")
        return self.fields[column]

    def _of_type(self, column: str, kind: type[T], what: str) -> T:
        value = self.value(column)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise self.bad(f"{column} is {what}, not {shown(value)}")
        return value

    def text(self, column: str) -> str:
        return self._of_type(column, str, "a text")

    def optional_text(self, column: str) -> str | None:
        """The text of a column that may be absent, null or empty."""
        return self.text(column) or None if self.fields.get(column) is not None else None

    def texts(self, column: str) -> list[str]:
        """A list of one text or more."""
        values = self.sequence(column)
        if not values or not all(isinstance(text, str) for text in values):
            raise self.bad(f"{column} is a list of texts")
        return values

    def identifier(self, column: str) -> str:
        """A text that is not blank, or a whole number, also one that pandas has turned into a float."""
        value = self.value(column)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return str(value)
        raise self.bad(f"{column} is an id, a text or a whole number, not {shown(value)}")

    def whole(self, column: str) -> int:
        return self._of_type(column, int, "a whole number")

    def number_in(self, value: Any, what: str, low: float = -inf, high: float = inf) -> float:
        """A value of this row as a finite number from low to high. It may be a text, since a CSV has no numbers."""
        try:
            number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else inf
        except (ValueError, OverflowError):
            number = inf
        if not isfinite(number) or not low <= number <= high:
            span = "" if low == -inf and high == inf else f" from {low:g} to {high:g}"
            raise self.bad(f"{what} is a number{span}, not {shown(value)}")
        return number

    def choice(self, column: str, choices: Mapping[Any, T]) -> T:
        """What `choices` maps the value to. 1, True and "1" are three different values, as they are in JSON."""
        value = self.value(column)
        for allowed, meaning in choices.items():
            if type(value) is type(allowed) and value == allowed:
                return meaning
        raise self.bad(f"{column} is one of {', '.join(map(shown, choices))}, not {shown(value)}")

    def sequence(self, column: str) -> list[Any]:
        return self._of_type(column, list, "a list")

    def within(self, value: Any, what: str) -> Row:
        """An object inside this row, read with this row's file and number."""
        if not isinstance(value, Mapping):
            raise self.bad(f"{what} is an object, not {shown(value)}")
        return Row(self.path, self.number, value, self.line)


def finite_numbers(value: Any, count: int) -> tuple[float, ...] | None:
    """`count` finite numbers, or None where `value` is anything else."""
    if not isinstance(value, list) or len(value) != count:
        return None
    try:
        numbers = tuple(float(n) for n in value if isinstance(n, int | float) and not isinstance(n, bool))
    except OverflowError:
        return None
    return numbers if len(numbers) == count and all(map(isfinite, numbers)) else None


def shown(value: Any) -> str:
    """A value as JSON would write it, NaN included, cut short."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, TypeError, RecursionError):
        text = type(value).__name__
    return text if len(text) <= 60 else f"{text[:57]}..."
