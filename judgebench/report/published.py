"""Published numbers: what stands in the cards, and beside measured ones on the leaderboard, marked as what it is."""

from __future__ import annotations

from collections.abc import Sequence

from judgebench.report.tables import Cell, Table, as_markdown
from judgebench.score.anchors import estimate
from judgebench.types import Anchor, Card, Scores

_WHOLE = ("overall", "headline")
_INTRO = (
    "What others printed, not measured here and not ranked: *reproduced* figures are those that a recorded judge at "
    "hand lands on, *quoted* ones are as printed, *disputed* ones cannot be what their table says."
)


def status(anchor: Anchor) -> str:
    """`reproduced` (a recorded judge at hand lands on it), `disputed` (it cannot be what its table says), `quoted`."""
    if anchor.disputed:
        return "disputed"
    return "reproduced" if anchor.reproduced else "quoted"


def section(card: Card, group: Sequence[Scores]) -> str:
    """The table as a section of leaderboard.md; empty where the card carries no such number."""
    found = table(card, group)
    return "" if found is None else f"### Published for {card.id}\n\n{_INTRO}\n\n{as_markdown(found)}"


def table(card: Card, group: Sequence[Scores]) -> Table | None:
    """The card's published numbers, but for those of single subsets: by metric, best first, each beside what is
    measured here for a judge of that name, which is nothing where there is none. None where the card carries no such
    number. A published number has no interval and is not ranked among the measured ones: its protocol may differ."""
    measured = {scores.judge: scores for scores in group}
    found = [
        (anchor.metric if key in _WHOLE else key, anchor, key, value)
        for anchor in card.anchors
        for key, value in anchor.values.items()
        if key not in card.subsets and "/" not in key
    ]
    if not found:
        return None
    metrics = list(dict.fromkeys(metric for metric, _, _, _ in found))
    rows: list[Sequence[Cell]] = []
    for metric, anchor, key, value in sorted(found, key=lambda row: (metrics.index(row[0]), -row[3])):
        scores = measured.get(anchor.judge)
        here = None if scores is None or anchor.disputed else estimate(scores, anchor, key)
        n = anchor.n.get(key) if isinstance(anchor.n, dict) else anchor.n
        name = card.headline.rule if metric == "headline" else metric
        printed = f"{value:.{anchor.decimals}f}"
        rows.append((anchor.judge, name, printed, here, n, anchor.orders, status(anchor), anchor.source))
    disputes = {f"- disputed, {anchor.judge}: {anchor.disputed}": None for _, anchor, _, _ in found if anchor.disputed}
    return Table(
        columns=("published for", "metric", "printed", "measured here", "n", "orders", "status", "source"),
        rows=rows,
        notes=list(disputes),
    )
