"""Headline rules: each benchmark's own number, by its own rule, reproduced to the printed digit, traps included.

A rule is functions of a run's arrays and the card's settings, with the records of what they give; the card names it,
and `rule` looks it up: in RULES, or in what other distributions bring.

orders     pairs in both orders          rewards    RewardBench, RM-Bench and their kin
votes      people's votes on pairs       best_of    RewardBench 2, RMB, PPE: best of n, sets with several right
crowd      cross-annotations, alt-test   judgelm, judgerbench, themis, mr_ben, personalized: one family each
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from judgebench import extensions
from judgebench.errors import InputError
from judgebench.score import catalogue, pairs, scored
from judgebench.score.catalogue import PAIRS, PARTS, PEOPLE, RATINGS, SETS, STEPS, Metric, Table, Whose
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
Function = Callable[[Any, Mapping[str, Any]], Ruling]


@dataclass(frozen=True)
class Rule:
    """`whole` scores a run by its kind of verdict; `part`, where a subset is not scored as the whole is, a subset.

    `value` is the record of the score itself: its `answers` say whether a printed score must be k/n. `parts` are those
    of the numbers beside it, and `named_parts` tells whether others bear a subset's, a language's or a group's name.
    `people` is the same number for people against people: its parts are named after the rule's, `human_` before."""

    value: Metric
    whole: Mapping[str, Function]
    part: Mapping[str, Function] = field(default_factory=dict)
    parts: Table = field(default_factory=dict)
    named_parts: bool = False
    people: Function | None = None

    def of_part(self, name: str) -> Metric | None:
        """The record of a part; None where the rule gives no such number."""
        found = catalogue.find(self.parts, name)
        if found is None and self.named_parts:
            return msgspec.structs.replace(
                self.value, name=name, meaning=f"the score of {name} alone", heading=name, answers=0
            )
        return found

    def of_people(self, name: str) -> Metric | None:
        """The record of a number of people against people; None where the rule gives no such number."""
        about = name.removeprefix("human_")
        found = self.value if about == self.value.name else self.parts.get(about)
        if self.people is None or found is None or about == name:
            return None
        meaning = f"the same of people among themselves: {found.meaning}"
        return msgspec.structs.replace(found, name=name, meaning=meaning, whose=Whose.PEOPLE)


def _rule(
    name: str,
    whole: Function | Mapping[str, Function],
    part: Function | Mapping[str, Function] | None = None,
    *,
    task: str = PAIRS,
    answers: int = 0,
    parts: Sequence[str] = (),
    more: Table | None = None,
    named_parts: bool = False,
    people: Function | None = None,
) -> tuple[str, Rule]:
    value = Metric(
        name=name, meaning=f"the benchmark's own score, by its rule {name}", heading="score", answers=answers
    )
    ways = whole if isinstance(whole, Mapping) else {task: whole}
    of_part = part if isinstance(part, Mapping) else {task: part} if part else {}
    records = {part: PARTS[part] for part in parts} | dict(more or {})
    return name, Rule(value, ways, of_part, records, named_parts, people)


_MACRO = ("accuracy", "macro_precision", "macro_recall", "macro_f1")
_BIASES = ("bias_first", "bias_second", "delta_bias", "total_bias")
_JUDGE_AND_PEOPLE = {
    name: PEOPLE[name]
    for name in (
        "judge_human_agreement", "judge_leave_one_out", "judge_minus_human", "judge_minus_human_mde",
        "judge_leave_one_out[<rater>]",
    )
}  # fmt: skip
_OF_THE_READ = msgspec.structs.replace(
    PARTS["accuracy"], meaning="share right of the verdicts that could be read, mean over the categories", answers=0
)

