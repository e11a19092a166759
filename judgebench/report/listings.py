"""What there is: benchmarks, judges, runs, published numbers."""

from __future__ import annotations

from pathlib import Path

from judgebench import fetch, judges, resources, store
from judgebench.report.tables import Table
from judgebench.types import Card


def benchmarks() -> Table:
    return Table(
        columns=("benchmark", "items", "labels", "headline rule", "licence", "data"),
        rows=[
            (card.id, card.items, card.label_source, card.headline.rule, card.licence, _at_hand(card))
            for card in map(resources.card, resources.benchmarks())
        ],
    )


def judge_kinds() -> Table:
    rows = [(name, what) for kind in judges.kinds() for name, what in judges.choices(kind).items()]
    return Table(columns=("judge", "what it does"), rows=rows)


def runs(results: Path) -> Table:
    rows = []
    for folder in store.runs(results):
        manifest = store.read_manifest(folder)
        answered = store.read_judgments(folder)
        limit = manifest.limit if manifest.limit is not None else "all"
        rows.append((manifest.benchmark, manifest.judge, manifest.orders, limit, len(answered), str(folder)))
    return Table(columns=("benchmark", "judge", "orders", "items", "answers", "folder"), rows=rows)


def anchors() -> Table:
    return Table(
        columns=("benchmark", "judge", "metric", "per cent", "n", "orders", "reproduced", "source"),
        rows=[
            (
                card.id,
                anchor.judge,
                metric,
                value,
                anchor.n if isinstance(anchor.n, int) else anchor.n.get(metric),
                anchor.orders,
                "yes" if anchor.reproduced else "no",
                anchor.source,
            )
            for card in map(resources.card, resources.benchmarks())
            for anchor in card.anchors
            for metric, value in anchor.values.items()
        ],
    )


def _at_hand(card: Card) -> str:
    if not card.sources:
        return "built in"
    return "here" if all(fetch.where(card, source) for source in card.sources) else "to fetch"
