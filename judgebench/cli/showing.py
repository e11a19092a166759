"""Verbs that make things to look at and to print."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from judgebench.cli import group
from judgebench.errors import InputError


@click.command()
@group.output_dir
@click.option("-o", "--output", type=group.path, default="leaderboard.md", show_default=True)
@click.option("--scores", is_flag=True, help="Write every scores.json anew as well.")
@click.option("--check", is_flag=True, help="Write nothing; fail if it or a scores.json is not what the results give.")
@click.option("--published", is_flag=True, help="With the published numbers of each benchmark, marked as such.")
def leaderboard(results: Path, output: Path, *, check: bool, scores: bool, published: bool) -> None:
    """Rebuild the leaderboard from the results folder alone: every number anew, from judgments and labels."""
    from judgebench import api

    runs, benchmarks, differs = api.leaderboard(results, output, check=check, scores=scores, published=published)
    text = f"{output}: {runs} runs on {benchmarks} benchmarks"
    if check:
        text = f"{output} and every scores.json are what the judgments in {results} give"
    elif differs and not scores:
        text += f"; {len(differs)} scores.json are not what their judgments give: `judgebench score` recomputes them"
    click.echo(text)


@click.command()
@group.output_dir
@click.option("-o", "--output", type=group.path, default="report.html", show_default=True)
@click.option("--texts/--no-texts", default=True, help="With questions, responses and the judges' own words.")
def report(results: Path, output: Path, *, texts: bool) -> None:
    """Make one HTML file to look through the results: scores, charts, items. It needs no network."""
    from judgebench import api

    runs, benchmarks, items, size = api.report(results, output, texts=texts)
    click.echo(f"{output}: {runs} runs on {benchmarks} benchmarks, {items:,} items, {size / 1e6:.1f} MB")


@click.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(["markdown", "latex", "html", "csv"]),
    default="markdown",
    show_default=True,
    help="latex needs the packages booktabs and graphicx; csv holds fractions, with both ends of every interval.",
)
@click.option(
    "--table",
    type=click.Choice(["main", "bias", "human", "subsets", "scenarios", "compare"]),
    default="main",
    show_default=True,
    help="What it is about. main: a benchmark's own columns; of several, each one's score.",
)
@group.benchmarks_option
@click.option("-j", "--judges", "--judge", callback=group.listed, multiple=True, help="Only these, by commas.")
@click.option(
    "--intervals",
    type=click.Choice(["brackets", "subscript", "pm", "none"]),
    help="How they are printed.  [default: subscript in LaTeX, else brackets]",
)
@click.option("--decimals", type=click.IntRange(0, 4), default=2, show_default=True, help="Of values in per cent.")
@click.option("-o", "--output", type=group.path, help="A file instead of the screen.")
@group.output_dir
@group.as_json_option
def export(form: str, *, intervals: str | None, decimals: int, output: Path | None, as_json: bool, **what: Any) -> None:
    """Print the results as a table for a paper, with footnotes.

    Bold is what cannot be told from the best of its column: paired tests, corrected for all judges shown. So name the
    judges that the table is about.
    """
    from judgebench import api
    from judgebench.report import paper

    text = paper.written(api.export(**what), "json" if as_json else form, intervals, decimals)
    if output is None:
        click.echo(text, nl=False)
    else:
        api.write_text(output, text)


@click.command(name="submit-check")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--known",
    type=group.path,
    default="results",
    show_default=True,
    help="Results whose labels hold where a benchmark's own data are not at hand.",
)
def submit_check(folder: Path, known: Path) -> None:
    """Check a contribution before a pull request: a run's folder, a benchmark's, or a whole folder of results.

    Every fault is listed, with file and row: schema, labels, counts, secrets, texts, scores, what is not finished.
    """
    from judgebench import api

    checked = api.submit_check(folder, known=known)
    for remark in checked.remarks:
        group.aside(f"note: {remark}")
    for fault in checked.faults:
        click.echo(str(fault))
    runs = _counted(checked.runs, "run")
    if checked.faults:
        faults = _counted(len(checked.faults), "fault")
        raise InputError(f"{faults} in {runs}; CONTRIBUTING.md says what a submission holds")
    click.echo(f"{runs}, ready for a pull request")


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
