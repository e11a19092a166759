"""The reference values: hand-made, published, or computed by the authors' own code."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from judgebench.stats import agreement, human, intervals, position

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "statistics.json").read_text(encoding="utf-8"))


def alpha_of_counts(counts):
    table = agreement.coincidences(counts).sum(0)
    return float(agreement.krippendorff_alpha_from_counts(table, range(table.shape[0])))


def judgelm(gold, sequential, reverse, threshold):
    """JudgeLM's own rule: items without gold leave, the judge's own failures stay as ties."""
    rows = [triple for triple in zip(gold, sequential, reverse, strict=True) if -1 not in triple[0]]

    def winner(scores):
        return -1 if scores[0] - scores[1] > threshold else 1 if scores[1] - scores[0] > threshold else 0

    truth, original = [winner(row[0]) for row in rows], [winner(row[1]) for row in rows]
    swapped = [-winner(row[2]) for row in rows]
    macro = agreement.precision_recall_f1(truth, original, [-1, 0, 1])
    first, second = position.primacy(original, swapped), position.recency(original, swapped)
    return {
        "accuracy": agreement.accuracy(truth, original),
        **macro._asdict(),
        "consistency": position.consistency(original, swapped),
        "bias_first": first,
        "bias_second": second,
        "delta_bias": abs(position.preference_fairness(original, swapped)),
        "total_bias": first + second,
        "n": len(rows),
    }


def llmbar(rows):
    labels, original, swapped = ([None if w is None else int(w) for w in column] for column in zip(*rows, strict=True))
    orders = [agreement.accuracy(labels, original), agreement.accuracy(labels, swapped)]
    # LLMBar calls two failures an agreement; ours never are, so its count needs the failures as a verdict.
    same = position.outcomes(*([{None: 0, 1: -1, 2: 1}[w] for w in order] for order in (original, swapped)))
    return {"average_accuracy": sum(orders) / 2, "positional_agreement": same[:, 0].mean()}


def proportion(k, n, level):
    return {"wilson": intervals.wilson(k, n, level), "clopper_pearson": intervals.clopper_pearson(k, n, level)}


def alt_test_small(inputs):
    raters = np.array(inputs["humans_items_by_raters"]).T
    result = human.alternative_annotator_test(
        raters, inputs["judge"], epsilon=inputs["epsilon"], q=inputs["q"], min_units=inputs["min_items"]
    )
    return {
        "omega": result.omega,
        "rho": result.rho,
        "rho_f": list(result.advantage),
        "diff": list(result.difference),
    }


def alt_test_pandalm(pandalm, epsilon):
    result = human.alternative_annotator_test(pandalm.raters, pandalm.gpt, epsilon=epsilon)
    return {"omega": result.omega, "rho": result.rho, "p": list(result.p_values)}


# What is left out of an entry, and where it belongs: Jeffreys' interval (we offer Wilson's and Clopper-Pearson's), the
# correction of an observed accuracy (judgebench.stats.correction), the ratings' errors and correlations
# (judgebench.stats.ratings), and LLMBar's averages, which are a benchmark's rule.
COVERED = {
    "agreement/cohen_kappa_nominal": lambda i: agreement.cohen_kappa(i["rater_a"], i["rater_b"], i["domain"]),
    "agreement/scott_pi": lambda i: agreement.scott_pi(i["rater_a"], i["rater_b"], i["domain"]),
    "agreement/krippendorff_ratio": lambda i: agreement.krippendorff_alpha(i["raters_by_units"], level="ratio"),
    "agreement/fleiss_kappa": lambda i: agreement.fleiss_kappa(i["counts_items_by_category"]),
    "agreement/alpha_nominal_equals_fleiss_correction": lambda i: alpha_of_counts(i["counts_items_by_category"]),
    "weighted/preference_axis": lambda i: {
        "quadratic_on_axis": agreement.cohen_kappa(i["gold"], i["judge"], [1, 0, 2], "quadratic"),
        "quadratic_on_raw_codes": agreement.cohen_kappa(i["gold"], i["judge"], [0, 1, 2], "quadratic"),
    },
    "pointwise/ratings": lambda i: {
        "exact": agreement.accuracy(i["human"], i["judge"]),
        "quadratic_kappa": agreement.cohen_kappa(i["human"], i["judge"], [1, 2, 3, 4, 5], "quadratic"),
    },
    "judgelm/metrics": lambda i: judgelm(i["gt"], i["sequential"], i["reversed"], i["T"]),
    "llmbar/average_accuracy_and_positional_agreement": lambda i: llmbar(i["rows_label_w0_w1"]),
    "alttest/small": alt_test_small,
    "bias/repetition_stability": position.repetition_stability,
    "interval/10_of_10": lambda i: proportion(i["k"], i["n"], i["conf"]),
    "interval/230_of_350": lambda i: proportion(i["k"], i["n"], i["conf"]),
    "se/clustered": lambda i: {
        "mean": float(np.mean(i["scores"])),
        "se_iid": intervals.cluster_se(i["scores"]),
        "se_cluster": intervals.cluster_se(i["scores"], i["cluster"]) * np.sqrt(3 / 4),
        "se_cluster_corrected": intervals.cluster_se(i["scores"], i["cluster"]),
    },
    "se/clustered_positive_icc": lambda i: {
        "se_iid": intervals.cluster_se(i["scores"]),
        "se_cluster_corrected": intervals.cluster_se(i["scores"], i["cluster"]),
    },
    "ceiling/binary_symmetric": lambda i: human.binary_ceiling(i["pairwise_agreement"])._asdict(),
}

COVERED_ON_PANDALM = {
    "pandalm/pairwise_kappa": lambda p: [
        agreement.cohen_kappa(p.raters[a], p.raters[b], [-1, 0, 1]) for a, b in ((0, 1), (0, 2), (1, 2))
    ],
    "pandalm/krippendorff_nominal": lambda p: agreement.krippendorff_alpha(p.raters),
    "pandalm/krippendorff_ordinal_preference_axis": lambda p: agreement.krippendorff_alpha(p.raters, level="ordinal"),
    "pandalm/krippendorff_interval_preference_axis": lambda p: agreement.krippendorff_alpha(p.raters, level="interval"),
    "pandalm/krippendorff_interval_WRONG_raw_codes": lambda p: agreement.krippendorff_alpha(p.raw, level="interval"),
    "pandalm/gwet_ac1": lambda p: agreement.gwet_ac1(p.raters, [-1, 0, 1]),
    "pandalm/gpt-3.5-turbo/accuracy_macro_prf": lambda p: [
        agreement.accuracy(p.gold, p.gpt),
        *agreement.precision_recall_f1(p.gold, p.gpt, [-1, 0, 1]),
    ],
    "pandalm/gpt-3.5-turbo/alt_test_eps0.15": lambda p: alt_test_pandalm(p, 0.15),
    "pandalm/gpt-3.5-turbo/alt_test_eps0.25": lambda p: alt_test_pandalm(p, 0.25),
    "pandalm/noise_ceiling": lambda p: {
        "pairwise_agreement": human.pairwise_agreement(p.raters),
        "lower": human.ceiling(p.raters).lower,
        "upper": human.ceiling(p.raters).upper,
        "plugin_best_constant": human.ceiling(p.raters).plugin,
    },
}

# Entries of which only a part is ours; every other covered entry must be reproduced whole.
PARTIAL = {
    "interval/10_of_10",
    "interval/230_of_350",
    "ceiling/binary_symmetric",
    "pointwise/ratings",
    "llmbar/average_accuracy_and_positional_agreement",
}


def check(key, got):
    entry = GOLDEN[key]
    expected = entry["expected"]
    if isinstance(expected, dict):
        assert key in PARTIAL or set(got) == set(expected)
        for name, value in got.items():
            assert value == pytest.approx(expected[name], abs=entry["tolerance"]), name
    else:
        assert got == pytest.approx(expected, abs=entry["tolerance"])


def test_the_table_names_existing_entries():
    assert {*COVERED, *COVERED_ON_PANDALM} <= set(GOLDEN)
    assert set(COVERED) >= PARTIAL


@pytest.mark.parametrize("key", COVERED)
def test_golden(key):
    check(key, COVERED[key](GOLDEN[key]["inputs"]))


@pytest.mark.mirror
@pytest.mark.parametrize("key", COVERED_ON_PANDALM)
def test_golden_on_pandalm(key, pandalm):
    check(key, COVERED_ON_PANDALM[key](pandalm))


# ---------------------------------------------------------------------------------------- published, beyond the file


def test_krippendorff_2011_and_gwet_on_the_four_observers():
    ratings = np.array(GOLDEN["agreement/krippendorff_ratio"]["inputs"]["raters_by_units"], dtype=float)
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
