"""What an analysis gives back, and what all of them need of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from judgebench.errors import InputError
from judgebench.results import Run
from judgebench.score import estimates
from judgebench.score.arrays import Floats
from judgebench.score.human import matrix
from judgebench.score.pairs import Pairs, of_run, on_axis
from judgebench.stats.compare import PairedDifference
from judgebench.types import Estimate, Record


class Row(Record, frozen=True, omit_defaults=False):
    """A line of a table: its numbers by column. A column that it lacks is empty."""

    label: str
    numbers: dict[str, Estimate]


class Finding(Record, frozen=True, omit_defaults=False):
    """A table and, in `says`, what it means. Every number has an interval, or its method or reason says why not."""

    title: str
    says: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


def column(numbers: Mapping[str, Estimate], name: str = "value") -> tuple[Row, ...]:
    """Rows of one number each, by label."""
    return tuple(Row(label, {name: number}) for label, number in numbers.items())


def only(runs: Sequence[Run], analysis: str) -> Run:
    """InputError where there is not one run."""
    if len(runs) != 1:
        raise InputError(f"{analysis} is about one run")
    return runs[0]


def pairs_of(run: Run) -> Pairs:
    """Arrays of the items that were asked. InputError where they are not pairs."""
    return of_run(run.asked, run.manifest, run.judgments)


def with_gold(run: Run) -> Pairs:
    """The same of the items with gold; InputError where there are none."""
    judged = pairs_of(run).with_gold
    if not len(judged):
        raise InputError(f"{named(run)}: no item has gold")
    return judged


def named(run: Run) -> str:
    return f"{run.manifest.judge} on {run.manifest.benchmark}"


def preferences(pairs: Pairs) -> Floats:
    """(items,): the mean verdict over orders and samples on the axis first -1, tie 0, second +1; NaN where all
    failed."""
    return _mean(on_axis(pairs.verdicts).reshape(len(pairs), -1).T)


def people(pairs: Pairs) -> Floats:
    """(items,): the mean of people's votes on the same axis, else gold; NaN where there is neither."""
    _, ratings = matrix(pairs.labels)
    votes = _mean(ratings)
    return np.where(np.isnan(votes), on_axis(pairs.gold), votes)


def _mean(numbers: Floats) -> Floats:
    """Over the first axis, of those that are known; NaN where none is."""
    with np.errstate(invalid="ignore"):
        return np.nansum(numbers, axis=0) / (~np.isnan(numbers)).sum(0)


def sides(run: Run, pairs: Pairs, author: str) -> Floats:
    """(items,): -1 where the author wrote the first response only, +1 the second only, else 0. InputError, with the
    authors, where there is no such pair."""
    side = np.array([(label.authors[1] == author) * 1.0 - (label.authors[0] == author) for label in pairs.labels])
    if not side.any():
        authors = sorted({name for label in pairs.labels for name in label.authors if name})
        listed = ", ".join(authors) or "no response names its author"
        raise InputError(f"{named(run)}: no pair has one response by {author}; authors: {listed}")
    return side


def difference(paired: PairedDifference | None) -> Estimate:
    """A paired difference as an estimate."""
    if paired is None:
        return fact("difference", None, "it takes two questions")
    return estimates.of_difference(paired, n=paired.units)


def fact(name: str, value: float | None, method: str, *, n: int = 0) -> Estimate:
    """A number whose `method` says why it has no interval; with None, why it has no value."""
    if value is None or not np.isfinite(value):
        return Estimate(name=name, value=None, reason=method, n=n)
    return Estimate(name=name, value=float(value), n=n, method=f"none: {method}")
