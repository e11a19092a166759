"""Judgments x labels -> arrays -> estimates. Deterministic, offline, and blind to texts: anyone can do it again.

pairs      objects become arrays, here and nowhere else
estimates  how each kind of number gets its interval
metrics    judge against gold, and against itself with the responses swapped
human      the people's agreement among themselves and with the judge
rules      each benchmark's own headline number
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from judgebench.score import human, metrics, rules
from judgebench.score import pairs as arrays
from judgebench.types import Card, Estimate, Judgment, Label, Manifest, Scores

FEW_CLUSTERS = 30


def score_run(card: Card, labels: Sequence[Label], manifest: Manifest, judgments: Sequence[Judgment]) -> Scores:
    """Everything that is said about one judge on one benchmark."""
    asked = list(labels)[: manifest.limit]
    pairs = arrays.of_run(asked, manifest, judgments)
    coverage = arrays.coverage(asked, manifest, judgments)
    headline = rules.headline(card.headline, pairs)
    people = {**human.compute(pairs), **rules.between_people(card.headline, pairs)}
    found = metrics.compute(pairs, gold_ties=card.ties, factors=card.factors)
    return Scores(
        benchmark=manifest.benchmark,
        judge=manifest.judge,
        manifest=manifest,
        headline=headline,
        metrics=found,
        subsets=_subsets(card, pairs),
        human=people,
        coverage=coverage,
        warnings=_warnings(card, manifest, pairs, found),
    )


def _subsets(card: Card, pairs: arrays.Pairs) -> dict[str, dict[str, Estimate]]:
    names = pairs.facet(lambda label: label.subset)
    listed = [name for name in card.subsets if name in names] or sorted({name for name in names if name})
    found = {}
    for name in listed:
        part = pairs.where(np.asarray(names == name, dtype=np.bool_))
        headline = rules.headline(card.headline, part)
        value = Estimate(**{field: getattr(headline, field) for field in Estimate.__struct_fields__})
        people = rules.between_people(card.headline, part)
        found[name] = {"headline": value, **headline.parts, **metrics.of_subset(part), **people}
    return found


def _warnings(card: Card, manifest: Manifest, pairs: arrays.Pairs, found: dict[str, Estimate]) -> tuple[str, ...]:
    clusters = len(np.unique(pairs.clusters))
    undefined = [name for name, estimate in found.items() if "resamples undefined" in estimate.method]
    checks = [
        (manifest.limit is not None, f"only the first {manifest.limit} items were asked; not for a leaderboard"),
        (clusters < FEW_CLUSTERS, f"only {clusters} questions: intervals from so few clusters are too narrow"),
        (manifest.orders == "single", "one order only: position bias cannot be seen and is part of every number"),
        (manifest.orders == "merged", "upstream kept one verdict for the two orders: which way a judge leans is lost"),
        (bool(undefined), f"some bootstrap resamples have no value: {', '.join(undefined)}"),
    ]
    return (*(text for holds, text in checks if holds), *card.warnings)
