"""Headline rules: each benchmark's own number, by its own rule, reproduced to the printed digit, traps included.

A rule is a function of `Pairs` and the card's settings; the card names it. `headline` looks it up in RULES.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from judgebench.errors import UnknownName
from judgebench.score import estimates, human
from judgebench.score.pairs import CLASSES, FAILED, OPPOSITE, TIE, Pairs, code
from judgebench.stats import agreement
from judgebench.types import Estimate, Headline, HeadlineScore


@dataclass(frozen=True)
class Ruling:
    value: Estimate
    parts: dict[str, Estimate] = field(default_factory=dict)


Rule = Callable[[Pairs, Mapping[str, Any]], Ruling]


def headline(rule: Headline, pairs: Pairs) -> HeadlineScore:
    if rule.rule not in RULES:
        raise UnknownName("headline rule", rule.rule, RULES)
    ruling = RULES[rule.rule](pairs, rule.settings)
    fields = {name: getattr(ruling.value, name) for name in Estimate.__struct_fields__}
    return HeadlineScore(**fields, rule=rule.rule, parts=ruling.parts)


def order_mean(pairs: Pairs, _: Mapping[str, Any]) -> Ruling:
    """LLMBar: the mean of the two orders' accuracies, failures wrong. `equal` counts two failures as agreement, as
    upstream does (LLMEvaluator/evaluate.py); our own `consistency` leaves failures out."""
    pairs = pairs.with_gold
    parts = {"correct_original": _order_share("correct_original", pairs, 0)}
    if pairs.orders != "both":
        return Ruling(_needs_both("order_mean", pairs), parts)
    first, second = pairs.verdicts[:, 0], pairs.verdicts[:, 1]
    parts |= {
        "correct_swapped": _order_share("correct_swapped", pairs, 1),
        "both": _item_share("both", pairs, pairs.hits_in_all_orders),
        "equal": _item_share("equal", pairs, np.equal(first, second)),
    }
    return Ruling(_trial_share("order_mean", pairs, pairs.hits), parts)


def net_vote(pairs: Pairs, _: Mapping[str, Any]) -> Ruling:
    """JudgeBench: +1 for a right verdict, -1 for the opposite one, 0 for a tie or a failure; correct if the two orders
    sum to more than 0 (utils/metrics.py). So right and tie is correct, right and wrong is not."""
    pairs = pairs.with_gold
    single = _order_share("single_order", pairs, 0)
    if pairs.orders != "both":
        return Ruling(_needs_both("net_vote", pairs), {"single_order": single})
    opposed = (pairs.verdicts == OPPOSITE[pairs.gold][:, None, None]) & (pairs.gold != TIE)[:, None, None]
    votes = pairs.hits.astype(int) - opposed
    return Ruling(_item_share("net_vote", pairs, votes.sum(axis=1) > 0), {"single_order": single})


def both_orders(pairs: Pairs, _: Mapping[str, Any]) -> Ruling:
    """Auto-J: gold is hit in both orders; a failure hits nothing."""
    pairs = pairs.with_gold
    parts = {"single_order": _order_share("single_order", pairs, 0)}
    if pairs.orders != "both":
        return Ruling(_needs_both("both_orders", pairs), parts)
    parts["consistency"] = _item_share("consistency", pairs, np.equal(pairs.verdicts[:, 0], pairs.verdicts[:, 1]))
    return Ruling(_item_share("both_orders", pairs, pairs.hits_in_all_orders), parts)


def majority_gold_macro_f1(pairs: Pairs, _: Mapping[str, Any]) -> Ruling:
    """PandaLM: macro F1 over first, second and tie against the majority of the annotators, in the stored order alone;
    whatever upstream's parser could not read counts as a tie (pandalm/utils/pandalm_inference.py)."""
    pairs = pairs.with_gold
    verdicts = pairs.verdicts[:, 0]
    read_as_upstream = np.where(verdicts == FAILED, TIE, verdicts)
    rows = _cells(pairs.gold[:, None], read_as_upstream, CLASSES)
    clusters = pairs.per_sample

    def macro(column: int) -> estimates.Statistic:
        return lambda cells: agreement.precision_recall_f1_from_counts(_square(cells, CLASSES))[..., column]

    def accuracy(cells: NDArray[np.float64]) -> NDArray[Any]:
        return agreement.accuracy_from_counts(_square(cells, CLASSES))

    columns = {"accuracy": accuracy, "macro_precision": macro(0), "macro_recall": macro(1), "macro_f1": macro(2)}
    parts = {
        name: estimates.of_counts(name, rows, clusters, statistic, reason="no items with gold")
        for name, statistic in columns.items()
    }
    compared = human.compute(replace(pairs, orders="single", verdicts=read_as_upstream[:, None]))
    parts |= {name: compared[name] for name in compared if name.startswith("judge_")}
    return Ruling(parts["macro_f1"], parts)


