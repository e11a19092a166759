"""A report card as text of 80 columns, as markdown, and as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

import msgspec

from judgebench.report import numbers, tables
from judgebench.report.card.content import Content, Line, Matrix, Section
from judgebench.report.numbers import NOTHING
from judgebench.report.tables import Cell, Number, Table
from judgebench.types import Estimate

WIDTH = 80
LABEL, VALUE = 46, 8
"""Characters of a line's first two columns."""


def as_text(card: Content) -> str:
    lines = [
        textwrap.shorten(card.title, WIDTH),
        "=" * WIDTH,
        *(part for fact in card.facts for part in textwrap.wrap(fact, WIDTH)),
        "",
        *(line for section in card.sections for line in _section(section)),
        *(line for section in card.details for line in ("", section.title, *_section(section))),
        *([""] if card.warnings else []),
        *(textwrap.fill(f"! {warning}", WIDTH, subsequent_indent="  ") for warning in card.warnings),
    ]
    return "\n".join(lines) + "\n"


def as_markdown(card: Content) -> str:
    rows = [line for section in card.sections for line in section.lines]
    parts = [f"## {card.title}", "\n".join(f"{fact}  " for fact in card.facts).rstrip(), _table(rows)]
    parts.append("\n".join(f"- {section.words}" for section in card.sections if section.words))
    for section in card.details:
        matrix = isinstance(section, Matrix) and Table(columns=section.columns, rows=section.rows)
        table = tables.as_markdown(matrix) if matrix else _table(section.lines)
        parts += [f"### {section.title}", table]
    if card.warnings:
        parts += ["### Warnings", "\n".join(f"- {warning}" for warning in card.warnings)]
    return "\n\n".join(part.rstrip("\n") for part in parts if part) + "\n"


def as_json(card: Content) -> str:
    return msgspec.json.format(msgspec.json.encode(card), indent=1).decode() + "\n"


def _cells(row: Sequence[str | int | Estimate | None]) -> list[Cell]:
    """Without intervals, so that a line holds them."""
    return [Number(value_of(cell)[0]) if isinstance(cell, Estimate) else cell for cell in row]


def _section(section: Section) -> Iterator[str]:
    if isinstance(section, Matrix):
        yield from tables.as_text(
            Table(columns=section.columns, rows=list(map(_cells, section.rows))), WIDTH
        ).splitlines()
    for line in section.lines:
        yield _row(line)
        if line.meaning:
            yield textwrap.fill(line.meaning, WIDTH, initial_indent="    ", subsequent_indent="    ")
    if section.words:
        indent = "  " if section.lines else ""
        yield textwrap.fill(section.words, WIDTH, initial_indent=indent, subsequent_indent=indent)


def row(label: str, value: str, more: str = "") -> str:
    return f"{label.ljust(LABEL)}{value:>{VALUE}}  {more}".rstrip()


def _row(line: Line) -> str:
    text = row(f"{'  ' * line.depth}{line.label}", *value_of(line.estimate))
    wrapped = line.estimate.value is None  # a reason may be long
    return textwrap.fill(text, WIDTH, subsequent_indent=" " * (LABEL + VALUE + 2)) if wrapped else text


def _table(lines: Sequence[Line]) -> str:
    explained = any(line.meaning for line in lines)
    columns = ["", "value", "95 % interval", "n", "questions", *(["meaning"] if explained else [])]
    rows: list[list[Cell]] = []
    for line in lines:
        value, interval = value_of(line.estimate)
        sizes = (f"{n:,}" if n else "" for n in (line.estimate.n, line.estimate.n_clusters))
        numbers = map(Number, (value, interval.strip("[]"), *sizes))
        rows.append([f"{'&emsp;' * line.depth}{line.label}", *numbers, *([line.meaning] if explained else [])])
    return tables.as_markdown(Table(columns=columns, rows=rows))


def value_of(estimate: Estimate) -> tuple[str, str]:
    """The value, and behind it the interval or the reason why there is no value."""
    if estimate.value is None:
        return NOTHING, estimate.reason or ""
    value, low, high = numbers.printed(estimate)
    return value, f"[{low}, {high}]" if low and high else ""
