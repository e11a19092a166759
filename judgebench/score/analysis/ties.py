"""Ties, orders that disagree, and failures are policy: the same verdicts under each of the rules in use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judgebench.errors import InputError
from judgebench.results import Run
from judgebench.score import estimates
from judgebench.score.analysis.finding import Finding, Row, named, with_gold
from judgebench.score.pairs import FAILED, TIE, Pairs, on_axis
from judgebench.score.rules.ruling import merged
from judgebench.types import Estimate

SAYS = (
    "One set of verdicts, and a score for every rule about ties, orders that disagree, and failures: compare judges "
    "by one rule only. Where a rule leaves pairs out, the second number says how many it rests on."
)


def analyze(runs: Sequence[Run]) -> list[Finding]:
    """One run with pairs and gold."""
    if len(runs) != 1:
        raise InputError("ties is about one run")
    pairs = with_gold(runs[0])
    rows = [_row(pairs, policy, *POLICIES[policy](pairs)) for policy in POLICIES]
    return [Finding(f"{named(runs[0])}: what becomes of ties", SAYS, tuple(rows))]


def _row(pairs: Pairs, policy: str, credit: NDArray[Any], kept: NDArray[Any]) -> Row:
    """`credit` and `kept` are (items, samples) or (items, orders, samples)."""
    if policy in _OF_TWO_ORDERS and pairs.orders != "both":
        reason = f"needs both orders; the run has {pairs.orders}"
        return Row(policy, {"score": estimates.undefined("score", reason)})
    clusters = pairs.per_sample if credit.ndim == 2 else pairs.per_trial
    chosen = kept.ravel()
    numbers: dict[str, Estimate] = {
        "score": estimates.share("score", credit.ravel()[chosen], clusters[chosen], empty="no pair is left"),
    }
    if not chosen.all():
        numbers["rests on"] = estimates.share("rests on", chosen, clusters)
    return Row(policy, numbers)


def _all(shape: tuple[int, ...]) -> NDArray[np.bool_]:
    return np.ones(shape, dtype=np.bool_)


def _both(pairs: Pairs) -> tuple[NDArray[Any], NDArray[Any]]:
    hits = pairs.hits_in_all_orders
    return hits, _all(hits.shape)


def _mean(pairs: Pairs) -> tuple[NDArray[Any], NDArray[Any]]:
    return pairs.hits, _all(pairs.hits.shape)


def _half(pairs: Pairs) -> tuple[NDArray[Any], NDArray[Any]]:
    distance = np.abs(on_axis(pairs.verdicts) - on_axis(pairs.gold)[:, None, None]) / 2
    return np.nan_to_num(1 - distance), _all(distance.shape)


def _given(pairs: Pairs) -> tuple[NDArray[Any], NDArray[Any]]:
    return pairs.hits, pairs.verdicts != FAILED


def _net_vote(pairs: Pairs) -> tuple[NDArray[Any], NDArray[Any]]:
    votes = pairs.net_votes
    return votes > 0, _all(votes.shape)


def _net_vote_half(pairs: Pairs) -> tuple[NDArray[Any], NDArray[Any]]:
    votes = pairs.net_votes
    return (np.sign(votes) + 1) / 2, _all(votes.shape)


def _one_verdict(pairs: Pairs) -> tuple[NDArray[Any], NDArray[Any]]:
    right = (merged(pairs) == pairs.gold)[:, None]
    return right, _all(right.shape)


def _steady(pairs: Pairs) -> tuple[NDArray[Any], NDArray[Any]]:
    first, last = pairs.verdicts[:, 0], pairs.verdicts[:, -1]
    steady = (first == last) & (first != TIE) & (first != FAILED)
    return np.asarray(first == pairs.gold[:, None]), np.asarray(steady)


POLICIES: dict[str, Callable[[Pairs], tuple[NDArray[Any], NDArray[Any]]]] = {
    "right in both orders": _both,
    "net vote, more right than wrong": _net_vote,
    "mean of orders, ties and failures wrong": _mean,
    "mean of orders, failures left out": _given,
    "mean of orders, a tie half right": _half,
    "net vote, even is half right": _net_vote_half,
    "orders that disagree are a tie": _one_verdict,
    "consistent and decisive only": _steady,
}
_OF_TWO_ORDERS = (
    "right in both orders",
    "net vote, more right than wrong",
    "net vote, even is half right",
    "orders that disagree are a tie",
    "consistent and decisive only",
)
