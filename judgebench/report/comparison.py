"""A comparison of judges on the screen: ranks first, then every pair with what the sample could have seen."""

from __future__ import annotations

from collections.abc import Sequence

from judgebench.report import tables
from judgebench.report.tables import Cell, Table
from judgebench.score.comparison import ALPHA, Comparison, Contest
from judgebench.score.planning import Plan


def render(found: Comparison) -> str:
    standings = Table(
        columns=("judge", "agreement", "rank"),
        rows=[
            (standing.judge, f"{100 * standing.agreement:.2f}", ranks(standing.rank_low, standing.rank_high))
            for standing in found.standings
        ],
        title=f"{found.benchmark}: {found.items:,} items, {found.clusters:,} questions",
        notes=[f"Note: compared {note}." for note in found.notes],
    )
    contests = Table(
        columns=("first", "second", "difference", "p", "p (Holm)", "could see"),
        rows=[_row(contest) for contest in found.contests],
        notes=["", *(reading(contest) for contest in found.contests if len(found.contests) <= 3)],
    )
    return tables.as_text(standings) + "\n" + tables.as_text(contests)


def plans(found: Sequence[Plan]) -> Table:
    return Table(
        columns=("orders", "pairs", "questions", "calls per judge"),
        rows=[(plan.orders, plan.pairs, plan.questions, plan.calls) for plan in found],
    )


def ranks(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}-{high}"


def reading(contest: Contest) -> str:
    """The contest in a sentence."""
    gap = abs(100 * (contest.difference.value or 0))
    ahead, behind = (contest.first, contest.second)
    if (contest.difference.value or 0) < 0:
        ahead, behind = behind, ahead
    if contest.adjusted is not None and contest.adjusted <= ALPHA and gap:
        return f"{ahead} agrees with gold {gap:.1f} points more often than {behind}; that is more than chance."
    could = "" if contest.detectable is None else f" it would have seen one of {100 * contest.detectable:.1f}."
    return f"{ahead} is {gap:.1f} points ahead of {behind}, which this sample cannot tell from no difference;{could}"


def _row(contest: Contest) -> list[Cell]:
    return [
        contest.first,
        contest.second,
        contest.difference,
        None if contest.p_value is None else f"{contest.p_value:.2g}",
        None if contest.adjusted is None else f"{contest.adjusted:.2g}",
        None if contest.detectable is None else f"{100 * contest.detectable:.1f}",
    ]
