"""Comparing, correcting, ranking and abstaining against other people's code, written-out definitions, simulation."""

from __future__ import annotations

import itertools
import math
import warnings

import benchmark_formulas as benchmarks
import evalica
import numpy as np
import pytest
import statsmodels.api
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics
from sklearn.linear_model import LogisticRegression
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from judgebench.stats import (
    aggregation,
    calibration,
    compare,
    correction,
    intervals,
    length,
    power,
    ranking,
    ratings,
    robustness,
    selective,
)

NEAR = 1e-9
examples = settings(max_examples=40, deadline=None)
halves = st.sampled_from([0.0, 0.5, 1.0])
bit = st.integers(0, 1)


def same(ours, oracle):
    """Equal to 1e-9, undefined together."""
    if ours is None:
        return math.isnan(oracle)
    return ours == pytest.approx(oracle, abs=NEAR)


@st.composite
def pairs_of_scores(draw, score=halves, least=2, most=12):
    n = draw(st.integers(least, most))
    first, second = (draw(st.lists(score, min_size=n, max_size=n)) for _ in range(2))
    return (
        np.array(first, float),
        np.array(second, float),
        draw(st.lists(st.sampled_from("abcd"), min_size=n, max_size=n)),
    )


@st.composite
def judged_confidences(draw):
    n = draw(st.integers(1, 30))
    confidence = draw(st.lists(st.sampled_from([0.0, 0.1, 0.3, 0.55, 0.6, 0.7, 0.95, 1.0]), min_size=n, max_size=n))
    return np.array(confidence), np.array(draw(st.lists(bit, min_size=n, max_size=n)))


@st.composite
def rated(draw, n=None):
    n = draw(st.integers(1, 15)) if n is None else n
    return tuple(np.array(draw(st.lists(st.integers(1, 5), min_size=n, max_size=n)), float) for _ in range(2))


# ------------------------------------------------------------------------------------------------------- compare


@examples
@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar(b, c):
    exact = mcnemar([[3, b], [c, 5]], exact=True).pvalue if b + c else 1.0
    assert same(float(compare.mcnemar_from_counts([b, c])), exact)
    # Half of the probability of what was seen is taken off each tail.
    law = stats.binom(b + c, 0.5)
    one_sided = law.cdf(min(b, c)) - law.pmf(min(b, c)) / 2
    expected = min(1.0, 2 * one_sided) if b + c else 1.0
    assert same(float(compare.mcnemar_from_counts([b, c], mid_p=True)), expected)


@examples
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_multiplicity(p_values):
    oracle = stats.false_discovery_control(p_values, method="by")
    np.testing.assert_allclose(compare.benjamini_yekutieli(p_values), oracle, atol=NEAR)
    ordered = sorted(p_values)
    m = len(ordered)
    for p, adjusted in zip(p_values, compare.holm(p_values), strict=True):
        # Rejected at the first alpha at which all of its smaller ones are, each at alpha over those that remain.
        assert same(adjusted, min(1.0, max((m - i) * ordered[i] for i in range(ordered.index(p) + 1))))


def test_multiplicity_is_that_of_statsmodels():
    p_values = np.random.default_rng(1).beta(0.5, 3, size=50)
    for ours, method in ((compare.holm, "holm"), (compare.benjamini_yekutieli, "fdr_by")):
        np.testing.assert_allclose(ours(p_values), multipletests(p_values, method=method)[1], atol=NEAR)


