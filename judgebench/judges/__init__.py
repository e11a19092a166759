"""Judges by name, `kind:model`: a kind is a module here, or one of another distribution; the listing is the registry.
Modules whose name begins with an underscore are what kinds share. A kind has

    OPTIONS                  its -J options (judgebench.options); or options_of(name), where they depend on the model
    open(name, options)      the judge (judgebench.types.Judge), of the values of what was given, and of defaults
    CHOICES                  what can be typed, for listings
    PLACE                    optional: what is typed before the model, where that is an address or code; such a judge
                             is never opened because a folder of results names it

A judge may say `usual`: what its options would have been without being given, where that is no fixed default (a
prompt's temperature); and `model`: what it is called after, where that is not what was typed (of a server, without its
address).
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol, cast, runtime_checkable

from judgebench import extensions
from judgebench import options as declared
from judgebench.errors import InputError, UnknownName
from judgebench.models import table
from judgebench.options import Option
from judgebench.types import Judge, JudgeRef, Judgment, Request, Trial, Usage


@dataclass(frozen=True)
class Opened:
    """A judge, and what a manifest says of it. `settings` are options that change no answer, as they were typed."""

    made: Judge
    ref: JudgeRef
    settings: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.ref.name

    @property
    def protocol(self) -> Mapping[str, Any]:
        return self.made.protocol

    @property
    def provenance(self) -> Mapping[str, Any]:
        return self.made.provenance

    @property
    def needs_texts(self) -> bool:
        return self.made.needs_texts

    def judge(self, trials: Iterable[Trial]) -> Iterator[Judgment]:
        return self.made.judge(trials)


@runtime_checkable
class Asking(Protocol):
    """A judge whose requests can be looked at, and their price known, before anything is asked."""

    def preview(self, trials: Iterable[Trial]) -> list[Request]:
        """What these trials would be asked. InputError where one of them cannot be."""

    def quote(self, request: Request) -> Usage | None:
        """As types.Backend has it."""


def asking(judge: Judge) -> Asking | None:
    """The judge, if it is one that asks with requests."""
    made = judge.made if isinstance(judge, Opened) else judge
    return made if isinstance(made, Asking) else None


def kinds() -> list[str]:
    """Judgebench's own."""
    return [module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")]


def open_judge(typed: str, options: Mapping[str, Any] | None = None) -> Opened:
    """The judge that was typed, `kind:model` or `NAME=kind:model`, with its -J options; what is wrong with them is said
    before anything is asked."""
    called, spec = declared.own_name(typed)
    module, name = _kind(spec)
    there_are, given = _options(module, name), dict(options or {})
    kind = spec.partition(":")[0]
    presets = table.presets(kind, name)
    values = declared.read(spec, there_are, {**presets, **given})
    with extensions.running(extension(kind)):
        made = cast("Judge", module.open(name, values))
    usual = {**declared.read(spec, there_are, presets), **getattr(made, "usual", {})}
    ref = JudgeRef(
        kind=kind,
        model=getattr(made, "model", name),
        options=declared.identity(there_are, {option: values[option] for option in given}, usual),
        called=called,
    )
    harmless = {option.name for option in there_are if option.harmless}
    return Opened(made, ref, {name: declared.as_typed(given[name]) for name in given if name in harmless})


KINDS = extensions.Names("judges", kinds)


def extension(kind: str) -> extensions.Extension | None:
    """What brings the kind of judge; None where it is judgebench's own, or a judge that was made in Python."""
    return KINDS.find_any(kind)


def _kind(spec: str) -> tuple[Any, str]:
    kind, colon, name = spec.partition(":")
    if kind not in KINDS.every():
        raise UnknownName("kind of judge", kind, (f"{kind}:" for kind in KINDS.every()))
    if not colon or not name:
        raise InputError(f"a judge is named kind:name, as in baseline:longest; {spec!r} lacks its name")
    return _module(kind), name


def _module(kind: str) -> Any:
    brought = KINDS.find(kind)
    if brought is None:
        return import_module(f"{__name__}.{kind}")
    return brought.load(
        lambda module: (
            callable(getattr(module, "open", None)) and isinstance(getattr(module, "CHOICES", None), Mapping)
        ),
        "a module with a function open(name, options) and CHOICES, the names to type and what they are",
    )


def _options(kind: Any, name: str) -> Sequence[Option]:
    return tuple(kind.options_of(name) if hasattr(kind, "options_of") else getattr(kind, "OPTIONS", ()))


def options_of(typed: str) -> Sequence[Option]:
    """The -J options that the judge has."""
    return _options(*_kind(declared.own_name(typed)[1]))


def shared_out(
    judges: Iterable[str], given: Mapping[str, str], announce: Callable[[str], None]
) -> dict[str, dict[str, str]]:
    """Each judge's part of the options: those typed for it alone, `NAME.option`, and of those that were given for all
    the ones that it has. What some have not is announced, what none has is an UnknownName."""
    known = {judge: [option.name for option in options_of(judge)] for judge in judges}
    named = {name: judge for judge in known if (name := declared.own_name(judge)[0])}
    everyone, alone = declared.for_one(given, named)
    parts: dict[str, dict[str, str]] = {judge: {} for judge in known}
    for option, value in everyone.items():
        without = [judge for judge in known if option not in known[judge]]
        if len(without) == len(known):
            raise UnknownName(
                f"option of {', '.join(known)}", option, {name for names in known.values() for name in names}
            )
        if without:
            announce(f"{option}={value}: not for {', '.join(without)}, which has no such option")
        for judge in known.keys() - without:
            parts[judge][option] = value
    for name, own in alone.items():
        if unknown := [option for option in own if option not in known[named[name]]]:
            raise UnknownName(f"option of {named[name]}", unknown[0], known[named[name]])
        parts[named[name]] |= own
    return parts


def require_distinct(judges: Iterable[tuple[str, Opened]]) -> None:
    """InputError where two judges of one command, each with what was typed, would share their answers."""
    first: dict[str, str] = {}
    for typed, judge in judges:
        if judge.name in first:
            spec = declared.own_name(typed)[1]
            raise InputError(
                f"{first[judge.name]} and {typed} are both {judge.name}, and would share their answers: give one a "
                f"name of its own, as in -j NAME={spec}"
            )
        first[judge.name] = typed


def named_by_place(kind: str) -> str:
    """`server:URL#`, of a kind whose judges are named by an address or by code; empty for the others."""
    return str(getattr(_kind(f"{kind}:?")[0], "PLACE", ""))


def has_no_prompt(typed: str) -> bool:
    """Whether the judge is asked with a prompt and has none of its own: a benchmark may then have one for it."""
    kind, _, name = declared.own_name(typed)[1].partition(":")
    if kind == "local":
        entry = table.known("local").get(name.lower())
        return entry is None or entry.prompt is None
    return kind in ("api", "server")


def choices(kind: str) -> dict[str, str]:
    """What a kind offers, by the name to type, for listings."""
    return dict(_module(kind).CHOICES)
