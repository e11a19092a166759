"""The command line: one function per verb. Whatever is slow to import is imported by the verb that needs it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from judgebench.errors import BelowCoverage, InputError, JudgebenchError, UnknownName

RESULTS = Path("results")
LEADERBOARD = Path("leaderboard.md")
REPORT = Path("report.html")


class _Verbs(click.Group):
    """Lists the choices when a verb is mistyped, and keeps the verbs in the order a newcomer meets them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            raise UnknownName("command", args[0], self.commands)
        return super().resolve_command(ctx, args)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a verb; an error is one line on stderr, and the exit code says whose it is (see judgebench.errors)."""
    try:
        code = cli.main(args=None if arguments is None else list(arguments), standalone_mode=False)
    except JudgebenchError as error:
        _stop(str(error), error.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        sys.exit(InputError.exit_code)
    except click.ClickException as error:
        _stop(error.format_message(), InputError.exit_code)
    except click.Abort:
        _stop("interrupted; what was answered is saved, and the same command goes on from there", 130)
    except BrokenPipeError:  # the reader of our output (head, less) has seen enough
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        _stop(f"{error.filename or 'input or output'}: {error.strerror or error}", JudgebenchError.exit_code)
    sys.exit(code if isinstance(code, int) else 0)


def _stop(message: str, code: int) -> None:
    click.echo(f"judgebench: {' '.join(message.split())}", err=True)
    sys.exit(code)


def _pairs(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    for pair in given:
        if "=" not in pair:
            raise InputError(f"options are given as key=value, not {pair!r}")
    return dict(pair.split("=", 1) for pair in given)


def _listed(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.strip() for names in given for name in names.split(",") if name.strip())


Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def _output_dir(help_text: str) -> Decorator:
    return click.option(
        "--output-dir", "results", type=click.Path(path_type=Path), default=RESULTS, show_default=True, help=help_text
    )


_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
_benchmarks = click.option(
    "-b", "--benchmarks", callback=_listed, multiple=True, help="Benchmarks, separated by commas; see `judgebench ls`."
)


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="judgebench")
def cli() -> None:
    """How far can you trust an LLM judge? Agreement with people, consistency when the answers swap places, and the
    human baseline, each with an interval."""


@cli.command()
@click.option(
    "-j", "--judge", "judges", multiple=True, required=True, help="kind:name, e.g. baseline:longest. Repeatable."
)
@_benchmarks
@click.option("-J", "judge_options", multiple=True, callback=_pairs, help="key=value for the judge. Repeatable.")
@click.option("-B", "benchmark_options", multiple=True, callback=_pairs, help="key=value for a generated benchmark.")
@click.option("--limit", type=click.IntRange(min=1), help="Only the first N items; such runs stay off the leaderboard.")
@click.option("--swap", type=click.Choice(["both", "single"]), default="both", show_default=True, help="Orders shown.")
@click.option("--samples", type=click.IntRange(min=1), default=1, show_default=True, help="Answers asked per trial.")
@click.option("--seed", type=int, help="The same as -J seed=N.")
@click.option("--text/--no-text", default=True, help="Keep the judge's own words in judgments.jsonl.")
@click.option(
    "--min-coverage", type=click.FloatRange(0, 1), default=0.95, show_default=True, help="Exit with 3 below it."
)
@click.option("--cost-limit", type=click.FloatRange(min=0), help="Dollars; ask no further once they are spent.")
@click.option("--max-connections", type=click.IntRange(min=1), help="The same as -J max_connections=N.")
@click.option("--dry-run", is_flag=True, help="Validate everything and say what would be asked; ask nothing.")
@_output_dir("Where runs are kept.")
@_json
def run(
    judges: tuple[str, ...],
    benchmarks: tuple[str, ...],
    judge_options: dict[str, str],
    benchmark_options: dict[str, str],
    limit: int | None,
    swap: str,
    samples: int,
    seed: int | None,
    text: bool,  # noqa: FBT001  (click passes by name)
    min_coverage: float,
    cost_limit: float | None,
    max_connections: int | None,
    dry_run: bool,  # noqa: FBT001
    results: Path,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Run judges over benchmarks, or go on where a run was stopped. One run ends with its report card, several with a
    line each; `judgebench score RUN` prints the card of any.

    Every pair is shown in both orders, and every answer is on disk as soon as it is given: stop a run whenever you
    like, and the same command goes on from there.
    """
    from judgebench import api
    from judgebench.judges import open_judge

    flags = {"seed": seed, "max_connections": max_connections}
    options = {**judge_options, **{name: str(value) for name, value in flags.items() if value is not None}}
    opened = [open_judge(judge, options) for judge in judges]
    benches = [api.open_benchmark(name, benchmark_options, results) for name in benchmarks or ("verifiable",)]
    if dry_run:
        _dry_run(opened, benches, swap, samples, limit, results)
        return
    alone = len(opened) * len(benches) == 1
    all_scores = []
    for bench in benches:
        for judge in opened:
            scores, outcome = api.evaluate(
                judge,
                bench,
                results=results,
                judge_options=options,
                orders=swap,
                samples=samples,
                limit=limit,
                keep_text=text,
                cost_limit=cost_limit,
                progress=not as_json and sys.stderr.isatty(),
            )
            all_scores.append(scores)
            if not as_json:
                _print_card(scores) if alone else _print_line(scores)
            if cost_limit is not None and outcome.missing and outcome.spent >= cost_limit:
                raise BelowCoverage(
                    f"the cost limit of ${cost_limit:g} is reached; {outcome.missing:,} trials are open"
                )
    if as_json:
        _print_json(all_scores)
    for scores in all_scores:
        api.require_coverage(scores, min_coverage)


