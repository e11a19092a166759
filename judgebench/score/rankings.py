"""Rankings: the order of several responses beside gold's. A verdict is minus the rank, or other numbers so ordered."""

from __future__ import annotations

import numpy as np

from judgebench.score import estimates
from judgebench.score.arrays import Floats
from judgebench.score.scored import Scored
from judgebench.stats.ranking import kendall_tau_from_scores, pairwise_accuracy_from_scores
from judgebench.types import Estimate

_ALIKE = "gold ranks all responses alike, or no item with gold has a verdict"


def of_order(judged: Scored) -> list[Estimate]:
    """Item by item, and the mean over trials. A verdict that ranks all alike has nothing in gold's order, and a tau of
    0; gold that does has no order to be met, and no tau."""
    tau, ordered = order_of(judged)
    read, clusters, n = judged.flat(judged.read), judged.per_trial, len(judged)
    defined, empty = ~np.isnan(tau), estimates.NO_GOLD
    return [
        estimates.mean("kendall_tau", tau[defined], clusters[defined], empty=_ALIKE),
        estimates.share("pair_accuracy", np.where(read, ordered, 0), clusters, empty=empty, n=n),
        estimates.share("same_order", read & (ordered == 1), clusters, empty=empty, n=n),
    ]


def order_of(judged: Scored) -> tuple[Floats, Floats]:
    """Of the trials asked for: Kendall's tau-b of the verdict and gold, and the share of the pairs of responses that
    both put into the same order, a tie meeting a tie."""
    tau, ordered = np.full(judged.trials.shape, np.nan), np.zeros(judged.trials.shape)
    for width in np.unique(judged.widths):
        items = judged.widths == width
        verdicts = judged.verdicts[items, ..., :width]
        gold = np.broadcast_to(judged.gold[items, None, None, :width], verdicts.shape)
        varies = (gold != gold[..., :1]).any(-1) & ~np.isnan(verdicts[..., 0])
        tau[items] = np.where(varies, np.nan_to_num(kendall_tau_from_scores(gold, verdicts)), np.nan)
        ordered[items] = np.nan_to_num(pairwise_accuracy_from_scores(gold, verdicts))
    return judged.flat(tau), judged.flat(ordered)
