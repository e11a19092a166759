"""What a plot needs beyond scores.json, computed by the same functions that make scores.json."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judgebench.report.page.collect import Bench, Run
from judgebench.report.page.numbers import Shown, shown
from judgebench.score import estimates, made_of, ranking
from judgebench.score import pairs as arrays
from judgebench.score.pairs import FAILED, FIRST, SECOND, Pairs
from judgebench.stats import calibration, selective

LENGTH_BINS = (
    (-1.0, "under half as long"),
    (-0.5, "shorter"),
    (-0.1, "about as long (±10 %)"),
    (0.1, "longer"),
    (0.5, "over twice as long"),
)
"""The right response against the wrong one: where a bin begins, in (right - wrong) / the longer, and its name."""
MOST_JUDGES = 40


def of_run(bench: Bench, run: Run) -> Pairs | None:
    """The run as arrays; None where the benchmark's items are not pairs."""
    labels = list(bench.labels)[: run.scores.manifest.limit]
    if any(len(label.lengths) != 2 for label in labels):
        return None
    return arrays.of_run(labels, run.scores.manifest, run.judgments)


def length(pairs: Pairs) -> dict[str, Any] | None:
    """Agreement by how the right response's length compares with the wrong one's, and how often the longer one is
    picked; None where no pair has both lengths and one right response."""
    known = np.array([None not in label.lengths and max(n or 0 for n in label.lengths) > 0 for label in pairs.labels])
    pairs = pairs.where(known & np.isin(pairs.gold, (FIRST, SECOND)))
    if not len(pairs):
        return None
    sizes = np.array([label.lengths for label in pairs.labels], dtype=np.float64)
    gap = (sizes[:, 0] - sizes[:, 1]) / sizes.max(axis=1)
    right_longer = np.where(pairs.gold == FIRST, gap, -gap)
    where = np.digitize(right_longer, [edge for edge, _ in LENGTH_BINS[1:]])
    bins = [_agreement(name, pairs.where(where == index)) for index, (_, name) in enumerate(LENGTH_BINS)]
    longer = np.where(gap > 0, FIRST, SECOND)
    uneven = pairs.where(gap != 0)
    picks = longer[gap != 0][:, None, None] == uneven.verdicts
    decisive = np.isin(uneven.verdicts, (FIRST, SECOND)).ravel()
    return {
        "bins": [[name, estimate] for (_, name), estimate in zip(LENGTH_BINS, bins, strict=True)],
        "picks_longer": shown(
            estimates.share(
                "picks_longer", picks.ravel()[decisive], uneven.per_trial[decisive], empty="no decisive verdict"
            )
        ),
        "right_is_longer": shown(estimates.share("right_is_longer", right_longer[gap != 0] > 0, uneven.clusters)),
    }


def confidence(pairs: Pairs) -> dict[str, Any] | None:
    """Reliability and risk-coverage, over the trials that have a confidence and a gold; None where none has."""
    pairs = pairs.with_gold
    given = pairs.verdicts.ravel() != FAILED
    stated = given & np.isfinite(pairs.confidence.ravel())
    values, hits, groups = (of[stated] for of in (pairs.confidence.ravel(), pairs.hits.ravel(), pairs.per_trial))
    if not len(values):
        return None
    curve = selective.risk_coverage(values, hits)
    keep = np.unique(np.linspace(0, len(curve.units) - 1, 200).astype(int))
    is_probability = bool(values.min() >= 0 and values.max() <= 1)
    return {
        "n": len(values),
        "of": int(given.sum()),
        "bins": _reliability(values, hits, groups) if is_probability else [],
        "curve": [[round(float(curve.coverage[i]), 5), round(float(curve.risk[i]), 5)] for i in keep],
    }


def between_judges(bench: Bench, found: Sequence[Pairs | None]) -> dict[str, Any] | None:
    """How often two judges give the same verdict on the same trial, a failure agreeing with nothing. Trials that both
    were asked: both orders where both runs have them, else the stored order; the first sample."""
    whole = [
        (run, pairs)
        for run, pairs in zip(bench.runs, found, strict=True)
        if pairs is not None and run.scores.manifest.limit is None
    ][:MOST_JUDGES]
    if len(whole) < 2:
        return None
    cells = [
        [shown(_same(one, other)) for _, other in whole[: index + 1]]  # the lower triangle
        for index, (_, one) in enumerate(whole)
    ]
    return {"judges": [run.judge for run, _ in whole], "cells": cells}


def ranks(bench: Bench) -> list[ranking.Ranks | None]:
    """The ranks by score that are open to each run among those over all items; None for the others."""
    samples = [
        None
        if run.scores.manifest.limit is not None
        else made_of(bench.card, bench.labels, run.scores.manifest, run.judgments).get(("", "headline"))
        for run in bench.runs
    ]
    return ranking.ranks(samples)


def _same(one: Pairs, other: Pairs) -> Any:
    width = min(one.verdicts.shape[1], other.verdicts.shape[1])
    ours, theirs = one.verdicts[:, :width, 0], other.verdicts[:, :width, 0]
    equal = (ours == theirs) & (ours != FAILED)
    return estimates.share("same_verdict", equal.ravel(), np.repeat(one.clusters, width), n=len(one))


def _agreement(name: str, pairs: Pairs) -> Shown | None:
    hits: NDArray[Any] = pairs.hits.ravel()
    return shown(estimates.share(name, hits, pairs.per_trial, empty="no such pair", n=len(pairs)))


def _reliability(values: NDArray[Any], hits: NDArray[Any], clusters: NDArray[Any]) -> list[Any]:
    """[mean confidence, accuracy as an estimate] for each bin."""
    found = calibration.reliability_table(values, hits)
    bins = []
    for low, high, mean in zip(found.low, found.high, found.confidence, strict=True):
        inside = (values >= low) & (values <= high)
        bins.append([round(float(mean), 5), shown(estimates.share("accuracy", hits[inside], clusters[inside]))])
    return bins
