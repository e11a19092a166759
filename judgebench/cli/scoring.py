"""Verbs that read runs: scores, comparisons and sample sizes; tables on demand, one command for each analysis; and what
is made of runs to look at, print and submit."""

from __future__ import annotations

from collections.abc import Sequence
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


_run = click.argument("run", type=group.path)


@click.group(cls=group.Verbs)
def analyze() -> None:
    """Tables on demand: ties, confidence, panels, robustness, rankings, corrected rates. Each says what it means."""


@analyze.command()
@_run
@group.as_json_option
def ties(run: Path, **how: Any) -> None:
    """The same verdicts under every rule for ties, orders that disagree, and failures."""
    _show("ties", [run], **how)


@analyze.command()
@_run
@group.as_json_option
def settings(run: Path, **how: Any) -> None:
    """MT-Bench's settings: S1 counts every vote, S2 leaves out ties; judge and people, beside chance."""
    _show("settings", [run], **how)


@analyze.command()
@_run
@click.option("--target", type=group.share, default=0.1, show_default=True, help="Error rate to stay below.")
@click.option("--delta", type=group.share, default=0.1, show_default=True, help="Probability with which that may fail.")
@click.option("--seed", type=int, default=20261122, show_default=True, help="Halves the questions: choose, and test.")
@group.as_json_option
def confidence(run: Path, **how: Any) -> None:
    """Calibration, accuracy of the surest verdicts, and a threshold with a guarantee.

    For stated confidences, soft preferences, and reward scores.
    """
    _show("confidence", [run], **how)


@analyze.command()
@_run
@click.option("--labelled", type=click.IntRange(min=2), help="Where all items have gold: show that of so many.")
@click.option("--system", help="Whose win rate, by the author's name; otherwise the first response's.")
@click.option("--seed", type=int, default=20261122, show_default=True, help="Draws the labelled questions.")
@group.as_json_option
def correction(run: Path, **how: Any) -> None:
    """A win rate from few labels and many verdicts: Rogan-Gladen and PPI++, beside judge and labels alone.

    Items without gold are judged only; where all have gold, --labelled hides the rest, and the truth stands beside.
    """
    _show("correction", [run], **how)


@analyze.command()
@_run
@click.option("--perturbed", type=group.path, required=True, help="The run on the changed items.")
@click.option("--rerun", type=group.path, help="The first run once more; not needed where it has two samples.")
@click.option("--placebo", type=group.path, help="A run on items with a neutral change of the same size.")
@group.as_json_option
def robustness(run: Path, perturbed: Path, rerun: Path | None, placebo: Path | None, **how: Any) -> None:
    """What a change that should not matter does to the verdicts, beyond a rerun and a placebo (CALM)."""
    folders = [folder for folder in (run, rerun, perturbed, placebo) if folder is not None]
    _show("robustness", folders, placebo=placebo is not None, **how)


@analyze.command()
@group.run_folders
@group.as_json_option
def panel(runs: tuple[Path, ...], **how: Any) -> None:
    """Several judges together: majority, weighted vote, Dawid-Skene, and how many judges they are worth."""
    _show("panel", runs, **how)


@analyze.command()
@_run
@click.option("--author", required=True, help="The name that the judge's own responses bear in the benchmark.")
@click.option("--reference", type=group.path, required=True, help="Another judge's run over the same items.")
@group.as_json_option
def own(run: Path, reference: Path, **how: Any) -> None:
    """Self-preference: own responses picked beyond what people and another judge pick."""
    _show("own", [run, reference], **how)


@analyze.command()
@_run
@group.as_json_option
def systems(run: Path, **how: Any) -> None:
    """The systems that wrote the responses: win rates, Elo, and does the judge rank them as people do?"""
    _show("systems", [run], **how)


def _show(what: str, folders: Sequence[Path], *, as_json: bool, **options: Any) -> None:
    from judgebench import api
    from judgebench.report import findings

    tables = api.analyze(what, folders, **options)
    if as_json:
        group.print_json(tables)
    else:
        click.echo(findings.as_text(tables, group.terminal_width()), nl=False)


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
