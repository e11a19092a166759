"""Themis (2502.02988): ratings by scenario."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from judgebench.score import estimates, ratings
from judgebench.score.rules.ruling import Ruling
from judgebench.score.scored import Floats, Scored
from judgebench.stats.ratings import agr_credit


def themis(scored: Scored, _: Mapping[str, Any]) -> Ruling:
    """Agr(2,2), the value, and the mean absolute error. The paper does not say how an answer without a rating enters
    them: here it earns no Agr (`agr_valid` leaves it out), and has no error; `valid_rate` stands beside. Over the whole
    benchmark also how far Agr follows the scenarios' mean gold rating: judges look better where responses are good."""
    judged = scored.with_gold
    found = {estimate.name: estimate for estimate in ratings.against_gold(judged)}
    gold, said = judged.flat(judged.gold_by_trial[..., 0]), judged.flat(judged.verdicts[..., 0])
    credit, clusters, given = agr_credit(gold, said), judged.per_trial, ~np.isnan(said)
    empty = "no items with gold"
    parts = {
        "mae": found["mae"],
        "exact": found["exact"],
        "agr_valid": estimates.share("agr_valid", credit[given], clusters[given], empty="no valid answer"),
        "valid_rate": estimates.share("valid_rate", given, clusters, empty=empty),
    }
    scenarios = judged.flat(np.broadcast_to(judged.subsets[:, None, None], judged.trials.shape))
    names = sorted({name for name in scenarios if name})
    if len(names) > 2:
        inside = np.stack([scenarios == name for name in names], axis=1).astype(np.float64)
        rows = np.hstack([inside, inside * credit[:, None], inside * gold[:, None]])
        parts["agr_follows_gold"] = estimates.of_counts(
            "agr_follows_gold", rows, clusters, _correlation, reason="Agr or gold is the same in every scenario"
        )
    return Ruling(estimates.share("themis", credit, clusters, empty=empty, n=len(judged)), parts)


def _correlation(sums: Floats) -> Floats:
    """Pearson's over scenarios of mean Agr and mean gold rating, from their counts and sums."""
    count, credit, gold = np.split(sums, 3, axis=-1)
    return ratings.pearson_along(credit / count, gold / count)
