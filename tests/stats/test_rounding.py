"""No decision hangs on a last bit: every statistic that compares says the same of numbers moved by one bit, and of
numbers that are equal but for how they were computed."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from judgebench.stats import _arrays as arrays
from judgebench.stats import (
    aggregation,
    calibration,
    compare,
    correction,
    human,
    intervals,
    ranking,
    ratings,
    rounding,
    selective,
)
from judgebench.types import Verdict

NEAR = 1e-9
N, CLUSTERS = 60, np.arange(60) // 3
tenths = st.integers(-50, 50).map(lambda tenth: tenth / 10)


def nudged(array: Any, seed: int) -> np.ndarray:
    """The array with every number one bit up, one bit down, or as it is."""
    values = np.asarray(array, dtype=np.float64)
    toward = np.random.default_rng(seed).choice([-np.inf, 0.0, np.inf], size=values.shape)
    return np.where(toward == 0, values, np.nextafter(values, toward))


def draw(*shape: int, of: tuple[float, ...] = (0, 1 / 3, 0.5, 2 / 3, 1), seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).choice(of, size=shape)


THIRDS = draw(4, N)
SCALE = draw(4, N, of=(1.1, 2.2, 3.3, 4.4), seed=1)
RIGHT = draw(N, of=(0, 1), seed=2)
LEANS = draw(4, N, of=(-1, 0, 1), seed=3)
CASES: dict[str, tuple[np.ndarray, Callable[[np.ndarray], Any]]] = {
    "wilson at one half": (np.repeat([1 / 3, 2 / 3], 30), lambda x: intervals.cluster_wilson(x, np.arange(60) % 20)),
    "wilson of equals": (np.full(N, 1 / 3), lambda x: intervals.cluster_wilson(x, CLUSTERS)),
    "wilson of all": (np.nextafter(np.ones(N), 0), lambda x: intervals.cluster_wilson(np.minimum(x, 1), CLUSTERS)),
    "cluster_se of equals": (np.full(N, 0.7), lambda x: intervals.cluster_se(x, CLUSTERS)),
    "cluster_se of thirds": (np.tile([1 / 3, 1 / 3, 0.1], 20), lambda x: intervals.cluster_se(x, CLUSTERS)),
    "t_interval": (THIRDS[0], lambda x: intervals.t_interval(x, CLUSTERS)),
    "t_interval of equals": (np.full(N, 0.1), lambda x: intervals.t_interval(x, CLUSTERS)),
    "bootstrap": (
        np.stack([THIRDS[0], np.ones(N)], axis=1),
        lambda x: intervals.bootstrap(
            x, lambda c: c[..., 0] / c[..., 1], rng=np.random.default_rng(0), resamples=500, method="bca"
        ),
    ),
    "bootstrap of few clusters": (
        np.stack([np.tile([0.1, 0.2, 0.3], 2), np.ones(6)], axis=1),
        lambda x: intervals.bootstrap(
            x, lambda c: c[..., 0] / c[..., 1], rng=np.random.default_rng(0), resamples=500, method="bca"
        ),
    ),
    "paired_difference": (THIRDS[:2], lambda x: compare.paired_difference(*x, CLUSTERS)),
    "paired_difference of equals": (np.stack([SCALE[0], SCALE[0]]), lambda x: compare.paired_difference(*x, CLUSTERS)),
    "pairwise_differences": (THIRDS[[0, 1, 0, 2]], lambda x: compare.pairwise_differences(x, CLUSTERS)),
    "rank_sets": (
        THIRDS[[0, 1, 0, 2]],
        lambda x: compare.rank_sets(
            *[getattr(compare.pairwise_differences(x), part) for part in ("difference", "adjusted")]
        ),
    ),
    "rank_sets at alpha": (np.array([[1, 0.05], [0.05, 1]]), lambda x: compare.rank_sets([[0, 1], [-1, 0]], x)),
    "sign_flip": (THIRDS[:2], lambda x: compare.sign_flip(*x, rng=np.random.default_rng(0), resamples=200)),
    "alternative annotators": (SCALE, lambda x: human.alternative_annotator_test(x[:3], x[3], epsilon=0.2)),
    "alternative annotators by distance": (
        SCALE,
        lambda x: human.alternative_annotator_test(x[:3], x[3], epsilon=0.2, scoring="neg_rmse"),
    ),
    "leave_one_out": (SCALE, lambda x: human.leave_one_out(x[:3], x[3])),
    "pair_counts": (SCALE, human.pair_counts),
    "judge's pair_counts": (SCALE, lambda x: human.pair_counts(x[:3], x[3])),
    "exact": (SCALE[:2], lambda x: ratings.exact(*x)),
    "within": (SCALE[:2], lambda x: ratings.within(*x, distance=1.1)),
    "pearson of equals": (np.stack([np.full(N, 3.3), SCALE[0]]), lambda x: ratings.pearson(*x)),
    "spearman": (SCALE[:2], lambda x: ratings.spearman(*x)),
    "kendall_tau": (SCALE[:2], lambda x: ranking.kendall_tau(*x)),
    "kendall_tau_from_scores": (SCALE[:, :5], lambda x: ranking.kendall_tau_from_scores(x[:2], x[2:])),
    "pairwise_accuracy": (SCALE[:2, :9], lambda x: ranking.pairwise_accuracy(*x)),
    "pairwise_p_values": (
        THIRDS,
        lambda x: ranking.pairwise_p_values(x, CLUSTERS, rng=np.random.default_rng(0), resamples=200),
    ),
    "induced_pairs": (SCALE[:2], lambda x: ratings.induced_pairs(*x, CLUSTERS)),
    "majority by weight": (np.array([0.1, 0.2, 0.3]), lambda x: aggregation.majority([[0, 1], [0, 1], [1, 0]], x)),
    "rogan_gladen at chance": (
        np.array([0.3, 0.7]),
        lambda x: correction.rogan_gladen(0.4, specificity=x[0], sensitivity=x[1], n=100, m0=50, m1=50),
    ),
    "rogan_gladen at the edge": (
        np.array([0.3, 0.7]),
        lambda x: correction.rogan_gladen(x[0], specificity=x[1], sensitivity=0.9, n=100, m0=50, m1=50),
    ),
    "calibration": (np.abs(THIRDS[0]) * 0.9 + 0.05, lambda x: calibration.reliability_table(x, RIGHT)),
    "calibration error": (THIRDS[0], lambda x: calibration.expected_calibration_error(np.clip(x, 0, 1), RIGHT)),
    "auroc": (THIRDS[0], lambda x: calibration.auroc(x, RIGHT)),
    "risk_coverage": (THIRDS[0], lambda x: selective.risk_coverage(x, RIGHT)),
    "kept_above": (THIRDS[0], lambda x: selective.kept_above(x, RIGHT, 2 / 3)),
    "aurc": (THIRDS[0], lambda x: selective.aurc(x, RIGHT)),
}


UNDEFINED = ("t_interval of equals", "pearson of equals", "rogan_gladen at chance")
"""Where what varies is rounding alone, and the right answer is that there is no number."""


def close(one: Any, other: Any) -> bool:
    """Numbers to 1e-9, everything else exactly."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(close(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.shape == other.shape and np.allclose(one, other, rtol=NEAR, atol=NEAR, equal_nan=True)
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=NEAR, abs_tol=NEAR)
    return type(one) is type(other) and one == other


