"""Your own data: a CSV, TSV, JSON lines, JSON or parquet file, or a data set of the hub, as a benchmark.

mapping   which column holds what, in YAML   guess     the same from the columns' names
meanings  what a label means                 reading   rows -> items
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, overload

import msgspec

from judgebench import fetch, resources, rows
from judgebench.adapters import lints
from judgebench.adapters.own import guess, mapping, meanings
from judgebench.adapters.own.mapping import Layout
from judgebench.adapters.own.reading import Reader
from judgebench.errors import DataUnavailable, InputError, UnknownName
from judgebench.rows import Table
from judgebench.types import Card, Headline, Item, Label, digest_of

SAMPLE = 1000
"""Rows that are looked at for a guess."""
OPTIONS = ("mapping",)


def is_own(name: str) -> bool:
    """Whether a benchmark's name is that of a file, of a folder with one that has a mapping, or of a data set of the
    hub."""
    path = Path(name)
    if rows.is_dataset(name) or path.suffix.lower() in rows.SUFFIXES:
        return True
    return name not in resources.BENCHMARKS.every() and (path.is_file() or _inside(path) is not None)


def _inside(folder: Path) -> Path | None:
    """The one file of a folder that has a mapping beside it: what `build-pairs` writes."""
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    found = [file for file in files if file.suffix.lower() in rows.SUFFIXES and mapping.beside(file).is_file()]
    return found[0] if len(found) == 1 else None


def items(files: Mapping[str, Path], options: Mapping[str, Any]) -> Iterator[Item]:
    """The adapter's seam: `options` are those of the card that `Own.card` made. DataUnavailable where the file is not
    there any more, or cannot be read any more."""
    if files or "file" not in options:
        raise InputError("a file of one's own is opened by its name")
    try:
        yield from open_own(str(options["file"]), {"mapping": options.get("mapping", {})}).items
    except DataUnavailable:
        raise
    except InputError as error:
        raise DataUnavailable(str(error)) from error


def open_own(name: str, options: Mapping[str, Any] | None = None) -> Own:
    """Open a file or a data set. InputError says what is wrong with its name, its mapping or its columns; no more than
    the first rows are read here."""
    given = dict(options or {})
    if unknown := sorted(set(given) - set(OPTIONS)):
        raise UnknownName(f"option of {name}", unknown[0], OPTIONS)
    name = str(_inside(Path(name)) or name)
    keys, found_in, write_to = _given_mapping(name, given.get("mapping"))
    table = rows.open_table(name, separator=keys.get("separator"), encoding=keys.get("encoding"))
    sample = [row.fields for row in islice(table.rows(), SAMPLE)]
    if not sample:
        raise InputError(f"{name}: there are no rows in it")
    columns = list(dict.fromkeys(column for row in sample for column in row))
    layout = _layout(table, columns, sample, keys, found_in or write_to, write_to)
    return Own(table=table, layout=layout, found_in=found_in, write_to=write_to, given=tuple(keys))


@dataclass(frozen=True)
class Own:
    """A file as a benchmark. `given` are the mapping's keys that the user set, in `found_in`."""

    table: Table
    layout: Layout
    found_in: str | None
    write_to: str
    given: Sequence[str]

    @cached_property
    def items(self) -> Items:
        """Every item, read anew from the file each time; a file that cannot be read as a whole raises when it ends."""
        return Items(self.reader, self.table.state())

    @cached_property
    def reader(self) -> Reader:
        responses = _responses(self.layout)
        values = meanings.resolved(self.layout, responses, self.table.name)
        return Reader(self.table, self.layout, meanings.Meanings(responses, values))

    @cached_property
    def labels(self) -> list[Label]:
        """Of every item; all of the file is read and checked."""
        found = [item.label() for item in self.items]
        if not found:
            raise InputError(f"{self.table.name}: there are no items in it")
        if not any(label.gold is not None or label.raters for label in found) and self.layout.label is not None:
            raise InputError(f"{self.table.name}: no row has a label in {self.layout.label}")
        return found

    @property
    def notes(self) -> list[str]:
        """How the file is read, a line each, in the form of a mapping file."""
        what = "single responses with ratings" if self.layout.rated else "responses to compare"
        if self.found_in is None:
            how, other = "as its columns are named", f"(to change that, write these lines into {self.write_to})"
        else:
            how, other = f"as {self.found_in} says", "(keys that it leaves out are guessed)"
        lines = mapping.shown(self.layout).splitlines()
        return [f"{self.table.name}: {what}, {how}:", *(f"  {line}" for line in lines), f"  {other}"]

    @cached_property
    def card(self) -> Card:
        """A benchmark's card for it. What it is called has a part of its items' digest: another content, or another
        reading of it, is another benchmark, and has another folder."""
        labels = self.labels
        version = digest_of(labels)
        stem = re.sub(r"[\[\],@\s]+", "-", self.table.stem) or "data"
        golds = [label.gold for label in labels if label.gold is not None]
        name = self.table.name
        called = name if rows.is_dataset(name) else Path(name).name
        return Card(
            id=f"{stem}@{version[:8]}",
            title=self.layout.title or called,
            version=version,
            adapter="own",
            authors="own data",
            year=datetime.now(UTC).year,
            licence=self.layout.licence or "not stated",
            publish_labels=False,
            commercial_use="allowed",  # as far as judgebench has a say
            homepage=f"https://huggingface.co/datasets/{self.table.stem}" if rows.is_dataset(name) else "",
            citation="",
            description=f"{len(labels):,} items of {called}",
            label_source=self.layout.label_source,
            raters=_raters(labels),
            options={
                "file": name if rows.is_dataset(name) else str(Path(name).absolute()),
                "mapping": msgspec.to_builtins(self.layout),
            },
            items=len(labels),
            ties=any(gold.best is None for gold in golds if len(gold.scores) > 1),
            headline=Headline(
                rule="agreement",
                gloss="verdicts equal to gold, a rating that is gold's, both orders averaged, failures wrong; "
                "without_ties is the same where gold is no tie",
            ),
            subsets=dict(Counter(label.subset for label in labels if label.subset)),
            warnings=tuple(_warnings(labels)),
        )

    @property
    def provenance(self) -> dict[str, Any]:
        """For a run's manifest: which bytes were read, and how."""
        name = self.table.name
        content = {} if rows.is_dataset(name) else {"sha256": fetch.sha256(Path(name))}
        return {"data": Path(name).name if content else name, **self.table.provenance, **content}


