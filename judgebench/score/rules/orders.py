"""Rules for pairs shown in both orders: what a verdict in one order and one in the other amount to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from judgebench.score import estimates
from judgebench.score.pairs import CLASSES, FAILED, FIRST, SECOND, TIE, Pairs, cells_of, square
from judgebench.score.rules.ruling import Ruling, item_share, needs_both, order_share, trial_share
from judgebench.stats import agreement, rounding
from judgebench.types import Estimate


def order_mean(pairs: Pairs, _: Mapping[str, Any]) -> Ruling:
    """LLMBar: the mean of the two orders' accuracies, failures wrong. `equal` counts two failures as agreement, as
    upstream does (LLMEvaluator/evaluate.py); our own `consistency` leaves failures out."""
    pairs = pairs.with_gold
    parts = {"correct_original": order_share("correct_original", pairs, 0)}
    if pairs.orders != "both":
        return Ruling(needs_both("order_mean", pairs), parts)
    first, second = pairs.verdicts[:, 0], pairs.verdicts[:, 1]
    parts |= {
        "correct_swapped": order_share("correct_swapped", pairs, 1),
        "both": item_share("both", pairs, pairs.hits_in_all_orders),
        "equal": item_share("equal", pairs, np.equal(first, second)),
    }
    return Ruling(trial_share("order_mean", pairs, pairs.hits), parts)


def net_vote(pairs: Pairs, _: Mapping[str, Any]) -> Ruling:
    """JudgeBench: +1 for a right verdict, -1 for the opposite one, 0 for a tie or a failure; correct if the two orders
    sum to more than 0 (utils/metrics.py). So right and tie is correct, right and wrong is not."""
    pairs = pairs.with_gold
    single = order_share("single_order", pairs, 0)
    if pairs.orders != "both":
        return Ruling(needs_both("net_vote", pairs), {"single_order": single})
    return Ruling(item_share("net_vote", pairs, pairs.net_votes > 0), {"single_order": single})


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
    found = both_orders(pairs, {})
    judged = pairs.with_gold
    parts = {"run_1": order_share("run_1", judged, 0)}
    if pairs.orders == "both":
        parts |= {"run_2": order_share("run_2", judged, 1), "consistency": found.parts["consistency"]}
    return Ruling(_named("consistent_accuracy", found.value), parts)


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
    group_of = judged.facet(lambda label: groups.get(label.subset))
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
    if pairs.orders == "both":
        lean = rounding.side(judged.margins[:, 0], -judged.margins[:, 1])
        verdicts = np.where(np.isnan(lean), FAILED, np.where(lean > 0, FIRST, np.where(lean < 0, SECOND, TIE)))
    rows = cells_of(judged.gold[:, None], verdicts, CLASSES + 1)
    clusters, reason = judged.per_sample, "no items with gold"

    def macro_f1(sums: NDArray[np.float64]) -> NDArray[Any]:
        return agreement.precision_recall_f1_from_counts(square(sums, CLASSES + 1))[..., 2]

    def kappa(sums: NDArray[np.float64]) -> NDArray[Any]:
        return agreement.cohen_kappa_from_counts(square(sums, CLASSES + 1)[..., :CLASSES])

    parts = {
        "single_order": order_share("single_order", judged, 0),
        "macro_f1": estimates.of_counts("macro_f1", rows, clusters, macro_f1, reason=reason),
        "cohen_kappa": estimates.of_counts("cohen_kappa", rows, clusters, kappa, reason="a single label, or none"),
    }
    return Ruling(item_share("three_way", judged, verdicts == judged.gold[:, None]), parts)


def single_order(pairs: Pairs, _: Mapping[str, Any]) -> Ruling:
    """Accuracy in the stored order alone, failures and ties wrong; stored orders are balanced by the adapter."""
    return Ruling(order_share("single_order", pairs.with_gold, 0))


def _named(name: str, estimate: Estimate) -> Estimate:
    return msgspec.structs.replace(estimate, name=name)
