"""The rules of the other benchmarks, against the golden rows and against tests/oracles/benchmark_formulas.py, which is
written by others from the same sources."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import benchmark_formulas as oracle
import numpy as np
import pytest
from scipy.stats import pearsonr, spearmanr

from judgebench.score import pairs, rules, scored
from judgebench.types import (
    PREFERENCE,
    BenchmarkRef,
    Flag,
    Headline,
    HeadlineScore,
    JudgeRef,
    Judgment,
    Kind,
    Label,
    Manifest,
    Question,
    Status,
    Verdict,
)

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "statistics.json").read_text(encoding="utf-8"))
A, B, T = (1.0, 0.0), (0.0, 1.0), (0.5, 0.5)
RNG = np.random.default_rng(7)

Scores = Sequence[float] | None


def label(name: str, gold: Scores, *, width: int | None = None, **fields: Any) -> Label:
    width = width or len(gold or ())
    fields = {"cluster": name, "digest": "", "authors": (None,) * width, "lengths": (None,) * width, **fields}
    return Label(id=name, gold=None if gold is None else Verdict(scores=tuple(gold)), **fields)


def judgment(item: str, order: Sequence[int], scores: Scores, **fields: Any) -> Judgment:
    """`scores` are in the item's order, None for a failure."""
    verdict = None if scores is None else Verdict(scores=tuple(scores))
    status = Status.UNPARSED if verdict is None else Status.OK
    return Judgment(item=item, order=tuple(order), status=status, verdict=verdict, **fields)


def manifest(orders: str = "single", samples: int = 1) -> Manifest:
    return Manifest(
        benchmark_ref=BenchmarkRef(id="b"),
        version="1",
        items="",
        judge_ref=JudgeRef(kind="python", called="j"),
        orders=orders,
        samples=samples,
    )


def run(labels: Sequence[Label], verdicts: Sequence[Sequence[Scores]], **fields: Any) -> tuple[Any, ...]:
    """(labels, manifest, judgments): for each item its verdicts in the stored order and, if given, the reversed one."""
    both = any(len(said) > 1 for said in verdicts)
    judgments = []
    for item, said in zip(labels, verdicts, strict=True):
        stored = tuple(range(len(item.lengths)))
        for order, scores in zip((stored, stored[::-1]), said):
            judgments.append(judgment(item.id, order, scores, **fields))
    return labels, manifest("both" if both else "single"), judgments


def ruled(rule: str, made: tuple[Any, ...], settings: Mapping[str, Any] | None = None) -> HeadlineScore:
    headline = Headline(rule=rule, gloss="", settings=dict(settings or {}))
    question = Question(kind=Kind.STEP) if rule == "mr_score" else PREFERENCE
    if rules.task(headline, question, made[0]) == rules.PAIRS:
        return rules.headline(headline, pairs.of_run(*made))
    return rules.headline(headline, scored.of_run(*made, question))


def scores(pair):
    return None if pair[0] == -1 else tuple(pair)


def test_judgelm_is_the_golden_table() -> None:
    entry = GOLDEN["judgelm/metrics"]
    rows = entry["inputs"]
    labels = [label(str(i), scores(gold), width=2) for i, gold in enumerate(rows["gt"])]
    said = [
        (scores(first), None if second[0] == -1 else tuple(second[::-1]))
        for first, second in zip(rows["sequential"], rows["reversed"], strict=True)
    ]
    found = ruled("judgelm", run(labels, said))
    ours = {
        "accuracy": found,
        "precision": found.parts["macro_precision"],
        "recall": found.parts["macro_recall"],
        "f1": found.parts["macro_f1"],
        **{
            name: found.parts[name] for name in ("consistency", "bias_first", "bias_second", "delta_bias", "total_bias")
        },
    }
    for name, estimate in ours.items():
        assert estimate.value == pytest.approx(entry["expected"][name]), name
    assert found.n == entry["expected"]["n"]


def test_judgelm_in_one_order_has_no_consistency() -> None:
    found = ruled("judgelm", run([label("0", (8, 7)), label("1", (2, 7))], [[(9, 1)], [(3, 4)]]))
    assert found.value == 1
    assert found.parts["consistency"].reason is not None


