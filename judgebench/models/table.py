"""The models that can be named by a short name: models.yaml, one entry each."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal, cast, get_args

import msgspec

from judgebench.errors import InputError, UnknownName
from judgebench.types import Record

Kind = Literal["local", "rm", "dpo", "pairrm"]


class Known(Record, frozen=True, kw_only=True):
    """`options` are -J options that this model needs; the user's own come on top."""

    kind: Kind
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
def known(kind: Kind) -> Mapping[str, Known]:
    table = msgspec.yaml.decode((Path(__file__).parent / "models.yaml").read_bytes(), type=dict[str, Known])
    return {name: entry for name, entry in table.items() if entry.kind == kind}


def choices(kind: Kind, others: Mapping[str, str]) -> dict[str, str]:
    """For listings: the kind's general form, then each known model."""
    return {**others, **{f"{kind}:{name}": _line(entry) for name, entry in known(kind).items()}}


def presets(kind: str, name: str) -> Mapping[str, str]:
    """The -J options that a known model needs; the user's own come on top."""
    entry = known(cast("Kind", kind)).get(name.lower()) if kind in get_args(Kind) else None
    return entry.options if entry else {}


def resolved(kind: Kind, name: str) -> tuple[str, Known | None]:
    """Model and entry of what the user typed: a short name, a folder, or a model of the hub."""
    entry = known(kind).get(name.lower())
    if entry is None:
        if not Path(name).is_dir():
            _refuse_misspelt(kind, name)
        return name, None
    return entry.model, entry


def _refuse_misspelt(kind: Kind, name: str) -> None:
    """Before the hub is asked, which would not know that it may have been a short name or a path."""
    if "/" not in name:
        raise UnknownName("model or folder", name, (*known(kind), "ORG/MODEL of the hub"))
    if name.count("/") > 1 or name.startswith((".", "/", "~")):
        raise InputError(f"{kind}:{name}: there is no such folder; a model of the hub is ORG/MODEL")


def _line(entry: Known) -> str:
    needs = [f"prompt={entry.prompt}"] if entry.prompt else []
    needs += [f"{option}={value}" for option, value in entry.options.items()]
    with_these = f"with {', '.join(needs)}" if needs else None
    return "; ".join(filter(None, (f"{entry.what} ({entry.model})", with_these, entry.note, entry.licence)))
