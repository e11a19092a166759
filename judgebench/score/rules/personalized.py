"""Personalized judges (2406.11657): what one person would choose, and how sure the judge says it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from judgebench.score import estimates
from judgebench.score.pairs import FAILED, Pairs
from judgebench.score.rules.ruling import Ruling
from judgebench.stats import rounding


def personalized(pairs: Pairs, settings: Mapping[str, Any]) -> Ruling:
    """Accuracy in the stored order over the answers that could be read (upstream asks up to four times and drops the
    rest), above and below `threshold` of stated certainty (0.8). No certainty is certainty 0. `high_coverage` is the
    share of the read answers above the threshold: without it a high accuracy says little."""
    judged = pairs.with_gold
    threshold = settings.get("threshold", 0.8)
    read = (judged.verdicts[:, 0] != FAILED).ravel()
    hits, clusters = judged.hits[:, 0].ravel()[read], judged.per_sample[read]
    certain = rounding.at_least(np.nan_to_num(judged.confidence[:, 0].ravel()[read]), threshold)
    empty = "no answer could be read"
    parts = {
        "high_accuracy": estimates.share(
            "high_accuracy", hits[certain], clusters[certain], empty=f"no answer is {threshold:.0%} certain"
        ),
        "low_accuracy": estimates.share(
            "low_accuracy", hits[~certain], clusters[~certain], empty="every answer is certain"
        ),
        "high_coverage": estimates.share("high_coverage", certain, clusters, empty=empty),
        "read": estimates.share("read", read, judged.per_sample, empty="no items with gold"),
    }
    return Ruling(estimates.share("personalized", hits, clusters, empty=empty), parts)
