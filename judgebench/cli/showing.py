"""Verbs that make things to look at and to print."""

from __future__ import annotations

from pathlib import Path

import click

from judgebench.cli.group import (
    as_json_option,
    benchmarks_option,
    output_dir,
)

LEADERBOARD = Path("leaderboard.md")


REPORT = Path("report.html")


@click.command()
@output_dir("Where runs are kept.")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=LEADERBOARD, show_default=True)
@click.option("--check", is_flag=True, help="Write nothing; fail if the file is not what the results give.")
def leaderboard(results: Path, output: Path, check: bool) -> None:  # noqa: FBT001
    """Rebuild the leaderboard from the results folder alone."""
    from judgebench import api

    click.echo(api.leaderboard(results, output, check=check))


@click.command()
@output_dir("Where runs are kept.")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=REPORT, show_default=True)
@click.option("--texts/--no-texts", default=True, help="With questions, responses and the judges' own words.")
def report(results: Path, output: Path, texts: bool) -> None:  # noqa: FBT001
    """Make one HTML file to look through the results: scores, charts, items. It needs no network."""
    from judgebench import api

    click.echo(api.report(results, output, texts=texts))


@click.command()
@click.option(
    "--format", "form", type=click.Choice(["markdown", "csv", "latex"]), default="markdown", show_default=True
)
@benchmarks_option
@click.option("-j", "--judge", "judges", multiple=True, help="Only these judges. Repeatable.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A file instead of the screen.")
@output_dir("Where runs are kept.")
@as_json_option
def export(
    form: str,
    benchmarks: tuple[str, ...],
    judges: tuple[str, ...],
    output: Path | None,
    results: Path,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Print the results as a table for a paper."""
    from judgebench import api

    text = api.export("json" if as_json else form, results=results, benchmarks=benchmarks, judges=judges)
    if output is None:
        click.echo(text, nl=False)
    else:
        api.write_text(output, text)
