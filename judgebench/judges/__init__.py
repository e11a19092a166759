"""Judges by name, `kind:name`: a kind is a module here with `open(name, options)`; the listing is the registry.
Modules whose name begins with an underscore are what kinds share."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from typing import Any, cast

from judgebench.errors import InputError, UnknownName
from judgebench.types import Judge


def kinds() -> list[str]:
    return [module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")]


def open_judge(spec: str, options: Mapping[str, str] | None = None) -> Judge:
    """The judge that `spec` names, with its -J options; what is wrong with them is said before anything is asked."""
    kind, colon, name = spec.partition(":")
    if kind not in kinds():
        raise UnknownName("kind of judge", kind, (f"{kind}:" for kind in kinds()))
    if not colon or not name:
        raise InputError(f"a judge is named kind:name, as in baseline:longest; {spec!r} lacks its name")
    return cast("Judge", import_module(f"{__name__}.{kind}").open(name, dict(options or {})))


def has_no_prompt(spec: str) -> bool:
    """Whether the judge is asked with a prompt and has none of its own: a benchmark may then have one for it."""
    kind, _, name = spec.partition(":")
    if kind == "local":
        entry = import_module(f"{__name__}._models").known("local").get(name.lower())
        return entry is None or entry.prompt is None
    return kind in ("api", "server")


def choices(kind: str) -> dict[str, str]:
    """What a kind offers, by the name to type, for listings."""
    return dict(import_module(f"{__name__}.{kind}").CHOICES)


def refuse_unknown(judge: str, options: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
    for option in options:
        if option not in allowed:
            raise UnknownName(f"option of {judge}", option, allowed)