def test_best_of_four_is_the_golden_one() -> None:
    entry = GOLDEN["rewardbench2/best_of_4"]
    labels = [label(str(i), (1, 0, 0, 0), subset="Math") for i in range(5)]
    said = [[tuple(row)] for row in entry["inputs"]] + [[None]]
    found = ruled("rewardbench2", run(labels, said), {"domains": ["Math"]})
    assert found.value == pytest.approx(np.mean([*entry["expected"], 0.25])), "a failure is worth a quarter"


def ties(count: int = 12):
    labels, said, by_variant = [], [], {"tied": {}, "ref": {}}
    for prompt in range(count):
        for variant, right, width in (("tied", 3, 5), ("ref", 1, 4)):
            gold = [1.0] * right + [0.0] * (width - right)
            values = RNG.integers(0, 6, width).astype(float).tolist()
            by_variant[variant][prompt] = (values, right)
            facets = {"variant": variant, "prompt": prompt}
            labels.append(label(f"{variant}:{prompt}", gold, subset="Ties", facets=facets, cluster=str(prompt)))
            said.append([values])
    return labels, said, by_variant


def test_the_ties_score_is_upstream_s() -> None:
    labels, said, by_variant = ties()
    found = ruled("rewardbench2", run(labels, said), {"domains": ["Ties"]})
    expected = oracle.rewardbench2_ties(by_variant["tied"], by_variant["ref"])
    assert found.value == pytest.approx(expected.score)
    assert found.low <= found.value <= found.high


def test_a_failed_ties_prompt_is_rated_all_alike() -> None:
    labels, said, by_variant = ties()
    said[0] = said[3] = [None]
    for variant, prompt in (("tied", 0), ("ref", 1)):
        values, right = by_variant[variant][prompt]
        by_variant[variant][prompt] = ([-1.0] * len(values), right)
    found = ruled("rewardbench2", run(labels, said), {"domains": ["Ties"]})
    assert found.value == pytest.approx(oracle.rewardbench2_ties(by_variant["tied"], by_variant["ref"]).score)


def test_rewardbench2_is_the_mean_of_its_domains_and_wants_all() -> None:
    labels, said, by_variant = ties()
    best = [label(f"m{i}", (0, 1, 0, 0), subset="Math") for i in range(4)]
    made = run([*labels, *best], [*said, *([[(0, 1, 0, 0)]] * 3), [(1, 1, 0, 0)]])
    expected = oracle.rewardbench2_ties(by_variant["tied"], by_variant["ref"]).score
    found = ruled("rewardbench2", made, {"domains": ["Math", "Ties"]})
    assert found.value == pytest.approx((3.5 / 4 + expected) / 2)
    assert ruled("rewardbench2", made, {"domains": ["Math", "Ties", "Focus"]}).value is None


WEIGHTS = {"math-prm": 984}


@pytest.mark.mirror
@pytest.mark.parametrize(
    ("model", "printed"),
    [
        (
            "GPM-Llama-3.1-8B-Instruct",
            {"Chat": 93.3, "Chat Hard": 86.2, "Safety": 91.2, "Reasoning": 95.7, "overall": 91.6},
        )
    ],
)
def test_rewardbench_sections_from_stored_results(model: str, printed, mirror) -> None:
    """Upstream's stored accuracies, turned back into right and wrong verdicts on every one of the 2,985 prompts."""
    folder = mirror / "rewardbench_results"
    stored = json.loads((folder / f"{model}.json").read_text(encoding="utf-8"))
    derived = json.loads((folder / "sections.derived.json").read_text(encoding="utf-8"))
    labels, said = [], []
    for subset, n in derived["true_counts"].items():
        for i in range(n):
            labels.append(label(f"{subset}/{i}", A, subset=subset))
            said.append([A if i < round(stored[subset] * n) else B])
    found = ruled("rewardbench_classifier", run(labels, said), {"weights": WEIGHTS})
    assert len(labels) == found.n == 2985
    expected = oracle.rewardbench(
        {subset: stored[subset] for subset in derived["true_counts"]},
        derived["example_counts_as_weights"],
        derived["sections"],
    )
    assert found.value == pytest.approx(expected.overall)
    for name, value in printed.items():
        estimate = found if name == "overall" else found.parts[name]
        assert round(100 * estimate.value, 1) == value, name
    assert found.low < found.value < found.high


