"""Analyses as text and as JSON: each table with the sentence that says what it means."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from judgebench.report import tables
from judgebench.report.card import WIDTH
from judgebench.report.tables import Cell, Table
from judgebench.score.analysis import Finding


def as_text(findings: Sequence[Finding], width: int | None = None) -> str:
    """`width` in characters breaks the cells of a table that is wider."""
    return "\n".join(_text(finding, width) for finding in findings)


def _text(finding: Finding, width: int | None) -> str:
    columns = list(dict.fromkeys(name for row in finding.rows for name in row.numbers))
    rows: list[list[Cell]] = [[row.label, *map(row.numbers.get, columns)] for row in finding.rows]
    reasons = {
        f"{row.label.strip()}: {estimate.reason}."
        for row in finding.rows
        for estimate in row.numbers.values()
        if estimate.value is None
    }
    notes = [textwrap.fill(note, WIDTH, subsequent_indent="  ") for note in (*finding.notes, *sorted(reasons))]
    table = tables.as_text(Table(columns=["", *columns], rows=rows), width).rstrip("\n")
    head = [finding.title, "=" * min(WIDTH, len(finding.title)), textwrap.fill(finding.says, WIDTH)]
    return "\n".join([*head, "", table, *notes]) + "\n"
