"""Judges by name, `kind:name`: a kind is a module here with `open(name, options)` and `CHOICES`, or such a module of
another distribution; the listing is the registry. Modules whose name begins with an underscore are what kinds share."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any, cast

from judgebench import extensions
from judgebench.errors import InputError, UnknownName
from judgebench.types import Judge

_OPTIONS = ("OWN", "OPTIONS", "PROMPT_OPTIONS", "LIMIT_OPTIONS")
"""Where a kind of judge keeps the names of its options."""


def kinds() -> list[str]:
    """Judgebench's own."""
    return [module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")]


def open_judge(spec: str, options: Mapping[str, str] | None = None) -> Judge:
    """The judge that `spec` names, with its -J options; what is wrong with them is said before anything is asked."""
    kind, name = _kind(spec)
    with extensions.running(extension(spec)):
        return cast("Judge", kind.open(name, dict(options or {})))


KINDS = extensions.Names("judges", kinds)


def extension(spec: str) -> extensions.Extension | None:
    """What brings the kind of judge; None where it is judgebench's own, or a judge that was made in Python."""
    return KINDS.find_any(spec.partition(":")[0])


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


def options_of(spec: str) -> tuple[str, ...]:
    """The names of the -J options that the judge has."""
    kind, name = _kind(spec)
    if hasattr(kind, "options_of"):
        return tuple(kind.options_of(name))
    return tuple(option for named in _OPTIONS for option in getattr(kind, named, ()))


def shared_out(
    specs: Iterable[str], options: Mapping[str, str], announce: Callable[[str], None]
) -> dict[str, dict[str, str]]:
    """Each judge's part of options that were given for all: those that it has. What some have not is announced, what
    none has is an UnknownName."""
    known = {spec: options_of(spec) for spec in specs}
    parts: dict[str, dict[str, str]] = {spec: {} for spec in known}
    for option, value in options.items():
        without = [spec for spec in known if option not in known[spec]]
        if len(without) == len(known):
            raise UnknownName(
                f"option of {', '.join(known)}", option, {name for names in known.values() for name in names}
            )
        if without:
            announce(f"{option}={value}: not for {', '.join(without)}, which has no such option")
        for spec in known.keys() - without:
            parts[spec][option] = value
    return parts


def has_no_prompt(spec: str) -> bool:
    """Whether the judge is asked with a prompt and has none of its own: a benchmark may then have one for it."""
    kind, _, name = spec.partition(":")
    if kind == "local":
        entry = import_module(f"{__name__}._models").known("local").get(name.lower())
        return entry is None or entry.prompt is None
    return kind in ("api", "server")


def choices(kind: str) -> dict[str, str]:
    """What a kind offers, by the name to type, for listings."""
    return dict(_module(kind).CHOICES)


def refuse_unknown(judge: str, options: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
    for option in options:
        if option not in allowed:
            raise UnknownName(f"option of {judge}", option, allowed)
