"""What is made of many runs: the leaderboard, the report page, tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from judgebench import store
from judgebench.api.scoring import differs_from_stored, finished, keep
from judgebench.errors import InputError, JudgebenchError
from judgebench.results import read

if TYPE_CHECKING:
    from judgebench.report.card import Content
    from judgebench.report.page import PageCounts
    from judgebench.report.tables import Table
    from judgebench.types import Scores


class Leaderboard(NamedTuple):
    """What stands on it, and by the run's folder what a scores.json should hold that is not what its judgments give."""

    runs: int
    benchmarks: int
    differs: Mapping[Path, Scores]


def leaderboard(
    results: Path, output: Path, *, check: bool = False, scores: bool = False, published: bool = False
) -> Leaderboard:
    """Rebuild the leaderboard from judgments and labels alone, with `scores` every scores.json too; or with `check`
    write nothing, and raise JudgebenchError that names the first file that is not what they give. With `published` the
    cards' published numbers stand beside the measured ones, marked as such."""
    from judgebench.report import leaderboard as board

    differs: dict[Path, Scores] = {}
    fields, left_out = finished(results, differs=differs)
    text = board.render(fields, left_out, quoted=published)
    if check:
        if differs:
            others = f" (and {len(differs) - 1} more are not)" if len(differs) > 1 else ""
            folder, right = next(iter(differs.items()))
            difference = differs_from_stored(folder, right)
            raise JudgebenchError(
                f"{folder / 'scores.json'} is not what its judgments give: {difference}{others}; `judgebench score` "
                "recomputes them"
            )
        if not output.exists() or output.read_text(encoding="utf-8") != text:
            raise JudgebenchError(f"{output} is not what {results} gives; `judgebench leaderboard` rebuilds it")
    else:
        for folder, made in differs.items() if scores else ():
            keep(folder, made)
        write_text(output, text)
    return Leaderboard(sum(len(field.entries) for field in fields), len(fields), differs)


def report(results: Path, output: Path, *, texts: bool = True) -> PageCounts:
    """Write one HTML file to look through every run below `results`: scores, charts, items. Without `texts` it holds no
    question, no response and no judge's words."""
    from judgebench.report import page

    html, counts = page.render(results, texts=texts)
    write_text(output, html)
    return counts


def report_card(folder: Path, *, full: bool = False) -> Content:
    """The report card of the run in this folder; with `full` every number there is, each with what it means.
    `judgebench.report.card.render` writes it as text, Markdown or JSON."""
    from judgebench.report import card
    from judgebench.score import scores_of

    run = read(folder)
    return card.of(scores_of(folder, run), run.card, full=full, cost=run.cost)


def export(
    table: str = "main", *, results: Path, benchmarks: Sequence[str] = (), judges: Sequence[str] = ()
) -> list[Table]:
    """The results as tables of a paper, which `judgebench.report.paper.written` writes in a form; `table` is one of
    `judgebench.report.paper.KINDS`."""
    from judgebench.report import paper

    fields, _ = finished(results, benchmarks=benchmarks, judges=judges)
    if not fields:
        raise InputError(f"{results} holds no such run that is finished and over all items; see `judgebench ls runs`")
    return paper.KINDS[table](fields)


def write_text(path: Path, text: str) -> None:
    store.replace(path, text.encode())
