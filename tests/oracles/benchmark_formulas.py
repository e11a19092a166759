"""Formulas of single benchmarks that are functions of numbers alone, named after their source.

They were written from the same sources as `judgebench.score.rules`, by others, and the two are held against each other.
They reproduce what each benchmark prints, traps included. Verdicts on pairs lie on the axis -1 (first response), 0
(tie), +1 (second), in the item's order, NaN or None where the judge failed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from judgebench.stats import _arrays as arrays
from judgebench.stats._arrays import Floats
from judgebench.stats.agreement import accuracy, precision_recall_f1
from judgebench.stats.position import outcomes

__all__ = [
    "JudgeBench",
    "JudgeLM",
    "JudgerBenchV2",
    "RewardBench",
    "RewardBench2Ties",
    "RmBench",
    "judgebench_two_orders",
    "judgelm",
    "judgerbench_v2",
    "mr_score",
    "rewardbench",
    "rewardbench2_best_of_four",
    "rewardbench2_ties",
    "rm_bench",
]


class JudgeBench(NamedTuple):
    """Counts of pairs, and accuracy = correct / n. The three of `net` add up to n, and so do the three of `all`.

    net vote above, below and at 0: correct, incorrect, tie; orders that differ: inconsistent (a failure differs
    from any verdict); with a failure: null; right in both, in neither, in one: all_correct, all_incorrect,
    some_correct.
    """

    correct: int
    incorrect: int
    tie: int
    inconsistent: int
    null: int
    all_correct: int
    all_incorrect: int
    some_correct: int
    n: int
    accuracy: float | None


class JudgeLM(NamedTuple):
    """All shares of the n items that have gold scores; None without any."""

    accuracy: float | None
    precision: float | None
    recall: float | None
    f1: float | None
    consistency: float | None
    bias_first: float | None
    bias_second: float | None
    delta_bias: float | None
    total_bias: float | None
    n: int


class RewardBench(NamedTuple):
    """Section scores, their plain mean, and the paper's mean that adds the prior sets at half weight."""

    sections: dict[str, float]
    overall: float | None
    overall_with_prior: float | None


class RewardBench2Ties(NamedTuple):
    """The score of the Ties subset (up to 1.01) and its five parts."""

    score: float
    tied_accuracy: float
    ref_accuracy: float
    preferred: float
    preferred_hard: float
    margin: float


class RmBench(NamedTuple):
    """Accuracy (3, 3) by style of the chosen (rows) and the rejected response, and means over three kinds of cell."""

    matrix: Floats
    hard: float
    normal: float
    easy: float
    overall: float


class JudgerBenchV2(NamedTuple):
    """Accuracy and distance of one category, both in per cent (the distance up to 200), and the two final scores."""

    accuracy: float
    normalized_diff: float
    paper: float
    code: float


def judgebench_two_orders(gold: ArrayLike, original: ArrayLike, swapped: ArrayLike) -> JudgeBench:
    """ScalerLab's JudgeBench: +1 for a right verdict, -1 for the opposite, 0 else; correct if the orders sum above 0.

    Right and tie is correct, right and wrong is not. Raises ValueError for different lengths, other verdicts, or
    a gold that is not -1 or +1. Source: utils/metrics.py of ScalerLab/JudgeBench.

    >>> result = judgebench_two_orders([-1, -1, 1], [-1, -1, 0], [-1, 1, None])
    >>> result.correct, result.tie, result.null, round(result.accuracy, 4)
    (1, 2, 1, 0.3333)
    """
    truth = arrays.preferences(gold, "gold")
    first, second = arrays.preferences(original, "original"), arrays.preferences(swapped, "swapped")
    arrays.equally_long(gold=truth, original=first, swapped=second)
    if not (np.abs(truth) == 1).all():
        raise ValueError("gold must hold -1 and 1 only")
    n = len(truth)
    net = np.nan_to_num(first * truth) + np.nan_to_num(second * truth)
    right = (first == truth).astype(int) + (second == truth)
    null = np.isnan(first) | np.isnan(second)
    # Two failures are as equal to upstream as two verdicts are.
    differ = (first != second) & ~(np.isnan(first) & np.isnan(second))
    correct = int((net > 0).sum())
    return JudgeBench(
        correct=correct,
        incorrect=int((net < 0).sum()),
        tie=int((net == 0).sum()),
        inconsistent=int(differ.sum()),
        null=int(null.sum()),
        all_correct=int((right == 2).sum()),
        all_incorrect=int((right == 0).sum()),
        some_correct=int((right == 1).sum()),
        n=n,
        accuracy=correct / n if n else None,
    )


