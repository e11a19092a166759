"""The people who did the same work: how often they agree with each other, and with the judge on the same references."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from judgebench.score import estimates, people
from judgebench.score.pairs import CLASSES, Pairs, code, on_axis
from judgebench.score.scored import ratings_of
from judgebench.stats import agreement, human
from judgebench.types import Estimate, Label

MAX_NAMED_RATERS = 10
EPSILON, MIN_UNITS = 0.2, 30
"""The price of an expert, declared before any result, and Calderon et al.'s least number of items a person."""


def compute(pairs: Pairs) -> dict[str, Estimate]:
    """Empty where fewer than two people rated any item."""
    raters, ratings = matrix(pairs.labels)
    if ratings.size == 0 or (~np.isnan(ratings)).sum(0).max() < 2:
        return {}
    counts = np.stack([(ratings == value).sum(0) for value in (-1, 1, 0)], axis=1)
    among = (people.share_of_pairs, people.fleiss_kappa, people.krippendorff_alpha, people.gwet_ac1)
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
    person, judged = folds[0].human_by_unit, np.mean([np.asarray(fold.judge_by_unit) for fold in folds], axis=0)
    sides = {"human": [folds[0].human], "judge": [fold.judge or () for fold in folds]}
    return [
        *people.left_out(person, judged, pairs.clusters),
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