class Items(Sequence[Item]):
    """A sequence of which no more than one item is in memory: each pass reads the file."""

    def __init__(self, reader: Reader, state: object, window: range | None = None) -> None:
        self._reader, self._state, self._window = reader, state, window

    def __iter__(self) -> Iterator[Item]:
        if self._reader.table.state() != self._state:
            raise InputError(f"{self._reader.table.name} has changed since it was opened; nothing more is read from it")
        if self._window is None:
            yield from self._reader.items(every_fault=True)
        else:
            yield from islice(self._reader.items(), self._window.start, self._window.stop)

    @cached_property
    def _length(self) -> int:
        return sum(1 for _ in self)

    def __len__(self) -> int:
        return self._length if self._window is None else len(self._window)

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> Items: ...
    def __getitem__(self, index: int | slice) -> Item | Items:
        every = range(len(self)) if self._window is None else self._window
        if isinstance(index, int):
            return next(islice(self._reader.items(), every[index], None))
        window = every[index]
        if window.step != 1:
            raise ValueError("items are read from the first to the last")
        return Items(self._reader, self._state, window)


def portable(card: Card, folder: Path) -> Card:
    """The card as it is kept in a folder: with the way from there to the file, so that both can move together."""
    file = str(card.options["file"])
    if rows.is_dataset(file):
        return card
    try:
        file = os.path.relpath(file, folder.absolute())
    except ValueError:  # another drive has no way to it
        return card
    return msgspec.structs.replace(card, options={**card.options, "file": Path(file).as_posix()})


