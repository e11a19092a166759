"""Judge outputs that were recorded elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from judgebench import adapters, fetch, store
from judgebench.api.benchmarks import Benchmark, open_benchmark, publish_labels, versions
from judgebench.api.scoring import score_and_keep
from judgebench.errors import InputError, UnknownName
from judgebench.judges import replay
from judgebench.options import RESULTS
from judgebench.types import JudgeRef, Judgment, Key, Label, Manifest, Question, Recording, Scores, digest, question_of


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
    for path in paths:
        if not path.is_file():
            raise InputError(f"{path}: there is no such file")
    labels = {label.id: label for label in bench.labels}
    if file_format == "plain" or (file_format == "auto" and all(replay.is_plain(path) for path in paths)):
        recorded = _read_plain(paths, labels, bench.card.question)
    else:
        recorded = adapters.read_recorded(bench.card, paths, labels, options or {})
    if not recorded.judgments:
        first = f": {recorded.unmatched[0]}" if recorded.unmatched else ""
        raise InputError(f"{', '.join(str(path) for path in paths)}: nothing there fits {bench.id}{first}")
    shared = Path(os.path.commonpath([path.absolute().parent for path in paths]))
    files = {path.absolute().relative_to(shared).as_posix(): fetch.sha256(path) for path in paths}
    manifest = Manifest(
        benchmark_ref=bench.ref,
        version=bench.card.version,
        items=bench.digest,
        judge_ref=JudgeRef(called=judge),
        protocol={"recorded": digest([sorted(files.values()), dict(options or {})])},
        orders=recorded.orders,
        samples=1 + max(judgment.sample for judgment in recorded.judgments),
        provenance={"files": files, **(provenance or {})},
        versions=versions(bench.card),
    )
    publish_labels(bench, results)
    with store.Run(store.folder_of(results, manifest), manifest) as run:
        for judgment in recorded.judgments:
            if judgment.key not in run.answered:
                run.append(judgment if keep_text else msgspec.structs.replace(judgment, text=None))
        return score_and_keep(run, bench), recorded.unmatched


def import_published(
    benchmark: str, *, results: Path | str = RESULTS, judge: str | None = None, keep_text: bool = True
) -> Iterator[tuple[Recording, Scores, list[str]]]:
    """Import the judge outputs that the benchmark's own authors published, as the card lists and pins them."""
    bench = open_benchmark(benchmark, None, Path(results))
    recordings = {recording.judge: recording for recording in bench.card.recordings}
    if judge is not None and judge not in recordings:
        raise UnknownName(f"published judge of {benchmark}", judge, recordings)
    for recording in recordings.values() if judge is None else [recordings[judge]]:
        scores, unmatched = import_recorded(
            recording.judge,
            bench,
            [fetch.locate(bench.card, source) for source in recording.files],
            results=results,
            options=recording.options,
            file_format="upstream",
            keep_text=keep_text,
            provenance={"note": recording.note} if recording.note else None,
        )
        yield recording, scores, unmatched


def _read_plain(paths: Sequence[Path], labels: Mapping[str, Label], question: Question) -> adapters.Recorded:
    judgments: dict[Key, Judgment] = {}
    unmatched: list[str] = []
    for path in paths:
        for row, judgment in replay.recorded(path, question):
            label = labels.get(judgment.item)
            if label is None:
                unmatched.append(str(row.bad(f"there is no item {judgment.item!r}")))
            elif len(label.lengths) != len(judgment.order):
                unmatched.append(str(row.bad(f"item {judgment.item!r} has {len(label.lengths)} responses")))
            elif judgment.verdict and (
                problem := question_of(label, question).problem(
                    len(judgment.verdict.scores), len(judgment.order), label.steps
                )
            ):
                raise row.bad(f"item {judgment.item!r}: {problem}")
            elif judgment.key in judgments:
                raise row.bad(f"item {judgment.item!r} is judged in another of the files already")
            else:
                judgments[judgment.key] = judgment
    swapped = any(list(key.order) != sorted(key.order) for key in judgments)
    return adapters.Recorded(list(judgments.values()), "both" if swapped else "single", unmatched)
