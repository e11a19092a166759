"""What must not change a statistic, for every public function: the table is complete or the suite fails."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judgebench.stats import agreement, human, intervals, position

MODULES = (agreement, human, intervals, position)
LABELS = (-1, 0, 1)
INF = math.inf


class Sample(NamedTuple):
    """Three raters on n units, complete and with holes, a judge who may fail, and the units' questions."""

    raters: np.ndarray
    holes: np.ndarray
    judge: np.ndarray
    clusters: tuple[Any, ...]

    @property
    def pair(self):
        return self.raters[0].astype(int), self.raters[1].astype(int), LABELS

    @property
    def table(self):
        return agreement.confusion(*self.pair)

    @property
    def counts(self):
        return agreement.category_counts(self.holes, LABELS)

    @property
    def complete(self):
        return agreement.category_counts(self.raters, LABELS)

    @property
    def orders(self):
        return self.holes[0], self.holes[1]

    @property
    def outcomes(self):
        return position.outcomes(*self.orders).sum(0)

    @property
    def right(self):
        return (self.raters[0] == self.raters[1]).astype(float)


class Row(NamedTuple):
    """raters, relabel: is the value the same for permuted raters and for renamed labels (and questions)?

    units: what permuted units do, "same" value or "rows" permuted alike.
    """

    call: Callable[[Sample], Any]
    raters: bool
    relabel: bool
    units: str
    low: float
    high: float


def alt_test(sample, scoring):
    result = human.alternative_annotator_test(
        sample.holes, sample.judge, epsilon=0.2, scoring=scoring, min_units=2, clusters=sample.clusters
    )
    return None if result is None else (result.omega, result.rho, result.rho_human)


def kappa_of(tables):
    return agreement.cohen_kappa_from_counts(tables.reshape(*tables.shape[:-1], 3, 3))


def bootstrapped(sample, method):
    cells = np.eye(9)[(sample.raters[0] * 3 + sample.raters[1] + 4).astype(int)]
    rows = intervals.cluster_sums(cells, sample.clusters)
    return intervals.bootstrap(rows, kappa_of, rng=np.random.default_rng(3), resamples=40, method=method)[:2]


