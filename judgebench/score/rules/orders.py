"""Rules for pairs: what a verdict in one order and one in the other amount to, or the stored order alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from judgebench.score import estimates
from judgebench.score.arrays import Floats, item_share
from judgebench.score.forced import combined
from judgebench.score.pairs import CLASSES, FAILED, TIE, Pairs, codes, on_axis, order_share, trial_share
from judgebench.score.rules.ruling import Ruling, needs_both, three_class_columns
from judgebench.stats import agreement as kappas
from judgebench.stats import rounding


def agreement(pairs: Pairs, _: Mapping[str, Any]) -> Ruling:
    """Verdicts equal to gold, all orders alike, a failure wrong. Where gold has ties, `without_ties` leaves those pairs
    out; a judge's tie on the others is wrong."""
    judged = pairs.with_gold
    decisive = judged.gold != TIE
    parts = {} if decisive.all() else {"without_ties": trial_share("without_ties", judged.where(decisive))}
    return Ruling(trial_share("agreement", judged), parts)


def order_mean(pairs: Pairs, _: Mapping[str, Any]) -> Ruling:
    """LLMBar: the mean of the two orders' accuracies, failures wrong. `equal` counts two failures as agreement, as
    upstream does (LLMEvaluator/evaluate.py); our own `consistency` leaves failures out."""
    pairs = pairs.with_gold
    parts = {"correct_original": order_share("correct_original", pairs, 0)}
    if pairs.orders != "both":
        return Ruling(needs_both("order_mean", pairs), parts)
    parts |= {
        "correct_swapped": order_share("correct_swapped", pairs, 1),
        "both": item_share("both", pairs, pairs.hits_in_all_orders),
        "equal": item_share("equal", pairs, np.equal(pairs.verdicts[:, 0], pairs.verdicts[:, 1])),
    }
    return Ruling(trial_share("order_mean", pairs), parts)


def net_vote(pairs: Pairs, _: Mapping[str, Any]) -> Ruling:
    """JudgeBench: +1 for a right verdict, -1 for the opposite one, 0 for a tie or a failure; correct if the two orders
    sum to more than 0 (utils/metrics.py). So right and tie is correct, right and wrong is not."""
    pairs = pairs.with_gold
    parts = {"single_order": order_share("single_order", pairs, 0)}
    if pairs.orders != "both":
        return Ruling(needs_both("net_vote", pairs), parts)
    return Ruling(item_share("net_vote", pairs, pairs.net_votes > 0), parts)


def both_orders(pairs: Pairs, _: Mapping[str, Any]) -> Ruling:
    """Auto-J: gold is hit in both orders; a failure hits nothing."""
    pairs = pairs.with_gold
    parts = {"single_order": order_share("single_order", pairs, 0)}
    if pairs.orders != "both":
        return Ruling(needs_both("both_orders", pairs), parts)
    parts["consistency"] = item_share("consistency", pairs, np.equal(pairs.verdicts[:, 0], pairs.verdicts[:, 1]))
    return Ruling(item_share("both_orders", pairs, pairs.hits_in_all_orders), parts)


def consistent_accuracy(pairs: Pairs, _: Mapping[str, Any]) -> Ruling:
    """ContextualJudgeBench: right in both orders. `consistency` counts two failures as agreement, as upstream does;
    `run_1` and `run_2` are the accuracies of either order (utils/utils.py)."""
    in_both = both_orders(pairs, {})
    judged = pairs.with_gold
    parts = {"run_1": order_share("run_1", judged, 0)}
    if pairs.orders == "both":
        parts |= {"run_2": order_share("run_2", judged, 1), "consistency": in_both.parts["consistency"]}
    return Ruling(msgspec.structs.replace(in_both.value, name="consistent_accuracy"), parts)


def tie_rescue(pairs: Pairs, settings: Mapping[str, Any]) -> Ruling:
    """ReasoningJudgeBench: right in both orders, or right in one and tied in the other; a tie in one order takes the
    other order's verdict (utils/utils.py). A failure rescues nothing, except that it too gives way to a tie in the
    other order: then the pair counts as consistent and wrong. `groups` maps subsets to the four printed groups."""
    judged = pairs.with_gold
    parts = {"run_1": order_share("run_1", judged, 0)}
    if pairs.orders != "both":
        return Ruling(needs_both("tie_rescue", judged), parts)
    first, second = judged.verdicts[:, 0], judged.verdicts[:, 1]
    decided = np.where(first == TIE, second, first)
    steady = (first == second) | (first == TIE) | (second == TIE)
    right = steady & (decided == judged.gold[:, None])
    parts |= {"run_2": order_share("run_2", judged, 1), "consistency": item_share("consistency", judged, steady)}
    groups = settings.get("groups", {})
    group_of = np.array([groups.get(subset) for subset in judged.subsets], dtype=object)
    for group in dict.fromkeys(groups.values()):
        inside = group_of == group
        if inside.any():
            parts[group] = item_share(group, judged.where(inside), right[inside])
    return Ruling(item_share("tie_rescue", judged, right), parts)


