"""A user's file as rows, read as a stream and as often as needed: CSV, TSV, JSON lines, a JSON list, parquet.

A row's number is its line, as an editor counts; in a JSON list or a parquet file it is the position, from 1.
"""

from __future__ import annotations

import codecs
import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from reprlib import repr as brief
from typing import Any

import msgspec

from judgebench.adapters import rows
from judgebench.adapters.rows import Row
from judgebench.errors import BadRow, DataUnavailable, InputError

LARGEST_CELL = 64 << 20
"""Characters of a CSV cell: no answer is as long, and a quote that is never closed swallows no more than this."""
SEPARATORS = (",", ";", "\t", "|")
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}

Rows = Callable[[], Iterator[Row]]


@dataclass(frozen=True)
class Table:
    """`name` is what it is called in messages, `stem` what a benchmark of it is named after. `rows` begins anew with
    every call; `state` changes when the content does."""

    name: str
    stem: str
    rows: Rows
    state: Callable[[], object] = lambda: None
    provenance: dict[str, Any] = field(default_factory=dict)


def open_file(path: Path, *, separator: str | None = None, encoding: str | None = None) -> Table:
    if not path.exists():
        raise DataUnavailable(f"{path}: there is no such file")
    if not path.is_file():
        raise InputError(f"{path}: not a file")
    if path.stat().st_size == 0:
        raise InputError(f"{path}: the file is empty")
    kind = path.suffix.lower()
    if kind in (".csv", ".tsv"):
        chosen = _encoding(path, encoding)
        between = separator or ("\t" if kind == ".tsv" else _separator(path, chosen))
        return Table(str(path), path.stem, lambda: _csv(path, between, chosen), lambda: _state(path))
    readers: dict[str, Callable[[Path], Iterator[Row]]] = {
        ".jsonl": _json_lines,
        ".ndjson": _json_lines,
        ".json": _json,
        ".parquet": rows.read_parquet,
    }
    if kind not in readers:
        raise InputError(f"{path}: a file of your own ends in {', '.join(KINDS)}")
    for given, key in ((separator, "separator"), (encoding, "encoding")):
        if given is not None:
            raise InputError(f"{path}: {key} is for CSV and TSV files")
    return Table(str(path), path.stem, lambda: readers[kind](path), lambda: _state(path))


KINDS = (".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet")


def _state(path: Path) -> object:
    try:
        found = path.stat()
    except OSError as error:
        raise DataUnavailable(f"{path}: {error.strerror}") from error
    return found.st_size, found.st_mtime_ns


def _csv(path: Path, separator: str, encoding: str) -> Iterator[Row]:
    """A cell is a text, empty or not: CSV knows no null. A row that goes over several lines has the first one's
    number."""
    csv.field_size_limit(max(csv.field_size_limit(), LARGEST_CELL))
    line = 1
    try:
        with path.open(encoding=encoding, newline="") as file:
            reader = csv.reader(file, delimiter=separator, strict=True)
            header = [name.strip() for name in next(reader, [])]
            if twice := [name for name in header if name and header.count(name) > 1]:
                raise BadRow(path, 1, f"the column {twice[0]!r} stands there twice")
            line = reader.line_num + 1
            for cells in reader:
                if cells:
                    if len(cells) != len(header):
                        raise BadRow(path, line, _ragged(len(cells), len(header), separator))
                    yield Row(path, line, dict(zip(header, cells)))
                line = reader.line_num + 1
    except csv.Error as error:
        hint = "; is a quote opened here and never closed?" if "unexpected end" in str(error) else ""
        raise BadRow(path, line, f"not CSV: {error}{hint}") from error
    except UnicodeError as error:
        raise BadRow(
            path,
            _first_undecodable(path, encoding),
            f"not {encoding.removesuffix('-sig').upper()} text ({error}); save the file as UTF-8, or name its encoding "
            "in the mapping, as in encoding: cp1252",
        ) from error
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error


def _ragged(found: int, wanted: int, separator: str) -> str:
    between = "a tab" if separator == "\t" else repr(separator)
    return f"{found} cells, and the header has {wanted} (separated by {between}); quote a cell that holds a separator"


def _encoding(path: Path, named: str | None) -> str:
    if named is not None:
        try:
            return codecs.lookup(named).name
        except LookupError as error:
            raise InputError(f"{path}: no encoding named {named!r}; common ones are utf-8, cp1252, utf-16") from error
    with path.open("rb") as file:
        begin = file.read(4)
    return next((name for mark, name in _BOMS.items() if begin.startswith(mark)), "utf-8-sig")


def _separator(path: Path, encoding: str) -> str:
    """The one that splits the header into most columns; of equals, the first."""
    widths = {}
    for candidate in SEPARATORS:
        try:
            with path.open(encoding=encoding, newline="") as file:
                widths[candidate] = len(next(csv.reader(file, delimiter=candidate), []))
        except (csv.Error, UnicodeError):
            widths[candidate] = 0
    return max(SEPARATORS, key=lambda candidate: widths[candidate])


def _first_undecodable(path: Path, encoding: str) -> int:
    """The line of the first byte that is not in the encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        number = 1
        for number, line in enumerate(file, start=1):
            try:
                decoder.decode(line)
            except UnicodeError:
                return number
    return number


def _json_lines(path: Path) -> Iterator[Row]:
    """A line ends at a newline byte only: U+2028 in a text is text."""
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                data = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
                if data.strip():
                    yield Row(path, number, _object(path, number, data))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error


def _json(path: Path) -> Iterator[Row]:
    """A JSON list of objects, which is held whole; or JSON lines under this name."""
    with path.open("rb") as file:
        begin = file.read(256).removeprefix(codecs.BOM_UTF8).lstrip()
    if begin.startswith(b"["):
        elements = _decoded(path, 1, path.read_bytes().removeprefix(codecs.BOM_UTF8))
        for number, element in enumerate(elements, start=1):
            yield Row(path, number, _checked(path, number, element))
        return
    try:
        for row in _json_lines(path):
            if row.fields and all(isinstance(value, dict) for value in row.fields.values()):
                raise InputError(f"{path}: it holds columns, not rows; pandas writes rows with orient='records'")
            yield row
    except BadRow as error:
        if "not JSON" in str(error):
            raise InputError(
                f"{path}: neither a JSON list of objects nor one object a line (pandas writes these with "
                f"orient='records'): {error}"
            ) from error
        raise


def _object(path: Path, number: int, data: bytes) -> dict[str, Any]:
    return _checked(path, number, _decoded(path, number, data))


def _checked(path: Path, number: int, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadRow(path, number, f"a row is a JSON object of columns, not {brief(value)}")
    return value


def _decoded(path: Path, number: int, data: bytes) -> Any:
    """The value; NaN, which is not JSON but which Python and pandas write, is read as they mean it."""
    try:
        return msgspec.json.decode(data)
    except (ValueError, RecursionError) as error:
        try:
            value = json.loads(data)
            msgspec.json.encode(value)  # half a surrogate pair is no text
        except (ValueError, RecursionError):
            raise BadRow(path, number, f"not JSON: {error}") from error
        return value
