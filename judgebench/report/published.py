"""Published numbers: what stands in the cards, and beside measured ones on the leaderboard, marked as what it is."""

from __future__ import annotations

from collections.abc import Sequence

from judgebench.report import numbers
from judgebench.report.tables import Cell, Table, as_markdown
from judgebench.score.anchors import estimate, metric_of, record
from judgebench.score.catalogue import Unit
from judgebench.types import Anchor, Card, Scores

_INTRO = (
    "What others printed, not measured here and not ranked: *reproduced* figures are those that a recorded judge at "
    "hand lands on, *quoted* ones are as printed, *disputed* ones cannot be what their table says."
)


def status(anchor: Anchor) -> str:
    """`reproduced` (a recorded judge at hand lands on it), `disputed` (it cannot be what its table says), `quoted`."""
    if anchor.disputed:
        return "disputed"
    return "reproduced" if anchor.reproduced else "quoted"


def size(anchor: Anchor, key: str) -> int | None:
    """Of how many items the value is; None where that is not known."""
    return anchor.n.get(key) if isinstance(anchor.n, dict) else anchor.n


def figure(card: Card, anchor: Anchor, key: str) -> str:
    """A published value, which a card has in per cent, as its authors printed it, in the unit of ours beside it."""
    metric, per_cent, digits = record(card, metric_of(card, anchor, key)), anchor.values[key], anchor.decimals
    share = metric is None or metric.unit == Unit.SHARE
    return numbers.rounded(per_cent, digits) if share else numbers.rounded(per_cent / 100, digits + 2)


def section(card: Card, group: Sequence[Scores]) -> str:
    """The table as a section of leaderboard.md; empty where the card carries no such number."""
    made = table(card, group)
    return "" if made is None else f"### Published for {card.id}\n\n{_INTRO}\n\n{as_markdown(made)}"


def table(card: Card, group: Sequence[Scores]) -> Table | None:
    """The card's published numbers, but for those of single subsets: by metric, best first, each beside what is
    measured here for a judge of that name, which is nothing where there is none. None where the card carries no such
    number. A published number has no interval and is not ranked among the measured ones: its protocol may differ."""
    figures = [
        (metric_of(card, anchor, key), anchor, key)
        for anchor in card.anchors
        for key in anchor.values
        if key not in card.subsets and "/" not in key
    ]
    if not figures:
        return None
    metrics = list(dict.fromkeys(metric for metric, _, _ in figures))
    rows: list[Sequence[Cell]] = []
    measured = {scores.judge: scores for scores in group}
    better = {metric: metric_record.better if (metric_record := record(card, metric)) else 1 for metric in metrics}

    def place(row: tuple[str, Anchor, str]) -> tuple[int, float]:
        metric, anchor, key = row
        return metrics.index(metric), -better[metric] * anchor.values[key]

    for metric, anchor, key in sorted(figures, key=place):
        scores = measured.get(anchor.judge)
        here = None if scores is None or anchor.disputed else estimate(scores, anchor, key)
        name = card.headline.rule if metric == "headline" else metric
        about = (size(anchor, key), anchor.orders, status(anchor), anchor.source)
        rows.append((anchor.judge, name, figure(card, anchor, key), here, *about))
    disputes = {f"- disputed, {anchor.judge}: {anchor.disputed}": None for _, anchor, _ in figures if anchor.disputed}
    columns = ("published for", "metric", "printed", "measured here", "n", "orders", "status", "source")
    return Table(columns, rows, notes=list(disputes))
