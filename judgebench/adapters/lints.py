"""What must hold of a benchmark as loaded, and what a user of it should be told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from judgebench.errors import InputError
from judgebench.types import Card, Item


def require(card: Card, items: Sequence[Item], *, as_published: bool) -> None:
    """InputError unless ids are unique, gold varies, and (as published) every count is the card's."""
    repeated = [name for name, count in Counter(item.id for item in items).items() if count > 1]
    if repeated:
        raise InputError(f"{card.id}: item id {repeated[0]!r} appears {len(repeated)} time(s) more than once")
    golds = label_counts(items)
    if len(items) > 1 and len(golds) == 1 and "none" not in golds:
        raise InputError(f"{card.id}: every gold label is {next(iter(golds))!r}; a constant judge would be perfect")
    if as_published:
        _same(card, "items", card.items, len(items))
        _same(card, "gold labels", card.labels, golds)
        _same(card, "subsets", card.subsets, dict(Counter(item.subset or "" for item in items)))


def label_counts(items: Sequence[Item]) -> dict[str, int]:
    """How often gold is first, second, tie, another pattern (`other`) or absent (`none`)."""
    names = {(1.0, 0.0): "first", (0.0, 1.0): "second", (0.5, 0.5): "tie"}
    return dict(Counter("none" if item.gold is None else names.get(item.gold.scores, "other") for item in items))


def notes(items: Sequence[Item]) -> list[str]:
    """Oddities that are upstream's and stay: reported, never mended."""
    texts = [(item, response.text) for item in items for response in item.responses]
    empty = sum(text is not None and not text.strip() for _, text in texts)
    absent = sum(text is None for _, text in texts)
    same = sum(len({response.text for response in item.responses}) == 1 for item in items if item.has_texts)
    digests = Counter(item.label().digest for item in items if item.has_texts)
    repeated = sum(count for count in digests.values() if count > 1)
    found = [
        (empty, "responses are empty"),
        (absent, "responses have no text in this snapshot"),
        (same, "items have identical responses"),
        (repeated, "items repeat another item's texts"),
    ]
    return [f"{count:,} {what}" for count, what in found if count]


def _same(card: Card, what: str, expected: object, found: object) -> None:
    if expected and expected != found:
        raise InputError(f"{card.id} {card.version}: expected {what} {expected}, found {found}")
