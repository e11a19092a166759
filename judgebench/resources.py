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
    if benchmark not in benchmarks():
        raise UnknownName("benchmark", benchmark, benchmarks())
    return read_card(folder("benchmarks") / f"{benchmark}.yaml")


def read_card(path: Path) -> Card:
    try:
        found = msgspec.yaml.decode(path.read_bytes(), type=Card)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise InputError(f"{path}: {error}") from error
    if found.id != path.stem:
        raise InputError(f"{path}: the card calls itself {found.id!r}; a card is named after its file")
    return found
