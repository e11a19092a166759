"""Shared by the adapters: reading upstream files row by row, and pairing recorded verdicts with items.

Whatever is wrong with a row is said with its file, its number and what is allowed there; nothing else is ever raised.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from math import isfinite
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from judgebench.adapters import Recorded
from judgebench.errors import BadRow, InputError, UnknownName
from judgebench.types import (
    FIRST,
    SECOND,
    TIE,
    Item,
    Judgment,
    Key,
    Label,
    Message,
    Order,
    Response,
    Status,
    Verdict,
    digest,
    in_item_order,
)

AB: Order = (0, 1)
BA: Order = (1, 0)

T = TypeVar("T")

LARGEST = 2 << 30
"""Bytes that a packed file may unpack to: far above any benchmark's, far below what fills a disk or a memory."""


@dataclass(frozen=True)
class Row:
    """A JSON object of a file. `number` counts from 1: the line of a JSONL file, the element of a JSON list."""

    path: Path
    number: int
    fields: Mapping[str, Any]

    def bad(self, problem: str) -> BadRow:
        return BadRow(self.path, self.number, problem)

    def has(self, *columns: str) -> bool:
        return all(column in self.fields for column in columns)

    def value(self, column: str) -> Any:
        if column not in self.fields:
            raise self.bad(f"no column {column!r}; there are: {', '.join(self.fields) or 'none'}")
        return self.fields[column]

    def text(self, column: str) -> str:
        value = self.value(column)
        if not isinstance(value, str):
            raise self.bad(f"{column} is a text, not {_shown(value)}")
        return value

    def whole(self, column: str) -> int:
        value = self.value(column)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.bad(f"{column} is a whole number, not {_shown(value)}")
        return value

    def choice(self, column: str, choices: Mapping[Any, T]) -> T:
        """What `choices` says of the value. 1, True and "1" are three different values, as they are in JSON."""
        value = self.value(column)
        for allowed, meaning in choices.items():
            if type(value) is type(allowed) and value == allowed:
                return meaning
        raise self.bad(f"{column} is one of {', '.join(map(_shown, choices))}, not {_shown(value)}")

    def sequence(self, column: str) -> list[Any]:
        value = self.value(column)
        if not isinstance(value, list):
            raise self.bad(f"{column} is a list, not {_shown(value)}")
        return value

    def within(self, value: Any, what: str) -> Row:
        """An object inside this row, read with this row's file and number."""
        if not isinstance(value, Mapping):
            raise self.bad(f"{what} is an object, not {_shown(value)}")
        return Row(self.path, self.number, value)


def read_json(path: Path) -> Iterator[Row]:
    """The objects of a file that is one JSON list."""
    value = _decode(path, None, _bytes(path))
    if not isinstance(value, list):
        raise InputError(f"{path}: not a JSON list of objects")
    for number, element in enumerate(value, start=1):
        yield _row(path, number, element)


def read_jsonl(path: Path) -> Iterator[Row]:
    """The objects of a file with one JSON object a line. A line ends at a newline only: U+2028 in a text is text."""
    yield from _lines(path, _bytes(path))


def only_path(paths: Sequence[Path], what: str) -> Path:
    if len(paths) != 1:
        raise InputError(f"{what} is one file, not {len(paths)}")
    return paths[0]


def option(options: Mapping[str, str], name: str, choices: Sequence[str]) -> str:
    """The value of the adapter's one option; the first choice is the default."""
    refuse_options(options, name)
    value = options.get(name, choices[0])
    if value not in choices:
        raise UnknownName(f"value of {name}", str(value), choices)
    return value


def refuse_options(options: Mapping[str, str], *known: str) -> None:
    if unknown := sorted(set(options) - set(known)):
        raise UnknownName("option", unknown[0], known)


def shown(order: Order, scores: Iterable[float]) -> Verdict:
    """A verdict from scores in the order in which the responses were shown."""
    return Verdict(scores=in_item_order(order, scores))


def majority(votes: Mapping[str, Verdict]) -> Verdict | None:
    """The verdict that most raters gave; None where two verdicts share the lead."""
    ranked = Counter(verdict.scores for verdict in votes.values()).most_common(2)
    return None if len(ranked) == 2 and ranked[0][1] == ranked[1][1] else Verdict(scores=ranked[0][0])


def numbers(value: Any, count: int) -> tuple[float, ...] | None:
    """`count` finite numbers, or None where `value` is anything else."""
    if not isinstance(value, list) or len(value) != count:
        return None
    if not all(isinstance(number, int | float) and not isinstance(number, bool) for number in value):
        return None
    try:
        found = tuple(float(number) for number in value)
    except OverflowError:
        return None
    return found if all(map(isfinite, found)) else None


