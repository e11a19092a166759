"""One table, five forms here and LaTeX beside it. A cell is text, a number, an Estimate or nothing."""

from __future__ import annotations

import csv
import html
import io
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

import msgspec

from judgebench.report import numbers
from judgebench.report.numbers import NOTHING, Intervals
from judgebench.types import Estimate

NARROWEST = 12
"""Characters: no column of text is made narrower."""


@dataclass(frozen=True)
class Number:
    """A cell that stands with the numbers, to the right. `strong`: none in its column is better by more than chance."""

    value: Estimate | str | None
    strong: bool = False


Cell = str | int | float | Estimate | Number | None


@dataclass(frozen=True)
class Table:
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    title: str = ""
    notes: Sequence[str] = field(default_factory=tuple)
    label: str = ""
    """What LaTeX refers to it by."""
    about: str = ""
    """The benchmark, where there is one."""
    breaks: Sequence[int] = ()
    """Before which rows a rule is drawn."""


def as_text(table: Table, width: int | None = None) -> str:
    """Where it is wider than `width` characters, the cells of its widest columns are broken into lines, as far as that
    makes no column too narrow."""
    rows = [[plain(cell) for cell in row] for row in table.rows]
    widths = [max(len(cell) for cell in column) for column in zip(table.columns, *rows, strict=True)]
    right = numeric(table)
    while width is not None and sum(widths) + 2 * (len(widths) - 1) > width and max(widths) > NARROWEST:
        widths[widths.index(max(widths))] -= 1

    def lines(cells: Sequence[str]) -> Iterator[str]:
        broken = (
            _Pieces(room, break_on_hyphens=False).wrap(cell) if len(cell) > room else [cell.rjust(room * to_the_right)]
            for cell, room, to_the_right in zip(cells, widths, right, strict=True)
        )
        for parts in zip_longest(*broken, fillvalue=""):
            yield "  ".join(part.ljust(room) for part, room in zip(parts, widths, strict=True)).rstrip()

    title = [table.title, ""] if table.title else []
    rule = "  ".join("-" * room for room in widths)
    body = (line for row in rows for line in lines(row))
    return "\n".join([*title, *lines(table.columns), rule, *body, *table.notes]) + "\n"


class _Pieces(textwrap.TextWrapper):
    """Breaks a line at spaces, and after the signs that names and paths are made of."""

    wordsep_simple_re = re.compile(r"( +)|(?<=[-_/.,])")


def as_markdown(table: Table, *, intervals: Intervals = Intervals.BRACKETS, decimals: int = 2) -> str:
    def text_of(cell: Cell) -> str:
        text = in_form(cell, intervals, decimals, ("<sub>", "</sub>"))
        text = text if isinstance(cell, str) else text.replace(" ", "\N{NO-BREAK SPACE}")
        return f"**{text}**" if isinstance(cell, Number) and cell.strong else text

    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(' '.join(cell.splitlines()).replace('|', chr(92) + '|') for cell in cells)} |"

    head = [f"## {table.title}", ""] if table.title else []
    rule = f"|{'|'.join('---:' if right else '---' for right in numeric(table))}|"
    body = [line([text_of(cell) for cell in row]) for row in table.rows]
    # A list stays together; other notes are paragraphs.
    notes = "\n".join(note if note.startswith("- ") else f"\n{note}" for note in table.notes)
    notes = f"\n{notes}" if notes.startswith("- ") else notes
    return "\n".join([*head, line(table.columns), rule, *body, *([notes] if notes else [])]) + "\n"


def as_html(table: Table, *, intervals: Intervals = Intervals.BRACKETS, decimals: int = 2) -> str:
    """A <table> to paste into a page; everything that comes from a run is escaped."""
    right = numeric(table)

    def text_of(cell: Cell) -> str:
        text = html.escape(in_form(cell, intervals, decimals, ("\0", "\1")))
        text = text.replace("\0", "<sub>").replace("\1", "</sub>")
        return f"<strong>{text}</strong>" if isinstance(cell, Number) and cell.strong else text

    def line(tag: str, cells: Sequence[str]) -> str:
        aligned = (f"<{tag}{' align=right' * to_the_right}>{cell}</{tag}>" for cell, to_the_right in zip(cells, right))
        return f"<tr>{''.join(aligned)}</tr>"

    title = [f"<caption>{html.escape(table.title)}</caption>"] if table.title else []
    head = line("th", [html.escape(name) for name in table.columns])
    body = (line("td", [text_of(cell) for cell in row]) for row in table.rows)
    notes = [f"<p>{html.escape(note)}</p>" for note in table.notes]
    lines = ["<table>", *title, f"<thead>{head}</thead>", "<tbody>", *body, "</tbody>", "</table>", *notes]
    return "\n".join(lines) + "\n"


def as_csv(table: Table) -> str:
    """Estimates take three columns: value, low and high, as fractions."""
    rows = [[bare(cell) for cell in row] for row in table.rows]
    wide = [any(isinstance(row[i], Estimate) for row in rows) for i in range(len(table.columns))]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    headings = [(name, f"{name}_low", f"{name}_high") for name in table.columns]
    for row in (headings, *(map(_numbers, row) for row in rows)):
        writer.writerow(part for parts, spread in zip(row, wide, strict=True) for part in parts[: 3 if spread else 1])
    return out.getvalue()


def as_json(table: Table) -> str:
    rows = [dict(zip(table.columns, map(bare, row), strict=True)) for row in table.rows]
    return msgspec.json.format(msgspec.json.encode(rows), indent=1).decode() + "\n"


def numeric(table: Table) -> list[bool]:
    """Which columns hold no text, and so stand to the right."""
    return [not any(isinstance(row[i], str) for row in table.rows) for i in range(len(table.columns))]


def in_form(cell: Cell, intervals: Intervals, decimals: int, sub: tuple[str, str]) -> str:
    """A cell in a form that can set subscripts between the two given marks."""
    estimate = bare(cell)
    if not isinstance(estimate, Estimate):
        return plain(estimate)
    return numbers.in_style(estimate, intervals, decimals, sub)


def bare(cell: Cell) -> str | int | float | Estimate | None:
    return cell.value if isinstance(cell, Number) else cell


def plain(cell: Cell) -> str:
    """A cell as plain text."""
    value = bare(cell)
    if value is None:
        return NOTHING
    if isinstance(value, Estimate):
        return numbers.text(value)
    return f"{value:,}" if isinstance(value, int) else str(value)


def _numbers(cell: str | int | float | Estimate | None) -> tuple[str | int | float | None, ...]:
    return (cell.value, cell.low, cell.high) if isinstance(cell, Estimate) else (cell, None, None)
