"""Length: how often the longer response wins, and how much of that is length and not quality."""

from __future__ import annotations

import numpy as np

from judgebench.score import estimates
from judgebench.score.human import matrix
from judgebench.score.pairs import Pairs, on_axis
from judgebench.stats import length
from judgebench.types import Estimate

FITTED = ("length_effect", "human_length_effect")
"""Found by iteration, which on two machines ends in numbers that are farther apart than other numbers are."""
MOST_RATERS = 10
"""Of more people than this each has rated too little for a regression of their own."""


def compute(pairs: Pairs) -> dict[str, Estimate]:
    """In slot coordinates, so that two orders of an item are two observations of one cluster."""
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
        _effect("length_effect", length.length_effect(verdicts, people, lengths, clusters)),
        _mean_effect("human_length_effect", [effect for effect in fitted if effect is not None]),
    )


def _effect(name: str, effect: length.LengthEffect | None) -> Estimate:
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


def _mean_effect(name: str, effects: list[length.LengthEffect]) -> Estimate:
    if not effects:
        return estimates.undefined(name, "it takes three people or more who rated the same items")
    mean = float(np.mean([effect.length.value for effect in effects]))
    return Estimate(name=name, value=mean, n=effects[0].units, method="mean over people; each has its own interval")