@dataclass
class Pairing:
    """Recorded verdicts being paired with the items they are about."""

    labels: Mapping[str, Label]
    judgments: list[Judgment] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    _answered: dict[Key, Row] = field(default_factory=dict)

    def add(
        self,
        row: Row,
        item: str,
        order: Order,
        verdict: Verdict | None,
        *,
        status: Status = Status.UNPARSED,
        text: str | None = None,
        detail: str | None = None,
    ) -> None:
        """One judgment; `status` is what it is if there is no verdict. A trial that is answered twice is refused."""
        judgment = Judgment(
            item=item,
            order=order,
            status=status if verdict is None else Status.OK,
            verdict=verdict,
            text=text,
            detail=detail,
        )
        if before := self._answered.get(judgment.key):
            where = f"row {before.number}" + ("" if before.path == row.path else f" of {before.path}")
            raise row.bad(f"item {item!r} in order {list(order)} is judged in {where} already")
        self._answered[judgment.key] = row
        self.judgments.append(judgment)

    def miss(self, row: Row, why: str) -> None:
        self.unmatched.append(f"{row.path.name}, row {row.number}: {why}")

    def recorded(self, orders: str) -> Recorded:
        answered = {judgment.item for judgment in self.judgments}
        if silent := [name for name in self.labels if name not in answered]:
            count = f"{len(silent):,} of {len(self.labels):,} items"
            self.unmatched.append(f"{count} have no row, the first of them {silent[0]!r}")
        return Recorded(self.judgments, orders, self.unmatched)


def texts_digest(messages: tuple[Message, ...], responses: Iterable[str]) -> str:
    """The digest that the label of an item with these texts has."""
    texts = tuple(Response(text=text) for text in responses)
    return Item(id="", messages=messages, responses=texts, cluster="").label().digest


def by_digest(labels: Mapping[str, Label]) -> dict[str, str]:
    """Digest of an item's texts -> its id, leaving out texts that several items share."""
    found: dict[str, str] = {}
    shared: set[str] = set()
    for name, label in labels.items():
        if label.digest in found:
            shared.add(label.digest)
        found[label.digest] = name
    return {key: name for key, name in found.items() if key not in shared}


def _lines(path: Path, data: bytes) -> Iterator[Row]:
    for number, line in enumerate(data.split(b"\n"), start=1):
        if line.strip():
            yield _row(path, number, _decode(path, number, line))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error


def _decode(path: Path, number: int | None, data: bytes) -> Any:
    """The value of a line, or of a whole file (no number), where an error names the line that it is on."""
    try:
        return msgspec.json.decode(data)
    except (ValueError, RecursionError) as error:  # msgspec's own errors and UnicodeDecodeError are ValueErrors
        if number is None:
            place = re.search(r"byte (\d+)", str(error))
            number = 1 + data[: int(place[1]) if place else None].count(b"\n")
        raise BadRow(path, number, f"not JSON: {error}") from error


def _row(path: Path, number: int, value: Any) -> Row:
    if not isinstance(value, dict):
        raise BadRow(path, number, f"a row is a JSON object, not {_shown(value)}")
    return Row(path, number, value)


def _shown(value: Any) -> str:
    """A value as JSON would write it, cut short."""
    try:
        text = msgspec.json.encode(value).decode()
    except (ValueError, TypeError, OverflowError, RecursionError):
        text = type(value).__name__
    return text if len(text) <= 60 else f"{text[:57]}..."


# ------------------------------------------------------------------------------------------ rows of other kinds of file


def read_rows(path: Path) -> Iterator[Row]:
    """The rows of a file, by its suffix: a JSON list, JSON lines, parquet, or JSON lines in the only file of a zip."""
    readers = {".json": read_json, ".jsonl": read_jsonl, ".parquet": read_parquet, ".zip": read_zipped_jsonl}
    reader = readers.get(path.suffix)
    if reader is None:
        raise InputError(f"{path}: a file of rows ends in {', '.join(readers)}")
    yield from reader(path)


def read_parquet(path: Path) -> Iterator[Row]:
    """The rows of a parquet file, in batches; nothing but tables of plain values is looked for in it."""
    arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    number = 0
    try:
        # Read in pieces: a row group may hold a whole file.
        with parquet.ParquetFile(path, pre_buffer=False, buffer_size=1 << 20) as file:
            for batch in file.iter_batches(batch_size=256):
                for fields in batch.to_pylist():
                    number += 1
                    yield Row(path, number, fields)
    except (OSError, ValueError, NotImplementedError, OverflowError, arrow.ArrowException) as error:
        reason = str(error).partition("\n")[0]
        raise InputError(f"{path}: not a parquet file, from row {number + 1}: {reason}") from error


def read_zipped_jsonl(path: Path) -> Iterator[Row]:
    """The objects of the JSON lines in a zip that holds one file (macOS's own notes aside)."""
    yield from _lines(path, unzip(path, ""))


