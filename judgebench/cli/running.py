"""Verbs that ask judges, or read what they were asked elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from judgebench.cli import group
from judgebench.errors import BelowCoverage, InputError
from judgebench.options import COST_LIMIT, LIMIT, LIMIT_SEED, MIN_COVERAGE, ORDERS, SAMPLES, as_typed

if TYPE_CHECKING:
    from judgebench.api import Preview

min_coverage_option = click.option(
    "--min-coverage", type=group.Declared(MIN_COVERAGE), default=0.95, show_default=True, help="Exit with 3 below it."
)
cost_limit_option = click.option(
    "--cost-limit", type=group.Declared(COST_LIMIT), help="Dollars, for all runs together; then ask no further."
)
same_model_option = click.option(
    "--same-model",
    is_flag=True,
    help="The model that answers now is the one that answered before, though nothing says so.",
)


@click.command()
@click.option(
    "-j",
    "--judge",
    "judges",
    multiple=True,
    required=True,
    help="kind:model, e.g. baseline:longest; NAME=kind:model names it. Repeatable.",
)
@group.benchmarks_option
@group.key_values("-J", "judge_options", "key=value for judges, NAME.key=value for one. Repeatable.")
@group.key_values("-B", "benchmark_options", "key=value for a benchmark; mapping=FILE for your own data.")
@click.option(
    "--limit",
    type=group.Declared(LIMIT),
    help="Only N items, drawn by subset and question; first:N takes the first. Such runs stay off the leaderboard.",
)
@click.option(
    "--limit-seed",
    type=group.Declared(LIMIT_SEED),
    default=0,
    show_default=True,
    help="What they are drawn with: of one seed, a smaller sample is part of a larger one.",
)
@click.option("--swap", "orders", type=group.Declared(ORDERS), default="both", show_default=True, help="Orders shown.")
@click.option("--samples", type=group.Declared(SAMPLES), default=1, show_default=True, help="Answers asked per trial.")
@click.option("--seed", type=int, help="The same as -J seed=N.")
@click.option("--text/--no-text", default=True, help="Keep the judge's own words in judgments.jsonl.")
@min_coverage_option
@cost_limit_option
@click.option("--max-connections", type=click.IntRange(min=1), help="The same as -J max_connections=N.")
@click.option("--trust-remote-code", is_flag=True, help="Run the code in a model's repository (local:, rm:, dpo:).")
@click.option("--selfcheck", is_flag=True, help="First make sure that scores do not depend on the batch (rm:).")
@same_model_option
@group.offline_option
@group.verbose_option
@click.option("--dry-run", is_flag=True, help="Validate everything and say what would be asked; ask nothing.")
@group.output_dir
@group.as_json_option
def run(
    judges: tuple[str, ...],
    benchmarks: tuple[str, ...],
    *,
    judge_options: Mapping[str, str],
    benchmark_options: Mapping[str, str],
    text: bool,
    min_coverage: float,
    cost_limit: float | None,
    same_model: bool,
    dry_run: bool,
    results: Path,
    as_json: bool,
    **more: Any,
) -> None:
    """Run judges over benchmarks, or go on where a run was stopped. One run ends with its report card, several with a
    line each; `judgebench score RUN` prints the card of any.

    A benchmark may be your own data: a file (.csv, .tsv, .jsonl, .json, .parquet), or a data set of the hub as
    hf:owner/name[@revision][:config/split]. How its columns are read is said first, and can be set in a file beside it:
    my.mapping.yaml for my.csv.

    Without -b: the core benchmarks, as far as their data can be had.

    Every pair is shown in both orders, and every answer is on disk as soon as it is given: stop a run whenever you
    like, and the same command goes on from there.
    """
    from judgebench import api
    from judgebench.report import card

    flags = {name: more.pop(name) for name in ("seed", "max_connections", "trust_remote_code", "selfcheck")}
    typed = {name: as_typed(value) for name, value in flags.items() if value is not None and value is not False}
    pairings = api.pairings(
        judges,
        benchmarks,
        judge_options={**judge_options, **typed},
        benchmark_options=benchmark_options,
        results=results,
        may_cost=cost_limit is not None or dry_run,
        announce=group.aside,
    )
    if dry_run:
        for bench, judge in pairings:
            _print_preview(api.preview(judge, bench, results=results, **more))
        return
    all_scores = []
    left = cost_limit  # of the whole command's
    how: dict[str, Any] = {"keep_text": text, "same_model": same_model, "progress": not as_json and sys.stderr.isatty()}
    for bench, judge in pairings:
        scores, outcome = api.evaluate(judge, bench, results=results, cost_limit=left, **how, **more)
        all_scores.append(scores)
        if len(pairings) == 1 and not as_json:  # the card, with what all answers of the run have cost
            click.echo(card.render(api.report_card(outcome.folder)))
        elif not as_json:
            group.print_line(scores)
        left = None if left is None else max(0.0, left - outcome.spent)
        if outcome.missing and left == 0:
            raise BelowCoverage(f"the cost limit of ${cost_limit:g} is reached; {outcome.missing:,} trials are open")
    if as_json:
        group.print_json(all_scores)
    for scores in all_scores:
        api.require_coverage(scores, min_coverage)


def _print_preview(preview: Preview) -> None:
    counts = f"{preview.still:,} of {preview.trials:,} trials to ask"
    if preview.placebo:
        counts += f", and {preview.placebo:,} with the words exchanged"
    click.echo(f"{preview.judge} on {preview.benchmark}: {counts}; answers go to {preview.folder}")
    for request in preview.requests:
        text = request.text or "\n".join(f"[{message.role}]\n{message.content}" for message in request.messages)
        click.echo(f"---- one of the requests\n{text}")
    if quote := preview.quote:
        price = "at a price that is not known" if quote.cost is None else f"at most ${quote.cost:,.2f}"
        tokens = f"{quote.prompt_tokens:,} tokens to send and at most {quote.completion_tokens:,} to receive"
        click.echo(f"---- about {tokens}, {price}")


@click.command()
@group.run_folders
@cost_limit_option
@min_coverage_option
@click.option("-j", "--judge", help="The judge, where a folder may not name it: server:URL#MODEL.")
@group.key_values("-J", "options", "key=value for the judge; what the run had otherwise.")
@click.option("--trust-remote-code", is_flag=True, help="Run the code in the model's repository, as the run did.")
@same_model_option
@group.verbose_option
def retry(
    runs: tuple[Path, ...],
    *,
    cost_limit: float | None,
    min_coverage: float,
    options: Mapping[str, str],
    trust_remote_code: bool,
    **how: Any,
) -> None:
    """Ask the failed trials of a run again; each further attempt is numbered in judgments.jsonl.

    A run's folder may come from anywhere: it does not decide where a question goes, whose key goes along, or whose code
    is run. So a server is named with -j, and what concerns such things is added with -J.
    """
    from judgebench import api
    from judgebench.types import Status

    trusted = {**options, "trust_remote_code": "yes"} if trust_remote_code else options
    left = cost_limit
    for folder in runs:
        scores, outcome = api.retry(folder, judge_options=trusted, cost_limit=left, progress=sys.stderr.isatty(), **how)
        left = None if left is None else max(0.0, left - outcome.spent)
        click.echo(f"{folder}: {outcome.now.total():,} trials asked again, {outcome.now[Status.OK]:,} healed")
        api.require_coverage(scores, min_coverage)


@click.command()
@group.run_folders
@click.option("-j", "--judge", "grader", required=True, help="The model that compares, as in api:openai/gpt-4o.")
@group.key_values("-J", "options", "key=value for the grader. Repeatable.")
def grade(runs: tuple[Path, ...], grader: str, options: Mapping[str, str]) -> None:
    """Have a model grade the reasons that judges gave for the errors they found (mr-ben), against what people wrote.

    The score of such a run is undefined until then. What is graded already is not asked again.
    """
    from judgebench import api

    for folder in runs:
        scores, graded = api.grade(folder, grader, options)
        failed = f", {graded.failed:,} could not be graded: run it again" if graded.failed else ""
        click.echo(f"{folder}: of {graded.wanted:,} reasons {graded.right:,} right, {graded.wrong:,} wrong{failed}")
        group.print_line(scores)


@click.command(name="import")
@click.option("-b", "--benchmark", required=True, help="The benchmark that was judged.")
@click.option("-j", "--judge", help="What to call the judge. With --published: only this one.")
@group.key_values("-F", "options", "key=value for the upstream format's reader.")
@click.option("--format", "form", type=click.Choice(["auto", "upstream", "plain"]), default="auto", show_default=True)
@click.option("--published", is_flag=True, help="Import what the benchmark's authors published, as its card lists it.")
@click.option("--text/--no-text", "keep_text", default=True, help="Keep the judge's own words in judgments.jsonl.")
@click.argument("files", nargs=-1, type=group.path)
@group.output_dir
def import_(
    benchmark: str,
    judge: str | None,
    files: tuple[Path, ...],
    *,
    options: Mapping[str, str],
    form: str,
    published: bool,
    **how: Any,
) -> None:
    """Read recorded judge outputs, in a benchmark's own output format or the plain one.

    The plain format is a CSV or JSONL with the columns item, order (AB or BA) and verdict (A, B or tie).
    """
    from judgebench import api

    if published == bool(files):
        raise InputError("name the files to import, or --published for those the benchmark's authors published")
    if published:
        for _, scores, unmatched in api.import_published(benchmark, judge=judge, **how):
            _print_imported(scores, unmatched)
        return
    if judge is None:
        raise InputError("--judge is missing: what is the judge called whose outputs these are?")
    _print_imported(*api.import_recorded(judge, benchmark, files, options=options, file_format=form, **how))


def _print_imported(scores: Any, unmatched: Sequence[str]) -> None:
    group.print_line(scores)
    for line in unmatched[:10]:
        group.aside(f"  not matched: {line}")
    if len(unmatched) > 10:
        group.aside(f"  not matched: {len(unmatched) - 10:,} more")
