"""Judges by name, `kind:model`: a kind is a module here, a kind of model (judgebench.models), or a module of another
distribution; the listing is the registry. Modules whose name begins with an underscore are what kinds share. A model is
asked with a prompt where it writes, and for its scores where it scores. Any other kind has

    OPTIONS                  its -J options (judgebench.options); or options_of(name), where they depend on the model
    open(name, options)      the judge (judgebench.types.Judge), of the values of what was given, and of defaults
    CHOICES                  what can be typed, for listings
    PLACE                    optional: what is typed before the model, where that is an address or code; such a judge
                             is never opened because a folder of results names it

A judge may say `usual`: what its options would have been without being given, where that is no fixed default (a
prompt's temperature); and `model`: what it is called after, where that is not what was typed (of a server, without its
address); and `fit(trials)`, what Opened.fitted asks for: changes of its protocol, and more fields of the manifest.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any, Protocol, cast, runtime_checkable

from judgebench import extensions, models
from judgebench import options as declared
from judgebench.errors import InputError, UnknownName
from judgebench.models import Model, table
from judgebench.options import Option
from judgebench.types import Judge, JudgeRef, Judgment, Key, Request, Trial, Usage


@dataclass(frozen=True)
class Opened:
    """A judge, and what a manifest says of it. `settings` are options that change no answer, as they were typed."""

    made: Judge
    ref: JudgeRef
    settings: Mapping[str, str]
    protocol: Mapping[str, Any]
    provenance: Mapping[str, Any]
    needs_texts: bool
    record: Mapping[str, Any] = field(default_factory=dict)
    """What else a manifest says, once it is known what the judge is asked about."""

    def fitted(self, trials: Sequence[Trial]) -> Opened:
        """As it is asked about trials like these, one of each sort. InputError where it would be shown less of them
        than they have and nobody says so."""
        if hasattr(self.made, "fit"):
            with extensions.running(extension(self.ref.kind)):
                changed, record = self.made.fit(trials)
            return replace(self, protocol={**self.protocol, **changed}, record=record)
        if extension(self.ref.kind) is not None:  # it is given the materials, and nobody here knows what it shows
            return self
        has = {name for trial in trials for name in trial.has}
        if "images" in has and self.ref.kind in models.kinds():
            instead = "ask server:, api:, or a vision-language model in local:"
            raise InputError(f"{self.name} reads texts alone, and the items have images: {instead}")
        return replace(self, record={"not_shown": tuple(sorted(has))})

    @property
    def name(self) -> str:
        return self.ref.name

    def judge(self, trials: Iterable[Trial]) -> Iterator[Judgment]:
        brought = extension(self.ref.kind)
        return self.made.judge(trials) if brought is None else self._judge(trials, brought)

    def _judge(self, trials: Iterable[Trial], brought: extensions.Extension) -> Iterator[Judgment]:
        """By another distribution's code. Where that fails, the error names the item that it was shown last."""
        under_way: dict[Key, None] = {}

        def shown() -> Iterator[Trial]:
            for trial in trials:
                under_way[trial.key] = None
                yield trial

        def doing() -> str:
            if not under_way:
                return f", as {self.name} was asked"
            latest = next(reversed(under_way))
            order = "".join(chr(65 + slot) for slot in latest.order)
            more = f", the last of {len(under_way):,} under way" if len(under_way) > 1 else ""
            return f", as {self.name} was shown item {latest.item!r} in order {order}{more}"

        with brought.running(doing):
            for judgment in self.made.judge(shown()):
                if not isinstance(judgment, Judgment):
                    raise brought.error(f"gave {judgment!r}, which is no Judgment{doing()}")
                under_way.pop(judgment.key, None)
                yield judgment


