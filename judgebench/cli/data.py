"""Verbs about benchmarks and their files, and the lists of what there is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from judgebench.cli.group import (
    Verbs,
    as_json_option,
    aside,
    benchmarks_option,
    key_values,
    offline_option,
    output_dir,
    print_json,
    print_lines,
    print_table,
    terminal_width,
)

WHAT = ["benchmarks", "judges", "prompts", "parsers", "rules", "metrics", "runs", "anchors"]


@click.command(name="ls")
@click.argument("what", type=click.Choice(WHAT), default="benchmarks")
@output_dir("Where runs are kept.")
@benchmarks_option
@as_json_option
def ls(what: str, results: Path, benchmarks: tuple[str, ...], as_json: bool) -> None:  # noqa: FBT001
    """List benchmarks, judges, prompts, parsers, headline rules, metrics, runs, or published numbers (anchors).

    What other distributions bring is listed with the distribution it is from. For benchmarks and anchors -b names
    those that are wanted.
    """
    from judgebench.report import listings

    shown: dict[str, Callable[[], Any]] = {
        "benchmarks": lambda: listings.benchmarks(benchmarks, aside),
        "judges": lambda: listings.judge_kinds(aside),
        "prompts": lambda: listings.prompt_files(aside),
        "parsers": lambda: listings.parser_functions(aside),
        "rules": lambda: listings.headline_rules(aside),
        "metrics": lambda: listings.metric_names(aside),
        "runs": lambda: listings.runs(results),
        "anchors": lambda: listings.anchors(benchmarks, aside),
    }
    for_people: dict[str, Callable[[int], str]] = {
        "benchmarks": lambda width: listings.benchmarks_in(width, benchmarks, aside),
        "anchors": lambda width: listings.anchors_in(width, benchmarks, aside),
        "runs": lambda width: listings.runs_in(width, results),
    }
    width = None if as_json else terminal_width()
    if width is not None and what in for_people:
        click.echo(for_people[what](width), nl=False)
        return
    print_table(shown[what](), as_json=as_json)


@click.group(cls=Verbs)
def data() -> None:
    """Fetch, check and look at benchmark files."""


@data.command()
@click.argument("names", nargs=-1, required=True)
@click.option("--recordings", is_flag=True, help="Also the judge outputs that upstream published.")
@click.option("-B", "options", multiple=True, callback=key_values, help="key=value: the files that it asks for.")
@offline_option
def fetch(names: tuple[str, ...], options: dict[str, str], recordings: bool) -> None:  # noqa: FBT001
    """Download the pinned files of benchmarks, or of upstream prompts such as judgelm, and check them.

    A download that is cut off goes on where it was. Nothing is installed that is not the pinned file.
    """
    from judgebench import api

    for name in names:
        for line in api.fetch_benchmark(name, options, recordings=recordings, announce=click.echo):
            click.echo(line)


@data.command()
@click.argument("names", nargs=-1)
def verify(names: tuple[str, ...]) -> None:
    """Load benchmarks from the files at hand and check hashes, counts and labels."""
    from judgebench import api
    from judgebench.report import listings

    for name in names or listings.usable(aside):
        click.echo(api.verify_benchmark(name, optional=not names))


@data.command()
@click.argument("names", nargs=-1)
@click.option("--recordings", is_flag=True, help="Also the judge outputs that upstream published.")
@as_json_option
def where(names: tuple[str, ...], recordings: bool, as_json: bool) -> None:  # noqa: FBT001
    """Say where each file of benchmarks is taken from (the mirror or the cache), its size, and what its hash says."""
    from judgebench.report import listings

    print_table(listings.whereabouts(names, aside, recordings=recordings), as_json=as_json)


@data.command()
@click.argument("names", nargs=-1, required=True)
@click.option("-B", "options", multiple=True, callback=key_values, help="key=value; mapping=FILE for your own data.")
@output_dir("Where runs are kept.")
@as_json_option
def check(names: tuple[str, ...], options: dict[str, str], results: Path, as_json: bool) -> None:  # noqa: FBT001
    """Print the datasheet of a file of your own, or of any benchmark: what it holds, and what may be wrong with it.

    NAMES are benchmarks, files (.csv, .tsv, .jsonl, .json, .parquet) or data sets of the hub as
    hf:owner/name[@revision][:config/split]. A file may be of any size: it is read as a stream.
    """
    from judgebench import api
    from judgebench.report.datasheet import render

    def aside(line: str) -> None:
        click.echo(line, err=as_json)

    sheets = []
    for name in names:
        sheets.append(api.datasheet(name, options, results=results, announce=aside))
        if not as_json:
            click.echo(render(sheets[-1]))
    if as_json:
        print_json(sheets)


@data.command()
@click.argument("name")
@click.option("-B", "options", multiple=True, callback=key_values, help="key=value; mapping=FILE for your own data.")
@click.option("--limit", type=click.IntRange(min=1), help="Only the first N.")
def items(name: str, options: dict[str, str], limit: int | None) -> None:
    """Print a benchmark's items as JSON lines, as judges are shown them, with their labels."""
    from judgebench import api

    print_lines(api.open_benchmark(name, options).items[:limit])
