"""What the statistics of decisions (comparing, correcting, ranking, abstaining) say of nothing, and of bad input."""

from __future__ import annotations

import math

import benchmark_formulas as benchmarks
import numpy as np
import pytest

from judgebench.stats import (
    aggregation,
    calibration,
    compare,
    correction,
    length,
    power,
    ranking,
    ratings,
    robustness,
    selective,
)

rng = np.random.default_rng(0)
SIDES = {"specificity": 0.4, "sensitivity": 0.5}
NOTHING = {
    "paired_difference": lambda: compare.paired_difference([], []),
    "paired_difference, one cluster": lambda: compare.paired_difference([1, 0], [0, 0], "aa"),
    "sign_flip": lambda: compare.sign_flip([], [], rng=rng),
    "pairwise_differences": lambda: compare.pairwise_differences(np.empty((3, 0))),
    "pairwise_differences, one cluster": lambda: compare.pairwise_differences([[1, 0], [0, 0]], "aa"),
    "length_effect, equal lengths": lambda: length.length_effect([-1, 1], [1, 1], [[5, 5], [5, 5]]),
    "length_effect, ties": lambda: length.length_effect([0, 0], [1, 1], [[5, 6], [5, 7]]),
    "length_effect, one slot": lambda: length.length_effect([-1, -1], [1, 1], [[5, 6], [5, 7]]),
    "length_effect, one cluster": lambda: length.length_effect([-1, 1], [1, 1], [[5, 6], [5, 7]], "aa"),
    "length_effect, nothing": lambda: length.length_effect([], [], []),
    "expected_calibration_error": lambda: calibration.expected_calibration_error([], []),
    "expected_calibration_error, mass": lambda: calibration.expected_calibration_error([], [], bins="mass"),
    "brier": lambda: calibration.brier([], []),
    "auroc": lambda: calibration.auroc([], []),
    "auroc, one class": lambda: calibration.auroc([0.1, 0.9], [1, 1]),
    "aurc": lambda: selective.aurc([], []),
    "fixed_sequence_threshold": lambda: selective.fixed_sequence_threshold([], [], target=0.1),
    "fixed_sequence_threshold, top fails": lambda: selective.fixed_sequence_threshold(
        [0.9] * 40 + [0.5] * 4000, [0] * 40 + [1] * 4000, target=0.1
    ),
    "fixed_sequence_threshold, few": lambda: selective.fixed_sequence_threshold([1] * 29, [1] * 29, target=0.5),
    "rogan_gladen, no judge": lambda: correction.rogan_gladen(0.5, **SIDES, n=9, m0=9, m1=9),
    "ppi, one label": lambda: correction.ppi([1], [1], [1, 0]),
    "ppi, no verdicts": lambda: correction.ppi([1, 0], [1, 0], []),
    "ppi, one cluster": lambda: correction.ppi([1, 0], [1, 0], [1, 0], clusters="aa"),
    "noise_corrected_accuracy": lambda: correction.noise_corrected_accuracy(0.7, 0.5),
    "dawid_skene": lambda: aggregation.dawid_skene(np.empty((3, 0))),
    "dawid_skene, no votes": lambda: aggregation.dawid_skene([[None, None]]),
    "bradley_terry": lambda: ranking.bradley_terry([[0, 1], [0, 0]]),
    "bradley_terry, two islands": lambda: ranking.bradley_terry(np.kron(np.eye(2), [[0, 1], [1, 0]])),
    "kendall_tau": lambda: ranking.kendall_tau([], []),
    "kendall_tau, constant": lambda: ranking.kendall_tau([1, 1], [1, 2]),
    "kendall_tau c, constant": lambda: ranking.kendall_tau([1, 1], [1, 2], variant="c"),
    "pairwise_accuracy": lambda: ranking.pairwise_accuracy([1], [1]),
    "soft_pairwise_accuracy": lambda: ranking.soft_pairwise_accuracy([], []),
    "mae": lambda: ratings.mae([], []),
    "mae, all failed": lambda: ratings.mae([1], [None]),
    "bias": lambda: ratings.bias([1], [None]),
    "exact": lambda: ratings.exact([], []),
    "pearson": lambda: ratings.pearson([1], [1]),
    "pearson, constant": lambda: ratings.pearson([0.1] * 3, [1, 2, 3]),
    "spearman, failed": lambda: ratings.spearman([1, 2], [1, None]),
    "induced_pairs": lambda: ratings.induced_pairs([1], [1]).agreement,
    "icc, one rater": lambda: ratings.icc([[1, 2]]).icc1,
    "icc, constant": lambda: ratings.icc([[2, 2], [2, 2]]).icc3k,
    "icc, no complete unit": lambda: ratings.icc([[1, None], [None, 2]]).icc2,
    "robustness": lambda: robustness.robustness([], [], []),
    "robustness, all failed": lambda: robustness.robustness([1], [None], [1]),
    "self_preference": lambda: robustness.self_preference([1], [1], [1], [1]),
    "judgebench_two_orders": lambda: benchmarks.judgebench_two_orders([], [], []).accuracy,
    "judgelm": lambda: benchmarks.judgelm([[-1, -1]], [[1, 2]], [[1, 2]]).consistency,
    "rewardbench": lambda: benchmarks.rewardbench({}, {}, {"Chat": ["a"]}).overall,
    "rewardbench2_ties": lambda: benchmarks.rewardbench2_ties({}, {}),
    "rm_bench": lambda: benchmarks.rm_bench(np.empty((0, 3)), np.empty((0, 3))),
    "mr_score": lambda: benchmarks.mr_score(
        true_correct=1, true_incorrect=0, correct=1, incorrect=0, right_steps=0, right_reasons=0
    ),
    "judgerbench_v2": lambda: benchmarks.judgerbench_v2(0, 0, {}, {"a": 1, "b": 2}),
}


