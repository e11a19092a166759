"""What the page is about: runs by benchmark, with scores that fit the judgments beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import msgspec

from judgebench import results as on_disk
from judgebench.score import rules, scores_of
from judgebench.score.standings import Entry, enter
from judgebench.types import Card, Item, Label


@dataclass(frozen=True)
class Bench:
    """`texts` holds the items whose texts are at hand and are those that were judged, by id. Without texts the runs are
    without the judge's words too."""

    id: str
    card: Card
    labels: Sequence[Label]
    texts: Mapping[str, Item]
    runs: Sequence[Entry]
    """By score, best first."""


def read(results: Path, *, texts: bool = True) -> list[Bench]:
    """Every benchmark with runs below `results`, in the order of their names."""
    groups = groupby(on_disk.read_all(results).items(), lambda run: run[0].parent)
    return [_bench(dict(group), texts=texts) for _, group in groups]


def _bench(by_folder: Mapping[Path, on_disk.Run], *, texts: bool) -> Bench:
    runs = [enter(run if texts else _without_words(run), scores_of(folder, run)) for folder, run in by_folder.items()]
    one = next(iter(by_folder.values()))
    better = rules.rule(one.card.headline.rule).value.better or 1
    runs.sort(key=lambda run: (-better * (run.scores.headline.value or 0), run.judge))
    return Bench(one.manifest.benchmark, one.card, one.labels, on_disk.texts(one) if texts else {}, runs)


def _without_words(run: on_disk.Run) -> on_disk.Run:
    return run._replace(judgments=[msgspec.structs.replace(judgment, text=None) for judgment in run.judgments])
