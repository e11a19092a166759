"""Asking judges: run, retry, and what would be asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain, product
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast

from judgebench import drawing, extensions, store
from judgebench import judges as judge_kinds
from judgebench import run as run_loop
from judgebench.api.benchmarks import Benchmark, core_benchmarks, open_benchmark, publish_labels, versions
from judgebench.api.scoring import score_and_keep
from judgebench.drawing import Limit
from judgebench.errors import BelowCoverage, DataUnavailable, InputError
from judgebench.judges import Opened, asking, has_no_prompt, named_by_place, open_judge, options_of
from judgebench.options import COST_LIMIT, LIMIT_SEED, MIN_COVERAGE, ORDERS, RESULTS, SAMPLES, own_name
from judgebench.run import Outcome, Preview
from judgebench.types import Item, Judge, JudgeRef, Manifest, Scores, Trial

J = TypeVar("J", bound=Judge)
PREVIEWED = 3
QUOTED = 200


def options_for(judge: str, bench: Benchmark, options: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The -J options, and the benchmark's own ones where the judge has no prompt and the user names none: a rating, an
    error step or a person's choice is asked for otherwise than the better of two."""
    chosen = dict(options or {})
    own = {} if "prompt" in chosen or not has_no_prompt(judge) else bench.card.ask
    return {**own, **chosen}


def pairings(
    judges: Sequence[str],
    benchmarks: Sequence[str],
    *,
    judge_options: Mapping[str, str],
    benchmark_options: Mapping[str, str],
    results: Path,
    may_cost: bool,
    announce: Callable[[str], None],
) -> list[tuple[Benchmark, Opened]]:
    """What a command of several judges and benchmarks asks: every judge, opened, on every benchmark. Everything that
    can be wrong with either is an InputError before anything is asked.

    Without benchmarks they are the core ones: those whose data cannot be had, and those that a judge cannot be asked
    about, are announced and left out. The core is tens of thousands of questions, which nobody pays for by mistake:
    unless it `may_cost`, judges behind an api: are refused there."""
    from judgebench.report.listings import restriction

    # With options of a benchmark but no name the built-in one is meant: it is the one that options make anew.
    named = benchmarks or (("verifiable",) if benchmark_options else ())
    if not named and not may_cost and any(own_name(judge)[1].startswith("api:") for judge in judges):
        raise InputError("api: judges are paid for: name the benchmarks with -b, or set a --cost-limit")
    shares = judge_kinds.shared_out(judges, judge_options, announce)
    opened = [(judge, shares[judge], open_judge(judge, shares[judge])) for judge in judges]
    judge_kinds.require_distinct([(judge, able) for judge, _, able in opened])
    benches = [open_benchmark(name, benchmark_options, results, announce=announce) for name in named]
    benches = benches or list(_core(results, announce))
    for line in filter(None, (restriction(bench.card) for bench in benches)):
        announce(line)
    made: list[tuple[Benchmark, Opened]] = []
    for bench, (judge, share, able) in product(benches, opened):
        options = options_for(judge, bench, share)
        suited = able if options == share else open_judge(judge, options)
        try:
            suited = _fitted(suited, bench)
        except InputError as error:
            if named:
                raise
            announce(f"left out: {error}")
        else:
            made.append((bench, suited))
    return made


def _core(results: Path, announce: Callable[[str], None]) -> Iterator[Benchmark]:
    for name in core_benchmarks():
        try:
            yield open_benchmark(name, None, results, announce=announce)
        except DataUnavailable as error:
            announce(f"left out: {error}")


class Evaluated(NamedTuple):
    """What a judge's answers come to, and what one call did."""

    scores: Scores
    outcome: Outcome


