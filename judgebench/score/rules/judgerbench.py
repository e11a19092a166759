"""JudgerBench A and B (opencompass/datasets/subjective/judgerbench.py) and JudgerBenchV2 (icl_judge_evaluator.py)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judgebench.score import estimates
from judgebench.score.pairs import FAILED, FIRST, SECOND, Pairs
from judgebench.score.ratings import pearson_along
from judgebench.score.rules.ruling import Ruling, order_share, side_by_side
from judgebench.score.scored import Scored
from judgebench.stats import rounding

Floats = NDArray[np.float64]
_NO_GOLD = "no items with gold"
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
    gold, said = degrees(judged, judged.gold[:, None, :])[:, 0], degrees(judged, judged.verdicts[:, 0])
    hits = rounding.equal(said, gold[:, None])
    clusters = np.repeat(judged.clusters, said.shape[1])
    value = estimates.share("judgerbench_b", hits.ravel(), clusters, empty=_NO_GOLD, n=len(judged))
    return Ruling(value, {"correlation": _correlation(judged, gold, np.nan_to_num(said), clusters)})


def degrees(judged: Scored, scores: Floats) -> Floats:
    """(items, samples): a single response's number as it is; a pair's lean to the first response from -2 to 2, where
    (1, 0) is much better and (.75, .25) slightly; -1, 0 and 1 in the sets without degrees; NaN for a failure."""
    width = np.array([len(label.lengths) for label in judged.labels])[:, None]
    subset = judged.subsets
    second = scores[..., 1] if scores.shape[-1] > 1 else np.zeros(scores.shape[:-1])
    lean = rounding.difference(scores[..., 0], second)
    graded = np.clip(np.sign(lean) * np.ceil(np.abs(2 * lean) - 1e-9), -2, 2)
    two_sided = np.isin(subset.astype(str), TWO_SIDED)[:, None]
    found: Floats = np.where(width == 1, scores[..., 0], np.where(two_sided, np.sign(lean), graded))
    found[(subset == WILDBENCH)[:, None] & (found == -2)] = -1
    return found


def _correlation(judged: Scored, gold: Floats, said: Floats, clusters: NDArray[Any]) -> Any:
    """One column pair a set and model: the sums of gold's and of the judge's verdicts about the model."""
    models = judged.facet("model")
    sign = np.where(judged.facet("swap") == True, -1.0, 1.0)  # noqa: E712  (an object array)
    keys = [f"{subset}\n{model}" for subset, model in zip(judged.subsets, models, strict=True)]
    names = sorted(set(keys))
    column = {name: index for index, name in enumerate(names)}
    samples = said.shape[1]
    at = np.repeat([column[key] for key in keys], samples)
    where = estimates.one_hot(at, len(names)) if len(at) else np.zeros((0, 1))
    rows = np.hstack(
        [where * np.repeat(sign * gold, samples)[:, None], where * (sign[:, None] * said).ravel()[:, None]]
    )
    sets: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        sets.setdefault(name.partition("\n")[0], []).append(index)

    def statistic(sums: Floats) -> Floats:
        gold, said = np.split(sums, 2, axis=-1)
        mean: Floats = np.mean([pearson_along(gold[..., own], said[..., own]) for own in sets.values()], axis=0)
        return mean

    if not names:
        return estimates.undefined("correlation", _NO_GOLD)
    reason = "a set has fewer than two models, or its sums do not vary"
    return estimates.of_counts("correlation", rows, clusters, statistic, reason=reason, n=len(judged))


# -------------------------------------------------------------------------------------------------------------- V2


def version_2(pairs: Pairs, _: Mapping[str, Any]) -> Ruling:
    """JudgerBenchV2: accuracy over the verdicts that could be read, and how far the ranking of the models by wins is
    from gold's, by category and averaged. `code` (the value) is what OpenCompass computes, (accuracy - distance +
    100) / 2; `paper` is equation 5, accuracy - distance. In the stored order; a tie is no win. A model that the judge
    never prefers has 0 wins, where upstream forgets it."""
    judged = pairs.with_gold
    subsets = judged.facet(lambda label: label.subset)
    names = list(dict.fromkeys(subsets.tolist()))
    blocks = [_category(judged.where(np.asarray(subsets == name, dtype=np.bool_))) for name in names]
    return _version_2(blocks, len(judged))


def version_2_part(pairs: Pairs, _: Mapping[str, Any]) -> Ruling:
    judged = pairs.with_gold
    return _version_2([_category(judged)], len(judged))


def _category(judged: Pairs) -> tuple[Floats, NDArray[Any], int]:
    """(trials, 2 + 2 models): right, read, the judge's wins and gold's wins of each model; clusters; models. Models
    are in the order of their names, which is how upstream breaks ties."""
    models = judged.facet(lambda label: label.facets.get("model"))
    slot = judged.facet(lambda label: label.facets.get("model_slot")).astype(int)
    names = sorted({str(model) for model in models})
    samples = judged.verdicts.shape[2]
    column = np.array([names.index(str(model)) for model in models], dtype=int)
    where = np.repeat(estimates.one_hot(column, len(names)), samples, axis=0) if len(column) else np.zeros((0, 0))
    said, won = judged.verdicts[:, 0], np.where(slot == 0, FIRST, SECOND)
    wins = (said == won[:, None]).ravel()[:, None] * where
    gold_wins = np.repeat(judged.gold == won, samples)[:, None] * where
    read = (said != FAILED).ravel()
    right = judged.hits[:, 0].ravel()
    return np.hstack([right[:, None], read[:, None], wins, gold_wins]), judged.per_sample, len(names)


def _version_2(blocks: list[tuple[Floats, NDArray[Any], int]], n: int) -> Ruling:
    table, columns = side_by_side([block for block, _, _ in blocks])
    sizes = [models for _, _, models in blocks]
    clusters = np.concatenate([where for _, where, _ in blocks]) if blocks else np.zeros(0)

    def over(score: Callable[[Floats, int], Floats]) -> estimates.Statistic:
        each = list(zip(columns, sizes, strict=True))
        return lambda sums: np.mean([score(sums[..., own], models) for own, models in each], axis=0)

    reason = "no verdicts, or fewer than two models in a category"
    forms: dict[str, Callable[[Floats, int], Floats]] = {
        "accuracy": _accuracy,
        "distance": _distance,
        "paper": lambda sums, models: _accuracy(sums, models) - _distance(sums, models),
        "code": lambda sums, models: (_accuracy(sums, models) - _distance(sums, models) + 1) / 2,
    }
    if not blocks or min(sizes) < 2:
        return Ruling(estimates.undefined("judgerbench_v2", reason, n=n))
    parts = {name: estimates.of_counts(name, table, clusters, over(form), reason=reason, n=n)
             for name, form in forms.items()}  # fmt: skip
    return Ruling(parts["code"], parts)


def _accuracy(sums: Floats, _: int) -> Floats:
    return estimates.ratio(sums)


def _distance(sums: Floats, models: int) -> Floats:
    """Mean over models of the rank difference and the score difference, each over its largest value; up to 2."""
    ours, gold = sums[..., 2 : 2 + models], sums[..., 2 + models :]
    # Equals in the order in which they stand: a step too small to change the size of anything else.
    order = 0.5 * np.arange(models)
    ranks = [np.argsort(np.argsort(order - models * rounding.mid_ranks(wins))) for wins in (ours, gold)]
    gaps = np.abs(ours - gold)
    widest = gaps.max(-1, keepdims=True)
    scaled = np.divide(gaps, widest, out=np.zeros_like(gaps), where=widest > 0)
    found: Floats = (np.abs(ranks[0] - ranks[1]) / (models - 1) + scaled).mean(-1)
    return found
