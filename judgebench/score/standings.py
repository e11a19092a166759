"""All finished runs on one benchmark, and which of their numbers can be told apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from judgebench.results import Run
from judgebench.score import addresses, kind_of, made_of, score_run
from judgebench.score.catalogue import Metric
from judgebench.score.estimates import best_first, same
from judgebench.score.samples import Ranks, Sample, ranks
from judgebench.types import Card, Estimate, Scores


@dataclass(frozen=True)
class Entry:
    """A run, scored."""

    run: Run
    scores: Scores
    made_of: Mapping[tuple[str, str], Sample]

    @property
    def judge(self) -> str:
        return self.scores.judge

    @property
    def is_baseline(self) -> bool:
        return self.scores.manifest.judge_ref.is_baseline

    @property
    def one_order(self) -> bool:
        """Of items that have several responses: position bias cannot be seen."""
        return self.scores.manifest.orders == "single" and any(len(label.lengths) > 1 for label in self.run.labels)

    @property
    def agreement(self) -> Estimate:
        return self.scores.metrics["agreement"]

    def estimate(self, name: str, subset: str = "") -> Estimate | None:
        """By its address (`judgebench.score.addresses`)."""
        return addresses.estimate(self.scores, name, subset)


@dataclass(frozen=True)
class Standings:
    """`entries` by agreement, best first."""

    benchmark: str
    entries: Sequence[Entry]

    @property
    def card(self) -> Card:
        return self.entries[0].run.card

    def record(self, name: str) -> Metric | None:
        """Of a number by its address."""
        return addresses.record(name, self.card.headline.rule, kind_of(self.entries[0].run))

    def title(self, name: str) -> str:
        """What stands over the column of a number."""
        metric = self.record(name)
        return name if metric is None else metric.title

    def has(self, name: str) -> bool:
        """Whether any judge has a value."""
        numbers = (entry.estimate(name) for entry in self.entries)
        return any(number is not None and number.value is not None for number in numbers)

    def same(self, one: str, other: str) -> bool:
        """Whether two numbers are one under two names, of every judge, and have the same interval."""
        pairs = [(entry.estimate(one), entry.estimate(other)) for entry in self.entries]
        parts = ("value", "low", "high")
        return all(a and b and all(same(getattr(a, part), getattr(b, part)) for part in parts) for a, b in pairs)

    def ranks(self, name: str, subset: str = "") -> dict[str, Ranks | None]:
        """By judge, of one number; see `judgebench.score.samples`. What does not rank judges ranks none."""
        samples = [entry.made_of.get((subset, name)) for entry in self.entries]
        metric = self.record(name)
        places = ranks(samples, metric.better if metric is not None and metric.ranks_judges else 0)
        return dict(zip((entry.judge for entry in self.entries), places, strict=True))


def enter(run: Run, scores: Scores | None = None) -> Entry:
    """`scores` where they are known already."""
    return Entry(run, scores or score_run(run), made_of(run))


def by_benchmark(entries: Iterable[Entry]) -> list[Standings]:
    """Benchmarks in the order of their names."""
    ordered = sorted(entries, key=lambda entry: (entry.scores.benchmark, entry.judge))
    groups = ((name, list(group)) for name, group in groupby(ordered, key=lambda entry: entry.scores.benchmark))
    return [
        Standings(benchmark, [group[index] for index in best_first([entry.agreement.value for entry in group])])
        for benchmark, group in groups
    ]
