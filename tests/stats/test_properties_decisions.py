"""Properties as data, for comparing, correcting, ranking and abstaining. One row per public function (or kind of use),
one test that no function is missing: what happens when the units come in another order, when the two sides change
places, and the bounds."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import benchmark_formulas as benchmarks
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

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

MODULES = (
    aggregation,
    benchmarks,
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
INF = math.inf


class Sample(NamedTuple):
    right: np.ndarray  # (3, n), 0 and 1
    confidence: np.ndarray
    human: np.ndarray
    judge: np.ndarray  # with NaN
    gold: np.ndarray  # -1 and 1
    verdicts: np.ndarray  # (3, n), -1, 0, 1 and NaN
    lengths: np.ndarray  # (n, 2)
    clusters: tuple[int, ...]

    @property
    def sides(self):
        return self.right[0], self.right[1]

    @property
    def rated(self):
        """Both sides complete."""
        return self.human, np.nan_to_num(self.judge, nan=3.0)

    @property
    def wins(self):
        """A table of three systems from the units: who was right where another was not."""
        return (self.right @ (1 - self.right).T) * (1 - np.eye(3))


class Row(NamedTuple):
    """`units`: with the units in another order the result is the "same", or in that order ("rows"). `sides`: with the
    two judges (or raters, or kinds of label) exchanged it is the "same", "negated", or something else (None)."""

    call: Callable[[Sample], Any]
    units: str
    sides: str | None
    low: float
    high: float


RNG = np.random.default_rng(0)
C, K, L, M = compare, calibration, length, ratings
TABLE = {
    # compare
    "paired_difference": Row(
        lambda s: nones(C.paired_difference(*s.sides, s.clusters), "value"), "same", "negated", -1, 1
    ),
    "paired_difference[p]": Row(
        lambda s: nones(C.paired_difference(*s.sides, s.clusters), "p_value", "standard_error"), "same", "same", 0, 1
    ),
    "sign_flip": Row(lambda s: C.sign_flip(*s.sides, s.clusters, rng=RNG), "same", "same", 0, 1),
    "mcnemar_from_counts[mid_p]": Row(
        lambda s: C.mcnemar_from_counts([np.greater(*s.sides).sum(), np.less(*s.sides).sum()], mid_p=True),
        "same",
        "same",
        0,
        1,
    ),
    "mcnemar_from_counts": Row(
        lambda s: C.mcnemar_from_counts([(s.right[0] > s.right[1]).sum(), (s.right[0] < s.right[1]).sum()]),
        "same",
        "same",
        0,
        1,
    ),
    "pairwise_differences": Row(
        lambda s: nones(C.pairwise_differences(s.right[:2], s.clusters), "adjusted"), "same", "same", 0, 1
    ),
    "rank_sets": Row(
        lambda s: C.rank_sets(np.subtract.outer(s.right.mean(1), s.right.mean(1)), np.full((3, 3), 0.01)),
        "same",
        None,
        1,
        3,
    ),
    "holm": Row(lambda s: C.holm(s.confidence), "rows", "same", 0, 1),
    "benjamini_yekutieli": Row(lambda s: C.benjamini_yekutieli(s.confidence), "rows", "same", 0, 1),
    # power
    "minimum_detectable_effect": Row(
        lambda s: power.minimum_detectable_effect(s.confidence.std()), "same", "same", 0, INF
    ),
    "sample_size": Row(lambda s: power.sample_size(0.1, variance=s.confidence.var()), "same", "same", 0, INF),
    "sample_size_mcnemar": Row(
        lambda s: power.sample_size_mcnemar(0.1, discordant=0.2 + (s.right[0] != s.right[1]).mean() / 2),
        "same",
        "same",
        20,
        INF,
    ),
    "sample_size_for_margin": Row(
        lambda s: power.sample_size_for_margin(0.1, variance=s.confidence.var()), "same", "same", 0, INF
    ),
    # length
    "longer_counts": Row(lambda s: L.longer_counts(s.verdicts[0], s.lengths), "rows", None, 0, 1),
    "length_effect": Row(
        lambda s: coefficients(L.length_effect(s.verdicts[0], s.gold, s.lengths, s.clusters)), "same", None, -INF, INF
    ),
    "people_length_effects": Row(
        lambda s: [coefficients(e) for e in L.people_length_effects(s.verdicts, s.lengths)], "same", None, -INF, INF
    ),
    "logistic_regression": Row(
        lambda s: nones(L.logistic_regression(s.lengths / 100, s.right[0]), "coefficients"), "same", None, -INF, INF
    ),
    # calibration
    "reliability_table": Row(lambda s: np.array(K.reliability_table(s.confidence, s.right[0])), "same", None, 0, 8),
    "expected_calibration_error": Row(
        lambda s: K.expected_calibration_error(s.confidence, s.right[0]), "same", None, 0, 1
    ),
    "expected_calibration_error[mass]": Row(
        lambda s: K.expected_calibration_error(s.confidence, s.right[0], bins="mass", number=3), "same", None, 0, 1
    ),
    "expected_calibration_error_from_counts": Row(
        lambda s: K.expected_calibration_error_from_counts(K.calibration_gaps(s.confidence, s.right[0]).sum(0)),
        "same",
        None,
        0,
        1,
    ),
    "calibration_gaps": Row(lambda s: K.calibration_gaps(s.confidence, s.right[0]), "rows", None, -1, 1),
    "calibration_null": Row(
        lambda s: K.calibration_null(s.confidence, rng=np.random.default_rng(0), resamples=5), "same", None, 0, 1
    ),
    "brier": Row(lambda s: K.brier(s.confidence, s.right[0]), "same", None, 0, 1),
    "auroc": Row(lambda s: K.auroc(s.confidence, s.right[0]), "same", None, 0, 1),
    "auroc_from_counts": Row(
        lambda s: K.auroc_from_counts([[(s.right[0] == 0).sum(), 1], [1, s.right[0].sum()]]), "same", None, 0, 1
    ),
    # selective
    "risk_coverage": Row(lambda s: np.array(selective.risk_coverage(s.confidence, s.right[0])), "same", None, 0, 8),
    "kept_above": Row(lambda s: selective.kept_above(s.confidence, s.right[0], 0.6), "same", None, 0, 8),
    "aurc": Row(lambda s: selective.aurc(s.confidence, s.right[0]), "same", None, 0, 1),
    "aurc_from_counts": Row(
        lambda s: selective.aurc_from_counts([[(s.right[0] == 0).sum(), 1], [1, s.right[0].sum()]]), "same", None, 0, 1
    ),
    "fixed_sequence_threshold": Row(
        lambda s: selective.fixed_sequence_threshold(s.confidence, s.right[0], target=0.9, min_units=1),
        "same",
        None,
        0,
        8,
    ),
    # correction
    "rogan_gladen": Row(
        lambda s: nones(
            correction.rogan_gladen(s.right[0].mean(), specificity=0.8, sensitivity=0.9, n=8, m0=9, m1=9),
            "estimate",
            "low",
            "high",
        ),
        "same",
        None,
        0,
        1,
    ),
    "ppi": Row(lambda s: nones(correction.ppi(*s.sides, s.right[2]), "estimate", "weight"), "same", None, -1, 2),
    "noise_corrected_accuracy": Row(
        lambda s: correction.noise_corrected_accuracy(s.right[0].mean(), 0.1).accuracy, "same", None, 0, 1
    ),
    # aggregation
    "majority": Row(lambda s: aggregation.majority(s.verdicts), "rows", "same", -1, 1),
    "log_odds_weights": Row(
        lambda s: aggregation.log_odds_weights(s.right.sum(1), s.right.shape[1]), "same", None, 0, INF
    ),
    "dawid_skene": Row(
        lambda s: nones(aggregation.dawid_skene(s.verdicts, smoothing=0.5), "prior"), "same", "same", 0, 1
    ),
    # ranking
    "win_rates": Row(lambda s: ranking.win_rates(s.wins), "same", None, 0, 1),
    "bradley_terry": Row(lambda s: ranking.bradley_terry(s.wins, prior=0.5), "same", None, -INF, INF),
    "elo": Row(lambda s: ranking.elo(s.confidence), "rows", "same", -INF, INF),
    "kendall_tau": Row(lambda s: ranking.kendall_tau(*s.rated), "same", "same", -1, 1),
    "kendall_tau[c]": Row(lambda s: ranking.kendall_tau(*s.rated, variant="c"), "same", "same", -1, 1),
    "kendall_tau_from_scores": Row(lambda s: ranking.kendall_tau_from_scores(*s.rated), "same", "same", -1, 1),
    "pairwise_accuracy": Row(lambda s: ranking.pairwise_accuracy(*s.rated), "same", "same", 0, 1),
    "pairwise_accuracy_from_scores": Row(
        lambda s: ranking.pairwise_accuracy_from_scores(*s.rated), "same", "same", 0, 1
    ),
    "pairwise_p_values": Row(
        lambda s: ranking.pairwise_p_values(s.right, rng=np.random.default_rng(0), resamples=9), "", None, 0, 1
    ),
    "soft_pairwise_accuracy": Row(
        lambda s: ranking.soft_pairwise_accuracy(s.confidence, s.right[0]), "same", None, 0, 1
    ),
    # ratings
    "mae": Row(lambda s: M.mae(s.human, s.judge), "same", None, 0, 4),
    "mae[complete]": Row(lambda s: M.mae(*s.rated), "same", "same", 0, 4),
    "bias": Row(lambda s: M.bias(*s.rated), "same", "negated", -4, 4),
    "exact": Row(lambda s: M.exact(*s.rated), "same", "same", 0, 1),
    "within": Row(lambda s: M.within(*s.rated), "same", "same", 0, 1),
    "agr_credit": Row(lambda s: M.agr_credit(s.human, s.judge), "rows", None, 0, 1),
    "pearson": Row(lambda s: M.pearson(*s.rated), "same", "same", -1, 1),
    "spearman": Row(lambda s: M.spearman(*s.rated), "same", "same", -1, 1),
    "spearman_from_counts": Row(lambda s: M.spearman_from_counts(crossed(s), SCALE, SCALE), "same", "same", -1, 1),
    "induced_pairs": Row(lambda s: M.induced_pairs(s.human, s.judge, s.clusters), "same", None, 0, 28),
    "icc": Row(lambda s: M.icc(np.stack(s.rated))[:6], "same", "same", -INF, 1),
    # robustness
    "robustness": Row(lambda s: nones(robustness.robustness(*s.verdicts), "perturbed", "rerun"), "same", None, 0, 1),
    "self_preference": Row(
        lambda s: difference_of(robustness.self_preference(*s.verdicts, own=s.gold)), "same", None, -1, 1
    ),
    # benchmarks
    "judgebench_two_orders": Row(
        lambda s: benchmarks.judgebench_two_orders(s.gold, *s.verdicts[:2]), "same", "same", 0, 8
    ),
    "judgelm": Row(
        lambda s: benchmarks.judgelm(*(np.stack(pair, 1) for pair in (s.rated, s.rated, s.rated[::-1])))[:-1],
        "same",
        None,
        0,
        1,
    ),
    "rewardbench": Row(
        lambda s: benchmarks.rewardbench(
            dict(zip("abc", s.right.mean(1), strict=True)), {"a": 1, "b": 2, "c": 3}, {"X": "ab", "Y": "c"}
        )[1:],
        "same",
        None,
        0,
        1,
    ),
    "rewardbench2_best_of_four": Row(lambda s: benchmarks.rewardbench2_best_of_four(s.right.T), "rows", None, 0, 1),
    "rewardbench2_ties": Row(
        lambda s: (
            benchmarks.rewardbench2_ties(*({i: (r, 1) for i, r in enumerate(s.verdicts.T)} for _ in "ab"))
            if not np.isnan(s.verdicts).any()
            else None
        ),
        "same",
        None,
        -1,
        1.01,
    ),
    "rm_bench": Row(lambda s: benchmarks.rm_bench(s.right.T, s.right[::-1].T)[1:], "same", None, 0, 1),
    "mr_score": Row(
        lambda s: benchmarks.mr_score(
            true_correct=int(s.right[0].sum()),
            true_incorrect=int(s.right[1].sum()),
            correct=s.right.shape[1],
            incorrect=s.right.shape[1],
            right_steps=int(s.right[:2].min(0).sum()),
            right_reasons=int(s.right.min(0).sum()),
        ),
        "same",
        None,
        0,
        1,
    ),
    "judgerbench_v2": Row(
        lambda s: benchmarks.judgerbench_v2(
            1, 2, *(dict(zip("abc", r, strict=True)) for r in (s.right.sum(1), range(3)))
        ),
        "same",
        None,
        -150,
        200,
    ),
}
RESULTS = {
    *("Brier", "Coefficient", "CorrectedAccuracy", "DawidSkene", "Icc"),
    *("InducedPairs", "JudgeBench", "JudgeLM", "JudgerBenchV2", "Kept", "LengthEffect", "LogisticFit"),
    *("PairedDifference", "Pairwise", "Ppi", "ReliabilityTable", "RewardBench", "RewardBench2Ties"),
    *("RiskCoverage", "RmBench", "Robustness", "RoganGladen", "SelectiveThreshold", "SelfPreference"),
}
SCALE = np.arange(1.0, 6)


def nones(result, *names):
    return None if result is None else np.concatenate([np.ravel(getattr(result, name)) for name in names])


def coefficients(effect):
    return [np.nan] * 3 if effect is None else [part.value for part in effect[:3]]


def difference_of(result):
    return None if result is None else result.difference.value


def crossed(sample):
    a, b = sample.rated
    return [[((a == x) & (b == y)).sum() for y in SCALE] for x in SCALE]


@st.composite
def samples(draw):
    n = draw(st.integers(1, 8))

    def row(values):
        return draw(st.lists(st.sampled_from(values), min_size=n, max_size=n))

    nan = math.nan
    return Sample(
        right=np.array([row([0, 1]) for _ in range(3)], float),
        confidence=np.array(row([0.0, 0.3, 0.6, 0.65, 1.0])),
        human=np.array(row([1, 2, 3, 4, 5]), float),
        judge=np.array(row([1, 2, 3, 4, 5, nan]), float),
        gold=np.array(row([-1, 1]), float),
        verdicts=np.array([row([-1, 0, 1, 1, -1, nan]) for _ in range(3)], float),
        lengths=np.array(list(zip(row([0, 5, 50, 99, 100]), row([0, 7, 50, 99, 400]), strict=True)), float),
        clusters=tuple(row([0, 1, 2, 3])),
    )


def values(result):
    return np.array(np.nan if result is None else result, dtype=float)


def permuted(sample, order):
    order = list(order)
    return Sample(
        sample.right[:, order],
        *(getattr(sample, name)[order] for name in ("confidence", "human", "judge", "gold")),
        sample.verdicts[:, order],
        sample.lengths[order],
        tuple(sample.clusters[i] for i in order),
    )


def exchanged(sample):
    return sample._replace(
        right=sample.right[[1, 0, 2]],
        human=sample.rated[1],
        judge=sample.human,
        verdicts=sample.verdicts[[1, 0, 2]],
    )


def public(module):
    """The names of its own functions and results, which are public unless they begin with an underscore."""
    return {
        name
        for name, member in vars(module).items()
        if getattr(member, "__module__", "") == module.__name__ and inspect.isroutine(member) | inspect.isclass(member)
        if not name.startswith("_")
    }


def test_the_table_covers_everything_public():
    assert {name.split("[")[0] for name in TABLE} | RESULTS == set().union(*map(public, MODULES))


@pytest.mark.parametrize("name", TABLE)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_properties(name, data):
    row, sample = TABLE[name], data.draw(samples())
    before = values(row.call(sample))
    known = before[~np.isnan(before)]
    assert (known >= row.low - 1e-9).all()
    assert (known <= row.high + 1e-9).all()
    if row.units:
        order = data.draw(st.permutations(range(len(sample.human))))
        after = values(row.call(permuted(sample, order)))
        np.testing.assert_allclose(after, before[list(order)] if row.units == "rows" else before, atol=1e-6)
    if row.sides:
        after = values(row.call(exchanged(sample)))
        np.testing.assert_allclose(after, -before if row.sides == "negated" else before, atol=1e-9)


def test_relabelling_the_votes_relabels_the_result():
    rng = np.random.default_rng(1)
    votes = rng.integers(0, 3, size=(4, 50)).astype(float)
    names = np.array([7.0, -2.0, 5.0])
    renamed = names[votes.astype(int)]
    plain, other = aggregation.dawid_skene(votes), aggregation.dawid_skene(renamed)
    order = np.argsort(names)
    assert other.labels.tolist() == names[order].tolist()
    np.testing.assert_allclose(other.prior, plain.prior[order], atol=1e-9)
    np.testing.assert_allclose(other.posterior, plain.posterior[:, order], atol=1e-9)
    found = aggregation.majority(votes)
    decided = ~np.isnan(found)
    assert (aggregation.majority(renamed)[decided] == names[found[decided].astype(int)]).all()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_adjusted_p_values_stand_in_order(p_values):
    """Bonferroni >= Holm >= BH >= p, and BY >= BH."""
    p = np.array(p_values)
    bh, holm, by = false_discovery_control(p), compare.holm(p), compare.benjamini_yekutieli(p)
    assert (np.minimum(1, p * len(p)) >= holm - 1e-12).all()
    assert (holm >= bh - 1e-12).all()
    assert (bh >= p - 1e-12).all()
    assert (by >= bh - 1e-12).all()


def test_swapping_the_responses_mirrors_the_length_effect():
    """Exchange first and second in everything: the length effect stays, the slot effect changes sign."""
    rng = np.random.default_rng(2)
    verdicts, people, lengths = rng.choice([-1, 1], 300), rng.choice([-1, 0, 1], 300), rng.integers(1, 999, (300, 2))
    plain = length.length_effect(verdicts, people, lengths)
    mirrored = length.length_effect(-verdicts, -people, lengths[:, ::-1])
    assert mirrored.length.value == pytest.approx(plain.length.value, abs=1e-8)
    assert mirrored.people.value == pytest.approx(plain.people.value, abs=1e-8)
    assert mirrored.first_slot.value == pytest.approx(-plain.first_slot.value, abs=1e-8)


@settings(max_examples=25, deadline=None)
@given(st.lists(samples(), min_size=2, max_size=4))
def test_many_tables_at_once_are_the_tables_one_by_one(several):
    forms = {
        compare.mcnemar_from_counts: lambda s: [(s.right[0] > s.right[1]).sum(), (s.right[0] < s.right[1]).sum()],
        selective.aurc_from_counts: lambda s: [[(s.right[0] == 0).sum(), 1], [1, s.right[0].sum()]],
        calibration.auroc_from_counts: lambda s: [[(s.right[0] == 0).sum(), 1], [1, s.right[0].sum()]],
        ranking.win_rates: lambda s: s.wins,
        lambda t: ratings.spearman_from_counts(t, SCALE, SCALE): crossed,
    }
    for form, table in forms.items():
        tables = np.array([table(sample) for sample in several], dtype=float)
        np.testing.assert_allclose(form(tables), np.stack([form(one) for one in tables]), atol=1e-12)
