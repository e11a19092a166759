"""Intervals: repeatable, as wide as they should be, and silent where the sample says nothing."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from judgebench.stats import agreement, intervals
from judgebench.stats.intervals import bootstrap, cluster_se, cluster_sums, cluster_wilson, t_interval, wilson

TABLE = np.array([30, 5, 5, 4, 20, 3, 2, 6, 25])


def kappa(cells):
    return agreement.cohen_kappa_from_counts(cells.reshape(*cells.shape[:-1], 3, 3))


def widened(groups, level=0.95):
    """The level that the bootstrap's tails have for so few clusters (Hesterberg 2015)."""
    return 1 - 2 * stats.norm.sf(np.sqrt(groups / (groups - 1)) * stats.t.ppf((1 + level) / 2, groups - 1))


def share(cells):
    return cells[..., 1] / cells.sum(-1)


def fresh(seed=1):
    return np.random.default_rng(seed)


# ------------------------------------------------------------------------------------------------- repeatable


def test_two_runs_one_interval_and_the_order_of_rows_does_not_matter():
    rows = fresh().integers(0, 3, size=(40, 9))
    first = bootstrap(rows, kappa, rng=fresh(7))
    assert first == bootstrap(rows, kappa, rng=fresh(7))
    assert first == bootstrap(rows[::-1].astype(float), kappa, rng=fresh(7))
    assert first != bootstrap(rows, kappa, rng=fresh(8))


def test_independent_counts_are_one_hot_rows():
    one_hot = np.repeat(np.eye(9), TABLE, axis=0)
    assert bootstrap(TABLE, kappa, rng=fresh()) == bootstrap(one_hot, kappa, rng=fresh())


@pytest.mark.parametrize("rows", [TABLE, fresh().integers(0, 3, size=(40, 9))], ids=["grouped", "picked"])
def test_chunks_do_not_change_the_numbers(rows, monkeypatch):
    whole = bootstrap(rows, kappa, rng=fresh(), resamples=999)
    monkeypatch.setattr(intervals.arrays, "_CHUNK_BYTES", 50_000)
    monkeypatch.setattr(intervals, "_KEPT_BYTES", 0)  # drawn anew
    sizes = []

    def watched(cells):
        sizes.append(len(cells))
        return kappa(cells)

    assert bootstrap(rows, watched, rng=fresh(), resamples=999) == whole
    assert len(sizes) > 5
    assert sum(sizes) == 999 + 1


def test_memory_stays_bounded_with_many_distinct_clusters():
    rows = fresh().integers(0, 9, size=(3000, 9))
    largest = []

    def watched(cells):
        largest.append(len(cells))
        return share(cells)

    bootstrap(rows, watched, rng=fresh(), resamples=2000)
    assert max(largest) * 8 * 4 * len(rows) <= 64_000_000


# ---------------------------------------------------------------------------------------------- right in width


@pytest.mark.parametrize("method", ["percentile", "bca"])
def test_against_scipy(method):
    """Kappa of 100 units; the ends differ by Monte-Carlo error only."""
    codes = np.repeat(np.arange(9), TABLE)

    def kappa_of_codes(sample, axis):
        return kappa((sample[..., None] == np.arange(9)).sum(-2).astype(float))

    oracle = stats.bootstrap(
        (codes,),
        kappa_of_codes,
        n_resamples=4000,
        batch=500,
        confidence_level=widened(100),
        method=method,
        vectorized=True,
        rng=fresh(2),
    ).confidence_interval
    ours = bootstrap(TABLE, kappa, rng=fresh(), method=method)
    assert (ours.low, ours.high) == pytest.approx(tuple(oracle), abs=0.012)


def test_the_bca_correction_itself_against_scipy():
    """A skewed statistic of graded scores, where BCa and percentile differ by much more than Monte-Carlo error."""
    scores = np.round(fresh(3).exponential(size=30), 2)
    rows = np.stack([scores, np.ones(30)], axis=1)

    def mean_squared(cells):
        return (cells[..., 0] / cells[..., 1]) ** 2

    ours = {m: bootstrap(rows, mean_squared, rng=fresh(), method=m, resamples=20_000) for m in ("percentile", "bca")}
    for method, interval in ours.items():
        oracle = stats.bootstrap(
            (scores,),
            lambda x, axis: x.mean(axis) ** 2,
            n_resamples=20_000,
            confidence_level=widened(30),
            method=method,
            rng=fresh(2),
        ).confidence_interval
        assert interval[:2] == pytest.approx(tuple(oracle), abs=0.04)
    assert ours["bca"].high - ours["percentile"].high > 0.1


def test_drawing_groups_and_picking_clusters_have_one_law(monkeypatch):
    rows = fresh().integers(0, 3, size=(60, 9))
    ends = []
    for pays in (0, 10**9):
        monkeypatch.setattr(intervals, "_GROUPING_PAYS", pays)
        ends.append(bootstrap(rows, kappa, rng=fresh(), resamples=20_000)[:2])
    assert ends[0] == pytest.approx(ends[1], abs=0.004)


