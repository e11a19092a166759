"""The one reader of a folder of results. A run is its card, its benchmark's labels (which must be those that were
judged), its manifest and the judgments that count. It is read whole or refused, by all commands in the same words.

<results>/<benchmark>/items.jsonl, card.yaml      the labels; the card, where the benchmark is a user's own
<results>/<benchmark>/<judge>/...                 a run; see `judgebench.store` for its files
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from judgebench import adapters, drawing, resources, store
from judgebench.errors import DataUnavailable, InputError, JudgebenchError, ManifestMismatch, UnknownName
from judgebench.types import Card, Coverage, Item, Judgment, Label, Manifest, Order, Scores, Status, digest_of_items

LABELS = "items.jsonl"
_Shared = dict[Path, tuple[Card | None, list[Label]]]
"""What runs of one benchmark share, by their folder: its card, where it is a user's own, and its labels."""


class Run(NamedTuple):
    """One judge on one benchmark, read whole. `labels` are those of all items of the benchmark, in its order;
    `judgments` has the judgment that counts for each trial that has any."""

    card: Card
    labels: Sequence[Label]
    manifest: Manifest
    judgments: Sequence[Judgment]
    placebo: Sequence[Judgment] = ()
    """Answers to the same trials with the words exchanged that a forced judge's options go by, where these were asked.
    """

    @classmethod
    def of(cls, card: Card, labels: Sequence[Label], manifest: Manifest, folder: Path) -> Run:
        """With all answers in its folder."""
        return cls(card, labels, manifest, *(store.read_judgments(folder, one) for one in store.JOURNALS))

    @property
    def asked(self) -> Sequence[Label]:
        """The labels of the items that the run asks about."""
        return drawing.drawn(self.labels, drawing.of_manifest(self.manifest))

    @property
    def coverage(self) -> Coverage:
        """What became of every trial that the manifest asks for."""
        orders = {label.id: orders_asked(label, self.manifest) for label in self.asked}
        wanted = sum(orders.values()) * self.manifest.samples
        statuses = Counter(
            str(judgment.status)
            for judgment in self.judgments
            if place(judgment.order) < orders.get(judgment.item, 0) and judgment.sample < self.manifest.samples
        )
        ok = statuses.pop(Status.OK, 0)
        failures = {str(status): statuses.get(status, 0) for status in Status if status != Status.OK}
        failures["missing"] = wanted - ok - sum(failures.values())
        return Coverage(wanted=wanted, ok=ok, share=ok / wanted if wanted else 0.0, failures=failures)

    @property
    def cost(self) -> float | None:
        """The cost of the answers that count, in US dollars; None where that of none is known."""
        answers = (*self.judgments, *self.placebo)
        usages = [judgment.usage for judgment in answers if judgment.usage is not None]
        costs = [usage.cost for usage in usages if usage.cost is not None]
        return sum(costs) if costs else None


def in_common(runs: Sequence[Run]) -> list[Run]:
    """Runs over one benchmark, as if each had been asked about no other items than those that all of them are of.
    InputError where there are none."""
    parts = [{label.id for label in run.asked} for run in runs]
    if not (ids := set.intersection(*parts)):
        named = "; ".join(f"{run.manifest.judge}: the {run.manifest.part or 'whole'}" for run in runs)
        raise InputError(f"these runs of {runs[0].manifest.benchmark} have no item in common ({named})")
    labels = [label for label in runs[0].labels if label.id in ids]
    whole = {"limit": None, "limit_seed": None}
    return [run._replace(labels=labels, manifest=msgspec.structs.replace(run.manifest, **whole)) for run in runs]


def orders_asked(label: Label, manifest: Manifest) -> int:
    """In how many orders an item is shown: two with `both`, unless it has a single response."""
    return 2 if manifest.orders == "both" and len(label.lengths) > 1 else 1


def place(order: Order) -> int:
    """0 for the stored order, 1 for the other one."""
    return int(order[0] != 0)


