"""From judgments and labels to numbers: nothing here needs a judge or a text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from judgebench import resources, store
from judgebench.api.benchmarks import Benchmark
from judgebench.errors import (
    InputError,
    JudgebenchError,
    ManifestMismatch,
    UnknownName,
)
from judgebench.types import (
    Card,
    Judgment,
    Label,
    Manifest,
    Scores,
    digest_of,
)

if TYPE_CHECKING:
    from judgebench.score.comparison import Comparison
    from judgebench.score.planning import Plan
    from judgebench.score.standings import Standings


def score(folder: Path) -> Scores:
    """A run's scores, computed from its judgments and its benchmark's labels, and written beside them."""
    scores = rescore(folder)
    store.write_json(folder / "scores.json", scores)
    return scores


def rescore(folder: Path) -> Scores:
    """The same, without writing: needs neither the judge nor the texts."""
    from judgebench.score import score_run

    labels, manifest, judgments = read_run(folder)
    card = card_of(folder, manifest)
    return score_run(card, labels, manifest, judgments)


def card_of(folder: Path, manifest: Manifest) -> Card:
    """The benchmark's card: beside its labels, where it is of a user's own data, or judgebench's own."""
    return resources.adopt_beside(folder.parent) or resources.card(manifest.benchmark.partition("[")[0])


def score_and_keep(run: store.Run, bench: Benchmark) -> Scores:
    from judgebench.score import score_run

    scores = score_run(bench.card, bench.labels, run.manifest, list(run.answered.values()))
    store.write_json(run.folder / "scores.json", scores)
    return scores


def check_scores(folders: Sequence[Path]) -> int:
    """How many runs were checked. InputError names the first whose scores.json is not what its judgments give."""
    for folder in folders:
        path = folder / "scores.json"
        if not path.exists():
            raise InputError(f"{path} is missing; `judgebench score {folder}` makes it")
        if not is_stored(folder, rescore(folder)):
            raise JudgebenchError(f"{path} is not what its judgments give; `judgebench score {folder}` recomputes it")
    return len(folders)


def compare(folders: Sequence[Path], *, metric: str | None = None) -> Comparison:
    """Runs against each other on the trials they have in common, with corrected tests and rank sets: by agreement or,
    where verdicts are no pairs, by the benchmark's own score; or by another number (`metric`) that all have."""
    from judgebench.score import comparison

    return comparison.compare([comparison.RunData(*read_run(folder)) for folder in folders], metric)


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
        runs = [RunData(*read_run(folder)) for folder in folders]
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


def read_run(folder: Path) -> tuple[list[Label], Manifest, list[Judgment]]:
    """A run and its benchmark's labels, which must be those it was run on. A card beside them is known from then on."""
    resources.adopt_beside(folder.parent)
    manifest = store.read_manifest(folder)
    labels_file = folder.parent / "items.jsonl"
    if not labels_file.exists():
        raise InputError(f"{labels_file} is missing: without the labels {folder} cannot be scored")
    labels = store.read_labels(labels_file)
    if digest_of(labels) != manifest.items:
        raise ManifestMismatch(
            f"{labels_file} has changed since {folder.name} was run (its digest is {digest_of(labels)}, the run's "
            f"manifest says {manifest.items}); these answers are to other items"
        )
    return labels, manifest, store.read_judgments(folder)


def select(results: Path, *, benchmarks: Sequence[str] = (), judges: Sequence[str] = ()) -> dict[Path, Manifest]:
    """The runs below a folder with their manifests; of these benchmarks and judges, where any are named."""
    manifests = {folder: store.read_manifest(folder) for folder in store.runs(results)}
    if not manifests:
        raise InputError(f"{results} holds no runs; `judgebench run` or `judgebench import` makes them")
    for kind, wanted in (("benchmark", benchmarks), ("judge", judges)):
        known = {getattr(manifest, kind) for manifest in manifests.values()}
        for name in wanted:
            if name not in known:
                raise UnknownName(f"{kind} with a run in {results}", name, known)
    return {
        folder: manifest
        for folder, manifest in manifests.items()
        if manifest.benchmark in (benchmarks or (manifest.benchmark,))
        and manifest.judge in (judges or (manifest.judge,))
    }


def finished(
    results: Path,
    *,
    benchmarks: Sequence[str] = (),
    judges: Sequence[str] = (),
    differs: dict[Path, Scores] | None = None,
) -> tuple[list[Standings], int]:
    """All finished runs over all items, scored anew, by benchmark, and how many runs are not that. Of these benchmarks
    and judges, where any are named. `differs` takes what every scores.json should hold that is missing or another."""
    from judgebench.score.comparison import RunData
    from judgebench.score.standings import by_benchmark, enter

    chosen = select(results, benchmarks=benchmarks, judges=judges)
    entries = [enter(card_of(folder, manifest), RunData(*read_run(folder))) for folder, manifest in chosen.items()]
    if differs is not None:
        given = ((folder, entry.scores) for folder, entry in zip(chosen, entries, strict=True))
        differs.update({folder / "scores.json": scores for folder, scores in given if not is_stored(folder, scores)})
    whole = [
        entry
        for entry in entries
        if entry.scores.manifest.limit is None and not entry.scores.coverage.failures["missing"]
    ]
    return by_benchmark(whole), len(entries) - len(whole)


def is_stored(folder: Path, scores: Scores) -> bool:
    """Whether the run's scores.json is what its judgments give."""
    path = folder / "scores.json"
    return path.exists() and path.read_bytes() == store.as_json(scores)