A, H, I, P = agreement, human, intervals, position  # noqa: E741
TABLE = {
    # Two raters, gold against verdict.
    "accuracy": Row(lambda s: A.accuracy(*s.pair[:2]), True, True, "same", 0, 1),
    "accuracy_from_counts": Row(lambda s: A.accuracy_from_counts(s.table), True, True, "same", 0, 1),
    "confusion": Row(lambda s: s.table, False, False, "same", 0, INF),
    "precision_recall_f1": Row(lambda s: A.precision_recall_f1(*s.pair), False, True, "same", 0, 1),
    "precision_recall_f1_from_counts": Row(
        lambda s: A.precision_recall_f1_from_counts(s.table), False, True, "same", 0, 1
    ),
    "class_scores_from_counts": Row(lambda s: A.class_scores_from_counts(s.table), False, False, "same", 0, 1),
    "matthews_correlation": Row(lambda s: A.matthews_correlation(*s.pair), True, True, "same", -1, 1),
    "matthews_correlation_from_counts": Row(
        lambda s: A.matthews_correlation_from_counts(s.table), True, True, "same", -1, 1
    ),
    "cohen_kappa": Row(lambda s: A.cohen_kappa(*s.pair), True, True, "same", -1, 1),
    "cohen_kappa[linear]": Row(lambda s: A.cohen_kappa(*s.pair, "linear"), True, False, "same", -1, 1),
    "cohen_kappa[quadratic]": Row(lambda s: A.cohen_kappa(*s.pair, "quadratic"), True, False, "same", -1, 1),
    "cohen_kappa_from_counts": Row(lambda s: A.cohen_kappa_from_counts(s.table), True, True, "same", -1, 1),
    "scott_pi": Row(lambda s: A.scott_pi(*s.pair), True, True, "same", -1, 1),
    "scott_pi_from_counts": Row(lambda s: A.scott_pi_from_counts(s.table), True, True, "same", -1, 1),
    # Any number of raters.
    "category_counts": Row(lambda s: s.counts, True, False, "rows", 0, 3),
    "coincidences": Row(lambda s: A.coincidences(s.counts), True, False, "rows", 0, 3),
    "pair_shares": Row(lambda s: A.pair_shares(s.counts), True, False, "rows", 0, 1),
    "fleiss_kappa": Row(lambda s: A.fleiss_kappa(s.complete), True, True, "same", -1, 1),
    "gwet_ac1": Row(lambda s: A.gwet_ac1(s.holes, LABELS), True, True, "same", -1, 1),
    "gwet_ac1_from_counts": Row(
        lambda s: A.gwet_ac1_from_counts(A.pair_shares(s.counts).sum(0)), True, True, "same", -1, 1
    ),
    "krippendorff_alpha": Row(lambda s: A.krippendorff_alpha(s.holes), True, True, "same", -1, 1),
    "krippendorff_alpha[ordinal]": Row(
        lambda s: A.krippendorff_alpha(s.holes, level="ordinal"), True, False, "same", -1, 1
    ),
    "krippendorff_alpha[interval]": Row(
        lambda s: A.krippendorff_alpha(s.holes, level="interval"), True, False, "same", -1, 1
    ),
    "krippendorff_alpha[ratio]": Row(
        lambda s: A.krippendorff_alpha(s.holes + 1, level="ratio"), True, False, "same", -1, 1
    ),
    "krippendorff_alpha_from_counts": Row(
        lambda s: A.krippendorff_alpha_from_counts(A.coincidences(s.counts).sum(0), LABELS), True, True, "same", -1, 1
    ),
    # The judge beside the raters.
    "pair_counts": Row(lambda s: H.pair_counts(s.holes), True, True, "rows", 0, 3),
    "pairwise_agreement": Row(lambda s: H.pairwise_agreement(s.holes), True, True, "same", 0, 1),
    "pairwise_agreement[judge]": Row(lambda s: H.pairwise_agreement(s.holes, s.judge), True, True, "same", 0, 1),
    "leave_one_out": Row(lambda s: H.leave_one_out(s.holes, s.judge).difference, True, True, "rows", -1, 1),
    "leave_one_out[human]": Row(lambda s: H.leave_one_out(s.holes, s.judge).human_by_unit, True, True, "rows", 0, 1),
    "alternative_annotator_test": Row(lambda s: alt_test(s, "accuracy"), True, True, "same", 0, 1),
    "alternative_annotator_test[neg_rmse]": Row(lambda s: alt_test(s, "neg_rmse"), True, False, "same", 0, 1),
    "ceiling": Row(lambda s: H.ceiling(s.holes), True, True, "same", 0, 1),
    "binary_ceiling": Row(lambda s: H.binary_ceiling((1 + s.right.mean()) / 2), True, True, "same", 0, 1),
    # The two orders in the place of two raters.
    "outcomes": Row(lambda s: P.outcomes(*s.orders), False, False, "rows", 0, 1),
    "slot_wins": Row(lambda s: P.slot_wins(*s.orders), False, False, "rows", 0, 2),
    "consistency": Row(lambda s: P.consistency(*s.orders), True, True, "same", 0, 1),
    "consistency_from_counts": Row(lambda s: P.consistency_from_counts(s.outcomes), True, True, "same", 0, 1),
    "primacy": Row(lambda s: P.primacy(*s.orders), False, False, "same", 0, 1),
    "recency": Row(lambda s: P.recency(*s.orders), False, False, "same", 0, 1),
    "preference_fairness": Row(lambda s: P.preference_fairness(*s.orders), False, False, "same", -1, 1),
    "first_slot_rate_from_counts": Row(
        lambda s: P.first_slot_rate_from_counts(P.slot_wins(*s.orders).sum(0)), False, False, "same", 0, 1
    ),
    "position_bias_p_value": Row(lambda s: P.position_bias_p_value(*s.orders), True, False, "same", 0, 1),
    "repetition_stability": Row(lambda s: P.repetition_stability(s.holes.T), True, True, "same", 0, 1),
    # Intervals of the share of equal ratings of two raters, and of their kappa.
    "wilson": Row(lambda s: I.wilson(s.right.sum(), len(s.right)), True, True, "same", 0, 1),
    "clopper_pearson": Row(lambda s: I.clopper_pearson(s.right.sum(), len(s.right)), True, True, "same", 0, 1),
    "cluster_wilson": Row(lambda s: I.cluster_wilson(s.right, s.clusters), True, True, "same", 0, 1),
    "cluster_se": Row(lambda s: I.cluster_se(s.right, s.clusters), True, True, "same", 0, 1),
    "t_interval": Row(lambda s: I.t_interval(s.right, s.clusters), True, True, "same", -INF, INF),
    "cluster_codes": Row(
        lambda s: sorted(np.bincount(I.cluster_codes(s.clusters, len(s.right)))), True, True, "same", 1, INF
    ),
    "cluster_sums": Row(lambda s: sorted(I.cluster_sums(s.right, s.clusters)), True, True, "same", 0, INF),
    "bootstrap": Row(lambda s: bootstrapped(s, "percentile"), False, False, "same", -1, 1),
    "bootstrap[bca]": Row(lambda s: bootstrapped(s, "bca"), False, False, "same", -1, 1),
}
# The resamples of a permuted table are other resamples: nothing to assert in either direction.
RANDOM = {"bootstrap", "bootstrap[bca]"}
RESULTS = {
    "MacroScores",
    "LeaveOneOut",
    "AlternativeAnnotatorTest",
    "Ceiling",
    "BinaryCeiling",
    "Interval",
    "BootstrapInterval",
}


