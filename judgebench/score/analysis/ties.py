"""Ties, orders that disagree, and failures are policy: the same verdicts under each of the rules in use. And MT-Bench's
two settings: S1 counts every pair of votes, S2 those of which neither is a tie."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from judgebench.errors import InputError
from judgebench.results import Run
from judgebench.score import estimates
from judgebench.score.analysis.finding import Finding, Row, named, only, pairs_of, with_gold
from judgebench.score.arrays import Floats
from judgebench.score.forced import combined
from judgebench.score.pairs import CLASSES, FAILED, TIE, Pairs, on_axis
from judgebench.score.rules.crowd import Votes, judge_votes, people_votes
from judgebench.score.rules.ruling import merged
from judgebench.types import Estimate

SAYS = (
    "One set of verdicts, and a score for every rule about ties, orders that disagree, and failures: compare judges "
    "by one rule only. Where a rule leaves pairs out, the second number says how many it rests on."
)
SETTINGS = (
    "How often judge and person, and two persons, vote alike. S2 looks better because it leaves out every vote where "
    "either side says tie, and which those are differs between judges: compare S1, or S2 with what it rests on. Chance "
    "is what two who vote that often for first, second and tie would reach by luck."
)


class Policy(NamedTuple):
    """`credit` and `kept` (where not all are) give (items, samples) or (items, orders, samples). `both`: it takes both
    orders; `soft`: it takes the probabilities of forced verdicts."""

    credit: Callable[[Pairs], NDArray[Any]]
    kept: Callable[[Pairs], NDArray[Any]] | None = None
    both: bool = False
    soft: bool = False


def analyze(runs: Sequence[Run]) -> list[Finding]:
    """One run with pairs and gold."""
    run = only(runs, "ties")
    pairs = with_gold(run)
    soft = not np.isnan(pairs.ties).all()
    rows = [_row(pairs, name, policy) for name, policy in POLICIES.items() if soft or not policy.soft]
    return [Finding(f"{named(run)}: what becomes of ties", SAYS, tuple(rows))]


def _row(pairs: Pairs, name: str, policy: Policy) -> Row:
    if policy.both and pairs.orders != "both":
        reason = f"needs both orders; the run has {pairs.orders}"
        return Row(name, {"score": estimates.undefined("score", reason)})
    credit = policy.credit(pairs)
    clusters = pairs.per_sample if credit.ndim == 2 else pairs.per_trial
    kept = np.ones(credit.size, dtype=np.bool_) if policy.kept is None else policy.kept(pairs).ravel()
    numbers: dict[str, Estimate] = {
        "score": estimates.share("score", credit.ravel()[kept], clusters[kept], empty="no pair is left"),
    }
    if not kept.all():
        numbers["rests on"] = estimates.share("rests on", kept, clusters)
    return Row(name, numbers)


def _half(pairs: Pairs) -> NDArray[Any]:
    distance = np.abs(on_axis(pairs.verdicts) - on_axis(pairs.gold)[:, None, None]) / 2
    return np.nan_to_num(1 - distance)


def _steady(pairs: Pairs) -> NDArray[Any]:
    first, last = pairs.verdicts[:, 0], pairs.verdicts[:, -1]
    return np.asarray((first == last) & (first != TIE) & (first != FAILED))


def _once(pairs: Pairs, *, log_odds: bool = False) -> NDArray[Any]:
    once = combined(pairs, log_odds=log_odds)
    return pairs.hits[:, 0] if once is None else once.hits[:, 0]


POLICIES = {
    "both orders' probabilities averaged": Policy(_once, both=True, soft=True),
    "both orders' log-odds averaged": Policy(lambda pairs: _once(pairs, log_odds=True), both=True, soft=True),
    "right in both orders": Policy(lambda pairs: pairs.hits_in_all_orders, both=True),
    "net vote, more right than wrong": Policy(lambda pairs: pairs.net_votes > 0, both=True),
    "mean of orders, ties and failures wrong": Policy(lambda pairs: pairs.hits),
    "mean of orders, failures left out": Policy(lambda pairs: pairs.hits, lambda pairs: pairs.verdicts != FAILED),
    "mean of orders, a tie half right": Policy(_half),
    "net vote, even is half right": Policy(lambda pairs: (np.sign(pairs.net_votes) + 1) / 2, both=True),
    "orders that disagree are a tie": Policy(lambda pairs: (merged(pairs) == pairs.gold)[:, None], both=True),
    "consistent and decisive only": Policy(
        lambda pairs: pairs.verdicts[:, 0] == pairs.gold[:, None], kept=_steady, both=True
    ),
}


def settings(runs: Sequence[Run]) -> list[Finding]:
    """One run on a benchmark whose votes are named by person."""
    run = only(runs, "settings")
    pairs = pairs_of(run)
    if not any(label.raters for label in pairs.labels):
        raise InputError(f"{named(run)}: S1 and S2 hold a judge against people's votes; here are none")
    subsets = sorted({name for name in pairs.subsets if name})
    rows = list(_by_setting("", pairs))
    for subset in subsets if len(subsets) > 1 else ():
        rows += _by_setting(f"{subset}: ", pairs.where(pairs.subsets == subset))
    return [Finding(f"{named(run)}: votes with and without ties", SETTINGS, tuple(rows))]


def _by_setting(prefix: str, pairs: Pairs) -> Iterator[Row]:
    for who, votes in (("judge", judge_votes(pairs)), ("people", people_votes(pairs))):
        decisive = (votes.one != TIE) & (votes.other != TIE)
        for setting, kept in (("S1", np.ones_like(decisive)), ("S2", decisive)):
            yield _of_votes(f"{prefix}{who}, {setting}", pairs, votes.where(kept), kept, votes)


def _of_votes(label: str, pairs: Pairs, votes: Votes, kept: np.ndarray, of: Votes) -> Row:
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