def test_the_bootstrap_of_a_mean_is_the_cluster_standard_error():
    rng = fresh(4)
    clusters = np.repeat(np.arange(80), 5)
    right = (rng.random(400) < np.repeat(rng.beta(2, 1, size=80), 5)).astype(float)
    rows = cluster_sums(np.stack([1 - right, right], axis=1), clusters)
    low, high = bootstrap(rows, share, rng=rng)[:2]
    assert (high - low) / 2 == pytest.approx(stats.t.ppf(0.975, 79) * cluster_se(right, clusters), rel=0.03)
    assert tuple(cluster_wilson(right, clusters)) == pytest.approx((low, high), abs=0.01)


def test_coverage_of_clustered_scores():
    """50 questions with 5 pairs each, scores correlated within a question: the iid interval misses far too often."""
    rng, clusters, runs = fresh(0), np.repeat(np.arange(50), 5), 600
    truth = stats.norm.cdf(0.5)
    covered = {"independent": 0, "t": 0, "wilson": 0, "bootstrap": 0}
    for _ in range(runs):
        latent = 0.5 + np.repeat(rng.normal(size=50), 5) * np.sqrt(0.5) + rng.normal(size=250) * np.sqrt(0.5)
        right = (latent > 0).astype(float)
        rows = cluster_sums(np.stack([1 - right, right], axis=1), clusters)
        found = {
            "independent": t_interval(right),
            "t": t_interval(right, clusters),
            "wilson": cluster_wilson(right, clusters),
            "bootstrap": bootstrap(rows, share, rng=rng, resamples=999)[:2],
        }
        for name, (low, high) in found.items():
            covered[name] += low <= truth <= high
    assert covered["independent"] / runs < 0.86
    # 4,000 runs give 0.815, 0.945, 0.953 and 0.937; the bounds are more than two standard errors away.
    assert 0.92 < covered["t"] / runs < 0.975
    assert 0.925 < covered["wilson"] / runs < 0.98
    assert 0.91 < covered["bootstrap"] / runs < 0.97


def test_without_clusters_cluster_wilson_is_wilson_with_a_t_quantile():
    right = np.repeat([1.0, 0.0], [230, 120])
    level = 1 - 2 * stats.norm.sf(stats.t.ppf(0.975, 349))
    assert tuple(cluster_wilson(right)) == pytest.approx(tuple(wilson(230, 350, level)), abs=1e-12)


# ------------------------------------------------------------------------------------------------- degenerate


@pytest.mark.parametrize("method", ["percentile", "bca"])
@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(np.array([0, 12]), id="all right"),
        pytest.param(np.array([12, 0]), id="all wrong"),
        pytest.param(np.array([[0, 3], [0, 5], [0, 1]]), id="all right, clustered"),
        pytest.param(np.array([[2, 3]]), id="one cluster"),
        pytest.param(np.array([[2, 3], [2, 3], [2, 3]]), id="all clusters alike"),
        pytest.param(np.zeros((0, 2)), id="no cluster"),
        pytest.param(np.array([0, 0]), id="no observation"),
        pytest.param(np.array([1, 0]), id="one observation"),
        pytest.param(np.zeros((4, 2)), id="empty clusters"),
    ],
)
def test_a_sample_without_variation_has_no_bootstrap_interval(rows, method):
    assert bootstrap(rows, share, rng=fresh(), resamples=50, method=method) == (None, None, 50, 0)


def test_an_undefined_estimate_has_no_interval():
    assert bootstrap([9, 0, 0, 0, 0, 0, 0, 0, 0], kappa, rng=fresh(), resamples=50) == (None, None, 50, 0)


def test_undefined_resamples_are_dropped_and_counted():
    """One unit of ten in the second class: a resample without it has no kappa."""
    cells = np.array([9, 0, 0, 0, 1, 0, 0, 0, 0])
    perfect = bootstrap(cells, kappa, rng=fresh())
    assert perfect[:2] == (None, None)  # kappa is 1 in every resample that has one
    assert perfect.undefined == pytest.approx(10_000 * 0.9**10, rel=0.05)
    cells[1] = 2
    interval = bootstrap(cells, kappa, rng=fresh())
    assert 0 < interval.undefined < 1000
    assert interval.low < kappa(cells.astype(float)) < interval.high


def test_a_ratio_without_a_denominator_is_undefined_and_warns_nobody():
    rows = np.array([[1, 0], [0, 1], [1, 0], [0, 0]])
    interval = bootstrap(rows, lambda cells: cells[..., 0] / cells.sum(-1), rng=fresh())
    assert interval.undefined == pytest.approx(10_000 / 256, rel=0.4)
    assert interval.low < interval.high


def test_all_right_and_all_wrong_proportions_count_clusters():
    """Ten questions answered right are ten observations, however many items each has."""
    for items in (1, 7):
        clusters = np.repeat(np.arange(10), items)
        low, high = cluster_wilson(np.ones(10 * items), clusters)
        assert (low, high) == cluster_wilson(np.ones(10))
        assert high == 1
        mirrored = cluster_wilson(np.zeros(10 * items), clusters)
        assert tuple(mirrored) == pytest.approx((1 - high, 1 - low), abs=1e-12)
    assert low < wilson(10, 10).low
    assert t_interval(np.ones(10)) is None