@st.composite
def samples(draw):
    n = draw(st.integers(1, 8))
    labels = st.sampled_from(LABELS)
    raters = np.array([draw(st.lists(labels, min_size=n, max_size=n)) for _ in range(3)], dtype=float)
    missing = np.array(draw(st.lists(st.booleans(), min_size=4 * n, max_size=4 * n))).reshape(4, n)
    missing &= np.array(draw(st.lists(st.booleans(), min_size=4 * n, max_size=4 * n))).reshape(4, n)
    judge = np.array(draw(st.lists(labels, min_size=n, max_size=n)), dtype=float)
    clusters = tuple(draw(st.lists(st.integers(0, 3), min_size=n, max_size=n)))
    return Sample(raters, np.where(missing[:3], np.nan, raters), np.where(missing[3], np.nan, judge), clusters)


# Here every False in the table shows.
PINNED = Sample(
    raters=np.array([[-1, -1, -1, -1, -1, 0, 1, 1], [1, 1, 1, 1, 0, 0, 1, 0], [-1, 1, -1, 1, 0, 1, 0, 1]], dtype=float),
    holes=np.array(
        [[-1, -1, -1, -1, -1, 0, 1, np.nan], [1, 1, 1, 1, 0, 0, 1, 0], [-1, 1, np.nan, 1, 0, 1, 0, 1]], dtype=float
    ),
    judge=np.array([-1, 0, 1, 0, 0, 0, 1, np.nan]),
    clusters=(0, 0, 1, 1, 2, 2, 3, 3),
)


def values(result):
    """Whatever a function returns, as one array with NaN for None."""
    return np.array(np.nan if result is None else result, dtype=float)


def permuted_raters(sample, order):
    order = list(order)
    return sample._replace(raters=sample.raters[order], holes=sample.holes[order])


def permuted_units(sample, order):
    order = list(order)
    return Sample(
        sample.raters[:, order],
        sample.holes[:, order],
        sample.judge[order],
        tuple(sample.clusters[i] for i in order),
    )


