"""Verbs that compute: scores, comparisons, sample sizes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from judgebench.cli import group


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
