"""Pinned files: found in the mirror, or the cache, or downloaded; never used unless their sha256 is the card's.

Of some files nobody could give a hash when the card was written. Such a file is held to the hash that was recorded in
the cache when it was first used on this machine: from then on another file under its name is refused.

A mirror is a folder of copied upstream files, `<JUDGEBENCH_MIRROR>/<card's mirror name>/<upstream file name>`, so that
a machine without a network runs on them. The cache is the user's (platformdirs), or JUDGEBENCH_CACHE.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from judgebench.errors import DataUnavailable, InputError
from judgebench.types import Source


class Pinned(Protocol):
    """What has pinned files: a card, a prompt. `mirror` is its folder in a mirror."""

    @property
    def id(self) -> str: ...
    @property
    def mirror(self) -> str | None: ...


def mirror() -> Path | None:
    named = os.environ.get("JUDGEBENCH_MIRROR")
    if not named:
        return None
    if not Path(named).is_dir():
        raise InputError(f"JUDGEBENCH_MIRROR={named} is not a folder")
    return Path(named)


def cache_folder() -> Path:
    import platformdirs

    return Path(os.environ.get("JUDGEBENCH_CACHE") or platformdirs.user_cache_dir("judgebench"))


def where(owner: Pinned, source: Source) -> Path | None:
    """The file at hand, unchecked; the mirror is searched first."""
    return next((path for path in _places(owner, source) if path.is_file()), None)


def locate(owner: Pinned, source: Source) -> Path:
    """The file at hand, checked against the owner. DataUnavailable where it is absent, InputError where it differs."""
    path = where(owner, source)
    if path is None:
        raise DataUnavailable(_absent(owner, source))
    _check(owner, path, source)
    return path


def fetch(owner: Pinned, source: Source, announce: Callable[[str], None] = lambda _: None) -> Path:
    """The file, downloaded into the cache unless it is at hand. A download that is not the pinned file is removed."""
    if where(owner, source) is not None:
        return locate(owner, source)
    if not source.url:
        raise DataUnavailable(_absent(owner, source))
    import pooch
    from tqdm import tqdm

    target = _cached(owner, source)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    announce(f"{owner.id}: {source.url}")
    try:
        with tqdm(desc=source.name, total=1, unit="B", unit_scale=True, disable=None) as bar:
            pooch.HTTPDownloader(progressbar=bar)(source.url, str(part), None)
        _check(owner, part, source, called=f"what {source.url} sent")
        part.replace(target)
    except (OSError, ValueError) as error:  # requests' errors are OSErrors
        raise DataUnavailable(f"{owner.id}: cannot download {source.url}: {error}") from error
    finally:
        part.unlink(missing_ok=True)
    return target


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def git_id(path: Path) -> str:
    """The id that git gives the file's content."""
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


_CHECKSUMS: dict[str, Callable[[Path], str]] = {"sha256": sha256, "git": git_id, "md5": _md5}


def _places(owner: Pinned, source: Source) -> list[Path]:
    root = mirror()
    mirrored = [root / owner.mirror / source.name] if root and owner.mirror else []
    return [*mirrored, _cached(owner, source)]


def _cached(owner: Pinned, source: Source) -> Path:
    return cache_folder() / "data" / (owner.mirror or owner.id) / source.name


def first_use(owner: Pinned, source: Source) -> Path:
    """Where the hash of a file is recorded that no hash was known of."""
    return cache_folder() / "first-use" / (owner.mirror or owner.id) / f"{source.name}.sha256"


def _absent(owner: Pinned, source: Source) -> str:
    place = f"{owner.mirror or owner.id}/{source.name}"
    if source.url:
        return (
            f"{owner.id}: {source.name} is not on this machine; `judgebench data fetch {owner.id}` downloads it, or "
            f"set JUDGEBENCH_MIRROR to a folder that holds {place}"
        )
    return (
        f"{owner.id}: {source.name} cannot be downloaded, you supply it: put it at {_cached(owner, source)}, or set "
        f"JUDGEBENCH_MIRROR to a folder that holds {place}; the benchmark's card says what must be in it"
    )


def _check(owner: Pinned, path: Path, source: Source, called: str | None = None) -> None:
    if not source.pinned:
        _check_against_first_use(owner, path, source)
        return
    kind, _, pinned = ("sha256:" + source.sha256 if source.sha256 else str(source.checksum)).partition(":")
    if kind not in _CHECKSUMS:
        raise InputError(f"{owner.id}: {source.name}: a checksum begins with {', '.join(_CHECKSUMS)} and a colon")
    found = _CHECKSUMS[kind](path)
    if found != pinned:
        raise InputError(
            f"{called or path} ({path.stat().st_size:,} bytes) is not the pinned file: {kind} is {found}, pinned is "
            f"{pinned}; remove it, or fetch it again from {source.url}"
        )


def _check_against_first_use(owner: Pinned, path: Path, source: Source) -> None:
    record, found = first_use(owner, source), sha256(path)
    try:
        known = record.read_text().strip()
    except FileNotFoundError:
        _record(record, found)
        return
    except (OSError, ValueError) as error:
        raise InputError(f"{record}: cannot be read: {error}") from error
    if found != known:
        raise InputError(
            f"{path} ({path.stat().st_size:,} bytes) is not the file that was used before: sha256 is {found}, recorded "
            f"at its first use is {known}; put that file back, or remove {record} to begin with this one"
        )


def _record(record: Path, found: str) -> None:
    part = record.with_name(f"{record.name}.{os.getpid()}.part")
    try:
        record.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(f"{found}\n")
        part.replace(record)
    except OSError as error:
        raise InputError(f"{record}: the hash of an unpinned file cannot be recorded there: {error}") from error
