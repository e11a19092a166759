"""Pairs: the metrics of judge against gold, and of a judge against itself. `compute` gives those that a run allows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from judgebench.score import estimates
from judgebench.score.arrays import Floats, item_share
from judgebench.score.human import matrix
from judgebench.score.pairs import CLASSES, FAILED, TIE, Pairs, on_axis, trial_share
from judgebench.stats import agreement, length, position
from judgebench.types import Estimate

_BIASES = (
    "first_bias", "second_bias", "consistency_kappa", "both_correct", "first_slot_rate", "delta_bias", "position_p",
)  # fmt: skip
FITTED = ("length_effect", "human_length_effect")
"""Found by iteration, which on two machines ends in numbers that are farther apart than other numbers are."""
MOST_RATERS = 10
"""Of more people than this each has rated too little for a regression of their own."""


def compute(pairs: Pairs, *, gold_ties: bool, factors: Sequence[str] = ()) -> dict[str, Estimate]:
    judged = pairs.with_gold
    numbers = [*_against_gold(judged, gold_ties=gold_ties), *_against_itself(pairs), *_tallies(pairs)]
    if gold_ties:
        numbers.append(estimates.share("gold_tie_rate", judged.gold == TIE, judged.clusters, empty=estimates.NO_GOLD))
    if pairs.verdicts.shape[2] > 1:
        numbers += _against_reruns(pairs)
    numbers += [_effect(factor, judged) for factor in factors]
    return estimates.by_name(*numbers)


def of_subset(pairs: Pairs) -> dict[str, Estimate]:
    """The few that are worth a row per subset."""
    agreed = trial_share("agreement", pairs.with_gold)
    return estimates.by_name(agreed, _against_itself(pairs)[0], *_tallies(pairs))


def _against_gold(pairs: Pairs, *, gold_ties: bool) -> list[Estimate]:
    """Every trial is one observation; the trials of a question are one cluster."""
    clusters, hits, n = pairs.per_trial, pairs.hits.ravel(), len(pairs)
    read = pairs.verdicts.ravel() != FAILED
    classes = CLASSES if gold_ties else CLASSES - 1
    rows = estimates.crossed(pairs.gold[:, None, None], pairs.verdicts, (CLASSES, CLASSES + 1))

    def macro(column: int) -> estimates.Statistic:
        return lambda table: agreement.precision_recall_f1_from_counts(table[..., :classes, :])[..., column]

    means = {f"macro_{name}": macro(column) for column, name in enumerate(("precision", "recall", "f1"))}
    coefficients: dict[str, estimates.Statistic] = {
        "cohen_kappa": lambda table: agreement.cohen_kappa_from_counts(table[..., :CLASSES]),
        "scott_pi": lambda table: agreement.scott_pi_from_counts(table[..., :CLASSES]),
        "gwet_ac1": lambda table: agreement.gwet_ac1_from_counts(table[..., :CLASSES]),
    }
    one_class = "judge and gold use a single category between them, so chance agreement is 1"
    reason = one_class if read.any() else estimates.NO_VERDICT
    return [
        trial_share("agreement", pairs),
        estimates.detectable("agreement", hits, clusters, n=n),
        estimates.share("accuracy", hits[read], clusters[read], empty=estimates.NO_VERDICT, n=int(read.sum())),
        *estimates.of_each(means, rows, clusters, n=n).values(),
        *estimates.of_each(coefficients, rows, clusters, reason=reason, n=n).values(),
    ]


def _against_itself(pairs: Pairs) -> list[Estimate]:
    if pairs.orders == "merged":
        steady = estimates.share("consistency", ~pairs.unstable, pairs.clusters)
        reason = "upstream kept one verdict for the two orders"
        return [steady, *(estimates.undefined(name, reason) for name in _BIASES)]
    if pairs.orders == "single":
        names = ("consistency", *_BIASES)
        return [estimates.undefined(name, "needs both orders; the run has one") for name in names]
    original, swapped = (on_axis(pairs.verdicts[:, order].ravel()) for order in (0, 1))
    outcome, decided = position.outcomes(original, swapped).astype(bool), position.slot_wins(original, swapped)
    whole, judged = ~outcome[:, 3], pairs.with_gold
    clusters, empty = pairs.per_sample[whole], "no pair has a verdict in both orders"
    both = pairs.verdicts.transpose(1, 0, 2).reshape(2, -1)[:, whole]
    p_value = position.position_bias_p_value(original, swapped)
    return [
        *(
            estimates.share(name, outcome[whole, column], clusters, empty=empty)
            for column, name in enumerate(("consistency", "first_bias", "second_bias"))
        ),
        estimates.of_counts(
            "consistency_kappa",
            estimates.crossed(both[0], both[1], (CLASSES, CLASSES)),
            clusters,
            agreement.cohen_kappa_from_counts,
            reason="one verdict only, so that chance agreement is 1" if whole.any() else empty,
        ),
        item_share("both_correct", judged, judged.hits_in_all_orders),
        estimates.of_counts(
            "first_slot_rate",
            decided,
            pairs.per_sample,
            position.first_slot_rate_from_counts,
            reason="no verdict is decisive",
            n=int(decided.sum()),
        ),
        estimates.mean("delta_bias", outcome[:, 2].astype(float) - outcome[:, 1], pairs.per_sample, empty=empty),
        estimates.undefined("position_p", empty)
        if p_value is None
        else Estimate(name="position_p", value=p_value, n=int(whole.sum()), method="exact binomial"),
    ]


def _against_reruns(pairs: Pairs) -> list[Estimate]:
    """The same trial asked again, which is noise and no effect of the order; of trials with two answers or more."""
    answers = (pairs.verdicts[..., None] == np.arange(CLASSES)).sum(2).reshape(-1, CLASSES)
    clusters = np.repeat(pairs.clusters, pairs.verdicts.shape[1])
    times = answers.sum(1)
    again = times > 1
    answers, clusters, times = answers[again], clusters[again], times[again]
    equal = (answers * (answers - 1)).sum(1) / (times * (times - 1))
    empty = "no trial has two answers"
    return [
        estimates.share("rerun_agreement", equal, clusters, empty=empty),
        estimates.share("repetition_stability", answers.max(1, initial=0) / times, clusters, empty=empty),
    ]


def _tallies(pairs: Pairs) -> list[Estimate]:
    verdicts, clusters = pairs.verdicts.ravel(), pairs.per_trial
    read = verdicts != FAILED
    return [
        estimates.share("tie_rate", verdicts[read] == TIE, clusters[read], n=int(read.sum())),
        estimates.share("coverage", read, clusters, empty="nothing was asked"),
    ]


def _effect(factor: str, pairs: Pairs) -> Estimate:
    """In a design that crosses a factor with right and wrong: accuracy where the right response has the factor's first
    level in the alphabet (long, markdown) minus accuracy where the wrong one has it."""
    levels = pairs.facet(f"right_{factor}")
    name = f"effect_{factor}"
    high = np.repeat(
        levels == min(set(levels.tolist()), default=None), pairs.verdicts.shape[1] * pairs.verdicts.shape[2]
    )
    hits = pairs.hits.ravel().astype(float)
    rows = np.stack([hits * high, high, hits * ~high, ~high], axis=1)

    def difference(cells: Floats) -> Floats:
        return cells[..., 0] / cells[..., 1] - cells[..., 2] / cells[..., 3]

    return estimates.of_counts(name, rows, pairs.per_trial, difference, reason="a level has no items", n=len(pairs))


def of_length(pairs: Pairs) -> dict[str, Estimate]:
    """How often the longer response wins, and how much of that is length and not quality. In slot coordinates, so that
    two orders of an item are two observations of one cluster."""
    if any(None in label.lengths for label in pairs.labels):
        reason, names = "the responses' lengths are not at hand", ("prefer_longer", *FITTED)
        return {name: estimates.undefined(name, reason, n=len(pairs)) for name in names}
    stored = np.array([label.lengths for label in pairs.labels], dtype=float)
    gold = on_axis(pairs.gold)
    orders, samples = pairs.verdicts.shape[1:]
    verdicts = on_axis(pairs.slots).transpose(1, 2, 0).ravel()
    lengths = np.concatenate([stored[:, :: 1 - 2 * order] for order in range(orders) for _ in range(samples)])
    people = np.concatenate([gold * (1 - 2 * order) for order in range(orders) for _ in range(samples)])
    clusters = np.tile(pairs.clusters, orders * samples)
    _, ratings = matrix(pairs.labels)
    fitted = length.people_length_effects(ratings, stored, pairs.clusters) if 2 < len(ratings) <= MOST_RATERS else ()
    counts, none = length.longer_counts(verdicts, lengths), "no decisive verdict on responses of different length"
    return estimates.by_name(
        estimates.of_counts("prefer_longer", counts, clusters, estimates.ratio, reason=none, n=len(pairs)),
        _length_effect("length_effect", length.length_effect(verdicts, people, lengths, clusters)),
        _mean_length_effect("human_length_effect", [effect for effect in fitted if effect is not None]),
    )


def _length_effect(name: str, effect: length.LengthEffect | None) -> Estimate:
    if effect is None:
        return estimates.undefined(name, "the verdicts or the lengths do not vary enough")
    return Estimate(
        name=name,
        value=effect.length.value,
        low=effect.length.low,
        high=effect.length.high,
        n=effect.units,
        n_clusters=effect.clusters,
        method="logistic regression, t on clustered SE" + (f"; ridge: {effect.penalised}" if effect.penalised else ""),
    )


def _mean_length_effect(name: str, effects: list[length.LengthEffect]) -> Estimate:
    if not effects:
        return estimates.undefined(name, "it takes three people or more who rated the same items")
    mean = float(np.mean([effect.length.value for effect in effects]))
    return Estimate(name=name, value=mean, n=effects[0].units, method="mean over people; each has its own interval")
