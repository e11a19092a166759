"""More than two responses: the best of n, or sets in which several are right. And mixtures of single responses and
pairs, where a verdict is right if it says what gold says."""

from __future__ import annotations

import numpy as np

from judgebench.score import estimates, ratings
from judgebench.score.arrays import Floats
from judgebench.score.scored import Scored
from judgebench.stats import rounding
from judgebench.types import Estimate

_NO_GOLD = "no items with gold"


def compute(scored: Scored) -> dict[str, Estimate]:
    found = [*against_gold(scored), *_against_itself(scored), ratings.coverage(scored)]
    return {estimate.name: estimate for estimate in found}


def of_subset(scored: Scored) -> dict[str, Estimate]:
    """The few that are worth a row per subset, for any kind of verdict that is no pair."""
    judged = scored.with_gold
    earned = judged.flat(credit(judged))
    agreed = estimates.share("agreement", earned, judged.per_trial, empty=_NO_GOLD, n=len(judged))
    return {found.name: found for found in (agreed, _against_itself(scored)[0], ratings.coverage(scored))}


def against_gold(scored: Scored) -> list[Estimate]:
    judged = scored.with_gold
    earned, given = judged.flat(credit(judged)), judged.flat(judged.given)
    clusters, empty = judged.per_trial, "no item with gold has a verdict"
    tied = rounding.at_top(judged.verdicts).sum(-1) > 1
    return [
        estimates.share("agreement", earned, clusters, empty=_NO_GOLD, n=len(judged)),
        estimates.detectable("agreement", earned, clusters, n=len(judged)),
        estimates.share("accuracy", earned[given], clusters[given], empty=empty, n=int(given.sum())),
        estimates.share("top_tie_rate", tied[judged.trials & judged.given], clusters[given]),
    ]


def credit(scored: Scored) -> Floats:
    """(items, orders, samples): of the responses that the judge puts at the top, the share that gold does too; of a
    pair, whether it says what gold says; of a single response, whether its number is gold's. A failure earns 0."""
    top = rounding.at_top(scored.verdicts)
    right = rounding.at_top(scored.gold)[:, None, None, :]  # an item without gold has no right response
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (top & right).sum(-1) / top.sum(-1)
    widths = np.array([len(label.lengths) for label in scored.labels])[:, None, None]
    same_side = (top == right).all(-1)
    same_number = rounding.equal(scored.verdicts[..., 0], scored.gold[:, None, None, 0])
    found: Floats = np.select([widths == 1, widths == 2], [same_number, same_side], share).astype(np.float64)
    found[~scored.given] = 0.0
    return found


def _against_itself(scored: Scored) -> list[Estimate]:
    if scored.orders == "merged":
        reason = "upstream kept one verdict for the two orders"
        return [estimates.undefined(name, reason) for name in ("consistency", "first_slot_rate")]
    top = rounding.at_top(scored.verdicts)
    several = np.array([len(label.lengths) > 1 for label in scored.labels], dtype=np.bool_)
    if scored.verdicts.shape[1] < 2:
        steady = estimates.undefined("consistency", "needs both orders; the run has one")
    else:
        both = (scored.given.all(axis=1) & several[:, None]).ravel()
        same = (top[:, 0] == top[:, 1]).all(-1).ravel()
        clusters = np.repeat(scored.clusters, top.shape[2])
        steady = estimates.share(
            "consistency", same[both], clusters[both], empty="no item has a verdict in both orders"
        )
    first = [top[:, 0, :, 0]]
    last = np.array([len(label.lengths) - 1 for label in scored.labels])
    if scored.verdicts.shape[1] > 1:
        first.append(np.take_along_axis(top[:, 1], last[:, None, None], axis=-1)[..., 0])
    decisive = (top.sum(-1) == 1) & several[:, None, None] & scored.trials
    hits = np.stack(first, axis=1)[decisive]
    clusters = np.broadcast_to(scored.clusters[:, None, None], decisive.shape)[decisive]
    slot = estimates.share("first_slot_rate", hits, clusters, empty="no verdict is decisive")
    return [steady, slot]
