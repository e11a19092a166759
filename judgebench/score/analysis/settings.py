"""MT-Bench's two settings: S1 counts every pair of votes, S2 those of which neither is a tie."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from judgebench.errors import InputError
from judgebench.results import Run
from judgebench.score import estimates
from judgebench.score.analysis.finding import Finding, Row, named, only, pairs_of
from judgebench.score.arrays import Floats
from judgebench.score.pairs import CLASSES, TIE, Pairs
from judgebench.score.rules.votes import Votes, judge_votes, people_votes

SAYS = (
    "How often judge and person, and two persons, vote alike. S2 looks better because it leaves out every vote where "
    "either side says tie, and which those are differs between judges: compare S1, or S2 with what it rests on. Chance "
    "is what two who vote that often for first, second and tie would reach by luck."
)


def analyze(runs: Sequence[Run]) -> list[Finding]:
    """One run on a benchmark whose votes are named by person."""
    run = only(runs, "settings")
    pairs = pairs_of(run)
    if not any(label.raters for label in pairs.labels):
        raise InputError(f"{named(run)}: S1 and S2 hold a judge against people's votes; here are none")
    subsets = sorted({name for name in pairs.subsets if name})
    rows = list(_rows("", pairs))
    for subset in subsets if len(subsets) > 1 else ():
        rows += _rows(f"{subset}: ", pairs.where(pairs.subsets == subset))
    return [Finding(f"{named(run)}: votes with and without ties", SAYS, tuple(rows))]


def _rows(prefix: str, pairs: Pairs) -> Iterator[Row]:
    for who, votes in (("judge", judge_votes(pairs)), ("people", people_votes(pairs))):
        decisive = (votes.one != TIE) & (votes.other != TIE)
        for setting, kept in (("S1", np.ones_like(decisive)), ("S2", decisive)):
            yield _row(f"{prefix}{who}, {setting}", pairs, votes.where(kept), kept, votes)


def _row(label: str, pairs: Pairs, votes: Votes, kept: np.ndarray, of: Votes) -> Row:
    clusters, empty = pairs.clusters[votes.item], "no such votes"
    tables = estimates.crossed(votes.one, votes.other, (CLASSES, CLASSES))
    numbers = {
        "agreement": estimates.share("agreement", votes.one == votes.other, clusters, empty=empty),
        "chance": estimates.of_counts("chance", tables, clusters, _chance, reason=empty),
    }
    if not kept.all():
        numbers["rests on"] = estimates.share("rests on", kept, pairs.clusters[of.item])
    return Row(label, numbers)


def _chance(table: Floats) -> Floats:
    return (table.sum(-1) * table.sum(-2)).sum(-1) / table.sum((-2, -1)) ** 2
