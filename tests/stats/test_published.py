"""Published figures beyond golden/statistics.json: textbooks, papers' tables, and what the reference notes measured."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import benchmark_formulas as benchmarks
import numpy as np
import pytest

from judgebench.stats import (
    agreement,
    compare,
    correction,
    human,
    intervals,
    length,
    power,
    ratings,
    selective,
)

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "statistics.json").read_text(encoding="utf-8"))
FOUR_OBSERVERS = GOLDEN["agreement/krippendorff_ratio"]["inputs"]["raters_by_units"]
SHOWN = {"A>B": -1, "A=B": 0, "B>A": 1, None: None}


def test_krippendorff_2011_and_gwet_on_the_four_observers():
    ratings = np.array(FOUR_OBSERVERS, dtype=float)
    published = {"nominal": 0.743, "ordinal": 0.815, "interval": 0.849, "ratio": 0.797}
    for level, value in published.items():
        assert agreement.krippendorff_alpha(ratings, level=level) == pytest.approx(value, abs=5e-4)
    assert agreement.gwet_ac1(ratings, [1, 2, 3, 4, 5]) == pytest.approx(0.77544, abs=5e-6)


def test_ac1_and_the_kappa_paradox():
    """Two raters agree on 91 of 100 units, 90 of them in one class."""
    a, b = [1] * 94 + [2] * 6, [1] * 90 + [2] * 4 + [1] * 5 + [2]
    assert agreement.accuracy(a, b) == 0.91
    assert round(agreement.cohen_kappa(a, b, [1, 2]), 3) == 0.135
    assert round(agreement.gwet_ac1([a, b], [1, 2]), 3) == 0.900
    assert agreement.gwet_ac1([a, b], [1, 2, 3]) > 0.905


@pytest.mark.mirror
def test_pandalm_readme_row_and_its_two_other_readings(pandalm):
    """Garbage as a tie gives the README's 71.07 / 58.79 / 57.36 / 57.55; as wrong or dropped it does not."""
    wrong = [None if failed else v for v, failed in zip(pandalm.gpt, pandalm.gpt_failed, strict=True)]
    scores = agreement.precision_recall_f1(pandalm.gold, wrong, [-1, 0, 1])
    assert [round(100 * v, 2) for v in (agreement.accuracy(pandalm.gold, wrong), *scores)] == [
        69.77,
        53.65,
        53.24,
        52.74,
    ]
    kept = ~pandalm.gpt_failed
    gold, verdict = np.array(pandalm.gold)[kept], pandalm.gpt[kept]
    scores = agreement.precision_recall_f1(gold, verdict, [-1, 0, 1])
    assert [round(100 * v, 2) for v in (agreement.accuracy(gold, verdict), *scores)] == [71.56, 53.65, 54.17, 53.31]


@pytest.mark.mirror
def test_pandalm_fair_comparison(pandalm):
    """statistics.md, section 2.2: 170 questions, judge and human on the same left-out references."""
    result = human.leave_one_out(pandalm.raters, pandalm.gpt)
    assert [round(value, 4) for value in result.human] == [0.9209, 0.9154, 0.9234]
    assert [round(value, 4) for value in result.judge] == [0.7017, 0.7037, 0.7007]
    assert result.units == (999, 999, 999)
    assert result.difference.mean() == pytest.approx(-0.218, abs=5e-4)
    assert len(set(pandalm.clusters)) == 170
    assert intervals.cluster_se(result.difference, pandalm.clusters) == pytest.approx(0.0218, abs=5e-5)
    assert intervals.cluster_se(result.difference) == pytest.approx(0.0140, abs=5e-5)
    single = [human.pairwise_agreement(pandalm.raters[[j]], pandalm.gpt) for j in range(3)]
    assert [round(value, 4) for value in single] == [0.7027, 0.6987, 0.7047]


