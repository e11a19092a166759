"""Pinned files, from the mirror, the cache or a download. None is used unless its sha256 is the card's.

For some files no hash was known when the card was written. The hash of such a file is recorded in the cache when it is
first used on this machine; from then on, another file under its name is refused.

A mirror is a folder of copied upstream files, `<JUDGEBENCH_MIRROR>/<card's mirror name>/<upstream file name>`, so that
a machine without a network runs on them. The cache is the user's (platformdirs), or JUDGEBENCH_CACHE. With
JUDGEBENCH_OFFLINE=1 or HF_HUB_OFFLINE=1 nothing is downloaded: no socket is opened.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from judgebench.errors import DataUnavailable
from judgebench.fetch import _places
from judgebench.fetch._checks import check, hash_state, record, recorded, sha256
from judgebench.fetch._hub import answered as hub_answered
from judgebench.fetch._hub import reason as hub_says
from judgebench.fetch._places import Pinned, cache_folder, every_source, first_use, missing, offline, places, where
from judgebench.types import Source

__all__ = [
    "Pinned", "cache_folder", "every_source", "fetch", "first_use", "hash_state", "hub_answered", "hub_says", "locate",
    "offline", "places", "sha256", "where",
]  # fmt: skip

Announce = Callable[[str], None]


def locate(owner: Pinned, source: Source) -> Path:
    """The file on this machine, checked. DataUnavailable where it is absent, InputError where it is another."""
    path = where(owner, source)
    if path is None:
        raise DataUnavailable(missing(owner, source))
    check(owner, path, source)
    return path


def fetch(owner: Pinned, source: Source, announce: Announce = lambda _: None) -> Path:
    """The file, downloaded into the cache unless it is on this machine. A downloaded file that is not the pinned one is
    never installed. A download that was cut off is kept beside its place and continued the next time."""
    if where(owner, source) is not None or not source.url:
        return locate(owner, source)
    if switch := offline():
        raise DataUnavailable(
            f"{owner.id}: {source.name} is not on this machine, and {switch} forbids to download it; fetch it on one "
            f"with a network, or set JUDGEBENCH_MIRROR to a folder that holds {_places.inside(owner, source)}"
        )
    from filelock import FileLock

    target = _places.cached(owner, source)
    # The lock is never removed, since that could let two processes in.
    lock = cache_folder() / "locks" / f"{_places.inside(owner, source)}.lock"
    for folder in (target.parent, lock.parent):
        folder.mkdir(parents=True, exist_ok=True)
    with FileLock(lock):
        if not target.is_file():  # another process may have brought it meanwhile
            announce(f"{owner.id}: {source.url}")
            _bring(owner, source, target)
    return locate(owner, source)


def _bring(owner: Pinned, source: Source, target: Path) -> None:
    from judgebench.fetch import _download, _hub

    address = _hub.address(source)
    if address is None:
        _download.download(owner, source, target)
        return
    earlier = recorded(first_use(owner, source))
    if earlier and earlier.commit:
        address = address._replace(revision=earlier.commit)
    commit = _hub.download(owner, source, address, target)
    if commit and not source.pinned:
        check(owner, target, source)
        record(first_use(owner, source), sha256(target), commit)
