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
)
from judgebench.types import (
    Judgment,
    Label,
    Manifest,
    Scores,
    digest,
)

if TYPE_CHECKING:
    from judgebench.score.comparison import Comparison
    from judgebench.score.planning import Plan


def score(folder: Path) -> Scores:
    """A run's scores, computed from its judgments and its benchmark's labels, and written beside them."""
    scores = rescore(folder)
    store.write_json(folder / "scores.json", scores)
    return scores


def rescore(folder: Path) -> Scores:
    """The same, without writing: needs neither the judge nor the texts."""
    from judgebench.score import score_run

    labels, manifest, judgments = read_run(folder)
    card = resources.card(manifest.benchmark.partition("[")[0])
    return score_run(card, labels, manifest, judgments)


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
        if path.read_bytes() != store.as_json(rescore(folder)):
            raise JudgebenchError(f"{path} is not what its judgments give; `judgebench score {folder}` recomputes it")
    return len(folders)


def compare(folders: Sequence[Path]) -> Comparison:
    """Runs against each other on the trials they have in common, with corrected tests and rank sets."""
    from judgebench.score import comparison

    return comparison.compare([comparison.RunData(*read_run(folder)) for folder in folders])


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


def finished(results: Path) -> tuple[list[Scores], int]:
    """The scores of all finished runs over all items, recomputed, and how many runs are not that."""
    folders = store.runs(results)
    if not folders:
        raise InputError(f"{results} holds no runs; `judgebench run` or `judgebench import` makes them")
    whole = [folder for folder in folders if store.read_manifest(folder).limit is None]
    runs = [scores for scores in map(rescore, whole) if not scores.coverage.failures["missing"]]
    return runs, len(folders) - len(runs)
