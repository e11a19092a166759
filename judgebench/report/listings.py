"""What there is: benchmarks, judges, runs, published numbers."""

from __future__ import annotations

import textwrap
from pathlib import Path

from judgebench import fetch, judges, prompts, resources, store
from judgebench.report.tables import Table
from judgebench.types import Card

_WIDEST_LICENCE = 60


def benchmarks() -> Table:
    return Table(
        columns=("benchmark", "items", "labels", "raters", "headline rule", "data", "licence"),
        rows=[
            (
                card.id,
                card.items or None,
                card.label_source,
                card.raters,
                card.headline.rule,
                _at_hand(card),
                textwrap.shorten(card.licence, _WIDEST_LICENCE, placeholder=" ..."),
            )
            for card in map(resources.card, resources.benchmarks())
        ],
    )


def judge_kinds() -> Table:
    rows = [(name, what) for kind in judges.kinds() for name, what in judges.choices(kind).items()]
    return Table(columns=("judge", "what it does"), rows=rows)


def prompt_files() -> Table:
    return Table(
        columns=("prompt", "what it asks", "parser", "text", "hash"),
        rows=[
            (
                prompt.id,
                prompt.front.title,
                prompt.front.parser,
                "pinned upstream" if prompt.sources else "ours",
                prompt.hash,
            )
            for prompt in map(prompts.load, prompts.names())
        ],
    )


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
                anchor.n.get(metric) if isinstance(anchor.n, dict) else anchor.n,
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
    """`here`, `to fetch`, `user-supplied` (nobody offers the file), or how many of its files are here."""
    if not card.sources:
        return "built in"
    here = sum(fetch.where(card, source) is not None for source in card.sources)
    if here == len(card.sources):
        return "here"
    if not any(source.url for source in card.sources):
        return "user-supplied"
    return f"{here} of {len(card.sources)} files here" if here else "to fetch"