def test_few_questions_with_an_error_are_worth_one_trial_each():
    """All 20 items of one question in 50 are wrong: what is seen looks like a deff of 20, or of 1 where it is half."""
    clusters = np.repeat(np.arange(50), 20)
    right = np.ones(1000)
    right[:5] = 0  # taken at its word, a deff below 2 and some 600 trials
    assert tuple(cluster_wilson(right, clusters)) == cluster_wilson_of(right.mean(), 50, 49)
    right[::40] = 0  # spread over 25 questions: now the sample can show how dependent its items are
    assert np.ptp(cluster_wilson(right, clusters)) < 0.6 * np.ptp(cluster_wilson(right[::20]))


def test_unequal_questions_have_the_degrees_of_freedom_of_their_equals():
    """One question of 60 items and nine of one are worth n^2 / sum n_g^2 = 1.3 questions: one degree of freedom."""
    clusters = np.repeat(np.arange(10), [60] + [1] * 9)
    right = np.tile([1.0, 0.0, 1.0], 23)
    low, high = cluster_wilson(right, clusters)
    assert high - low > 0.9
    assert np.ptp(cluster_wilson(right, np.repeat(np.arange(23), 3))) < 0.3


def cluster_wilson_of(share, trials, df):
    quantile = stats.t.ppf(0.975, df)
    centre = share + quantile**2 / (2 * trials)
    margin = quantile * np.sqrt(share * (1 - share) / trials + quantile**2 / (4 * trials**2))
    return pytest.approx(tuple((centre + side * margin) / (1 + quantile**2 / trials) for side in (-1, 1)))


def test_of_few_clusters_the_tails_are_those_of_student():
    """Ten clusters: a symmetric mean's bootstrap is as wide as its t interval, not a sixth narrower."""
    rows = np.stack([np.arange(10.0), np.ones(10)], axis=1)
    for method in ("percentile", "bca"):
        found = bootstrap(rows, lambda cells: cells[..., 0] / cells[..., 1], rng=fresh(), method=method)
        assert tuple(found[:2]) == pytest.approx(tuple(t_interval(np.arange(10.0))), rel=0.05)


def test_fully_dependent_clusters_are_worth_their_number():
    right = np.repeat([1.0, 0.0, 1.0, 1.0, 0.0, 1.0], 20)
    clustered = cluster_wilson(right, np.repeat(np.arange(6), 20))
    assert tuple(clustered) == pytest.approx(tuple(cluster_wilson(right[::20])), abs=0.03)
    assert np.ptp(clustered) > 2 * np.ptp(cluster_wilson(right))


def test_clusters_that_spread_evenly_never_narrow_the_interval():
    """Both orders of one pair, always one right and one wrong: deff would be 0, and is taken as 1."""
    right, clusters = np.tile([1.0, 0.0], 20), np.repeat(np.arange(20), 2)
    low, high = cluster_wilson(right, clusters)
    assert high - low >= np.ptp(wilson(20, 40))
    assert t_interval(right, clusters) is None


def test_bca_is_percentile_where_the_estimate_sits_at_the_edge():
    """AC1 of a judge that always says the same on balanced gold is at its least: every resample lies above it."""
    balanced = np.array([20, 0, 0, 20, 0, 0, 0, 0, 0])

    def ac1(cells):
        return agreement.gwet_ac1_from_counts(cells.reshape(*cells.shape[:-1], 3, 3))

    percentile, bca = (bootstrap(balanced, ac1, rng=fresh(), method=method) for method in ("percentile", "bca"))
    assert bca == percentile
    assert bca.low < bca.high


def test_a_second_statistic_of_the_same_counts_is_drawn_from_the_same_resamples():
    """From memory or anew: the same interval, and the generator left in the same state, whatever a statistic does."""
    counts = np.random.default_rng(3).integers(0, 4, size=(60, 4)).astype(float)
    other = counts[:, ::-1].copy()

    def share(cells):
        return cells[..., 0] / cells.sum(-1)

    def greedy(cells):
        cells *= 0
        return cells.sum(-1)

    def found(table, statistic, rng):
        return intervals.bootstrap(table, statistic, rng=rng, resamples=500), rng.bit_generator.state

    anew = found(counts, share, np.random.default_rng(1))
    assert found(counts, share, np.random.default_rng(1)) == anew
    found(counts, greedy, np.random.default_rng(1))
    assert found(counts, share, np.random.default_rng(1)) == anew
    assert found(other, share, np.random.default_rng(1)) != anew
    assert found(counts, share, np.random.default_rng(2)) != anew
    assert found(counts, share, np.random.default_rng(1)) == anew
    rng = np.random.default_rng(1)
    assert found(counts, share, rng)[0] == anew[0]
    assert found(counts, share, rng)[0] != anew[0], "the generator went on"
