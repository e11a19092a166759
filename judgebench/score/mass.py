"""Of forced verdicts: how much probability the options had, of all that the judge might have said."""

from __future__ import annotations

import numpy as np

from judgebench.score import estimates
from judgebench.score.arrays import Floats, ItemArrays
from judgebench.stats import rounding
from judgebench.types import Estimate

HALF = 0.5
"""Below it the judge would rather have said something else."""


def compute(arrays: ItemArrays) -> dict[str, Estimate]:
    """Over the verdicts that have a mass; nothing where none has."""
    known = np.isfinite(arrays.mass)
    if not known.any():
        return {}
    masses, clusters = arrays.mass[known], np.broadcast_to(arrays.clusters[:, None, None], known.shape)[known]
    below = ~rounding.at_least(masses, HALF)
    to_the_hundredth = estimates.one_hot(np.rint(100 * masses.clip(0, 1)).astype(int), 101)
    return estimates.by_name(
        estimates.share("label_mass", masses, clusters),
        estimates.of_counts("label_mass_median", to_the_hundredth, clusters, _median),
        estimates.share("low_label_mass", below, clusters),
    )


def _median(counts: Floats) -> Floats:
    """Of counts of 0, .01, ... 1, (..., 101): the least that half of them do not exceed."""
    reached = 2 * counts.cumsum(-1) >= counts.sum(-1, keepdims=True)
    return np.asarray(reached.argmax(-1) / 100, dtype=np.float64)
