"""All finished runs on one benchmark, and which of their numbers can be told apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from judgebench.results import Run
from judgebench.score import made_of, score_run
from judgebench.score.ranking import LESS_IS_BETTER, Ranks, ranks
from judgebench.score.samples import Sample
from judgebench.types import Card, Estimate, Scores


@dataclass(frozen=True)
class Entry:
    """A run, scored."""

    run: Run
    scores: Scores
    made_of: Mapping[tuple[str, str], Sample]

    @property
    def card(self) -> Card:
        return self.run.card

    @property
    def judge(self) -> str:
        return self.scores.judge

    @property
    def is_baseline(self) -> bool:
        return self.judge.startswith("baseline:")

    @property
    def one_order(self) -> bool:
        """Of items that have several responses: position bias cannot be seen."""
        return self.scores.manifest.orders == "single" and any(len(label.lengths) > 1 for label in self.run.labels)

    @property
    def agreement(self) -> Estimate:
        return self.scores.metrics["agreement"]

    def estimate(self, name: str, subset: str = "") -> Estimate | None:
        """By the names of `made_of`: `headline`, `headline.<part>`, `human.<name>`, or a metric."""
        if subset:
            return self.scores.subsets.get(subset, {}).get(name.removeprefix("headline."))
        if name == "headline":
            return self.scores.headline
        where, dot, rest = name.partition(".")
        if dot and where in ("headline", "human"):
            return (self.scores.headline.parts if where == "headline" else self.scores.human).get(rest)
        return self.scores.metrics.get(name)


@dataclass(frozen=True)
class Standings:
    """`entries` by agreement, best first."""

    benchmark: str
    entries: Sequence[Entry]

    @property
    def card(self) -> Card:
        return self.entries[0].card

    def ranks(self, name: str, subset: str = "") -> dict[str, Ranks | None]:
        """By judge, of one number; see `judgebench.score.ranking`."""
        samples = [entry.made_of.get((subset, name)) for entry in self.entries]
        found = ranks(samples, less_is_better=name.removeprefix("headline.") in LESS_IS_BETTER)
        return dict(zip((entry.judge for entry in self.entries), found, strict=True))


def enter(run: Run) -> Entry:
    return Entry(run=run, scores=score_run(*run), made_of=made_of(*run))


def by_benchmark(entries: Iterable[Entry]) -> list[Standings]:
    """Benchmarks in the order of their names."""
    ordered = sorted(entries, key=lambda entry: (entry.scores.benchmark, -(entry.agreement.value or 0), entry.judge))
    groups = groupby(ordered, key=lambda entry: entry.scores.benchmark)
    return [Standings(benchmark, list(entries)) for benchmark, entries in groups]
