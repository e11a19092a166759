"""What is made of many runs: the leaderboard, the report page, tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from judgebench import store
from judgebench.api.scoring import differs_from_stored, finished, keep
from judgebench.errors import InputError, JudgebenchError
from judgebench.results import read

if TYPE_CHECKING:
    from judgebench.types import Scores


def leaderboard(
    results: Path, output: Path, *, check: bool = False, scores: bool = False, published: bool = False
) -> str:
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
        return f"{output} and every scores.json are what the judgments in {results} give"
    for folder, made in differs.items() if scores else ():
        keep(folder, made)
    write_text(output, text)
    said = f"{output}: {sum(len(field.entries) for field in fields)} runs on {len(fields)} benchmarks"
    if differs and not scores:
        said += f"; {len(differs)} scores.json are not what their judgments give: `judgebench score` recomputes them"
    return said


def report(results: Path, output: Path, *, texts: bool = True) -> str:
    """Write one HTML file to look through every run below `results`: scores, charts, items; a line on what is in it.
    Without `texts` it holds no question, no response and no judge's words."""
    from judgebench.report import page

    html, what = page.render(results, texts=texts)
    write_text(output, html)
    return f"{output}: {what}"


def report_card(folder: Path, *, full: bool = False, form: str = "text") -> str:
    """The report card of the run in this folder: as plain text of one screen, Markdown or JSON; with `full` every
    number there is, each with what it means."""
    from judgebench.report import card
    from judgebench.score import scores_of

    run = read(folder)
    return card.render(scores_of(folder, run), run.card, full=full, form=form, cost=run.cost)


def export(
    form: str,
    *,
    results: Path,
    table: str = "main",
    benchmarks: Sequence[str] = (),
    judges: Sequence[str] = (),
    intervals: str = "",
    decimals: int = 2,
) -> str:
    """The results as a paper's table: `table` is one of `judgebench.report.paper.KINDS`, `form` one of `markdown`,
    `html`, `latex`, `csv` and `json`, `intervals` one of `judgebench.report.numbers.Intervals`; csv and json hold both
    ends of each."""
    from judgebench.report import latex, paper, tables
    from judgebench.report.numbers import Intervals

    fields, _ = finished(results, benchmarks=benchmarks, judges=judges)
    if not fields:
        raise InputError(f"{results} holds no such run that is finished and over all items; see `judgebench ls runs`")
    made = paper.KINDS[table](fields)
    if form in ("csv", "json"):
        whole = made[0] if len(made) == 1 else paper.merged(made)
        return tables.as_csv(whole) if form == "csv" else tables.as_json(whole)
    show = {"markdown": tables.as_markdown, "html": tables.as_html, "latex": latex.as_latex}[form]
    default = Intervals.SUBSCRIPT if form == "latex" else Intervals.BRACKETS
    style = Intervals(intervals) if intervals else default
    return "\n".join(show(paper.in_style(one, style), intervals=style, decimals=decimals) for one in made)


def write_text(path: Path, text: str) -> None:
    store.replace(path, text.encode())