@pytest.mark.parametrize("name", CASES)
def test_a_last_bit_decides_nothing(name: str) -> None:
    array, statistic = CASES[name]
    right = statistic(array)
    assert (right is None) == (name in UNDEFINED)
    for seed in range(12):
        found = statistic(nudged(array, seed))
        assert close(found, right), f"{found} beside {right}"


@given(st.lists(tenths, min_size=1, max_size=8), st.integers(0, 100))
@example([0.0, 0.0], 3)
def test_equals_stay_equal(values: list[float], seed: int) -> None:
    moved = nudged(values, seed)
    assert rounding.equal(values, moved).all()
    assert [rounding.same(a, b) for a, b in zip(values, moved.tolist(), strict=True)] == [True] * len(values)
    assert not rounding.above(values, moved).any()
    assert rounding.at_least(values, moved).all()
    assert not rounding.difference(values, moved).any()
    assert not rounding.side(values, moved).any()
    assert rounding.at_top(moved).tolist() == rounding.at_top(values).tolist()
    assert list(Verdict(scores=tuple(moved.tolist())).top) == np.flatnonzero(rounding.at_top(values)).tolist()
    assert rounding.mid_ranks(moved).tolist() == rounding.mid_ranks(values).tolist()
    assert rounding.levels(moved).tolist() == rounding.levels(values).tolist()
    assert len(set(rounding.snapped(moved).tolist())) == len(set(values))
    assert [rounding.ceiling(value) for value in moved] == [math.ceil(value) for value in values]


@given(tenths, tenths)
def test_what_differs_by_more_is_compared_as_ever(a: float, b: float) -> None:
    assert rounding.equal(a, b) == (a == b)
    assert rounding.above(a, b) == (a > b)
    assert rounding.at_least(a, b) == (a >= b)
    assert rounding.side(a, b) == np.sign(a - b)
    assert rounding.difference(a, b) == a - b
    assert rounding.levels([a, b]).tolist() == [int(a > b), int(b > a)]
    assert rounding.mean(np.array([a, b])) == pytest.approx((a + b) / 2, abs=1e-15)


@pytest.mark.parametrize("edge", [np.inf, -np.inf, np.nan, 1e300, 5e-324, -0.0])
def test_the_edges_of_the_numbers(edge: float) -> None:
    assert rounding.equal(edge, edge) == (not math.isnan(edge))
    assert rounding.above(edge, 1.0) == (edge > 1)
    assert rounding.at_least(1.0, edge) == (edge <= 1)
    assert rounding.at_top([edge, -2.0]).tolist() == [not math.isnan(edge) and edge >= -2, not edge >= -2]


def test_nothing_is_compared_of_nothing() -> None:
    assert rounding.levels([]).tolist() == []
    assert rounding.snapped([]).tolist() == []
    assert rounding.at_top(np.zeros((0, 3))).shape == (0, 3)
    assert np.isnan(rounding.snapped([np.nan, 1.0])).tolist() == [True, False]


def test_the_quantile_of_student_is_the_same_with_every_scipy() -> None:
    """scipy 1.12's is 5e-10 off. Held against mpmath's incomplete beta function, in thirty digits."""
    with mpmath.workdps(30):
        for df in (1, 2, 3.7, 41, 169, 5000):
            t = mpmath.mpf(arrays.t_quantile(df, 0.95))
            outside = mpmath.betainc(mpmath.mpf(df) / 2, mpmath.mpf(1) / 2, 0, df / (df + t**2), regularized=True)
            assert float(outside) == pytest.approx(0.05, rel=1e-12), df
