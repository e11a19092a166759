"""An option, declared once: its name, what it may be, and whether another value makes another judge or benchmark.

The command line, the Python API and a manifest read options through the same declaration, `read`. An option is part of
what something *is* unless it says why it is not (`harmless`): whoever adds one and thinks no further gets another name,
another folder and never another's answers. An option that names an address, an environment variable or code has to be
typed (`typed`): it is not taken from a folder of results, which may come from anywhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path
from typing import Any

from judgebench.errors import InputError, UnknownName

_NAMED = re.compile(r"([\w.-]+)=(.*)", re.DOTALL)
_BETWEEN = re.compile(r",(?![^\[\]]*\])")
_OPTION = re.compile(r",(?=[A-Za-z_][A-Za-z0-9_]*=)")


@dataclass(frozen=True)
class Option:
    """`reader` makes a value of what was typed, or raises ValueError; `what` says in words what it takes."""

    name: str
    help: str
    reader: Callable[[str], Any] = str
    what: str = "a text"
    default: Any = None
    """What it is where it is not given, if that is the same for all."""
    harmless: str = ""
    """Why another value gives the same answers. Empty: it is part of the identity."""
    typed: bool = False
    """Whether its value is only ever taken from who runs judgebench."""
    metavar: str = "TEXT"
    """What stands for a value in the help of the command line."""

    def read(self, who: str, value: Any) -> Any:
        """The value of what was typed, or of what Python passed. InputError says who, which option, and the choices."""
        try:
            return self.reader(as_typed(value))
        except (ValueError, OverflowError) as error:
            raise InputError(f"{who}: {self.name} is {self.what}, not {as_typed(value)!r}") from error


def words(
    name: str, about: str, choices: Sequence[str], aliases: Mapping[str, str] | None = None, **more: Any
) -> Option:
    """One of several words; the first is the default. `aliases` are other words for some of them."""
    usual = {"default": choices[0], "metavar": f"[{'|'.join(choices)}]"}
    what = " or ".join(filter(None, [", ".join(choices[:-1]), choices[-1]]))
    meant = aliases or {}
    return Option(name, about, lambda text: choices[choices.index(meant.get(text, text))], what, **{**usual, **more})


def switch(name: str, about: str, **more: Any) -> Option:
    choices = ("no", "false", "yes", "true")
    return Option(name, about, lambda text: choices.index(text.lower()) >= 2, "yes or no", **more)


def whole(name: str, about: str, least: int | None = 1, **more: Any) -> Option:
    """A whole number of at most 18 digits."""

    def reader(text: str) -> int:
        if len(text) > 18 or (least is not None and int(text) < least):
            raise ValueError
        return int(text)

    bound = "of at most 18 digits" if least is None else f"from {least}"
    return Option(name, about, reader, f"a whole number {bound}", **{"metavar": "N", **more})


def amount(name: str, about: str, *, zero: bool = True, most: float | None = None, **more: Any) -> Option:
    def reader(text: str) -> float:
        number = float(text)
        if not isfinite(number) or number < 0 or (number == 0 and not zero) or (most is not None and number > most):
            raise ValueError
        return number

    what = f"a number from 0 to {most:g}" if most is not None else f"a number {'from' if zero else 'above'} 0"
    return Option(name, about, reader, what, **{"metavar": "NUMBER", **more})


def or_none(option: Option) -> Option:
    """The same, or `none` to leave it to the model."""
    reader, what = option.reader, f"{option.what}, or none to leave it to the model"
    return replace(option, reader=lambda text: None if text.lower() == "none" else reader(text), what=what)


def json_object(name: str, about: str, *others: str, **more: Any) -> Option:
    """A JSON object, kept as it was typed, or one of some other words."""

    def reader(text: str) -> str:
        if text not in others and not isinstance(json.loads(text), dict):
            raise ValueError
        return text

    what = f"{', '.join(others)} or a JSON object" if others else 'a JSON object, as in {"min_p": 0.1}'
    return Option(name, about, reader, what, **more)


def _number_of_items(text: str) -> str:
    number = text.removeprefix("first:")
    if not (number.isascii() and number.isdigit() and len(number) <= 18 and int(number)):
        raise ValueError
    return text


RESULTS = Path("results")
"""Where runs are kept if nothing else is said."""
ORDERS = words("orders", "which orders of the responses are shown", ("both", "single"))
SAMPLES = whole("samples", "answers asked per trial", default=1)
LIMIT = Option(
    "limit",
    "only N items, drawn with a seed, or the first N",
    _number_of_items,
    "a whole number from 1, or first: and one, as in first:100",
    metavar="[first:]N",
)
LIMIT_SEED = whole("limit_seed", "what the items under a limit are drawn with", least=0, default=0)
COST_LIMIT = amount("cost_limit", "dollars; then ask no further")
MIN_COVERAGE = amount("min_coverage", "the least share of trials with a verdict", most=1)
"""Of a run, for the command line and for Python."""


def read(who: str, options: Iterable[Option], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as their options read them, and the defaults of the others. UnknownName lists the options there are,
    InputError says what an option may be."""
    declared = {option.name: option for option in options}
    for name in values:
        if name not in declared:
            raise UnknownName(f"option of {who}", name, declared)
    defaults = {name: option.default for name, option in declared.items() if option.default is not None}
    return defaults | {name: declared[name].read(who, value) for name, value in values.items()}


