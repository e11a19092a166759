"""Published numbers: what stands in the cards, and beside measured ones on the leaderboard, marked as what it is."""

from __future__ import annotations

from collections.abc import Sequence

from judgebench.report.tables import Cell, Table
from judgebench.score.anchors import estimate
from judgebench.types import Anchor, Card, Scores

_HEADLINE = ("overall", "headline")


def status(anchor: Anchor) -> str:
    """`reproduced` (a recorded judge at hand lands on it), `disputed` (it cannot be what its table says), `quoted`."""
    if anchor.disputed:
        return "disputed"
    return "reproduced" if anchor.reproduced else "quoted"


def table(card: Card, group: Sequence[Scores]) -> Table | None:
    """The card's published headline numbers, best first, each beside what is measured here for a judge of that name,
    which is nothing where there is none. None where the card carries no such number. A published number has no interval
    and is not ranked among the measured ones: its protocol may differ, and says so."""
    measured = {scores.judge: scores for scores in group}
    found = [
        (anchor, key, value)
        for anchor in card.anchors
        for key, value in anchor.values.items()
        if key in _HEADLINE or key == card.headline.rule
    ]
    if not found:
        return None
    rows: list[Sequence[Cell]] = []
    for anchor, key, value in sorted(found, key=lambda row: -row[2]):
        scores = measured.get(anchor.judge)
        here = None if scores is None or anchor.disputed else estimate(scores, anchor, key)
        n = anchor.n.get(key) if isinstance(anchor.n, dict) else anchor.n
        rows.append(
            (anchor.judge, f"{value:.{anchor.decimals}f}", here, n, anchor.orders, status(anchor), anchor.source)
        )
    disputes = [f"- disputed, {anchor.judge}: {anchor.disputed}" for anchor, _, _ in found if anchor.disputed]
    return Table(
        columns=("published for", "printed", "measured here", "n", "orders", "status", "source"),
        rows=rows,
        notes=disputes,
    )