def judgelm(gold: ArrayLike, original: ArrayLike, swapped: ArrayLike, *, threshold: float = 0.0) -> JudgeLM:
    """JudgeLM's table from pairs of scores (n, 2): gold, the judge's, and the judge's on the swapped pair *as shown*.

    -1 stands for scores that could not be read. Items whose gold has one are dropped; the judge's own failures
    (-1, -1) stay, as ties, so that a judge that never answers is perfectly consistent: print its failures.
    Raises ValueError for other shapes and different lengths.
    Source: judgelm/llm_judge/eval_model_judgement.py of baaivision/JudgeLM@00c4516.

    >>> judgelm([[8, 6], [5, 5]], [[9, 1], [4, 6]], [[1, 9], [6, 4]]).consistency
    1.0
    """
    truth, first, second = (
        arrays.table(scores, name, "(n, 2)")
        for scores, name in ((gold, "gold"), (original, "original"), (swapped, "swapped"))
    )
    arrays.equally_long(gold=truth, original=first, swapped=second)
    kept = ~(truth == -1).any(1)
    n = int(kept.sum())

    def winner(scores: Floats) -> Floats:
        gap = scores[kept, 1] - scores[kept, 0]
        return np.where(np.abs(gap) > threshold, np.sign(gap), 0.0)

    labels, here, there = winner(truth), winner(first), -winner(second)
    same, before, after = outcomes(here, there).sum(0).tolist()[:3]
    shares = [count / n if n else None for count in (same, before, after, abs(before - after), before + after)]
    macro = precision_recall_f1(labels, here, [-1.0, 0.0, 1.0])
    return JudgeLM(accuracy(labels, here), *macro, shares[0], shares[1], shares[2], shares[3], shares[4], n)


# ------------------------------------------------------------------------------------------------ reward benchmarks


def rewardbench(
    subsets: Mapping[str, float],
    weights: Mapping[str, float],
    sections: Mapping[str, Sequence[str]],
    prior: Mapping[str, float | None] | None = None,
) -> RewardBench:
    """RewardBench's section scores, weighted means of the subsets' accuracies that are there, and both overalls.

    The weights are those of `EXAMPLE_COUNTS`: prompts, but 984 for math-prm's 447. `prior` are the accuracies
    of the prior sets; their mean (those that are None left out) weighs half a section. A section without any
    subset is left out (upstream: 0). Raises ValueError for a subset without a weight.
    Source: rewardbench/utils.py and analysis/get_benchmark_results.py of allenai/reward-bench.

    >>> result = rewardbench({"a": 1.0, "b": 0.5, "c": 0.9}, {"a": 100, "b": 300, "c": 10}, {"X": "ab", "Y": "c"})
    >>> result.sections, round(result.overall, 4)
    ({'X': 0.625, 'Y': 0.9}, 0.7625)
    """
    scores = {}
    for section, names in sections.items():
        present = [name for name in names if name in subsets]
        missing = [name for name in present if name not in weights]
        if missing:
            raise ValueError(f"subset {missing[0]!r} has no weight")
        total = math.fsum(weights[name] for name in present)
        if total > 0:
            scores[section] = math.fsum(weights[name] * subsets[name] for name in present) / total
    if not scores:
        return RewardBench({}, None, None)
    known = [value for value in (prior or {}).values() if value is not None]
    halves = [*(2 * score for score in scores.values()), *([math.fsum(known) / len(known)] if known else [])]
    overall = math.fsum(scores.values()) / len(scores)
    return RewardBench(scores, overall, math.fsum(halves) / (2 * len(scores) + bool(known)))


