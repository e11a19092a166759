"""Error steps: the verdict on a worked solution is the number of its first wrong step, 0 where all are right."""

from __future__ import annotations

from judgebench.score import estimates, sets
from judgebench.score.scored import Scored
from judgebench.types import Estimate


def compute(scored: Scored) -> dict[str, Estimate]:
    return estimates.by_name(*against_gold(scored), *sets.against_itself(scored), sets.coverage(scored))


def against_gold(scored: Scored) -> list[Estimate]:
    judged = scored.with_gold
    gold, step = judged.gold_and_numbers()
    clusters, read, wrong, n = judged.per_trial, judged.flat(judged.read), gold > 0, len(judged)
    hits, empty = gold == step, estimates.NO_GOLD
    return [
        estimates.share("agreement", hits, clusters, empty=empty, n=n),
        estimates.detectable("agreement", hits, clusters, n=n),
        estimates.share("accuracy", hits[read], clusters[read], n=int(read.sum())),
        estimates.share("detection", read & ((step > 0) == wrong), clusters, empty=empty, n=n),
        estimates.share("step_accuracy", hits[wrong], clusters[wrong], empty="no solution is wrong"),
    ]