@runtime_checkable
class Asking(Protocol):
    """A judge whose requests can be looked at, and their price known, before anything is asked. It may have a
    `placebo`: itself with the words exchanged that its options go by, and of how many items that is asked."""

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
    modules = {module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")}
    return sorted({*modules, *models.kinds()})


KINDS = extensions.Names("judges", kinds)


def extension(kind: str) -> extensions.Extension | None:
    """What brings the kind of judge; None where it is judgebench's own, or a judge that was made in Python."""
    return KINDS.find_any(kind)


def find(kind: str) -> Any:
    """The kind of that name, with what is said above, or in judgebench.models."""
    brought = KINDS.find(kind)
    if brought is not None:
        shape = "a module with a function open(name, options) and CHOICES, the names to type and what they are"
        return brought.load(
            lambda made: callable(getattr(made, "open", None)) and isinstance(getattr(made, "CHOICES", None), Mapping),
            shape,
        )
    return models.find(kind) if kind in models.kinds() else import_module(f"{__name__}.{kind}")


def _writes(kind: str) -> bool:
    return kind in models.kinds() and not getattr(models.find(kind), "SCORES", False)


def _kind(typed: str) -> tuple[Any, str, str, tuple[Option, ...]]:
    """Of what was typed: the kind, what the kind is called, which of the kind it is, and the -J options that it has."""
    spec = declared.own_name(typed)[1]
    kind, colon, name = spec.partition(":")
    if kind not in KINDS.every():
        raise UnknownName("kind of judge", kind, (f"{kind}:" for kind in KINDS.every()))
    if not colon or not name:
        raise InputError(f"a judge is named kind:name, as in baseline:longest; {spec!r} lacks its name")
    made = find(kind)
    options = made.options_of(name) if hasattr(made, "options_of") else getattr(made, "OPTIONS", ())
    if _writes(kind):
        from judgebench.judges._settings import PROMPT_OPTIONS

        options = (*options, *PROMPT_OPTIONS)
    return made, kind, name, tuple(options)


def _judge_of(model: Model, options: Mapping[str, Any]) -> Judge:
    from judgebench.judges import _prompted, _scored

    if model.scorer is not None:
        return _scored.ByScores(model.scorer, model.spec, model.model, model.identity, model.provenance)
    return _prompted.prompted(model, options)


def options_of(typed: str) -> Sequence[Option]:
    """The -J options that the judge has."""
    return _kind(typed)[3]


def open_judge(typed: str, options: Mapping[str, Any] | None = None) -> Opened:
    """The judge that was typed, `kind:model` or `NAME=kind:model`, with its -J options; what is wrong with them is said
    before anything is asked."""
    called, spec = declared.own_name(typed)
    module, kind, name, there_are = _kind(typed)
    given, presets = dict(options or {}), table.presets(kind, name)
    values = declared.read(spec, there_are, {**presets, **given})
    with extensions.running(extension(kind)):
        opened = module.open(name, values)
        made = cast("Judge", _judge_of(opened, values) if isinstance(opened, Model) else opened)
        protocol, provenance, needs_texts = made.protocol, made.provenance, made.needs_texts
    usual = {**declared.read(spec, there_are, presets), **getattr(made, "usual", {})}
    ref = JudgeRef(
        kind=kind,
        model=getattr(made, "model", name),
        options=declared.identity(there_are, {option: values[option] for option in given}, usual),
        called=called,
    )
    harmless = {option.name for option in there_are if option.harmless}
    settings = {name: declared.as_typed(value) for name, value in given.items() if name in harmless}
    return Opened(made, ref, settings, protocol, provenance, needs_texts)


def shared_out(
    judges: Iterable[str], given: Mapping[str, str], announce: Callable[[str], None]
) -> dict[str, dict[str, str]]:
    """Each judge's part of the options: those typed for it alone, `NAME.option`, and of those that were given for all
    the ones that it has. What some have not is announced, what none has is an UnknownName."""
    theirs = {judge: [option.name for option in options_of(judge)] for judge in judges}
    named = {name: judge for judge in theirs if (name := declared.own_name(judge)[0])}
    everyone, alone = declared.for_one(given, named)
    parts: dict[str, dict[str, str]] = {judge: {} for judge in theirs}
    for option, value in everyone.items():
        without = [judge for judge in theirs if option not in theirs[judge]]
        if len(without) == len(theirs):
            raise UnknownName(f"option of {', '.join(theirs)}", option, set().union(*theirs.values()))
        if without:
            announce(f"{option}={value}: not for {', '.join(without)}, which has no such option")
        for judge in theirs.keys() - without:
            parts[judge][option] = value
    for name, own in alone.items():
        if unknown := [option for option in own if option not in theirs[named[name]]]:
            raise UnknownName(f"option of {named[name]}", unknown[0], theirs[named[name]])
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
    return str(getattr(find(kind), "PLACE", ""))


def has_no_prompt(typed: str) -> bool:
    """Whether the judge is asked with a prompt and has none of its own: a benchmark may then have one for it."""
    kind, _, name = declared.own_name(typed)[1].partition(":")
    entry = table.entries(kind).get(name.lower())
    return _writes(kind) and (entry is None or entry.prompt is None)


def choices(kind: str) -> dict[str, str]:
    """What a kind offers, by the name to type, for listings."""
    return dict(find(kind).CHOICES)
