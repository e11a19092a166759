"""The verbs as functions: what the command line does, for use from Python.

from judgebench import api
scores = api.evaluate("baseline:longest", "verifiable", results="results")
scores.metrics["agreement"].value, scores.metrics["agreement"].low
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from judgebench import adapters, fetch, prompts, resources, store
from judgebench import run as run_loop
from judgebench.adapters import lints
from judgebench.errors import (
    BelowCoverage,
    DataUnavailable,
    InputError,
    JudgebenchError,
    ManifestMismatch,
    UnknownName,
)
from judgebench.judges import open_judge, replay
from judgebench.judges._prompted import Prompted
from judgebench.run import Outcome
from judgebench.types import (
    Card,
    Item,
    Judge,
    Judgment,
    Label,
    Manifest,
    Recording,
    Response,
    Scores,
    Trial,
    digest,
)

if TYPE_CHECKING:
    from judgebench.score.comparison import Comparison
    from judgebench.score.planning import Plan

RESULTS = Path("results")
PREVIEWED = 3
QUOTED = 200


@dataclass(frozen=True)
class Benchmark:
    """A benchmark as opened: `id` is the card's, with the options that differ from it in brackets."""

    id: str
    card: Card
    items: Sequence[Item]
    labels: Sequence[Label]

    @property
    def digest(self) -> str:
        return digest(self.labels)


def open_benchmark(name: str, options: Mapping[str, Any] | None = None, results: Path = RESULTS) -> Benchmark:
    """The items of a benchmark; where its files are not at hand but its labels stand in `results`, items without
    texts, which is all that baselines by slot and recorded verdicts need."""
    card = resources.card(name)
    changed = {key: value for key, value in (options or {}).items() if str(card.options.get(key)) != str(value)}
    known_as = card.id + (f"[{','.join(f'{key}={changed[key]}' for key in sorted(changed))}]" if changed else "")
    try:
        items = adapters.load(card, changed)
    except DataUnavailable:
        labels_file = results / store.slug(known_as) / "items.jsonl"
        if not labels_file.exists():
            raise
        labels = store.read_labels(labels_file)
        return Benchmark(known_as, card, [_without_texts(label) for label in labels], labels)
    return Benchmark(known_as, card, items, [item.label() for item in items])


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
    opened = open_judge(judge, judge_options) if isinstance(judge, str) else judge
    bench = open_benchmark(benchmark, benchmark_options, results) if isinstance(benchmark, str) else benchmark
    run_loop.require_texts(bench.id, bench.items, opened)
    manifest = Manifest(
        benchmark=bench.id,
        version=bench.card.version,
        items=bench.digest,
        judge=opened.name,
        protocol=dict(opened.protocol),
        orders=orders,
        samples=samples,
        limit=None if limit is None or limit >= len(bench.items) else limit,
        spec=judge if isinstance(judge, str) else opened.name.partition("[")[0],
        options=dict(judge_options or {}),
        provenance=dict(opened.provenance),
        versions={"judgebench": version("judgebench")},
    )
    publish_labels(bench, results)
    with store.Run(store.run_folder(results, bench.id, opened.name), manifest) as run:
        # A limit holds for this call's spending, even where the run on disk has none.
        items = bench.items[:limit]
        outcome = run_loop.ask(items, opened, run, keep_text=keep_text, cost_limit=cost_limit, progress=progress)
        return _score_and_keep(run, bench), outcome


def retry(folder: Path, *, cost_limit: float | None = None, progress: bool = False) -> tuple[Scores, Outcome]:
    """Ask a run's failures again, under the next attempt number; what was answered stays as it is."""
    manifest = store.read_manifest(folder)
    if not manifest.spec:
        raise InputError(f"{folder}: these judgments were imported; there is no judge to ask again")
    name, bracket, changed = manifest.benchmark.partition("[")
    options = dict(pair.split("=", 1) for pair in changed.rstrip("]").split(",")) if bracket else {}
    bench = open_benchmark(name, options, folder.parent.parent)
    judge = open_judge(manifest.spec, manifest.options)
    run_loop.require_texts(bench.id, bench.items, judge)
    kept = any(judgment.text is not None for judgment in store.read_judgments(folder))
    wanted = msgspec.structs.replace(
        manifest, items=bench.digest, judge=judge.name, protocol=dict(judge.protocol), version=bench.card.version
    )
    with store.Run(folder, wanted) as run:
        items = bench.items[: run.manifest.limit]
        outcome = run_loop.ask(items, judge, run, retry=True, keep_text=kept, cost_limit=cost_limit, progress=progress)
        return _score_and_keep(run, bench), outcome


