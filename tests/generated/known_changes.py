"""The table: how every number that a card can show answers to each change of a run. It is complete, or the suite fails.

A change's law follows from what the number means, not from what the code gives; where no law can be stated, the row
says why. NUMBERS is the one list of names that the table is held against.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from scipy.stats import binom

from judgebench.score import catalogue, rules
from judgebench.types import Estimate

Near = Mapping[str, Estimate]
"""The numbers of the same scope before the change: the metrics, the numbers about people, or the rule's."""


class Law(NamedTuple):
    """`value` gives what a number becomes, from what it was and the numbers beside it; None where only `words` say why
    nothing can be said."""

    words: str
    value: Callable[[float, Near], float] | None


def _of(near: Near, name: str) -> float:
    value = near[name].value
    assert value is not None, f"{name} is undefined in a run that was made to have it"
    return value


SAME = Law("stays as it is", lambda x, _: x)
COMPLEMENT = Law("becomes 1 - x", lambda x, _: 1 - x)
NEGATED = Law("becomes -x", lambda x, _: -x)
STORED = Law("is of the order that is now the stored one", None)
GONE = Law("has no value", None)


def becomes(partner: str) -> Law:
    return Law(f"becomes {partner}", lambda _, near: _of(near, partner))


def rest_of(whole: str) -> Law:
    """Of pairs without ties and failures that are judged alike in both orders, gold reversed makes the right ones the
    wrong ones."""
    return Law(f"becomes {whole} - x", lambda x, near: _of(near, whole) - x)


def rest_of_one(partner: str) -> Law:
    return Law(f"becomes 1 - {partner}", lambda _, near: 1 - _of(near, partner))


def no_law(why: str) -> Law:
    return Law(why, None)


# What both orders give, by what each gives alone.
MEAN = "mean of the two"
WEIGHTED = "mean of the two by n"
BETWEEN = "between the two"
FIRST_ALONE = "that of the stored order"
OTHER_ALONE = "that of the other order"
PEOPLE = "the same in all three, not about the judge"
NEEDS_BOTH = "nothing in one order"
NO_ORDER = "no law"


class Row(NamedTuple):
    """`mirror`: the responses exchanged, slots kept (ratings: the scale reversed). `exchange`: the same judging, stored
    the other way round. `gold`: gold reversed, where each slot is gold and is chosen equally often, without ties.
    `orders`: what both orders give, by what each gives alone. `again`: every answer given twice. `twice`: every item
    there twice. `counts` is what n counts: `items`, or `answers`, which are more where each is given twice, or `other`
    things, which are not more where the items are."""

    mirror: Law = SAME
    exchange: Law = SAME
    gold: Law = SAME
    orders: str = MEAN
    again: Law = SAME
    twice: Law = SAME
    counts: str = "items"


def _p_of_twice(_: float, near: Near) -> float:
    first, second = (2 * round(_of(near, name) * near[name].n) for name in ("first_bias", "second_bias"))
    return min(1.0, 2 * float(binom.cdf(min(first, second), first + second, 0.5)))


_ALPHA = Law("1 - x grows by (n - 1/2) / (n - 1), n ratings that can be paired", None)
"""Krippendorff takes expected disagreement without replacement; the test knows n."""
_RIGHT = Row(gold=COMPLEMENT)
_RIGHT_ANSWERS = Row(gold=COMPLEMENT, orders=WEIGHTED, counts="answers")
_STEADY = Row(orders=NEEDS_BOTH, counts="answers")
_TWICE_P = Law("is of twice the counts: it takes pairs for independent, as its docstring says", _p_of_twice)