def evaluate(
    judge: str | Judge,
    benchmark: str | Benchmark,
    *,
    results: Path | str = RESULTS,
    judge_options: Mapping[str, Any] | None = None,
    benchmark_options: Mapping[str, Any] | None = None,
    orders: str = "both",
    samples: int = 1,
    limit: int | str | None = None,
    limit_seed: int = 0,
    keep_text: bool = True,
    cost_limit: float | None = None,
    same_model: bool = False,
    progress: bool = False,
) -> Evaluated:
    """Run a judge over a benchmark, or go on where an earlier run was stopped, and score what it said. InputError says
    what is wrong with a judge, a benchmark or a setting before anything is asked.

    `judge` is typed as for `judgebench run -j`; or it is one that is opened already, or of your own (types.Judge).
    `limit` asks about so many of the items alone, drawn with `limit_seed`; "first:100" takes the first ones.
    `same_model`: the model that answers now is the one that answered before, although that does not show."""
    results = Path(results)
    require_settings(orders=orders, samples=samples, limit_seed=limit_seed, cost_limit=cost_limit)
    part = drawing.limit(limit, limit_seed)
    bench = open_benchmark(benchmark, benchmark_options, results) if isinstance(benchmark, str) else benchmark
    if judge_options and not isinstance(judge, str):
        raise InputError(f"{judge.name} is opened already: judge_options are for a judge that is typed")
    opened = open_judge(judge, options_for(judge, bench, judge_options)) if isinstance(judge, str) else judge
    opened = _fitted(opened, bench)
    manifest = _manifest(opened, bench, orders, samples, part)
    publish_labels(bench, results)
    how: dict[str, Any] = {"keep_text": keep_text, "cost_limit": cost_limit, "progress": progress}
    # A limit holds for this call's spending, even where the run on disk has none.
    run = partial(store.Run, store.folder_of(results, manifest), manifest, same_model=same_model)
    return _asked(run, opened, bench, part, how)


def _fitted(judge: J, bench: Benchmark) -> J:
    """The judge, as it is asked about a benchmark's items. InputError where it cannot be."""
    if judge.needs_texts and any(None in trial.responses for trial in bench.sorts):
        why = f": {bench.absent}" if bench.absent else ""
        raise InputError(f"{bench.id}: {judge.name} reads the responses, and only the labels are at hand{why}")
    try:
        return cast("J", judge.fitted(bench.sorts)) if isinstance(judge, Opened) else judge
    except InputError as error:
        raise InputError(f"{bench.id}: {error}") from error


def require_settings(**settings: Any) -> None:
    """InputError for a value that the command line refuses too. None is no limit."""
    for option in (ORDERS, SAMPLES, LIMIT_SEED, COST_LIMIT, MIN_COVERAGE):
        if option.name in settings and (settings[option.name] is not None or option != COST_LIMIT):
            option.read("run", settings[option.name])


def _manifest(judge: Judge, bench: Benchmark, orders: str, samples: int, part: Limit | None) -> Manifest:
    opened = judge if isinstance(judge, Opened) else None
    ref = opened.ref if opened else JudgeRef(kind="python", model=judge.name, called=judge.name)
    provenance, url = dict(judge.provenance), judge.provenance.get("url")
    brought: dict[str, str] = provenance.pop("extensions", {})
    part = None if part is None or part.count >= len(bench.items) else part
    return Manifest(
        benchmark_ref=bench.ref,
        version=bench.card.version,
        items=bench.digest,
        judge_ref=ref,
        protocol=dict(judge.protocol),
        orders=orders,
        samples=samples,
        limit=part.count if part else None,
        limit_seed=part.seed if part else None,
        settings=dict(opened.settings) if opened else {},
        provenance={**provenance, **bench.provenance},
        versions={**versions(bench.card), **extensions.brought_by(judge_kinds.extension(ref.kind)), **brought},
        addresses=(str(url),) if url else (),
        **(opened.record if opened else {}),
    )


def retry(
    folder: Path,
    *,
    judge: str | None = None,
    judge_options: Mapping[str, Any] | None = None,
    cost_limit: float | None = None,
    same_model: bool = False,
    progress: bool = False,
) -> Evaluated:
    """Ask a run's failures again, under the next attempt number; what was answered stays as it is.

    A run's folder may come from anywhere, so nothing in it decides where a question goes, whose key goes with it, or
    what code runs here: a server is named by `judge`, and options about such things are among `judge_options`."""
    require_settings(cost_limit=cost_limit)
    manifest = store.read_manifest(folder)
    ref = manifest.judge_ref
    if ref.is_recorded:
        raise InputError(f"{folder}: these judgments were imported; there is no judge to ask again")
    opened = _again(folder, manifest, judge, dict(judge_options or {}))
    bench = open_benchmark(manifest.benchmark_ref.id, manifest.benchmark_ref.options, folder.parent.parent)
    opened = _fitted(opened, bench)
    kept = any(judgment.text is not None for judgment in store.read_judgments(folder))
    part = drawing.of_manifest(manifest)
    wanted = _manifest(opened, bench, manifest.orders, manifest.samples, part)
    how = {"keep_text": kept, "cost_limit": cost_limit, "progress": progress, "retry": True}
    return _asked(partial(store.Run, folder, wanted, same_model=same_model), opened, bench, part, how)