def identity(options: Iterable[Option], values: Mapping[str, Any], usual: Mapping[str, Any]) -> dict[str, str]:
    """Of the values, in the order of the declarations, those that make it another one than without them: not harmless,
    and not what the option would have been anyway, which is its default or what `usual` says."""
    return {
        option.name: as_typed(values[option.name])
        for option in options
        if not option.harmless
        and option.name in values
        and values[option.name] != usual.get(option.name, option.default)
    }


def as_typed(value: Any) -> str:
    """A value in the words in which it is typed."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).removesuffix(".0") if isinstance(value, float) else str(value)


def pairs(typed: Iterable[str]) -> dict[str, str]:
    """`key=value`, as often as it was typed; a value may hold anything, "=" too."""
    options = {}
    for pair in typed:
        key, equals, value = pair.partition("=")
        if not equals:
            raise InputError(f"options are given as key=value, not {pair!r}")
        options[key] = value
    return options


def for_one(typed: Mapping[str, str], names: Iterable[str]) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Options for all judges, and by the name of a judge those for it alone, typed as `NAME.option`. A name may have
    dots of its own: the longest that fits is meant."""
    ordered = sorted(names, key=len, reverse=True)
    everyone: dict[str, str] = {}
    alone: dict[str, dict[str, str]] = {name: {} for name in ordered}
    for key, value in typed.items():
        name = next((name for name in ordered if key.startswith(f"{name}.")), None)
        if name is not None:
            alone[name][key.removeprefix(f"{name}.")] = value
        elif "." in key:
            raise UnknownName("judge of this command (-j NAME=...)", key.rpartition(".")[0], ordered)
        else:
            everyone[key] = value
    return everyone, alone


def own_name(typed: str) -> tuple[str | None, str]:
    """What the user calls a judge, if anything, and the rest: `NAME=kind:model`. A name has letters of any script,
    digits, "_", "." and "-", and stands before the first "=" and any ":", so that addresses, paths and values keep
    theirs."""
    named = _NAMED.fullmatch(typed)
    return (named[1], named[2]) if named else (None, typed)


def with_options(typed: str) -> tuple[str, dict[str, str]]:
    """A benchmark as it may be typed: `id`, or `id[option=value,option=value]`, as it is shown. A comma between values
    belongs to the value; before the next option's name it ends it."""
    bare, bracket, rest = typed.partition("[")
    if not bracket or not rest.endswith("]"):
        return typed, {}
    return bare, pairs(_OPTION.split(rest[:-1]))


def listed(typed: str) -> list[str]:
    """Names between commas; a comma within brackets is part of a name."""
    return [part.strip() for part in _BETWEEN.split(typed) if part.strip()]
