"""Corrections of a benchmark's items, applied where the user asks for them with `-B errata=`.

They are off by default: published numbers are about the data with its errors, and only numbers about the same data can
be compared. A benchmark with errata is another benchmark (`NAME[errata=1]`), with a folder of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from judgebench.errors import InputError, UnknownName
from judgebench.types import Card, Item, Verdict

OPTION = "errata"


def version(card: Card, chosen: Any) -> int:
    """The version of the errata that `none`, `latest` or a number stands for; 0 is the data as published."""
    latest = max((erratum.version for erratum in card.errata), default=0)
    if chosen in ("none", "latest"):
        return latest if chosen == "latest" else 0
    if not str(chosen).isdigit() or not int(chosen) <= latest:
        raise UnknownName(f"{OPTION} of {card.id}", str(chosen), ["none", "latest", *map(str, range(1, latest + 1))])
    return int(chosen)


def applied(card: Card, items: list[Item], up_to: int) -> list[Item]:
    """The items with all corrections up to that version. InputError where one is about an item that does not exist."""
    corrections = {erratum.item: erratum for erratum in card.errata if erratum.version <= up_to}
    if unknown := sorted(corrections.keys() - {item.id for item in items}):
        raise InputError(f"{card.id}: an erratum is about {unknown[0]!r}, and there is no such item")
    corrected = []
    for item in items:
        erratum = corrections.get(item.id)
        if erratum is None:
            corrected.append(item)
        elif erratum.gold is not None:
            corrected.append(msgspec.structs.replace(item, gold=Verdict(scores=erratum.gold)))
    return corrected


def counted(card: Card) -> str | None:
    """`2 errata (1 dropped, 1 corrected), applied with -B errata=1`; None where the card has none."""
    if not card.errata:
        return None
    dropped = sum(erratum.gold is None for erratum in card.errata)
    parts = [
        f"{count} {what}" for count, what in ((dropped, "dropped"), (len(card.errata) - dropped, "corrected")) if count
    ]
    noun = "erratum" if len(card.errata) == 1 else "errata"
    return f"{len(card.errata)} {noun} ({', '.join(parts)}), applied with -B {OPTION}={version(card, 'latest')}"


def lasting(card: Card, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that are part of a benchmark's name, with errata by the number of their version, if there are any."""
    number = version(card, options.get(OPTION, "none"))
    others = {name: value for name, value in options.items() if name != OPTION}
    return others | ({OPTION: number} if number else {})
