"""Headline rules: each benchmark's own number, by its own rule, reproduced to the printed digit, traps included.

A rule is functions of a run's arrays and the card's settings, with the records of what they give; the card names it,
and `rule` looks it up: in RULES, or in what other distributions bring.

orders   pairs, in both orders or the stored one    rewards  RewardBench, RM-Bench and their kin
crowd    people: votes, cross-annotations, alt-test  best_of  sets: RewardBench 2, RMB, PPE
single   one response: labels, Themis, MR-Ben, PRMBench
judgerbench  its three editions                      ruling   what rules share
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from judgebench import extensions
from judgebench.errors import InputError
from judgebench.score import catalogue
from judgebench.score.catalogue import CLASSES, PAIRS, PARTS, PEOPLE, RATINGS, SETS, STEPS, Metric, Records, Whose
from judgebench.score.pairs import Pairs
from judgebench.score.rules import best_of, crowd, judgerbench, orders, rewards, single
from judgebench.score.rules.ruling import Function, plain_mean
from judgebench.score.scored import Scored
from judgebench.types import Estimate, Headline, HeadlineScore, Kind, Label, Question, question_of

Arrays = Pairs | Scored
_OF_KIND = {Kind.CLASS: CLASSES, Kind.SCORE: RATINGS, Kind.STEP: STEPS}


@dataclass(frozen=True)
class Rule:
    """`whole` scores a run by its kind of verdict; `part`, where a subset is not scored as the whole is, a subset.

    `value` is the record of the score itself: its `answers` say whether a printed score must be k/n. `parts` are those
    of the numbers beside it, and `named_parts` tells whether others bear a subset's, a language's or a group's name.
    `people` is the same number for people against people: its parts are named after the rule's, `human_` before."""

    value: Metric
    whole: Mapping[str, Function]
    part: Mapping[str, Function] = field(default_factory=dict)
    parts: Records = field(default_factory=dict)
    named_parts: bool = False
    people: Function | None = None

    def of_part(self, name: str) -> Metric | None:
        """The record of a part; None where the rule gives no such number."""
        metric = catalogue.find(self.parts, name)
        if metric is None and self.named_parts:
            return msgspec.structs.replace(
                self.value, name=name, meaning=f"the score of {name} alone", heading=name, answers=0
            )
        return metric

    def of_people(self, name: str) -> Metric | None:
        """The record of a number of people against people; None where the rule gives no such number."""
        about = name.removeprefix("human_")
        metric = self.value if about == self.value.name else self.parts.get(about)
        if self.people is None or metric is None or about == name:
            return None
        meaning = f"the same of people among themselves: {metric.meaning}"
        return msgspec.structs.replace(metric, name=name, meaning=meaning, whose=Whose.PEOPLE)


def _rule(
    name: str,
    whole: Mapping[str, Function],
    part: Mapping[str, Function] | None = None,
    *,
    answers: int = 0,
    **fields: Any,
) -> tuple[str, Rule]:
    meaning = f"the benchmark's own score, by its rule {name}"
    return name, Rule(Metric(name=name, meaning=meaning, heading="score", answers=answers), whole, part or {}, **fields)


def _records(*names: str) -> dict[str, Metric]:
    return {name: PARTS.get(name) or PEOPLE[name] for name in names}


_MACRO = ("accuracy", "macro_precision", "macro_recall", "macro_f1")
_STORED = {PAIRS: orders.single_order}
_OF_THE_READ = msgspec.structs.replace(
    PARTS["accuracy"], meaning="share right of the verdicts that could be read, mean over the categories", answers=0
)

