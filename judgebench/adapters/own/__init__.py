"""A user's own data as a benchmark: a CSV, TSV, JSON lines, JSON or parquet file, or a data set of the hub.

mapping   which column holds what, in YAML   guess     the same, guessed from the columns' names
meanings  what a label means                 reading   from rows to items
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
from judgebench.adapters.own.reading import ItemReader
from judgebench.errors import DataUnavailable, InputError, UnknownName
from judgebench.rows import Table
from judgebench.types import PREFERENCE, Card, Headline, Item, Kind, Label, Question, digest_of

SAMPLE = 1000
"""How many rows a guess looks at."""


def is_own(name: str) -> bool:
    """Whether the name is that of a file, of a folder with one that has a mapping, or of a data set of the hub."""
    path = Path(name)
    if rows.is_dataset(name) or path.suffix.lower() in rows.SUFFIXES:
        return True
    return name not in resources.BENCHMARKS.every() and (path.is_file() or _inside(path) is not None)


def _inside(folder: Path) -> Path | None:
    """The only file of a folder that has a mapping beside it, as in the folders that `build-pairs` writes."""
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    candidates = [file for file in files if file.suffix.lower() in rows.SUFFIXES and mapping.beside(file).is_file()]
    return candidates[0] if len(candidates) == 1 else None


def items(files: Mapping[str, Path], options: Mapping[str, Any]) -> Iterator[Item]:
    """What every adapter has: `options` are those of the card that `Own.card` made. DataUnavailable where the file is
    not there any more, or cannot be read any more."""
    if files or "file" not in options:
        raise InputError("a file of one's own is opened by its name")
    try:
        yield from reopened(options).items
    except DataUnavailable:
        raise
    except InputError as error:
        raise DataUnavailable(str(error)) from error


def reopened(options: Mapping[str, Any]) -> Own:
    """By the options of the card that `Own.card` made. What the mapping in it has no key for stays unread: a later
    judgebench may guess more."""
    return open_own(
        str(options["file"]), {"mapping": {"materials": None, "images": None, **options.get("mapping", {})}}
    )


def open_own(name: str, options: Mapping[str, Any] | None = None) -> Own:
    """Open a file or data set, reading its first rows. InputError where its name, mapping or columns are wrong."""
    chosen = dict(options or {})
    if unknown := sorted(set(chosen) - {"mapping"}):
        raise UnknownName(f"option of {name}", unknown[0], ["mapping"])
    name = str(_inside(Path(name)) or name)
    keys, mapping_source, write_to = _user_mapping(name, chosen.get("mapping"))
    table = rows.open_table(name, separator=keys.get("separator"), encoding=keys.get("encoding"))
    sample = [row.fields for row in islice(table.rows(), SAMPLE)]
    if not sample:
        raise InputError(f"{name}: there are no rows in it")
    layout = _layout(table, sample, keys, mapping_source or write_to, write_to)
    return Own(table=table, layout=layout, mapping_source=mapping_source, write_to=write_to)


@dataclass(frozen=True)
class Own:
    """A file as a benchmark. `mapping_source` is where the user set keys of the mapping, if anywhere, and `write_to`
    where others could be written."""

    table: Table
    layout: Layout
    mapping_source: str | None
    write_to: str

    @cached_property
    def items(self) -> Items:
        """Every item, read from the file anew in each pass. A pass over a file with faulty rows raises at its end."""
        values = meanings.resolved(self.layout, self.layout.answers, self.table.name)
        labels = meanings.Meanings(self.layout.answers, values)
        return Items(ItemReader(self.table, self.layout, labels), self.table.state())

    @cached_property
    def labels(self) -> list[Label]:
        """The labels of every item. The whole file is read and checked."""
        labels = [item.label() for item in self.items]
        if not labels:
            raise InputError(f"{self.table.name}: there are no items in it")
        if not any(label.gold is not None or label.raters for label in labels) and self.layout.label is not None:
            raise InputError(f"{self.table.name}: no row has a label in {self.layout.label}")
        return labels

    @property
    def notes(self) -> list[str]:
        """How the file is read, in lines, most of them in the form of a mapping file."""
        single = f"single responses with {'labels' if self.layout.labels else 'ratings'}"
        what = single if self.layout.rated else "responses to compare"
        if self.mapping_source is None:
            how, hint = "as its columns are named", f"(to change that, write these lines into {self.write_to})"
        else:
            how, hint = f"as {self.mapping_source} says", "(keys that it leaves out are guessed)"
        lines = mapping.as_yaml(self.layout).splitlines()
        return [f"{self.table.name}: {what}, {how}:", *(f"  {line}" for line in lines), f"  {hint}"]

    @cached_property
    def card(self) -> Card:
        """A benchmark's card for the file. Its id has a part of its items' digest in it, so that another content, or
        another reading of the same content, is another benchmark with another folder."""
        labels = self.labels
        version = digest_of(labels)
        stem = re.sub(r"[\[\],@\s]+", "-", self.table.stem) or "data"
        golds = [label.gold for label in labels if label.gold is not None]
        name, question = self.table.name, self.question
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
            commercial_use="allowed",  # judgebench itself restricts nothing
            homepage=f"https://huggingface.co/datasets/{self.table.stem}" if rows.is_dataset(name) else "",
            citation="",
            description=f"{len(labels):,} items of {called}",
            label_source=self.layout.label_source,
            raters=_raters(labels),
            options={
                "file": name if rows.is_dataset(name) else str(Path(name).absolute()),
                "mapping": msgspec.to_builtins(self.layout),
            },
            question=question,
            items=len(labels),
            ties=any(gold.best is None for gold in golds if len(gold.scores) > 1),
            # The prompt that asks for labels has the kind's name, and so has that which asks for an order.
            ask={"prompt": str(question.kind)} if question.kind in (Kind.CLASS, Kind.RANKING) else {},
            headline=Headline(
                rule="agreement",
                gloss="verdicts equal to gold, failures wrong"
                if question.labels
                else "the response ranked best is gold's, both orders averaged, failures wrong"
                if question.kind == Kind.RANKING
                else "verdicts equal to gold, a rating that is gold's, both orders averaged, failures wrong; "
                "without_ties is the same where gold is no tie",
            ),
            subsets=dict(Counter(label.subset for label in labels if label.subset)),
            warnings=tuple(_warnings(labels, question)),
        )

    @property
    def question(self) -> Question:
        """What is asked of every item."""
        rated = Question(kind=Kind.SCORE, scale=self.layout.scale) if self.layout.rated else PREFERENCE
        return self.layout.question or rated

    @property
    def provenance(self) -> dict[str, Any]:
        """For a run's manifest: which bytes were read, and how."""
        name = self.table.name
        content = {} if rows.is_dataset(name) else {"sha256": fetch.sha256(Path(name))}
        return {"data": Path(name).name if content else name, **self.table.provenance, **content}


