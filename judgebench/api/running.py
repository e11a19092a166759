"""Asking judges: run, retry, and what would be asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from judgebench import extensions, judges, store
from judgebench import run as run_loop
from judgebench.api.benchmarks import RESULTS, Benchmark, open_benchmark, publish_labels, versions
from judgebench.api.scoring import score_and_keep
from judgebench.backends.local.settings import yes
from judgebench.errors import (
    BelowCoverage,
    InputError,
)
from judgebench.judges import has_no_prompt, open_judge
from judgebench.judges._prompted import Prompted
from judgebench.run import Outcome
from judgebench.types import (
    Judge,
    Manifest,
    Scores,
    Trial,
)

if TYPE_CHECKING:
    pass

PREVIEWED = 3
QUOTED = 200


def options_for(judge: str, bench: Benchmark, options: Mapping[str, str] | None = None) -> dict[str, str]:
    """The -J options, and the benchmark's own ones where the judge has no prompt and the user names none: a rating, an
    error step or a person's choice is asked for otherwise than the better of two."""
    chosen = dict(options or {})
    own = {} if "prompt" in chosen or not has_no_prompt(judge) else bench.card.ask
    return {**own, **chosen}


def evaluate(
    judge: str | Judge,
    benchmark: str | Benchmark,
    *,
    results: Path | str = RESULTS,
    judge_options: Mapping[str, str] | None = None,
    benchmark_options: Mapping[str, Any] | None = None,
    orders: str = "both",
    samples: int = 1,
    limit: int | None = None,
    keep_text: bool = True,
    cost_limit: float | None = None,
    progress: bool = False,
) -> tuple[Scores, Outcome]:
    """Run a judge over a benchmark, or go on where an earlier run was stopped, and score what it said.

    A judge that is opened already may come with the `judge_options` it was opened with, for the record."""
    results = Path(results)
    bench = open_benchmark(benchmark, benchmark_options, results) if isinstance(benchmark, str) else benchmark
    if isinstance(judge, str):
        judge_options = options_for(judge, bench, judge_options)
    opened = open_judge(judge, judge_options) if isinstance(judge, str) else judge
    run_loop.require_texts(bench.id, bench.items, opened, absent=bench.absent)
    spec = judge if isinstance(judge, str) else opened.name.partition("[")[0]
    provenance = dict(opened.provenance)
    brought: dict[str, str] = provenance.pop("extensions", {})
    manifest = Manifest(
        benchmark=bench.id,
        version=bench.card.version,
        items=bench.digest,
        judge=opened.name,
        protocol=dict(opened.protocol),
        orders=orders,
        samples=samples,
        limit=None if limit is None or limit >= len(bench.items) else limit,
        spec=spec,
        options=dict(judge_options or {}),
        provenance={**provenance, **bench.provenance},
        versions={**versions(bench.card), **extensions.brought_by(judges.extension(spec)), **brought},
    )
    publish_labels(bench, results)
    with store.Run(store.run_folder(results, bench.id, opened.name), manifest) as run:
        # A limit holds for this call's spending, even where the run on disk has none.
        items = bench.items[:limit]
        outcome = run_loop.ask(items, opened, run, keep_text=keep_text, cost_limit=cost_limit, progress=progress)
        return score_and_keep(run, bench), outcome


def retry(
    folder: Path, *, cost_limit: float | None = None, trust_remote_code: bool = False, progress: bool = False
) -> tuple[Scores, Outcome]:
    """Ask a run's failures again, under the next attempt number; what was answered stays as it is.

    A run's folder may come from anywhere: that its model's own code was run does not let it run here."""
    manifest = store.read_manifest(folder)
    if yes("-J", "trust_remote_code", manifest.options.get("trust_remote_code", "no")) and not trust_remote_code:
        raise InputError(f"{folder}: this run had its model's own code run; add --trust-remote-code to do so again")
    if not manifest.spec:
        raise InputError(f"{folder}: these judgments were imported; there is no judge to ask again")
    name, bracket, changed = manifest.benchmark.partition("[")
    options = dict(pair.split("=", 1) for pair in changed.rstrip("]").split(",")) if bracket else {}
    bench = open_benchmark(name, options, folder.parent.parent)
    judge = open_judge(manifest.spec, manifest.options)
    run_loop.require_texts(bench.id, bench.items, judge, absent=bench.absent)
    kept = any(judgment.text is not None for judgment in store.read_judgments(folder))
    wanted = msgspec.structs.replace(
        manifest, items=bench.digest, judge=judge.name, protocol=dict(judge.protocol), version=bench.card.version
    )
    with store.Run(folder, wanted) as run:
        items = bench.items[: run.manifest.limit]
        outcome = run_loop.ask(items, judge, run, retry=True, keep_text=kept, cost_limit=cost_limit, progress=progress)
        return score_and_keep(run, bench), outcome


def require_coverage(scores: Scores, minimum: float) -> None:
    share = scores.coverage.share
    if share < minimum:
        failures = ", ".join(f"{count:,} {what}" for what, count in scores.coverage.failures.items() if count)
        raise BelowCoverage(
            f"{scores.judge} on {scores.benchmark}: {share:.1%} of the trials have a verdict, less than "
            f"--min-coverage {minimum:.0%} ({failures})"
        )


def preview(
    judge: Judge, bench: Benchmark, *, orders: str, samples: int, limit: int | None, results: Path | str = RESULTS
) -> Iterator[str]:
    """What `evaluate` would ask: how many trials, and for a judge with a prompt the first of them, rendered, and what
    all would cost. Nothing is asked and nothing is written."""
    run_loop.require_texts(bench.id, bench.items, judge, absent=bench.absent)
    folder = store.run_folder(Path(results), bench.id, judge.name)
    answered = {judgment.key for judgment in store.read_judgments(folder)}
    items = bench.items[:limit]
    wanted, still = run_loop.counted(items, orders, samples, lambda key: key not in answered)
    yield f"{judge.name} on {bench.id}: {still:,} of {wanted:,} trials to ask; answers go to {folder}"
    if not isinstance(judge, Prompted) or not still:
        return

    def some(step: int) -> Iterator[Trial]:
        every = run_loop.trials(items, orders, samples)
        return islice((trial for trial in every if trial.key not in answered), 0, None, step)

    for request in judge.preview(islice(some(1), PREVIEWED)):
        shown = request.text or "\n".join(f"[{message.role}]\n{message.content}" for message in request.messages)
        yield f"---- one of the requests\n{shown}{request.prefill}"
    if hasattr(judge.backend, "quote"):
        yield _quoted(judge, list(some(max(1, still // QUOTED))), still)


def _quoted(judge: Prompted, sample: Sequence[Trial], still: int) -> str:
    """Tokens and dollars of all open trials, from an even sample of them; every answer is taken at its full length."""
    quotes = [judge.backend.quote(request) for request in judge.preview(sample)]  # type: ignore[attr-defined]
    scale = still / len(sample)
    prompt, answer = (
        scale * sum(getattr(quote, name) or 0 for quote in quotes) for name in ("prompt_tokens", "completion_tokens")
    )
    costs = [quote.cost for quote in quotes]
    price = "at a price that is not known" if None in costs else f"at most ${scale * sum(costs):,.2f}"
    return f"---- about {prompt:,.0f} tokens to send and at most {answer:,.0f} to receive, {price}"