def read(folder: Path, shared: _Shared | None = None) -> Run:
    """The run in this folder. InputError, StoreError or ManifestMismatch names the file that is absent, damaged or not
    of this run. What `shared` lacks of the run's benchmark is read, and put there."""
    shared = {} if shared is None else shared
    manifest, parent = store.read_manifest(folder), folder.parent
    if parent not in shared:
        if not (parent / LABELS).exists():
            raise InputError(f"{parent / LABELS} is missing: without the labels {folder} cannot be scored")
        shared[parent] = resources.card_beside(parent), store.read_labels(parent / LABELS)
    card, labels = shared[parent]
    if problem := labels_changed(folder.name, labels, manifest):
        raise ManifestMismatch(f"{parent / LABELS} {problem}")
    return Run.of(card or resources.card(manifest.benchmark_ref.id), labels, manifest, folder)


def read_all(results: Path, *, benchmarks: Sequence[str] = (), judges: Sequence[str] = ()) -> dict[Path, Run]:
    """Every run below a folder of results, or those of the benchmarks and judges named, by folder, in their order."""
    shared: _Shared = {}
    return {folder: read(folder, shared) for folder in select(results, benchmarks=benchmarks, judges=judges)}


def each(folders: Iterable[Path]) -> Iterator[tuple[Path, Run | JudgebenchError]]:
    """The run of each of these folders, or the error where it cannot be read; what runs share is read once."""
    shared: _Shared = {}
    for folder in folders:
        try:
            yield folder, read(folder, shared)
        except JudgebenchError as error:
            yield folder, error


def select(results: Path, *, benchmarks: Sequence[str] = (), judges: Sequence[str] = ()) -> dict[Path, Manifest]:
    """The manifests of the runs below a folder, by the run's folder. InputError where there are no runs, UnknownName
    for a benchmark or judge without one."""
    manifests = {folder: store.read_manifest(folder) for folder in folders(results)}
    for kind, wanted in (("benchmark", benchmarks), ("judge", judges)):
        present = {getattr(manifest, kind) for manifest in manifests.values()}
        for name in wanted:
            if name not in present:
                raise UnknownName(f"{kind} with a run in {results}", name, present)
    return {
        folder: manifest
        for folder, manifest in manifests.items()
        if manifest.benchmark in (benchmarks or (manifest.benchmark,))
        and manifest.judge in (judges or (manifest.judge,))
    }


def folders(results: Path) -> list[Path]:
    """The folder of every run below a folder of results, without reading them. InputError where there are none."""
    run_folders = store.runs(results)
    if not run_folders:
        raise InputError(f"{results} holds no runs; `judgebench run` or `judgebench import` makes them")
    return run_folders


def labels_changed(run: str, labels: Sequence[Label], manifest: Manifest) -> str | None:
    """What is wrong where the labels are not those that the run of this name was made on."""
    digest = digest_of_items(labels)
    if digest == manifest.items:
        return None
    return (
        f"has changed since {run} was run (its digest is {digest}, the run's manifest says {manifest.items}); these "
        "answers are to other items"
    )


def stored_scores(folder: Path, run: Run) -> Scores | None:
    """The scores of scores.json, if they are of this manifest and coverage; None where the file is absent or older."""
    scores = store.read_scores(folder)
    current = scores is not None and (scores.manifest, scores.coverage) == (run.manifest, run.coverage)
    return scores if current else None


def texts(run: Run) -> dict[str, Item]:
    """The benchmark's items with their texts, by id; empty where its data are not on this machine. Items whose texts
    have changed since they were judged are left out: the verdicts are not about these texts."""
    try:
        items = adapters.load(run.card, run.manifest.benchmark_ref.options)
    except DataUnavailable:
        return {}
    judged = {label.id: label.digest for label in run.labels}
    return {item.id: item for item in items if item.has_texts and item.label().digest == judged.get(item.id)}
