"""What the page is about: runs by benchmark, with scores that fit the judgments beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import msgspec

from judgebench import adapters, resources, store
from judgebench.errors import DataUnavailable, InputError
from judgebench.score import score_run, trials
from judgebench.types import Card, Item, Judgment, Label, Manifest, Scores


@dataclass(frozen=True)
class Run:
    scores: Scores
    judgments: Sequence[Judgment]

    @property
    def judge(self) -> str:
        return self.scores.judge

    @property
    def is_baseline(self) -> bool:
        return self.judge.startswith("baseline:")


@dataclass(frozen=True)
class Bench:
    """`texts` holds the items whose texts are at hand and are those that were judged, by id."""

    id: str
    card: Card
    labels: Sequence[Label]
    texts: Mapping[str, Item]
    runs: Sequence[Run]
    """By score, best first."""


def read(results: Path, *, texts: bool = True) -> list[Bench]:
    """Every benchmark with runs below `results`, in the order of their names."""
    folders = store.runs(results)
    if not folders:
        raise InputError(f"{results} holds no runs; `judgebench run` or `judgebench import` makes them")
    return [_bench(parent, list(group), texts=texts) for parent, group in groupby(folders, lambda path: path.parent)]


def _bench(parent: Path, folders: Sequence[Path], *, texts: bool) -> Bench:
    labels_file = parent / "items.jsonl"
    if not labels_file.exists():
        raise InputError(f"{labels_file} is missing: without the labels its runs cannot be shown")
    labels = store.read_labels(labels_file)
    name = store.read_manifest(folders[0]).benchmark
    card = resources.adopt_beside(parent) or resources.card(name.partition("[")[0])
    runs = [_run(folder, card, labels, texts=texts) for folder in folders]
    runs.sort(key=lambda run: (-(run.scores.headline.value or 0), run.judge))
    return Bench(name, card, labels, _texts(name, card, labels) if texts else {}, runs)


def _run(folder: Path, card: Card, labels: Sequence[Label], *, texts: bool) -> Run:
    manifest, judgments = store.read_manifest(folder), store.read_judgments(folder)
    scores = _scores(folder, card, labels, manifest, judgments)
    if not texts:
        judgments = [msgspec.structs.replace(judgment, text=None) for judgment in judgments]
    return Run(scores, judgments)


def _scores(
    folder: Path, card: Card, labels: Sequence[Label], manifest: Manifest, judgments: Sequence[Judgment]
) -> Scores:
    """scores.json, or, where it is absent or of fewer answers than there are now, what the judgments give. It is not
    recomputed otherwise, for that takes a second a run: `judgebench score --check` does."""
    path = folder / "scores.json"
    if path.exists():
        try:
            known = msgspec.json.decode(path.read_bytes(), type=Scores)
        except msgspec.MsgspecError as error:
            raise InputError(f"{path}: {error}; `judgebench score {folder}` recomputes it") from error
        now = trials.coverage(labels[: manifest.limit], manifest, judgments)
        if known.manifest == manifest and known.coverage == now:
            return known
    return score_run(card, labels, manifest, judgments)


def _texts(name: str, card: Card, labels: Sequence[Label]) -> dict[str, Item]:
    """A text that has changed since it was judged is not what the verdict is about, so it is left out."""
    changed = name.partition("[")[2].rstrip("]")
    options = dict(pair.split("=", 1) for pair in changed.split(",")) if changed else {}
    try:
        items = {item.id: item for item in adapters.load(card, options)}
    except DataUnavailable:
        return {}
    return {
        label.id: items[label.id]
        for label in labels
        if label.id in items and items[label.id].label().digest == label.digest
    }
