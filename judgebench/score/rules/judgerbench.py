"""JudgerBench A and B (opencompass/datasets/subjective/judgerbench.py) and JudgerBenchV2 (icl_judge_evaluator.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from judgebench.score import estimates
from judgebench.score.arrays import Floats, item_share
from judgebench.score.pairs import FAILED, FIRST, SECOND, Pairs, order_share
from judgebench.score.ratings import pearson_along
from judgebench.score.rules.ruling import Ruling, by_group, side_by_side
from judgebench.score.scored import Scored
from judgebench.stats import rounding
from judgebench.types import Estimate

WILDBENCH = "wildbench"
TWO_SIDED = ("alignment_bench_v1_1", "alpaca_eval")
"""Sets of B whose verdicts have no degrees: A or B."""


def arena(pairs: Pairs, _: Mapping[str, Any]) -> Ruling:
    """JudgerBench A: accuracy in the stored order, failures and ties wrong. How an answer is read (upstream looks for
    an A anywhere, then a B) is the prompt's affair."""
    return Ruling(order_share("judgerbench_a", pairs.with_gold, 0))


def benchmark(scored: Scored, _: Mapping[str, Any]) -> Ruling:
    """JudgerBench B: accuracy is the share of verdicts equal to gold's (GPT-4o's) on the set's own scale, a failure
    wrong; items without gold are out. `correlation` is, for each set, Pearson's over models of the summed verdicts
    about that model (a failure adds 0), averaged over the sets. In WildBench upstream reads B++ as B+; so does this."""
    judged = scored.with_gold
    gold, verdicts = degrees(judged, judged.gold[:, None, :]), degrees(judged, judged.verdicts[:, 0])
    value = item_share("judgerbench_b", judged, rounding.equal(verdicts, gold), n=len(judged))
    return Ruling(value, {"correlation": _correlation(judged, gold, np.nan_to_num(verdicts))})


def degrees(judged: Scored, scores: Floats) -> Floats:
    """(items, samples): a single response's number as it is; a pair's lean to the first response from -2 to 2, where
    (1, 0) is much better and (.75, .25) slightly; -1, 0 and 1 in the sets without degrees; NaN for a failure."""
    second = scores[..., 1] if scores.shape[-1] > 1 else np.zeros(scores.shape[:-1])
    lean = rounding.difference(scores[..., 0], second)
    graded = np.clip(np.sign(lean) * np.ceil(np.abs(2 * lean) - 1e-9), -2, 2)
    two_sided = np.isin(judged.subsets.astype(str), TWO_SIDED)[:, None]
    degree = np.where(judged.widths[:, None] == 1, scores[..., 0], np.where(two_sided, np.sign(lean), graded))
    degree[(judged.subsets == WILDBENCH)[:, None] & (degree == -2)] = -1
    return degree


def _correlation(judged: Scored, gold: Floats, verdicts: Floats) -> Estimate:
    """Of gold's and the judge's sums by set and model; `gold` is (items, 1), `verdicts` (items, samples)."""
    if not len(judged):
        return estimates.undefined("correlation", estimates.NO_GOLD)
    sign = np.where([swap is True for swap in judged.facet("swap")], -1.0, 1.0)[:, None]
    groups = [f"{subset}\n{model}" for subset, model in zip(judged.subsets, judged.facet("model"), strict=True)]
    names = sorted(set(groups))
    both = np.stack(np.broadcast_arrays(sign * gold, sign * verdicts), axis=-1)
    rows = by_group(judged, both.reshape(-1, 2), np.array(groups), names, cells_first=True)
    sets: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        sets.setdefault(name.partition("\n")[0], []).append(index)

    def mean(sums: Floats) -> Floats:
        gold, judge = sums[..., 0, :], sums[..., 1, :]
        return np.mean([pearson_along(gold[..., own], judge[..., own]) for own in sets.values()], axis=0)

    reason = "a set has fewer than two models, or its sums do not vary"
    return estimates.of_counts("correlation", rows, judged.per_sample, mean, reason=reason, n=len(judged))


# -------------------------------------------------------------------------------------------------------------- V2


def version_2(pairs: Pairs, _: Mapping[str, Any]) -> Ruling:
    """JudgerBenchV2: accuracy over the verdicts that could be read, and how far the ranking of the models by wins is
    from gold's, by category and averaged. `code` (the value) is what OpenCompass computes, (accuracy - distance +
    100) / 2; `paper` is equation 5, accuracy - distance. In the stored order; a tie is no win. A model that the judge
    never prefers has 0 wins, where upstream forgets it."""
    judged = pairs.with_gold
    return _over_categories([judged.where(judged.subsets == name) for name in dict.fromkeys(judged.subsets)])


def version_2_part(pairs: Pairs, _: Mapping[str, Any]) -> Ruling:
    return _over_categories([pairs.with_gold])


def _over_categories(categories: list[Pairs]) -> Ruling:
    n, reason = sum(map(len, categories)), "no verdicts, or fewer than two models in a category"
    models = [sorted(set(map(str, judged.facet("model")))) for judged in categories]
    if not categories or min(map(len, models)) < 2:
        return Ruling(estimates.undefined("judgerbench_v2", reason, n=n))
    table, columns = side_by_side([_wins(*category) for category in zip(categories, models, strict=True)])
    clusters = np.concatenate([judged.per_sample for judged in categories])

    def mean(form: estimates.Statistic) -> estimates.Statistic:
        return lambda sums: np.mean([form(sums[..., own]) for own in columns], axis=0)

    forms = {
        "accuracy": mean(estimates.ratio),
        "distance": mean(_distance),
        "paper": mean(lambda sums: estimates.ratio(sums) - _distance(sums)),
        "code": mean(lambda sums: (estimates.ratio(sums) - _distance(sums) + 1) / 2),
    }
    parts = estimates.of_each(forms, table, clusters, reason=reason, n=n)
    return Ruling(parts["code"], parts)


def _wins(judged: Pairs, models: list[str]) -> Floats:
    """(trials, 2 + 2 models): right, read, and the judge's wins and gold's wins of each model, in the order of their
    names, which is how upstream breaks ties."""
    won = np.where(judged.facet("model_slot").astype(int) == 0, FIRST, SECOND)[:, None]
    verdicts = judged.verdicts[:, 0]
    both = np.stack(np.broadcast_arrays(verdicts == won, judged.gold[:, None] == won), axis=-1).reshape(-1, 2)
    wins = by_group(judged, both, judged.facet("model").astype(str), models, cells_first=True)
    return np.column_stack([judged.hits[:, 0].ravel(), (verdicts != FAILED).ravel(), wins.reshape(len(wins), -1)])


def _distance(sums: Floats) -> Floats:
    """Mean over models of the rank difference and the score difference, each over its largest value; up to 2."""
    ours, gold = np.split(sums[..., 2:], 2, axis=-1)
    models = ours.shape[-1]
    # Equals in the order in which they stand: a step too small to change the size of anything else.
    order = 0.5 * np.arange(models)
    ranks = [np.argsort(np.argsort(order - models * rounding.mid_ranks(wins))) for wins in (ours, gold)]
    gaps = np.abs(ours - gold)
    widest = gaps.max(-1, keepdims=True)
    scaled = np.divide(gaps, widest, out=np.zeros_like(gaps), where=widest > 0)
    return (np.abs(ranks[0] - ranks[1]) / (models - 1) + scaled).mean(-1)