def _given_mapping(name: str, given: Any) -> tuple[dict[str, Any], str | None, str]:
    """(keys that are set, where they stand, where others could be written)."""
    if isinstance(given, Mapping):
        return mapping.keys(given, f"the mapping of {name}"), "the mapping it was run with", "the mapping"
    if given:
        return mapping.read(Path(given)), str(given), str(given)
    if rows.is_dataset(name):
        return {}, None, "a FILE and add -B mapping=FILE"
    beside = mapping.beside(Path(name))
    return (mapping.read(beside), str(beside), str(beside)) if beside.is_file() else ({}, None, str(beside))


def _layout(
    table: Table,
    columns: Sequence[str],
    sample: Sequence[Mapping[str, Any]],
    keys: Mapping[str, Any],
    where: str,
    write_to: str,
) -> Layout:
    found = mapping.built(guess.layout(columns, sample, keys), where)
    if not (found.responses or found.chosen or found.rated):
        example = "responses: [COLUMN, COLUMN], or chosen: and rejected:, or response: for one that is rated"
        raise guess.missing(columns, "the responses", table.name, write_to, example)
    mapping.require(found, columns, table.name)
    holds_turns = any(isinstance(row.get(column), list) for row in sample[:1] for column in _responses(found))
    spoken = any(str(row.get(column)).startswith("\n\nHuman:") for row in sample[:1] for column in _responses(found))
    if not found.prompts and not holds_turns and not spoken:
        raise guess.missing(columns, "the prompt", table.name, write_to, "prompt: COLUMN")
    voted = found.raters or found.vote
    if not (found.chosen or found.label or found.scores or voted) and "label" not in keys:
        raise guess.missing(columns, "the labels", table.name, write_to, "label: COLUMN (or raters:, or label: null)")
    if found.rated or found.scores or found.values:
        return found
    labels = list(_labels(found, sample))
    if not labels:
        return found
    column = ", ".join(dict.fromkeys(column for column, _ in labels))
    values = meanings.guess([value for _, value in labels], _responses(found), column, table.name, write_to)
    return msgspec.structs.replace(found, values=values)


def _labels(layout: Layout, sample: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    """(column, label) of the rows looked at, but for those that name the row's own authors."""
    columns = [column for column in (layout.label, layout.vote) if column is not None]
    columns += [layout.raters] if isinstance(layout.raters, str) else layout.raters
    for row in sample:
        authors = {mapping.normal(row.get(column)) for column in layout.authors}
        for column in columns:
            held = row.get(column)
            votes = held.values() if isinstance(held, Mapping) else held if isinstance(held, list) else [held]
            yield from ((column, vote) for vote in votes if mapping.normal(vote) not in authors)


def _responses(layout: Layout) -> tuple[str, ...]:
    if layout.rated:
        return (str(layout.response),)
    return layout.responses or (str(layout.chosen), str(layout.rejected))


def _raters(labels: Sequence[Label]) -> str | None:
    counts = Counter(len(label.raters) for label in labels if label.raters)
    if not counts:
        return None
    people = len({rater for label in labels for rater in label.raters})
    low, high = min(counts), max(counts)
    each = f"{low} an item" if low == high else f"{low} to {high} an item"
    return each if people == high else f"{each}, of {people}"


def _warnings(labels: Sequence[Label]) -> Iterator[str]:
    without = sum(label.gold is None for label in labels)
    if without:
        yield f"{without:,} of {len(labels):,} items have no gold label: no number that needs one counts them"
    yield from (f"{line}; baseline:first shows what that is worth" for line in lints.lopsided(labels))