def import_recorded(
    judge: str,
    benchmark: str | Benchmark,
    paths: Sequence[Path],
    *,
    results: Path | str = RESULTS,
    options: Mapping[str, str] | None = None,
    file_format: str = "auto",
    keep_text: bool = True,
    provenance: Mapping[str, Any] | None = None,
) -> tuple[Scores, list[str]]:
    """Read recorded judge outputs in upstream's or the plain format; also returns a line for each that fits nothing."""
    results = Path(results)
    bench = open_benchmark(benchmark, None, results) if isinstance(benchmark, str) else benchmark
    recorded = _read_recorded(bench, paths, options or {}, file_format)
    if not recorded.judgments:
        first = f": {recorded.unmatched[0]}" if recorded.unmatched else ""
        raise InputError(f"{', '.join(str(path) for path in paths)}: nothing there fits {bench.id}{first}")
    shared = Path(os.path.commonpath([path.absolute().parent for path in paths]))
    files = {path.absolute().relative_to(shared).as_posix(): fetch.sha256(path) for path in paths}
    manifest = Manifest(
        benchmark=bench.id,
        version=bench.card.version,
        items=bench.digest,
        judge=judge,
        protocol={"recorded": digest([sorted(files.values()), dict(options or {})])},
        orders=recorded.orders,
        samples=1 + max(judgment.sample for judgment in recorded.judgments),
        provenance={"files": files, **(provenance or {})},
        versions={"judgebench": version("judgebench")},
    )
    publish_labels(bench, results)
    with store.Run(store.run_folder(results, bench.id, judge), manifest) as run:
        for judgment in recorded.judgments:
            if judgment.key not in run.answered:
                run.append(judgment if keep_text else msgspec.structs.replace(judgment, text=None))
        return _score_and_keep(run, bench), recorded.unmatched


def import_published(
    benchmark: str, *, results: Path | str = RESULTS, judge: str | None = None, keep_text: bool = True
) -> Iterator[tuple[Recording, Scores, list[str]]]:
    """Import the judge outputs that the benchmark's own authors published, as the card lists and pins them."""
    bench = open_benchmark(benchmark, None, Path(results))
    known = {recording.judge: recording for recording in bench.card.recordings}
    if judge is not None and judge not in known:
        raise UnknownName(f"published judge of {benchmark}", judge, known)
    for name, recording in known.items():
        if judge in (None, name):
            paths = [fetch.locate(bench.card, source) for source in recording.files]
            scores, unmatched = import_recorded(
                name,
                bench,
                paths,
                results=results,
                options=recording.options,
                file_format="upstream",
                keep_text=keep_text,
                provenance={"note": recording.note} if recording.note else None,
            )
            yield recording, scores, unmatched


def score(folder: Path) -> Scores:
    """A run's scores, computed from its judgments and its benchmark's labels, and written beside them."""
    scores = rescore(folder)
    store.write_json(folder / "scores.json", scores)
    return scores


def rescore(folder: Path) -> Scores:
    """The same, without writing: needs neither the judge nor the texts."""
    from judgebench.score import score_run

    labels, manifest, judgments = _read_run(folder)
    card = resources.card(manifest.benchmark.partition("[")[0])
    return score_run(card, labels, manifest, judgments)


def compare(folders: Sequence[Path]) -> Comparison:
    """Runs against each other on the trials they have in common, with corrected tests and rank sets."""
    from judgebench.score import comparison

    return comparison.compare([comparison.RunData(*_read_run(folder)) for folder in folders])


def plan(
    folders: Sequence[Path] = (),
    *,
    delta: float | None = None,
    margin: float | None = None,
    discordant: float | None = None,
    accuracy: float | None = None,
    design_effect: float = 1.0,
    target_power: float = 0.8,
    level: float = 0.95,
) -> tuple[Plan, ...]:
    """How many pairs are needed, from pilot runs or from rates. All shares and differences are fractions."""
    from judgebench.score import planning
    from judgebench.score.comparison import RunData

    if folders:
        runs = [RunData(*_read_run(folder)) for folder in folders]
        return planning.from_pilot(runs, delta=delta, margin=margin, level=level, target_power=target_power)
    return planning.from_rates(
        delta=delta,
        discordant=discordant,
        margin=margin,
        accuracy=accuracy,
        design_effect=design_effect,
        level=level,
        target_power=target_power,
    )


def _read_run(folder: Path) -> tuple[list[Label], Manifest, list[Judgment]]:
    """A run and its benchmark's labels, which must be those it was run on."""
    manifest = store.read_manifest(folder)
    labels_file = folder.parent / "items.jsonl"
    if not labels_file.exists():
        raise InputError(f"{labels_file} is missing: without the labels {folder} cannot be scored")
    labels = store.read_labels(labels_file)
    if digest(labels) != manifest.items:
        raise ManifestMismatch(
            f"{labels_file} has changed since {folder.name} was run (its digest is {digest(labels)}, the run's "
            f"manifest says {manifest.items}); these answers are to other items"
        )
    return labels, manifest, store.read_judgments(folder)


