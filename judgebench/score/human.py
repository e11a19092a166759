"""The people who did the same work: how often they agree with each other, and with the judge on the same references."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judgebench.score import estimates
from judgebench.score.pairs import CLASSES, Pairs, code, on_axis
from judgebench.stats import agreement, human
from judgebench.types import Estimate, Label

MAX_NAMED_RATERS = 10
EPSILON, MIN_UNITS = 0.2, 30
"""The price of an expert, declared before any result, and Calderon et al.'s least number of items a person."""

HUMAN: dict[str, str] = {
    "raters": "people who rated at least one item",
    "human_agreement": "share of equal pairs of ratings of the same item by two people",
    "judge_human_agreement": "share of equal pairs of the judge's verdict and one person's, failures agree with none",
    "human_leave_one_out": "one person against the mode of the others, mean over people",
    "judge_leave_one_out": "the judge against the same modes on the same items",
    "judge_minus_human": "paired difference of the two, item by item",
    "judge_minus_human_mde": "smallest such difference that so many questions show four times in five",
    "fleiss_kappa": "Fleiss' kappa of the people, where all items have equally many ratings",
    "krippendorff_alpha": "Krippendorff's alpha (nominal) of the people",
    "gwet_ac1": "Gwet's AC1 of the people (three declared categories)",
    "cohen_kappa[A,B]": "Cohen's kappa of two people, where they are few enough to be named",
    "alt_test_omega": "share of the people whose place the judge may take (alternative annotator test; 0.5 passes)",
    "alt_test_rho": "probability that the judge does as well as a person or better; ties count for both",
    "alt_test_rho_human": "the same of the person against the judge",
    "alt_test_difference": "the second minus the first, mean over items: at most the price of a person where it passes",
    "ceiling_low": "lower bound of the best possible agreement with one random person",
    "ceiling_high": "upper bound of the same",
}


def compute(pairs: Pairs) -> dict[str, Estimate]:
    """Empty where fewer than two people rated any item."""
    raters, ratings = matrix(pairs.labels)
    if ratings.size == 0 or (~np.isnan(ratings)).sum(0).max() < 2:
        return {}
    people = [*_between_people(pairs, ratings), *_kappas(pairs, raters, ratings)]
    verdicts = on_axis(pairs.verdicts)
    found = [
        Estimate(name="raters", value=float(len(raters)), n=len(pairs), method="count"),
        *people,
        _judge_pairwise(pairs, ratings, verdicts),
        *_leave_one_out(pairs, raters, ratings, verdicts),
    ]
    found += _alternative(pairs, ratings, verdicts[:, 0, 0])
    bounds = human.ceiling(ratings)
    if bounds is not None:
        for name, value in (("ceiling_low", bounds.lower), ("ceiling_high", bounds.upper)):
            found.append(Estimate(name=name, value=value, n=len(pairs), method="bound"))
    return {estimate.name: estimate for estimate in found}


def matrix(labels: Sequence[Label]) -> tuple[list[str], NDArray[np.float64]]:
    """(raters, items) on the preference axis, NaN where a person did not rate an item."""
    raters = sorted({rater for label in labels for rater in label.raters})
    row = {rater: index for index, rater in enumerate(raters)}
    ratings = np.full((len(raters), len(labels)), np.nan)
    for column, label in enumerate(labels):
        for rater, verdict in label.raters.items():
            ratings[row[rater], column] = on_axis(np.array(code(verdict)))
    return raters, ratings


def _between_people(pairs: Pairs, ratings: NDArray[np.float64]) -> list[Estimate]:
    counts = np.stack([(ratings == value).sum(0) for value in (-1, 1, 0)], axis=1)
    one_label = "every rating is the same label"
    rated = counts.sum(1)
    found = [
        _ratio("human_agreement", human.pair_counts(ratings), pairs.clusters, "no item has two ratings"),
        _of_units(
            "krippendorff_alpha",
            agreement.coincidences(counts),
            pairs.clusters,
            lambda cells: agreement.krippendorff_alpha_from_counts(cells, [0, 1, 2]),
            one_label,
        ),
        _of_units("gwet_ac1", agreement.pair_shares(counts), pairs.clusters, agreement.gwet_ac1_from_counts, one_label),
    ]
    if rated.min() == rated.max():
        fleiss = agreement.scott_pi_from_counts  # of summed coincidences it is Fleiss' kappa
        found.insert(1, _of_units("fleiss_kappa", agreement.coincidences(counts), pairs.clusters, fleiss, one_label))
    else:
        found.insert(1, estimates.undefined("fleiss_kappa", "items have different numbers of ratings", n=len(pairs)))
    return found


