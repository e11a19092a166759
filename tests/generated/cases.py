"""One made-up run for every headline rule and kind of verdict, in the shape that the rule wants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from made_up_runs import MadeUp, classes, each_step, forced, merged_pairs, pairs, rankings, ratings, sets, steps

from judgebench.types import Kind, Question

_SECTIONS = (
    "alpacaeval-easy", "mt-bench-med", "llmbar-natural", "refusals-dangerous", "donotanswer", "math-prm", "hep-python",
    "shp", "summarize",
)  # fmt: skip
_DOMAINS = {"chat": "chat", "safe-1": "safety", "safe-2": "safety"}
_THREE = Question(kind=Kind.CLASS, labels=("low", "mid", "high"), ordered=True)
_WEIGHTS = {"weights": {"math-prm": 40}}


def _three_people(**fields: Any) -> MadeUp:
    """Of three who cannot say tie and skip nothing, no two verdicts share the mode."""
    chosen = {"people": ("ann", "bob", "cyd"), "skipped": 0.0, "items": 200, **fields, "ties": False}
    return pairs("cross_annotations", **chosen)


CASES: dict[str, Callable[..., MadeUp]] = {
    "pairs": pairs,
    "pairs, complete people": lambda **fields: pairs(seed=11, skipped=0.0, people=("ann", "bob", "cyd"), **fields),
    "order_mean": lambda **fields: pairs("order_mean", **fields),
    "net_vote": lambda **fields: pairs("net_vote", **fields),
    "both_orders": lambda **fields: pairs("both_orders", **fields),
    "consistent_accuracy": lambda **fields: pairs("consistent_accuracy", **fields),
    "tie_rescue": lambda **fields: pairs(
        "tie_rescue", settings={"groups": {"alpha": "one", "beta": "one", "gamma": "other"}}, **fields
    ),
    "three_way": lambda **fields: pairs("three_way", **fields),
    "single_order": lambda **fields: pairs("single_order", **fields),
    "majority_gold_macro_f1": lambda **fields: pairs("majority_gold_macro_f1", **fields),
    "vote_agreement": lambda **fields: pairs("vote_agreement", **fields),
    "judgelm": lambda **fields: pairs("judgelm", **fields),
    "rewardbench_generative": lambda **fields: pairs(
        "rewardbench_generative", subsets=_SECTIONS, settings=_WEIGHTS, **fields
    ),
    "rewardbench_classifier": lambda **fields: pairs(
        "rewardbench_classifier", subsets=_SECTIONS, settings=_WEIGHTS, **fields
    ),
    "m_rewardbench": lambda **fields: pairs("m_rewardbench", subsets=("Chat", "Safety"), **fields),
    "subset_mean": lambda **fields: pairs("subset_mean", **fields),
    "ppe_correctness, pairs": lambda **fields: pairs("ppe_correctness", **fields),
    "rm_bench, pairs": lambda **fields: pairs(
        "rm_bench", subsets=tuple(_DOMAINS), settings={"domains": _DOMAINS}, items=240, **{"unlabelled": 0.0, **fields}
    ),
    "judgerbench_a": lambda **fields: pairs("judgerbench_a", **fields),
    "judgerbench_v2": lambda **fields: pairs("judgerbench_v2", **fields),
    "cross_annotations": _three_people,
    "alt_test, pairs": lambda **fields: pairs("alt_test", **fields),
    "personalized": lambda **fields: pairs("personalized", **fields),
    "merged pairs": lambda **_: merged_pairs(),
    "pairs, forced": lambda **fields: forced(pairs("agreement", **fields)),
    "three_way, forced": lambda **fields: forced(pairs("three_way", **fields)),
    "classes, forced": lambda **fields: forced(classes(**fields)),
    "sets, forced": lambda **fields: forced(sets(**fields)),
    "ratings": ratings,
    "alt_test, ratings": lambda **fields: ratings("alt_test", settings={"scoring": "neg_rmse"}, **fields),
    "themis": lambda **fields: ratings("themis", **fields),
    "steps": steps,
    "each step": each_step,
    "classes": classes,
    "classes of three": lambda **fields: classes(question=_THREE, **fields),
    "sets": sets,
    "rankings": rankings,
    "sets of one and two": lambda **fields: sets(widths=(1, 2), **fields),
    "rewardbench2": lambda **fields: sets(
        "rewardbench2", right=(1, 1, 3), widths=(4, 4, 4), subsets=("Math",), settings={"domains": ["Math"]}, **fields
    ),
    "rewardbench2, ties": lambda **fields: sets(
        "rewardbench2", right=(1, 3), subsets=("Ties",), settings={"domains": ["Ties"]}, **fields
    ),
    "rmb": lambda **fields: sets("rmb", **fields),
    "ppe_correctness, sets": lambda **fields: sets("ppe_correctness", right=(1, 2), **fields),
    "rm_bench, sets": lambda **fields: sets(
        "rm_bench", widths=(6,), right=(3,), subsets=tuple(_DOMAINS), settings={"domains": _DOMAINS}, **fields
    ),
    "judgerbench_b": lambda **fields: sets(
        "judgerbench_b", widths=(1, 2), subsets=("alignment_bench_v1_1", "arena_hard"), **fields
    ),
}
