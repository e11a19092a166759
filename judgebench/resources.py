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


def card(benchmark: str) -> Card:
    """A benchmark's card by its id; of a benchmark that is not judgebench's own, once `adopt` has met it."""
    return _adopted[benchmark] if benchmark in _adopted else _built_in(benchmark)


_adopted: dict[str, Card] = {}
BESIDE = "card.yaml"
"""The card of a benchmark that is not judgebench's own, in its folder of results: what was run on it can be scored
without it."""


def adopt(card: Card) -> Card:
    """Make a card known by its id for as long as the program runs. No card of judgebench's own can be replaced."""
    if card.id not in benchmarks():
        _adopted[card.id] = card
    return card


def adopt_beside(folder: Path) -> Card | None:
    """The card that is kept in a benchmark's folder of results, adopted; None where there is none. A `file` among its
    options is named from that folder."""
    path = folder / BESIDE
    if not path.is_file():
        return None
    found = _read(path)
    file = found.options.get("file")
    if isinstance(file, str) and not file.startswith("hf:"):
        located = str((folder.absolute() / file).resolve())
        found = msgspec.structs.replace(found, options={**found.options, "file": located})
    return adopt(found)


@cache
def _built_in(benchmark: str) -> Card:
    if benchmark not in benchmarks():
        raise UnknownName("benchmark", benchmark, benchmarks())
    return read_card(folder("benchmarks") / f"{benchmark}.yaml")


def read_card(path: Path) -> Card:
    found = _read(path)
    if found.id != path.stem:
        raise InputError(f"{path}: the card calls itself {found.id!r}; a card is named after its file")
    return found


def _read(path: Path) -> Card:
    try:
        return msgspec.yaml.decode(path.read_bytes(), type=Card)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise InputError(f"{path}: {error}") from error
