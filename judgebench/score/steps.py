"""Error steps: the verdict on a worked solution is the number of its first wrong step, 0 where all are right."""

from __future__ import annotations

from judgebench.score import estimates, ratings
from judgebench.score.scored import Scored
from judgebench.types import Estimate


def compute(scored: Scored) -> dict[str, Estimate]:
    found = [
        *against_gold(scored),
        estimates.undefined("consistency", "a single solution has no order"),
        estimates.undefined("first_slot_rate", "a single solution has no order"),
        ratings.coverage(scored),
    ]
    return {estimate.name: estimate for estimate in found}


def against_gold(scored: Scored) -> list[Estimate]:
    judged = scored.with_gold
    gold, said = judged.flat(judged.gold_by_trial[..., 0]), judged.flat(judged.verdicts[..., 0])
    clusters, given, wrong = judged.per_trial, judged.flat(judged.given), gold > 0
    empty = "no items with gold"
    return [
        estimates.share("agreement", gold == said, clusters, empty=empty, n=len(judged)),
        estimates.detectable("agreement", gold == said, clusters, n=len(judged)),
        estimates.share("accuracy", (gold == said)[given], clusters[given], n=int(given.sum())),
        estimates.share("detection", given & ((said > 0) == wrong), clusters, empty=empty, n=len(judged)),
        estimates.share("step_accuracy", (gold == said)[wrong], clusters[wrong], empty="no solution is wrong"),
    ]
