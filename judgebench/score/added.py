"""Metrics of other distributions. A benchmark's card names those that are computed for it: which packages happen to be
installed must not change anybody's scores.json."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from judgebench import extensions
from judgebench.errors import InputError
from judgebench.score import catalogue
from judgebench.score.catalogue import Metric
from judgebench.types import Estimate

_OWN = frozenset(name for names in catalogue.METRICS.values() for name in names)
NAMES = extensions.Names("metrics", lambda: _OWN)


@dataclass(frozen=True)
class Added:
    """A metric, and by kind of verdict (catalogue.TASKS) the function that computes it: of a run's
    arrays, judgebench.score.pairs.Pairs or judgebench.score.scored.Scored, an Estimate of the metric's name."""

    metric: Metric
    compute: Mapping[str, Callable[[Any], Estimate]]


def added(name: str) -> Added:
    brought = extension(name)
    loaded: Added = brought.load(
        lambda one: isinstance(one, Added) and one.metric.name == name,
        f"a judgebench.score.added.Added whose metric is named {name!r}",
    )
    with brought.running():
        catalogue.know([loaded.metric])
    return loaded


def record(name: str) -> Metric | None:
    """Of a metric of another distribution; None where no such name is known."""
    return added(name).metric if NAMES.find_any(name) is not None else None


def extension(name: str) -> extensions.Extension:
    """What brings the metric of that name. InputError where that is judgebench's own."""
    brought = NAMES.find(name)
    if brought is None:
        raise InputError(f"{name} is a metric of judgebench's own, which no card need name")
    return brought


def compute(names: Sequence[str], run: Any, kind: str) -> Iterator[tuple[str, Estimate]]:
    """By name, in the card's order. InputError where one is not for that kind of verdict."""
    for name in names:
        functions = added(name).compute
        if kind not in functions:
            raise InputError(f"the metric {name} is of {' or '.join(functions)}, and these items are {kind}")
        brought = extension(name)
        with brought.running():
            estimate = functions[kind](run)
        if getattr(estimate, "name", None) != name or not isinstance(estimate, Estimate):
            raise brought.error(f"returned {estimate!r}, which is no Estimate of that name")
        yield name, estimate
