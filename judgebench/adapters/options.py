"""The options of an adapter, as its card or `-B` gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from judgebench.errors import UnknownName


def option(options: Mapping[str, str], name: str, choices: Sequence[str]) -> str:
    """The value of the adapter's one option; the first choice is the default."""
    refuse_options(options, name)
    value = options.get(name, choices[0])
    if value not in choices:
        raise UnknownName(f"value of {name}", str(value), choices)
    return value


def refuse_options(options: Mapping[str, str], *known: str) -> None:
    if unknown := sorted(set(options) - set(known)):
        raise UnknownName("option", unknown[0], known)