# Without `answers`, no whole number of right answers makes the score: it is a macro mean, a mean of subsets' means, or
# it gives a part of the credit (a share where several responses are right, a half for a tie, a quarter near the mark).
RULES: dict[str, Rule] = dict(
    [
        _rule("agreement", {PAIRS: plain.pairs, RATINGS: plain.one_rating, SETS: plain.best_of},
              parts=("without_ties", "within_one")),
        _rule("order_mean", orders.order_mean, answers=2,
              parts=("correct_original", "correct_swapped", "both", "equal")),
        _rule("net_vote", orders.net_vote, answers=1, parts=("single_order", "pooled_single_order")),
        _rule("both_orders", orders.both_orders, answers=1, parts=("single_order", "consistency")),
        _rule("consistent_accuracy", orders.consistent_accuracy, answers=1, parts=("run_1", "run_2", "consistency")),
        _rule("tie_rescue", orders.tie_rescue, answers=1, parts=("run_1", "run_2", "consistency"), named_parts=True),
        _rule("three_way", orders.three_way, answers=1, parts=("single_order", "macro_f1", "cohen_kappa")),
        _rule("single_order", orders.single_order, answers=1),
        _rule("majority_gold_macro_f1", votes.majority_gold_macro_f1, parts=_MACRO, more=_JUDGE_AND_PEOPLE),
        _rule("vote_agreement", votes.vote_agreement, answers=1, parts=("s1", "s2"), people=votes.human_vote_agreement),
        _rule("judgelm", judgelm.judgelm, answers=1, parts=(*_MACRO, "consistency", *_BIASES)),
        _rule("rewardbench_generative", rewards.generative, rewards.generative_part,
              parts=("overall_with_prior",), named_parts=True),
        _rule("rewardbench_classifier", rewards.classifier, rewards.classifier_part,
              parts=("overall_with_prior",), named_parts=True),
        _rule("m_rewardbench", rewards.multilingual, rewards.multilingual_part, named_parts=True),
        _rule("subset_mean", rewards.subset_mean, orders.single_order, parts=("micro",)),
        _rule("rm_bench", {PAIRS: rewards.rm_bench_pairs, SETS: rewards.rm_bench_sets},
              {PAIRS: rewards.rm_bench_pairs_part, SETS: rewards.rm_bench_sets_part},
              parts=("hard", "normal", "easy"), named_parts=True),
        _rule("rewardbench2", best_of.rewardbench2, best_of.rewardbench2_part, task=SETS,
              parts=best_of.OF_TIES, named_parts=True),
        _rule("rmb", best_of.rmb, best_of.rmb_part, task=SETS, named_parts=True),
        _rule("ppe_correctness", {PAIRS: rewards.subset_mean, SETS: best_of.ppe_correctness},
              {PAIRS: orders.single_order, SETS: best_of.ppe_correctness_part}, parts=("best", "micro")),
        _rule("judgerbench_a", judgerbench.arena, answers=1),
        _rule("judgerbench_b", judgerbench.benchmark, task=SETS, answers=1, parts=("correlation",)),
        _rule("judgerbench_v2", judgerbench.version_2, judgerbench.version_2_part,
              parts=("distance", "paper", "code"), more={"accuracy": _OF_THE_READ}),
        _rule("cross_annotations", crowd.cross_annotations, people=crowd.human_cross_annotations,
              parts=("agreement_expected", "bias", "variance", "prefer_longer", "prefer_lists", "prefer_first",
                     "decisive", "spearman", "pearson")),
        _rule("alt_test", {PAIRS: crowd.alt_test_pairs, RATINGS: crowd.alt_test_ratings},
              parts=("rho", "rho_human", "advantage_gap")),
        _rule("themis", themis.themis, task=RATINGS, parts=("mae", "exact", "agr_valid", "valid_rate",
                                                             "agr_follows_gold")),
        _rule("mr_score", mr_ben.mr_score, mr_ben.mr_score_part, task=STEPS,
              parts=("mcc", "step_accuracy", "reason_accuracy")),
        _rule("personalized", personalized.personalized,
              parts=("high_accuracy", "low_accuracy", "high_coverage", "read")),
    ]
)  # fmt: skip


NAMES = extensions.Names("rules", RULES.keys)


def rule(name: str) -> Rule:
    brought = NAMES.find(name)
    if brought is None:
        return RULES[name]
    found: Rule = brought.load(lambda found: isinstance(found, Rule), "a judgebench.score.rules.Rule")
    with brought.running():
        catalogue.know([found.value, *found.parts.values()])
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
    ways = (part and rule(wanted.rule).part) or rule(wanted.rule).whole
    kind = PAIRS if isinstance(arrays, pairs.Pairs) else task(wanted, arrays.labels)
    if kind not in ways:
        kind = next((way for way in ways if isinstance(arrays, scored.Scored) and way != PAIRS), kind)
    if kind not in ways:
        raise InputError(f"the rule {wanted.rule} scores {' or '.join(ways)}, and these items are {kind}")
    with extensions.running(NAMES.find(wanted.rule)):
        ruling = ways[kind](arrays, wanted.settings)
    fields = {name: getattr(ruling.value, name) for name in Estimate.__struct_fields__}
    return HeadlineScore(**fields, rule=wanted.rule, parts=ruling.parts)


def between_people(wanted: Headline, arrays: Arrays) -> dict[str, Estimate]:
    """The rule's number for people against people, where the rule has one."""
    function = rule(wanted.rule).people
    if function is None or not isinstance(arrays, pairs.Pairs):
        return {}
    parts = function(arrays, wanted.settings).parts
    return {f"human_{name}": msgspec.structs.replace(part, name=f"human_{name}") for name, part in parts.items()}
