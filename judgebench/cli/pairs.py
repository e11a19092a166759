"""The verb that builds a benchmark of pairs."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from judgebench.cli import group
from judgebench.errors import InputError

if TYPE_CHECKING:
    from judgebench.api.pairs import PairsResult
    from judgebench.run import Preview


@click.command(name="build-pairs")
@click.argument("source")
@click.option("-o", "--output", type=group.path, required=True, help="A folder for the benchmark.")
@click.option("-g", "--grader", help="choice, number, sympy, exact or tests; a row's column `grader` comes first.")
@click.option(
    "--second-grader",
    help="Must agree, or the response is dropped: last-line, math-verify, another grader, a model as in "
    "api:openai/gpt-4o-mini, or none. Usually last-line; math-verify for sympy, none for tests.",
)
@click.option("--responses", multiple=True, help="A file of responses. Repeatable.")
@group.key_values("-M", "columns", "field=column of the file. Repeatable.")
@click.option("--sample", help="Sample responses from a model: server:URL#MODEL, api:PROVIDER/MODEL, local:MODEL.")
@click.option("-k", type=click.IntRange(min=1), default=8, show_default=True, help="Responses to sample a question.")
@click.option("--temperature", type=click.FloatRange(min=0), help="Of the sampling; 1 unless said otherwise.")
@group.key_values("-J", "sample_options", "key=value for the model sampled. Repeatable.")
@group.key_values("-G", "grader_options", "key=value for a model as second grader.")
@click.option("--instruction", default="", help="Text to end every question with, such as how to state the answer.")
@click.option("--tolerance", type=click.FloatRange(0, 1), default=0.0, help="Of numbers, as a share of the right one.")
@click.option("--pairs-per-question", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--per-subset", type=click.IntRange(min=1), help="At most N pairs of each subset.")
@click.option("--match-length", is_flag=True, help="Pair responses of similar length.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--title", help="Of the benchmark.")
@click.option("--licence", default="not stated", show_default=True, help="Of the questions and responses.")
@click.option("--cost-limit", type=click.FloatRange(min=0), help="Dollars; ask no further once they are spent.")
@click.option("--allow-code-execution", is_flag=True, help="Run the code in the responses (in a sandbox).")
@click.option(
    "--sandbox",
    "sandbox_floor",
    type=click.Choice(["isolated", "confined", "limited"]),
    default="isolated",
    show_default=True,
    help="The least that code may run in: namespaces of its own; Landlock and a filter on system calls; limits alone.",
)
@click.option(
    "--time-limit", type=click.FloatRange(0.1), default=10.0, show_default=True, help="Seconds of processor a test run."
)
@click.option("--memory-limit", type=click.IntRange(min=64), default=1024, show_default=True, help="MiB a test run.")
@click.option("--dry-run", is_flag=True, help="Say what a model would be asked; ask and write nothing.")
@group.as_json_option
def build_pairs(
    source: str,
    output: Path,
    *,
    sample: str | None,
    temperature: float | None,
    sample_options: Mapping[str, str],
    allow_code_execution: bool,
    time_limit: float,
    memory_limit: int,
    dry_run: bool,
    as_json: bool,
    **how: Any,
) -> None:
    """Build hard pairs with objective labels from questions whose answers a program can check.

    SOURCE is a file (JSON lines, JSON, CSV, parquet) or a data set of the hub (hf:owner/name), with a question and an
    answer (or tests) a row; and responses, unless they are in a file of their own or sampled. Every response is graded
    twice; questions with only right or only wrong responses are dropped, and of each other one a right and a wrong
    response become a pair. The result is a benchmark: judgebench run -b OUTPUT
    """
    from judgebench.api import pairs
    from judgebench.pairs.building import Choices
    from judgebench.pairs.sandbox import CodeLimits

    if temperature is not None:
        sample_options = {**sample_options, "temperature": f"{temperature:g}"}
    if sample is None and (dry_run or sample_options):
        raise InputError("--dry-run, --temperature and -J are about a model that is sampled; name it with --sample")
    asking = {name: how.pop(name) for name in ("k", "columns", "instruction")} | {"sample_options": sample_options}
    if dry_run:
        _print_preview(pairs.preview_sampling(source, output, sample=str(sample), **asking))
        return
    choices = Choices(**{field.name: how.pop(field.name) for field in fields(Choices)})
    result = pairs.build_pairs(
        source,
        output,
        sample=sample,
        limits=CodeLimits(seconds=time_limit, memory=memory_limit << 20) if allow_code_execution else None,
        choices=choices,
        progress=not as_json and sys.stderr.isatty(),
        announce=group.aside,
        **asking,
        **how,
    )
    if as_json:
        group.print_json(result.card)
    else:
        click.echo("\n".join(_report(result)))


def _print_preview(preview: Preview) -> None:
    about = f"{preview.still:,} of {preview.trials:,} responses to sample"
    click.echo(f"{preview.judge}: {about}; they go to {preview.folder}")
    if preview.quote is not None:
        click.echo(f"---- one of the requests\n{preview.requests[0].messages[0].content}")
        cost, unknown = preview.quote.cost, "at a price that is not known (-J price_in= and price_out= say it)"
        click.echo(f"---- {unknown if cost is None else f'at most ${cost:,.2f}'}")


def _report(result: PairsResult) -> list[str]:
    card, counts, gap, width = result.card, result.card.counts, result.card.length, 34

    def row(what: str, value: Any, note: str = "") -> str:
        number = f"{value:,}" if isinstance(value, int) else str(value)
        return f"{what:<{width}}{number:>8}" + (f"  {note}" if note else "")

    graders = ", ".join(card.grader)
    lines = [
        f"{card.id}: {counts.pairs:,} pair{'' if counts.pairs == 1 else 's'}, graded by {graders}",
        f"  and checked by {card.second_grader or 'no second grader'}",
        row("questions", counts.questions),
        *([row("  reference solution fails", counts.refused, "left out")] if counts.refused else []),
        row("  only right responses", counts.all_right, "dropped"),
        row("  only wrong responses", counts.all_wrong, "dropped"),
        row("  no response that counts", counts.without_responses, "dropped"),
        row("  both", counts.mixed),
        row("responses", counts.responses, f"{counts.right:,} right, {counts.wrong:,} wrong"),
        row("  duplicates", counts.duplicates, "dropped"),
        row("  no answer found", counts.unreadable, "dropped"),
        *(f"    {number:,}: {why}" for why, number in counts.why_unreadable.items()),
        row("  none found by the second grader", counts.unreadable_second, "dropped"),
        row("  graders disagree", counts.disagree, "dropped"),
        row("pairs", counts.pairs, f"of {counts.pairs_of_mixed:,} before the limit per subset"),
        row("  right response first", f"{card.right_first:.1%}"),
        row("  right response longer", f"{gap.right_longer:.1%}", f"{gap.ratio:.2f} times as long, geometric mean"),
    ]
    if set(card.subsets) != {""}:
        lines += [row(f"  {name or '(none)'}"[: width - 1], number) for name, number in card.subsets.items()]
    lines += [f"! {warning}" for warning in card.warnings]
    return [*lines, f"next: judgebench run -b {result.path} -j baseline:longest"]
