"""One table, six forms. A cell is text, a number, an Estimate or nothing; each form knows how to show each."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from judgebench.report import numbers
from judgebench.report.numbers import NOTHING, Intervals
from judgebench.types import Estimate


@dataclass(frozen=True)
class Number:
    """A cell that stands with the numbers, to the right. `strong`: nothing in its column is better by more than
    chance. `ranks`, as in `2–5`, stand behind an estimate instead of its interval."""

    value: Estimate | str | None
    strong: bool = False
    ranks: str = ""


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


def as_text(table: Table) -> str:
    rows = [[plain(cell) for cell in row] for row in table.rows]
    widths = [max(len(cell) for cell in column) for column in zip(table.columns, *rows, strict=True)]
    right = numeric(table)

    def line(cells: Sequence[str]) -> str:
        shown = (
            cell.rjust(width) if to_the_right else cell.ljust(width)
            for cell, width, to_the_right in zip(cells, widths, right, strict=True)
        )
        return "  ".join(shown).rstrip()

    rule = "  ".join("-" * width for width in widths)
    return "\n".join([*_titled(table), line(table.columns), rule, *map(line, rows), *table.notes]) + "\n"


def as_markdown(table: Table, *, intervals: Intervals = Intervals.BRACKETS, decimals: int = 2) -> str:
    def shown(cell: Cell) -> str:
        text = in_form(cell, intervals, decimals, ("<sub>", "</sub>"))
        text = text if isinstance(cell, str) else text.replace(" ", "\N{NO-BREAK SPACE}")
        return f"**{text}**" if isinstance(cell, Number) and cell.strong else text

    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(' '.join(cell.splitlines()).replace('|', chr(92) + '|') for cell in cells)} |"

    head = [f"## {table.title}", ""] if table.title else []
    rule = f"|{'|'.join('---:' if right else '---' for right in numeric(table))}|"
    body = [line([shown(cell) for cell in row]) for row in table.rows]
    # A list stays together; other notes are paragraphs.
    notes = "\n".join(note if note.startswith("- ") else f"\n{note}" for note in table.notes)
    notes = f"\n{notes}" if notes.startswith("- ") else notes
    return "\n".join([*head, line(table.columns), rule, *body, *([notes] if notes else [])]) + "\n"


def as_html(table: Table, *, intervals: Intervals = Intervals.BRACKETS, decimals: int = 2) -> str:
    """A <table> to paste into a page; everything that comes from a run is escaped."""
    right = numeric(table)

    def shown(cell: Cell) -> str:
        text = html.escape(in_form(cell, intervals, decimals, ("\0", "\1")))
        text = text.replace("\0", "<sub>").replace("\1", "</sub>")
        return f"<strong>{text}</strong>" if isinstance(cell, Number) and cell.strong else text

    def line(tag: str, cells: Sequence[str]) -> str:
        aligned = (f"<{tag}{' align=right' * to_the_right}>{cell}</{tag}>" for cell, to_the_right in zip(cells, right))
        return f"<tr>{''.join(aligned)}</tr>"

    title = [f"<caption>{html.escape(table.title)}</caption>"] if table.title else []
    head = line("th", [html.escape(name) for name in table.columns])
    body = (line("td", [shown(cell) for cell in row]) for row in table.rows)
    notes = [f"<p>{html.escape(note)}</p>" for note in table.notes]
    lines = ["<table>", *title, f"<thead>{head}</thead>", "<tbody>", *body, "</tbody>", "</table>", *notes]
    return "\n".join(lines) + "\n"


def as_csv(table: Table) -> str:
    """Estimates take three columns: value, low and high, as fractions."""
    rows = [[_bare(cell) for cell in row] for row in table.rows]
    wide = [any(isinstance(row[i], Estimate) for row in rows) for i in range(len(table.columns))]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        name + suffix
        for name, spread in zip(table.columns, wide, strict=True)
        for suffix in (("", "_low", "_high") if spread else ("",))
    )
    for row in rows:
        writer.writerow(
            number for cell, spread in zip(row, wide, strict=True) for number in _numbers(cell, spread=spread)
        )
    return out.getvalue()


def as_json(table: Table) -> str:
    rows = [dict(zip(table.columns, map(_bare, row), strict=True)) for row in table.rows]
    return msgspec.json.format(msgspec.json.encode(rows), indent=1).decode() + "\n"


def numeric(table: Table) -> list[bool]:
    """Which columns hold no text, and so stand to the right."""
    return [not any(isinstance(row[i], str) for row in table.rows) for i in range(len(table.columns))]


def in_form(cell: Cell, intervals: Intervals, decimals: int, sub: tuple[str, str]) -> str:
    """A cell in a form that can set subscripts between the two given marks."""
    estimate = cell.value if isinstance(cell, Number) else cell
    if not isinstance(estimate, Estimate):
        return plain(estimate)
    if isinstance(cell, Number) and cell.ranks:
        return f"{numbers.text(estimate, interval=False, decimals=decimals)} ({cell.ranks})"
    return numbers.in_style(estimate, intervals, decimals, sub)


def _titled(table: Table) -> list[str]:
    return [table.title, ""] if table.title else []


def _bare(cell: Cell) -> str | int | float | Estimate | None:
    return cell.value if isinstance(cell, Number) else cell


def plain(cell: Cell) -> str:
    """A cell as plain text."""
    if isinstance(cell, Number) and cell.ranks:
        return in_form(cell, Intervals.NONE, 2, ("", ""))
    bare = _bare(cell)
    if bare is None:
        return NOTHING
    if isinstance(bare, Estimate):
        return numbers.text(bare)
    return f"{bare:,}" if isinstance(bare, int) else str(bare)


def _numbers(cell: str | int | float | Estimate | None, *, spread: bool) -> list[str | int | float | None]:
    if isinstance(cell, Estimate):
        return [cell.value, cell.low, cell.high]
    return [cell, None, None] if spread else [cell]