PAIRS: dict[str, Row] = {
    "agreement": _RIGHT,
    "agreement_mde": Row(orders=NO_ORDER),
    "accuracy": _RIGHT_ANSWERS,
    "macro_precision": Row(gold=COMPLEMENT, orders=NO_ORDER),
    "macro_recall": _RIGHT,
    "macro_f1": Row(gold=COMPLEMENT, orders=NO_ORDER),
    "cohen_kappa": Row(gold=NEGATED, orders=NO_ORDER),
    "scott_pi": Row(gold=NEGATED, orders=NO_ORDER),
    # Of three declared categories and two that are used equally often, chance agreement is 1/4 whatever gold is.
    "gwet_ac1": Row(gold=Law("becomes 2/3 - x", lambda x, _: 2 / 3 - x), orders=NO_ORDER),
    "consistency": _STEADY,
    "consistency_kappa": _STEADY,
    "rerun_agreement": Row(orders=BETWEEN, again=no_law("two answers become four"), counts="other answers"),
    "repetition_stability": Row(orders=BETWEEN, counts="other answers"),
    "both_correct": _STEADY._replace(gold=rest_of("consistency")),
    "first_slot_rate": _STEADY._replace(mirror=COMPLEMENT),
    "first_bias": _STEADY._replace(mirror=becomes("second_bias")),
    "second_bias": _STEADY._replace(mirror=becomes("first_bias")),
    "delta_bias": _STEADY._replace(mirror=NEGATED),
    "position_p": _STEADY._replace(again=_TWICE_P, twice=_TWICE_P),
    "tie_rate": Row(orders=WEIGHTED, counts="answers"),
    "gold_tie_rate": Row(orders=PEOPLE),
    "coverage": Row(counts="answers"),
    "label_mass": Row(orders=WEIGHTED, counts="answers"),
    "label_mass_median": Row(orders=BETWEEN, counts="answers"),
    "low_label_mass": Row(orders=WEIGHTED, counts="answers"),
    "placebo": Row(orders=WEIGHTED, counts="answers"),
    "agreement_combined": Row(gold=COMPLEMENT, orders=NEEDS_BOTH),
    # Gold reversed makes right-and-long wrong-and-short: the pull of the factor is where it was.
    "effect_<factor>": Row(),
    "prefer_longer": Row(orders=BETWEEN),
    "length_effect": Row(orders=NO_ORDER, counts="answers"),
    "human_length_effect": Row(orders=PEOPLE),
}
_SINGLE = no_law("a single response has no order")
_NO_GOLD_LAW = no_law("how far a rating is from the other end of the scale says nothing of how far it was from gold")
_FAR = Row(gold=_NO_GOLD_LAW, orders=NO_ORDER)
_FAR_ANSWERS = Row(gold=_NO_GOLD_LAW, orders=NO_ORDER, counts="answers")
_CORRELATED = Row(gold=NEGATED, orders=NO_ORDER, counts="answers")
_NEVER = Row(mirror=GONE, exchange=GONE, gold=GONE, orders=NO_ORDER, again=GONE, twice=GONE)
RATINGS: dict[str, Row] = {
    "agreement": _FAR,
    "agreement_mde": _FAR,
    "exact": _FAR,
    "within_one": _FAR,
    "agr_2_2": _FAR,
    "mae": _FAR_ANSWERS,
    "signed_bias": Row(mirror=NEGATED, gold=_NO_GOLD_LAW, orders=NO_ORDER, counts="answers"),
    "pearson": _CORRELATED,
    "spearman": _CORRELATED,
    "kendall_tau": _CORRELATED,
    "weighted_kappa": _FAR_ANSWERS,
    "weighted_kappa_linear": _FAR_ANSWERS,
    "alpha_with_gold": _FAR_ANSWERS._replace(again=_ALPHA, twice=_ALPHA),
    "consistency": _NEVER,
    "first_slot_rate": _NEVER,
    "coverage": Row(orders=NO_ORDER, counts="answers"),
    "label_mass": Row(orders=NO_ORDER, counts="answers"),
    "label_mass_median": Row(orders=NO_ORDER, counts="answers"),
    "low_label_mass": Row(orders=NO_ORDER, counts="answers"),
}
_MORE_THAN_TWO = no_law("of four responses that which was shown first is now shown last")
SETS: dict[str, Row] = {
    "agreement": Row(),
    "agreement_mde": Row(orders=NO_ORDER),
    "accuracy": Row(orders=WEIGHTED, counts="answers"),
    "top_tie_rate": Row(orders=WEIGHTED, counts="answers"),
    "kendall_tau": Row(orders=WEIGHTED, counts="answers"),
    "consistency": _STEADY,
    "first_slot_rate": Row(mirror=_MORE_THAN_TWO, orders=WEIGHTED, counts="answers"),
    "coverage": Row(counts="answers"),
    "label_mass": Row(orders=WEIGHTED, counts="answers"),
    "label_mass_median": Row(orders=BETWEEN, counts="answers"),
    "low_label_mass": Row(orders=WEIGHTED, counts="answers"),
    "placebo": Row(orders=WEIGHTED, counts="answers"),
    "agreement_combined": Row(orders=NEEDS_BOTH),
}
STEPS: dict[str, Row] = {
    "agreement": Row(),
    "agreement_mde": Row(),
    "accuracy": Row(counts="answers"),
    "detection": Row(),
    "step_accuracy": Row(counts="answers"),
    "step_agreement": Row(counts="answers"),
    "step_f1_right": Row(),
    "step_f1_wrong": Row(),
    "step_macro_f1": Row(),
    "label_mass": Row(counts="answers"),
    "label_mass_median": Row(counts="answers"),
    "low_label_mass": Row(counts="answers"),
    "consistency": _NEVER,
    "first_slot_rate": _NEVER,
    "coverage": Row(counts="answers"),
}
_OTHER_LABEL = no_law("is of another label")
_TWICE = Law("becomes 2 x", lambda x, _: 2 * x)
_OF_LABEL = Row(mirror=_OTHER_LABEL, counts="answers")
# Of labels the mirror is their list from its other end.
CLASSES: dict[str, Row] = {
    "label_mass": Row(counts="answers"),
    "label_mass_median": Row(counts="answers"),
    "low_label_mass": Row(counts="answers"),
    "placebo": Row(counts="answers"),
    "agreement": Row(),
    "agreement_mde": Row(),
    "accuracy": Row(counts="answers"),
    "macro_f1": Row(),
    "mcc": Row(),
    "cohen_kappa": Row(),
    "kappa_minus_phi": Row(),
    "weighted_kappa": Row(),
    "weighted_kappa_linear": Row(),
    "alpha_with_gold": Row(again=_ALPHA, twice=_ALPHA),
    "mae": Row(counts="answers"),
    "signed_bias": Row(mirror=NEGATED, counts="answers"),
    "spearman": Row(counts="answers"),
    "kendall_tau": Row(counts="answers"),
    "majority_agreement": Row(),
    "sensitivity": Row(mirror=becomes("specificity"), counts="answers"),
    "specificity": Row(mirror=becomes("sensitivity"), counts="answers"),
    "precision[A]": _OF_LABEL,
    "recall[A]": _OF_LABEL,
    "f1[A]": Row(mirror=_OTHER_LABEL),
    "confusion[A,B]": Row(mirror=_OTHER_LABEL, again=_TWICE, twice=_TWICE, counts="answers"),
    "coverage": Row(counts="answers"),
}
METRICS = {
    rules.PAIRS: PAIRS, rules.RATINGS: RATINGS, rules.SETS: SETS, rules.STEPS: STEPS, rules.CLASSES: CLASSES,
}  # fmt: skip