@cli.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--cost-limit", type=click.FloatRange(min=0), help="Dollars; ask no further once they are spent.")
@click.option(
    "--min-coverage", type=click.FloatRange(0, 1), default=0.95, show_default=True, help="Exit with 3 below it."
)
def retry(runs: tuple[Path, ...], cost_limit: float | None, min_coverage: float) -> None:
    """Ask the failed trials of a run again; each further attempt is numbered in judgments.jsonl."""
    from judgebench import api
    from judgebench.types import Status

    for folder in runs:
        scores, outcome = api.retry(folder, cost_limit=cost_limit, progress=sys.stderr.isatty())
        click.echo(f"{folder}: {outcome.now.total():,} trials asked again, {outcome.now[Status.OK]:,} healed")
        api.require_coverage(scores, min_coverage)


@cli.command(name="ls")
@click.argument("what", type=click.Choice(["benchmarks", "judges", "prompts", "runs", "anchors"]), default="benchmarks")
@_output_dir("Where runs are kept.")
@_json
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
    _print_table(table, as_json=as_json)


@cli.group(cls=_Verbs)
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

    _print_lines(api.open_benchmark(name).items[:limit])


@cli.command(name="import")
@click.option("-b", "--benchmark", required=True, help="The benchmark that was judged.")
@click.option("-j", "--judge", help="What to call the judge. With --published: only this one.")
@click.option("-F", "options", multiple=True, callback=_pairs, help="key=value for the upstream format's reader.")
@click.option(
    "--format", "file_format", type=click.Choice(["auto", "upstream", "plain"]), default="auto", show_default=True
)
@click.option("--published", is_flag=True, help="Import what the benchmark's authors published, as its card lists it.")
@click.option("--text/--no-text", default=True, help="Keep the judge's own words in judgments.jsonl.")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@_output_dir("Where runs are kept.")
def import_(
    benchmark: str,
    judge: str | None,
    options: dict[str, str],
    file_format: str,
    published: bool,  # noqa: FBT001
    text: bool,  # noqa: FBT001
    files: tuple[Path, ...],
    results: Path,
) -> None:
    """Read recorded judge outputs, in a benchmark's own output format or the plain one.

    The plain format is a CSV or JSONL with the columns item, order (AB or BA) and verdict (A, B or tie).
    """
    from judgebench import api

    if published == bool(files):
        raise InputError("name the files to import, or --published for those the benchmark's authors published")
    if published:
        for _, scores, unmatched in api.import_published(benchmark, results=results, judge=judge, keep_text=text):
            _say_imported(scores, unmatched)
        return
    if judge is None:
        raise InputError("--judge is missing: what is the judge called whose outputs these are?")
    scores, unmatched = api.import_recorded(
        judge, benchmark, files, results=results, options=options, file_format=file_format, keep_text=text
    )
    _say_imported(scores, unmatched)


@cli.command()
@click.argument("runs", nargs=-1, type=click.Path(path_type=Path))
@_output_dir("Where runs are kept.")
@click.option("--check", is_flag=True, help="Change nothing; fail if a scores.json is not what its judgments give.")
@click.option("--full", is_flag=True, help="Every number there is, each with what it means.")
@_json
def score(runs: tuple[Path, ...], results: Path, check: bool, full: bool, as_json: bool) -> None:  # noqa: FBT001
    """Recompute scores from judgments: of the runs named, or of all."""
    from judgebench import api, store

    folders = list(runs) or store.runs(results)
    if not folders:
        raise InputError(f"{results} holds no runs; `judgebench run` or `judgebench import` makes them")
    if check:
        click.echo(f"{api.check_scores(folders)} runs: every scores.json is what its judgments give")
        return
    all_scores = [api.score(folder) for folder in folders]
    if as_json:
        _print_json(all_scores)
    elif runs:
        for scores in all_scores:
            _print_card(scores, full=full)
    else:
        click.echo(f"{len(folders)} runs scored")