def _alternative(pairs: Pairs, ratings: NDArray[np.float64], verdicts: NDArray[np.float64]) -> list[Estimate]:
    """The alternative annotator test, on the stored order: may the judge stand in for one of the people?"""
    found = human.alternative_annotator_test(
        ratings, verdicts, epsilon=EPSILON, clusters=pairs.clusters, min_units=MIN_UNITS
    )
    if found is None:
        reason = f"nobody rated {MIN_UNITS} items together with others"
        return [estimates.undefined(name, reason) for name in HUMAN if name.startswith("alt_test_")]
    method = f"alternative annotator test, epsilon {EPSILON:g}, clustered, {len(found.raters)} people"
    tested = ~np.isnan(found.difference_by_unit)
    return [
        *(
            Estimate(name=name, value=value, n=len(pairs), method=method)
            for name, value in (
                ("alt_test_omega", found.omega),
                ("alt_test_rho", found.rho),
                ("alt_test_rho_human", found.rho_human),
            )
        ),
        estimates.mean("alt_test_difference", found.difference_by_unit[tested], pairs.clusters[tested], empty=""),
    ]


def _kappas(pairs: Pairs, raters: Sequence[str], ratings: NDArray[np.float64]) -> list[Estimate]:
    """Cohen's kappa of every two people on the items that both rated."""
    if len(raters) > MAX_NAMED_RATERS:
        return []
    found = []
    for one, other in combinations(range(len(raters)), 2):
        both = ~np.isnan(ratings[[one, other]]).any(axis=0)
        codes = (ratings[[one, other]][:, both] + 1).astype(int)  # any numbering will do for a nominal kappa
        rows = estimates.one_hot(codes[0] * CLASSES + codes[1], CLASSES * CLASSES)
        found.append(
            estimates.of_counts(
                f"cohen_kappa[{raters[one]},{raters[other]}]",
                rows,
                pairs.clusters[both],
                lambda cells: agreement.cohen_kappa_from_counts(cells.reshape(*cells.shape[:-1], CLASSES, CLASSES)),
                reason="they rated no item in common, or with one label only",
            )
        )
    return found


def _judge_pairwise(pairs: Pairs, ratings: NDArray[np.float64], verdicts: NDArray[np.float64]) -> Estimate:
    _, orders, samples = verdicts.shape
    counts = np.sum(
        [
            human.pair_counts(ratings, verdicts[:, order, sample])
            for order in range(orders)
            for sample in range(samples)
        ],
        axis=0,
    )
    return _ratio("judge_human_agreement", counts, pairs.clusters, "no ratings")


def _leave_one_out(
    pairs: Pairs, raters: Sequence[str], ratings: NDArray[np.float64], verdicts: NDArray[np.float64]
) -> list[Estimate]:
    """Each order and sample is held against the people by itself; an item's value is the mean."""
    _, orders, samples = verdicts.shape
    folds = [
        human.leave_one_out(ratings, verdicts[:, order, sample]) for order in range(orders) for sample in range(samples)
    ]
    people, judged = folds[0].human_by_unit, np.mean([np.asarray(fold.judge_by_unit) for fold in folds], axis=0)
    rated = ~np.isnan(people)
    people, judged, clusters = people[rated], judged[rated], pairs.clusters[rated]
    empty = "no item has two ratings"
    return [
        estimates.mean("human_leave_one_out", people, clusters, empty=empty),
        estimates.mean("judge_leave_one_out", judged, clusters, empty=empty),
        estimates.mean("judge_minus_human", judged - people, clusters, empty=empty),
        estimates.detectable("judge_minus_human", judged - people, clusters, n=len(people)),
        *(_rater_by_rater("human", raters, [fold.human for fold in folds[:1]], folds[0].units)),
        *(_rater_by_rater("judge", raters, [fold.judge or () for fold in folds], folds[0].units)),
    ]


def _rater_by_rater(
    side: str, raters: Sequence[str], folds: Sequence[Sequence[float | None]], units: Sequence[int]
) -> list[Estimate]:
    """A line for each person, where they are few enough to be named."""
    if len(raters) > MAX_NAMED_RATERS:
        return []
    return [
        Estimate(
            name=f"{side}_leave_one_out[{rater}]",
            value=float(np.mean([fold[index] for fold in folds])),
            n=units[index],
            method="none: see the mean over people",
        )
        for index, rater in enumerate(raters)
        if units[index]
    ]


def _ratio(name: str, counts: NDArray[Any], clusters: NDArray[Any], reason: str) -> Estimate:
    def share(cells: NDArray[np.float64]) -> NDArray[Any]:
        with np.errstate(invalid="ignore"):
            found: NDArray[Any] = cells[..., 0] / cells[..., 1]
        return found

    return estimates.of_counts(name, counts, clusters, share, reason=reason, n=int(counts[:, 1].sum()))


def _of_units(
    name: str, tables: NDArray[Any], clusters: NDArray[Any], statistic: estimates.Statistic, reason: str
) -> Estimate:
    shape = tables.shape[1:]
    return estimates.of_counts(
        name,
        tables.reshape(len(tables), -1),
        clusters,
        lambda cells: statistic(cells.reshape(*cells.shape[:-1], *shape)),
        reason=reason,
        n=len(tables),
    )
