"""From upstream rows to items, with one module for each family of benchmarks, which the card's `adapter` names. It has

    items(files, options)                the items, in upstream order; `files` maps a source's role to its path
    recorded(paths, labels, options)     optional: judgments that upstream published, read from its own output format
    sources(card, options)               optional: which of the card's files the options ask for

The folder is the registry: nothing else has to be declared, except the modules that adapters share. The adapter of
another distribution's benchmark is the module that its entry point names, under the name of the entry point.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

from judgebench import extensions, fetch, options, resources
from judgebench.adapters import errata, lints
from judgebench.errors import InputError, UnknownName
from judgebench.options import Option
from judgebench.types import Card, Item, Judgment, Label, Source

OWN = "own"
"""The adapter of users' own files."""
ERRATA = Option(errata.OPTION, "corrections: none, latest, or the number of their version")
_SHARED = ("errata", "items", "lints", "pairing")


@dataclass
class Recorded:
    """The judgments of an upstream output file. `orders` is as in `Manifest`; `unmatched` has a line for each row or
    item that could not be paired with one of ours, with the reason."""

    judgments: list[Judgment]
    orders: str
    unmatched: list[str] = field(default_factory=list)


class Adapter(Protocol):
    def items(self, files: Mapping[str, Path], options: Mapping[str, Any]) -> Iterator[Item]: ...

    def recorded(self, paths: Sequence[Path], labels: Mapping[str, Label], options: Mapping[str, str]) -> Recorded: ...


def adapter(name: str) -> Adapter:
    if provider := extension(name):
        module = provider.load(
            lambda module: callable(getattr(module, "items", None)), "a module with items(files, options)"
        )
        return cast("Adapter", module)
    if name not in _built_in():
        raise UnknownName("adapter", name, _built_in())
    return cast("Adapter", import_module(f"{__name__}.{name}"))


def extension(name: str) -> extensions.Extension | None:
    """The extension whose adapter has this name; None where it is judgebench's own, or nothing has it."""
    return None if name in _built_in() else resources.BENCHMARKS.find_any(name)


def _built_in() -> list[str]:
    return [module.name for module in pkgutil.iter_modules(__path__) if module.name not in _SHARED]


def load(card: Card, options: Mapping[str, Any] | None = None) -> list[Item]:
    """The benchmark's items, from files that are exactly the pinned ones, checked against the card. `options` are those
    that the card names, and `errata`."""
    wanted, version = _checked(card, options)
    files = {source.role: fetch.locate(card, source) for source in sources(card, wanted)}
    reader, provider = adapter(card.adapter), extension(card.adapter)
    with extensions.running(provider):
        items = list(reader.items(files, {**card.options, **wanted}))
    if card.adapter != OWN:  # a user's own file may hold anything, and was checked row by row
        lints.require(card, items, as_published=not wanted)
    return errata.applied(card, items, version)


def sources(card: Card, options: Mapping[str, Any] | None = None) -> Sequence[Source]:
    """The files that these options ask for: all of the card's, unless its adapter selects some."""
    wanted, _ = _checked(card, options)
    chooser = getattr(adapter(card.adapter), "sources", None)
    chosen: Sequence[Source] = chooser(card, {**card.options, **wanted}) if chooser else card.sources
    return chosen


def options_of(card: Card) -> list[Option]:
    """The -B options: those for which the card has a default, as its adapter declares them; `errata` if it has any."""
    declared = {option.name: option for option in getattr(adapter(card.adapter), "OPTIONS", ())}
    own = [declared.get(name, Option(name, "see the card")) for name in card.options]
    return [*own, *([ERRATA] if card.errata else [])]


def read_options(card: Card, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """The values of -B options. UnknownName where the benchmark has no such option, InputError for another value."""
    declared = [option for option in options_of(card) if option is not ERRATA]
    values = options.read(card.id, [*declared, *([ERRATA] if card.errata or ERRATA.name in chosen else [])], chosen)
    return {name: values[name] for name in chosen}


def _checked(card: Card, chosen: Mapping[str, Any] | None) -> tuple[dict[str, Any], int]:
    """The adapter's options, and the version of the errata."""
    wanted = dict(chosen or {}) if card.adapter == OWN else read_options(card, chosen or {})
    return wanted, errata.version(card, wanted.pop(errata.OPTION, "none"))


def read_recorded(
    card: Card, paths: Sequence[Path], labels: Mapping[str, Label], options: Mapping[str, str]
) -> Recorded:
    reader = adapter(card.adapter)
    if not hasattr(reader, "recorded"):
        raise InputError(
            f"{card.id} has no published judge outputs that judgebench can read; use the plain format: a CSV or JSONL "
            "file with the columns item, order, verdict"
        )
    return reader.recorded(paths, labels, options)