def renamed(sample, names):
    def rename(array):
        return np.where(np.isnan(array), np.nan, np.array(names)[np.nan_to_num(array + 1).astype(int)])

    raters, holes, judge = (rename(array) for array in sample[:3])
    return Sample(raters, holes, judge, tuple(f"question {c}" for c in sample.clusters))


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
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_properties(name, data):
    row, sample = TABLE[name], data.draw(samples())
    before = values(row.call(sample))
    known = before[~np.isnan(before)]
    assert (known >= row.low - 1e-12).all()
    assert (known <= row.high + 1e-12).all()

    order = data.draw(st.permutations(range(sample.raters.shape[1])))
    after = values(row.call(permuted_units(sample, order)))
    np.testing.assert_allclose(after, before[list(order)] if row.units == "rows" else before, atol=1e-12)
    if row.raters:
        # Two-rater functions see the first two rows, so only these change places.
        after = values(row.call(permuted_raters(sample, [1, 0, 2])))
        np.testing.assert_allclose(after, before, atol=1e-12)
    if row.relabel:
        after = values(row.call(renamed(sample, data.draw(st.permutations(LABELS)))))
        np.testing.assert_allclose(after, before, atol=1e-12)


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if not row.raters and name not in RANDOM])
def test_the_order_of_the_raters_matters(name):
    changed = values(TABLE[name].call(permuted_raters(PINNED, [1, 0, 2])))
    assert not np.array_equal(changed, values(TABLE[name].call(PINNED)), equal_nan=True)


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if not row.relabel and name not in RANDOM])
def test_the_names_of_the_labels_matter(name):
    changed = values(TABLE[name].call(renamed(PINNED, [0, 1, -1])))
    assert not np.array_equal(changed, values(TABLE[name].call(PINNED)), equal_nan=True)


def test_swapping_both_orders_exchanges_primacy_and_recency():
    original, swapped = PINNED.orders
    assert position.primacy(original, swapped) == position.recency(swapped, original) > 0
    assert position.preference_fairness(original, swapped) == -position.preference_fairness(swapped, original)


def test_precision_and_recall_exchange_with_gold_and_verdict():
    gold, verdict, _ = PINNED.pair
    there, back = (agreement.precision_recall_f1(*pair, LABELS) for pair in ((gold, verdict), (verdict, gold)))
    assert (there.precision, there.recall, there.f1) == (back.recall, back.precision, back.f1)


@settings(max_examples=50, deadline=None)
@given(samples())
def test_plain_and_counted_forms_agree(sample):
    """A bootstrap of the counted form is an interval of the plain form."""
    pairs = [
        ("accuracy", "accuracy_from_counts"),
        ("cohen_kappa", "cohen_kappa_from_counts"),
        ("scott_pi", "scott_pi_from_counts"),
        ("precision_recall_f1", "precision_recall_f1_from_counts"),
        ("matthews_correlation", "matthews_correlation_from_counts"),
        ("gwet_ac1", "gwet_ac1_from_counts"),
        ("krippendorff_alpha", "krippendorff_alpha_from_counts"),
        ("consistency", "consistency_from_counts"),
    ]
    for plain, counted in pairs:
        expected, got = (values(TABLE[name].call(sample)) for name in (plain, counted))
        np.testing.assert_allclose(got, expected, atol=1e-12, err_msg=plain)
    fleiss = agreement.scott_pi_from_counts(agreement.coincidences(sample.complete).sum(0))
    np.testing.assert_allclose(fleiss, values(agreement.fleiss_kappa(sample.complete)), atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.lists(samples(), min_size=2, max_size=4))
def test_many_tables_at_once_are_the_tables_one_by_one(several):
    tables = np.stack([sample.table for sample in several])
    for form in (
        agreement.accuracy_from_counts,
        agreement.precision_recall_f1_from_counts,
        agreement.class_scores_from_counts,
        agreement.matthews_correlation_from_counts,
        agreement.cohen_kappa_from_counts,
        agreement.scott_pi_from_counts,
        agreement.gwet_ac1_from_counts,
        lambda table: agreement.cohen_kappa_from_counts(table, "quadratic"),
        lambda table: agreement.krippendorff_alpha_from_counts(table, LABELS, "ordinal"),
    ):
        np.testing.assert_array_equal(form(tables), np.stack([form(table) for table in tables]))