@pytest.mark.mirror
def test_pandalm_clustered_accuracy_and_fleiss(pandalm):
    right = (np.array(pandalm.gold) == pandalm.gpt).astype(float)
    assert intervals.cluster_se(right) == pytest.approx(0.0144, abs=5e-5)
    assert intervals.cluster_se(right, pandalm.clusters) == pytest.approx(0.0217, abs=5e-5)
    fleiss = agreement.fleiss_kappa(agreement.category_counts(pandalm.raters, [-1, 0, 1]))
    assert fleiss == pytest.approx(0.86418, abs=5e-6)


@pytest.mark.mirror
def test_pandalm_alternative_annotator_at_other_prices_and_clustered(pandalm):
    at = {e: human.alternative_annotator_test(pandalm.raters, pandalm.gpt, epsilon=e) for e in (0.2, 0.25, 0.3)}
    assert [round(p, 3) for p in at[0.2].p_values] == [0.944, 0.872, 0.970]
    assert [result.omega for result in at.values()] == [0, 0, 1]
    assert sum(p < 0.05 for p in at[0.25].p_values) == 2
    assert at[0.3].rho_human == pytest.approx(0.978, abs=5e-4)
    clustered = human.alternative_annotator_test(pandalm.raters, pandalm.gpt, epsilon=0.25, clusters=pandalm.clusters)
    assert clustered.df == (169, 169, 169)
    assert all(c > i for c, i in zip(clustered.p_values, at[0.25].p_values, strict=True))


# Winning rate and advantage probability as printed in alt_test_example.ipynb, nitaytech/AltTest@18428b1.
ALT_TEST = {
    ("mtbench", "accuracy", 0.2): {
        "gemini_flash": (0.00, 0.72),
        "gemini_pro": (0.00, 0.76),
        "gpt-4o": (0.00, 0.77),
        "llama-31": (0.00, 0.69),
        "gpt-4o-mini": (0.00, 0.74),
        "mistral-v03": (0.00, 0.68),
    },
    ("summeval", "neg_rmse", 0.2): {
        "gemini_flash": (0.00, 0.46),
        "gemini_pro": (0.00, 0.44),
        "gpt-4o": (0.00, 0.48),
        "llama-31": (0.00, 0.58),
        "gpt-4o-mini": (0.00, 0.54),
        "mistral-v03": (0.00, 0.62),
    },
    ("10k_prompts", "neg_rmse", 0.15): {
        "gemini_flash": (0.31, 0.67),
        "gemini_pro": (0.08, 0.63),
        "gpt-4o": (0.69, 0.76),
        "llama-31": (0.15, 0.67),
        "gpt-4o-mini": (0.92, 0.80),
        "mistral-v03": (0.15, 0.67),
    },
}


@pytest.mark.mirror
@pytest.mark.parametrize("data", ALT_TEST, ids=lambda data: data[0])
def test_published_alternative_annotator_table(data, read):
    folder, scoring, epsilon = data
    people = read(f"alttest/{folder}/human_annotations.json")
    models = read(f"alttest/{folder}/llm_annotations.json")
    units = sorted({unit for votes in people.values() for unit in votes})
    axis = {"model_a": -1, "tie": 0, "model_b": 1} if scoring == "accuracy" else {n: n for n in range(11)}

    def row(votes):
        return [axis[votes[unit]] if unit in votes else None for unit in units]

    raters = [row(votes) for votes in people.values()]
    got = {}
    for name, votes in models.items():
        result = human.alternative_annotator_test(raters, row(votes), epsilon=epsilon, scoring=scoring)
        got[name] = (round(result.omega, 2), round(result.rho, 2))
    assert got == ALT_TEST[data]


def test_miller_and_mcnemar_sizes():
    """statistics.md 3.5: repeats shrink only the noise within a question."""
    needed = [power.sample_size(0.03, variance=1 / 9, within=(1 / 6, 1 / 6), repeats=(k, k)) for k in (1, 10, np.inf)]
    assert [round(size) for size in needed] == [3876, 1260, 969]
    assert round(power.sample_size_mcnemar(0.05, discordant=0.2)) == 626
    assert power.minimum_detectable_effect(1) == pytest.approx(2.80, abs=5e-3)


