"""Headline rules: each benchmark's own number, by its own rule, reproduced to the printed digit, traps included.

A rule is a function of a run's arrays and the card's settings; the card names it, and `rule` looks it up: in RULES, or
in what other distributions bring.

orders     pairs in both orders          rewards    RewardBench, RM-Bench and their kin
votes      people's votes on pairs       best_of    RewardBench 2, RMB, PPE: best of n, sets with several right
crowd      cross-annotations, alt-test   judgelm, judgerbench, themis, mr_ben, personalized: one family each
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from judgebench import extensions
from judgebench.errors import InputError
from judgebench.score import pairs, scored
from judgebench.score.rules import (
    best_of,
    crowd,
    judgelm,
    judgerbench,
    mr_ben,
    orders,
    personalized,
    plain,
    rewards,
    themis,
    votes,
)
from judgebench.score.rules.ruling import Ruling
from judgebench.types import Estimate, Headline, HeadlineScore, Label

Arrays = pairs.Pairs | scored.Scored
PAIRS, RATINGS, SETS, STEPS = "pairs", "ratings", "sets", "steps"


@dataclass(frozen=True)
class Rule:
    """`whole` scores a run by its kind of verdict; `part`, where a subset is not scored as the whole is, a subset."""

    whole: Mapping[str, Callable[[Any, Mapping[str, Any]], Ruling]]
    part: Mapping[str, Callable[[Any, Mapping[str, Any]], Ruling]]


def _rule(
    whole: Callable[[Any, Mapping[str, Any]], Ruling],
    part: Callable[[Any, Mapping[str, Any]], Ruling] | None = None,
    *,
    task: str = PAIRS,
) -> Rule:
    return Rule({task: whole}, {task: part or whole})


_PLAIN: Mapping[str, Callable[[Any, Mapping[str, Any]], Ruling]] = {
    PAIRS: plain.pairs,
    RATINGS: plain.one_rating,
    SETS: plain.best_of,
}

RULES: dict[str, Rule] = {
    "agreement": Rule(_PLAIN, _PLAIN),
    "order_mean": _rule(orders.order_mean),
    "net_vote": _rule(orders.net_vote),
    "both_orders": _rule(orders.both_orders),
    "consistent_accuracy": _rule(orders.consistent_accuracy),
    "tie_rescue": _rule(orders.tie_rescue),
    "three_way": _rule(orders.three_way),
    "single_order": _rule(orders.single_order),
    "majority_gold_macro_f1": _rule(votes.majority_gold_macro_f1),
    "vote_agreement": _rule(votes.vote_agreement),
    "judgelm": _rule(judgelm.judgelm),
    "rewardbench_generative": _rule(rewards.generative, rewards.generative_part),
    "rewardbench_classifier": _rule(rewards.classifier, rewards.classifier_part),
    "m_rewardbench": _rule(rewards.multilingual, rewards.multilingual_part),
    "subset_mean": _rule(rewards.subset_mean, orders.single_order),
    "rm_bench": Rule(
        {PAIRS: rewards.rm_bench_pairs, SETS: rewards.rm_bench_sets},
        {PAIRS: rewards.rm_bench_pairs_part, SETS: rewards.rm_bench_sets_part},
    ),
    "rewardbench2": _rule(best_of.rewardbench2, best_of.rewardbench2_part, task=SETS),
    "rmb": _rule(best_of.rmb, best_of.rmb_part, task=SETS),
    "ppe_correctness": Rule(
        {PAIRS: rewards.subset_mean, SETS: best_of.ppe_correctness},
        {PAIRS: orders.single_order, SETS: best_of.ppe_correctness_part},
    ),
    "judgerbench_a": _rule(judgerbench.arena),
    "judgerbench_b": _rule(judgerbench.benchmark, task=SETS),
    "judgerbench_v2": _rule(judgerbench.version_2, judgerbench.version_2_part),
    "cross_annotations": _rule(crowd.cross_annotations),
    "alt_test": Rule(
        {PAIRS: crowd.alt_test_pairs, RATINGS: crowd.alt_test_ratings},
        {PAIRS: crowd.alt_test_pairs, RATINGS: crowd.alt_test_ratings},
    ),
    "themis": _rule(themis.themis, task=RATINGS),
    "mr_score": _rule(mr_ben.mr_score, mr_ben.mr_score_part, task=STEPS),
    "personalized": _rule(personalized.personalized),
}


NAMES = extensions.Names("rules", RULES.keys)


def rule(name: str) -> Rule:
    brought = NAMES.find(name)
    if brought is None:
        return RULES[name]
    found: Rule = brought.load(lambda found: isinstance(found, Rule), "a judgebench.score.rules.Rule")
    return found


def task(headline: Headline, labels: Sequence[Label]) -> str:
    """What kind of verdict the items want: pairs, ratings (one response), error steps (likewise, where the rule is
    about steps), or sets, which is everything else, pairs included where the rule takes no pairs."""
    widths = {len(label.lengths) for label in labels}
    ways = rule(headline.rule).whole
    if widths <= {2} and PAIRS in ways:
        return PAIRS
    if widths == {1}:
        return STEPS if STEPS in ways else RATINGS
    return SETS


def headline(wanted: Headline, arrays: Arrays, *, part: bool = False) -> HeadlineScore:
    """The card's number for a run, or for the items of one subset."""
    ways = rule(wanted.rule).part if part else rule(wanted.rule).whole
    kind = PAIRS if isinstance(arrays, pairs.Pairs) else task(wanted, arrays.labels)
    if kind not in ways:
        kind = next((way for way in ways if isinstance(arrays, scored.Scored) and way != PAIRS), kind)
    if kind not in ways:
        raise InputError(f"the rule {wanted.rule} scores {' or '.join(ways)}, and these items are {kind}")
    with extensions.running(NAMES.find(wanted.rule)):
        ruling = ways[kind](arrays, wanted.settings)
    fields = {name: getattr(ruling.value, name) for name in Estimate.__struct_fields__}
    return HeadlineScore(**fields, rule=wanted.rule, parts=ruling.parts)


def between_people(rule: Headline, arrays: Arrays) -> dict[str, Estimate]:
    """The rule's number for people against people, where the rule has one."""
    if not isinstance(arrays, pairs.Pairs):
        return {}
    if rule.rule == "vote_agreement":
        parts = votes.human_vote_agreement(arrays, rule.settings).parts
    elif rule.rule == "cross_annotations":
        parts = crowd.human_cross_annotations(arrays)
    else:
        return {}
    return {f"human_{name}": msgspec.structs.replace(part, name=f"human_{name}") for name, part in parts.items()}