def publish_labels(bench: Benchmark, results: Path) -> None:
    """Put the benchmark's labels where its runs are. Labels that stand there already must be the same."""
    path = results / store.slug(bench.id) / "items.jsonl"
    if path.exists():
        if digest(store.read_labels(path)) != bench.digest:
            raise ManifestMismatch(
                f"{path} holds other items than {bench.id} {bench.card.version} has now, and the runs beside it were "
                "made on those: choose another --output-dir or move the folder away"
            )
        return
    store.write_labels(path, bench.labels)


def require_coverage(scores: Scores, minimum: float) -> None:
    share = scores.coverage.share
    if share < minimum:
        failures = ", ".join(f"{count:,} {what}" for what, count in scores.coverage.failures.items() if count)
        raise BelowCoverage(
            f"{scores.judge} on {scores.benchmark}: {share:.1%} of the trials have a verdict, less than "
            f"--min-coverage {minimum:.0%} ({failures})"
        )


def _score_and_keep(run: store.Run, bench: Benchmark) -> Scores:
    from judgebench.score import score_run

    scores = score_run(bench.card, bench.labels, run.manifest, list(run.answered.values()))
    store.write_json(run.folder / "scores.json", scores)
    return scores


def _read_recorded(
    bench: Benchmark, paths: Sequence[Path], options: Mapping[str, str], file_format: str
) -> adapters.Recorded:
    for path in paths:
        if not path.is_file():
            raise InputError(f"{path}: there is no such file")
    labels = {label.id: label for label in bench.labels}
    if file_format == "plain" or (file_format == "auto" and all(replay.is_plain(path) for path in paths)):
        return _read_plain(paths, labels)
    return adapters.read_recorded(bench.card, paths, labels, options)


def _read_plain(paths: Sequence[Path], labels: Mapping[str, Label]) -> adapters.Recorded:
    judgments: dict[Any, Judgment] = {}
    unmatched: list[str] = []
    for path in paths:
        for judgment in replay.read(path):
            label = labels.get(judgment.item)
            if label is None:
                unmatched.append(f"{path}: there is no item {judgment.item!r}")
            elif len(label.lengths) != len(judgment.order):
                unmatched.append(f"{path}: item {judgment.item!r} has {len(label.lengths)} responses")
            elif judgment.key in judgments:
                raise InputError(f"{path}: item {judgment.item!r} is judged in another of the files already")
            else:
                judgments[judgment.key] = judgment
    swapped = any(list(key.order) != sorted(key.order) for key in judgments)
    return adapters.Recorded(list(judgments.values()), "both" if swapped else "single", unmatched)


def _without_texts(label: Label) -> Item:
    return Item(
        id=label.id,
        responses=tuple(
            Response(author=author, length=length) for author, length in zip(label.authors, label.lengths, strict=True)
        ),
        gold=label.gold,
        raters=label.raters,
        subset=label.subset,
        scenario=label.scenario,
        language=label.language,
        cluster=label.cluster,
        facets=label.facets,
    )


def preview(
    judge: Judge, bench: Benchmark, *, orders: str, samples: int, limit: int | None, results: Path | str = RESULTS
) -> Iterator[str]:
    """What `evaluate` would ask: how many trials, and for a judge with a prompt the first of them, rendered, and what
    all would cost. Nothing is asked and nothing is written."""
    run_loop.require_texts(bench.id, bench.items, judge)
    folder = store.run_folder(Path(results), bench.id, judge.name)
    answered = {judgment.key for judgment in store.read_judgments(folder)}
    wanted = list(run_loop.trials(bench.items[:limit], orders, samples))
    still = [trial for trial in wanted if trial.key not in answered]
    yield f"{judge.name} on {bench.id}: {len(still):,} of {len(wanted):,} trials to ask; answers go to {folder}"
    if not isinstance(judge, Prompted) or not still:
        return
    for request in judge.preview(still[:PREVIEWED]):
        shown = request.text or "\n".join(f"[{message.role}]\n{message.content}" for message in request.messages)
        yield f"---- one of the requests\n{shown}{request.prefill}"
    if hasattr(judge.backend, "quote"):
        yield _quoted(judge, still)