def test_the_readme_of_lee_et_al():
    result = correction.rogan_gladen(0.4, specificity=0.7, sensitivity=0.9, n=1000, m0=200, m1=200)
    assert [round(value, 4) for value in result[:3]] == [0.1667, 0.0564, 0.2627]
    assert not result.conflict


def test_rank_sets_of_three_systems():
    """statistics.md 3.4: 18, 15 and 6 of 20 right: two systems share the ranks 1 and 2, the third is third."""
    right = np.array([18, 15, 6])
    gap = (right[:, None] - right) / 20
    pooled = (right[:, None] + right) / 40
    z = gap / np.sqrt(pooled * (1 - pooled) / 10)
    p = np.vectorize(lambda value: 2 * power.NormalDist().cdf(-abs(value)))(z)
    above = np.triu_indices(3, 1)
    adjusted = np.ones((3, 3))
    adjusted[above] = adjusted.T[above] = compare.holm(p[above])
    assert compare.rank_sets(gap, adjusted).tolist() == [[1, 2], [1, 2], [3, 3]]


def test_aurc_example():
    assert selective.aurc([4, 3, 2, 1], [1, 1, 0, 0]) == pytest.approx(0.2083, abs=5e-5)


@pytest.mark.mirror
def test_pandalm_length_effects_of_judge_and_people(pandalm):
    """statistics.md 4.3: gpt-3.5-turbo 0.24 (0.24), people against the others 0.70, 0.44, 0.57 (0.4 to 0.5)."""
    judge = length.length_effect(pandalm.gpt, pandalm.gold, pandalm.lengths, pandalm.clusters)
    assert (judge.clusters, judge.penalised) == (168, None)  # two questions have only ties
    assert judge.length.standard_error == pytest.approx(0.24, abs=5e-3)
    assert judge.length.low < 0 < judge.length.high
    others = length.people_length_effects(pandalm.raters, pandalm.lengths, pandalm.clusters)
    assert [round(effect.length.value, 2) for effect in others] == [0.70, 0.44, 0.57]
    assert all(0.38 < effect.length.standard_error < 0.48 for effect in others)


@pytest.mark.mirror
def test_pandalm_7b(pandalm, read):
    """statistics.md: prefers the longer 421 of 622; b2 0.46 (0.22); gpt-3.5-turbo is 4.3 points better, p = 0.0097 by
    McNemar, not significant once clustered; 7.2 points could have been seen (4.6 if the items were independent)."""
    axis, gold = {0: 0, 1: -1, 2: 1}, np.array(pandalm.gold)
    judge = [axis[row["pandalm_result"]] for row in read("pandalm/pandalm-7b-testset-v1.json")]
    expected = [421, 622]
    assert length.longer_counts(judge, pandalm.lengths).sum(0).tolist() == expected
    effect = length.length_effect(judge, gold, pandalm.lengths, pandalm.clusters).length
    assert (round(effect.value, 2), round(effect.standard_error, 2)) == (0.46, 0.22)
    assert effect.p_value == pytest.approx(0.036, abs=3e-3)
    right = [(np.array(verdicts) == gold).astype(float) for verdicts in (pandalm.gpt, judge)]
    alone = [np.greater(*right).sum(), np.less(*right).sum()]
    assert compare.mcnemar_from_counts(alone) == pytest.approx(0.0097, abs=5e-5)
    found = [compare.paired_difference(*right, clusters) for clusters in (pandalm.clusters, None)]
    assert found[0].value == pytest.approx(0.043, abs=5e-4)
    assert found[0].p_value == pytest.approx(0.093, abs=3e-3)
    seen = [power.minimum_detectable_effect(difference.standard_error) for difference in found]
    assert [round(effect, 3) for effect in seen] == [0.072, 0.046]