def three_way(pairs: Pairs, _: Mapping[str, Any]) -> Ruling:
    """FairEval and LLMEval2: accuracy over first, second and tie, with Cohen's kappa and macro F1. The two orders'
    scores are averaged before they are compared (balanced position calibration, FairEval.py); a pair with a failure
    is wrong. `single_order` is the stored order alone."""
    judged = pairs.with_gold
    verdicts = judged.verdicts[:, 0]
    if (once := combined(judged)) is not None:  # forced, so that a tie may be the likeliest
        verdicts = once.verdicts[:, 0]
    elif pairs.orders == "both":
        verdicts = codes(rounding.side(judged.margins[:, 0], -judged.margins[:, 1]))
    rows = estimates.crossed(judged.gold[:, None], verdicts, (CLASSES, CLASSES + 1))
    clusters = judged.per_sample

    def macro_f1(table: Floats) -> Floats:
        return kappas.precision_recall_f1_from_counts(table)[..., 2]

    def kappa(table: Floats) -> Floats:
        return kappas.cohen_kappa_from_counts(table[..., :CLASSES])

    parts = {
        "single_order": order_share("single_order", judged, 0),
        "macro_f1": estimates.of_counts("macro_f1", rows, clusters, macro_f1),
        "cohen_kappa": estimates.of_counts("cohen_kappa", rows, clusters, kappa, reason="a single label, or none"),
    }
    return Ruling(item_share("three_way", judged, verdicts == judged.gold[:, None]), parts)


def single_order(pairs: Pairs, _: Mapping[str, Any]) -> Ruling:
    """Accuracy in the stored order alone, failures and ties wrong; stored orders are balanced by the adapter."""
    return Ruling(order_share("single_order", pairs.with_gold, 0))


def judgelm(pairs: Pairs, _: Mapping[str, Any]) -> Ruling:
    """JudgeLM's table: accuracy and macro P, R and F1 in the stored order; consistency and the biases to either slot
    over both orders (judgelm/llm_judge/eval_model_judgement.py). Items whose gold could not be read are out. What the
    judge's parser could not read counts as a tie, so a judge that never answers is perfectly consistent: look at the
    coverage. `delta_bias` has no sign. Macro means run over the labels that occur in gold or among the verdicts."""
    pairs = pairs.with_gold
    verdicts, clusters = np.where(pairs.verdicts == FAILED, TIE, pairs.verdicts), pairs.per_sample
    parts = three_class_columns(pairs.gold[:, None], verdicts[:, 0], clusters)
    if pairs.orders != "both":
        first = {"accuracy": parts["accuracy"], "consistency": needs_both("consistency", pairs)}
        return Ruling(parts["accuracy"], first | parts)
    lean = on_axis(verdicts[:, 0]) - on_axis(verdicts[:, 1])  # below 0: the first slot's response gained
    shares = {"consistency": lean == 0, "bias_first": lean < 0, "bias_second": lean > 0, "total_bias": lean != 0}
    parts |= {name: item_share(name, pairs, hits) for name, hits in shares.items()}
    sides = np.stack([lean.ravel() < 0, lean.ravel() > 0, np.ones(lean.size)], axis=1)
    parts["delta_bias"] = estimates.of_counts(
        "delta_bias", sides, clusters, lambda sums: np.abs(sums[..., 0] - sums[..., 1]) / sums[..., 2]
    )
    return Ruling(parts["accuracy"], parts)


def personalized(pairs: Pairs, settings: Mapping[str, Any]) -> Ruling:
    """Personalized judges (2406.11657), on what one person would choose: accuracy in the stored order over the answers
    that could be read (upstream asks up to four times and drops the rest), above and below `threshold` of stated
    certainty (0.8). No certainty is certainty 0. `high_coverage` is the share of the read answers above the threshold:
    without it a high accuracy says little."""
    judged = pairs.with_gold
    threshold = settings.get("threshold", 0.8)
    read = (judged.verdicts[:, 0] != FAILED).ravel()
    hits, clusters = judged.hits[:, 0].ravel()[read], judged.per_sample[read]
    certain = rounding.at_least(np.nan_to_num(judged.confidence[:, 0].ravel()[read]), threshold)
    none, empty = f"no answer is {threshold:.0%} certain", "no answer could be read"
    parts = {
        "high_accuracy": estimates.share("high_accuracy", hits[certain], clusters[certain], empty=none),
        "low_accuracy": estimates.share(
            "low_accuracy", hits[~certain], clusters[~certain], empty="every answer is certain"
        ),
        "high_coverage": estimates.share("high_coverage", certain, clusters, empty=empty),
        "read": item_share("read", judged, read),
    }
    return Ruling(estimates.share("personalized", hits, clusters, empty=empty), parts)
