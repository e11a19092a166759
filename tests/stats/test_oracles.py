"""Ours against other people's code, on generated inputs, and what bad input gets."""

from __future__ import annotations

import itertools
import math
import warnings

import krippendorff
import numpy as np
import pytest
import statsmodels.api
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics
from statsmodels.stats.inter_rater import fleiss_kappa
from statsmodels.stats.proportion import proportion_confint

from judgebench.stats import agreement, human, intervals, position

NEAR = 1e-9
examples = settings(max_examples=60, deadline=None)


def same(ours, oracle):
    """Equal to 1e-9, undefined together."""
    if ours is None:
        return math.isnan(oracle)
    return ours == pytest.approx(oracle, abs=NEAR)


@st.composite
def label_pairs(draw):
    """Two raters' labels 0..k-1, often with unused categories and with one rater who says one thing only."""
    k, n = draw(st.integers(2, 5)), draw(st.integers(1, 25))
    rows = [draw(st.lists(st.integers(0, draw(st.integers(0, k - 1))), min_size=n, max_size=n)) for _ in range(2)]
    return rows[0], rows[1], list(range(k))


@st.composite
def rating_matrices(draw):
    """(raters, units) of numbers from a few values, with holes; the values need not be evenly spaced."""
    values = draw(st.lists(st.sampled_from([0, 0.5, 1, 2, 3, 7, 100]), min_size=1, max_size=5, unique=True))
    raters, units = draw(st.integers(2, 4)), draw(st.integers(1, 10))
    cell = st.sampled_from([*values, math.nan])
    return np.array([draw(st.lists(cell, min_size=units, max_size=units)) for _ in range(raters)], dtype=float)


@st.composite
def clustered_scores(draw):
    n = draw(st.integers(2, 20))
    scores = draw(st.lists(st.sampled_from([0.0, 0.5, 1.0, -3.25]), min_size=n, max_size=n))
    return scores, draw(st.lists(st.sampled_from("abcd"), min_size=n, max_size=n))


# -------------------------------------------------------------------------------------------------- scikit-learn


@pytest.mark.parametrize("weights", [None, "linear", "quadratic"])
@examples
@given(data=label_pairs())
def test_cohen_kappa(weights, data):
    a, b, categories = data
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn warns where we return None
        oracle = metrics.cohen_kappa_score(a, b, labels=categories, weights=weights)
    assert same(agreement.cohen_kappa(a, b, categories, weights), oracle)


@examples
@given(label_pairs())
def test_confusion_accuracy_and_macro_scores(data):
    gold, verdict, categories = data
    assert agreement.confusion(gold, verdict, categories).tolist() == (
        metrics.confusion_matrix(gold, verdict, labels=categories).tolist()
    )
    assert same(agreement.accuracy(gold, verdict), metrics.accuracy_score(gold, verdict))
    oracle = metrics.precision_recall_fscore_support(gold, verdict, average="macro", zero_division=0)[:3]
    assert all(map(same, agreement.precision_recall_f1(gold, verdict, categories), oracle))


@examples
@given(label_pairs(), st.randoms(use_true_random=False))
def test_failures_are_a_class_that_is_not_averaged(data, random):
    gold, verdict, categories = data
    failed = [random.random() < 0.3 for _ in verdict]
    ours = agreement.precision_recall_f1(
        gold, [None if f else v for v, f in zip(verdict, failed, strict=True)], categories
    )
    coded = [99 if f else v for v, f in zip(verdict, failed, strict=True)]
    present = sorted({*gold, *coded} - {99})
    oracle = metrics.precision_recall_fscore_support(gold, coded, labels=present, average="macro", zero_division=0)
    assert all(map(same, ours, oracle[:3]))