@pytest.mark.mirror
@pytest.mark.parametrize(
    ("folder", "mae", "pearson"), [("summeval", 0.51, 0.74), ("10k_prompts", 0.84, None)], ids=["summeval", "10k"]
)
def test_annotators_of_alttest_among_themselves(folder, mae, pearson, read):
    """AltTest's Table 1: means over pairs of annotators. No mean of the shared files is its r = .41 on 10K Prompts."""
    people = read(f"alttest/{folder}/human_annotations.json")
    found = []
    for one, other in itertools.combinations(people.values(), 2):
        shared = [unit for unit in one if unit in other]
        if shared:
            pair = [[float(votes[unit]) for unit in shared] for votes in (one, other)]
            found.append((ratings.mae(*pair), ratings.pearson(*pair)))
    assert round(np.mean([error for error, _ in found]), 2) == mae
    assert pearson in (None, round(np.mean([r for _, r in found if r is not None]), 2))


@pytest.mark.mirror
@pytest.mark.parametrize(
    ("judge", "printed"),
    [
        ("arena_hard,judge_model=o1-mini-2024-09-12", [58.44, 62.24, 82.14, 78.57, 65.71]),
        ("reward_model,judge_model=Skywork_Skywork-Reward-Gemma-2-27B", [59.74, 66.33, 83.93, 50.00, 64.29]),
        ("reward_model,judge_model=internlm_internlm2-7b-reward", [56.49, 61.22, 71.43, 50.00, 59.43]),
    ],
)
def test_judgebench_tables_2_and_3(judge, printed, mirror):
    name = f"dataset=judgebench,response_model=gpt-4o-2024-05-13,judge_name={judge}.jsonl"
    path = mirror / "scalerlab-judgebench" / "outputs" / name
    if not path.exists():
        pytest.skip(f"{path} is absent")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    groups = ("mmlu-pro", "livebench-reasoning", "livebench-math", "livecodebench", "")

    def accuracy(prefix):
        own = [row for row in rows if row["source"].startswith(prefix)]
        first, second = ([SHOWN[row["judgments"][order]["decision"]] for row in own] for order in (0, 1))
        gold = [SHOWN[row["label"]] for row in own]
        return benchmarks.judgebench_two_orders(gold, first, [None if v is None else -v for v in second]).accuracy

    assert [round(100 * accuracy(prefix), 2) for prefix in groups] == printed


@pytest.mark.mirror
def test_rewardbench_sections(read):
    """The stored results of GPM-Llama-3.1-8B-Instruct, as recomputed in published.md."""
    rules = read("rewardbench_results/sections.derived.json")
    subsets = read("rewardbench_results/GPM-Llama-3.1-8B-Instruct.json")
    result = benchmarks.rewardbench(subsets, rules["example_counts_as_weights"], rules["sections"])
    found = [result.overall, *result.sections.values()]
    assert [round(100 * score, 1) for score in found] == [91.6, 93.3, 86.2, 91.2, 95.7]
    assert result.overall_with_prior == pytest.approx(result.overall)
    with_prior = benchmarks.rewardbench(
        subsets, rules["example_counts_as_weights"], rules["sections"], {"shp": 0.6, "summarize": 0.7, "hhh": None}
    )
    weights = [2, 2, 2, 2, 1]
    assert with_prior.overall_with_prior == pytest.approx(
        np.average([*result.sections.values(), 0.65], weights=weights), abs=1e-12
    )


def test_judgerbench_v2_by_hand():
    """Ranks a b c against b a c, wins 30 20 10 against 25 30 10: (1/2 + 5/10, 1/2 + 10/10, 0) / 3 = 5/6."""
    result = benchmarks.judgerbench_v2(60, 100, {"a": 30, "b": 20, "c": 10}, {"a": 25, "b": 30, "c": 10})
    assert result.normalized_diff == pytest.approx(500 / 6)
    assert result.paper == pytest.approx(60 - 500 / 6)
    assert result.code == pytest.approx((160 - 500 / 6) / 2)
    # Never preferred is no wins, not no place.
    assert benchmarks.judgerbench_v2(1, 2, {"a": 2}, {"a": 1, "b": 1}).normalized_diff == 100
