"""Downloads over HTTP from unreliable servers: what was received is kept, and a later attempt continues from there.

A download is written to `<target>.part`, and the server's identifier of that version of the file (its ETag or date) to
`<target>.part.version`. A later attempt asks for the rest of the same version (Range, If-Range). A server that ignores
this sends the whole file, and the part is begun anew. A file that is not the pinned one in the end is not installed.
"""

from __future__ import annotations

import asyncio
import random
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from judgebench.errors import DataUnavailable, InputError
from judgebench.fetch._checks import check, hash_state
from judgebench.fetch._places import Pinned, inside
from judgebench.types import Source

if TYPE_CHECKING:
    import aiohttp
    from tqdm import tqdm

ATTEMPTS = 6
"""Attempts in a row that bring no new byte, before the download fails; as long as bytes arrive, there is no limit."""
PAUSE = 0.5
"""Seconds before the second attempt; twice as long before each further one, up to LONGEST_PAUSE."""
LONGEST_PAUSE = 30.0
LARGEST = 16 << 30
"""Bytes of a file whose size no card states."""
SLACK = 1 << 20
"""So much more than a file's size may come: another version, or a page, which its hash then names."""
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

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)
        self.version_file.unlink(missing_ok=True)


def download(owner: Pinned, source: Source, target: Path) -> None:
    """Bring the file to `target`. DataUnavailable where the network fails (what arrived is kept), InputError where
    what the server sent is not the pinned file (nothing is kept)."""
    from judgebench import http

    part = _Part(target.with_name(f"{target.name}.part"))
    in_pieces = http.finished(_received(owner, source, part))
    if in_pieces and source.pinned and hash_state(owner, part.path, source).startswith("DIFFERS"):
        part.remove()  # the pieces may be of two versions: download it anew
        http.finished(_received(owner, source, part))
    if source.pinned:
        try:
            check(owner, part.path, source, called=f"what {source.url} sent")
        except InputError:
            part.remove()
            raise
    part.path.replace(target)
    part.remove()


async def _received(owner: Pinned, source: Source, part: _Part) -> bool:
    """Receive the whole file. Returns whether it came in more than one piece."""
    import aiohttp
    from tqdm import tqdm

    from judgebench import http

    broken = (_Interrupted, aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError)
    failures, most_bytes, in_pieces = 0, part.size, part.size > 0
    with tqdm(desc=source.name, total=source.bytes, initial=most_bytes, unit="B", unit_scale=True, disable=None) as bar:
        async with http.downloads() as session:
            while True:
                try:
                    await _receive(session, source, part, bar)
                except (_Interrupted, aiohttp.ClientError, OSError, ValueError) as error:
                    failures = failures + 1 if part.size <= most_bytes else 1
                    most_bytes, in_pieces = max(most_bytes, part.size), True
                    # Where nothing answers, another attempt is pointless.
                    pointless = isinstance(error, aiohttp.ClientConnectorError) or not isinstance(error, broken)
                    if pointless or failures >= ATTEMPTS:
                        kept = f"; {part.size:,} bytes are kept, and the same command goes on from there"
                        raise DataUnavailable(
                            f"{owner.id}: cannot download {source.url}: {http.reason(error)}{kept if part.size else ''}"
                            f"; or set JUDGEBENCH_MIRROR to a folder with {inside(owner, source)}"
                        ) from error
                    wait = error.wait if isinstance(error, _Interrupted) else None
                    usual = min(PAUSE * 2 ** (failures - 1), LONGEST_PAUSE) * random.uniform(0.75, 1.25)
                    await asyncio.sleep(usual if wait is None else wait)
                else:
                    return in_pieces


async def _receive(session: aiohttp.ClientSession, source: Source, part: _Part, bar: tqdm[NoReturn]) -> None:
    offset = part.size
    version = part.version_file.read_text(encoding="utf-8") if part.version_file.is_file() else ""
    if not version and not source.pinned:  # nothing could tell whether the rest belongs to the same version
        offset = 0
    headers = {"Range": f"bytes={offset}-", **({"If-Range": version} if version else {})} if offset else {}
    async with session.get(source.url, headers=headers) as response:
        if response.status == 416:
            part.remove()
            raise _Interrupted("the server has no more of that file")
        if response.status in _TRANSIENT:
            wait = response.headers.get("Retry-After", "")
            seconds = min(float(wait), LONGEST_PAUSE) if wait.isdigit() else None
            raise _Interrupted(f"{response.status} {response.reason}", seconds)
        if response.status not in (200, 206):
            raise OSError(f"{response.status} {response.reason}")
        if response.status == 206:
            span = re.fullmatch(r"bytes (\d{1,18})-\d{1,18}/(?:\d{1,18}|\*)", response.headers.get("Content-Range", ""))
            if span is None or int(span[1]) != offset:
                part.remove()
                raise _Interrupted("the server sent another part than it was asked for")
        else:
            tag, date = response.headers.get("ETag") or "W/", response.headers.get("Last-Modified", "")
            part.path.write_bytes(b"")
            part.version_file.write_text(date if tag.startswith("W/") else tag, encoding="utf-8")
        packed = "Content-Encoding" in response.headers
        expected = part.size + response.content_length if response.content_length is not None and not packed else None
        bar.total, bar.n, most = source.bytes or expected, part.size, (source.bytes or LARGEST) + SLACK
        bar.refresh()
        with part.path.open("ab") as file:
            async for chunk in response.content.iter_any():
                file.write(chunk)
                bar.update(len(chunk))
                if file.tell() > most:
                    part.remove()
                    raise InputError(
                        f"{source.url} sends more than the {most - SLACK:,} bytes that {source.name} may have"
                    )
        if expected is not None and part.size != expected:
            raise _Interrupted(f"{part.size:,} of {expected:,} bytes came")
