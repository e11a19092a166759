"""Models ranked by a judge and by people: how far the two leaderboards agree."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from judgebench.adapters.alpacaeval_human import SEVERAL
from judgebench.score import estimates
from judgebench.score.pairs import Pairs
from judgebench.score.ratings import pearson_along
from judgebench.stats import rounding
from judgebench.types import Estimate

Floats = NDArray[np.float64]
FEWEST = 100
"""People's votes that a model must have more of, as upstream wants it."""


def correlations(pairs: Pairs, runs: Floats, votes: Sequence[Floats]) -> dict[str, Estimate]:
    """Spearman's and Pearson's correlation over models of their win rates by the judge and by people. `runs` is
    (items, annotations) and `votes` one array an item: 1 to 2, NaN for a failure. Only the items of the split `eval`
    count, where the items name splits, and models with more than 100 votes (alpaca_eval/analyze.py,
    estimate_correlations). Empty where the items name no models."""
    named = [str(label.facets.get("generator", "")) for label in pairs.labels]
    kept = [
        bool(name) and label.facets.get("datasplit", "eval") == "eval"
        for name, label in zip(named, pairs.labels, strict=True)
    ]
    if not any(named):
        return {}
    counts: dict[str, int] = {}
    for name, inside, given in zip(named, kept, votes, strict=True):
        for model in name.split(SEVERAL) if inside else ():
            counts[model] = counts.get(model, 0) + len(given)
    known = [model for model, count in counts.items() if count > FEWEST]
    rows = np.zeros((len(named), 4 * max(len(known), 1)))
    for index, (name, inside, said, given) in enumerate(zip(named, kept, runs, votes, strict=True)):
        answered = said[~np.isnan(said)]
        cells = answered.sum(), len(answered), given.sum(), len(given)
        for model in set(name.split(SEVERAL)) & set(known) if inside else ():
            rows[index, 4 * known.index(model) : 4 * known.index(model) + 4] = cells
    if len(known) < 3:
        why = f"needs three models with more than {FEWEST} votes, there are {len(known)}"
        return {name: estimates.undefined(name, why) for name in ("spearman", "pearson")}
    reason = "a model has no verdicts, or all have the same win rate"
    forms = {"spearman": _spearman, "pearson": _pearson}
    return {
        name: estimates.of_counts(name, rows, pairs.clusters, form, reason=reason, n=len(known))
        for name, form in forms.items()
    }


def _win_rates(sums: Floats) -> tuple[Floats, Floats]:
    """(..., models): the judge's and people's mean preference; the models' outputs are the second ones."""
    return sums[..., 0::4] / sums[..., 1::4] - 1, sums[..., 2::4] / sums[..., 3::4] - 1


def _pearson(sums: Floats) -> Floats:
    return pearson_along(*_win_rates(sums))


def _spearman(sums: Floats) -> Floats:
    judge, people = _win_rates(sums)
    return pearson_along(rounding.mid_ranks(judge), rounding.mid_ranks(people))