class Items(Sequence[Item]):
    """A sequence of which no more than one item is in memory: each pass reads the file."""

    def __init__(self, reader: ItemReader, state: object, window: range | None = None) -> None:
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
    """The card as it is kept in a folder: with the file's path relative to it, so that both can move together."""
    file = str(card.options["file"])
    if rows.is_dataset(file):
        return card
    try:
        file = os.path.relpath(file, folder.absolute())
    except ValueError:  # there is no relative path to another drive
        return card
    return msgspec.structs.replace(card, options={**card.options, "file": Path(file).as_posix()})


def _user_mapping(name: str, option: Any) -> tuple[dict[str, Any], str | None, str]:
    """(keys that are set, where they stand, where others could be written). `option` is -B mapping, or a card's."""
    if isinstance(option, Mapping):
        return mapping.keys(option, f"the mapping of {name}"), "the mapping it was run with", "the mapping"
    if option:
        return mapping.read(Path(option)), str(option), str(option)
    if rows.is_dataset(name):
        return {}, None, "a FILE and add -B mapping=FILE"
    beside = mapping.beside(Path(name))
    return (mapping.read(beside), str(beside), str(beside)) if beside.is_file() else ({}, None, str(beside))


def _layout(
    table: Table, sample: Sequence[Mapping[str, Any]], keys: Mapping[str, Any], where: str, write_to: str
) -> Layout:
    columns = list(dict.fromkeys(column for row in sample for column in row))
    layout = mapping.built(guess.layout(columns, sample, keys), where)
    if not (layout.responses or layout.chosen or layout.rated):
        example = "responses: [COLUMN, COLUMN], or chosen: and rejected:, or response: for one that is rated"
        raise guess.missing(columns, "the responses", table.name, write_to, example)
    mapping.require(layout, columns, table.name)
    cells = [sample[0].get(column) for column in layout.answers]
    holds_turns = any(isinstance(cell, list) or str(cell).startswith("\n\nHuman:") for cell in cells)
    if not layout.prompts and not holds_turns:
        raise guess.missing(columns, "the prompt", table.name, write_to, "prompt: COLUMN")
    voted = layout.raters or layout.vote
    gold = layout.chosen or layout.label or layout.ranks or layout.scores
    if not (gold or voted) and "label" not in keys:
        raise guess.missing(columns, "the labels", table.name, write_to, "label: COLUMN (or raters:, or label: null)")
    if layout.scores or layout.values or layout.question:
        return layout
    labels = list(_labels(layout, sample))
    column = ", ".join(dict.fromkeys(column for column, _ in labels))
    if layout.rated:
        question = None if layout.scale else meanings.guess_labels([value for _, value in labels])
        return msgspec.structs.replace(layout, question=question)
    values = meanings.guess([value for _, value in labels], layout.answers, column, table.name, write_to)
    return msgspec.structs.replace(layout, values=values)


def _labels(layout: Layout, sample: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    """(column, label) of the sampled rows, without the labels that name one of the row's authors."""
    columns = [column for column in (layout.label, layout.vote) if column is not None]
    columns += [layout.raters] if isinstance(layout.raters, str) else layout.raters
    for row in sample:
        authors = {mapping.normal(row.get(column)) for column in layout.authors}
        for column in columns:
            cell = row.get(column)
            votes = cell.values() if isinstance(cell, Mapping) else cell if isinstance(cell, list) else [cell]
            yield from ((column, vote) for vote in votes if mapping.normal(vote) not in authors)


def _raters(labels: Sequence[Label]) -> str | None:
    counts = Counter(len(label.raters) for label in labels if label.raters)
    if not counts:
        return None
    people = len({rater for label in labels for rater in label.raters})
    low, high = min(counts), max(counts)
    each = f"{low} an item" if low == high else f"{low} to {high} an item"
    return each if people == high else f"{each}, of {people}"


def _warnings(labels: Sequence[Label], question: Question) -> Iterator[str]:
    without = sum(label.gold is None for label in labels)
    if without:
        yield f"{without:,} of {len(labels):,} items have no gold label: no number that needs one counts them"
    worth = "majority_agreement says" if question.labels else "baseline:first shows"
    yield from (f"{line}; {worth} what that is worth" for line in lints.lopsided(labels, question))
