"""Where cards and prompts are: those that travel with judgebench, in a checkout or inside the wheel; the cards of other
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
    """`benchmarks` or `prompts`. The wheel carries them under `_data`; a checkout has them at the top."""
    installed = _PACKAGE / "_data" / name
    return installed if installed.is_dir() else _PACKAGE.parent / name


@cache
def benchmarks() -> tuple[str, ...]:
    """Judgebench's own."""
    return tuple(sorted(path.stem for path in folder("benchmarks").glob("*.yaml")))


BENCHMARKS = extensions.Names("benchmarks", benchmarks)


@cache
def card(benchmark: str) -> Card:
    """The card of an installed benchmark, judgebench's own or another distribution's, by its id."""
    brought = BENCHMARKS.find(benchmark)
    if brought is None:
        return read_card(folder("benchmarks") / f"{benchmark}.yaml")
    try:
        return read_card(brought.file(".yaml"))
    except InputError as error:
        raise brought.error(f"has no card that can be read: {error}") from error


BESIDE = "card.yaml"
"""The card of a benchmark that is not judgebench's own, in its folder of results: what was run on it can be scored
without it."""


def card_beside(folder: Path) -> Card | None:
    """The card that is kept in a benchmark's folder of results; None where there is none, or where an installed
    benchmark has that name, whose card cannot be replaced. A `file` among its options is named from that folder."""
    path = folder / BESIDE
    if not path.is_file():
        return None
    beside = _read(path)
    if beside.id in BENCHMARKS.every():
        return None
    file = beside.options.get("file")
    if isinstance(file, str) and not file.startswith("hf:"):
        located = str((folder.absolute() / file).resolve())
        beside = msgspec.structs.replace(beside, options={**beside.options, "file": located})
    return beside


def read_card(path: Path) -> Card:
    named = _read(path)
    if named.id != path.stem:
        raise InputError(f"{path}: the card calls itself {named.id!r}; a card is named after its file")
    return named


def require_known(number: Any, path: Path) -> None:
    """InputError where a file is of a later format than this judgebench reads."""
    if not isinstance(number, int) or number > FORMAT:
        raise InputError(
            f"{path}: it is of format {number!r}, and this judgebench reads up to {FORMAT}; a newer one wrote it, and "
            "reads it (pip install --upgrade judgebench)"
        )


def _read(path: Path) -> Card:
    try:
        fields = msgspec.yaml.decode(path.read_bytes())
        require_known(fields.get("format", FORMAT) if isinstance(fields, dict) else FORMAT, path)
        return msgspec.convert(fields, Card, str_keys=True)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise InputError(f"{path}: {error}") from error