def rewardbench2_best_of_four(scores: ArrayLike) -> Floats:
    """Credit (n,) for scores (n, k) whose first column is the right completion: 1 / ties if it is a maximum, else 0.

    An unreadable rating is -1; when all are, that gives 1 / k. Raises ValueError unless scores are (n, k).
    Source: reroll_and_score_dataset in rewardbench/utils.py of allenai/reward-bench.

    >>> rewardbench2_best_of_four([[3, 1, 2, 0], [3, 3, 1, 0], [2, 3, 1, 0]]).tolist()
    [1.0, 0.5, 0.0]
    """
    values = arrays.table(scores, "scores", "(n, k)")
    top = values == values.max(1, keepdims=True, initial=-np.inf)
    return arrays.ratio(top[:, 0], top.sum(1)) if values.size else np.zeros(len(values))


def rewardbench2_ties(
    tied: Mapping[Any, tuple[Sequence[float], int]], ref: Mapping[Any, tuple[Sequence[float], int]]
) -> RewardBench2Ties | None:
    """The Ties subset: for each prompt id the completions' scores, right ones first, and how many are right.

    `tied` prompts have several right completions, `ref` prompts one; margins are over ids in both. None when
    either is empty or no id is in both. Raises ValueError for a prompt without right or without wrong ones.
    Source: process_single_model in rewardbench/utils.py of allenai/reward-bench@05a9005.

    >>> tied, ref = {1: ([9, 8, 2], 2), 2: ([5, 9, 6], 2)}, {1: ([9, 3], 1), 2: ([4, 1], 1)}
    >>> result = rewardbench2_ties(tied, ref)
    >>> round(result.score, 4), result.tied_accuracy, result.preferred
    (0.6508, 0.5, 0.5)
    """
    spread, gap_tied = _gaps(tied)
    _, gap_ref = _gaps(ref)
    both = [prompt for prompt in tied if prompt in ref]
    if not both:
        return None
    width = np.array([spread[prompt] for prompt in both])
    apart = np.array([gap_tied[prompt] for prompt in both])
    least = np.minimum(apart, [gap_ref[prompt] for prompt in both])
    with np.errstate(divide="ignore", invalid="ignore"):
        margins = np.nan_to_num(np.tanh(least / width - 1), nan=0.0)
    accuracies = [float(np.mean([gap > 0 for gap in gaps.values()])) for gaps in (gap_tied, gap_ref)]
    parts = (*accuracies, float((apart > width).mean()), float((least > width).mean()), float(margins.mean()))
    score = sum(weight * part for weight, part in zip((0.3, 0.3, 0.2, 0.2, 0.01), parts, strict=True))
    return RewardBench2Ties(score, *parts)


def rm_bench(chosen: ArrayLike, rejected: ArrayLike) -> RmBench | None:
    """RM-Bench: scores (n, 3) of the right and of the wrong responses, styles concise, detailed, with markdown.

    A cell is the share of prompts whose chosen response in the row's style scores above the rejected one in the
    column's. hard: the wrong one has the fancier style; easy: the right one; overall: their mean with the
    diagonal. None without prompts. Raises ValueError unless both are (n, 3).
    Source: scripts/utils.py of THU-KEG/RM-Bench.

    >>> result = rm_bench([[1, 2, 3]], [[0, 1.5, 2.5]])
    >>> round(result.hard, 4), result.normal, result.easy
    (0.0, 1.0, 1.0)
    """
    right, wrong = arrays.table(chosen, "chosen", "(n, 3)"), arrays.table(rejected, "rejected", "(n, 3)")
    if right.shape != wrong.shape or right.shape[1] != 3:
        raise ValueError(f"chosen has the shape {right.shape} and rejected {wrong.shape}; both must be (n, 3)")
    if not len(right):
        return None
    matrix: Floats = (right[:, :, None] > wrong[:, None, :]).mean(0)
    hard = float(matrix[np.triu_indices(3, 1)].mean())
    easy = float(matrix[np.tril_indices(3, -1)].mean())
    normal = float(np.trace(matrix)) / 3
    return RmBench(matrix, hard, normal, easy, (hard + normal + easy) / 3)


