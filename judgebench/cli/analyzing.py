"""What may be asked of runs beyond their report cards: one command for each analysis."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from judgebench.cli import group

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
