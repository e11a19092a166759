"""Every metric, once: what it means, in which unit, which side is better, whose number it is, and its heading.

The records are the lines of catalogue.toml, and tables, cards, the page, comparisons, ranks, the docs and the checks of
published numbers all read them here. The functions that compute the numbers are in the other modules; `score_run` lets
no number out that has no record. What `judgebench analyze` gives is there too, where it is no share.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path

import msgspec

from judgebench.errors import InputError
from judgebench.types import Estimate, Record

PAIRS, RATINGS, SETS, STEPS, CLASSES = "pairs", "ratings", "sets", "steps", "classes"
"""Kinds of verdict (`rules.task`): a name may mean another thing for another kind."""
TASKS = (PAIRS, RATINGS, SETS, STEPS, CLASSES)
SINGLE = (RATINGS, STEPS, CLASSES)
"""Those on one response, which has no order."""


class Unit(StrEnum):
    """How a value is to be read. scores.json holds a share as a fraction; people read it in per cent."""

    SHARE = "share"
    COEFFICIENT = "coefficient"
    """From -1 to 1, or from 0: an agreement beyond chance, a correlation."""
    POINTS = "points"
    """On the scale of the ratings, or another scale of its own."""
    LOG_ODDS = "log-odds"
    P = "p"
    COUNT = "count"


class Whose(StrEnum):
    """Whose property a number is. What is not the judge's is the same for every judge."""

    JUDGE = "judge"
    PEOPLE = "people"
    BENCHMARK = "benchmark"


class Metric(Record, frozen=True, kw_only=True):
    """`better` is +1 where more is better for its owner, -1 where less is, 0 where the best lies in between or nowhere.
    A name with a parameter in angle brackets, as in `effect_<factor>`, is a family: all names that begin like it.

    `answers` tells whether a printed figure must be k/n: 1 where a value is a share of right ones among n, 2 where each
    of the n counts two answers, 0 where no whole number of right ones makes the value (means of sections, macro means).
    `replaced_by` names the metric that came after this one: its value stays in scores.json for one format version, and
    is shown nowhere."""

    name: str
    meaning: str
    unit: Unit = Unit.SHARE
    better: int = 1
    whose: Whose = Whose.JUDGE
    heading: str = ""
    answers: int = 0
    replaced_by: str = ""

    def __post_init__(self) -> None:
        if self.better not in (-1, 0, 1) or self.answers < 0 or not self.name or not self.meaning:
            raise ValueError(
                f"{self.name!r}: a metric has a name, a meaning, better of -1, 0 or 1, answers of 0 or more"
            )

    @property
    def title(self) -> str:
        """What stands over its column."""
        return self.heading or self.name.partition("[")[0].replace("_", " ")

    @property
    def ranks_judges(self) -> bool:
        """Whether one judge can be better by it than another."""
        return self.better != 0 and self.whose == Whose.JUDGE and not self.replaced_by

    @property
    def stem(self) -> str:
        """Of a family, how its names begin; empty for a single metric."""
        stem, parameter, _ = self.name.partition("<")
        return stem if parameter else ""


Records = Mapping[str, Metric]


def _read() -> dict[str, dict[str, Metric]]:
    """The table beside this file, by group."""
    tables: dict[str, dict[str, Metric]] = {}
    for groups, lines in tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")).items():
        for name, fields in lines.items():
            metric = msgspec.convert({"name": name, **fields}, Metric)
            for group in groups.split():
                if tables.setdefault(group, {}).setdefault(name, metric) is not metric:
                    raise InputError(f"catalogue.toml has {name} of {group} twice")
    return tables


_TABLES = _read()
METRICS: dict[str, dict[str, Metric]] = {task: _TABLES[task] for task in TASKS}
"""Of `metrics` in scores.json, by kind of verdict."""
PEOPLE = _TABLES["people"]
"""Of `human` in scores.json; a rule that has a number for people against people adds it (`rules.Rule.of_people`)."""
PARTS = _TABLES["part"]
"""Of `headline.parts` in scores.json, of which every rule declares its own."""
_KNOWN: dict[str, Metric] = {}


def know(metrics: Iterable[Metric]) -> None:
    """Takes up records under whose names numbers are printed. InputError where a name has another unit already: a
    number bears its name alone wherever it goes."""
    for metric in metrics:
        if (other := _KNOWN.setdefault(metric.name, metric)).unit != metric.unit:
            raise InputError(f"{metric.name}: its unit is {other.unit} elsewhere and cannot be {metric.unit} here")


def unit(name: str) -> Unit:
    """Of an estimate, by its name. A name without a record is a subset's, a language's or a group's: it bears a share.

    >>> str(unit("cohen_kappa[ann,bob]")), str(unit("Chat Hard"))
    ('coefficient', 'share')
    """
    metric = find(_KNOWN, name)
    return Unit.SHARE if metric is None else metric.unit


def find(records: Records, name: str) -> Metric | None:
    """The record of a name, or that of its family."""
    if name in records:
        return records[name]
    return next((metric for metric in records.values() if metric.stem and name.startswith(metric.stem)), None)


def current(records: Records, estimates: Mapping[str, Estimate]) -> dict[str, Estimate]:
    """The estimates that are shown: those that nothing has replaced."""
    return {
        name: estimate
        for name, estimate in estimates.items()
        if (metric := find(records, name)) is None or not metric.replaced_by
    }


for _table in _TABLES.values():
    know(_table.values())
