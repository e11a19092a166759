"""Checks of a benchmark as it is loaded, and notes that its users should see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from judgebench.errors import InputError
from judgebench.types import Card, Item, Label, Verdict

_LOPSIDED = 0.6
"""From this share of gold labels on, users are told what a judge reaches that always names the same slot."""


def require(card: Card, items: Sequence[Item], *, as_published: bool) -> None:
    """InputError unless ids are unique, every verdict has a score for each response, gold varies, and (as
    published) every count is the card's."""
    for name, count in Counter(item.id for item in items).items():
        if count > 1:
            raise InputError(f"{card.id}: {count} items have the id {name!r}")
        if not name:
            raise InputError(f"{card.id}: an item has an empty id")
    for item in items:
        verdicts = {"gold": item.gold, **{f"rater {rater}": verdict for rater, verdict in item.raters.items()}}
        for source, verdict in verdicts.items():
            if verdict is not None and len(verdict.scores) != len(item.responses):
                counts = f"{len(verdict.scores)} scores for {len(item.responses)} responses"
                raise InputError(f"{card.id}: item {item.id!r}, {source}: {counts}")
    golds = label_counts(items)
    slots = {item.gold.best if item.gold and len(item.responses) > 2 else None for item in items}
    if len(items) > 1 and len(slots) == 1 and None not in slots:
        raise InputError(
            f"{card.id}: the right response is always in slot {slots.pop()}; a constant judge would be perfect"
        )
    if len(items) > 1 and len(golds) == 1 and not golds.keys() & {"none", "other"}:
        raise InputError(f"{card.id}: every gold label is {next(iter(golds))!r}; a constant judge would be perfect")
    if as_published:
        _same(card, "items", card.items, len(items))
        _same(card, "gold labels", card.labels, golds)
        _same(card, "subsets", card.subsets, dict(Counter(item.subset or "" for item in items)))


def label_counts(items: Sequence[Item | Label]) -> dict[str, int]:
    """How often gold is first, second, tie, no verdict over two responses (`other`) or absent (`none`)."""
    return dict(Counter(_name(item.gold) for item in items))


def _name(gold: Verdict | None) -> str:
    if gold is None:
        return "none"
    if len(gold.scores) != 2:
        return "other"
    return {0: "first", 1: "second", None: "tie"}[gold.best]


def notes(items: Sequence[Item]) -> list[str]:
    """Oddities of the upstream data, a line each. They are reported and never corrected."""
    texts = [response.text for item in items for response in item.responses]
    pairs = [item for item in items if item.has_texts]
    same = sum(len({response.text for response in item.responses}) == 1 < len(item.responses) for item in pairs)
    digests = Counter(item.label().digest for item in pairs)
    oddities = [
        ("empty responses", sum(text is not None and not text.strip() for text in texts)),
        ("responses whose text this snapshot leaves out", sum(text is None for text in texts)),
        ("items with identical responses", same),
        ("items that repeat an earlier item's texts", len(pairs) - len(digests)),
    ]
    return [f"{what}: {count:,}" for what, count in oddities if count] + lopsided(items)


def lopsided(items: Sequence[Item | Label]) -> list[str]:
    """A line for each gold label that is so frequent that always naming it pays."""
    return [
        f"gold is {name!r} in {count:,} of {len(items):,} items ({count / len(items):.0%})"
        for name, count in label_counts(items).items()
        if name not in ("none", "other") and count >= _LOPSIDED * len(items)
    ]


def _same(card: Card, what: str, expected: object, actual: object) -> None:
    if expected and expected != actual:
        raise InputError(f"{card.id} {card.version}: expected {what} {expected}, found {actual}")