_ABOUT_PEOPLE = Row(orders=PEOPLE)
_BESIDE = Row()
_STORED_ONLY = Row(exchange=STORED, orders=FIRST_ALONE)
_PEOPLE_DRAW = no_law("where two people differ upstream takes the second response for their mode")
PEOPLE_OF_PAIRS: dict[str, Row] = {
    "raters": _ABOUT_PEOPLE,
    "human_agreement": _ABOUT_PEOPLE,
    "judge_human_agreement": Row(counts="answers"),
    "human_leave_one_out": _ABOUT_PEOPLE,
    "judge_leave_one_out": _BESIDE,
    "judge_minus_human": _BESIDE,
    "judge_minus_human_mde": Row(orders=NO_ORDER),
    "human_leave_one_out[A]": _ABOUT_PEOPLE,
    "judge_leave_one_out[A]": _BESIDE,
    "fleiss_kappa": _ABOUT_PEOPLE,
    "krippendorff_alpha": Row(orders=PEOPLE, twice=_ALPHA),
    "gwet_ac1": _ABOUT_PEOPLE,
    "cohen_kappa[A,B]": _ABOUT_PEOPLE,
    "alt_test_omega": _STORED_ONLY,
    "alt_test_rho": _STORED_ONLY,
    "alt_test_rho_human": _STORED_ONLY,
    "alt_test_difference": _STORED_ONLY,
    "ceiling_low": _ABOUT_PEOPLE,
    "ceiling_high": _ABOUT_PEOPLE,
    # Of the rules that hold people against people.
    "human_s1": _ABOUT_PEOPLE,
    "human_s2": _ABOUT_PEOPLE,
    "human_cross_annotations": Row(mirror=_PEOPLE_DRAW, exchange=_PEOPLE_DRAW, orders=NO_ORDER),
}
_FIRST_SAMPLE = Row(orders=NO_ORDER)
PEOPLE_OF_RATINGS: dict[str, Row] = {
    "raters": _FIRST_SAMPLE,
    "human_leave_one_out": _FIRST_SAMPLE,
    "judge_leave_one_out": _FIRST_SAMPLE,
    "judge_minus_human": _FIRST_SAMPLE,
    "judge_minus_human_mde": _FIRST_SAMPLE,
    "krippendorff_alpha": Row(orders=NO_ORDER, twice=_ALPHA),
    "human_mae": _FIRST_SAMPLE,
    "judge_human_mae": _FIRST_SAMPLE,
}
PEOPLE_OF_CLASSES = {
    "human_agreement": _FIRST_SAMPLE,
    **{name: row for name, row in PEOPLE_OF_RATINGS.items() if not name.endswith("mae")},
}
HUMAN = {kind: {} for kind in METRICS} | {
    rules.PAIRS: PEOPLE_OF_PAIRS, rules.RATINGS: PEOPLE_OF_RATINGS, rules.CLASSES: PEOPLE_OF_CLASSES,
}  # fmt: skip

