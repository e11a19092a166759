"""A comparison of judges on the screen: ranks first, then every pair with what the sample could have seen."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

import msgspec

from judgebench.report import tables, terminal
from judgebench.report.tables import Cell, Table
from judgebench.score.comparison import ALPHA, Comparison, Contest
from judgebench.score.planning import Plan

WIDTH = 80
FEW_DIFFERING = 6
"""Questions that two judges answer differently, below which the interval is too short (docs/intervals.md)."""


def render(found: Comparison, width: int | None = None) -> str:
    """`width` in characters breaks the cells of a table that is wider."""
    standings = Table(
        columns=("judge", found.metric, "rank"),
        rows=[
            (standing.judge, _number(found.metric, standing.value), ranks(standing.rank_low, standing.rank_high))
            for standing in found.standings
        ],
        title=f"{found.benchmark}: {found.items:,} items, {found.clusters:,} questions",
    )
    contests = Table(
        columns=("first", "second", "difference", "p", "p (Holm)", "could see"),
        rows=[_row(found.metric, contest) for contest in found.contests],
    )
    words = [line for contest in found.contests if len(found.contests) <= 3 for line in _words(found, contest)]
    notes = [f"Note: compared {note}." for note in found.notes]
    parts = [_fitted(standings, width), *notes, "", _fitted(contests, width), "", *words]
    return "\n".join(parts).rstrip("\n") + "\n"


def _fitted(table: Table, width: int | None) -> str:
    text = tables.as_text(table)
    return (text if width is None else terminal.narrowed(text, width)).rstrip("\n")


def plans(found: Sequence[Plan]) -> Table:
    return Table(
        columns=("orders", "pairs", "questions", "calls per judge"),
        rows=[(plan.orders, plan.pairs, plan.questions, plan.calls) for plan in found],
    )


def ranks(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}-{high}"


def reading(contest: Contest, metric: str = "agreement") -> str:
    """The contest in a sentence."""
    difference = contest.difference.value or 0
    gap = _number(metric, abs(difference), decimals=1)
    ahead, behind = (contest.first, contest.second) if difference >= 0 else (contest.second, contest.first)
    if contest.adjusted is not None and contest.adjusted <= ALPHA and difference:
        if metric == "agreement":
            return f"{ahead} agrees with gold {gap} points more often than {behind}; that is more than chance."
        return f"{ahead} has {gap} more {metric} than {behind}; that is more than chance."
    could = ""
    if contest.detectable is not None:
        could = f" it would have seen one of {_number(metric, contest.detectable, decimals=1)}."
    points = " points" if metric == "agreement" else f" of {metric}"
    return f"{ahead} is {gap}{points} ahead of {behind}, which this sample cannot tell from no difference;{could}"


def _words(found: Comparison, contest: Contest) -> Iterator[str]:
    yield textwrap.fill(reading(contest, found.metric), WIDTH, subsequent_indent="  ")
    if contest.differing < FEW_DIFFERING:
        text = f"They differ on {contest.differing} of {found.clusters:,} questions: too few to trust the interval."
        yield textwrap.fill(text, WIDTH, initial_indent="  ", subsequent_indent="  ")


def _row(metric: str, contest: Contest) -> list[Cell]:
    return [
        contest.first,
        contest.second,
        msgspec.structs.replace(contest.difference, name=metric),
        None if contest.p_value is None else f"{contest.p_value:.2g}",
        None if contest.adjusted is None else f"{contest.adjusted:.2g}",
        None if contest.detectable is None else _number(metric, contest.detectable, decimals=1),
    ]


def _number(metric: str, value: float, *, decimals: int = 2) -> str:
    """In per cent, or in points of the scale where it is no share."""
    return f"{value:.2f}" if metric in tables.POINTS else f"{100 * value:.{decimals}f}"
