"""Analyses as text and as JSON: each table with the sentence that says what it means."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from judgebench.report import tables, terminal
from judgebench.report.tables import Cell, Number, Table
from judgebench.score.analysis import Finding
from judgebench.types import Estimate

WIDTH = 80
_AS_IT_IS = ("elo_judge", "elo_people", "threshold", "effective_judges")
"""Numbers that are no shares."""


def as_text(findings: Sequence[Finding], width: int | None = None) -> str:
    """`width` in characters breaks the cells of a table that is wider."""
    return "\n".join(_text(finding, width) for finding in findings)


def _text(finding: Finding, width: int | None) -> str:
    columns = list(dict.fromkeys(name for row in finding.rows for name in row.numbers))
    rows: list[list[Cell]] = [[row.label, *(_cell(row.numbers.get(name)) for name in columns)] for row in finding.rows]
    reasons = {
        f"{row.label.strip()}: {estimate.reason}."
        for row in finding.rows
        for estimate in row.numbers.values()
        if estimate.value is None
    }
    notes = [textwrap.fill(note, WIDTH, subsequent_indent="  ") for note in (*finding.notes, *sorted(reasons))]
    table = tables.as_text(Table(columns=["", *columns], rows=rows))
    if width is not None:
        table = terminal.narrowed(table, width)
    says = textwrap.fill(finding.says, WIDTH)
    return "\n".join([finding.title, "=" * min(WIDTH, len(finding.title)), says, "", table.rstrip("\n"), *notes]) + "\n"


def _cell(estimate: Estimate | None) -> Cell:
    if estimate is None or estimate.value is None or estimate.name not in _AS_IT_IS:
        return estimate
    digits = 0 if estimate.value >= 100 else 2
    ends = [f"{end:.{digits}f}" for end in (estimate.low, estimate.high) if end is not None]
    interval = f" [{', '.join(ends)}]" if ends else ""
    return Number(f"{estimate.value:.{digits}f}{interval}")
