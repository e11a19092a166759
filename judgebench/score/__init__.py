"""Judgments x labels -> arrays -> estimates. Deterministic, offline, and blind to texts: anyone can do it again.

catalogue  what every number means, its unit, its better side;  addresses  where it stands in scores.json
pairs      two responses: objects become arrays of first, second, tie and failed
scored     anything else: objects become arrays of scores; these two rooms and nowhere else
estimates  how each kind of number gets its interval
samples    what each number is made of, question by question;  ranking  which judges it can tell apart
metrics    pairs: judge against gold, and against itself with the responses swapped
human      pairs: the people's agreement among themselves and with the judge
length     pairs: the longer response, and length at equal quality
ratings    one response, one number;  sets  the best of n and mixtures;  steps  the first wrong step
rules      each benchmark's own headline number
added      metrics of other distributions;  stored  is a scores.json what its judgments give?
comparison judges against each other;  planning  how many pairs that takes;  analysis  tables on demand
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from judgebench.errors import InputError
from judgebench.results import Run, place, stored_scores
from judgebench.score import (
    added,
    addresses,
    catalogue,
    estimates,
    human,
    length,
    metrics,
    ratings,
    rules,
    scored,
    sets,
    steps,
)
from judgebench.score import pairs as arrays
from judgebench.score.samples import Sample, kept
from judgebench.types import Card, Estimate, Flag, HeadlineScore, Judgment, Label, Manifest, Scores

FEW_CLUSTERS = 30
LOW_COVERAGE = 0.95
MOST_SUBSETS = 120
"""Of more subsets than this, the breakdown is left out: each has its own intervals to compute."""


def score_run(card: Card, labels: Sequence[Label], manifest: Manifest, judgments: Sequence[Judgment]) -> Scores:
    """Everything that is said about one judge on one benchmark."""
    asked = list(labels)[: manifest.limit]
    run = _arrays(card, labels, asked, manifest, judgments)
    headline = rules.headline(card.headline, run)
    found = _metrics(card, run)
    scores = Scores(
        benchmark=manifest.benchmark,
        judge=manifest.judge,
        manifest=manifest,
        headline=headline,
        metrics=found,
        subsets=_subsets(card, run),
        human={**_people(run), **rules.between_people(card.headline, run)},
        coverage=Run(card, labels, manifest, judgments).coverage,
        warnings=(*_warnings(manifest, run, found, judgments), *_conditioned(headline), *card.warnings),
    )
    _require_records(scores, rules.task(card.headline, run.labels))
    return scores


def scores_of(folder: Path, run: Run) -> Scores:
    """What the run's scores.json says, where it is of the answers that there are, or what they give. The numbers that
    stand there are not computed again, for that takes a second a run: `judgebench score --check` does."""
    return stored_scores(folder, run) or score_run(*run)


def made_of(
    card: Card, labels: Sequence[Label], manifest: Manifest, judgments: Sequence[Judgment], *, subsets: bool = True
) -> dict[tuple[str, str], Sample]:
    """What a run's numbers are made of, by subset (empty for the whole) and name: of its own score `headline` and its
    parts `headline.<name>`, of metrics `<name>`, of numbers about people `human.<name>`."""
    run = _arrays(card, labels, list(labels)[: manifest.limit], manifest, judgments)
    found: dict[tuple[str, str], Sample] = {}
    for subset, part in [("", run), *(_parts(card, run) if subsets else ())]:
        with kept() as seen:
            headline = rules.headline(card.headline, part, part=bool(subset))
        named = {f"headline.{name}": value.name for name, value in headline.parts.items()}
        named["headline"] = headline.name
        found |= {(subset, name): seen[made] for name, made in named.items() if made in seen}
        with kept() as seen:
            _few(part) if subset else _metrics(card, part)
        found |= {(subset, name): sample for name, sample in seen.items()}
    with kept() as seen:
        _people(run)
    found |= {("", f"human.{name}"): sample for name, sample in seen.items()}
    return found


def rightness(
    card: Card, labels: Sequence[Label], manifest: Manifest, judgments: Sequence[Judgment]
) -> NDArray[np.float64]:
    """(judgments,): 1 where the verdict is gold's, 0 where not or where the judge failed, a share where several
    responses are right; NaN without gold, and for an answer that the manifest does not ask for. Agreement is the
    mean."""
    run = _arrays(card, labels, list(labels)[: manifest.limit], manifest, judgments)
    if isinstance(run, arrays.Pairs):
        credit, known = run.hits.astype(np.float64), run.gold != arrays.NO_GOLD
    else:
        credit, known = sets.credit(run), ~np.isnan(run.gold[:, 0])
    credit[~known] = np.nan
    row = {label.id: index for index, label in enumerate(run.labels)}
    found = np.full(len(judgments), np.nan)
    for index, judgment in enumerate(judgments):
        cell = (row.get(judgment.item, len(credit)), place(judgment.order), judgment.sample)
        if all(at < size for at, size in zip(cell, credit.shape, strict=True)):
            found[index] = credit[cell]
    return found


def _arrays(
    card: Card, labels: Sequence[Label], asked: Sequence[Label], manifest: Manifest, judgments: Sequence[Judgment]
) -> rules.Arrays:
    if rules.task(card.headline, labels) == catalogue.PAIRS:
        return arrays.of_run(asked, manifest, judgments)
    return scored.of_run(asked, manifest, judgments)


def _metrics(card: Card, run: rules.Arrays) -> dict[str, Estimate]:
    kind = _kind(card, run)
    return {**_own_metrics(card, run, kind), **dict(added.compute(card.metrics, run, kind))}


def _kind(card: Card, run: rules.Arrays) -> str:
    return catalogue.PAIRS if isinstance(run, arrays.Pairs) else rules.task(card.headline, run.labels)


def _own_metrics(card: Card, run: rules.Arrays, kind: str) -> dict[str, Estimate]:
    if isinstance(run, arrays.Pairs):
        return {**metrics.compute(run, gold_ties=card.ties, factors=card.factors), **length.compute(run)}
    compute = {catalogue.RATINGS: ratings.compute, catalogue.STEPS: steps.compute}
    return compute.get(kind, sets.compute)(run)


def _require_records(scores: Scores, task: str) -> None:
    """InputError where a number has no record: nobody could say what it means, nor in which unit to print it."""
    names = [*scores.metrics, *(f"headline.{name}" for name in scores.headline.parts)]
    for address in [*names, *(f"human.{name}" for name in scores.human)]:
        if addresses.record(address, scores.headline.rule, task) is None:
            raise InputError(f"{address} of {scores.benchmark} has no record: see judgebench/score/catalogue.py")


def _people(run: rules.Arrays) -> dict[str, Estimate]:
    if isinstance(run, arrays.Pairs):
        return human.compute(run)
    return ratings.people(run) if run.gold.shape[1] == 1 else {}


def _subsets(card: Card, run: rules.Arrays) -> dict[str, dict[str, Estimate]]:
    found = {}
    for name, part in _parts(card, run):
        headline = rules.headline(card.headline, part, part=True)
        value = estimates.bare(headline)
        people = rules.between_people(card.headline, part)
        found[name] = {"headline": value, **headline.parts, **_few(part), **people}
    return found


def _parts(card: Card, run: rules.Arrays) -> Iterator[tuple[str, rules.Arrays]]:
    names = np.array([label.subset for label in run.labels], dtype=object)
    listed = [name for name in card.subsets if name in names] or sorted({name for name in names if name})
    for name in listed if len(listed) <= MOST_SUBSETS else ():
        yield name, run.where(np.asarray(names == name, dtype=np.bool_))


def _few(part: rules.Arrays) -> dict[str, Estimate]:
    return metrics.of_subset(part) if isinstance(part, arrays.Pairs) else sets.of_subset(part)


def _warnings(
    manifest: Manifest, run: rules.Arrays, found: dict[str, Estimate], judgments: Sequence[Judgment]
) -> tuple[str, ...]:
    clusters = len(np.unique(run.clusters))
    cut = sum(Flag.CUT in judgment.flags for judgment in judgments)
    share = found["coverage"].value
    undefined = [name for name, estimate in found.items() if "resamples undefined" in estimate.method]
    checks = [
        (manifest.limit is not None, f"only the first {manifest.limit} items were asked; not for a leaderboard"),
        (clusters < FEW_CLUSTERS, f"only {clusters} questions: too few to say how questions differ"),
        (
            share is not None and share < LOW_COVERAGE,
            f"{1 - (share or 0):.1%} of the trials have no verdict; numbers without failures are about the others",
        ),
        (
            manifest.orders == "single" and _has_orders(run),
            "one order only: position bias cannot be seen and is part of every number",
        ),
        (manifest.orders == "merged", "upstream kept one verdict for the two orders: which way a judge leans is lost"),
        (cut > 0, f"{cut:,} of {len(judgments):,} answers are to texts that were cut to fit the judge's context"),
        (bool(undefined), f"some bootstrap resamples have no value: {', '.join(undefined)}"),
    ]
    return tuple(text for holds, text in checks if holds)


def _conditioned(headline: HeadlineScore) -> Iterator[str]:
    """S2 leaves out a vote where the judge says tie: which votes are left differs between judges."""
    whole, decisive = headline.parts.get("s1"), headline.parts.get("s2")
    if whole and decisive and whole.n:
        yield (
            f"s2 rests on the {decisive.n / whole.n:.0%} of the votes where neither side says tie, another part for "
            "another judge: compare s1"
        )


def _has_orders(run: rules.Arrays) -> bool:
    return any(len(label.lengths) > 1 for label in run.labels)
