"""Checks whether a file is the pinned one, and finds out what may have happened to it where it is not."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from judgebench.errors import InputError
from judgebench.fetch._places import Pinned, every_source, first_use
from judgebench.types import Source

_EXAMINED = 256 << 20
"""The content of a larger file (in bytes) that is not the pinned one is not examined."""


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


_CHECKSUMS: dict[str, Callable[[bytes], str]] = {
    "sha256": lambda content: hashlib.sha256(content).hexdigest(),
    "git": lambda content: hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest(),
    "md5": lambda content: hashlib.md5(content, usedforsecurity=False).hexdigest(),
}
_WEB_PAGE = ": it is a web page, such as a server sends instead of the file"
_BEGINNINGS = {
    b"<!doctype html": _WEB_PAGE,
    b"<html": _WEB_PAGE,
    b"version https://git-lfs": ": it is a Git LFS pointer, not the file that it points to",
}


def check(owner: Pinned, path: Path, source: Source, called: str | None = None) -> None:
    """InputError unless the file is the pinned one, or, where nothing is pinned, the one that was used first."""
    size = f"({path.stat().st_size:,} bytes)"
    if source.pinned:
        kind, digest, pinned = _digests(owner, path, source)
        if digest != pinned:
            pinned_size = f" ({source.bytes:,} bytes)" if source.bytes is not None else ""
            guess = _diagnosis(owner, path, source, lambda content: _CHECKSUMS[kind](content) == pinned)
            advice = f", or fetch it again from {source.url}" if source.url else ""
            raise InputError(
                f"{called or path} {size} is not the pinned file: {kind} is {digest}, pinned is {pinned}{pinned_size}"
                f"{guess}; remove it{advice}"
            )
        return
    place, digest = first_use(owner, source), sha256(path)
    earlier = recorded(place)
    if earlier is None:
        record(place, digest)
    elif digest != earlier.sha256:
        raise InputError(
            f"{path} {size} is not the file that was used before: sha256 is {digest}, recorded at its first use is "
            f"{earlier.sha256}; put that file back, or remove {place} to begin with this one"
        )


def hash_state(owner: Pinned, path: Path, source: Source) -> str:
    """`as pinned`, `as at first use`, `not pinned` (not used yet) or `DIFFERS`."""
    if source.pinned:
        kind, digest, pinned = _digests(owner, path, source)
        return f"{kind} as pinned" if digest == pinned else f"DIFFERS: {kind} {digest[:12]}, pinned {pinned[:12]}"
    earlier = recorded(first_use(owner, source))
    if earlier is None:
        return "not pinned"
    return "as at first use" if sha256(path) == earlier.sha256 else f"DIFFERS from first use, {earlier.sha256[:12]}"


def _digests(owner: Pinned, path: Path, source: Source) -> tuple[str, str, str]:
    """The kind of the pinned checksum, that of the file, and the pinned one."""
    kind, _, pinned = (f"sha256:{source.sha256}" if source.sha256 else str(source.checksum)).partition(":")
    if kind not in _CHECKSUMS:
        raise InputError(f"{owner.id}: {source.name}: a checksum begins with {', '.join(_CHECKSUMS)} and a colon")
    return kind, sha256(path) if kind == "sha256" else _CHECKSUMS[kind](path.read_bytes()), pinned


def _diagnosis(owner: Pinned, path: Path, source: Source, is_pinned: Callable[[bytes], bool]) -> str:
    """A clause for the message, such as `: it is empty`; an empty text where nothing is known."""
    size = path.stat().st_size
    if size == 0:
        return ": it is empty"
    if size > _EXAMINED:
        return _by_size(size, source)
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    for other in every_source(owner):
        if other.sha256 == digest:
            return f": it is {other.name} under another name"
    for what, original in _undone(content):
        if is_pinned(original):
            return f": it is the pinned file, {what}"
    beginning = content[:512].lstrip().lower()
    what_it_is = (what for begins, what in _BEGINNINGS.items() if beginning.startswith(begins))
    return next(what_it_is, _by_size(size, source))


def _by_size(size: int, source: Source) -> str:
    if source.bytes is None:
        return ""
    if size < source.bytes:
        return f": {source.bytes - size:,} bytes are missing, it may be cut off"
    return f": {size - source.bytes:,} bytes too many" if size > source.bytes else ": same size, other content"


def _undone(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Contents that the file may have had before somebody re-encoded it, each after a description of the change."""
    if content[:2] == b"\x1f\x8b":
        with suppress(OSError, EOFError, zlib.error), gzip.open(io.BytesIO(content)) as packed:
            yield "gzip'd: unpack it", packed.read(_EXAMINED)
        return
    for encoded, decoded in _decoded(content):
        for ends, text in (
            ("", decoded),
            ("with line ends turned into CRLF", decoded.replace(b"\r", b"")),
            ("with line ends turned from CRLF into LF", decoded.replace(b"\n", b"\r\n")),
        ):
            what = " ".join(filter(None, (encoded, ends)))
            yield what, text
            yield f"{what} without its last newline".strip(), text + b"\n"
            yield f"{what} with one newline more at its end".strip(), text.removesuffix(b"\n")


def _decoded(content: bytes) -> Iterator[tuple[str, bytes]]:
    if content[:3] == b"\xef\xbb\xbf":
        yield "with a UTF-8 byte order mark in front", content[3:]
    elif content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        with suppress(UnicodeDecodeError):
            yield "re-encoded as UTF-16", content.decode("utf-16").encode()
    else:
        yield "", content
        try:
            content.decode()
        except UnicodeDecodeError:
            yield "re-encoded as Windows-1252", content.decode("cp1252", errors="replace").encode()


class FirstUse(NamedTuple):
    """The record of the first use of a file without a pinned hash: its hash, and the commit of a file of the hub."""

    sha256: str
    commit: str | None = None


def recorded(path: Path) -> FirstUse | None:
    try:
        return FirstUse(*path.read_text(encoding="utf-8").split())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"{path}: cannot be read: {error}; remove it to begin with the file that is there") from error


def record(path: Path, *words: str) -> None:
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text("".join(f"{word}\n" for word in words), encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise InputError(f"{path}: the hash of an unpinned file cannot be recorded there: {error}") from error