@examples
@given(pairs_of_scores())
def test_paired_difference(data):
    first, second, clusters = data
    plain = compare.paired_difference(first, second)
    if np.ptp(first - second):
        oracle = stats.ttest_rel(first, second)
        assert same(plain.p_value, oracle.pvalue)
        assert tuple(plain[2:4]) == pytest.approx(tuple(oracle.confidence_interval(0.95)), abs=NEAR)
    else:
        assert (plain.low, plain.high) == (None, None)
        assert plain.p_value == (1.0 if first[0] == second[0] else 2.0 ** (1 - len(first)))
    clustered = compare.paired_difference(first, second, clusters)
    if len(set(clusters)) < 2:
        assert clustered is None
        return
    groups = np.unique(clusters, return_inverse=True)[1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = statsmodels.api.OLS(first - second, np.ones(len(first))).fit(
            cov_type="cluster", cov_kwds={"groups": groups}, use_t=True
        )
        error, p_value = float(fit.bse[0]), float(fit.pvalues[0])
    assert clustered.clusters == len(set(clusters))
    assert clustered.standard_error == pytest.approx(error, abs=1e-8)
    if error > 1e-6:
        assert clustered.p_value == pytest.approx(p_value, abs=1e-6)


def test_a_difference_that_does_not_vary():
    """Four questions, always right against always wrong: the p-value of 16 signs, two of which are as extreme."""
    always = compare.paired_difference([1] * 8, [0] * 8, "aabbccdd")
    assert (always.value, always.standard_error, always.low, always.high, always.p_value) == (1, 0, None, None, 1 / 8)
    assert compare.sign_flip([1] * 8, [0] * 8, "aabbccdd", rng=np.random.default_rng(0)) == pytest.approx(1 / 8)
    assert compare.pairwise_differences([[1] * 8, [0] * 8], "aabbccdd").p_values[0, 1] == 1 / 8


@examples
@given(pairs_of_scores(most=9), st.sampled_from([1.0, 1 / 3, math.pi]))
def test_sign_flip_counts_all_signs(data, scale):
    """`scale` makes whole sums, thirds, and sums that no common step divides."""
    first, second, clusters = data
    first, second = first * scale, second * scale
    sums = intervals.cluster_sums(first - second, clusters)
    flips = [abs(np.dot(signs, sums)) for signs in itertools.product((-1, 1), repeat=len(sums))]
    expected = np.mean([flip >= abs(sums.sum()) - 1e-9 for flip in flips])
    found = compare.sign_flip(first, second, clusters, rng=np.random.default_rng(0), resamples=20_000)
    # Draws, where it comes to that, are within four of their standard errors.
    assert found == pytest.approx(expected, abs=NEAR if scale < 2 else 0.016)


@examples
@given(pairs_of_scores(score=bit.map(float), most=60))
def test_sign_flip_of_single_bits_is_mcnemar(data):
    first, second, _ = data
    alone = [np.greater(first, second).sum(), np.less(first, second).sum()]
    assert same(compare.sign_flip(first, second, rng=np.random.default_rng(0)), compare.mcnemar_from_counts(alone))


def test_sign_flip_of_many_clusters():
    rng = np.random.default_rng(2)
    first, second, clusters = rng.integers(0, 2, 5000), rng.integers(0, 2, 5000), rng.integers(0, 1000, 5000)
    exact = compare.sign_flip(first, second, clusters, rng=rng)
    sums = intervals.cluster_sums((first - second).astype(float), clusters)
    draws = np.abs((rng.integers(0, 2, (20_000, len(sums))) * 2 - 1) @ sums) >= abs(sums.sum())
    assert exact == pytest.approx(draws.mean(), abs=4 * np.sqrt(exact * (1 - exact) / 20_000))


@examples
@given(st.integers(2, 4), st.integers(2, 15), st.data())
def test_all_pairs_are_the_pairs_one_by_one(judges, n, data):
    scores = np.array([data.draw(st.lists(bit, min_size=n, max_size=n)) for _ in range(judges)], float)
    clusters = data.draw(st.lists(st.sampled_from("abc"), min_size=n, max_size=n))
    found = compare.pairwise_differences(scores, clusters)
    if found is None:
        assert len(set(clusters)) < 2
        return
    above = list(itertools.combinations(range(judges), 2))
    for i, j in above:
        one = compare.paired_difference(scores[i], scores[j], clusters)
        assert found.difference[i, j] == pytest.approx(one.value, abs=NEAR) == -found.difference[j, i]
        assert found.standard_error[i, j] == pytest.approx(one.standard_error, abs=1e-7)
        assert found.p_values[i, j] == pytest.approx(one.p_value, abs=1e-6)
    pairs = [found.p_values[i, j] for i, j in above]
    assert [found.adjusted[i, j] for i, j in above] == pytest.approx(list(compare.holm(pairs)), abs=NEAR)
    assert (np.diag(found.p_values) == 1).all()


def test_rank_sets_hold_together():
    """Ten judges, five of them equal: all true ranks inside their sets in at least 95 % of 400 samples."""
    rng = np.random.default_rng(5)
    truth = np.array([0.5, 0.5, 0.5, 0.5, 0.5, 0.6, 0.6, 0.7, 0.8, 0.9])
    best, worst = (truth[:, None] < truth).sum(1) + 1, 10 - (truth[:, None] > truth).sum(1)
    held = 0
    for _ in range(400):
        scores = (rng.random((10, 150)) < truth[:, None]).astype(float)
        tests = compare.pairwise_differences(scores)
        sets = compare.rank_sets(tests.difference, tests.adjusted)
        held += bool(((sets[:, 0] <= best) & (worst <= sets[:, 1])).all())
    assert held >= 0.95 * 400 - 2 * math.sqrt(400 * 0.05 * 0.95)


# --------------------------------------------------------------------------------------------------------- power


def test_sizes_and_effects_are_one_relation():
    size = power.sample_size(0.04, variance=0.3, design_effect=1.0)
    assert power.minimum_detectable_effect(math.sqrt(0.3 / size)) == pytest.approx(0.04)
    # The normal approximation that statsmodels solves for, two-sided, without the far tail.
    oracle = statsmodels.stats.power.normal_sample_size_one_tail(0.04, 0.8, 0.025, std_null=math.sqrt(0.3))
    assert size == pytest.approx(oracle)
    doubled = power.sample_size(0.04, variance=0.3, design_effect=2.0)
    assert doubled == pytest.approx(2 * size)
    repeated = power.sample_size(0.04, variance=0.1, within=(0.2, 0.6), repeats=(2, 6))
    assert repeated == pytest.approx(size)
    margin = power.sample_size_for_margin(0.05, variance=0.21)
    assert stats.norm.ppf(0.975) * math.sqrt(0.21 / margin) == pytest.approx(0.05)


def test_mcnemar_has_the_power_it_promises():
    n = math.ceil(power.sample_size_mcnemar(0.05, discordant=0.2))
    rng = np.random.default_rng(6)
    draws = rng.multinomial(n, [0.125, 0.075, 0.8], size=4000)[:, :2]
    assert (compare.mcnemar_from_counts(draws, mid_p=True) < 0.05).mean() == pytest.approx(0.8, abs=0.02)


# -------------------------------------------------------------------------------------------------------- length


def logit_sample(seed, n, effects=(0.2, 1.0, -0.5)):
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n, 2))
    outcome = rng.logistic(size=n) < effects[0] + features @ effects[1:]
    return features, outcome.astype(float), rng.integers(0, n // 4, size=n)


@pytest.mark.parametrize("seed", range(5))
def test_logistic_regression_is_that_of_statsmodels(seed):
    features, outcome, clusters = logit_sample(seed, 200)
    model = statsmodels.api.Logit(outcome, statsmodels.api.add_constant(features))
    for groups in (clusters, None):
        kinds = {"cov_type": "HC1"} if groups is None else {"cov_type": "cluster", "cov_kwds": {"groups": groups}}
        oracle = model.fit(disp=0, **kinds)
        ours = length.logistic_regression(features, outcome, groups)
        np.testing.assert_allclose(ours.coefficients, oracle.params, atol=1e-8)
        if groups is not None:
            np.testing.assert_allclose(ours.covariance, oracle.cov_params(), atol=1e-8)
        else:
            # statsmodels' HC1 of a Logit lacks the factor n / (n - k).
            errors = np.sqrt(np.diag(ours.covariance))
            assert errors == pytest.approx(oracle.bse, rel=0.01)
        assert ours.penalised is None
    one = ours.coefficient(1)
    assert one.low < one.value < one.high
    assert one.p_value == pytest.approx(2 * stats.t(199).sf(abs(one.value) / one.standard_error))


@pytest.mark.parametrize(
    ("n", "change", "reason"),
    [
        (200, lambda x, y: (x, (x[:, 0] > 0).astype(float)), "separation"),
        (200, lambda x, y: (x, ((x[:, 0] > 0) | (y > 0) & (x[:, 0] == 0)).astype(float)), "separation"),
        (200, lambda x, y: (np.column_stack([x[:, 0], np.ones(len(x))]), y), "collinear"),
        (40, lambda x, y: (x, y), "few events"),
    ],
    ids=["complete", "quasi", "constant", "small"],
)
def test_penalised_regression_is_that_of_scikit_learn_and_says_why(n, change, reason):
    features, outcome, _ = logit_sample(1, n)
    features[:20, 0] = 0
    features, outcome = change(features, outcome)
    ours = length.logistic_regression(features, outcome)
    oracle = LogisticRegression(C=1.0, tol=1e-10, max_iter=10_000).fit(features, outcome)
    assert ours.penalised == reason
    np.testing.assert_allclose(ours.coefficients[1:], oracle.coef_[0], atol=1e-5)
    assert ours.coefficients[0] == pytest.approx(oracle.intercept_[0], abs=1e-5)


def test_cluster_robust_length_effect_covers():
    """50 questions with a taste of their own: the clustered interval holds the truth about 95 times in 100."""
    rng, held = np.random.default_rng(7), 0
    for _ in range(300):
        clusters = np.repeat(np.arange(50), 6)
        lengths = np.repeat(rng.integers(50, 500, size=(50, 2)), 6, axis=0) + rng.integers(0, 9, size=(300, 2))
        gap = np.tanh((d := lengths[:, 0] - lengths[:, 1]) / d.std())
        people = rng.integers(-1, 2, size=300)
        # Within a question choices share the uniform number behind the coin, so that they go together.
        p = 1 / (1 + np.exp(-(0.5 * gap - people)))
        shared = np.where(rng.random(300) < 0.6, np.repeat(rng.random(50), 6), rng.random(300))
        effect = length.length_effect(np.where(shared < p, -1, 1), people, lengths, clusters)
        held += effect.length.low <= 0.5 <= effect.length.high
    assert 0.91 <= held / 300 <= 0.985


@examples
@given(st.lists(st.tuples(st.sampled_from([-1, 0, 1, None]), st.integers(0, 90), st.integers(0, 90)), max_size=20))
def test_length_counts_from_their_definitions(rows):
    verdicts, lengths = [v for v, *_ in rows], np.array([sizes for _, *sizes in rows], float).reshape(-1, 2)
    eligible = [r for r in zip(verdicts, lengths, strict=True) if r[0] in (-1, 1) and abs(r[1][0] - r[1][1]) > 30]
    longer = sum(v == (-1 if a > b else 1) for v, (a, b) in eligible)
    assert length.longer_counts(verdicts, lengths).sum(0).tolist() == [longer, len(eligible)]


# --------------------------------------------------------------------------------------- calibration and selection


@examples
@given(judged_confidences())
def test_calibration(data):
    confidence, correct = data
    found = calibration.brier(confidence, correct)
    assert found.score == pytest.approx(np.mean((confidence - correct) ** 2), abs=NEAR)
    assert found.score == pytest.approx(found.reliability - found.resolution + found.uncertainty, abs=NEAR)
    if len(set(correct)) == 2:
        assert found.score == pytest.approx(metrics.brier_score_loss(correct, confidence), abs=NEAR)
        assert same(calibration.auroc(confidence, correct), metrics.roc_auc_score(correct, confidence))
    else:
        assert calibration.auroc(confidence, correct) is None


@examples
@given(judged_confidences(), st.integers(1, 12))
def test_calibration_error_bin_by_bin(data, number):
    confidence, correct = data
    n = len(confidence)

    def error(groups):
        gaps = [abs(sum(confidence[g] - correct[g])) / n for g in groups if len(g)]
        return sum(gaps)

    unique = [np.flatnonzero(confidence == c) for c in set(confidence)]
    edges = [(i / number, (i + 1) / number) for i in range(number)]
    width = [
        np.flatnonzero((confidence > low + 1e-9 if low else confidence >= 0) & (confidence <= high + 1e-9))
        for low, high in edges
    ]
    for bins, groups in (("unique", unique), ("auto", unique), ("width", width)):
        found = calibration.expected_calibration_error(confidence, correct, bins=bins, number=number)
        assert found == pytest.approx(error(groups), abs=NEAR)
    mass = calibration.reliability_table(confidence, correct, bins="mass", number=number)
    assert mass.units.sum() == n
    assert len(mass.units) <= number
    assert (mass.low[1:] > mass.high[:-1]).all()
    assert (mass.low <= mass.confidence).all()
    assert (mass.confidence <= mass.high).all()


def test_decimal_confidences_on_an_edge_belong_below_it():
    """0.07 * 100 comes out above 7, and 0.58 * 100 below 58."""
    confidence = np.arange(1, 101) / 100
    table = calibration.reliability_table(confidence, np.ones(100), bins="width", number=100)
    assert table.units.tolist() == [1] * 100
    assert table.high == pytest.approx(confidence)


def test_equal_mass_bins_are_equal_without_ties_and_auto_takes_them():
    confidence = np.random.default_rng(0).random(1000)
    table = calibration.reliability_table(confidence, np.ones(1000))
    assert table.units.tolist() == [100] * 10


def test_calibration_null():
    rng = np.random.default_rng(8)
    confidence = rng.choice([0.6, 0.7, 0.9], size=200)
    null = calibration.calibration_null(confidence, rng=rng, resamples=3000)
    outcomes = rng.random((3000, 200)) < confidence
    brute = [calibration.expected_calibration_error(confidence, row) for row in outcomes[:1500]]
    assert np.quantile(null, [0.5, 0.95]) == pytest.approx(np.quantile(brute, [0.5, 0.95]), abs=0.006)


@examples
@given(st.lists(st.tuples(st.sampled_from([0.2, 0.5, 0.9]), bit), min_size=1, max_size=6))
def test_aurc_is_the_mean_over_all_orders_of_ties(rows):
    orders = []
    for order in itertools.permutations(rows):
        if [c for c, _ in order] == sorted((c for c, _ in rows), reverse=True):
            wrong = np.cumsum([1 - right for _, right in order])
            orders.append(np.mean(wrong / np.arange(1, len(rows) + 1)))
    confidence, correct = zip(*rows, strict=True)
    assert selective.aurc(confidence, correct) == pytest.approx(np.mean(orders), abs=NEAR)


@examples
@given(judged_confidences(), st.sampled_from([0.1, 0.3, 0.6]), st.integers(1, 5))
def test_fixed_sequence_from_its_definition(data, target, least):
    confidence, correct = data
    expected = None
    for threshold in sorted(set(confidence), reverse=True):
        kept = correct[confidence >= threshold]
        n, k = len(kept), int((1 - kept).sum())
        if n < least:
            continue
        bound = stats.beta.ppf(0.9, k + 1, n - k) if k < n else 1.0
        if bound > target:
            break
        expected = (threshold, n, k, pytest.approx(bound, abs=NEAR), n / len(confidence))
    found = selective.fixed_sequence_threshold(confidence, correct, target=target, delta=0.1, min_units=least)
    assert (None if found is None else tuple(found)) == expected


def test_fixed_sequence_keeps_its_promise():
    """Risk falls with confidence and the target is hard: the true risk exceeds it in at most a tenth of the cases."""
    rng, broken, abstained = np.random.default_rng(9), 0, 0
    levels = np.linspace(0.5, 1, 26)
    for _ in range(500):
        confidence = rng.choice(levels, size=200)
        correct = rng.random(200) < 0.35 + 0.6 * confidence
        found = selective.fixed_sequence_threshold(confidence, correct, target=0.15, delta=0.1)
        if found is None:
            abstained += 1
        else:
            broken += (1 - (0.35 + 0.6 * levels[levels >= found.threshold])).mean() > 0.15
    assert broken / 500 <= 0.1 + 2 * math.sqrt(0.1 * 0.9 / 500)
    assert 0 < abstained < 500


# ---------------------------------------------------------------------------------------------------- correction


def test_ppi_weights_and_clusters():
    rng = np.random.default_rng(10)
    truth, judged, others = rng.random(40), rng.random(40), rng.random(300)
    alone = correction.ppi(truth, judged, others, weight=0)
    assert alone.estimate == pytest.approx(truth.mean())
    assert alone.standard_error == pytest.approx(truth.std() / math.sqrt(40))
    tuned = correction.ppi(truth, judged, others)
    assert tuned.standard_error <= min(alone.standard_error, correction.ppi(truth, judged, others, weight=1)[3]) + 1e-6
    assert correction.ppi(truth, np.ones(40), np.ones(300)).weight == 0
    # Every unit twice: the clustered error is that of the single units.
    doubled = correction.ppi(
        np.tile(truth, 2),
        np.tile(judged, 2),
        np.tile(others, 2),
        weight=1,
        clusters=[*range(40), *range(40)],
        unlabelled_clusters=[*range(300), *range(300)],
    )
    parts = stats.sem(truth - judged), stats.sem(others)
    assert doubled.standard_error == pytest.approx(math.hypot(*parts))


def test_corrections_cover():
    """A judge with errors of its own: both intervals hold the true rate about 95 times in 100."""
    rng, held = np.random.default_rng(11), np.zeros(2)
    for _ in range(400):
        truth = rng.random(1000) < 0.3
        judged = np.where(truth, rng.random(1000) < 0.9, rng.random(1000) < 0.2)
        found = correction.ppi(truth[:200], judged[:200], judged[200:])
        held[0] += found.low <= 0.3 <= found.high
        q1, q0 = rng.binomial(100, 0.9) / 100, rng.binomial(100, 0.8) / 100
        found = correction.rogan_gladen(judged.mean(), specificity=q0, sensitivity=q1, n=1000, m0=100, m1=100)
        held[1] += found.low <= 0.3 <= found.high
    assert (held / 400 > 0.92).all()


# --------------------------------------------------------------------------------------------------- aggregation


def slow_dawid_skene(votes, labels, rounds):
    """The two steps as they stand in the paper, loop by loop."""
    units, judges, k = votes.shape[1], len(votes), len(labels)
    posterior = np.array([[np.mean(votes[:, u] == label) for label in labels] for u in range(units)])
    for _ in range(rounds):
        prior = posterior.mean(0)
        confusion = np.zeros((judges, k, k))
        for j, (t, said) in itertools.product(range(judges), itertools.product(range(k), range(k))):
            below = posterior[:, t].sum()
            confusion[j, t, said] = (posterior[:, t] * (votes[j] == labels[said])).sum() / below
        posterior = np.array(
            [
                [
                    prior[t] * np.prod([max(confusion[j, t, labels.index(votes[j, u])], 1e-10) for j in range(judges)])
                    for t in range(k)
                ]
                for u in range(units)
            ]
        )
        posterior /= posterior.sum(1, keepdims=True)
    return prior, confusion, posterior


def test_dawid_skene_is_the_paper_written_out():
    rng = np.random.default_rng(12)
    truth = rng.integers(0, 3, size=60)
    votes = np.array([np.where(rng.random(60) < a, truth, rng.integers(0, 3, size=60)) for a in (0.9, 0.7, 0.6, 0.8)])
    for rounds in (1, 4):
        ours = aggregation.dawid_skene(votes, max_iterations=rounds, tolerance=-1)
        prior, confusion, posterior = slow_dawid_skene(votes, [0, 1, 2], rounds)
        np.testing.assert_allclose(ours.prior, prior, atol=NEAR)
        np.testing.assert_allclose(ours.confusion, confusion, atol=NEAR)
        np.testing.assert_allclose(ours.posterior, posterior, atol=NEAR)
        assert not ours.converged
    steps = [aggregation.dawid_skene(votes, max_iterations=r, tolerance=-1).log_likelihood for r in range(1, 15)]
    assert (np.diff(steps) > -1e-9).all()
    fit = aggregation.dawid_skene(votes)
    assert fit.converged
    assert np.argsort(fit.accuracy).tolist()[-1] == 0


def test_dawid_skene_with_holes():
    votes = np.array([[0, 1, np.nan, np.nan], [0, 1, 1, np.nan], [np.nan] * 4])
    fit = aggregation.dawid_skene(votes, smoothing=0.1)
    assert np.isnan(fit.posterior[3]).all()
    assert np.isnan(fit.confusion[2]).all()
    assert np.isnan(fit.accuracy[2])
    np.testing.assert_allclose(np.nansum(fit.confusion[:2], axis=2), 1)
    assert fit.label[:3].tolist() == [0, 1, 1]


@examples
@given(st.lists(st.lists(st.sampled_from([-1, 0, 1, None]), min_size=3, max_size=3), min_size=1, max_size=8))
def test_majority_abstains_on_ties(units):
    for found, votes in zip(aggregation.majority(np.array(units, float).T), units, strict=True):
        given = [vote for vote in votes if vote is not None]
        modes = [vote for vote in set(given) if given.count(vote) == max(map(given.count, given))]
        assert same(None if len(modes) != 1 else modes[0], found)


def test_log_odds_weights_beat_equal_votes():
    rng = np.random.default_rng(14)
    accuracy = np.array([0.95, 0.6, 0.6, 0.6, 0.55])
    truth = rng.integers(0, 2, size=4000)
    votes = np.where(rng.random((5, 4000)) < accuracy[:, None], truth, 1 - truth)
    weights = aggregation.log_odds_weights((votes == truth).sum(1), 4000)
    # The best rule of independent judges is the sign of the sum of log odds, all 32 patterns counted.
    patterns = np.array(list(itertools.product((0, 1), repeat=5)))
    right = [np.prod(np.where(p, accuracy, 1 - accuracy)) for p in patterns]
    wrong = [np.prod(np.where(p, 1 - accuracy, accuracy)) for p in patterns]
    best = sum(max(r, w) for r, w in zip(right, wrong, strict=True)) / 2
    assert np.mean(aggregation.majority(votes, weights) == truth) == pytest.approx(best, abs=0.015)
    assert np.mean(aggregation.majority(votes) == truth) < best - 0.05


# ------------------------------------------------------------------------------------------------------- ranking


@st.composite
def wins(draw):
    k = draw(st.integers(2, 5))
    cells = draw(st.lists(st.sampled_from([0, 0, 0.5, 1, 2, 7]), min_size=k * k, max_size=k * k))
    return np.array(cells, float).reshape(k, k) * (1 - np.eye(k))


@examples
@given(wins())
def test_bradley_terry_solves_its_equations(table):
    """At the maximum every system wins as often as it is expected to; and there is none without a chain of wins."""
    k = len(table)
    reach = np.linalg.matrix_power((table > 0) + np.eye(k), k) > 0
    strengths = ranking.bradley_terry(table)
    if not reach.all():
        assert strengths is None
        strengths, table = ranking.bradley_terry(table, prior=0.5), table + 0.5 * (1 - np.eye(k))
    expected = (table + table.T) / (1 + np.exp(strengths[None, :] - strengths[:, None]))
    np.testing.assert_allclose(table.sum(1), expected.sum(1), atol=1e-6)
    assert strengths.sum() == pytest.approx(0, abs=1e-9)


def test_bradley_terry_is_evalicas():
    rng = np.random.default_rng(15)
    names = [f"m{i}" for i in range(6)]
    first, second = rng.integers(0, 6, 600), rng.integers(0, 5, 600)
    second += second >= first
    verdicts = rng.choice([-1, 0, 1], p=[0.5, 0.2, 0.3], size=600)
    winners = [{-1: evalica.Winner.X, 0: evalica.Winner.Draw, 1: evalica.Winner.Y}[v] for v in verdicts]
    named = [[names[i] for i in side] for side in (first, second)]
    oracle = evalica.bradley_terry(*named, winners, tolerance=1e-12, limit=10_000).scores
    table = np.zeros((6, 6))
    np.add.at(table, (first, second), (1 - verdicts) / 2)
    np.add.at(table, (second, first), (1 + verdicts) / 2)
    theirs = np.log([oracle[name] for name in names])
    np.testing.assert_allclose(ranking.bradley_terry(table), theirs - theirs.mean(), atol=1e-8)
    rates = evalica.average_win_rate(*named, winners).scores
    ours = [table[i].sum() / (table[i].sum() + table[:, i].sum()) for i in range(6)]
    np.testing.assert_allclose(ranking.win_rates(table), ours)
    assert set(rates.index) == set(names)


def test_bradley_terry_of_lopsided_tables():
    table = np.array([[0, 999, 1], [1, 0, 999], [1, 1, 0]], float)
    found = ranking.bradley_terry(table)
    np.testing.assert_allclose(ranking.bradley_terry(table.T), -found, atol=1e-8)
    expected = (table + table.T) / (1 + np.exp(found[None, :] - found[:, None]))
    np.testing.assert_allclose(table.sum(1), expected.sum(1), atol=1e-6)
    assert ranking.bradley_terry(np.triu(table)) is None
    assert ranking.bradley_terry([[5.0]]).tolist() == [0.0]
    odds = ranking.elo(ranking.bradley_terry([[0, 10], [1, 0]]))
    assert odds[0] - odds[1] == pytest.approx(400)


@examples
@given(rated())
def test_rank_correlations_are_scipys(data):
    human, judge = data
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scipy warns where we return None
        enough = len(human) > 1
        pearson = stats.pearsonr(human, judge).statistic if enough else math.nan
        spearman = stats.spearmanr(human, judge).statistic if enough else math.nan
        tau = {v: stats.kendalltau(human, judge, variant=v).statistic if enough else math.nan for v in "bc"}
    assert same(ratings.pearson(human, judge), float(pearson))
    assert same(ratings.spearman(human, judge), float(spearman))
    assert same(ranking.kendall_tau(human, judge), float(tau["b"]))
    if np.ptp(human) and np.ptp(judge):
        assert same(ranking.kendall_tau(human, judge, variant="c"), float(tau["c"]))
    else:
        assert ranking.kendall_tau(human, judge, variant="c") is None
    assert same(ratings.spearman(human, judge), float(ratings.spearman_from_counts(*tabled(human, judge))))
    assert same(ranking.kendall_tau(human, judge), float(ranking.kendall_tau_from_scores(human, judge)))


def tabled(human, judge):
    values = np.arange(1.0, 6)
    table = [[((human == a) & (judge == b)).sum() for b in values] for a in values]
    return table, values, values


def test_kendall_tau_of_many_distinct_values():
    a, b = np.random.default_rng(16).normal(size=(2, 3000)).round(2)
    assert ranking.kendall_tau(a, b) == pytest.approx(stats.kendalltau(a, b).statistic, abs=NEAR)
    assert ranking.kendall_tau(a, b, variant="c") == pytest.approx(
        stats.kendalltau(a, b, variant="c").statistic, abs=NEAR
    )


def test_permutation_p_values_count_ties():
    scores = np.array([[1, 1, 1, 0, 1, 0], [0, 0, 1, 0, 1, 1]], float)
    d = scores[0] - scores[1]
    flips = np.array(list(itertools.product((-1, 1), repeat=6))) @ d
    found = ranking.pairwise_p_values(scores, rng=np.random.default_rng(0), resamples=20_000)
    assert found[0, 1] == pytest.approx(np.mean(flips >= d.sum()), abs=0.015)
    assert found[1, 0] == pytest.approx(np.mean(flips <= d.sum()), abs=0.015)


def test_permutation_p_values_and_soft_pairwise_accuracy():
    rng = np.random.default_rng(17)
    human = rng.normal(size=(4, 10)) + np.array([[0.0], [0.3], [0.6], [0.6]])
    judge = human + rng.normal(size=(4, 10)) / 2
    exact = np.full((4, 4), np.nan)
    for i, j in itertools.permutations(range(4), 2):
        d = human[i] - human[j]
        flips = np.array(list(itertools.product((-1, 1), repeat=10))) @ d
        exact[i, j] = np.mean(flips >= d.sum() - 1e-9)
    drawn = ranking.pairwise_p_values(human, rng=np.random.default_rng(0), resamples=20_000)
    np.testing.assert_allclose(drawn, exact, atol=0.015)
    singly = ranking.pairwise_p_values(human, range(10), rng=np.random.default_rng(0), resamples=20_000)
    np.testing.assert_array_equal(singly, drawn)
    theirs = ranking.pairwise_p_values(judge, rng=np.random.default_rng(0), resamples=20_000)
    above = np.triu_indices(4, 1)
    expected = 1 - np.abs(drawn[above] - theirs[above]).mean()
    assert ranking.soft_pairwise_accuracy(drawn, theirs) == pytest.approx(expected)
    assert ranking.soft_pairwise_accuracy(drawn, drawn) == 1


@examples
@given(rated())
def test_pairwise_accuracy(data):
    human, judge = data
    pairs = list(itertools.combinations(range(len(human)), 2))
    alike = [np.sign(human[i] - human[j]) == np.sign(judge[i] - judge[j]) for i, j in pairs]
    assert same(ranking.pairwise_accuracy(human, judge), np.mean(alike) if pairs else math.nan)


# ------------------------------------------------------------------------------------------------------- ratings


@examples
@given(rated(), st.data())
def test_ratings_from_their_definitions(data, more):
    human, judge = data
    n = len(human)
    failed = np.array(more.draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    broken = np.where(failed, np.nan, judge)
    gaps = np.abs(human - judge)
    left = ~failed
    assert same(ratings.mae(human, judge), metrics.mean_absolute_error(human, judge))
    assert same(ratings.mae(human, broken), gaps[left].mean() if left.any() else math.nan)
    assert same(ratings.bias(human, broken), (judge - human)[left].mean() if left.any() else math.nan)
    assert same(ratings.exact(human, broken), np.mean(left & (gaps == 0)))
    assert same(ratings.within(human, broken), np.mean(left & (gaps <= 1)))
    assert same(ratings.agr_credit(human, broken, p=1).mean(), ratings.exact(human, broken))
    assert same(ratings.agr_credit(human, broken).mean(), np.mean(left * np.select([gaps == 0, gaps == 1], [1, 0.25])))
    assert same(ratings.agr_credit(human, broken, p=3, q=1).mean(), np.mean(left * (gaps < 3) / (gaps + 1)))
    prompts = more.draw(st.lists(st.sampled_from("abc"), min_size=n, max_size=n))
    pairs = [(i, j) for i, j in itertools.combinations(range(n), 2) if prompts[i] == prompts[j]]
    alike = [np.sign(human[i] - human[j]) == np.sign(broken[i] - broken[j]) for i, j in pairs]
    strict = [same_order for same_order, (i, j) in zip(alike, pairs, strict=True) if human[i] != human[j]]
    found = ratings.induced_pairs(human, broken, prompts)
    assert (found.pairs, found.pairs_without_ties) == (len(pairs), len(strict))
    assert same(found.agreement, np.mean(alike) if pairs else math.nan)
    assert same(found.agreement_without_ties, np.mean(strict) if strict else math.nan)


@examples
@given(st.integers(2, 5), st.integers(2, 8), st.data())
def test_icc_from_analyses_of_variance(k, n, data):
    table = np.array([data.draw(st.lists(st.integers(1, 7), min_size=k, max_size=k)) for _ in range(n)], float)
    found = ratings.icc(table.T)
    if not np.ptp(table.mean(1)) and not np.ptp(table - table.mean(1, keepdims=True)):
        assert found[:6] == (None,) * 6
        return
    means, grand = table.mean(1), table.mean()
    bms = k * ((means - grand) ** 2).sum() / (n - 1)
    wms = ((table - means[:, None]) ** 2).sum() / (n * (k - 1))
    jms = n * ((table.mean(0) - grand) ** 2).sum() / (k - 1)
    ems = ((table - means[:, None] - table.mean(0) + grand) ** 2).sum() / ((n - 1) * (k - 1))
    forms = [
        (bms - wms, bms + (k - 1) * wms),
        (bms - ems, bms + (k - 1) * ems + k * (jms - ems) / n),
        (bms - ems, bms + (k - 1) * ems),
        (bms - wms, bms),
        (bms - ems, bms + (jms - ems) / n),
        (bms - ems, bms),
    ]
    for ours, (above, below) in zip(found[:6], forms, strict=True):
        assert same(ours, above / below if below > 1e-9 else math.nan)
    if wms > 1e-9:
        f = stats.f_oneway(*table).statistic
        assert found.icc1 == pytest.approx((f - 1) / (f + k - 1), abs=1e-8)


def test_icc_leaves_out_incomplete_units():
    ratings_ = np.array([[1, 2, 3, 4], [1, 3, 3, np.nan], [2, 2, 4, 5]])
    assert ratings.icc(ratings_) == ratings.icc(ratings_[:, :3])
    assert ratings.icc(ratings_).units == 3


# ---------------------------------------------------------------------------------------------------- robustness


def test_robustness_charges_only_what_a_rerun_does_not_explain():
    """A judge that rolls dice in 30 % of the trials and minds nothing: RR alone looks bad, beyond_rerun does not."""
    rng = np.random.default_rng(18)
    fixed = rng.integers(-1, 2, size=4000)
    runs = [np.where(rng.random(4000) < 0.7, fixed, rng.integers(-1, 2, size=4000)) for _ in range(4)]
    result = robustness.robustness(*runs)
    assert result.perturbed < 0.75
    assert result.beyond_rerun.low < 0 < result.beyond_rerun.high
    assert result.beyond_placebo.p_value > 0.01
    expected = compare.paired_difference(runs[0] == runs[1], runs[0] == runs[2])
    assert result.beyond_rerun == expected
    runs[1] = runs[1].astype(float)
    runs[1][:100] = np.nan
    clustered = robustness.robustness(*runs, clusters=np.arange(4000) // 2)
    assert (clustered.units, clustered.failed) == (3900, 100)
    assert clustered.beyond_rerun.clusters == 1950


def test_self_preference():
    rng = np.random.default_rng(19)
    own, people = rng.choice([-1, 1], size=500), rng.choice([-1, 0, 1], size=500)
    fair = np.where(rng.random(500) < 0.8, people, rng.choice([-1, 1], size=500))
    selfish = np.where(rng.random(500) < 0.3, own, fair)
    result = robustness.self_preference(selfish, people, fair, own, clusters=np.arange(500) // 5)
    assert result.reference.low < 0 < result.reference.high
    assert result.judge.low > 0
    assert result.difference.value == pytest.approx(result.judge.value - result.reference.value)
    assert result.difference.value == pytest.approx(((selfish - fair) * own).mean() / 2)


# ---------------------------------------------------------------------------------------------------- benchmarks


@examples
@given(st.integers(1, 6), st.data())
def test_rm_bench_and_best_of_four(n, data):
    score = st.integers(0, 3).map(float)
    chosen, rejected = (
        np.array([data.draw(st.lists(score, min_size=3, max_size=3)) for _ in range(n)]) for _ in range(2)
    )
    found = benchmarks.rm_bench(chosen, rejected)
    cells = {(i, j): np.mean(chosen[:, i] > rejected[:, j]) for i, j in itertools.product(range(3), repeat=2)}
    assert found.hard == pytest.approx(np.mean([v for (i, j), v in cells.items() if j > i]))
    assert found.normal == pytest.approx(np.mean([v for (i, j), v in cells.items() if j == i]))
    assert found.easy == pytest.approx(np.mean([v for (i, j), v in cells.items() if j < i]))
    four = np.column_stack([chosen, rejected[:, 0]])
    credit = [(row[0] == max(row)) / list(row).count(max(row)) for row in four]
    assert benchmarks.rewardbench2_best_of_four(four).tolist() == credit


def test_rewardbench2_ties_by_hand():
    """Margins 6 and -1 over spreads 1 and 4, references 6 and 3; then a spread of 0: margins of infinity and 0/0."""
    tied, ref = {1: ([9, 8, 2], 2), 2: ([5, 9, 6], 2)}, {1: ([9, 3], 1), 2: ([4, 1], 1), 3: ([0, 1], 1)}
    found = benchmarks.rewardbench2_ties(tied, ref)
    assert found.margin == pytest.approx((math.tanh(5) + math.tanh(-1.25)) / 2)
    assert found.ref_accuracy == pytest.approx(2 / 3)
    expected = 0.3 * 0.5 + 0.3 * 2 / 3 + 0.2 * 0.5 + 0.2 * 0.5 + 0.01 * found.margin
    assert found.score == pytest.approx(expected)
    perfect = benchmarks.rewardbench2_ties({1: ([5, 5, 1], 2)}, {1: ([5, 1], 1)})
    assert perfect.score == pytest.approx(1.01)
    nothing = benchmarks.rewardbench2_ties({1: ([5, 5, 5], 2)}, {1: ([5, 5], 1)})
    assert nothing == (0, 0, 0, 0, 0, 0)


def test_mr_score():
    truth, said = [1] * 50 + [0] * 50, [1] * 40 + [0] * 10 + [0] * 30 + [1] * 20
    counts = {"true_correct": 40, "true_incorrect": 30, "correct": 50, "incorrect": 50}
    found = benchmarks.mr_score(**counts, right_steps=20, right_reasons=10)
    assert found == pytest.approx(0.2 * metrics.matthews_corrcoef(truth, said) + 0.3 * 0.4 + 0.5 * 0.2)
    worse = {"true_correct": 0, "true_incorrect": 0, "correct": 5, "incorrect": 5}
    assert benchmarks.mr_score(**worse, right_steps=0, right_reasons=0) == 0
