"""Judges against each other on the same trials: paired, clustered, corrected for how many comparisons there are."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from judgebench.errors import InputError
from judgebench.score.pairs import Pairs, of_run
from judgebench.stats import compare as tests
from judgebench.stats import power
from judgebench.types import Estimate, Judgment, Label, Manifest, Record

ALPHA = 0.05
_TOO_FEW = "a comparison needs items with gold from two questions or more"


class RunData(NamedTuple):
    labels: Sequence[Label]
    manifest: Manifest
    judgments: Sequence[Judgment]


class Standing(Record, frozen=True, kw_only=True, omit_defaults=False):
    """A judge's agreement on the common trials, and the ranks that the corrected tests leave open to it."""

    judge: str
    agreement: float
    rank_low: int
    rank_high: int


class Contest(Record, frozen=True, kw_only=True, omit_defaults=False):
    """Two judges. `p_value` is two-sided, `adjusted` Holm's over all pairs; `detectable` is the true difference that a
    sample like this sees four times in five."""

    first: str
    second: str
    difference: Estimate
    p_value: float | None
    adjusted: float | None
    detectable: float | None


class Comparison(Record, frozen=True, kw_only=True, omit_defaults=False):
    """On one benchmark. `notes` say on which part of the runs it rests, where that is not all of them."""

    benchmark: str
    items: int
    clusters: int
    standings: tuple[Standing, ...]
    contests: tuple[Contest, ...]
    notes: tuple[str, ...]


def compare(runs: Sequence[RunData]) -> Comparison:
    """Compare runs over the same items. InputError where they are not, or where fewer than two are given."""
    if len(runs) < 2:
        raise InputError("a comparison takes two runs or more")
    require_same_items(runs)
    names = _names([run.manifest for run in runs])
    pairs, notes = common(runs)
    scores = np.stack([item_scores(judged) for judged in pairs])
    clusters = pairs[0].clusters
    table = tests.pairwise_differences(scores, clusters)
    if table is None:
        raise InputError(_TOO_FEW)
    ranks = tests.rank_sets(table.difference, table.adjusted, alpha=ALPHA).tolist()
    standings = [
        Standing(judge=name, agreement=float(row.mean()), rank_low=low, rank_high=high)
        for name, row, (low, high) in zip(names, scores, ranks, strict=True)
    ]
    contests = [
        _contest((names[one], names[other]), scores[[one, other]], clusters, float(table.adjusted[one, other]))
        for one, other in combinations(range(len(runs)), 2)
    ]
    return Comparison(
        benchmark=runs[0].manifest.benchmark,
        items=scores.shape[1],
        clusters=len(np.unique(clusters)),
        standings=tuple(sorted(standings, key=lambda standing: -standing.agreement)),
        contests=tuple(contests),
        notes=notes,
    )


def require_same_items(runs: Sequence[RunData]) -> None:
    """InputError names two runs that judged different items."""
    first = runs[0].manifest
    for _, manifest, _ in runs[1:]:
        if manifest.items != first.items:
            raise InputError(
                f"{manifest.judge} on {manifest.benchmark} {manifest.version} and {first.judge} on {first.benchmark} "
                f"{first.version} judged different items (digests {manifest.items} and {first.items})"
            )


def item_scores(pairs: Pairs) -> NDArray[np.float64]:
    """Each item's share of right verdicts over orders and samples, a failure wrong: canonical agreement is its mean."""
    shares: NDArray[np.float64] = pairs.hits.mean(axis=(1, 2))
    return shares


def common(runs: Sequence[RunData]) -> tuple[list[Pairs], tuple[str, ...]]:
    """The runs' arrays on the items and orders that all of them have."""
    notes = []
    total = len(runs[0].labels)
    limit = min(run.manifest.limit or total for run in runs)
    if limit < total:
        notes.append(f"on the first {limit:,} of {total:,} items, which all runs have")
    pairs = [of_run(run.labels[:limit], run.manifest, run.judgments).with_gold for run in runs]
    if len({judged.orders for judged in pairs}) > 1:
        notes.append("on the stored order alone, since not all runs have both")
        pairs = [judged.stored_order for judged in pairs]
    return pairs, tuple(notes)


def _contest(
    judges: tuple[str, str], scores: NDArray[np.float64], clusters: NDArray[np.intp], adjusted: float
) -> Contest:
    found = tests.paired_difference(scores[0], scores[1], clusters)
    if found is None:
        raise InputError(_TOO_FEW)
    difference = Estimate(
        name="difference",
        value=found.value,
        low=found.low,
        high=found.high,
        n=found.units,
        n_clusters=found.clusters,
        method="t on clustered SE" if found.low is not None else "none: the difference does not vary",
    )
    return Contest(
        first=judges[0],
        second=judges[1],
        difference=difference,
        p_value=found.p_value,
        adjusted=adjusted,
        detectable=power.minimum_detectable_effect(found.standard_error) if found.standard_error else None,
    )


def _names(manifests: Sequence[Manifest]) -> list[str]:
    names = [manifest.judge for manifest in manifests]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"{name} is given {names.count(name)} times; a comparison takes different runs")
    return names