# ------------------------------------------------------------------------------------------- the benchmarks' rules

WHOLE = "the number itself"
SUBSET = "<subset>"
"""A part that bears the name of a subset, section, domain, language or group."""

_OF_STORED = Row(exchange=STORED, gold=COMPLEMENT, orders=FIRST_ALONE, counts="any")
_OF_STORED_ALIKE = _OF_STORED._replace(gold=SAME)
_OF_BOTH = Row(gold=COMPLEMENT, orders=NEEDS_BOTH, counts="any")
_STEADY_PART = Row(orders=NEEDS_BOTH, counts="any")
_RIGHT_TWICE = _OF_BOTH._replace(gold=rest_of("consistency"))
_RUN_1 = _OF_STORED._replace(exchange=becomes("run_2"))
_RUN_2 = _OF_STORED._replace(exchange=becomes("run_1"), orders=OTHER_ALONE)
_ONE_VERDICT = Row(orders=NO_ORDER, counts="any")
"""Of the two orders' verdicts together."""
_MACRO = dict.fromkeys(("accuracy", "macro_precision", "macro_recall", "macro_f1"), _OF_STORED)
_JUDGE = {
    name: row._replace(exchange=STORED, orders=FIRST_ALONE, counts="any")
    for name, row in PEOPLE_OF_PAIRS.items()
    if name.startswith("judge_")
}
_RANKED = Row(
    exchange=STORED,
    gold=no_law("another leaderboard, how far from the judge's nobody knows"),
    orders=FIRST_ALONE,
    counts="any",
)
_SET = Row(exchange=STORED, orders=FIRST_ALONE, counts="any")
_STYLE = no_law("an easy pair becomes a hard one that is lost")
_DRAW = no_law("where a judge's two annotations differ upstream takes the second response")
_MORE_OTHERS = no_law("an annotation now has itself among the others")
_MORE_MODELS = no_law("a model takes part if it has more than 100 votes")
_WORTH_MORE = no_law("upstream's t-test takes items for independent")