# Without `answers`, no whole number of right answers makes the score: it is a macro mean, a mean of subsets' means, or
# it gives a part of the credit (a share where several responses are right, a half for a tie, a quarter near the mark).
RULES: dict[str, Rule] = dict(
    [
        _rule("agreement", {PAIRS: orders.agreement, RATINGS: single.agreement, CLASSES: single.right_label,
                             SETS: best_of.agreement}, parts=_records("without_ties", "within_one", "proper")),
        _rule("order_mean", {PAIRS: orders.order_mean}, answers=2,
              parts=_records("correct_original", "correct_swapped", "both", "equal")),
        _rule("net_vote", {PAIRS: orders.net_vote}, answers=1, parts=_records("single_order", "pooled_single_order")),
        _rule("both_orders", {PAIRS: orders.both_orders}, answers=1, parts=_records("single_order", "consistency")),
        _rule("consistent_accuracy", {PAIRS: orders.consistent_accuracy}, answers=1,
              parts=_records("run_1", "run_2", "consistency")),
        _rule("tie_rescue", {PAIRS: orders.tie_rescue}, answers=1,
              parts=_records("run_1", "run_2", "consistency"), named_parts=True),
        _rule("three_way", {PAIRS: orders.three_way}, answers=1,
              parts=_records("single_order", "macro_f1", "cohen_kappa")),
        _rule("single_order", _STORED, answers=1),
        _rule("majority_gold_macro_f1", {PAIRS: crowd.majority_gold_macro_f1},
              parts=_records(*_MACRO, "judge_human_agreement", "judge_leave_one_out", "judge_minus_human",
                             "judge_minus_human_mde", "judge_leave_one_out[<rater>]")),
        _rule("vote_agreement", {PAIRS: crowd.vote_agreement}, answers=1, parts=_records("s1", "s2"),
              people=crowd.human_vote_agreement),
        _rule("judgelm", {PAIRS: orders.judgelm}, answers=1,
              parts=_records(*_MACRO, "consistency", "bias_first", "bias_second", "delta_bias", "total_bias")),
        _rule("rewardbench_generative", {PAIRS: rewards.generative},
              {PAIRS: plain_mean("rewardbench_generative", rewards.generative_credit)},
              parts=_records("overall_with_prior"), named_parts=True),
        _rule("rewardbench_classifier", {PAIRS: rewards.classifier},
              {PAIRS: plain_mean("rewardbench_classifier", rewards.classifier_credit)},
              parts=_records("overall_with_prior"), named_parts=True),
        _rule("m_rewardbench", {PAIRS: rewards.multilingual},
              {PAIRS: plain_mean("m_rewardbench", rewards.generative_credit)}, named_parts=True),
        _rule("subset_mean", {PAIRS: rewards.subset_mean}, _STORED, parts=_records("micro")),
        _rule("rm_bench", dict.fromkeys((PAIRS, SETS), rewards.rm_bench),
              dict.fromkeys((PAIRS, SETS), rewards.rm_bench_part),
              parts=_records("hard", "normal", "easy"), named_parts=True),
        _rule("rewardbench2", {SETS: best_of.rewardbench2}, {SETS: best_of.rewardbench2_part},
              parts=_records(*best_of.OF_TIES), named_parts=True),
        _rule("rmb", {SETS: best_of.rmb}, {SETS: best_of.rmb_part}, named_parts=True),
        _rule("ppe_correctness", {PAIRS: rewards.subset_mean, SETS: best_of.ppe_correctness},
              {**_STORED, SETS: best_of.ppe_correctness_part}, parts=_records("best", "micro")),
        _rule("judgerbench_a", {PAIRS: judgerbench.arena}, answers=1),
        _rule("judgerbench_b", {SETS: judgerbench.benchmark}, answers=1, parts=_records("correlation")),
        _rule("judgerbench_v2", {PAIRS: judgerbench.version_2}, {PAIRS: judgerbench.version_2_part},
              parts=_records("distance", "paper", "code") | {"accuracy": _OF_THE_READ}),
        _rule("cross_annotations", {PAIRS: crowd.cross_annotations}, people=crowd.human_cross_annotations,
              parts=_records("agreement_expected", "bias", "variance", "prefer_longer", "prefer_lists", "prefer_first",
                             "decisive", "spearman", "pearson")),
        _rule("alt_test", {PAIRS: crowd.alt_test_pairs, RATINGS: crowd.alt_test_ratings},
              parts=_records("rho", "rho_human", "advantage_gap")),
        _rule("themis", {RATINGS: single.themis},
              parts=_records("mae", "exact", "agr_valid", "valid_rate", "agr_follows_gold")),
        _rule("mr_score", {STEPS: single.mr_score}, {STEPS: single.mr_score_part},
              parts=_records("mcc", "step_accuracy", "reason_accuracy")),
        _rule("prmscore", {STEPS: single.prmscore}, {STEPS: single.prmscore_part},
              parts=_records("f1", "negative_f1", "total_step_acc", "correct_step_acc", "wrong_step_acc",
                             "first_error_acc", "valid_rate", "similarity")),
        _rule("personalized", {PAIRS: orders.personalized},
              parts=_records("high_accuracy", "low_accuracy", "high_coverage", "read")),
    ]
)  # fmt: skip
NAMES = extensions.Names("rules", RULES.keys)


def rule(name: str) -> Rule:
    brought = NAMES.find(name)
    if brought is None:
        return RULES[name]
    loaded: Rule = brought.load(lambda loaded: isinstance(loaded, Rule), "a judgebench.score.rules.Rule")
    with brought.running():
        catalogue.know([loaded.value, *loaded.parts.values()])
    return loaded


def task(headline: Headline, question: Question, labels: Sequence[Label]) -> str:
    """What kind of verdict the items want of a benchmark that declares this question: one of TASKS, `sets` being the
    mixtures, the rankings, and the pairs whose rule takes no pairs."""
    kinds = {question_of(label, question).kind for label in labels} or {question.kind}
    if len(kinds) == 1 and (alone := _OF_KIND.get(*kinds)):
        return alone
    two = kinds == {Kind.PREFERENCE} and all(len(label.lengths) == 2 for label in labels)
    return PAIRS if two and PAIRS in rule(headline.rule).whole else SETS


def headline(wanted: Headline, arrays: Arrays, *, part: bool = False) -> HeadlineScore:
    """The card's number for a run, or for the items of one subset."""
    ways = (part and rule(wanted.rule).part) or rule(wanted.rule).whole
    kind = PAIRS
    if isinstance(arrays, Scored):
        kind = task(wanted, arrays.question, arrays.labels)
        kind = SETS if kind == PAIRS else kind  # the pairs of a mixture
        kind = kind if kind in ways else next((way for way in ways if way != PAIRS), kind)
    if kind not in ways:
        raise InputError(f"the rule {wanted.rule} scores {' or '.join(ways)}, and these items are {kind}")
    with extensions.running(NAMES.find(wanted.rule)):
        ruling = ways[kind](arrays, wanted.settings)
    return HeadlineScore(**msgspec.structs.asdict(ruling.value), rule=wanted.rule, parts=ruling.parts)


def between_people(wanted: Headline, arrays: Arrays) -> dict[str, Estimate]:
    """The rule's number for people against people, where the rule has one."""
    function = rule(wanted.rule).people
    if function is None or not isinstance(arrays, Pairs):
        return {}
    parts = function(arrays, wanted.settings).parts
    return {f"human_{name}": msgspec.structs.replace(part, name=f"human_{name}") for name, part in parts.items()}