@examples
@given(label_pairs(), st.randoms(use_true_random=False))
def test_class_scores_and_matthews_correlation(data, random):
    """With and without failures, which to scikit-learn are verdicts with a label of their own."""
    gold, verdict, categories = data
    for share in (0.0, 0.3):
        failed = [random.random() < share for _ in verdict]
        said = [None if f else v for v, f in zip(verdict, failed, strict=True)]
        coded = [99 if f else v for v, f in zip(verdict, failed, strict=True)]
        ours = agreement.class_scores_from_counts(agreement.confusion(gold, coded, [*categories, 99])[:-1])
        oracle = metrics.precision_recall_fscore_support(gold, coded, labels=categories, zero_division=np.nan)
        np.testing.assert_allclose(ours, np.stack(oracle[:3], axis=-1), atol=NEAR)
        constant = len(set(gold)) == 1 or len(set(coded)) == 1  # scikit-learn says 0 there
        wanted = math.nan if constant else metrics.matthews_corrcoef(gold, coded)
        assert same(agreement.matthews_correlation(gold, said, categories), wanted)


# --------------------------------------------------------------------------------------- statsmodels, krippendorff


@examples
@given(st.integers(2, 6), st.integers(2, 4), st.data())
def test_fleiss_kappa(raters, k, data):
    votes = st.lists(st.integers(0, k - 1), min_size=raters, max_size=raters)
    units = data.draw(st.lists(votes, min_size=1, max_size=12))
    counts = agreement.category_counts(np.array(units).T, range(k))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        oracle = fleiss_kappa(counts)
    assert same(agreement.fleiss_kappa(counts), oracle)


@examples
@given(label_pairs())
def test_scott_pi_is_fleiss_kappa_of_two_raters(data):
    a, b, categories = data
    counts = agreement.category_counts([a, b], categories)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        oracle = fleiss_kappa(counts)
    assert same(agreement.scott_pi(a, b, categories), oracle)
    assert same(agreement.fleiss_kappa(counts), oracle)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
@examples
@given(ratings=rating_matrices())
def test_krippendorff_alpha(level, ratings):
    paired = ratings[:, (~np.isnan(ratings)).sum(0) > 1]
    ours = agreement.krippendorff_alpha(ratings, level=level)
    if len(np.unique(paired[~np.isnan(paired)])) < 2:
        assert ours is None  # the library raises, or divides by zero
    else:
        assert same(ours, krippendorff.alpha(ratings, level_of_measurement=level))


def test_krippendorff_alpha_of_many_distinct_ratings():
    ratings = np.random.default_rng(0).normal(size=(3, 60)).round(3)
    for level in ("nominal", "ordinal", "interval"):
        oracle = krippendorff.alpha(ratings, level_of_measurement=level)
        assert same(agreement.krippendorff_alpha(ratings, level=level), oracle)


