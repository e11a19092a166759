"""The people who did the same work: how often they agree with the judge on the same references, and with each other: of
a run's labels, or of a file of any size that a datasheet is made of."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judgebench.score import estimates
from judgebench.score.estimates import Statistic
from judgebench.score.pairs import CLASSES, Pairs, code, on_axis
from judgebench.score.scored import ratings_of
from judgebench.stats import agreement, human
from judgebench.types import Estimate, Label

MAX_NAMED_RATERS = 10
MOST_ROWS = 1 << 16
EPSILON, MIN_UNITS = 0.2, 30
"""The price of an expert, declared before any result, and Calderon et al.'s least number of items a person."""


def compute(pairs: Pairs) -> dict[str, Estimate]:
    """Empty where fewer than two people rated any item."""
    raters, ratings = matrix(pairs.labels)
    if ratings.size == 0 or (~np.isnan(ratings)).sum(0).max() < 2:
        return {}
    counts = np.stack([(ratings == value).sum(0) for value in (-1, 1, 0)], axis=1)
    among = (share_of_pairs, fleiss_kappa, krippendorff_alpha, gwet_ac1)
    verdicts = on_axis(pairs.verdicts).reshape(len(pairs), -1).T  # (orders x samples, items)
    met = np.sum([human.pair_counts(ratings, trials) for trials in verdicts], axis=0)
    n = int(met[:, 1].sum())
    numbers = [
        Estimate(name="raters", value=float(len(raters)), n=len(pairs), method="count"),
        *(statistic(counts, pairs.clusters) for statistic in among),
        *_kappas(pairs, raters, ratings),
        estimates.of_counts("judge_human_agreement", met, pairs.clusters, estimates.ratio, reason="no ratings", n=n),
        *_leave_one_out(pairs, raters, ratings, verdicts),
        *_alternative(pairs, ratings, verdicts[0]),
    ]
    if bounds := human.ceiling(ratings):
        for name, value in (("ceiling_low", bounds.lower), ("ceiling_high", bounds.upper)):
            numbers.append(Estimate(name=name, value=value, n=len(pairs), method="bound"))
    return estimates.by_name(*numbers)


def matrix(labels: Sequence[Label]) -> tuple[list[str], NDArray[np.float64]]:
    """(raters, items) on the preference axis, NaN where a person did not rate an item."""
    return ratings_of(labels, lambda verdict: float(on_axis(np.array(code(verdict)))))


def _alternative(pairs: Pairs, ratings: NDArray[np.float64], verdicts: NDArray[np.float64]) -> list[Estimate]:
    """The alternative annotator test, on the stored order: may the judge stand in for one of the people?"""
    test = human.alternative_annotator_test(
        ratings, verdicts, epsilon=EPSILON, clusters=pairs.clusters, min_units=MIN_UNITS
    )
    names = ("alt_test_omega", "alt_test_rho", "alt_test_rho_human")
    if test is None:
        reason = f"nobody rated {MIN_UNITS} items together with others"
        return [estimates.undefined(name, reason) for name in (*names, "alt_test_difference")]
    method = f"alternative annotator test, epsilon {EPSILON:g}, clustered, {len(test.raters)} people"
    gap, tested = test.difference_by_unit, ~np.isnan(test.difference_by_unit)
    return [
        *(
            Estimate(name=name, value=value, n=len(pairs), method=method)
            for name, value in zip(names, (test.omega, test.rho, test.rho_human), strict=True)
        ),
        estimates.mean("alt_test_difference", gap[tested], pairs.clusters[tested], empty=""),
    ]


def _kappas(pairs: Pairs, raters: Sequence[str], ratings: NDArray[np.float64]) -> list[Estimate]:
    """Cohen's kappa of every two people on the items that both rated."""
    if len(raters) > MAX_NAMED_RATERS:
        return []
    kappas = []
    for one, other in combinations(range(len(raters)), 2):
        both = ~np.isnan(ratings[[one, other]]).any(axis=0)
        codes = (ratings[[one, other]][:, both] + 1).astype(int)  # any numbering will do for a nominal kappa
        rows, kappa = estimates.crossed(codes[0], codes[1], (CLASSES, CLASSES)), agreement.cohen_kappa_from_counts
        name = f"cohen_kappa[{raters[one]},{raters[other]}]"
        reason = "they rated no item in common, or with one label only"
        kappas.append(estimates.of_counts(name, rows, pairs.clusters[both], kappa, reason=reason))
    return kappas


