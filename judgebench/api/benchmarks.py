"""Benchmarks as the verbs open them, and the files they are made of."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from judgebench import adapters, extensions, fetch, prompts, resources, store
from judgebench.adapters import errata, lints, own
from judgebench.errors import DataUnavailable, InputError, ManifestMismatch
from judgebench.options import RESULTS, with_options
from judgebench.types import FORMAT, BenchmarkRef, Card, Item, Label, Source, Trial, digest_of_items

if TYPE_CHECKING:
    from judgebench.score.datasheet import Datasheet


@dataclass(frozen=True)
class Benchmark:
    """A benchmark as opened."""

    ref: BenchmarkRef
    card: Card
    items: Sequence[Item]
    labels: Sequence[Label]
    provenance: Mapping[str, Any] = field(default_factory=dict)
    """What a run's manifest says of a user's own file."""
    absent: str | None = None
    """Why there are no texts, where there are none."""

    @property
    def id(self) -> str:
        """What it is called: the card's id, with the options that differ from the card's in brackets."""
        return self.ref.name

    @cached_property
    def sorts(self) -> Sequence[Trial]:
        """A trial of the first item of each sort that may have to be asked about otherwise than another."""
        sorts: dict[Any, Trial] = {}
        for item in self.items:
            trial = Trial.of(item, tuple(range(len(item.responses))), question=self.card.question)
            sorts.setdefault((trial.order, None in trial.responses, trial.has, trial.question), trial)
        return list(sorts.values())

    @cached_property
    def digest(self) -> str:
        return digest_of_items(self.labels)


def versions(card: Card) -> dict[str, str]:
    """For a manifest: of judgebench, and of the distributions that bring the benchmark, its rule or its metrics, which
    are looked up, so that a run whose answers could not be scored is stopped before anything is asked."""
    from judgebench.score import added, rules

    rules.rule(card.headline.rule)
    for name in card.metrics:
        added.added(name)
    benchmark, adapter = resources.BENCHMARKS.find_any(card.id), adapters.extension(card.adapter)
    rule, metrics = rules.NAMES.find(card.headline.rule), map(added.extension, card.metrics)
    return extensions.versions(benchmark, adapter, rule, *metrics)


def core_benchmarks() -> list[str]:
    """What a judge is run over when no benchmark is named: the built-in one first."""
    cards = [card for card in map(resources.card, resources.benchmarks()) if card.core]
    return [card.id for card in sorted(cards, key=lambda card: (bool(card.sources), card.id))]


def open_benchmark(
    name: str,
    options: Mapping[str, Any] | None = None,
    results: Path = RESULTS,
    *,
    announce: Callable[[str], None] | None = None,
) -> Benchmark:
    """The items of a benchmark. Files that are not at hand are downloaded if `announce` is given, which is told what
    comes. Where they cannot be had but the labels stand in `results`: items without texts, which is all that baselines
    by slot and recorded verdicts need.

    `name` may have the options with it, as it is shown: `codejudgebench[generators=a,b,tasks=c]`. It may be a file of
    the user's own or a data set of the hub (adapters.own); `announce` is then told how it is read. Once it was run, it
    is known in `results` by the id that its card has."""
    from judgebench.score import anchors

    if (kept := resources.card_beside(folder := results / store.slug(name))) is not None:
        if store.slug(kept.id) != folder.name:
            raise InputError(f"{folder / resources.BESIDE}: is the card of {kept.id}, in the folder of {name}")
        return _kept(kept, results)
    if own.is_own(name):
        return _own(own.open_own(name, options), results, announce)
    bare, typed = with_options(name)
    card = resources.card(bare)
    chosen = errata.lasting(card, adapters.read_options(card, {**typed, **(options or {})}))
    changed = {key: str(chosen[key]) for key in sorted(chosen) if str(card.options.get(key)) != str(chosen[key])}
    ref = BenchmarkRef(id=card.id, options=changed)
    try:
        if announce is not None:
            for source in adapters.sources(card, changed):
                fetch.fetch(card, source, announce)
        anchors.require_possible(card)
        items = adapters.load(card, changed)
    except DataUnavailable as error:
        return _labels_only(ref, card, results, error)
    return Benchmark(ref, card, items, [item.label() for item in items])


def _own(data: own.Own, results: Path, announce: Callable[[str], None] | None) -> Benchmark:
    """A file that is not in `results` yet, or is there with another content."""
    card = data.card
    if announce is not None:
        for line in data.notes:
            announce(line)
        folder = store.slug(card.id)
        others = sorted(kept.parent.name for kept in results.glob(f"{folder.rpartition('@')[0]}@*/{resources.BESIDE}"))
        if others and folder not in others:
            announce(f"  known as {card.id}; {results} also has {', '.join(others)}: other content, or otherwise read")
    return Benchmark(BenchmarkRef(id=card.id), card, data.items, data.labels, data.provenance)


def _kept(card: Card, results: Path) -> Benchmark:
    """A user's own benchmark by its id: its file, which must be what it was, or else the labels alone."""
    file = str(card.options["file"])
    try:
        data = own.reopened(card.options)
        if data.card.version != card.version:
            raise ManifestMismatch(
                f"{file} has changed since {card.id} was made of it: put the old content back to go on with its runs, "
                f"or begin anew with `judgebench run -b {os.path.relpath(file)}`"
            )
    except DataUnavailable as error:
        return _labels_only(BenchmarkRef(id=card.id), card, results, error)
    return Benchmark(BenchmarkRef(id=card.id), card, data.items, data.labels, data.provenance)


