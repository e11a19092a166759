"""Finds cards and prompts: those that come with judgebench, in a checkout or inside the wheel; the cards of other
distributions; and those beside a user's own results."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from judgebench import extensions
from judgebench.errors import InputError
from judgebench.types import FORMAT, Card

_PACKAGE = Path(__file__).parent


def folder(name: str) -> Path:
    """The folder `benchmarks` or `prompts`: under `_data` in the wheel, at the top of a checkout."""
    installed = _PACKAGE / "_data" / name
    return installed if installed.is_dir() else _PACKAGE.parent / name


@cache
def benchmarks() -> tuple[str, ...]:
    """The ids of judgebench's own benchmarks."""
    return tuple(sorted(path.stem for path in folder("benchmarks").glob("*.yaml")))


BENCHMARKS = extensions.Names("benchmarks", benchmarks)


@cache
def card(benchmark: str) -> Card:
    """The card of an installed benchmark, judgebench's own or another distribution's, by its id."""
    provider = BENCHMARKS.find(benchmark)
    if provider is None:
        return read_card(folder("benchmarks") / f"{benchmark}.yaml")
    try:
        return read_card(provider.file(".yaml"))
    except InputError as error:
        raise provider.error(f"has no card that can be read: {error}") from error


BESIDE = "card.yaml"
"""The file in a folder of results that keeps the card of a benchmark which is not judgebench's own, so that its runs
can be scored where the benchmark is not installed."""


def card_beside(folder: Path) -> Card | None:
    """The card that is kept in a benchmark's folder of results. None where there is none, or where the folder or the
    card has the id of an installed benchmark, whose card must not be replaced. The `file` among its options is relative
    to there."""
    path = folder / BESIDE
    if folder.name in BENCHMARKS.every() or not path.is_file() or (kept := _read(path)).id in BENCHMARKS.every():
        return None
    file = kept.options.get("file")
    if not isinstance(file, str):
        raise InputError(f"{path}: the card of a user's own benchmark names its file, under options")
    if not file.startswith("hf:"):
        located = str((folder.absolute() / file).resolve())
        kept = msgspec.structs.replace(kept, options={**kept.options, "file": located})
    return kept


def read_card(path: Path) -> Card:
    loaded = _read(path)
    if loaded.id != path.stem:
        raise InputError(f"{path}: the card calls itself {loaded.id!r}; a card is named after its file")
    return loaded


def require_known(number: Any, path: Path) -> int:
    """The number of a file's format; InputError where it is a later one than this judgebench reads."""
    if not isinstance(number, int) or number > FORMAT:
        raise InputError(
            f"{path}: it is of format {number!r}, and this judgebench reads up to {FORMAT}; a newer one wrote it, and "
            "reads it (pip install --upgrade judgebench)"
        )
    return number


def _read(path: Path) -> Card:
    try:
        fields = msgspec.yaml.decode(path.read_bytes())
        require_known(fields.get("format", FORMAT) if isinstance(fields, dict) else FORMAT, path)
        return msgspec.convert(fields, Card, str_keys=True)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise InputError(f"{path}: {error}") from error