# ---------------------------------------------------------------------------------------------------------- others


def mr_score(
    *,
    true_correct: int,
    true_incorrect: int,
    correct: int,
    incorrect: int,
    right_steps: int,
    right_reasons: int,
) -> float | None:
    """MR-Ben's score of one subject: 0.2 max(0, MCC) + 0.3 accuracy of the step + 0.5 accuracy of the reason.

    Of `correct` and `incorrect` solutions the judge recognised true_correct and true_incorrect; of the incorrect
    ones it found so many first wrong steps and reasons. The final score is the plain mean over subjects. None
    without incorrect solutions. Raises ValueError for counts that do not fit. Source: script/utils.py of
    dvlab-research/Mr-Ben.

    >>> counts = dict(true_correct=40, true_incorrect=30, correct=50, incorrect=50, right_steps=20, right_reasons=10)
    >>> round(mr_score(**counts), 4)
    0.3016
    """
    if not (0 <= true_correct <= correct and 0 <= right_reasons <= right_steps <= true_incorrect <= incorrect):
        raise ValueError("0 <= true_correct <= correct and right_reasons <= right_steps <= true_incorrect <= incorrect")
    if not incorrect:
        return None
    missed, passed = correct - true_correct, incorrect - true_incorrect
    below = (true_correct + passed) * correct * incorrect * (true_incorrect + missed)
    mcc = (true_correct * true_incorrect - passed * missed) / math.sqrt(below) if below else 0.0
    return 0.2 * max(0.0, mcc) + 0.3 * right_steps / incorrect + 0.5 * right_reasons / incorrect


def judgerbench_v2(
    right: int, judged: int, wins: Mapping[str, float], gold_wins: Mapping[str, float]
) -> JudgerBenchV2 | None:
    """JudgerBenchV2 of one category: accuracy over the verdicts that could be read, and the distance of two rankings.

    `wins` says how often the judge preferred each model to the base model, `gold_wins` the same of the gold
    verdicts. The distance is the mean over models of rank difference / (models - 1) + score difference / the
    largest one; ties of wins are ranked by name. paper = accuracy - distance (equation 5); code = (that + 100) / 2
    (OpenCompass@a5acc4b). A model that the judge never preferred has 0 wins here, where upstream forgets it and
    pairs the others wrongly. None without verdicts, with fewer than two models, or when they are not the same.

    >>> result = judgerbench_v2(60, 100, {"a": 30, "b": 20, "c": 10}, {"a": 25, "b": 30, "c": 10})
    >>> round(result.normalized_diff, 2), round(result.paper, 2), round(result.code, 2)
    (83.33, -23.33, 38.33)
    """
    models = sorted(gold_wins)
    scores = [[float(table.get(model, 0)) for model in models] for table in (wins, gold_wins)]
    if judged < 1 or len(models) < 2 or not set(wins) <= set(gold_wins):
        return None
    ranks = []
    for table in scores:
        order = sorted(range(len(models)), key=lambda i: (-table[i], models[i]))
        ranks.append([order.index(i) for i in range(len(models))])
    gaps = np.abs(np.subtract(scores[0], scores[1]))
    steps = np.abs(np.subtract(ranks[0], ranks[1])) / (len(models) - 1)
    distance = 100 * float((steps + (gaps / gaps.max() if gaps.max() > 0 else 0)).mean())
    share = 100 * right / judged
    return JudgerBenchV2(share, distance, share - distance, (share - distance + 100) / 2)


def _gaps(
    prompts: Mapping[Any, tuple[Sequence[float], int]],
) -> tuple[dict[Any, float], dict[Any, float]]:
    """For each prompt how far its right completions lie apart, and the worst right above the best wrong one."""
    spread, gap = {}, {}
    for prompt, (scores, right) in prompts.items():
        if not 0 < right < len(scores):
            raise ValueError(f"prompt {prompt!r} has {right} right of {len(scores)} completions; it needs both kinds")
        spread[prompt] = float(max(scores[:right]) - min(scores[:right]))
        gap[prompt] = float(min(scores[:right]) - max(scores[right:]))
    return spread, gap