RULES: dict[tuple[str, str], dict[str, Row]] = {
    ("agreement", rules.PAIRS): {WHOLE: _RIGHT, "without_ties": _RIGHT},
    ("agreement", rules.RATINGS): {WHOLE: _FAR, "within_one": _FAR},
    ("agreement", rules.SETS): {WHOLE: Row()},
    ("agreement", rules.CLASSES): {WHOLE: Row(), "proper": Row()},
    ("order_mean", rules.PAIRS): {
        WHOLE: _OF_BOTH,
        "correct_original": _OF_STORED._replace(exchange=becomes("correct_swapped")),
        "correct_swapped": _OF_STORED._replace(exchange=becomes("correct_original"), orders=OTHER_ALONE),
        "both": _OF_BOTH._replace(gold=rest_of("equal")),
        "equal": _STEADY_PART,
    },
    ("net_vote", rules.PAIRS): {
        WHOLE: _OF_BOTH._replace(gold=no_law("right in one order and wrong in the other is wrong either way")),
        "single_order": _OF_STORED,
    },
    ("both_orders", rules.PAIRS): {WHOLE: _RIGHT_TWICE, "single_order": _OF_STORED, "consistency": _STEADY_PART},
    ("consistent_accuracy", rules.PAIRS): {
        WHOLE: _RIGHT_TWICE,
        "run_1": _RUN_1,
        "run_2": _RUN_2,
        "consistency": _STEADY_PART,
    },
    ("tie_rescue", rules.PAIRS): {
        WHOLE: _RIGHT_TWICE,
        "run_1": _RUN_1,
        "run_2": _RUN_2,
        "consistency": _STEADY_PART,
        SUBSET: _OF_BOTH._replace(gold=no_law("what is steady in one group is not told")),
    },
    ("three_way", rules.PAIRS): {
        WHOLE: Row(gold=COMPLEMENT, orders=NO_ORDER, counts="any"),
        "single_order": _OF_STORED,
        "macro_f1": Row(gold=COMPLEMENT, orders=NO_ORDER, counts="any"),
        "cohen_kappa": Row(gold=NEGATED, orders=NO_ORDER, counts="any"),
    },
    ("single_order", rules.PAIRS): {WHOLE: _OF_STORED},
    ("majority_gold_macro_f1", rules.PAIRS): {WHOLE: _OF_STORED, **_MACRO, **_JUDGE},
    ("vote_agreement", rules.PAIRS): {WHOLE: _ONE_VERDICT, "s1": _ONE_VERDICT, "s2": _ONE_VERDICT},
    ("judgelm", rules.PAIRS): {
        WHOLE: _OF_STORED,
        **_MACRO,
        "consistency": _STEADY_PART,
        "bias_first": _STEADY_PART._replace(mirror=becomes("bias_second")),
        "bias_second": _STEADY_PART._replace(mirror=becomes("bias_first")),
        "total_bias": _STEADY_PART,
        "delta_bias": _STEADY_PART,
    },
    ("rewardbench_generative", rules.PAIRS): {
        WHOLE: _OF_STORED, SUBSET: _OF_STORED, "overall_with_prior": _OF_STORED,
    },
    ("rewardbench_classifier", rules.PAIRS): {
        WHOLE: _OF_STORED, SUBSET: _OF_STORED, "overall_with_prior": _OF_STORED,
    },
    ("m_rewardbench", rules.PAIRS): {WHOLE: _OF_STORED, SUBSET: _OF_STORED},
    ("subset_mean", rules.PAIRS): {WHOLE: _OF_STORED, "micro": _OF_STORED},
    ("ppe_correctness", rules.PAIRS): {WHOLE: _OF_STORED, "micro": _OF_STORED},
    ("rm_bench", rules.PAIRS): {
        WHOLE: _OF_STORED._replace(counts="any other"),
        SUBSET: _OF_STORED,
        "hard": _OF_STORED._replace(gold=rest_of_one("easy"), counts="any other"),
        "normal": _OF_STORED._replace(counts="any other"),
        "easy": _OF_STORED._replace(gold=rest_of_one("hard"), counts="any other"),
    },
    ("rm_bench", rules.SETS): {WHOLE: _SET, SUBSET: _SET, "hard": _SET, "normal": _SET, "easy": _SET},
    ("rewardbench2", rules.SETS): {
        WHOLE: _SET, SUBSET: _SET, "accuracy_tied": _SET, "accuracy_ref": _SET, "preferred": _SET,
        "preferred_hard": _SET, "margin": _SET,
    },
    ("rmb", rules.SETS): {WHOLE: _SET, SUBSET: _SET},
    ("ppe_correctness", rules.SETS): {WHOLE: _SET, "best": _SET},
    ("judgerbench_a", rules.PAIRS): {WHOLE: _OF_STORED},
    ("judgerbench_b", rules.SETS): {WHOLE: _SET, "correlation": _SET},
    ("judgerbench_v2", rules.PAIRS): {
        WHOLE: _RANKED, "accuracy": _OF_STORED, "distance": _RANKED, "paper": _RANKED, "code": _RANKED,
    },
    ("cross_annotations", rules.PAIRS): {
        WHOLE: Row(orders=WEIGHTED, counts="any"),
        "agreement_expected": Row(orders=WEIGHTED, counts="any"),
        "bias": Row(mirror=_DRAW, exchange=_DRAW, orders=NO_ORDER, counts="any"),
        "variance": Row(orders=NO_ORDER, again=_MORE_OTHERS, counts="any"),
        "prefer_longer": _OF_STORED_ALIKE,
        "prefer_lists": _OF_STORED_ALIKE,
        "spearman": Row(orders=NO_ORDER, twice=_MORE_MODELS, counts="any other"),
        "pearson": Row(orders=NO_ORDER, twice=_MORE_MODELS, counts="any other"),
        "prefer_first": _OF_STORED_ALIKE._replace(mirror=COMPLEMENT),
        "decisive": _OF_STORED_ALIKE,
    },
    ("alt_test", rules.PAIRS): {
        WHOLE: Row(orders=NO_ORDER, twice=_WORTH_MORE, counts="any"),
        "rho": _ONE_VERDICT,
        "rho_human": _ONE_VERDICT,
        "advantage_gap": _ONE_VERDICT,
    },
    ("alt_test", rules.RATINGS): {
        WHOLE: Row(orders=NO_ORDER, twice=_WORTH_MORE, counts="any"),
        "rho": _ONE_VERDICT,
        "rho_human": _ONE_VERDICT,
        "advantage_gap": _ONE_VERDICT,
    },
    ("themis", rules.RATINGS): {
        WHOLE: _FAR._replace(counts="any"),
        "mae": _FAR_ANSWERS,
        "exact": _FAR,
        "agr_valid": _FAR_ANSWERS,
        "valid_rate": Row(orders=NO_ORDER, counts="answers"),
        "agr_follows_gold": Row(
            mirror=NEGATED, gold=_NO_GOLD_LAW, orders=NO_ORDER, counts="answers"
        ),
    },
    ("mr_score", rules.STEPS): {
        WHOLE: Row(counts="any"), "mcc": Row(counts="any"), "step_accuracy": Row(counts="any"),
        "reason_accuracy": Row(counts="any"),
    },
    ("prmscore", rules.STEPS): {
        **dict.fromkeys(
            (WHOLE, "f1", "negative_f1", "total_step_acc", "correct_step_acc", "wrong_step_acc", "first_error_acc"),
            Row(counts="any"),
        ),
        "valid_rate": Row(counts="any"), "similarity": Row(counts="any"),
    },
    ("personalized", rules.PAIRS): {
        WHOLE: _OF_STORED,
        "high_accuracy": _OF_STORED,
        "low_accuracy": _OF_STORED,
        "high_coverage": _OF_STORED_ALIKE,
        "read": _OF_STORED_ALIKE,
    },
}  # fmt: skip

# ------------------------------------------------------------------------------------------------ the list of names


def _filled(name: str) -> str:
    """The name of a family as the table has it."""
    bare, bracket, parameters = name.partition("[")
    return bare + ("" if not bracket else "[A,B]" if "," in parameters else "[A]")


def listed() -> dict[tuple[str, str], set[str]]:
    """Every name that the product declares, by scope and kind of verdict. The one place that asks it."""
    people = set(map(_filled, catalogue.PEOPLE))
    return {
        **{("metrics", kind): {_filled(name) for name in names} for kind, names in catalogue.METRICS.items()},
        ("human", "any"): people,
        ("rules", "any"): set(rules.RULES),
        ("parts", "any"): set(catalogue.PARTS),
    }
