"""From judgments and labels to numbers: nothing here needs a judge or a text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judgebench import results, store
from judgebench.api.benchmarks import Benchmark
from judgebench.errors import InputError, JudgebenchError, UnknownName
from judgebench.types import Scores

if TYPE_CHECKING:
    from judgebench.score.analysis import Finding
    from judgebench.score.comparison import Comparison
    from judgebench.score.planning import Plan
    from judgebench.score.standings import Standings


def score(folder: Path) -> Scores:
    """A run's scores, computed from its judgments and labels, and written beside them if they do not stand there."""
    return keep(folder, rescore(folder))


def rescore(folder: Path) -> Scores:
    """The same, without writing: needs neither the judge nor the texts."""
    from judgebench.score import score_run

    return score_run(results.read(folder))


def score_and_keep(run: store.Run, bench: Benchmark) -> Scores:
    from judgebench.score import score_run

    return keep(run.folder, score_run(results.Run.of(bench.card, bench.labels, run.flush(), run.folder)))


def keep(folder: Path, scores: Scores) -> Scores:
    """Write a run's scores.json, but not over one that says the same: two machines do not quarrel about last bits."""
    if differs_from_stored(folder, scores) is not None:
        store.write_json(folder / "scores.json", scores)
    return scores


def check_scores(folders: Sequence[Path]) -> int:
    """How many runs were checked. InputError names the first whose scores.json is not what its judgments give."""
    for folder in folders:
        path = folder / "scores.json"
        if not path.exists():
            raise InputError(f"{path} is missing; `judgebench score {folder}` makes it")
        difference = differs_from_stored(folder, rescore(folder))
        if difference is not None:
            raise JudgebenchError(
                f"{path} is not what its judgments give: {difference}; `judgebench score {folder}` recomputes it"
            )
    return len(folders)


def compare(folders: Sequence[Path], *, metric: str | None = None) -> Comparison:
    """Runs against each other on the trials they have in common, with corrected tests and rank sets: by agreement or,
    where verdicts are no pairs, by the benchmark's own score; or by another number (`metric`) that all have."""
    from judgebench.score import comparison

    return comparison.compare([results.read(folder) for folder in folders], metric)


def analyze(what: str, folders: Sequence[Path], **options: Any) -> list[Finding]:
    """Tables about runs beyond their report cards: `judgebench.score.analysis` lists what there is and which options
    each takes. InputError where the runs do not have what it needs, UnknownName for another name."""
    from judgebench.score.analysis import ANALYSES

    if what not in ANALYSES:
        raise UnknownName("analysis", what, ANALYSES)
    return ANALYSES[what]([results.read(folder) for folder in folders], **options)


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

    aim = planning.Aim(delta, margin, level, target_power)
    if folders:
        return planning.from_pilot([results.read(folder) for folder in folders], aim)
    return planning.from_rates(aim, discordant, accuracy, design_effect)


def finished(
    folder: Path, differs: dict[Path, Scores] | None = None, **only: Sequence[str]
) -> tuple[list[Standings], int]:
    """All finished runs over all items, scored anew, by benchmark, and how many runs are not that; `only` as read_all
    has it (benchmarks, judges). `differs` takes, by folder, what a missing or other scores.json should hold."""
    from judgebench.score.standings import by_benchmark, enter

    entries = {path: enter(run) for path, run in results.read_all(folder, **only).items()}
    if differs is not None:
        made = {path: entry.scores for path, entry in entries.items()}
        differs.update({path: scores for path, scores in made.items() if differs_from_stored(path, scores) is not None})
    whole = [
        entry
        for entry in entries.values()
        if entry.scores.manifest.limit is None and not entry.scores.coverage.failures["missing"]
    ]
    return by_benchmark(whole), len(entries) - len(whole)


def differs_from_stored(folder: Path, scores: Scores) -> str | None:
    """In words where the run's scores.json is not these scores (`judgebench.score.stored`); None where it is."""
    from judgebench.score import stored

    path = folder / "scores.json"
    return stored.first_difference(path.read_bytes(), scores) if path.exists() else "it is missing"