def read_zipped_json(path: Path, member: str) -> Iterator[Row]:
    """The objects of the JSON list in a zip's file of that name, in whatever folder it is."""
    value = _decode(path, None, unzip(path, member))
    if not isinstance(value, list):
        raise InputError(f"{path}: {member} is not a JSON list of objects")
    for number, element in enumerate(value, start=1):
        yield _row(path, number, element)


def unzip(path: Path, member: str) -> bytes:
    """The content of the zip's only file with that name (any name, if it is empty)."""
    try:
        with zipfile.ZipFile(path) as archive:
            listed = [info for info in archive.infolist() if not info.is_dir() and "__MACOSX" not in info.filename]
            found = [info for info in listed if not member or info.filename.rpartition("/")[2] == member]
            if len(found) != 1:
                raise InputError(f"{path}: {len(found)} files in it are called {member or 'anything'}, not one")
            if found[0].file_size > LARGEST:
                raise InputError(f"{path}: {found[0].filename} unpacks to more than {LARGEST:,} bytes")
            return archive.read(found[0])
    except (OSError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise InputError(f"{path}: not a zip that can be read: {error}") from error


def read_object(path: Path) -> Row:
    """A file that is one JSON object."""
    return _row(path, 1, _decode(path, None, _bytes(path)))


def read_lines(path: Path) -> list[str]:
    """The lines of a plain text file."""
    try:
        return _bytes(path).decode().splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 text: {error.reason} at byte {error.start}") from error


# --------------------------------------------------------------------------------------------------- items from rows


def placed(name: str, right: T, wrong: T) -> tuple[tuple[T, T], Verdict]:
    """A pair whose right one upstream always lists first: which one comes first here depends on the name alone, evenly,
    so that no judge is right for naming a slot; and gold."""
    if int(digest(name)[0], 16) % 2:
        return (right, wrong), FIRST
    return (wrong, right), SECOND


def shuffled(name: str, count: int) -> list[int]:
    """The numbers 0 to count - 1 in an order that depends on the name alone."""
    return sorted(range(count), key=lambda index: digest([name, index]))


def user(text: str) -> tuple[Message, ...]:
    return (Message(role="user", content=text),)


def conversation(row: Row, column: str) -> tuple[Message, ...]:
    """A text as one user message, or a list of {role, content}."""
    value = row.value(column)
    if isinstance(value, str):
        return user(value)
    turns = [row.within(turn, f"a turn of {column}") for turn in row.sequence(column)]
    if not turns:
        raise row.bad(f"{column} is a text or a list of turns, not an empty list")
    return tuple(Message(role=turn.text("role"), content=turn.text("content")) for turn in turns)


def dialogue(turns: Sequence[Message]) -> str:
    """Several turns as one text, each under the name of its role."""
    return "\n\n".join(f"[{turn.role}]\n{turn.content}" for turn in turns)


def optional_text(row: Row, column: str) -> str | None:
    """The text of a column that may be absent, null or empty."""
    return row.text(column) or None if row.fields.get(column) is not None else None


def name_of(row: Row, column: str) -> str:
    """An id: a text that is not empty, or a whole number."""
    value = row.value(column)
    if isinstance(value, str) and value:
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise row.bad(f"{column} is an id, a text or a whole number, not {_shown(value)}")


def texts(row: Row, column: str) -> list[str]:
    """A list of one text or more."""
    found = row.sequence(column)
    if not found or not all(isinstance(text, str) for text in found):
        raise row.bad(f"{column} is a list of texts")
    return found


def only_text(row: Row, column: str) -> str:
    """A text, or a list of a single one."""
    if isinstance(row.value(column), str):
        return row.text(column)
    found = texts(row, column)
    if len(found) != 1:
        raise row.bad(f"{column} is a text or a list of one, not of {len(found)}")
    return found[0]


def number(row: Row, value: Any, what: str, low: float, high: float) -> float:
    """A finite number from low to high."""
    found = numbers([value], 1)
    if found is None or not low <= found[0] <= high:
        raise row.bad(f"{what} is a number from {low:g} to {high:g}, not {_shown(value)}")
    return found[0]


def unused(rater: str, taken: Mapping[str, Verdict]) -> str:
    """The rater's id, with #2, #3, ... for a further vote on the same item."""
    count = 1
    while (name := rater if count == 1 else f"{rater}#{count}") in taken:
        count += 1
    return name


def preference(row: Row, column: str) -> Verdict:
    """1 or 2 for the better response, 1.5 or 0 for a draw, as a number."""
    found = numbers([row.value(column)], 1)
    verdicts = {1.0: FIRST, 2.0: SECOND, 1.5: TIE, 0.0: TIE}
    if found is None or found[0] not in verdicts:
        raise row.bad(f"{column} is 1, 2, or 1.5 or 0 for a draw, not {_shown(row.value(column))}")
    return verdicts[found[0]]