@cli.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@_json
def compare(runs: tuple[Path, ...], as_json: bool) -> None:  # noqa: FBT001
    """Compare runs on the same benchmark, paired by item: who is better, and could this sample have told?

    RUNS are run folders, as in results/pandalm/gpt-3.5-turbo results/pandalm/baseline-longest.
    """
    from judgebench import api

    found = api.compare(runs)
    if as_json:
        _print_json(found)
        return
    from judgebench.report import comparison

    click.echo(comparison.render(found), nl=False)


_points = click.FloatRange(min=0, max=100, min_open=True)


@cli.command()
@click.argument("runs", nargs=-1, type=click.Path(path_type=Path))
@click.option("--delta", type=_points, help="The difference of two judges to be seen, in points.")
@click.option("--margin", type=_points, help="Half the width of one judge's interval, in points.")
@click.option("--discordant", type=_points, help="Without a pilot: how often just one of the two is right, per cent.")
@click.option("--accuracy", type=_points, help="Without a pilot: how often the judge is right, per cent.")
@click.option("--design-effect", type=click.FloatRange(min=1), default=1.0, help="Without a pilot: pairs per question.")
@click.option("--power", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.8, show_default=True)
@click.option("--level", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.95, show_default=True)
@_json
def plan(
    runs: tuple[Path, ...],
    delta: float | None,
    margin: float | None,
    discordant: float | None,
    accuracy: float | None,
    design_effect: float,
    power: float,
    level: float,
    as_json: bool,  # noqa: FBT001
) -> None:
    """How many pairs and orders are needed to tell two judges apart, or to know one within some points?

    From a pilot: `plan RUN_A RUN_B --delta 3`, `plan RUN --margin 2`. From rates: `plan --delta 3 --discordant 20`,
    `plan --margin 2 --accuracy 75`.
    """
    from judgebench import api
    from judgebench.report import comparison

    shares = {
        name: None if value is None else value / 100
        for name, value in {"delta": delta, "margin": margin, "discordant": discordant, "accuracy": accuracy}.items()
    }
    found = api.plan(runs, **shares, design_effect=design_effect, target_power=power, level=level)
    _print_table(comparison.plans(found), as_json=as_json)


@cli.command()
@_output_dir("Where runs are kept.")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=LEADERBOARD, show_default=True)
@click.option("--check", is_flag=True, help="Write nothing; fail if the file is not what the results give.")
def leaderboard(results: Path, output: Path, check: bool) -> None:  # noqa: FBT001
    """Rebuild the leaderboard from the results folder alone."""
    from judgebench import api

    click.echo(api.leaderboard(results, output, check=check))


@cli.command()
@_output_dir("Where runs are kept.")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=REPORT, show_default=True)
@click.option("--texts/--no-texts", default=True, help="With questions, responses and the judges' own words.")
def report(results: Path, output: Path, texts: bool) -> None:  # noqa: FBT001
    """Make one HTML file to look through the results: scores, charts, items. It needs no network."""
    from judgebench import api

    click.echo(api.report(results, output, texts=texts))


@cli.command()
@click.option(
    "--format", "form", type=click.Choice(["markdown", "csv", "latex"]), default="markdown", show_default=True
)
@_benchmarks
@click.option("-j", "--judge", "judges", multiple=True, help="Only these judges. Repeatable.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A file instead of the screen.")
@_output_dir("Where runs are kept.")
@_json
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


def _dry_run(
    judges: Sequence[Any], benches: Sequence[Any], swap: str, samples: int, limit: int | None, results: Path
) -> None:
    from judgebench import api

    for bench in benches:
        for judge in judges:
            for line in api.preview(judge, bench, orders=swap, samples=samples, limit=limit, results=results):
                click.echo(line)


def _say_imported(scores: Any, unmatched: Sequence[str]) -> None:
    _print_line(scores)
    for line in unmatched[:10]:
        click.echo(f"  not matched: {line}", err=True)
    if len(unmatched) > 10:
        click.echo(f"  not matched: {len(unmatched) - 10:,} more", err=True)


def _print_card(scores: Any, *, full: bool = False) -> None:
    from judgebench.report.card import render

    click.echo(render(scores, full=full))


def _print_line(scores: Any) -> None:
    from judgebench.report.card import one_line

    click.echo(f"{scores.judge}: {one_line(scores)}")


def _print_table(table: Any, *, as_json: bool) -> None:
    from judgebench.report import tables

    click.echo(tables.as_json(table) if as_json else tables.as_text(table), nl=False)


def _print_json(value: Any) -> None:
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=1).decode())


def _print_lines(values: Sequence[Mapping[str, Any] | Any]) -> None:
    import msgspec

    for value in values:
        click.echo(msgspec.json.encode(value).decode())