@pytest.mark.parametrize("case", NOTHING)
def test_undefined_is_none(case):
    assert NOTHING[case]() is None


def test_empty_arrays_stay_arrays():
    assert compare.holm([]).shape == (0,)
    assert compare.benjamini_yekutieli([]).shape == (0,)
    assert [len(column) for column in calibration.reliability_table([], [])] == [0] * 5
    assert np.isnan(calibration.calibration_null([], rng=rng, resamples=3)).all()
    assert [len(column) for column in selective.risk_coverage([], [])] == [0] * 4
    assert selective.kept_above([], [], 0.5) == (None, None, 0)
    assert selective.kept_above([0.1], [1], 0.5) == (None, 0.0, 0)
    assert length.longer_counts([], []).shape == (0, 2)
    assert length.longer_counts([0, None], [[1, 99], [1, 99]]).tolist() == [[0, 0], [0, 0]]
    assert aggregation.majority(np.empty((2, 0))).shape == (0,)
    assert np.isnan(ranking.win_rates(np.zeros((2, 2)))).all()
    assert np.isnan(ranking.pairwise_p_values(np.empty((2, 0)), rng=rng)).all()
    assert np.isnan(ranking.pairwise_accuracy_from_scores([1, np.nan], [1, 2]))
    assert np.isnan(ranking.kendall_tau_from_scores([1, np.nan], [1, 2]))
    assert benchmarks.rewardbench2_best_of_four(np.empty((0, 4))).shape == (0,)


