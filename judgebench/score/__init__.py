"""Judgments x labels -> arrays -> estimates. Deterministic, offline, and blind to texts: anyone can do it again.

catalogue  what every number means, its unit, its better side;  addresses  where it stands in scores.json
arrays     what all arrays share;  pairs  two responses: arrays of first, second, tie and failed
scored     anything else: arrays of scores; judgments and labels become numbers in these two rooms and nowhere else
estimates  how each kind of number gets its interval
samples    what each number is made of, question by question, and which judges it can tell apart
metrics    pairs: judge against gold, and against itself with the responses swapped; length at equal quality
human      the people's agreement among themselves; of pairs also with the judge
forced     verdicts that are probabilities: mass, both orders as one, placebo
ratings    one response, one number;  classes  one of several labels;  steps  the first wrong step, or each
sets       the best of n, rankings, and mixtures
rules      each benchmark's own headline number
added      metrics of other distributions;  stored  is a scores.json what its judgments give?
comparison judges against each other;  planning  how many pairs that takes;  analysis  tables on demand
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from judgebench.errors import InputError
from judgebench.results import Run, place, stored_scores
from judgebench.score import (
    added,
    addresses,
    catalogue,
    classes,
    estimates,
    forced,
    human,
    metrics,
    pairs,
    ratings,
    rules,
    scored,
    sets,
    steps,
)
from judgebench.score.pairs import Pairs
from judgebench.score.samples import Sample, kept
from judgebench.stats import rounding
from judgebench.types import Card, Estimate, Flag, HeadlineScore, Scores

FEW_CLUSTERS = 30
LOW_COVERAGE = 0.95
_COMPUTE = {catalogue.RATINGS: ratings.compute, catalogue.STEPS: steps.compute, catalogue.CLASSES: classes.compute}
MOST_NAMED = 5
"""Subsets of which no item was asked, by name."""
MOST_SUBSETS = 120
"""Of more subsets than this, the breakdown is left out: each has its own intervals to compute."""


def score_run(run: Run) -> Scores:
    """Everything that is said about one judge on one benchmark."""
    card, manifest, kind = run.card, run.manifest, kind_of(run)
    arrays = _arrays(run)
    headline = rules.headline(card.headline, arrays)
    numbers = _metrics(run, arrays, kind)
    scores = Scores(
        benchmark=manifest.benchmark,
        judge=manifest.judge,
        manifest=manifest,
        headline=headline,
        metrics=numbers,
        subsets=_subsets(card, arrays),
        human={**_people(arrays, kind), **rules.between_people(card.headline, arrays)},
        coverage=run.coverage,
        warnings=(*_warnings(run, arrays, numbers), *_conditioned(headline), *card.warnings),
    )
    _require_records(scores, kind)
    return scores


def scores_of(folder: Path, run: Run) -> Scores:
    """What the run's scores.json says, where it is of the answers that there are, or what they give. The numbers that
    stand there are not computed again, for that takes a second a run: `judgebench score --check` does."""
    return stored_scores(folder, run) or score_run(run)


def made_of(run: Run, *, subsets: bool = True) -> dict[tuple[str, str], Sample]:
    """What a run's numbers are made of, by subset (empty for the whole) and name: of its own score `headline` and its
    parts `headline.<name>`, of metrics `<name>`, of numbers about people `human.<name>`."""
    card, whole = run.card, _arrays(run)
    made: dict[tuple[str, str], Sample] = {}
    for subset, part in [("", whole), *(_parts(card, whole) if subsets else ())]:
        with kept() as samples:
            headline = rules.headline(card.headline, part, part=bool(subset))
        named = {f"headline.{name}": value.name for name, value in headline.parts.items()}
        named["headline"] = headline.name
        made |= {(subset, name): samples[own] for name, own in named.items() if own in samples}
        with kept() as samples:
            _few(card, part) if subset else _metrics(run, part, kind_of(run))
        made |= {(subset, name): sample for name, sample in samples.items()}
    with kept() as samples:
        _people(whole, kind_of(run))
    return made | {("", f"human.{name}"): sample for name, sample in samples.items()}


def rightness(run: Run) -> NDArray[np.float64]:
    """(judgments,): 1 where the verdict is gold's, 0 where not or where the judge failed, a share where several
    responses are right; NaN without gold, and for an answer that the manifest does not ask for. Agreement is the
    mean."""
    arrays = _arrays(run)
    credit = arrays.hits.astype(np.float64) if isinstance(arrays, Pairs) else sets.credit(arrays)
    credit[~arrays.has_gold] = np.nan
    row = {label.id: index for index, label in enumerate(arrays.labels)}
    right = np.full(len(run.judgments), np.nan)
    for index, judgment in enumerate(run.judgments):
        cell = (row.get(judgment.item, len(credit)), place(judgment.order), judgment.sample)
        if all(at < size for at, size in zip(cell, credit.shape, strict=True)):
            right[index] = credit[cell]
    return right


def kind_of(run: Run) -> str:
    """What kind of verdict a run is made of: of all items, also where the run asks about some."""
    return rules.task(run.card.headline, run.card.question, run.labels)


def _arrays(run: Run) -> rules.Arrays:
    if kind_of(run) == catalogue.PAIRS:
        return pairs.of_run(run.asked, run.manifest, run.judgments)
    return scored.of_run(run.asked, run.manifest, run.judgments, run.card.question)


def _metrics(run: Run, arrays: rules.Arrays, kind: str) -> dict[str, Estimate]:
    card = run.card
    if isinstance(arrays, Pairs):
        numbers = metrics.compute(arrays, gold_ties=card.ties, factors=card.factors) | metrics.of_length(arrays)
    else:
        compute = _COMPUTE.get(kind, sets.compute)
        numbers = compute(arrays)
    exchanged = _arrays(run._replace(judgments=run.placebo)) if run.placebo else None
    own_names = bool(run.card.question.labels) and "words" not in run.manifest.protocol
    numbers |= forced.compute(arrays, exchanged, own_names=own_names)
    return numbers | dict(added.compute(card.metrics, arrays, kind))


def _require_records(scores: Scores, task: str) -> None:
    """InputError where a number has no record: nobody could say what it means, nor in which unit to print it."""
    names = [*scores.metrics, *(f"headline.{name}" for name in scores.headline.parts)]
    for address in [*names, *(f"human.{name}" for name in scores.human)]:
        if addresses.record(address, scores.headline.rule, task) is None:
            raise InputError(f"{address} of {scores.benchmark} has no record: see judgebench/score/catalogue.py")


def _people(arrays: rules.Arrays, kind: str) -> dict[str, Estimate]:
    if isinstance(arrays, Pairs):
        return human.compute(arrays)
    if kind == catalogue.CLASSES:
        return classes.people(arrays)
    return ratings.people(arrays) if arrays.gold.shape[1] == 1 else {}


def _subsets(card: Card, arrays: rules.Arrays) -> dict[str, dict[str, Estimate]]:
    subsets = {}
    for name, part in _parts(card, arrays):
        headline = rules.headline(card.headline, part, part=True)
        people = rules.between_people(card.headline, part)
        subsets[name] = {"headline": estimates.bare(headline), **headline.parts, **_few(card, part), **people}
    return subsets


def _parts(card: Card, arrays: rules.Arrays) -> Iterator[tuple[str, rules.Arrays]]:
    names = set(arrays.subsets.tolist())
    listed = [name for name in card.subsets if name in names] or sorted(name for name in names if name)
    for name in listed if len(listed) <= MOST_SUBSETS else ():
        yield name, arrays.where(arrays.subsets == name)


def _few(card: Card, part: rules.Arrays) -> dict[str, Estimate]:
    if isinstance(part, Pairs):
        return metrics.of_subset(part)
    labelled = rules.task(card.headline, part.question, part.labels) == catalogue.CLASSES
    return (classes if labelled else sets).of_subset(part)


def _warnings(run: Run, arrays: rules.Arrays, numbers: dict[str, Estimate]) -> Iterator[str]:
    manifest, judgments = run.manifest, run.judgments
    if manifest.limit is not None:
        yield _left_out(run)
    clusters = len(np.unique(arrays.clusters))
    if clusters < FEW_CLUSTERS:
        yield f"only {clusters} questions: too few to say how questions differ"
    share = numbers["coverage"].value
    if share is not None and rounding.above(LOW_COVERAGE, share):
        yield f"{1 - share:.1%} of the trials have no verdict; numbers without failures are about the others"
    if manifest.orders == "single" and any(len(label.lengths) > 1 for label in arrays.labels):
        yield "one order only: position bias cannot be seen and is part of every number"
    yield from manifest.warnings
    if manifest.orders == "merged":
        yield "upstream kept one verdict for the two orders: which way a judge leans is lost"
    if cut := sum(Flag.CUT in judgment.flags for judgment in judgments):
        yield f"{cut:,} of {len(judgments):,} answers are to texts that were cut to fit the judge's context"
    had = numbers["label_mass"].value if "label_mass" in numbers else None
    if had is not None and rounding.above(forced.HALF, had):
        yield (
            "left to itself the judge would mostly say something else: the options that it was held to have "
            f"{had:.1%} of the probability"
        )
    blind = sum(judgment.verdict is not None and judgment.mass is None for judgment in judgments)
    if manifest.protocol.get("verdict") == "forced" and blind:
        yield f"{blind:,} of {len(judgments):,} answers came without some option: they have no mass and no confidence"
    undefined = [name for name, estimate in numbers.items() if "resamples undefined" in estimate.method]
    if undefined:
        yield f"some bootstrap resamples have no value: {', '.join(undefined)}"


def _left_out(run: Run) -> str:
    part, whole, seed = run.asked, run.labels, run.manifest.limit_seed
    first, drawn = ("the first ", "") if seed is None else ("", f", drawn with seed {seed}")
    absent = sorted({label.subset for label in whole if label.subset} - {label.subset for label in part})
    more = f" and {len(absent) - MOST_NAMED} more subsets" if len(absent) > MOST_NAMED else ""
    subsets = f", with them all of {', '.join(absent[:MOST_NAMED])}{more}" if absent else ""
    return (
        f"only {first}{len(part):,} of {len(whole):,} items were asked{drawn}; {len(whole) - len(part):,} are left out"
        f"{subsets}; not for a leaderboard"
    )


def _conditioned(headline: HeadlineScore) -> Iterator[str]:
    """S2 leaves out a vote where the judge says tie: which votes are left differs between judges."""
    whole, decisive = headline.parts.get("s1"), headline.parts.get("s2")
    if whole and decisive and whole.n:
        yield (
            f"s2 rests on the {decisive.n / whole.n:.0%} of the votes where neither side says tie, another part for "
            "another judge: compare s1"
        )