@examples
@given(clustered_scores())
def test_cluster_se(data):
    scores, clusters = data
    ours = intervals.cluster_se(scores, clusters)
    if len(set(clusters)) < 2:
        assert ours is None
        return
    codes = np.unique(clusters, return_inverse=True)[1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = statsmodels.api.OLS(scores, np.ones(len(scores))).fit(cov_type="cluster", cov_kwds={"groups": codes})
    assert same(ours, float(fit.bse[0]))
    assert same(intervals.cluster_se(scores), float(stats.sem(scores)))


@examples
@given(st.integers(1, 500), st.data(), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_wilson_and_clopper_pearson(n, data, level):
    k = data.draw(st.integers(0, n))
    for ours, method in ((intervals.wilson, "wilson"), (intervals.clopper_pearson, "beta")):
        low, high = proportion_confint(k, n, alpha=1 - level, method=method)
        assert tuple(ours(k, n, level)) == pytest.approx((float(low), float(high)), abs=NEAR)
    exact = stats.binomtest(k, n).proportion_ci(level, method="exact")
    assert tuple(intervals.clopper_pearson(k, n, level)) == pytest.approx(tuple(exact), abs=NEAR)


# -------------------------------------------------------------------------------------------------------- scipy


@examples
@given(clustered_scores(), st.sampled_from([0.8, 0.95]))
def test_t_interval_without_clusters(data, level):
    scores, _ = data
    ours = intervals.t_interval(scores, level=level)
    if ours is None:
        assert len(set(scores)) == 1
    else:
        oracle = stats.ttest_1samp(scores, 0).confidence_interval(level)
        assert tuple(ours) == pytest.approx(tuple(oracle), abs=NEAR)


@examples
@given(st.lists(st.tuples(*[st.sampled_from([-1, 0, 1])] * 2), min_size=1, max_size=40))
def test_position_bias_p_value(pairs):
    original, swapped = zip(*pairs, strict=True)
    first, second = (sum(a < b for a, b in pairs), sum(a > b for a, b in pairs))
    oracle = stats.binomtest(first, first + second).pvalue if first + second else 1.0
    assert same(position.position_bias_p_value(original, swapped), oracle)


@examples
@given(st.integers(3, 40), st.integers(2, 4), st.floats(0, 0.5), st.data())
def test_alternative_annotator_test_without_clusters(units, raters, epsilon, data):
    row = st.lists(st.integers(-1, 1), min_size=units, max_size=units)
    votes = np.array([data.draw(row) for _ in range(raters)], dtype=float)
    judge = np.array(data.draw(row), dtype=float)
    result = human.alternative_annotator_test(votes, judge, epsilon=epsilon, min_units=2)
    for j, p in enumerate(result.p_values):
        others = np.delete(votes, j, axis=0)
        theirs, ours = (others == votes[j]).mean(0), (others == judge).mean(0)
        d = (theirs >= ours).astype(float) - (ours >= theirs)
        assert result.difference[j] == pytest.approx(d.mean(), abs=NEAR)
        if np.ptp(d):
            assert same(p, stats.ttest_1samp(d, epsilon, alternative="less").pvalue)
        else:
            assert p == (0.0 if d[0] < epsilon - 1e-12 else 1.0)  # what is closer is rounding


# ------------------------------------------------------------------------------------------------- written out


@examples
@given(rating_matrices())
def test_gwet_ac1_from_its_definition(ratings):
    categories = [0, 0.5, 1, 2, 3, 7, 100]
    agreeing, prevalence = [], []
    for unit in ratings.T:
        votes = unit[~np.isnan(unit)]
        if len(votes):
            prevalence.append([(votes == c).mean() for c in categories])
        if len(votes) > 1:
            agreeing.append(np.mean([a == b for a, b in itertools.permutations(votes, 2)]))
    ours = agreement.gwet_ac1(ratings, categories)
    if not agreeing:
        assert ours is None
        return
    share = np.mean(prevalence, axis=0)
    chance = (share * (1 - share)).sum() / (len(categories) - 1)
    assert same(ours, (np.mean(agreeing) - chance) / (1 - chance))


@examples
@given(rating_matrices(), st.data())
def test_leave_one_out_from_its_definition(ratings, data):
    units = ratings.shape[1]
    judge = data.draw(st.lists(st.sampled_from([0, 1, 2, math.nan]), min_size=units, max_size=units))
    result = human.leave_one_out(ratings, judge)
    differences = [[] for _ in judge]
    for j in range(len(ratings)):
        scores = []
        for i, unit in enumerate(ratings.T):
            others = [v for v in np.delete(unit, j) if not math.isnan(v)]
            if math.isnan(unit[j]) or not others:
                continue
            most = max(others.count(v) for v in others)
            modes = {v for v in others if others.count(v) == most}
            scores.append(((unit[j] in modes) / len(modes), (judge[i] in modes) / len(modes)))
            differences[i].append(scores[-1][1] - scores[-1][0])
        for ours, column in ((result.human[j], 0), (result.judge[j], 1)):
            assert same(ours, np.mean([s[column] for s in scores]) if scores else math.nan)
        assert result.units[j] == len(scores)
    expected = [np.mean(d) if d else math.nan for d in differences]
    np.testing.assert_allclose(result.difference, expected, atol=NEAR)


def test_a_judge_that_failed_never_wins():
    """A failure scores 0 in every fold, and in the test it never does as well as a human who agrees with somebody."""
    raters = np.array([[0, 1, 2, 1] * 2, [0, 1, 2, 0] * 2, [0, 1, 1, 1] * 2], dtype=float)
    failed = np.full(8, np.nan)
    assert human.leave_one_out(raters, failed).judge == (0, 0, 0)
    assert human.pairwise_agreement(raters, failed) == 0
    assert human.alternative_annotator_test(raters, failed, epsilon=0.2, scoring="neg_rmse", min_units=2).rho == 0
    # In accuracy a human who agrees with nobody ties with it.
    assert human.alternative_annotator_test(raters, failed, epsilon=0.2, min_units=2).omega == 0


def test_alternative_annotator_test_clustered_is_the_t_test_on_one_unit_per_cluster():
    rng = np.random.default_rng(5)
    raters, judge = rng.integers(0, 3, size=(3, 60)), rng.integers(0, 3, size=60)
    plain = human.alternative_annotator_test(raters, judge, epsilon=0.1)
    alone = human.alternative_annotator_test(raters, judge, epsilon=0.1, clusters=range(60))
    assert alone.p_values == pytest.approx(plain.p_values, abs=1e-12)
    halves = np.repeat(np.arange(30), 2)
    twice = human.alternative_annotator_test(
        np.tile(raters, 2), np.tile(judge, 2), epsilon=0.1, clusters=np.tile(np.arange(60), 2)
    )
    assert twice.standard_error == pytest.approx(plain.standard_error, abs=1e-12)
    assert human.alternative_annotator_test(raters, judge, epsilon=0.1, clusters=halves).df == (29, 29, 29)


# --------------------------------------------------------------------------------------------------- nothing there


NOTHING = {
    "accuracy": lambda: agreement.accuracy([], []),
    "cohen_kappa, no units": lambda: agreement.cohen_kappa([], [], "AB"),
    "cohen_kappa, one label": lambda: agreement.cohen_kappa("AAA", "AAA", "AB"),
    "weighted kappa, one label": lambda: agreement.cohen_kappa("AAA", "AAA", "ABC", "quadratic"),
    "matthews_correlation, no units": lambda: agreement.matthews_correlation([], [], "AB"),
    "matthews_correlation, one verdict": lambda: agreement.matthews_correlation("AB", "AA", "AB"),
    "scott_pi, no units": lambda: agreement.scott_pi([], [], "AB"),
    "scott_pi, one label": lambda: agreement.scott_pi("AA", "AA", "AB"),
    "gwet_ac1, no units": lambda: agreement.gwet_ac1([[], []], "AB"),
    "gwet_ac1, no raters": lambda: agreement.gwet_ac1([], "AB"),
    "gwet_ac1, no pairs": lambda: agreement.gwet_ac1([["A", None], [None, "B"]], "AB"),
    "gwet_ac1, one category": lambda: agreement.gwet_ac1(["AA", "AA"], "A"),
    "fleiss_kappa, no units": lambda: agreement.fleiss_kappa(np.empty((0, 3))),
    "fleiss_kappa, one rater": lambda: agreement.fleiss_kappa([[1, 0], [0, 1]]),
    "fleiss_kappa, one category": lambda: agreement.fleiss_kappa([[7, 0], [7, 0]]),
    "krippendorff_alpha, no units": lambda: agreement.krippendorff_alpha(np.empty((3, 0))),
    "krippendorff_alpha, all missing": lambda: agreement.krippendorff_alpha(np.full((3, 4), np.nan)),
    "krippendorff_alpha, one value": lambda: agreement.krippendorff_alpha([[2, 2], [2, 2]], level="ratio"),
    "krippendorff_alpha, one paired value": lambda: agreement.krippendorff_alpha([[2, 2, 1], [2, 2, None]]),
    "pairwise_agreement": lambda: human.pairwise_agreement(np.empty((3, 0))),
    "pairwise_agreement, one rater": lambda: human.pairwise_agreement([[1, 0]]),
    "ceiling": lambda: human.ceiling([[1, None], [None, 0]]),
    "binary_ceiling, worse than chance": lambda: human.binary_ceiling(0.4),
    "alternative_annotator_test, few units": lambda: human.alternative_annotator_test(
        [[0, 1], [0, 1]], [0, 1], epsilon=0.2
    ),
    "alternative_annotator_test, one cluster": lambda: human.alternative_annotator_test(
        [[0, 1], [0, 1]], [0, 1], epsilon=0.2, min_units=2, clusters="aa"
    ),
    "consistency": lambda: position.consistency([], []),
    "consistency, all failed": lambda: position.consistency([None, 1], [1, None]),
    "primacy": lambda: position.primacy([None], [1]),
    "recency": lambda: position.recency([None], [1]),
    "preference_fairness": lambda: position.preference_fairness([], []),
    "position_bias_p_value": lambda: position.position_bias_p_value([None], [1]),
    "repetition_stability": lambda: position.repetition_stability([]),
    "repetition_stability, no repeats": lambda: position.repetition_stability([[]]),
    "wilson": lambda: intervals.wilson(0, 0),
    "clopper_pearson": lambda: intervals.clopper_pearson(0, 0),
    "cluster_se": lambda: intervals.cluster_se([]),
    "cluster_se, empty clusters": lambda: intervals.cluster_se([], []),
    "cluster_se, one cluster": lambda: intervals.cluster_se([0, 1], "aa"),
    "cluster_wilson": lambda: intervals.cluster_wilson([]),
    "cluster_wilson, one cluster": lambda: intervals.cluster_wilson([1, 1, 0], "aaa"),
    "t_interval, one cluster": lambda: intervals.t_interval([1, 1, 0], "aaa"),
    "t_interval, no spread": lambda: intervals.t_interval([0.1] * 7),
}


@pytest.mark.parametrize("case", NOTHING)
def test_undefined_is_none(case):
    assert NOTHING[case]() is None


def test_undefined_parts_of_results():
    assert agreement.precision_recall_f1([], [], "AB") == (None, None, None)
    assert np.isnan(agreement.class_scores_from_counts([[1, 0], [0, 0]])).tolist() == [[False] * 3, [True] * 3]
    alone = human.leave_one_out([[1, 0], [None, None]], [1, 1])
    assert (alone.human, alone.judge, alone.units) == ((None, None), (None, None), (0, 0))
    assert np.isnan(alone.difference).all()
    assert human.leave_one_out(np.empty((2, 0)), []).human == (None, None)
    assert position.position_bias_p_value([1, 0], [1, 0]) == 1.0
    assert position.repetition_stability([[]]) is None
    wins = position.slot_wins([0, None], [0, 0]).sum(0)
    assert np.isnan(position.first_slot_rate_from_counts(wins))


rng = np.random.default_rng(0)
ERRORS = {
    "2 labels and verdict has 3": lambda: agreement.accuracy("AB", "ABB"),
    "missing label": lambda: agreement.accuracy(["A", None], "AB"),
    "gold has the shape": lambda: agreement.accuracy(np.eye(2), "AB"),
    "a has 1 labels and b has 2": lambda: agreement.cohen_kappa("A", "AB", "AB"),
    "b holds 'C'": lambda: agreement.cohen_kappa("AB", "AC", "AB"),
    "a holds None": lambda: agreement.cohen_kappa(["A", None], "AB", "AB"),
    "gold holds 3": lambda: agreement.confusion([1, 3], [1, 2], [1, 2]),
    "none twice": lambda: agreement.confusion([1], [1], [1, 1]),
    "at least one label": lambda: agreement.scott_pi([], [], []),
    "categories must be one flat": lambda: agreement.scott_pi([], [], [[1]]),
    "a must be one flat": lambda: agreement.scott_pi([[1]], [1], [1]),
    "weights is 'cubic'": lambda: agreement.cohen_kappa("A", "A", "AB", "cubic"),
    "rows of lengths": lambda: agreement.gwet_ac1(["AB", "A"], "AB"),
    r"ratings\[1\] holds 'C'": lambda: agreement.category_counts(["A", "C"], "AB"),
    "equally many": lambda: agreement.fleiss_kappa([[2, 0], [2, 1]]),
    "must be .units, categories": lambda: agreement.fleiss_kappa([1, 2]),
    "whole numbers": lambda: agreement.fleiss_kappa([[0.5, 1.5]]),
    "must be .raters, units": lambda: agreement.krippendorff_alpha([1, 2]),
    "ratings must be numbers": lambda: agreement.krippendorff_alpha(["AB", "AB"]),
    "ratings must be numbers: ": lambda: agreement.krippendorff_alpha([[1, 2], [1]]),
    r"ratings must be \(raters, units\), finite or NaN; got inf": lambda: agreement.krippendorff_alpha(
        [[1, math.inf], [1, 2]]
    ),
    "level is 'cardinal'": lambda: agreement.krippendorff_alpha([[1, 2], [1, 2]], level="cardinal"),
    "must not be negative": lambda: agreement.krippendorff_alpha([[-1, 2], [1, 2]], level="ratio"),
    r"\(2, 3\); it must be \(..., k, k\)": lambda: agreement.cohen_kappa_from_counts(np.ones((2, 3))),
    r"\(3, 2\); it must be \(..., k, m >= k\)": lambda: agreement.accuracy_from_counts(np.ones((3, 2))),
    "AC1 needs": lambda: agreement.gwet_ac1_from_counts(np.ones((2, 4))),
    "2 rising numbers": lambda: agreement.krippendorff_alpha_from_counts(np.ones((2, 2)), [1, 0]),
    r"raters must be \(raters, units\), finite or NaN; got the shape \(2,\)": lambda: human.pairwise_agreement([1, 2]),
    "raters must be numbers": lambda: human.leave_one_out([["A"], ["B"]], [1]),
    "judge has 1 numbers for 2 units": lambda: human.leave_one_out([[1, 2], [1, 2]], [1]),
    "judge must be numbers": lambda: human.leave_one_out([[1], [1]], ["A"]),
    "scoring is 'f1'": lambda: human.alternative_annotator_test([[1], [1]], [1], epsilon=0.1, scoring="f1"),
    "epsilon is 1.5": lambda: human.alternative_annotator_test([[1], [1]], [1], epsilon=1.5),
    "clusters has 2 labels for 1": lambda: human.alternative_annotator_test(
        [[1], [1]], [1], epsilon=0.1, clusters="ab"
    ),
    "agreement is 1.2": lambda: human.binary_ceiling(1.2),
    "original must hold -1, 0, 1 or NaN; got 2": lambda: position.consistency([2, 1], [1, 1]),
    "swapped must be numbers": lambda: position.consistency([1], ["A"]),
    "got the shape": lambda: position.outcomes([[1]], [[1]]),
    "original has 1 and swapped has 2 entries": lambda: position.slot_wins([1], [1, 0]),
    r"must be \(..., 4\)": lambda: position.consistency_from_counts([1, 2]),
    r"must be \(..., 2\)": lambda: position.first_slot_rate_from_counts([1, 2, 3]),
    "successes is 3 of n = 2": lambda: intervals.wilson(3, 2),
    "must be whole": lambda: intervals.clopper_pearson(1.5, 2),
    "level is 95": lambda: intervals.wilson(1, 2, level=95),
    "scores must be one flat": lambda: intervals.cluster_se([[1, 2]]),
    "finite": lambda: intervals.t_interval([1, math.nan]),
    "clusters has 1 labels for 2": lambda: intervals.cluster_se([1, 2], "a"),
    "clusters has the shape": lambda: intervals.cluster_se([1, 2], np.eye(2)),
    "clusters must be one flat": lambda: intervals.cluster_se([1, 2], [[1], [2]]),
    "single number": lambda: intervals.cluster_sums(1, "a"),
    "scores reach from": lambda: intervals.cluster_wilson([0, 2]),
    "method is 'basic'": lambda: intervals.bootstrap([1, 2], np.sum, rng=rng, method="basic"),
    "resamples is 0": lambda: intervals.bootstrap([1, 2], np.sum, rng=rng, resamples=0),
    "counts has the shape": lambda: intervals.bootstrap(np.ones((2, 2, 2)), np.sum, rng=rng),
    "counts of the shape": lambda: intervals.bootstrap([0.5, 2], np.sum, rng=rng),
    "statistic made": lambda: intervals.bootstrap([1, 2], lambda tables: tables, rng=rng),
}


@pytest.mark.parametrize("message", ERRORS)
def test_bad_input_is_a_value_error_that_names_it(message):
    with pytest.raises(ValueError, match=message):
        ERRORS[message]()


def test_a_seed_is_no_generator():
    with pytest.raises(TypeError, match="default_rng"):
        intervals.bootstrap([1, 2], lambda tables: tables[..., 0], rng=0)