def vote_agreement(pairs: Pairs, settings: Mapping[str, Any]) -> Ruling:
    """MT-Bench: the judge's one verdict against every human vote on the pair (FastChat's compute_agreement.py). The
    two orders make one verdict: theirs if they agree, a tie if not. S1 counts every vote, S2 only pairs of votes of
    which neither is a tie. `raters` restricts the people to ids that begin with it."""
    merged = _merged(pairs)
    prefix = settings.get("raters", "")
    judge, people, rows = [], [], []
    for index, label in enumerate(pairs.labels):
        for rater, verdict in label.raters.items():
            if rater.startswith(prefix) and merged[index] != FAILED:
                judge.append(merged[index])
                people.append(code(verdict))
                rows.append(index)
    return _s1_s2(pairs, np.array(judge, dtype=int), np.array(people, dtype=int), np.array(rows, dtype=int))


def human_vote_agreement(pairs: Pairs, settings: Mapping[str, Any]) -> Ruling:
    """The same between people: every unordered pair of votes on an item."""
    prefix = settings.get("raters", "")
    one, other, rows = [], [], []
    for index, label in enumerate(pairs.labels):
        votes = [code(verdict) for rater, verdict in label.raters.items() if rater.startswith(prefix)]
        for position, vote in enumerate(votes):
            for second in votes[position + 1 :]:
                one.append(vote)
                other.append(second)
                rows.append(index)
    return _s1_s2(pairs, np.array(one, dtype=int), np.array(other, dtype=int), np.array(rows, dtype=int))


def _s1_s2(pairs: Pairs, one: NDArray[Any], other: NDArray[Any], rows: NDArray[Any]) -> Ruling:
    clusters = pairs.clusters[rows]
    equal, decisive = one == other, (one != TIE) & (other != TIE)
    s1 = estimates.share("s1", equal, clusters, empty="no votes")
    s2 = estimates.share("s2", equal[decisive], clusters[decisive], empty="no decisive votes")
    return Ruling(s1, {"s1": s1, "s2": s2})


def _merged(pairs: Pairs) -> NDArray[np.int8]:
    """One verdict an item, of the first sample: what the orders agree on, else a tie; a failure where one failed."""
    first, last = pairs.verdicts[:, 0, 0], pairs.verdicts[:, -1, 0]
    merged: NDArray[np.int8] = np.where(first == last, first, TIE).astype(np.int8)
    merged[(first == FAILED) | (last == FAILED)] = FAILED
    return merged


def _order_share(name: str, pairs: Pairs, order: int) -> Estimate:
    return _item_share(name, pairs, pairs.hits[:, order])


def _item_share(name: str, pairs: Pairs, hits: NDArray[Any]) -> Estimate:
    """`hits` is (items, samples)."""
    return estimates.share(name, hits.ravel(), pairs.per_sample, empty="no items with gold")


def _trial_share(name: str, pairs: Pairs, hits: NDArray[Any]) -> Estimate:
    """`hits` is (items, orders, samples); the trials of an item are one cluster's, and n counts items."""
    return estimates.share(name, hits.ravel(), pairs.per_trial, empty="no items with gold", n=len(pairs))


def _needs_both(name: str, pairs: Pairs) -> Estimate:
    return estimates.undefined(name, f"the rule needs both orders, the run has {pairs.orders}", n=len(pairs))


def _cells(gold: NDArray[Any], verdicts: NDArray[Any], width: int) -> NDArray[np.float64]:
    """One row a trial: its cell in the gold x verdict table."""
    rows = np.broadcast_to(gold, verdicts.shape).ravel().astype(int) * width + verdicts.ravel()
    return estimates.one_hot(rows, CLASSES * width)


def _square(cells: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    return cells.reshape(*cells.shape[:-1], CLASSES, width)


RULES: dict[str, Rule] = {
    rule.__name__: rule for rule in (order_mean, net_vote, both_orders, majority_gold_macro_f1, vote_agreement)
}


def between_people(rule: Headline, pairs: Pairs) -> dict[str, Estimate]:
    """The rule's number for people against people, where the rule has one."""
    if rule.rule != "vote_agreement":
        return {}
    parts = human_vote_agreement(pairs, rule.settings).parts
    return {f"human_{name}": msgspec.structs.replace(part, name=f"human_{name}") for name, part in parts.items()}
