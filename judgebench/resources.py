"""Where the files that travel with judgebench are: cards and prompts, in a checkout or inside the wheel."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from judgebench.errors import InputError, UnknownName
from judgebench.types import Card

_PACKAGE = Path(__file__).parent


def folder(name: str) -> Path:
    """`benchmarks` or `prompts`. The wheel carries them under `_data`; a checkout has them at the top."""
    installed = _PACKAGE / "_data" / name
    return installed if installed.is_dir() else _PACKAGE.parent / name


@cache
def benchmarks() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in folder("benchmarks").glob("*.yaml")))


@cache
def card(benchmark: str) -> Card:
    """The card of one of judgebench's own benchmarks, by its id."""
    if benchmark not in benchmarks():
        raise UnknownName("benchmark", benchmark, benchmarks())
    return read_card(folder("benchmarks") / f"{benchmark}.yaml")


BESIDE = "card.yaml"
"""The card of a benchmark that is not judgebench's own, in its folder of results: what was run on it can be scored
without it."""


def card_beside(folder: Path) -> Card | None:
    """The card that is kept in a benchmark's folder of results; None where there is none, or where a benchmark of
    judgebench's own has that name, whose card cannot be replaced. A `file` among its options is named from that
    folder."""
    path = folder / BESIDE
    if not path.is_file():
        return None
    beside = _read(path)
    if beside.id in benchmarks():
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


def _read(path: Path) -> Card:
    try:
        return msgspec.yaml.decode(path.read_bytes(), type=Card)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise InputError(f"{path}: {error}") from error
