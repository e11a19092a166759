"""Verbs that read runs: scores, comparisons and sample sizes, and what is made of them to look at, print and submit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from judgebench.cli import group
from judgebench.errors import InputError


@click.command()
@click.argument("runs", nargs=-1, type=group.path)
@group.output_dir
@click.option("--check", is_flag=True, help="Change nothing; fail if a scores.json is not what its judgments give.")
@click.option("--full", is_flag=True, help="Every number there is, each with what it means.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="Of the report card. JSON has its lines, intervals and sentences in order.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what stands in scores.json instead of a card.")
def score(runs: tuple[Path, ...], results: Path, *, check: bool, full: bool, form: str, as_json: bool) -> None:
    """Recompute scores from judgments: of the runs named, or of all."""
    from judgebench import api
    from judgebench.report import card
    from judgebench.results import folders as below

    folders = list(runs) or below(results)
    if check:
        click.echo(f"{api.check_scores(folders)} runs: every scores.json is what its judgments give")
        return
    all_scores = [api.score(folder) for folder in folders]
    if as_json:
        group.print_json(all_scores)
    elif runs:
        for folder in folders:
            click.echo(card.render(api.report_card(folder, full=full), form))
    else:
        click.echo(f"{len(folders)} runs scored")


@click.command()
@group.run_folders
@click.option("--metric", help="A number of the card, as in scores.json; else agreement, or the own score.")
@group.as_json_option
def compare(runs: tuple[Path, ...], metric: str | None, *, as_json: bool) -> None:
    """Compare runs on the same benchmark, paired by item: who is better, and could this sample have told?

    RUNS are run folders, as in results/pandalm/gpt-3.5-turbo results/pandalm/baseline-longest.
    """
    from judgebench import api
    from judgebench.report import comparison

    compared = api.compare(runs, metric=metric)
    if as_json:
        group.print_json(compared)
    else:
        click.echo(comparison.render(compared, group.terminal_width()), nl=False)


_points = click.FloatRange(min=0, max=100, min_open=True)


@click.command()
@click.argument("runs", nargs=-1, type=group.path)
@click.option("--delta", type=_points, help="The difference of two judges to be seen, in points.")
@click.option("--margin", type=_points, help="Half the width of one judge's interval, in points.")
@click.option("--discordant", type=_points, help="Without a pilot: how often just one of the two is right, per cent.")
@click.option("--accuracy", type=_points, help="Without a pilot: how often the judge is right, per cent.")
@click.option("--design-effect", type=click.FloatRange(min=1), default=1.0, help="Without a pilot: pairs per question.")
@click.option("--power", type=group.share, default=0.8, show_default=True)
@click.option("--level", type=group.share, default=0.95, show_default=True)
@group.as_json_option
def plan(
    runs: tuple[Path, ...], *, design_effect: float, power: float, level: float, as_json: bool, **points: Any
) -> None:
    """How many pairs and orders are needed to tell two judges apart, or to know one within some points?

    From a pilot: `plan RUN_A RUN_B --delta 3`, `plan RUN --margin 2`. From rates: `plan --delta 3 --discordant 20`,
    `plan --margin 2 --accuracy 75`.
    """
    from judgebench import api
    from judgebench.report import comparison

    shares = {name: None if value is None else value / 100 for name, value in points.items()}
    sizes = api.plan(runs, **shares, design_effect=design_effect, target_power=power, level=level)
    group.print_table(comparison.plans(sizes), as_json=as_json)


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