def rewardbench_run(extra=()):
    """One item a section, right but for the last; a tie, a failure and a long conversation in Chat."""
    rows = [("alpacaeval-easy", A, {}), ("mt-bench-hard", A, {}), ("donotanswer", A, {}), ("hep-go", B, {}), *extra]
    labels = [label(str(i), A, subset=subset, facets=facets) for i, (subset, _, facets) in enumerate(rows)]
    return run(labels, [[said] for _, said, _ in rows])


def test_rewardbench_half_credit_is_the_generative_rule_s_alone() -> None:
    extra = [("alpacaeval-easy", T, {}), ("alpacaeval-easy", None, {}), ("alpacaeval-easy", B, {"long": True})]
    made = rewardbench_run(extra)
    generative, classifier = (ruled(f"rewardbench_{kind}", made) for kind in ("generative", "classifier"))
    assert generative.parts["Chat"].value == pytest.approx((1 + 3 * 0.5) / 4)
    assert classifier.parts["Chat"].value == pytest.approx(1 / 4)
    assert generative.value == pytest.approx((2.5 / 4 + 1 + 1 + 0) / 4)
    assert "overall_with_prior" not in generative.parts


def test_rewardbench_weighs_math_prm_as_984_and_prior_sets_as_half_a_section() -> None:
    extra = [("math-prm", A, {}), ("shp", A, {}), ("summarize", B, {})]
    found = ruled("rewardbench_classifier", rewardbench_run(extra), {"weights": WEIGHTS})
    reasoning = 984 / 985
    assert found.parts["Reasoning"].value == pytest.approx(reasoning)
    assert found.value == pytest.approx((3 + reasoning) / 4)
    assert found.parts["overall_with_prior"].value == pytest.approx((2 * (3 + reasoning) + 0.5) / 9)


def test_rewardbench_without_a_section_has_no_score() -> None:
    labels = [label("0", A, subset="donotanswer"), label("1", A, subset="hep-go")]
    found = ruled("rewardbench_generative", run(labels, [[A], [B]]))
    assert found.value is None
    assert "all 4 sections" in str(found.reason)
    assert (found.parts["Safety"].value, found.parts["Reasoning"].value) == (1, 0)


def test_rm_bench_is_the_same_from_sets_and_from_pairs() -> None:
    domains = {"chat": "Chat", "safety-refuse": "Safety", "safety-response": "Safety"}
    sets, said, pairs, paired, values = [], [], [], [], {}
    for index in range(30):
        subset = list(domains)[index % 3]
        right, wrong = RNG.normal(0.5, 1, 3), RNG.normal(0, 1, 3)
        values.setdefault(domains[subset], []).append((right, wrong))
        # Slots: wrong plain, right plain, wrong long, right long, wrong markdown, right markdown.
        slots = "135024"
        order = [None] * 6
        for slot, value in zip(map(int, slots), [*right, *wrong], strict=True):
            order[slot] = float(value)
        gold = [float(str(slot) in slots[:3]) for slot in range(6)]
        sets.append(label(f"s{index}", gold, subset=subset, facets={"styles": slots}))
        said.append([order])
        for row, column in np.ndindex(3, 3):
            facets = {"right_style": row, "wrong_style": column}
            pairs.append(label(f"{index}/{row}{column}", A, subset=subset, facets=facets, cluster=f"s{index}"))
            paired.append([(float(right[row]), float(wrong[column]))])
    made = [ruled("rm_bench", run(*both), {"domains": domains}) for both in ((sets, said), (pairs, paired))]
    expected = {name: oracle.rm_bench(*map(np.array, zip(*rows, strict=True))) for name, rows in values.items()}
    for found in made:
        assert found.value == pytest.approx(np.mean([result.overall for result in expected.values()]))
        for name, result in expected.items():
            assert found.parts[name].value == pytest.approx(result.overall)
        for kind in ("hard", "normal", "easy"):
            assert found.parts[kind].value == pytest.approx(np.mean([getattr(r, kind) for r in expected.values()]))
    assert made[0].n == made[1].n == 30


