"""Rules for more than two responses: plain agreement, RewardBench 2, RMB, and PPE's correctness sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judgebench.score import estimates, sets
from judgebench.score.arrays import Floats, item_share
from judgebench.score.rules.ruling import Ruling, by_group, counted, side_by_side
from judgebench.score.scored import Scored
from judgebench.stats import rounding
from judgebench.types import Estimate

TIES = "Ties"
_WEIGHTS = {"accuracy_tied": 0.3, "accuracy_ref": 0.3, "preferred": 0.2, "preferred_hard": 0.2, "margin": 0.01}
OF_TIES = tuple(_WEIGHTS)
_ONE_KIND = "no question has both a right and a wrong sample"


def agreement(run: Scored, _: Mapping[str, Any]) -> Ruling:
    """Of the responses that the judge puts at the top, the share that gold does too, a failure earning nothing."""
    return Ruling(sets.against_gold(run)[0])


def rewardbench2(scored: Scored, settings: Mapping[str, Any]) -> Ruling:
    """The plain mean of the domains (`domains` lists them): best of four in five, and the Ties score."""
    judged = scored.with_gold
    subsets, wanted = judged.subsets, list(settings.get("domains", []))
    present = [name for name in wanted if name in subsets]
    blocks = [(_ties_rows if name == TIES else _best_rows)(judged.where(subsets == name)) for name in present]
    table, columns = side_by_side([cells for cells, _ in blocks])

    def of(name: str, own: slice) -> estimates.Statistic:
        score = _ties_score if name == TIES else estimates.ratio
        return lambda sums: score(sums[..., own])

    scores = {name: of(name, own) for name, own in zip(present, columns, strict=True)}
    clusters = np.concatenate([clusters for _, clusters in blocks]) if blocks else np.zeros(0)
    parts = {
        name: estimates.of_counts(name, table, clusters, score, n=int((subsets == name).sum()))
        for name, score in scores.items()
    }
    if present != wanted or not wanted:
        reason = f"needs items of {', '.join(wanted)}; there are {', '.join(present) or 'none'}"
        return Ruling(estimates.undefined("rewardbench2", reason, n=len(judged)), parts)
    mean = estimates.mean_of(scores.values())
    return Ruling(estimates.of_counts("rewardbench2", table, clusters, mean, n=len(judged)), parts)


def rewardbench2_part(scored: Scored, _: Mapping[str, Any]) -> Ruling:
    judged = scored.with_gold
    if len(judged) and set(judged.subsets.tolist()) == {TIES}:
        return _ties(judged)
    cells, clusters = _best_rows(judged)
    return Ruling(estimates.of_counts("rewardbench2", cells, clusters, estimates.ratio, n=len(judged)))


def best_of_n(judged: Scored) -> Floats:
    """(items, samples), in the stored order: the right response's share of the top place; a rating that cannot be read
    loses to any other, and 1/n where the judge failed altogether (rewardbench/utils.py)."""
    scores = judged.verdicts[:, 0]
    right, top = rounding.at_top(judged.gold)[:, None, :], rounding.at_top(scores)
    with np.errstate(invalid="ignore", divide="ignore"):
        credit = (top & right).any(-1) / top.sum(-1)
    return np.where(np.isnan(scores[..., 0]), 1 / judged.widths[:, None], credit)


def _best_rows(judged: Scored) -> tuple[Floats, NDArray[Any]]:
    return counted(best_of_n(judged)), judged.per_sample


# ------------------------------------------------------------------------------------------------------------ Ties


def _ties(judged: Scored) -> Ruling:
    cells, clusters = _ties_rows(judged)
    value = estimates.of_counts("rewardbench2", cells, clusters, _ties_score, reason="no prompt has both variants")
    each = zip(_WEIGHTS, np.split(cells, len(_WEIGHTS), axis=1), strict=True)
    return Ruling(
        value,
        {
            name: estimates.of_counts(name, columns, clusters, estimates.ratio, reason="no such prompts")
            for name, columns in each
        },
    )


def _ties_rows(judged: Scored) -> tuple[Floats, NDArray[Any]]:
    """(prompts x samples, 10): sum and count of each of the five parts. A prompt's two variants, `tied` with several
    right completions and `ref` with one, are paired by the facet `prompt`. What a judge failed on has no margin above
    any: it is wrong in every part. An unreadable completion, upstream a rating of -1, loses to all others."""
    keys = list(zip(judged.facet("variant"), judged.facet("prompt"), strict=True))
    prompts = list(dict.fromkeys(prompt for _, prompt in keys))
    row = {key: index for index, key in enumerate(keys)}
    tied, ref = (
        np.array([row.get((variant, prompt), -1) for prompt in prompts], dtype=np.intp) for variant in ("tied", "ref")
    )
    has_tied, has_ref = tied >= 0, ref >= 0
    gap, spread = _gaps(judged)
    apart, width, least = gap[tied], spread[tied], np.minimum(gap[tied], gap[ref])
    with np.errstate(invalid="ignore", divide="ignore"):
        margin = np.nan_to_num(np.tanh(least / width - 1))  # 0 where that is 0/0
    parts = [
        (rounding.above(apart, 0), has_tied),
        (rounding.above(gap[ref], 0), has_ref),
        *((part, has_tied & has_ref) for part in (rounding.above(apart, width), rounding.above(least, width), margin)),
    ]
    cells = [column * there[:, None] for part, there in parts for column in (part, np.ones_like(part))]
    clusters = np.repeat(judged.clusters[np.where(has_tied, tied, ref)], gap.shape[1])
    return np.stack(cells, axis=-1).reshape(-1, 2 * len(_WEIGHTS)).astype(np.float64), clusters


def _gaps(judged: Scored) -> tuple[Floats, Floats]:
    """(items, samples): the worst right completion above the best wrong one, and how far the right ones lie apart."""
    scores = judged.scores[:, 0]
    right, wrong = (judged.gold > 0)[:, None, :], (judged.gold == 0)[:, None, :]
    low, high = np.where(right, scores, np.inf).min(-1), np.where(right, scores, -np.inf).max(-1)
    best_wrong = np.where(wrong, scores, -np.inf).max(-1)
    failed = np.isnan(scores[..., 0])
    with np.errstate(invalid="ignore"):
        gap, spread = rounding.difference(low, best_wrong), rounding.difference(high, low)
    return np.where(failed, 0.0, gap), np.where(failed, 0.0, spread)


def _ties_score(sums: Floats) -> Floats:
    return (estimates.ratio(sums.reshape(*sums.shape[:-1], -1, 2)) * list(_WEIGHTS.values())).sum(-1)


# ------------------------------------------------------------------------------------------------------------- RMB


def rmb(scored: Scored, _: Mapping[str, Any]) -> Ruling:
    """RMB: the best response must be put above every other one (2410.09893), in the stored order; a tie or a failure is
    wrong. The plain mean of the sets; the sets are the parts."""
    judged = scored.with_gold
    parts = {}
    for name in _sets(judged):
        part = judged.where(judged.subsets == name)
        parts[name] = item_share(name, part, _beats_all(part))
    return Ruling(_mean_of_sets("rmb", judged, _beats_all(judged), reason=estimates.NO_GOLD), parts)


def rmb_part(scored: Scored, _: Mapping[str, Any]) -> Ruling:
    judged = scored.with_gold
    return Ruling(item_share("rmb", judged, _beats_all(judged)))


def _sets(judged: Scored) -> list[str]:
    return sorted({name for name in judged.subsets if name})


def _mean_of_sets(name: str, judged: Scored, credit: NDArray[Any], *, reason: str) -> Estimate:
    """`credit` is (items, samples); NaN does not count."""
    rows = by_group(judged, counted(credit), judged.subsets, _sets(judged))
    clusters, n = judged.per_sample, len(judged)
    return estimates.of_counts(name, rows, clusters, lambda sums: estimates.ratio(sums).mean(-1), reason=reason, n=n)


def _beats_all(judged: Scored) -> NDArray[np.bool_]:
    """(items, samples), in the stored order."""
    scores, right = judged.verdicts[:, 0], (judged.gold > 0)[:, None, :]
    best = np.where(right, scores, -np.inf).max(-1)
    others = np.where(right, -np.inf, np.nan_to_num(scores, nan=-np.inf)).max(-1)
    return rounding.above(best, others)


# ------------------------------------------------------------------------------------------------------------- PPE


def ppe_correctness(scored: Scored, _: Mapping[str, Any]) -> Ruling:
    """PPE's correctness: of all pairs of a right and a wrong sample of a question, the share in which the right one
    scores higher (a tie half), mean over questions, then over the sets. `best` is how often the top sample is right."""
    judged = scored.with_gold
    value = _mean_of_sets("ppe_correctness", judged, _question_accuracy(judged), reason=_ONE_KIND)
    return Ruling(value, {"best": item_share("best", judged, _top_is_right(judged), n=len(judged))})


def ppe_correctness_part(scored: Scored, _: Mapping[str, Any]) -> Ruling:
    judged = scored.with_gold
    accuracy = _question_accuracy(judged).ravel()
    usable = ~np.isnan(accuracy)
    return Ruling(estimates.share("ppe_correctness", accuracy[usable], judged.per_sample[usable], empty=_ONE_KIND))


def _question_accuracy(judged: Scored) -> Floats:
    """(items, samples); NaN where all samples are right or all wrong, 0 where the judge failed."""
    scores = judged.scores[:, 0]
    pairs = (judged.gold > 0)[:, None, :, None] & (judged.gold == 0)[:, None, None, :]
    ahead = np.nan_to_num((rounding.side(scores[..., :, None], scores[..., None, :]) + 1) / 2)
    with np.errstate(invalid="ignore"):
        return (pairs * ahead).sum((-2, -1)) / pairs.sum((-2, -1))


def _top_is_right(judged: Scored) -> Floats:
    """(items, samples): the right ones' share of the samples at the top; 0 where the judge failed."""
    top = rounding.at_top(judged.verdicts[:, 0])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.nan_to_num((top & (judged.gold > 0)[:, None, :]).sum(-1) / top.sum(-1))
