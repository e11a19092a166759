"""Error steps: the verdict on a worked solution is the number of its first wrong step, 0 where all are right; or a
number for each step, how likely it is wrong, from which the first wrong one follows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from judgebench.score import estimates, sets
from judgebench.score.arrays import Floats, Mask
from judgebench.score.scored import Scored
from judgebench.stats import agreement
from judgebench.types import Estimate

RIGHT, WRONG = 0, 1


def compute(scored: Scored) -> dict[str, Estimate]:
    judged = scored.with_gold
    each = of_each(judged) if scored.question.each_step else []
    return estimates.by_name(*against_gold(judged), *each, *sets.against_itself(scored), sets.coverage(scored))


def against_gold(judged: Scored) -> list[Estimate]:
    """Of the first wrong step."""
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


def of_each(judged: Scored) -> list[Estimate]:
    """Of every step of every trial. A failure calls each step what gold does not."""
    rows, clusters = cells(judged), judged.per_sample
    f1 = {"step_f1_right": f1_of(RIGHT), "step_f1_wrong": f1_of(WRONG), "step_macro_f1": macro_f1}
    return [
        estimates.of_counts("step_agreement", rows, clusters, agreement.accuracy_from_counts, n=int(rows.sum())),
        *estimates.of_each(f1, rows, clusters, reason="neither gold nor the judge says so", n=len(judged)).values(),
    ]


def cells(judged: Scored) -> Floats:
    """(items x samples, 2, 2): how many steps a trial has that gold calls right or wrong, and the judge right or
    wrong."""
    there, wrong, called_wrong = steps_of(judged)
    counts = [
        (there & one & other).sum(-1).ravel() for one in (~wrong, wrong) for other in (~called_wrong, called_wrong)
    ]
    return np.stack(counts, axis=1).reshape(-1, 2, 2).astype(np.float64)


def steps_of(judged: Scored) -> tuple[Mask, Mask, Mask]:
    """Each (items, samples, steps): whether there is such a step, whether gold calls it wrong, and whether the judge
    does; of a step without a number, as of all steps of a failure, the judge says what gold does not."""
    gold, said = np.broadcast_arrays(judged.gold[:, None, :], judged.verdicts[:, 0])
    wrong = judged.is_wrong(gold)
    return ~np.isnan(gold), wrong, np.where(np.isnan(said), ~wrong, judged.is_wrong(said))


def f1_of(kind: int) -> Callable[[Floats], Floats]:
    """Of the right or of the wrong steps; NaN where there are none and none is called so."""
    return lambda table: agreement.class_scores_from_counts(table)[..., kind, 2]


def macro_f1(table: Floats) -> Floats:
    """The mean of both."""
    return (f1_of(RIGHT)(table) + f1_of(WRONG)(table)) / 2
