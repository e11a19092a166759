"""Verbs about benchmarks and their files, and the lists of what there is."""

from __future__ import annotations

from pathlib import Path

import click

from judgebench.cli.group import (
    Verbs,
    as_json_option,
    output_dir,
    print_lines,
    print_table,
)


@click.command(name="ls")
@click.argument("what", type=click.Choice(["benchmarks", "judges", "prompts", "runs", "anchors"]), default="benchmarks")
@output_dir("Where runs are kept.")
@as_json_option
def ls(what: str, results: Path, as_json: bool) -> None:  # noqa: FBT001
    """List benchmarks, judges, prompts, runs, or published numbers (anchors)."""
    from judgebench.report import listings

    table = {
        "benchmarks": listings.benchmarks,
        "judges": listings.judge_kinds,
        "prompts": listings.prompt_files,
        "runs": lambda: listings.runs(results),
        "anchors": listings.anchors,
    }[what]()
    print_table(table, as_json=as_json)


@click.group(cls=Verbs)
def data() -> None:
    """Fetch, check and look at benchmark files."""


@data.command()
@click.argument("names", nargs=-1, required=True)
@click.option("--recordings", is_flag=True, help="Also the judge outputs that upstream published.")
def fetch(names: tuple[str, ...], recordings: bool) -> None:  # noqa: FBT001
    """Download the pinned files of benchmarks, or of upstream prompts such as judgelm, and check them."""
    from judgebench import api

    for name in names:
        for line in api.fetch_benchmark(name, recordings=recordings, announce=click.echo):
            click.echo(line)


@data.command()
@click.argument("names", nargs=-1)
def verify(names: tuple[str, ...]) -> None:
    """Load benchmarks from the files at hand and check hashes, counts and labels."""
    from judgebench import api, resources

    for name in names or resources.benchmarks():
        click.echo(api.verify_benchmark(name, optional=not names))


@data.command()
@click.argument("name")
@click.option("--limit", type=click.IntRange(min=1), help="Only the first N.")
def items(name: str, limit: int | None) -> None:
    """Print a benchmark's items as JSON lines, as judges are shown them, with their labels."""
    from judgebench import api

    print_lines(api.open_benchmark(name).items[:limit])
