"""Classes: one response and one of several labels, beside gold's label."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from judgebench.score import estimates, ratings, sets
from judgebench.score import human as among
from judgebench.score.arrays import Floats
from judgebench.score.scored import Scored, ratings_of
from judgebench.stats import agreement, human, rounding
from judgebench.types import Estimate

_ONE_CLASS = "judge and gold use a single label between them, so chance agreement is 1"
_CONSTANT = "gold or the judge says one thing only"


def compute(scored: Scored) -> dict[str, Estimate]:
    return estimates.by_name(*against_gold(scored), sets.coverage(scored), *confusion(scored))


def of_subset(scored: Scored) -> dict[str, Estimate]:
    """The few that are worth a row per subset."""
    return estimates.by_name(agreed(scored), sets.coverage(scored))


def people(scored: Scored) -> dict[str, Estimate]:
    """The people among themselves and beside the judge; empty where fewer than two of them labelled any item."""
    labels = range(len(scored.question.labels))
    raters, table = ratings_of(scored.labels, lambda said: np.nan if said.best is None else float(said.best))
    if not table.size or (~np.isnan(table)).sum(0).max() < 2:
        return {}
    said = _named(scored.verdicts[:, 0, 0], len(labels))
    fold = human.leave_one_out(table, np.where(said < len(labels), said, np.nan))
    counts = np.stack([(table == label).sum(0) for label in labels], axis=1)
    return estimates.by_name(
        Estimate(name="raters", value=float(len(raters)), n=len(scored), method="count"),
        among.share_of_pairs(counts, scored.clusters),
        among.krippendorff_alpha(counts, scored.clusters),
        *among.left_out(fold.human_by_unit, fold.judge_by_unit, scored.clusters),
    )


def agreed(scored: Scored, name: str = "agreement") -> Estimate:
    judged, gold, said = _told(scored)
    return estimates.share(name, gold == said, judged.per_trial, empty=estimates.NO_GOLD, n=len(judged))


def against_gold(scored: Scored) -> list[Estimate]:
    """Every trial is one observation. A failure, and a verdict with several labels at the top, say no label."""
    judged, gold, said = _told(scored)
    question, clusters, n, k = judged.question, judged.per_trial, len(judged), len(judged.question.labels)
    hits, read = gold == said, judged.flat(judged.read)
    cells = estimates.crossed(gold, said, (k, k + 1))

    def of_table(name: str, form: Callable[[Floats], Floats], reason: str = estimates.NO_GOLD) -> Estimate:
        """`form` takes (..., k, k + 1): gold in rows, verdicts in columns, the last one without a label."""
        return estimates.of_counts(name, cells, clusters, form, reason=reason if n else estimates.NO_GOLD, n=n)

    def kappa(table: Floats, weights: agreement.Weights | None = None) -> Floats:
        return agreement.cohen_kappa_from_counts(table[..., :k], weights)

    def kappa_minus_phi(table: Floats) -> Floats:
        return kappa(table) - agreement.matthews_correlation_from_counts(table[..., :k])

    def f1(label: int) -> Callable[[Floats], Floats]:
        return lambda table: agreement.class_scores_from_counts(table)[..., label, 2]

    beyond_chance = _ONE_CLASS if (said < k).any() else estimates.NO_VERDICT

    def alpha(table: Floats) -> Floats:
        pairs = table[..., :k] + table[..., :k].swapaxes(-1, -2)
        return agreement.krippendorff_alpha_from_counts(pairs, range(k), "ordinal" if question.ordered else "nominal")

    # What a judge gets that says gold's most frequent label of every item.
    labels = _named(judged.gold, k)
    commonest = labels == np.bincount(labels).argmax() if n else labels
    numbers = [
        agreed(scored),
        estimates.detectable("agreement", hits, clusters, n=n),
        estimates.share("accuracy", hits[read], clusters[read], empty=estimates.NO_VERDICT, n=int(read.sum())),
        of_table("macro_f1", lambda table: agreement.precision_recall_f1_from_counts(table)[..., 2]),
        of_table("mcc", agreement.matthews_correlation_from_counts, _CONSTANT),
        of_table("cohen_kappa", kappa, beyond_chance),
        of_table("alpha_with_gold", alpha, beyond_chance),
        estimates.share("majority_agreement", commonest, judged.clusters, empty=estimates.NO_GOLD),
    ]
    if k == 2:
        numbers.append(of_table("kappa_minus_phi", kappa_minus_phi, _CONSTANT))
    if question.ordered:
        numbers.append(of_table("weighted_kappa", lambda table: kappa(table, "quadratic"), beyond_chance))
        numbers.append(of_table("weighted_kappa_linear", lambda table: kappa(table, "linear"), beyond_chance))
        place = judged.flat(expected_place(judged.scores))
        numbers += ratings.distances(place[read] - gold[read], clusters[read])
        numbers += ratings.rank_correlations(gold[read].astype(np.float64), place[read], clusters[read])
    if question.positive is not None:
        positive = gold == (label := question.labels.index(question.positive))
        found, cleared = said == label, (said != label) & (said < k)
        numbers += [
            estimates.share("sensitivity", found[positive], clusters[positive], empty="gold is never positive"),
            estimates.share("specificity", cleared[~positive], clusters[~positive], empty="gold is always positive"),
        ]
    for index, name in enumerate(question.labels):
        of_said, of_gold = said == index, gold == index
        numbers += [
            estimates.share(f"precision[{name}]", hits[of_said], clusters[of_said], empty="the judge never says it"),
            estimates.share(f"recall[{name}]", hits[of_gold], clusters[of_gold], empty="gold never says it"),
            of_table(f"f1[{name}]", f1(index), "neither the judge nor gold says it"),
        ]
    return numbers


def expected_place(numbers: Floats) -> Floats:
    """(...) of (..., numbers), one for each of the ordered labels: where between the first (0) and the last the judge's
    label is to be expected, its numbers being how likely each is; the numbers' own place where they cannot be that."""
    with np.errstate(invalid="ignore", divide="ignore"):
        place = (numbers * np.arange(numbers.shape[-1])).sum(-1) / numbers.sum(-1)
        likely = (numbers >= 0).all(-1) & (numbers.sum(-1) > 0)
    return np.where(likely | np.isnan(numbers[..., 0]), place, rounding.at_top(numbers).argmax(-1))


def confusion(scored: Scored) -> list[Estimate]:
    """How often gold's label met the judge's, gold's first in the name; the empty name stands for no label."""
    judged, gold, said = _told(scored)
    labels = judged.question.labels
    return [
        Estimate(name=f"confusion[{one},{other}]", value=float(count), n=len(gold), method="count")
        for row, one in enumerate(labels)
        for column, other in enumerate([*labels, ""])
        for count in [np.count_nonzero((gold == row) & (said == column))]
    ]


def _told(scored: Scored) -> tuple[Scored, NDArray[np.intp], NDArray[np.intp]]:
    """The items whose gold is a label; and by trial the places of gold's label and of the judge's, which is their
    number where it says none."""
    k = len(scored.question.labels)
    judged = scored.where(_named(scored.gold, k) < k)
    return judged, judged.flat(judged.by_trial(_named(judged.gold, k))), judged.flat(_named(judged.verdicts, k))


def _named(numbers: Floats, k: int) -> NDArray[np.intp]:
    """(...) of (..., numbers), one for each of k labels: the place of the greatest; k where that is none or several."""
    top = rounding.at_top(numbers)
    return np.where(top.sum(-1) == 1, top.argmax(-1), k)