def _labels_only(ref: BenchmarkRef, card: Card, results: Path, why: DataUnavailable) -> Benchmark:
    path = results / store.slug(ref.name) / "items.jsonl"
    if not path.exists():
        raise why
    labels = store.read_labels(path)
    return Benchmark(ref, card, [Item.without_texts(label) for label in labels], labels, absent=str(why))


def publish_labels(bench: Benchmark, results: Path) -> None:
    """Put the benchmark's labels where its runs are. Labels that stand there already must be of the same items; what
    else is known of these may be more by now."""
    folder = results / store.slug(bench.id)
    path = folder / "items.jsonl"
    if bench.card.adapter == adapters.OWN and bench.absent is None:
        card = msgspec.to_builtins(own.portable(bench.card, folder))
        store.replace(folder / resources.BESIDE, msgspec.yaml.encode({"format": FORMAT, **card}))
    if path.exists():
        there = store.read_labels(path)
        if digest_of_items(there) != bench.digest:
            raise ManifestMismatch(
                f"{path} holds other items than {bench.id} {bench.card.version} has now, and the runs beside it were "
                "made on those: choose another --output-dir or move the folder away"
            )
        if there == list(bench.labels):
            return
    store.write_labels(path, bench.labels)


def datasheet(
    name: str,
    options: Mapping[str, Any] | None = None,
    *,
    results: Path | str = RESULTS,
    announce: Callable[[str], None] = lambda _: None,
) -> Datasheet:
    """Counts, balance, people's agreement, lengths, duplicates, wrong responses, and what a judge that reads nothing
    would get. A file of the user's own is read in one pass (two where a row is a vote); `announce` is told how."""
    from judgebench.score.tally import gather

    if not own.is_own(name):
        bench = open_benchmark(name, options, Path(results))
        return gather(bench.id, bench.items, bench.card.question)
    data = own.open_own(name, options)
    for line in data.notes:
        announce(line)
    return gather(name, data.items, data.question)


@dataclass(frozen=True)
class Fetched:
    """A pinned file of a benchmark, or of an upstream prompt, now that it is on this machine."""

    path: Path
    is_prompt: bool
    sha256: str | None
    """What a file that is not pinned is held to from now on."""


def fetch_benchmark(
    name: str,
    options: Mapping[str, Any] | None = None,
    *,
    recordings: bool = False,
    announce: Callable[[str], None] = lambda _: None,
) -> Iterator[Card | Fetched]:
    """Bring a benchmark's, or an upstream prompt's, pinned files onto this machine: the card before its files, and each
    file once it is here. `announce` is told of downloads."""
    if name in prompts.NAMES.every():  # a judge and its benchmark may share a name
        prompt = prompts.load(name)
        yield from (_fetched(prompt, source, announce) for source in prompt.sources)
        if name not in resources.BENCHMARKS.every():
            return
    card = resources.card(name)
    yield card
    published = [source for recording in card.recordings for source in recording.files] if recordings else []
    yield from (_fetched(card, source, announce) for source in (*adapters.sources(card, options), *published))


def _fetched(owner: fetch.Pinned, source: Source, announce: Callable[[str], None]) -> Fetched:
    path = fetch.fetch(owner, source, announce)
    return Fetched(path, not isinstance(owner, Card), None if source.pinned else fetch.sha256(path))


@dataclass(frozen=True)
class Verified:
    """A benchmark whose files are the pinned ones: how many items, their gold labels, and what is odd about them."""

    card: Card
    items: int
    labels: Mapping[str, int]
    notes: Sequence[str]


def verify_benchmark(name: str) -> Verified:
    """Load a benchmark, which checks hashes, counts and labels. DataUnavailable where it is not on this machine."""
    from judgebench.score import anchors

    card = resources.card(name)
    anchors.require_possible(card)
    items = adapters.load(card)
    notes = [*lints.notes(items, card.question), *filter(None, [errata.counted(card)])]
    return Verified(card, len(items), lints.label_counts(items, card.question), notes)
