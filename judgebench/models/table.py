"""The models that can be named by a short name: models.yaml, one entry each."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from judgebench.errors import InputError, UnknownName
from judgebench.types import Record

Weights = Literal["local", "rm", "dpo", "pairrm"]
"""The kinds of models that are loaded here."""


class Entry(Record, frozen=True, kw_only=True):
    """`options` are -J options that this model needs; the user's own come on top."""

    kind: Weights
    model: str
    """On the hub."""
    what: str
    source: str
    """Where the model, its prompt and these options are described."""
    prompt: str | None = None
    options: dict[str, str] = msgspec.field(default_factory=dict)
    licence: str | None = None
    note: str | None = None


@cache
def entries(kind: str) -> Mapping[str, Entry]:
    """Those of a kind, by their short names; none of a kind without any."""
    table = msgspec.yaml.decode((Path(__file__).parent / "models.yaml").read_bytes(), type=dict[str, Entry])
    return {name: entry for name, entry in table.items() if entry.kind == kind}


def described(kind: Weights) -> dict[str, str]:
    """For listings, by what is typed."""
    return {f"{kind}:{name}": _line(entry) for name, entry in entries(kind).items()}


def presets(kind: str, name: str) -> Mapping[str, str]:
    """The -J options that a model of the table needs; the user's own come on top."""
    entry = entries(kind).get(name.lower())
    return entry.options if entry else {}


def resolved(kind: Weights, name: str) -> tuple[str, Entry | None]:
    """Model and entry of what the user typed: a short name, a folder, or a model of the hub. A name that can be none of
    them is refused before the hub is asked, which would not know that it may have been a short name or a path."""
    entry = entries(kind).get(name.lower())
    if entry is not None:
        return entry.model, entry
    if not Path(name).is_dir():
        if "/" not in name:
            raise UnknownName("model or folder", name, (*entries(kind), "ORG/MODEL of the hub"))
        if name.count("/") > 1 or name.startswith((".", "/", "~")):
            raise InputError(f"{kind}:{name}: there is no such folder; a model of the hub is ORG/MODEL")
    return name, None


def _line(entry: Entry) -> str:
    needs = [f"prompt={entry.prompt}"] if entry.prompt else []
    needs += [f"{option}={value}" for option, value in entry.options.items()]
    with_these = f"with {', '.join(needs)}" if needs else None
    return "; ".join(filter(None, (f"{entry.what} ({entry.model})", with_these, entry.note, entry.licence)))