ERRORS = {
    "first has 1 and second has 2 entries": lambda: compare.paired_difference([1], [1, 0]),
    "first must be one flat": lambda: compare.paired_difference([[1]], [[1]]),
    "second must be one flat sequence of finite numbers; got nan": lambda: compare.paired_difference([1], [math.nan]),
    "level is 95": lambda: compare.paired_difference([1], [1], level=95),
    "clusters has 1 labels": lambda: compare.paired_difference([1, 0], [1, 1], "a"),
    "outcome must hold 0 and 1 only; got 0.5": lambda: length.logistic_regression([[1.0]], [0.5]),
    "whole counts": lambda: compare.mcnemar_from_counts([1.5, 2]),
    r"scores must be \(judges, units\)": lambda: compare.pairwise_differences([1, 0]),
    "p_values reaches from": lambda: compare.holm([0.1, 1.2]),
    "both must be": lambda: compare.rank_sets([[0, 1]], [[1, 1]]),
    "alpha is 0": lambda: compare.rank_sets([[0]], [[1]], alpha=0),
    "resamples is 0": lambda: compare.sign_flip([1], [0], rng=rng, resamples=0),
    "difference of 0": lambda: power.sample_size(0, variance=1),
    "variances must not be negative": lambda: power.sample_size(0.1, variance=-1),
    "power is 1": lambda: power.sample_size(0.1, variance=1, power=1),
    "discordant is 0.01": lambda: power.sample_size_mcnemar(0.05, discordant=0.01),
    "design_effect is 0": lambda: power.sample_size_for_margin(0.05, design_effect=0),
    "standard_error is -1": lambda: power.minimum_detectable_effect(-1),
    "verdicts must hold -1, 0, 1 or NaN; got 2": lambda: length.longer_counts([2], [[1, 2]]),
    "lengths has the shape": lambda: length.longer_counts([1], [[1, 2, 3]]),
    "verdicts has 1 and lengths has 2": lambda: length.longer_counts([1], [[1, 2], [1, 2]]),
    "people must lie in": lambda: length.length_effect([1], [2], [[1, 2]]),
    "outcome must hold 0 and 1": lambda: length.logistic_regression([[1.0]], [2]),
    "confidence reaches from": lambda: calibration.brier([80], [1]),
    "bins is 'log'": lambda: calibration.reliability_table([0.5], [1], bins="log"),
    "number is 0": lambda: calibration.reliability_table([0.5], [1], number=0),
    "gaps has the shape": lambda: calibration.expected_calibration_error_from_counts(1.0),
    r"must be \(..., k, 2\)": lambda: calibration.auroc_from_counts([1, 2, 3]),
    r"shape \(3,\); it must be \(..., k, 2\)": lambda: selective.aurc_from_counts([1, 2, 3]),
    "target is 2": lambda: selective.fixed_sequence_threshold([0.5], [1], target=2),
    "min_units is 0": lambda: selective.fixed_sequence_threshold([0.5], [1], target=0.2, min_units=0),
    "positive is 2": lambda: correction.rogan_gladen(2, **SIDES, n=9, m0=9, m1=9),
    "m0 is 0": lambda: correction.rogan_gladen(0.2, **SIDES, n=9, m0=0, m1=9),
    "weight is 2": lambda: correction.ppi([1, 0], [1, 0], [1], weight=2),
    "error_rate is -0.1": lambda: correction.noise_corrected_accuracy(0.5, -0.1),
    "one per judge": lambda: aggregation.majority([[1, 0]], weights=[1, 2]),
    "votes must be": lambda: aggregation.majority([1, 0]),
    "votes must be numbers": lambda: aggregation.majority([["A"]]),
    "between 0 and n": lambda: aggregation.log_odds_weights(5, 3),
    "smoothing is -1": lambda: aggregation.dawid_skene([[1]], smoothing=-1),
    r"must be \(..., k, k\)": lambda: ranking.win_rates([1, 2]),
    r"it must be \(k, k\)": lambda: ranking.bradley_terry(np.ones((2, 2, 2))),
    "finite and not negative": lambda: ranking.win_rates([[0, -1], [1, 0]]),
    "prior is -1": lambda: ranking.bradley_terry([[0, 1], [1, 0]], prior=-1),
    "variant is 'a'": lambda: ranking.kendall_tau([1], [1], variant="a"),
    "human must be one flat": lambda: ratings.mae([None], [1]),
    "must rise": lambda: ratings.spearman_from_counts([[1, 1]], [1], [2, 1]),
    "own must hold": lambda: robustness.self_preference([1], [1], [1], [0]),
    "gold must hold": lambda: benchmarks.judgebench_two_orders([0], [1], [1]),
    "has no weight": lambda: benchmarks.rewardbench({"a": 1}, {}, {"Chat": ["a"]}),
    "both kinds": lambda: benchmarks.rewardbench2_ties({1: ([1, 2], 2)}, {}),
    r"both must be \(n, 3\)": lambda: benchmarks.rm_bench([[1, 2]], [[1, 2]]),
    "true_correct <= correct": lambda: benchmarks.mr_score(
        true_correct=2, true_incorrect=0, correct=1, incorrect=1, right_steps=0, right_reasons=0
    ),
}


@pytest.mark.parametrize("message", ERRORS)
def test_bad_input_is_a_value_error_that_names_it(message):
    with pytest.raises(ValueError, match=message):
        ERRORS[message]()


@pytest.mark.parametrize(
    "call",
    [
        lambda: compare.sign_flip([1], [0], rng=0),
        lambda: calibration.calibration_null([0.5], rng=0),
        lambda: ranking.pairwise_p_values([[1]], rng=0),
    ],
)
def test_a_seed_is_no_generator(call):
    with pytest.raises(TypeError, match="default_rng"):
        call()


def test_a_variance_that_rounding_left_below_0_is_0():
    """Found by hypothesis: two collinear verdicts, and a covariance with -9e-34 on its diagonal."""
    verdicts = np.array([[-1.0, 1.0, 0.0], [1.0, 1.0, -1.0], [1.0, 1.0, -1.0]])
    first = length.people_length_effects(verdicts, [[100, 99], [0, 0], [0, 7]])[0]
    assert first.penalised == "collinear"
    assert first.people.standard_error == 0
