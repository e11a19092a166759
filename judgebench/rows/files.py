"""From a path to rows: the suffix decides which reader is used, and a file in a zip is read like any other."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from judgebench.errors import DataUnavailable, InputError
from judgebench.rows import formats
from judgebench.rows.row import Row

LARGEST = 2 << 30
"""Bytes that a packed file may unpack to: far more than any benchmark has, far less than fills a disk or memory."""
FORMATS: dict[str, Callable[..., Iterator[Row]]] = {
    ".csv": formats.separated,
    ".tsv": partial(formats.separated, separator="\t"),
    ".jsonl": formats.json_lines,
    ".ndjson": formats.json_lines,
    ".json": formats.json_rows,
    ".parquet": formats.parquet,
    ".txt": formats.lines,
}
SUFFIXES = tuple(suffix for suffix in FORMATS if suffix != ".txt")
"""The suffixes of files whose rows have columns."""


@dataclass(frozen=True)
class Table:
    """A file or data set. Messages call it `name`, and a benchmark made of it is named after `stem`. `rows` reads from
    the beginning with every call; `state` changes when the content does."""

    name: str
    stem: str
    rows: Callable[[], Iterator[Row]]
    state: Callable[[], object] = lambda: None
    provenance: dict[str, Any] = field(default_factory=dict)


def open_file(name: Path | str, *, separator: str | None = None, encoding: str | None = None) -> Table:
    """A user's file as a table. InputError unless the file exists, is of a known kind and is not empty."""
    path = Path(name)
    if not path.exists():
        raise DataUnavailable(f"{path}: there is no such file")
    if not path.is_file():
        raise InputError(f"{path}: not a file")
    if path.stat().st_size == 0:
        raise InputError(f"{path}: the file is empty")
    kind = path.suffix.lower()
    if kind not in SUFFIXES:
        raise InputError(f"{path}: a file of your own ends in {', '.join(SUFFIXES)}")
    settings = {key: value for key, value in (("separator", separator), ("encoding", encoding)) if value is not None}
    if settings and kind not in formats.SEPARATED:
        raise InputError(f"{path}: {next(iter(settings))} is for CSV and TSV files")
    return Table(str(path), path.stem, lambda: read(path, **settings), lambda: _state(path))


def read(path: Path, member: str = "", **how: str) -> Iterator[Row]:
    """The rows of a file, or of the file of that name in a zip, as a stream. A file with no known suffix is read as
    JSON, a list or lines. `how` is a CSV's separator and encoding."""
    with _opened(path, member) as (name, file):
        yield from FORMATS.get(Path(name).suffix.lower(), formats.json_rows)(path, file, **how)


def read_object(path: Path) -> Row:
    """A file that is one JSON object, as a row."""
    with _opened(path, "") as (_, file):
        return formats.json_object(path, file)


def unzip(path: Path, member: str) -> tuple[str, bytes]:
    """The name and the content of the zip's only file with that name, in whatever folder. An empty `member` stands for
    any name. The folders that macOS adds are ignored."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if not info.is_dir() and "__MACOSX" not in info.filename]
            files = [info for info in members if not member or info.filename.rpartition("/")[2] == member]
            if len(files) != 1:
                raise InputError(f"{path}: {len(files)} files in it are called {member or 'anything'}, not one")
            if files[0].file_size > LARGEST:
                raise InputError(f"{path}: {files[0].filename} unpacks to more than {LARGEST:,} bytes")
            return files[0].filename, archive.read(files[0])
    except (OSError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise InputError(f"{path}: not a zip that can be read: {error}") from error


@contextmanager
def _opened(path: Path, member: str) -> Iterator[tuple[str, BinaryIO]]:
    """(the name whose suffix counts, the file). InputError where it cannot be opened or read."""
    if path.suffix.lower() == ".zip":
        name, data = unzip(path, member)
        yield name, io.BytesIO(data)
        return
    try:
        with path.open("rb") as file:
            yield path.name, file
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error


def _state(path: Path) -> object:
    try:
        status = path.stat()
    except OSError as error:
        raise DataUnavailable(f"{path}: {error.strerror}") from error
    return status.st_size, status.st_mtime_ns