def test_judgerbench_v2_is_both_scores() -> None:
    models = {"m1": 9, "m2": 4, "m3": 6}
    labels, said, wins, right = [], [], dict.fromkeys(models, 0), 0
    for model, gold_wins in models.items():
        for i in range(10):
            slot = i % 2
            gold = (A, B)[slot] if i < gold_wins else (B, A)[slot]
            verdict = (A, B)[int(RNG.integers(2))]
            wins[model] += verdict == (A, B)[slot]
            right += verdict == gold
            facets = {"model": model, "model_slot": slot}
            labels.append(label(f"{model}/{i}", gold, subset="Creation", facets=facets))
            said.append([verdict])
    labels.append(label("x", A, subset="Creation", facets={"model": "m1", "model_slot": 1}))
    said.append([None])
    found = ruled("judgerbench_v2", run(labels, said))
    expected = oracle.judgerbench_v2(right, 30, wins, models)
    assert 100 * found.parts["accuracy"].value == pytest.approx(expected.accuracy)
    assert 100 * found.parts["distance"].value == pytest.approx(expected.normalized_diff)
    assert 100 * found.parts["paper"].value == pytest.approx(expected.paper)
    assert 100 * found.value == pytest.approx(expected.code)


def test_judgerbench_a_is_accuracy_over_all() -> None:
    """The golden rows, read as upstream reads them: A where there is an A, else B where there is a B, else nothing."""
    entry = GOLDEN["judgerbenchA/accuracy"]
    rows = entry["inputs"]["rows_pred_winner"]
    winners = {"model_a": A, "model_b": B}
    labels = [label(str(i), winners[winner]) for i, (_, winner) in enumerate(rows)]
    said = [[A if "A" in text else B if "B" in text else None] for text, _ in rows]
    assert ruled("judgerbench_a", run(labels, said)).value == pytest.approx(entry["expected"])


def test_judgerbench_b_compares_degrees_and_sums_models() -> None:
    slight = (0.75, 0.25)

    def item(name, gold, subset, model, *, swap=False):
        return label(name, gold, subset=subset, facets={"model": model, "swap": swap})

    labels = [
        item("0", A, "arenahard", "x"),
        item("1", slight, "arenahard", "x"),
        item("2", A, "arenahard", "y", swap=True),
        item("3", (1,), "fofo_test_prompts", "x"),
        item("4", (0,), "fofo_test_prompts", "y"),
        item("5", (1,), "fofo_test_prompts", "y"),
        item("6", B, "alignment_bench_v1_1", "x"),
        item("7", A, "alignment_bench_v1_1", "y"),
        label("8", None, width=2, subset="arenahard", facets={"model": "x", "swap": False}),
    ]
    said = [[A], [A], [None], [(1,)], [(1,)], [(0,)], [(0.25, 0.75)], [(7, 3)], [A]]
    found = ruled("judgerbench_b", run(labels, said))
    # Right: 0, 3, and 6 and 7, whose sets know no degrees; 1 is a degree off; 2 failed.
    assert found.value == pytest.approx(4 / 8)
    # arenahard: gold sums x 3, y -2 (swapped), judge 4, 0. fofo: x 1, y 1 against 1, 1: constant, so undefined.
    assert found.parts["correlation"].value is None
    labels[5] = item("5", (0,), "fofo_test_prompts", "y")
    said[4] = [(0,)]
    assert ruled("judgerbench_b", run(labels, said)).parts["correlation"].value == pytest.approx(1)


def test_wildbench_reads_much_worse_as_worse() -> None:
    facets = {"model": "x", "swap": False}
    labels = [label(str(i), B, subset="wildbench", facets=facets) for i in range(2)]
    assert ruled("judgerbench_b", run(labels, [[B], [(0.25, 0.75)]])).value == 1


def test_consistent_accuracy_and_tie_rescue() -> None:
    labels = [label(str(i), A, subset="s" if i < 3 else "t") for i in range(6)]
    said = [[A, A], [A, T], [T, A], [A, B], [T, None], [None, None]]
    made = run(labels, said)
    assert ruled("consistent_accuracy", made).value == pytest.approx(1 / 6)
    rescued = ruled("tie_rescue", made, {"groups": {"s": "maths", "t": "other"}})
    assert rescued.value == pytest.approx(3 / 6)
    assert rescued.parts["consistency"].value == pytest.approx(5 / 6), "upstream counts a failure beside a tie, and two"
    assert (rescued.parts["maths"].value, rescued.parts["other"].value) == (1, 0)
    for rule in ("consistent_accuracy", "tie_rescue"):
        assert "both orders" in str(ruled(rule, run(labels[:1], [[A]])).reason)


