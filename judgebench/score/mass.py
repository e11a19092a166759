"""Of forced verdicts: how much probability the options had, of all that the judge might have said."""

from __future__ import annotations

import numpy as np

from judgebench.score import estimates
from judgebench.score.arrays import ItemArrays
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
    return estimates.by_name(
        estimates.share("label_mass", masses, clusters), estimates.share("low_label_mass", below, clusters)
    )