def _quoted(judge: Prompted, still: Sequence[Trial]) -> str:
    """Tokens and dollars of all open trials, from an even sample of them; every answer is taken at its full length."""
    sample = still[:: max(1, len(still) // QUOTED)]
    quotes = [judge.backend.quote(request) for request in judge.preview(sample)]  # type: ignore[attr-defined]
    scale = len(still) / len(sample)
    prompt, answer = (
        scale * sum(getattr(quote, name) or 0 for quote in quotes) for name in ("prompt_tokens", "completion_tokens")
    )
    costs = [quote.cost for quote in quotes]
    price = "at a price that is not known" if None in costs else f"at most ${scale * sum(costs):,.2f}"
    return f"---- about {prompt:,.0f} tokens to send and at most {answer:,.0f} to receive, {price}"


def fetch_benchmark(name: str, *, recordings: bool, announce: Callable[[str], None]) -> Iterator[str]:
    """Bring a benchmark's, or an upstream prompt's, pinned files onto this machine; a line for each."""
    if name in prompts.names():
        prompt = prompts.load(name)
        for source in prompt.sources:
            yield f"{fetch.fetch(prompt, source, announce)}: sha256 as pinned"
        return
    card = resources.card(name)
    if not card.sources:
        yield f"{name}: built in, nothing to fetch"
        return
    yield f"{card.title}; licence as stated upstream: {card.licence}"
    published = [source for recording in card.recordings for source in recording.files] if recordings else []
    for source in (*card.sources, *published):
        path = fetch.fetch(card, source, announce)
        held = "sha256 as pinned" if source.pinned else f"NOT PINNED, held from now on to sha256 {fetch.sha256(path)}"
        yield f"{path}: {path.stat().st_size:,} bytes, {held}"


def verify_benchmark(name: str, *, optional: bool) -> str:
    """Load a benchmark, which checks hashes, counts and labels; a line on what is there. `optional`: or is not."""
    card = resources.card(name)
    try:
        items = adapters.load(card)
    except DataUnavailable:
        if not optional:
            raise
        return f"{name}: not on this machine"
    notes = "".join(f"; {note}" for note in lints.notes(items))
    return f"{name} {card.version}: {len(items):,} items, {lints.label_counts(items)}{notes}"


def check_scores(folders: Sequence[Path]) -> int:
    """How many runs were checked. InputError names the first whose scores.json is not what its judgments give."""
    for folder in folders:
        path = folder / "scores.json"
        if not path.exists():
            raise InputError(f"{path} is missing; `judgebench score {folder}` makes it")
        if path.read_bytes() != store.as_json(rescore(folder)):
            raise JudgebenchError(f"{path} is not what its judgments give; `judgebench score {folder}` recomputes it")
    return len(folders)


def leaderboard(results: Path, output: Path, *, check: bool = False) -> str:
    """Rebuild the leaderboard from judgments and labels (scores.json is not trusted), or check that it is current."""
    from judgebench.report import leaderboard as board

    finished, left_out = _finished(results)
    text = board.render(finished, left_out)
    if check:
        if not output.exists() or output.read_text(encoding="utf-8") != text:
            raise JudgebenchError(f"{output} is not what {results} gives; `judgebench leaderboard` rebuilds it")
        return f"{output} is what {results} gives"
    write_text(output, text)
    return f"{output}: {len(finished)} runs on {len({scores.benchmark for scores in finished})} benchmarks"


def report(results: Path, output: Path, *, texts: bool = True) -> str:
    """Write one HTML file to look through every run below `results`: scores, charts, items; a line on what is in it.
    Without `texts` it holds no question, no response and no judge's words."""
    from judgebench.report import page

    return page.write(results, output, texts=texts)


def export(form: str, *, results: Path, benchmarks: Sequence[str] = (), judges: Sequence[str] = ()) -> str:
    """The results as `markdown`, `csv`, `latex` or `json`."""
    from judgebench.report import leaderboard as board
    from judgebench.report import tables

    finished, _ = _finished(results)
    _require_known("benchmark", benchmarks, {scores.benchmark for scores in finished})
    _require_known("judge", judges, {scores.judge for scores in finished})
    chosen = [
        scores
        for scores in finished
        if scores.benchmark in (benchmarks or (scores.benchmark,)) and scores.judge in (judges or (scores.judge,))
    ]
    forms = {"markdown": tables.as_markdown, "csv": tables.as_csv, "latex": tables.as_latex, "json": tables.as_json}
    return forms[form](board.paper_table(chosen))


def write_text(path: Path, text: str) -> None:
    store.replace(path, text.encode())


def _finished(results: Path) -> tuple[list[Scores], int]:
    """The scores of all finished runs over all items, recomputed, and how many runs are not that."""
    folders = store.runs(results)
    if not folders:
        raise InputError(f"{results} holds no runs; `judgebench run` or `judgebench import` makes them")
    whole = [folder for folder in folders if store.read_manifest(folder).limit is None]
    finished = [scores for scores in map(rescore, whole) if not scores.coverage.failures["missing"]]
    return finished, len(folders) - len(finished)


def _require_known(kind: str, wanted: Sequence[str], known: set[str]) -> None:
    for name in wanted:
        if name not in known:
            raise UnknownName(f"{kind} with a finished run", name, known)
