"""Verbs about benchmarks and their files, and the lists of what there is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from judgebench.cli import group
from judgebench.errors import DataUnavailable

if TYPE_CHECKING:
    from judgebench.api import Fetched

WHAT = ["benchmarks", "judges", "prompts", "parsers", "rules", "metrics", "runs", "anchors"]
needed_names = click.argument("names", nargs=-1, required=True)
recordings_option = click.option("--recordings", is_flag=True, help="Also the judge outputs that upstream published.")
own_data_options = group.key_values("-B", "options", "key=value; mapping=FILE for your own data.")


@click.command(name="ls")
@click.argument("what", type=click.Choice(WHAT), default="benchmarks")
@group.output_dir
@group.benchmarks_option
@group.as_json_option
def ls(what: str, results: Path, benchmarks: tuple[str, ...], *, as_json: bool) -> None:
    """List benchmarks, judges, prompts, parsers, headline rules, metrics, runs, or published numbers (anchors).

    What other distributions bring is listed with the distribution it is from. For benchmarks and anchors -b names
    those that are wanted.
    """
    from judgebench.report import listings

    views: dict[str, tuple[Callable[..., Any], Callable[..., str]]] = {
        "benchmarks": (listings.benchmarks, listings.benchmarks_in),
        "anchors": (listings.anchors, listings.anchors_in),
        "runs": (listings.runs, listings.runs_in),
    }
    width, wanted = group.terminal_width(), (results,) if what == "runs" else (benchmarks, group.aside)
    if what not in views:
        group.print_table(listings.registry(what, group.aside), as_json=as_json)
    elif as_json or width is None:
        group.print_table(views[what][0](*wanted), as_json=as_json)
    else:
        click.echo(views[what][1](width, *wanted), nl=False)


@click.group(cls=group.Verbs)
def data() -> None:
    """Fetch, check and look at benchmark files."""


@data.command()
@needed_names
@recordings_option
@group.key_values("-B", "options", "key=value: the files that it asks for.")
@group.offline_option
def fetch(names: tuple[str, ...], options: Mapping[str, str], *, recordings: bool) -> None:
    """Download the pinned files of benchmarks, or of upstream prompts such as judgelm, and check them.

    A download that is cut off goes on where it was. Nothing is installed that is not the pinned file.
    """
    from judgebench import api
    from judgebench.report import listings

    for name in names:
        for record in api.fetch_benchmark(name, options, recordings=recordings, announce=click.echo):
            click.echo(_held(record) if isinstance(record, api.Fetched) else listings.terms(record))


def _held(file: Fetched) -> str:
    held = f"NOT PINNED, held from now on to sha256 {file.sha256}" if file.sha256 else "sha256 as pinned"
    return f"{file.path}: {held}" if file.is_prompt else f"{file.path}: {file.path.stat().st_size:,} bytes, {held}"


@data.command()
@group.names_argument
def verify(names: tuple[str, ...]) -> None:
    """Load benchmarks from the files at hand and check hashes, counts and labels."""
    from judgebench import api
    from judgebench.report import listings

    for name in names or listings.usable(group.aside):
        try:
            checked = api.verify_benchmark(name)
        except DataUnavailable:
            if names:
                raise
            click.echo(f"{name}: not on this machine")
        else:
            counts = f"{name} {checked.card.version}: {checked.items:,} items, {checked.labels}"
            click.echo("; ".join([counts, *checked.notes]))


@data.command()
@group.names_argument
@recordings_option
@group.as_json_option
def where(names: tuple[str, ...], *, recordings: bool, as_json: bool) -> None:
    """Say where each file of benchmarks is taken from (the mirror or the cache), its size, and what its hash says."""
    from judgebench.report import listings

    group.print_table(listings.whereabouts(names, group.aside, recordings=recordings), as_json=as_json)


@data.command()
@needed_names
@own_data_options
@group.output_dir
@group.as_json_option
def check(names: tuple[str, ...], options: Mapping[str, str], results: Path, *, as_json: bool) -> None:
    """Print the datasheet of a file of your own, or of any benchmark: what it holds, and what may be wrong with it.

    NAMES are benchmarks, files (.csv, .tsv, .jsonl, .json, .parquet) or data sets of the hub as
    hf:owner/name[@revision][:config/split]. A file may be of any size: it is read as a stream.
    """
    from judgebench import api
    from judgebench.report.datasheet import render

    sheets = []
    for name in names:
        sheets.append(api.datasheet(name, options, results=results, announce=partial(click.echo, err=as_json)))
        if not as_json:
            click.echo(render(sheets[-1]))
    if as_json:
        group.print_json(sheets)


@data.command()
@click.argument("name")
@own_data_options
@click.option("--limit", type=click.IntRange(min=1), help="Only the first N.")
def items(name: str, options: Mapping[str, str], limit: int | None) -> None:
    """Print a benchmark's items as JSON lines, as judges are shown them, with their labels."""
    import msgspec

    from judgebench import api

    for item in api.open_benchmark(name, options).items[:limit]:
        click.echo(msgspec.json.encode(item).decode())
