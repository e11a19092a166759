"""One reader for each kind of file: from an open file, in which it can go back to the beginning, to its rows.

A reader is a function of the path, for messages, and of the file. It holds one row at a time where the format allows
that. `Row` says how rows are numbered.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import msgspec

from judgebench.errors import BadRow, InputError
from judgebench.rows.row import Row, shown
from judgebench.types import Record

LARGEST_CELL = 64 << 20
"""Characters of a CSV cell: more than any answer has, and a limit to what a quote that is never closed takes in."""
SEPARATED = (".csv", ".tsv")
SEPARATORS = (",", ";", "\t", "|")
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_UNDECODED = "\udcff"
codecs.register_error("judgebench.undecoded", lambda error: (_UNDECODED, getattr(error, "end")))  # noqa: B009
R = TypeVar("R", bound=Record)


def separated(path: Path, file: BinaryIO, separator: str | None = None, encoding: str | None = None) -> Iterator[Row]:
    """CSV and TSV. Every cell is a text, which may be empty: CSV has no null."""
    encoding = _encoding(path, file, encoding)
    separator = separator or _separator(file, encoding)
    csv.field_size_limit(max(csv.field_size_limit(), LARGEST_CELL))
    number = line = 1
    try:
        with _text(file, encoding) as text:
            reader = csv.reader(text, delimiter=separator, strict=True)
            header = [name.strip() for name in next(reader, [])]
            if repeated := [name for name in header if name and header.count(name) > 1]:
                raise BadRow(path, 1, f"the column {repeated[0]!r} stands there twice")
            number, line = 2, reader.line_num + 1
            for cells in reader:
                if cells:
                    if len(cells) != len(header):
                        between = "a tab" if separator == "\t" else repr(separator)
                        problem = f"{len(cells)} cells, and the header has {len(header)} (separated by {between})"
                        raise BadRow(path, number, f"{problem}; quote a cell that holds a separator", line)
                    yield Row(path, number, dict(zip(header, cells)), line)
                number, line = number + 1, reader.line_num + 1
    except csv.Error as error:
        hint = "; is a quote opened here and never closed?" if "unexpected end" in str(error) else ""
        raise BadRow(path, number, f"not CSV: {error}{hint}", line) from error
    except UnicodeError as error:
        number, line = _first_undecodable(file, separator, encoding)
        problem = f"not {encoding.removesuffix('-sig').upper()} text ({error}); save the file as UTF-8"
        hint = "(a mapping can name another encoding, as in encoding: cp1252)"
        raise BadRow(path, number, f"{problem} {hint}", line) from error


@contextmanager
def _text(file: BinaryIO, encoding: str, errors: str = "strict") -> Iterator[io.TextIOWrapper]:
    """The file from its beginning as text, with its line ends unchanged. The file itself stays open."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding, errors, newline="")
    try:
        yield text
    finally:
        text.detach()


def _encoding(path: Path, file: BinaryIO, encoding: str | None) -> str:
    if encoding is not None:
        try:
            return codecs.lookup(encoding).name
        except LookupError as error:
            common = "common ones are utf-8, cp1252, utf-16"
            raise InputError(f"{path}: no encoding named {encoding!r}; {common}") from error
    beginning = file.read(4)
    return next((name for mark, name in _BOMS.items() if beginning.startswith(mark)), "utf-8-sig")


def _separator(file: BinaryIO, encoding: str) -> str:
    """The separator that splits the header into most columns; of several, the first of SEPARATORS."""

    def columns(separator: str) -> int:
        with suppress(csv.Error, UnicodeError), _text(file, encoding) as text:
            return len(next(csv.reader(text, delimiter=separator), []))
        return 0

    return max(SEPARATORS, key=columns)


def _first_undecodable(file: BinaryIO, separator: str, encoding: str) -> tuple[int, int]:
    """The row and the line of the first byte that is not in the encoding."""
    number = line = 1
    with suppress(csv.Error, UnicodeError), _text(file, encoding, "judgebench.undecoded") as text:
        reader = csv.reader(text, delimiter=separator)
        for cells in reader:
            if any(_UNDECODED in cell for cell in cells):
                break
            number, line = number + 1, reader.line_num + 1
    return number, line


def json_lines(path: Path, file: BinaryIO) -> Iterator[Row]:
    """One object in each line. Only a newline byte ends a line: U+2028 in a text is a part of the text."""
    for number, line in enumerate(file, start=1):
        data = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        if data.strip():
            yield _row(path, number, _decoded(path, number, data), number)