def _leave_one_out(
    pairs: Pairs, raters: Sequence[str], ratings: NDArray[np.float64], verdicts: NDArray[np.float64]
) -> list[Estimate]:
    """Each order and sample is held against the people by itself; an item's value is the mean. Then a line for each
    person, where they are few enough to be named."""
    folds = [human.leave_one_out(ratings, trials) for trials in verdicts]
    person, judged = folds[0].human_by_unit, np.mean([fold.judge_by_unit for fold in folds], axis=0)
    sides = {"human": [folds[0].human], "judge": [fold.judge for fold in folds]}
    return [
        *left_out(person, judged, pairs.clusters),
        *(
            Estimate(
                name=f"{side}_leave_one_out[{rater}]",
                value=float(np.mean([values[index] for values in by_fold])),
                n=folds[0].units[index],
                method="none: see the mean over people",
            )
            for side, by_fold in sides.items()
            for index, rater in enumerate(raters if len(raters) <= MAX_NAMED_RATERS else ())
            if folds[0].units[index]
        ),
    ]


def share_of_pairs(counts: NDArray[Any], clusters: NDArray[Any]) -> Estimate:
    """`human_agreement`: of all pairs of ratings of one item, those that are equal. `counts` is (items, categories)."""

    def pairs(patterns: NDArray[Any]) -> NDArray[Any]:
        each = patterns.sum(1)
        return np.stack([(patterns * (patterns - 1)).sum(1) / 2, each * (each - 1) / 2], axis=1)

    rows, questions = _by_question(pairs, counts, clusters)
    n, reason = int(rows[:, 1].sum()), "no item has two ratings"
    return estimates.of_counts("human_agreement", rows, questions, estimates.ratio, reason=reason, n=n)


def krippendorff_alpha(
    counts: NDArray[Any], clusters: NDArray[Any], values: Sequence[float] | NDArray[Any] | None = None
) -> Estimate:
    """Nominal, or interval where `values` gives the number of each category."""
    numbers = list(range(counts.shape[1]) if values is None else values)
    level: agreement.Level = "nominal" if values is None else "interval"
    alpha = partial(agreement.krippendorff_alpha_from_counts, values=numbers, level=level)
    return _of_tables("krippendorff_alpha", agreement.coincidences, alpha, counts, clusters)


def fleiss_kappa(counts: NDArray[Any], clusters: NDArray[Any]) -> Estimate:
    """Where all items have equally many ratings; Scott's pi of summed coincidences is Fleiss' kappa then."""
    rated = counts.sum(1)
    if rated.min() < rated.max():
        return estimates.undefined("fleiss_kappa", "items have different numbers of ratings", n=len(counts))
    return _of_tables("fleiss_kappa", agreement.coincidences, agreement.scott_pi_from_counts, counts, clusters)


def gwet_ac1(counts: NDArray[Any], clusters: NDArray[Any]) -> Estimate:
    return _of_tables("gwet_ac1", agreement.pair_shares, agreement.gwet_ac1_from_counts, counts, clusters)


def left_out(person: NDArray[np.float64], judged: NDArray[np.float64], clusters: NDArray[Any]) -> list[Estimate]:
    """How a person and the judge stand to the others' mode, and the difference: each (items,), NaN without others."""
    rated = ~np.isnan(person)
    values = {"human_leave_one_out": person, "judge_leave_one_out": judged, "judge_minus_human": judged - person}
    return [
        *(
            estimates.mean(name, value[rated], clusters[rated], empty="no item has two ratings")
            for name, value in values.items()
        ),
        estimates.detectable("judge_minus_human", (judged - person)[rated], clusters[rated], n=int(rated.sum())),
    ]


def _of_tables(
    name: str, tables: Statistic, statistic: Statistic, counts: NDArray[Any], clusters: NDArray[Any]
) -> Estimate:
    """A statistic of the sum of a table an item."""
    rows, questions = _by_question(tables, counts, clusters)
    return estimates.of_counts(name, rows, questions, statistic, reason="every rating is the same", n=len(counts))


def _by_question(
    rows: Statistic, counts: NDArray[Any], clusters: NDArray[Any]
) -> tuple[NDArray[np.float64], NDArray[Any]]:
    """The rows of all items and their questions. Of more than MOST_ROWS items each question's rows are summed here, and
    of more questions those of random batches of them: to resample batches gives the same interval, and takes
    memory that does not grow. Rows are made once for each pattern of counts, of which there are few."""
    patterns, which = np.unique(counts, axis=0, return_inverse=True)
    of_pattern, which = rows(patterns), which.ravel()
    if len(counts) <= MOST_ROWS:
        return of_pattern[which], clusters
    questions, code = np.unique(clusters, return_inverse=True)
    if len(questions) > MOST_ROWS:
        questions, code = np.arange(MOST_ROWS), code % MOST_ROWS  # the numbers are hashes, in no order
    sums = np.zeros((len(questions), *of_pattern.shape[1:]))
    for cell in np.ndindex(sums.shape[1:]):
        sums[:, *cell] = np.bincount(code, of_pattern[:, *cell][which], minlength=len(questions))
    return sums, questions
