"""Benchmarks as the verbs open them, and the files they are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judgebench import adapters, fetch, prompts, resources, store
from judgebench.adapters import lints
from judgebench.errors import (
    DataUnavailable,
    ManifestMismatch,
)
from judgebench.types import (
    Card,
    Item,
    Label,
    Response,
    digest,
)

if TYPE_CHECKING:
    pass

RESULTS = Path("results")


@dataclass(frozen=True)
class Benchmark:
    """A benchmark as opened: `id` is the card's, with the options that differ from it in brackets."""

    id: str
    card: Card
    items: Sequence[Item]
    labels: Sequence[Label]

    @property
    def digest(self) -> str:
        return digest(self.labels)


def open_benchmark(name: str, options: Mapping[str, Any] | None = None, results: Path = RESULTS) -> Benchmark:
    """The items of a benchmark; where its files are not at hand but its labels stand in `results`, items without
    texts, which is all that baselines by slot and recorded verdicts need."""
    card = resources.card(name)
    changed = {key: value for key, value in (options or {}).items() if str(card.options.get(key)) != str(value)}
    known_as = card.id + (f"[{','.join(f'{key}={changed[key]}' for key in sorted(changed))}]" if changed else "")
    try:
        items = adapters.load(card, changed)
    except DataUnavailable:
        labels_file = results / store.slug(known_as) / "items.jsonl"
        if not labels_file.exists():
            raise
        labels = store.read_labels(labels_file)
        return Benchmark(known_as, card, [_without_texts(label) for label in labels], labels)
    return Benchmark(known_as, card, items, [item.label() for item in items])


def _without_texts(label: Label) -> Item:
    return Item(
        id=label.id,
        responses=tuple(
            Response(author=author, length=length) for author, length in zip(label.authors, label.lengths, strict=True)
        ),
        gold=label.gold,
        raters=label.raters,
        subset=label.subset,
        scenario=label.scenario,
        language=label.language,
        cluster=label.cluster,
        facets=label.facets,
    )


def publish_labels(bench: Benchmark, results: Path) -> None:
    """Put the benchmark's labels where its runs are. Labels that stand there already must be the same."""
    path = results / store.slug(bench.id) / "items.jsonl"
    if path.exists():
        if digest(store.read_labels(path)) != bench.digest:
            raise ManifestMismatch(
                f"{path} holds other items than {bench.id} {bench.card.version} has now, and the runs beside it were "
                "made on those: choose another --output-dir or move the folder away"
            )
        return
    store.write_labels(path, bench.labels)


def fetch_benchmark(name: str, *, recordings: bool, announce: Callable[[str], None]) -> Iterator[str]:
    """Bring a benchmark's, or an upstream prompt's, pinned files onto this machine; a line for each."""
    if name in prompts.names():
        prompt = prompts.load(name)
        for source in prompt.sources:
            yield f"{fetch.fetch(prompt, source, announce)}: sha256 as pinned"
        return
    card = resources.card(name)
    if not card.sources:
        yield f"{name}: built in, nothing to fetch"
        return
    yield f"{card.title}; licence as stated upstream: {card.licence}"
    published = [source for recording in card.recordings for source in recording.files] if recordings else []
    for source in (*card.sources, *published):
        path = fetch.fetch(card, source, announce)
        held = "sha256 as pinned" if source.pinned else f"NOT PINNED, held from now on to sha256 {fetch.sha256(path)}"
        yield f"{path}: {path.stat().st_size:,} bytes, {held}"


def verify_benchmark(name: str, *, optional: bool) -> str:
    """Load a benchmark, which checks hashes, counts and labels; a line on what is there. `optional`: or is not."""
    card = resources.card(name)
    try:
        items = adapters.load(card)
    except DataUnavailable:
        if not optional:
            raise
        return f"{name}: not on this machine"
    notes = "".join(f"; {note}" for note in lints.notes(items))
    return f"{name} {card.version}: {len(items):,} items, {lints.label_counts(items)}{notes}"
