"""One table, five forms. A cell is text, a number, an Estimate or nothing; each form knows how to show each."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from judgebench.types import Estimate

Cell = str | int | float | Estimate | None
NOTHING = "–"


@dataclass(frozen=True)
class Table:
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    title: str = ""
    notes: Sequence[str] = field(default_factory=tuple)


POINTS = ("mae", "signed_bias", "human_mae", "judge_human_mae")
"""Estimates that are no shares but distances on a scale: they are printed as they are."""


def percent(estimate: Estimate | None, *, interval: bool = True) -> str:
    """`71.07 [66.9, 74.9]`: shares in per cent, distances in points. An undefined value is a dash."""
    if estimate is None or estimate.value is None:
        return NOTHING
    scale, decimals = (1, 2) if estimate.name in POINTS else (100, 1)
    value = f"{scale * estimate.value:.2f}"
    if not interval or estimate.low is None or estimate.high is None:
        return value
    return f"{value} [{scale * estimate.low:.{decimals}f}, {scale * estimate.high:.{decimals}f}]"


def as_text(table: Table) -> str:
    rows = [[_plain(cell) for cell in row] for row in table.rows]
    widths = [max(len(cell) for cell in column) for column in zip(table.columns, *rows, strict=True)]
    numeric = [all(not isinstance(row[i], str) for row in table.rows) for i in range(len(table.columns))]

    def line(cells: Sequence[str]) -> str:
        shown = (
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(cells, widths, numeric, strict=True)
        )
        return "  ".join(shown).rstrip()

    rule = "  ".join("-" * width for width in widths)
    return "\n".join([*_titled(table), line(table.columns), rule, *map(line, rows), *table.notes]) + "\n"


def as_markdown(table: Table) -> str:
    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"

    head = [f"## {table.title}", ""] if table.title else []
    numeric = [not any(isinstance(row[i], str) for row in table.rows) for i in range(len(table.columns))]
    rule = f"|{'|'.join('---:' if right else '---' for right in numeric)}|"
    body = [line([_plain(cell) for cell in row]) for row in table.rows]
    notes = ["", *table.notes] if table.notes else []
    return "\n".join([*head, line(table.columns), rule, *body, *notes]) + "\n"


def as_csv(table: Table) -> str:
    """Estimates take three columns: value, low and high, as fractions."""
    wide = [any(isinstance(row[i], Estimate) for row in table.rows) for i in range(len(table.columns))]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        name + suffix
        for name, spread in zip(table.columns, wide, strict=True)
        for suffix in (("", "_low", "_high") if spread else ("",))
    )
    for row in table.rows:
        writer.writerow(
            number for cell, spread in zip(row, wide, strict=True) for number in _numbers(cell, spread=spread)
        )
    return out.getvalue()


def as_latex(table: Table) -> str:
    """A booktabs table; the document needs \\usepackage{booktabs}."""
    numeric = [not any(isinstance(row[i], str) for row in table.rows) for i in range(len(table.columns))]
    lines = [
        r"\begin{table}",
        r"\centering",
        r"\begin{tabular}{" + "".join("r" if right else "l" for right in numeric) + "}",
        r"\toprule",
        " & ".join(map(_escaped, table.columns)) + r" \\",
        r"\midrule",
        *(" & ".join(_in_latex(cell) for cell in row) + r" \\" for row in table.rows),
        r"\bottomrule",
        r"\end{tabular}",
        *([r"\caption{" + _escaped(" ".join([table.title, *table.notes])) + "}"] if table.title or table.notes else []),
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def as_json(table: Table) -> str:
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    return msgspec.json.format(msgspec.json.encode(rows), indent=1).decode() + "\n"


def _titled(table: Table) -> list[str]:
    return [table.title, ""] if table.title else []


def _plain(cell: Cell) -> str:
    if cell is None:
        return NOTHING
    if isinstance(cell, Estimate):
        return percent(cell)
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def _numbers(cell: Cell, *, spread: bool) -> list[str | int | float | None]:
    if isinstance(cell, Estimate):
        return [cell.value, cell.low, cell.high]
    return [cell, None, None] if spread else [cell]


def _in_latex(cell: Cell) -> str:
    if isinstance(cell, Estimate) and cell.value is not None and cell.low is not None and cell.high is not None:
        return rf"{100 * cell.value:.2f}\,{{\scriptsize[{100 * cell.low:.1f}, {100 * cell.high:.1f}]}}"
    return _escaped(_plain(cell)).replace(NOTHING, "--")


_SPECIAL = str.maketrans(
    {
        "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
        "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    }
)  # fmt: skip


def _escaped(text: str) -> str:
    return text.translate(_SPECIAL)
