"""Downloads over HTTP from unreliable servers: what was received is kept, and a later attempt continues from there.

A download is written to `<target>.part`, and the server's identifier of that version of the file (its ETag or date) to
`<target>.part.version`. A later attempt asks for the rest of the same version (Range, If-Range). A server that ignores
this sends the whole file, and the part is begun anew. A file that is not the pinned one in the end is not installed.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from judgebench.errors import DataUnavailable, InputError
from judgebench.fetch._checks import check, hash_state
from judgebench.fetch._places import Pinned
from judgebench.types import Source

if TYPE_CHECKING:
    import aiohttp
    from tqdm import tqdm

ATTEMPTS = 6
"""Attempts in a row that bring no new byte, before the download fails; as long as bytes arrive, there is no limit."""
PAUSE = 0.5
"""Seconds before the second attempt; twice as long before each further one, up to LONGEST_PAUSE."""
LONGEST_PAUSE = 30.0
_TRANSIENT = (408, 425, 429, 500, 502, 503, 504)


class _Interrupted(Exception):
    """An error after which another attempt may succeed; `wait` is the number of seconds that the server asked for."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.wait = wait


@dataclass(frozen=True)
class _Part:
    """The part of a file that has been received so far."""

    path: Path

    @property
    def version_file(self) -> Path:
        return self.path.with_name(f"{self.path.name}.version")

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path.is_file() else 0

    @property
    def version(self) -> str:
        return self.version_file.read_text(encoding="utf-8") if self.version_file.is_file() else ""

    def begin(self, version: str) -> None:
        self.path.write_bytes(b"")
        self.version_file.write_text(version, encoding="utf-8")

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)
        self.version_file.unlink(missing_ok=True)


def download(owner: Pinned, source: Source, target: Path) -> None:
    """Bring the file to `target`. DataUnavailable where the network fails (what arrived is kept), InputError where
    what the server sent is not the pinned file (nothing is kept)."""
    part = _Part(target.with_name(f"{target.name}.part"))
    in_pieces = _receive_all(owner, source, part)
    if in_pieces and not _is_pinned(owner, source, part):  # the pieces may be of two versions: download it anew
        part.remove()
        _receive_all(owner, source, part)
    if source.pinned:
        try:
            check(owner, part.path, source, called=f"what {source.url} sent")
        except InputError:
            part.remove()
            raise
    part.path.replace(target)
    part.remove()


def _is_pinned(owner: Pinned, source: Source, part: _Part) -> bool:
    return not source.pinned or not hash_state(owner, part.path, source).startswith("DIFFERS")


def _receive_all(owner: Pinned, source: Source, part: _Part) -> bool:
    """Receive the whole file. Returns whether it came in more than one piece."""
    from judgebench import http

    return http.finished(_received(owner, source, part))


async def _received(owner: Pinned, source: Source, part: _Part) -> bool:
    import aiohttp
    from tqdm import tqdm

    from judgebench import http

    failures, most_bytes, in_pieces = 0, part.size, part.size > 0
    with tqdm(desc=source.name, total=source.bytes, initial=most_bytes, unit="B", unit_scale=True, disable=None) as bar:
        async with http.downloads() as session:
            while True:
                try:
                    await _receive(session, source, part, bar)
                except aiohttp.ClientConnectorError as error:  # nothing answers there, so another attempt is pointless
                    raise DataUnavailable(_gave_up(owner, source, part, http.reason(error))) from error
                except (
                    _Interrupted,
                    aiohttp.ClientConnectionError,
                    aiohttp.ClientPayloadError,
                    TimeoutError,
                ) as error:
                    failures = failures + 1 if part.size <= most_bytes else 1
                    most_bytes, in_pieces = max(most_bytes, part.size), True
                    if failures >= ATTEMPTS:
                        raise DataUnavailable(_gave_up(owner, source, part, http.reason(error))) from error
                    await asyncio.sleep(_pause(failures, error))
                except (aiohttp.ClientError, OSError, ValueError) as error:
                    raise DataUnavailable(_gave_up(owner, source, part, http.reason(error))) from error
                else:
                    return in_pieces


async def _receive(session: aiohttp.ClientSession, source: Source, part: _Part, bar: tqdm[NoReturn]) -> None:
    offset, version = part.size, part.version
    if not version and not source.pinned:  # nothing could tell whether the rest belongs to the same version
        offset = 0
    headers = {"Range": f"bytes={offset}-", **({"If-Range": version} if version else {})} if offset else {}
    async with session.get(source.url, headers=headers) as response:
        if response.status == 416:
            part.remove()
            raise _Interrupted("the server has no more of that file")
        if response.status in _TRANSIENT:
            raise _Interrupted(f"{response.status} {response.reason}", _retry_after(response.headers))
        if response.status not in (200, 206):
            raise OSError(f"{response.status} {response.reason}")
        resumes = response.status == 206 and _starts_at(response.headers) == offset
        if response.status == 206 and not resumes:
            part.remove()
            raise _Interrupted("the server sent another part than it was asked for")
        if not resumes:
            part.begin(_version_of(response.headers))
        packed = "Content-Encoding" in response.headers
        expected = part.size + response.content_length if response.content_length is not None and not packed else None
        bar.total, bar.n = source.bytes or expected, part.size
        bar.refresh()
        with part.path.open("ab") as file:
            async for chunk in response.content.iter_any():
                file.write(chunk)
                bar.update(len(chunk))
        if expected is not None and part.size != expected:
            raise _Interrupted(f"{part.size:,} of {expected:,} bytes came")


def _version_of(headers: Mapping[str, str]) -> str:
    """A strong ETag, or the date; empty where the server names neither."""
    tag = headers.get("ETag", "")
    return tag if tag and not tag.startswith("W/") else headers.get("Last-Modified", "")


def _starts_at(headers: Mapping[str, str]) -> int | None:
    match = re.fullmatch(r"bytes (\d{1,18})-\d{1,18}/(?:\d{1,18}|\*)", headers.get("Content-Range", ""))
    return int(match[1]) if match else None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    value = headers.get("Retry-After", "")
    return min(float(value), LONGEST_PAUSE) if value.isdigit() else None


def _pause(failures: int, error: Exception) -> float:
    requested = error.wait if isinstance(error, _Interrupted) else None
    usual = min(PAUSE * 2 ** (failures - 1), LONGEST_PAUSE) * random.uniform(0.75, 1.25)
    return requested if requested is not None else usual


def _gave_up(owner: Pinned, source: Source, part: _Part, why: str) -> str:
    kept = f"; {part.size:,} bytes are kept, and the same command goes on from there" if part.size else ""
    place = f"{owner.mirror or owner.id}/{source.name}"
    return f"{owner.id}: cannot download {source.url}: {why}{kept}; or set JUDGEBENCH_MIRROR to a folder with {place}"
