"""The places where pinned files are looked for, and the message where one is absent."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from judgebench.errors import InputError
from judgebench.types import Source


class Pinned(Protocol):
    """What has pinned files: a card, a prompt. `mirror` is its folder in a mirror."""

    @property
    def id(self) -> str: ...
    @property
    def mirror(self) -> str | None: ...
    @property
    def sources(self) -> Sequence[Source]: ...


def cache_folder() -> Path:
    import platformdirs

    return Path(os.environ.get("JUDGEBENCH_CACHE") or platformdirs.user_cache_dir("judgebench"))


def offline() -> str | None:
    """The variable that forbids the network, `JUDGEBENCH_OFFLINE=1` or `HF_HUB_OFFLINE=1`; None where none does."""
    for name in ("JUDGEBENCH_OFFLINE", "HF_HUB_OFFLINE"):
        value = os.environ.get(name, "")
        if value.lower() not in ("", "0", "false", "no", "off"):
            return f"{name}={value}"
    return None


def where(owner: Pinned, source: Source) -> Path | None:
    """The file on this machine, unchecked; the mirror is searched first."""
    return next((path for _, path in places(owner, source) if path.is_file()), None)


def places(owner: Pinned, source: Source) -> list[tuple[str, Path]]:
    """Where the file may be, in the order of search: `mirror` (if one is set) and `cache`."""
    root = os.environ.get("JUDGEBENCH_MIRROR")
    if root and not Path(root).is_dir():
        raise InputError(f"JUDGEBENCH_MIRROR={root} is not a folder")
    mirrored = [("mirror", Path(root, inside(owner, source)))] if root and owner.mirror else []
    return [*mirrored, ("cache", cached(owner, source))]


def inside(owner: Pinned, source: Source) -> str:
    """The file's place below a mirror and in the cache. Cards and prompts come from anywhere: InputError where a name
    leads out of these folders."""
    for name in (owner.mirror or owner.id, source.name):
        parts = name.replace("\\", "/").split("/")
        if {"", ".", ".."} & set(parts) or "\0" in name or ":" in parts[0]:
            raise InputError(f"{owner.id}: {name!r} is no name of a file or folder below another: it leads elsewhere")
    return f"{owner.mirror or owner.id}/{source.name}"


def cached(owner: Pinned, source: Source) -> Path:
    return cache_folder() / "data" / inside(owner, source)


def first_use(owner: Pinned, source: Source) -> Path:
    """Where the hash of a file is recorded whose card states none."""
    return cache_folder() / "first-use" / f"{inside(owner, source)}.sha256"


def every_source(owner: Pinned) -> list[Source]:
    """The owner's own files, and those of a card's recordings."""
    recordings = getattr(owner, "recordings", ())
    return [*owner.sources, *(source for recording in recordings for source in recording.files)]


def missing(owner: Pinned, source: Source) -> str:
    place = inside(owner, source)
    if renamed := _renamed(owner, source):
        return f"{owner.id}: {source.name} is not on this machine, but {renamed} is that file: name it {place}"
    if source.url:
        return (
            f"{owner.id}: {source.name} is not on this machine; `judgebench data fetch {owner.id}` downloads it, or "
            f"set JUDGEBENCH_MIRROR to a folder that holds {place}"
        )
    return (
        f"{owner.id}: {source.name} cannot be downloaded, you supply it: put it at {cached(owner, source)}, or set "
        f"JUDGEBENCH_MIRROR to a folder that holds {place}; the benchmark's card says what must be in it"
    )


_LOOKED_AT = 64
"""How many files of a folder are compared when one may have been renamed."""


def _renamed(owner: Pinned, source: Source) -> Path | None:
    """A file in one of the folders searched that has the pinned content under another name."""
    from judgebench.fetch._checks import sha256

    for _, place in places(owner, source) if source.sha256 else ():
        files = [path for path in sorted(place.parent.glob("*")) if path.is_file()]
        candidates = [path for path in files if source.bytes in (None, path.stat().st_size)]
        for path in candidates[:_LOOKED_AT]:
            if sha256(path) == source.sha256:
                return path
    return None
