"""Models by name, `kind:model`: what answers requests, or scores responses. A kind is a module here, or one of those in
`weights`. It has what a kind of judge has (judgebench.judges): OPTIONS, which are those that belong to no prompt; open,
which makes a Model; CHOICES, and maybe PLACE. SCORES is True where it scores responses; the others write text.

Judges, the samplers and graders of `build-pairs`, and whatever else asks a model share it; `table` has the models that
can be named by a short name.
"""

from __future__ import annotations

import os
import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, get_args

from judgebench import options as declared
from judgebench.backends.credentials import is_secret
from judgebench.backends.reward import Scorer
from judgebench.errors import InputError
from judgebench.models import table
from judgebench.options import Option, amount, or_none, whole
from judgebench.types import Backend, JudgeRef

SAMPLING = (
    or_none(amount("temperature", "0 unless the prompt says otherwise; none leaves it to the model")),
    or_none(amount("top_p", "nucleus sampling")),
    or_none(whole("top_k", "sampling among the likeliest tokens")),
    whole("max_tokens", "of an answer"),
    or_none(whole("num_beams", "beam search, where the backend has it")),
    or_none(amount("repetition_penalty", "above 1 repeats less")),
    or_none(whole("seed", "for sampling", None)),
)
"""Options of whoever asks a model that writes: fields of types.Generation."""


@dataclass(frozen=True)
class Model:
    """What answers requests (`writer`), or scores responses (`scorer`)."""

    spec: str
    """What messages call it."""
    model: str
    """What it is called after its kind: never an address."""
    identity: Mapping[str, Any]
    """All of it that changes answers (model, revision, dtype, more fields of a request): the manifest's protocol."""
    provenance: Mapping[str, Any] = field(default_factory=dict)
    """Where and with what it is run, which changes none: model, device, versions; `url` where the user chose one."""
    writer: Backend | None = None
    scorer: Scorer | None = None
    prompt: str | None = None
    """The prompt that it was trained on, if it has one."""

    def require_writer(self) -> Backend:
        if self.writer is None:
            raise InputError(f"{self.spec} writes no text; a model that does is api:..., server:... or local:...")
        return self.writer


def kinds() -> list[str]:
    modules = {module.name for module in pkgutil.iter_modules(__path__)} - {"table", "weights"}
    return sorted({*modules, *get_args(table.Weights)})


def find(kind: str) -> Any:
    """The kind of that name, with what is said above."""
    if kind in get_args(table.Weights):
        return import_module(f"{__name__}.weights").KINDS[kind]
    return import_module(f"{__name__}.{kind}")


def open_model(
    typed: str, options: Mapping[str, Any], own: Iterable[Option] = ()
) -> tuple[Model, JudgeRef, dict[str, Any]]:
    """The model that was typed, `kind:model` or `NAME=kind:model`, what it is called in a manifest, and the values of
    its -J options and of those that whoever asks it has beside (`own`); what is wrong with them is said before anything
    is asked."""
    called, spec = declared.own_name(typed)
    kind, _, name = spec.partition(":")
    if kind not in kinds() or not name:
        raise InputError(f"{typed} names no model; there are: {', '.join(f'{kind}:...' for kind in kinds())}")
    module = find(kind)
    there_are = (*module.OPTIONS, *own)
    named = {option.name for option in there_are}
    presets = {option: value for option, value in table.presets(kind, name).items() if option in named}
    values = declared.read(spec, there_are, {**presets, **options})
    model: Model = module.open(name, values)
    return model, JudgeRef(kind=kind, model=model.model, called=called), values


def keys() -> list[str]:
    """The names of the variables that hold keys."""
    return sorted(name for name, value in os.environ.items() if value and is_secret(name))
