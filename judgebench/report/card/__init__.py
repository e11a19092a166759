"""The report card: one judge on one benchmark. What stands on it (content) and in what words (report/readings) is the
same in every form: text of one screen of 80 columns, markdown, JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

import msgspec

from judgebench.report import numbers, tables
from judgebench.report.card.content import Content, Line, Matrix, Section, of
from judgebench.report.numbers import NOTHING
from judgebench.report.selection import AGREEMENT
from judgebench.report.tables import Cell, Number, Table
from judgebench.types import Estimate, Scores

__all__ = ["LABEL", "VALUE", "WIDTH", "Content", "of", "one_line", "render", "row", "value_of"]

WIDTH = 80
LABEL, VALUE = 46, 8
"""Characters of a line's first two columns."""


def render(card: Content, form: str = "text") -> str:
    """As `text`, `markdown` or `json`."""
    return {"text": _as_text, "markdown": _as_markdown, "json": _as_json}[form](card)


def one_line(scores: Scores) -> str:
    headline, agreement = numbers.text(scores.headline), numbers.text(scores.metrics[AGREEMENT])
    own = "" if scores.headline.rule == AGREEMENT else f"{scores.headline.rule} {headline}, "
    return f"{scores.benchmark}: {own}agreement {agreement}, coverage {numbers.percent(scores.coverage.share)}"


def _as_text(card: Content) -> str:
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


def _as_markdown(card: Content) -> str:
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


def _as_json(card: Content) -> str:
    return msgspec.json.format(msgspec.json.encode(card), indent=1).decode() + "\n"


def _section(section: Section) -> Iterator[str]:
    if isinstance(section, Matrix):  # without intervals, so that a line holds them
        short = [[Number(value_of(x)[0]) if isinstance(x, Estimate) else x for x in row] for row in section.rows]
        yield from tables.as_text(Table(columns=section.columns, rows=short), WIDTH).splitlines()
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
