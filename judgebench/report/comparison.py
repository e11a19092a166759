"""A comparison of judges on the screen: ranks first, then every pair with what the sample could have seen."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from judgebench.report import numbers, tables
from judgebench.report.card import WIDTH
from judgebench.report.tables import Number, Table
from judgebench.score.catalogue import Unit
from judgebench.score.comparison import AGREEMENT, Comparison, Contest
from judgebench.score.estimates import reaches
from judgebench.score.planning import Plan
from judgebench.score.samples import ALPHA

CONTEST_COLUMNS = ("first", "second", "difference", "p", "p (Holm)", "could see")
FEW_DIFFERING = 6
"""Questions that two judges answer differently, below which the interval is too short (docs/intervals.md)."""


def render(comparison: Comparison, width: int | None = None) -> str:
    """`width` in characters breaks the cells of a table that is wider."""
    standings = Table(
        columns=("judge", comparison.metric, "rank"),
        rows=[
            (place.judge, numbers.number(place.value, comparison.unit), ranks(place.rank_low, place.rank_high))
            for place in comparison.standings
        ],
        title=f"{comparison.benchmark}: {comparison.items:,} items, {comparison.clusters:,} questions",
    )
    rows = [
        (c.first, c.second, Number(numbers.text(c.difference, unit=comparison.unit)), *decided(c, comparison.unit))
        for c in comparison.contests
    ]
    contests = Table(columns=CONTEST_COLUMNS, rows=rows)
    contests_in_words = comparison.contests if len(comparison.contests) <= 3 else ()
    words = [line for contest in contests_in_words for line in _words(comparison, contest)]
    notes = [f"Note: compared {note}." for note in comparison.notes]
    parts = [tables.as_text(standings, width).rstrip("\n"), *notes, "", tables.as_text(contests, width), *words]
    return "\n".join(parts).rstrip("\n") + "\n"


def plans(sizes: Sequence[Plan]) -> Table:
    return Table(
        columns=("orders", "pairs", "questions", "calls per judge"),
        rows=[(plan.orders, plan.pairs, plan.questions, plan.calls) for plan in sizes],
    )


def ranks(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}-{high}"


def reading(contest: Contest, comparison: Comparison) -> str:
    """The contest in a sentence."""
    signed = comparison.better * (contest.difference.value or 0)
    gap = numbers.number(abs(signed), comparison.unit, 1)
    ahead, behind = (contest.first, contest.second) if signed >= 0 else (contest.second, contest.first)
    agrees = comparison.metric == AGREEMENT
    if contest.adjusted is not None and reaches(ALPHA, contest.adjusted) and signed:
        if agrees:
            return f"{ahead} agrees with gold {gap} points more often than {behind}; that is more than chance."
        side = "more" if comparison.better > 0 else "less"
        return f"{ahead} has {gap} {side} {comparison.metric} than {behind}, which is better; that is more than chance."
    seen = contest.detectable
    could = "" if seen is None else f" it would have seen one of {numbers.number(seen, comparison.unit, 1)}."
    points = " points" if agrees else f" of {comparison.metric}"
    return f"{ahead} is {gap}{points} ahead of {behind}, which this sample cannot tell from no difference;{could}"


def _words(comparison: Comparison, contest: Contest) -> Iterator[str]:
    yield textwrap.fill(reading(contest, comparison), WIDTH, subsequent_indent="  ")
    if contest.differing < FEW_DIFFERING:
        differing = f"{contest.differing} of {comparison.clusters:,} questions"
        text = f"They differ on {differing}: too few to trust the interval."
        yield textwrap.fill(text, WIDTH, initial_indent="  ", subsequent_indent="  ")


def decided(contest: Contest, unit: Unit) -> list[str | None]:
    """Both p-values, and the difference that the sample could have seen."""
    p_values = [None if p is None else numbers.number(p, Unit.P) for p in (contest.p_value, contest.adjusted)]
    return [*p_values, None if contest.detectable is None else numbers.number(contest.detectable, unit, 1)]