def test_three_way_averages_the_orders_before_comparing() -> None:
    labels = [label("0", A), label("1", T), label("2", B), label("3", A)]
    found = ruled("three_way", run(labels, [[(8, 7), (5, 5)], [(8, 7), (6, 7)], [(9, 8), (1, 8)], [A, None]]))
    assert found.value == pytest.approx(3 / 4)
    assert found.parts["single_order"].value == pytest.approx(2 / 4)
    assert ruled("three_way", run(labels[:2], [[A], [T]])).value == 1


def test_mr_score_is_upstream_s() -> None:
    labels, said, reasons = [], [], []
    counts = {
        "true_correct": 3,
        "true_incorrect": 5,
        "correct": 4,
        "incorrect": 6,
        "right_steps": 4,
        "right_reasons": 3,
    }
    rows = [(0, 0)] * 3 + [(0, 2)] + [(2, 2)] * 4 + [(3, 1)] + [(1, None)]
    for i, (gold, step) in enumerate(rows):
        labels.append(label(str(i), (gold,), subset="physics"))
        said.append(None if step is None else (step,))
        reasons.append(() if gold == 0 or step != gold else (Flag.WRONG_REASON if i == 7 else Flag.RIGHT_REASON,))
    judgments = [judgment(str(i), (0,), said[i], flags=reasons[i]) for i in range(len(rows))]
    found = ruled("mr_score", (labels, manifest(), judgments))
    assert found.value == pytest.approx(oracle.mr_score(**counts))
    bare = [judgment(str(i), (0,), said[i]) for i in range(len(rows))]
    ungraded = ruled("mr_score", (labels, manifest(), bare))
    assert ungraded.value is None
    assert "4 of the first wrong steps" in str(ungraded.reason)
    assert ungraded.parts["step_accuracy"].value == pytest.approx(4 / 6)


def test_personalized_certainty_is_the_golden_one() -> None:
    entry = GOLDEN["personalized_judge/certainty_threshold"]
    side = {"A": A, "B": B, False: None}
    rows = entry["inputs"]
    labels = [label(str(i), side[row["gt"]]) for i, row in enumerate(rows)]
    judgments = [
        judgment(str(i), (0, 1), side[row["answer"]], confidence=row["certainty"] / 100 if row["certainty"] else None)
        for i, row in enumerate(rows)
    ]
    found, expected = ruled("personalized", (labels, manifest(), judgments)), entry["expected"]
    assert found.value == pytest.approx(expected["acc"])
    assert found.parts["high_accuracy"].value == pytest.approx(expected["high_acc"])
    assert found.parts["high_coverage"].value == pytest.approx(expected["high_coverage"])
    assert found.n == expected["parsed"]


def test_alt_test_is_the_golden_one() -> None:
    entry = GOLDEN["alttest/small"]
    inputs = entry["inputs"]
    labels = [
        label(str(i), None, width=1, raters={f"r{j}": Verdict(scores=(vote,)) for j, vote in enumerate(votes)})
        for i, votes in enumerate(inputs["humans_items_by_raters"])
    ]
    settings = {"epsilon": inputs["epsilon"], "min_units": inputs["min_items"]}
    found = ruled("alt_test", run(labels, [[(value,)] for value in inputs["judge"]]), settings)
    assert found.value == pytest.approx(entry["expected"]["omega"])
    assert found.parts["rho"].value == pytest.approx(entry["expected"]["rho"])


def test_ppe_on_its_pairs_is_the_mean_of_the_sets_accuracies() -> None:
    labels = [label(str(i), A, subset="MATH" if i < 3 else "GPQA") for i in range(4)]
    found = ruled("ppe_correctness", run(labels, [[A, B], [B, A], [T, A], [A, B]]))
    assert found.value == pytest.approx((1 / 3 + 1) / 2), "in the stored order, a tie wrong"


def test_rmb_wants_the_best_above_all_others() -> None:
    def item(name, width, subset):
        return label(name, (1.0, *[0.0] * (width - 1)), subset=subset)

    labels = [item("0", 3, "a"), item("1", 3, "a"), item("2", 4, "a"), item("3", 2, "b"), item("4", 2, "b")]
    said = [[(9, 2, 3)], [(9, 9, 3)], [None], [(1, 0)], [(0, 1)]]
    found = ruled("rmb", run(labels, said))
    assert found.parts["a"].value == pytest.approx(1 / 3), "a tie at the top and a failure are wrong"
    assert found.parts["b"].value == pytest.approx(1 / 2)
    assert found.value == pytest.approx((1 / 3 + 1 / 2) / 2)
    assert found.low < found.value < found.high


