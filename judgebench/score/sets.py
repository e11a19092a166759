"""More than two responses: the best of n, or sets in which several are right. And mixtures of single responses and
pairs, where a verdict is right if it says what gold says."""

from __future__ import annotations

import numpy as np

from judgebench.score import estimates
from judgebench.score.arrays import Floats
from judgebench.score.scored import Scored
from judgebench.stats import rounding
from judgebench.stats.ranking import kendall_tau_from_scores
from judgebench.types import Estimate, Kind, question_of


def compute(scored: Scored) -> dict[str, Estimate]:
    ranked = [_tau(scored.with_gold)] if scored.question.kind == Kind.RANKING else []
    return estimates.by_name(*against_gold(scored), *ranked, *against_itself(scored), coverage(scored))


def of_subset(scored: Scored) -> dict[str, Estimate]:
    """The few that are worth a row per subset, for any kind of verdict that is no pair."""
    judged = scored.with_gold
    agreed = _agreement(judged, judged.flat(credit(judged)))
    return estimates.by_name(agreed, against_itself(scored)[0], coverage(scored))


def _agreement(judged: Scored, earned: Floats) -> Estimate:
    return estimates.share("agreement", earned, judged.per_trial, empty=estimates.NO_GOLD, n=len(judged))


def coverage(scored: Scored) -> Estimate:
    return estimates.share("coverage", scored.flat(scored.read), scored.per_trial, empty="nothing was asked")


def against_gold(scored: Scored) -> list[Estimate]:
    judged = scored.with_gold
    earned, read, clusters = judged.flat(credit(judged)), judged.flat(judged.read), judged.per_trial
    tied = rounding.at_top(judged.verdicts).sum(-1) > 1
    return [
        _agreement(judged, earned),
        estimates.detectable("agreement", earned, clusters, n=len(judged)),
        estimates.share("accuracy", earned[read], clusters[read], empty=estimates.NO_VERDICT, n=int(read.sum())),
        estimates.share("top_tie_rate", tied[judged.trials & judged.read], clusters[read]),
    ]


def _tau(judged: Scored) -> Estimate:
    """Of rankings, item by item: Kendall's tau-b with gold, 0 for a verdict that ranks all responses alike. Where gold
    does, no order can be met, and there is none."""
    tau = np.full(judged.trials.shape, np.nan)
    for width in np.unique(judged.widths):
        items = judged.widths == width
        verdicts = judged.verdicts[items, ..., :width]
        gold = np.broadcast_to(judged.gold[items, None, None, :width], verdicts.shape)
        varies = (gold != gold[..., :1]).any(-1) & ~np.isnan(verdicts[..., 0])
        tau[items] = np.where(varies, np.nan_to_num(kendall_tau_from_scores(gold, verdicts)), np.nan)
    there = judged.trials & ~np.isnan(tau)
    clusters = judged.by_trial(judged.clusters)[there]
    return estimates.mean("kendall_tau", tau[there], clusters, empty="no verdict on an item whose gold has an order")


def credit(scored: Scored) -> Floats:
    """(items, orders, samples): of the responses that the judge puts at the top, the share that gold does too; of a
    pair, whether it says what gold says; of a single response, whether its label or its number is gold's. A failure
    earns 0."""
    top = rounding.at_top(scored.verdicts)
    right = rounding.at_top(scored.gold)[:, None, None, :]  # an item without gold has no right response
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (top & right).sum(-1) / top.sum(-1)
    widths = scored.widths[:, None, None]
    labelled = [question_of(label, scored.question).kind == Kind.CLASS for label in scored.labels]
    same_side = (top == right).all(-1)
    same_number = rounding.equal(scored.number(scored.verdicts), scored.number(scored.gold)[:, None, None])
    sides = (widths == 2) | np.array(labelled, dtype=np.bool_)[:, None, None]
    earned = np.select([sides, widths == 1], [same_side, same_number], share).astype(np.float64)
    earned[~scored.read] = 0.0
    return earned


def against_itself(scored: Scored) -> list[Estimate]:
    several = scored.widths > 1
    reason = "upstream kept one verdict for the two orders" if scored.orders == "merged" else None
    if len(scored) and not several.any():
        reason = "a single response has no order"
    if reason is not None:
        return [estimates.undefined(name, reason) for name in ("consistency", "first_slot_rate")]
    top = rounding.at_top(scored.verdicts)
    first = [top[:, 0, :, 0]]
    if scored.verdicts.shape[1] < 2:
        steady = estimates.undefined("consistency", "needs both orders; the run has one")
    else:
        both = (scored.read.all(axis=1) & several[:, None]).ravel()
        same = (top[:, 0] == top[:, 1]).all(-1).ravel()
        empty = "no item has a verdict in both orders"
        steady = estimates.share("consistency", same[both], scored.per_sample[both], empty=empty)
        last = (scored.widths - 1)[:, None, None]
        first.append(np.take_along_axis(top[:, 1], last, axis=-1)[..., 0])
    decisive = (top.sum(-1) == 1) & several[:, None, None] & scored.trials
    hits, clusters = np.stack(first, axis=1)[decisive], scored.by_trial(scored.clusters)[decisive]
    return [steady, estimates.share("first_slot_rate", hits, clusters, empty="no verdict is decisive")]