def _parts(judge: Judge, bench: Benchmark, limit: Limit | None) -> list[tuple[Judge, Sequence[Item], str]]:
    """Whom to ask about which items, and where the answers go: the run, and beside it the judge's placebo, if any."""
    placebo: tuple[Judge, int] | None = getattr(asking(judge), "placebo", None)
    beside = placebo and (placebo[0], drawing.inside(bench.items, limit, placebo[1]), store.PLACEBO)
    return [(judge, drawing.drawn(bench.items, limit), store.JUDGMENTS), *([beside] if beside else [])]


def _asked(
    opened: Callable[..., store.Run], judge: Judge, bench: Benchmark, limit: Limit | None, how: dict[str, Any]
) -> Evaluated:
    """One part after the other, as long as none is left half done. `how` is as run.ask has it."""
    outcomes, left = list[Outcome](), how.pop("cost_limit")
    for who, items, journal in _parts(judge, bench, limit):
        with opened(journal=journal) as run:
            outcomes.append(run_loop.ask(items, who, run, question=bench.card.question, cost_limit=left, **how))
        left = None if left is None else max(0.0, left - outcomes[-1].spent)
        if outcomes[-1].missing:
            break
    spent = sum(outcome.spent for outcome in outcomes)
    return Evaluated(score_and_keep(run, bench), replace(outcomes[0], spent=spent))


def _again(folder: Path, manifest: Manifest, typed: str | None, options: Mapping[str, Any]) -> Opened:
    """The run's judge, with the options it had, but for those that are only ever typed."""
    ref = manifest.judge_ref
    if typed is None and ref.kind not in judge_kinds.KINDS.every():
        raise InputError(f"{folder}: {ref.name} was a judge of Python's own; give it to judgebench.api.evaluate again")
    if typed is None and (place := named_by_place(ref.kind)):
        raise InputError(f"{folder}: a folder may not choose where its judge is asked: add -j {place}{ref.model}")
    spec = typed or f"{ref.kind}:{ref.model}"
    if ref.called and own_name(spec)[0] is None:
        spec = f"{ref.called}={spec}"
    had = {**ref.options, **manifest.settings}
    for option in options_of(spec):
        if option.typed and option.name in had:
            value = had.pop(option.name)
            if option.name not in options and option.read(spec, value) != (option.default or False):
                raise InputError(
                    f"{folder}: this run had {option.name}={value}, which a folder may not choose: add "
                    f"-J {option.name}=... to ask again"
                )
    return open_judge(spec, {**had, **options})


def require_coverage(scores: Scores, minimum: float) -> None:
    require_settings(min_coverage=minimum)
    share = scores.coverage.share
    if share < minimum:
        failures = ", ".join(f"{count:,} {what}" for what, count in scores.coverage.failures.items() if count)
        raise BelowCoverage(
            f"{scores.judge} on {scores.benchmark}: {share:.1%} of the trials have a verdict, less than "
            f"--min-coverage {minimum:.0%} ({failures})"
        )


def preview(
    judge: Judge,
    bench: Benchmark,
    *,
    orders: str,
    samples: int,
    limit: int | str | None,
    limit_seed: int = 0,
    results: Path | str = RESULTS,
) -> Preview:
    """What `evaluate` would ask. Nothing is asked and nothing is written."""
    judge = _fitted(judge, bench)
    require_settings(orders=orders, samples=samples, limit_seed=limit_seed)
    part = drawing.limit(limit, limit_seed)
    folder = store.folder_of(Path(results), _manifest(judge, bench, orders, samples, part))
    wanted: list[list[Trial]] = []
    todo: list[list[Trial]] = []
    for _, items, journal in _parts(judge, bench, part):
        answered = {judgment.key for judgment in store.read_judgments(folder, journal)}
        wanted.append(list(run_loop.trials(items, orders, samples, bench.card.question)))
        todo.append([trial for trial in wanted[-1] if trial.key not in answered])
    made = Preview(judge.name, bench.id, folder, len(wanted[0]), len(todo[0]), placebo=sum(map(len, todo[1:])))
    asker, trials = asking(judge), list(chain(*todo))
    if asker is None or not trials:
        return made
    sample = trials[:: max(1, len(trials) // QUOTED)]
    quotes = list(map(asker.quote, asker.preview(sample)))  # other words take as many tokens
    quote = run_loop.scaled(quotes, len(quotes) * len(trials) // len(sample))
    return replace(made, requests=asker.preview(trials[:PREVIEWED]), quote=quote)