def test_cross_annotations_by_hand() -> None:
    def item(name, votes, **fields):
        return label(
            name, None, width=2, raters={f"r{i}": Verdict(scores=vote) for i, vote in enumerate(votes)}, **fields
        )

    labels = [item("0", [A, A, A, B], lengths=(100, 10)), item("1", [A, A, B, B], lengths=(10, 100))]
    found = ruled("cross_annotations", run(labels, [[A, A], [A, T]]))
    # Item 0: 1, 1. Item 1: the tie of the people's mode goes to the second: 0 and a half.
    assert found.value == pytest.approx((1 + 1 + 0 + 0.5) / 4)
    assert found.parts["agreement_expected"].value == pytest.approx((1 + 1 + 0.5 + 0.5) / 4)
    assert found.parts["variance"].value == pytest.approx((0 + 0 + 0.5 + 0.5) / 4)
    assert found.parts["bias"].value == pytest.approx((0 + 0.5) / 2), "the judge's own tied mode goes to the larger"
    assert found.parts["prefer_longer"].value == pytest.approx(1 / 2)
    assert found.parts["prefer_first"].value == 1


def test_cross_annotations_count_lists_and_rank_models() -> None:
    """Three models of 26 items and four votes each; the ranking is scipy's on the same win rates."""
    rng = np.random.default_rng(3)
    labels, verdicts, rates = [], [], {}
    for model, better in (("x", 0.2), ("y", 0.5), ("z", 0.9), ("seldom", 0.5)):
        for i in range(3 if model == "seldom" else 26):
            votes = [B if rng.random() < better else A for _ in range(4)]
            said = [B if rng.random() < 1 - better / 2 else A, T]
            facets = {"generator": model, "datasplit": "eval", **({"list": i % 2} if model == "x" else {})}
            raters = {f"r{j}": Verdict(scores=vote) for j, vote in enumerate(votes)}
            labels.append(label(f"{model}{i}", None, width=2, raters=raters, facets=facets))
            verdicts.append(said)
            rates.setdefault(model, []).append((np.mean([v[1] for v in said]), np.mean([v[1] for v in votes])))
    facets = {"generator": "x", "datasplit": "train"}
    other_split = label("train", None, width=2, raters={"r": Verdict(scores=A)}, facets=facets)
    found = ruled("cross_annotations", run([*labels, other_split], [*verdicts, [A, A]]))
    judge, people = (np.array([np.mean([pair[i] for pair in rates[m]]) for m in ("x", "y", "z")]) for i in (0, 1))
    assert found.parts["pearson"].value == pytest.approx(pearsonr(judge, people).statistic)
    assert found.parts["spearman"].value == pytest.approx(spearmanr(judge, people).statistic)
    assert found.parts["pearson"].n == 3, "the model with twelve votes is left out"
    listed = [(said[0][1] == 1) == (i % 2 == 1) for i, said in enumerate(verdicts[:26])]
    assert found.parts["prefer_lists"].value == pytest.approx(np.mean(listed))
    few = ruled("cross_annotations", run(labels[:52], verdicts[:52]))
    assert few.parts["spearman"].reason == "needs three models with more than 100 votes, there are 2"


def test_themis_ratings_are_the_golden_ones() -> None:
    entry = GOLDEN["pointwise/ratings"]
    rows = list(zip(entry["inputs"]["human"], entry["inputs"]["judge"], strict=True))
    labels = [label(str(i), (human,), subset="Math QA") for i, (human, _) in enumerate(rows)]
    found = ruled("themis", run(labels, [[(judge,)] for _, judge in rows]))
    assert found.value == pytest.approx((4 + 3 * 0.25) / 8)
    assert found.parts["mae"].value == pytest.approx(entry["expected"]["mae"])
    assert found.parts["exact"].value == pytest.approx(entry["expected"]["exact"])
    with_failure = ruled(
        "themis", run([*labels, label("x", (3,), subset="Math QA")], [*([[(j,)] for _, j in rows]), [None]])
    )
    assert with_failure.value == pytest.approx(4.75 / 9)
    assert with_failure.parts["agr_valid"].value == pytest.approx(4.75 / 8)
    assert with_failure.parts["valid_rate"].value == pytest.approx(8 / 9)
    assert with_failure.parts["mae"].value == pytest.approx(entry["expected"]["mae"])