def json_rows(path: Path, file: BinaryIO) -> Iterator[Row]:
    """A JSON list of objects, which is read as a whole; or JSON lines in a file named .json."""
    beginning = file.read(256).removeprefix(codecs.BOM_UTF8).lstrip()
    file.seek(0)
    if beginning.startswith(b"["):
        elements = _decoded(path, None, file.read().removeprefix(codecs.BOM_UTF8))
        for number, element in enumerate(elements, start=1):
            yield _row(path, number, element)
        return
    try:
        for row in json_lines(path, file):
            if row.fields and all(isinstance(value, dict) for value in row.fields.values()):
                raise InputError(f"{path}: it holds columns, not rows; pandas writes rows with orient='records'")
            yield row
    except BadRow as error:
        if "not JSON" not in error.problem:
            raise
        wanted = "a JSON list of objects nor one object a line (pandas writes these with orient='records')"
        raise InputError(f"{path}: neither {wanted}: {error}") from error


def json_object(path: Path, file: BinaryIO) -> Row:
    """A file that is one JSON object."""
    return _row(path, 1, _decoded(path, None, file.read().removeprefix(codecs.BOM_UTF8)))


def each_record(data: bytes, kind: type[R]) -> Iterator[tuple[int, R | Exception]]:
    """The lines of judgebench's own JSON lines that are not empty: number, from 1, and record, or why it is none."""
    decoder = msgspec.json.Decoder(kind)
    for number, line in enumerate(data.split(b"\n"), start=1):
        if line:
            try:
                yield number, decoder.decode(line)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
                yield number, error


def _row(path: Path, number: int, value: Any, line: int | None = None) -> Row:
    if not isinstance(value, dict):
        raise BadRow(path, number, f"a row is a JSON object of columns, not {shown(value)}", line)
    return Row(path, number, value, line)


def _decoded(path: Path, number: int | None, data: bytes) -> Any:
    """The value of a line, or of a whole file (no number); an error in the latter names the element and the line.
    NaN, which is not JSON but which Python and pandas write, is read as a number that is not finite."""
    try:
        return msgspec.json.decode(data)
    except (ValueError, RecursionError) as error:  # msgspec's own errors and UnicodeDecodeError are ValueErrors
        try:
            value = json.loads(data)
            msgspec.json.encode(value)  # refuses texts with half a surrogate pair
        except (ValueError, RecursionError):
            line = number or _line_of(data, error)
            raise BadRow(path, number or _element_at_fault(data), f"not JSON: {error}", line) from error
        return value


def _line_of(data: bytes, error: Exception) -> int:
    place = re.search(r"byte (\d+)", str(error))
    return 1 + data[: int(place[1]) if place else None].count(b"\n")


def _element_at_fault(data: bytes) -> int:
    """The number, from 1, of the first element of a list that cannot be read, or after which a comma is missing."""
    text, decoder, number = data.decode("utf-8", "replace"), json.JSONDecoder(), 1
    comma, between = re.match(r"\s*\[\s*", text), re.compile(r"\s*,\s*")
    with suppress(ValueError, RecursionError):
        while comma and (comma := between.match(text, decoder.raw_decode(text, comma.end())[1])):
            number += 1
    return number


def parquet(path: Path, file: BinaryIO) -> Iterator[Row]:
    """A parquet file with columns of plain values, read in batches."""
    arrow, reader = import_module("pyarrow"), import_module("pyarrow.parquet")
    number = 0
    try:
        # Without buffering whole row groups, since a group may be the whole file.
        with reader.ParquetFile(file, pre_buffer=False, buffer_size=1 << 20) as table:
            for batch in table.iter_batches(batch_size=256):
                for fields in batch.to_pylist():
                    number += 1
                    yield Row(path, number, fields)
    except (OSError, ValueError, NotImplementedError, OverflowError, arrow.ArrowException) as error:
        reason = str(error).partition("\n")[0]
        raise InputError(f"{path}: not a parquet file, from row {number + 1}: {reason}") from error


def lines(path: Path, file: BinaryIO) -> Iterator[Row]:
    """Plain text: each line is a row whose only column is `line`, without the space around it."""
    for number, line in enumerate(file, start=1):
        try:
            yield Row(path, number, {"line": line.decode().strip()}, number)
        except UnicodeDecodeError as error:
            raise BadRow(path, number, f"not UTF-8 text: {error.reason} at byte {error.start}", number) from error
