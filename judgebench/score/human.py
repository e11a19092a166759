"""The people who did the same work: how often they agree with each other, and with the judge on the same references."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from judgebench.score import estimates, people
from judgebench.score.pairs import CLASSES, Pairs, code, on_axis, square
from judgebench.score.scored import ratings_of
from judgebench.stats import agreement, human
from judgebench.types import Estimate, Label

MAX_NAMED_RATERS = 10
EPSILON, MIN_UNITS = 0.2, 30
"""The price of an expert, declared before any result, and Calderon et al.'s least number of items a person."""
_ALTERNATIVE = ("alt_test_omega", "alt_test_rho", "alt_test_rho_human", "alt_test_difference")


def compute(pairs: Pairs) -> dict[str, Estimate]:
    """Empty where fewer than two people rated any item."""
    raters, ratings = matrix(pairs.labels)
    if ratings.size == 0 or (~np.isnan(ratings)).sum(0).max() < 2:
        return {}
    among = [*_between_people(pairs, ratings), *_kappas(pairs, raters, ratings)]
    verdicts = on_axis(pairs.verdicts)
    found = [
        Estimate(name="raters", value=float(len(raters)), n=len(pairs), method="count"),
        *among,
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
    return ratings_of(labels, lambda verdict: float(on_axis(np.array(code(verdict)))))


def _between_people(pairs: Pairs, ratings: NDArray[np.float64]) -> list[Estimate]:
    counts = np.stack([(ratings == value).sum(0) for value in (-1, 1, 0)], axis=1)
    statistics = (people.share_of_pairs, people.fleiss_kappa, people.krippendorff_alpha, people.gwet_ac1)
    return [statistic(counts, pairs.clusters) for statistic in statistics]


def _alternative(pairs: Pairs, ratings: NDArray[np.float64], verdicts: NDArray[np.float64]) -> list[Estimate]:
    """The alternative annotator test, on the stored order: may the judge stand in for one of the people?"""
    found = human.alternative_annotator_test(
        ratings, verdicts, epsilon=EPSILON, clusters=pairs.clusters, min_units=MIN_UNITS
    )
    if found is None:
        reason = f"nobody rated {MIN_UNITS} items together with others"
        return [estimates.undefined(name, reason) for name in _ALTERNATIVE]
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
                lambda cells: agreement.cohen_kappa_from_counts(square(cells, CLASSES)),
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
    return estimates.of_counts(
        "judge_human_agreement", counts, pairs.clusters, estimates.ratio, reason="no ratings", n=int(counts[:, 1].sum())
    )


def _leave_one_out(
    pairs: Pairs, raters: Sequence[str], ratings: NDArray[np.float64], verdicts: NDArray[np.float64]
) -> list[Estimate]:
    """Each order and sample is held against the people by itself; an item's value is the mean."""
    _, orders, samples = verdicts.shape
    folds = [
        human.leave_one_out(ratings, verdicts[:, order, sample]) for order in range(orders) for sample in range(samples)
    ]
    person, judged = folds[0].human_by_unit, np.mean([np.asarray(fold.judge_by_unit) for fold in folds], axis=0)
    rated = ~np.isnan(person)
    return [
        *people.left_out(person[rated], judged[rated], pairs.clusters[rated]),
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
