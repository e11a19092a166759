"""Judges against each other on the same trials: paired, clustered, corrected for how many comparisons there are."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import msgspec
import numpy as np

from judgebench.errors import InputError, UnknownName
from judgebench.results import Run, in_common
from judgebench.score import addresses, estimates, kind_of, made_of
from judgebench.score.addresses import HEADLINE
from judgebench.score.catalogue import PAIRS, Metric, Unit, Whose
from judgebench.score.samples import ALPHA, Sample, by_question
from judgebench.stats import compare as tests
from judgebench.stats import power, rounding
from judgebench.types import Estimate, Label, Manifest, Record

AGREEMENT = "agreement"
_TOO_FEW = "a comparison needs items with gold from two questions or more"


class Standing(Record, frozen=True, kw_only=True, omit_defaults=False):
    """A judge's number on the common trials, and the ranks that the corrected tests leave open to it."""

    judge: str
    value: float
    rank_low: int
    rank_high: int


class Contest(Record, frozen=True, kw_only=True, omit_defaults=False):
    """Two judges. `p_value` is two-sided, `adjusted` Holm's over all pairs; `detectable` is the true difference that a
    sample like this sees four times in five, `differing` the number of questions on which the two are not alike."""

    first: str
    second: str
    difference: Estimate
    p_value: float | None
    adjusted: float | None
    detectable: float | None
    differing: int


class Comparison(Record, frozen=True, kw_only=True, omit_defaults=False):
    """On one benchmark, by one number: `metric` is its address, `better` 1 where more of it is better and -1 where less
    is. `notes` say on which part of the runs it rests, where that is not all of them."""

    benchmark: str
    metric: str
    unit: Unit
    better: int
    items: int
    clusters: int
    standings: tuple[Standing, ...]
    contests: tuple[Contest, ...]
    notes: tuple[str, ...]


def compare(runs: Sequence[Run], metric: str | None = None) -> Comparison:
    """Compare runs over the same items by a number that they all have, by its address (`judgebench.score.addresses`):
    by default agreement, or, where verdicts are no pairs, the benchmark's own score. InputError where the items differ,
    fewer than two runs are given, a run lacks the number, or the number makes no judge the better one."""
    if len(runs) < 2:
        raise InputError("a comparison takes two runs or more")
    require_same_items(runs)
    names = _names([run.manifest for run in runs])
    shared, notes = common(runs)
    numbers = [numbers_of(run) for run in shared]
    usual = AGREEMENT if kind_of(runs[0]) == PAIRS or not all(HEADLINE in names for names in numbers) else HEADLINE
    chosen = metric or usual
    record = _ranking_metric(runs[0], chosen, set.intersection(*map(set, numbers)))
    samples = [_chosen(run, of_run, chosen) for run, of_run in zip(runs, numbers, strict=True)]
    values = by_question(samples)
    table = tests.pairwise_differences(record.better * values)
    if table is None:
        raise InputError(_TOO_FEW)
    ranks = tests.rank_sets(table.difference, table.adjusted, alpha=ALPHA).tolist()
    standings = [
        Standing(judge=name, value=float(row.mean()), rank_low=low, rank_high=high)
        for name, row, (low, high) in zip(names, values, ranks, strict=True)
    ]
    items, contests = len(items_with_gold(shared[0])), []
    for one, other in combinations(range(len(runs)), 2):
        difference = tests.paired_difference(values[one], values[other])
        if difference is None:
            raise InputError(_TOO_FEW)
        error = difference.standard_error
        contests.append(
            Contest(
                first=names[one],
                second=names[other],
                difference=estimates.of_difference(difference, n=items),
                p_value=float(table.p_values[one, other]),
                adjusted=float(table.adjusted[one, other]),
                detectable=power.minimum_detectable_effect(error) if error else None,
                differing=_differing(samples[one], samples[other]),
            )
        )
    order = estimates.best_first([record.better * standing.value for standing in standings])
    return Comparison(
        benchmark=runs[0].manifest.benchmark,
        metric=chosen,
        unit=record.unit,
        better=record.better,
        items=items,
        clusters=values.shape[1],
        standings=tuple(standings[index] for index in order),
        contests=tuple(contests),
        notes=notes,
    )


def common(runs: Sequence[Run]) -> tuple[list[Run], tuple[str, ...]]:
    """The runs as if they had been asked only the items and orders that all of them have."""
    notes, total, runs = [], len(runs[0].labels), in_common(runs)
    if len(runs[0].labels) < total:
        notes.append(f"on {len(runs[0].labels):,} of {total:,} items, which all runs have")
    mixed = len({run.manifest.orders for run in runs}) > 1
    if mixed:
        notes.append("on the stored order alone, since not all runs have both")
    # A merged verdict stands for the stored order.
    shared = [in_one_order(run) if mixed and run.manifest.orders == "both" else run for run in runs]
    return shared, tuple(notes)


def in_one_order(run: Run) -> Run:
    """As if the stored order alone had been asked."""
    return run._replace(manifest=msgspec.structs.replace(run.manifest, orders="single"))


def numbers_of(run: Run) -> dict[str, Sample]:
    """What the run's numbers over all items are made of, by name."""
    return {name: sample for (_, name), sample in made_of(run, subsets=False).items()}


def _ranking_metric(run: Run, address: str, there: set[str]) -> Metric:
    """InputError where by this number no judge is better than another; it names those `there` by which one is."""
    rule, task = run.card.headline.rule, kind_of(run)
    records = {name: addresses.record(name, rule, task) for name in there}
    choices = [name for name, one in records.items() if one and one.ranks_judges]
    metric = addresses.record(address, rule, task)
    if metric is None:
        raise UnknownName("number of these runs", address, choices)
    if not metric.ranks_judges:
        why = "has no better side" if metric.whose == Whose.JUDGE else f"is the {metric.whose}'s, not the judge's"
        why = f"was replaced by {metric.replaced_by}" if metric.replaced_by else why
        raise InputError(
            f"{address} {why}: judges cannot be compared by it; by these they can: {', '.join(sorted(choices))}"
        )
    return metric


def items_with_gold(run: Run) -> list[Label]:
    return [label for label in run.asked if label.gold is not None]


def _chosen(run: Run, numbers: dict[str, Sample], metric: str) -> Sample:
    if metric not in numbers:
        raise UnknownName(f"number of {run.manifest.judge}", metric, numbers)
    return numbers[metric]


def require_same_items(runs: Sequence[Run]) -> None:
    """InputError names two runs that judged different items."""
    first = runs[0].manifest
    for manifest in (run.manifest for run in runs[1:]):
        if manifest.items != first.items:
            raise InputError(
                f"{manifest.judge} on {manifest.benchmark} {manifest.version} and {first.judge} on {first.benchmark} "
                f"{first.version} judged different items (digests {manifest.items} and {first.items})"
            )


def _differing(one: Sample, other: Sample) -> int:
    """Questions on which what counts is not the same, those that only one of the two answers included."""
    shared, at, beside = np.intersect1d(one.questions, other.questions, return_indices=True)
    alone = len(one.questions) + len(other.questions) - 2 * len(shared)
    return alone + int((~rounding.equal(one.counts[at], other.counts[beside])).any(axis=1).sum())


def _names(manifests: Sequence[Manifest]) -> list[str]:
    names = [manifest.judge for manifest in manifests]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"{name} is given {names.count(name)} times; a comparison takes different runs")
    return names
