"""What must hold of a benchmark as loaded, and what a user of it should be told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from judgebench.errors import InputError
from judgebench.types import Anchor, Card, Item, Label, Verdict

_ANSWERS = {
    "net_vote": 1,
    "both_orders": 1,
    "order_mean": 2,
    "single_order": 1,
    "pooled_single_order": 1,
    "consistent_accuracy": 1,
    "tie_rescue": 1,
    "three_way": 1,
    "judgerbench_a": 1,
    "run_1": 1,
    "run_2": 1,
    "equal": 1,
    "consistency": 1,
    "accuracy": 1,
    "s1": 1,
    "s2": 1,
}
"""The rules and metrics that are shares of right answers, and how many answers they count for each of their n."""

_LOPSIDED = 0.6
"""From here on, always naming the same slot is a strategy that a reader of an accuracy should know of."""


def require(card: Card, items: Sequence[Item], *, as_published: bool) -> None:
    """InputError unless ids are unique, every verdict has a score for each response, gold varies, the published shares
    are possible, and (as published) every count is the card's."""
    for name, count in Counter(item.id for item in items).items():
        if count > 1:
            raise InputError(f"{card.id}: {count} items have the id {name!r}")
        if not name:
            raise InputError(f"{card.id}: an item has an empty id")
    for item in items:
        given = {"gold": item.gold, **{f"rater {rater}": verdict for rater, verdict in item.raters.items()}}
        for who, verdict in given.items():
            if verdict is not None and len(verdict.scores) != len(item.responses):
                counts = f"{len(verdict.scores)} scores for {len(item.responses)} responses"
                raise InputError(f"{card.id}: item {item.id!r}, {who}: {counts}")
    if published := [*impossible(card), *doubted_without_need(card)]:
        raise InputError(f"{card.id}: {published[0]}")
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
    """How often gold is first, second, tie, not of a pair (`other`) or absent (`none`)."""
    return dict(Counter(_name(item.gold) for item in items))


def _name(gold: Verdict | None) -> str:
    if gold is None:
        return "none"
    if len(gold.scores) != 2:
        return "other"
    return {0: "first", 1: "second", None: "tie"}[gold.best]


def impossible(card: Card) -> list[str]:
    """Published shares that no whole number of right answers can give, a line each: a wrong n, split or protocol.
    Those that the card marks as disputed are known. Numbers that are no shares of an n (macro means, kappas, means of
    sections) are not looked at, nor those of which nobody printed the n."""
    return [line for anchor in card.anchors if not anchor.disputed for line in _impossible(card, anchor)]


def doubted_without_need(card: Card) -> list[str]:
    """Figures that the card disputes although they are possible, a line each."""
    return [
        f"{anchor.judge}, {anchor.source}: is marked as disputed, and is possible"
        for anchor in card.anchors
        if anchor.disputed and not _impossible(card, anchor)
    ]


def _impossible(card: Card, anchor: Anchor) -> list[str]:
    found = []
    for key, value in anchor.values.items():
        metric = anchor.metric if key in ("overall", "headline", *card.subsets) else key.rpartition("/")[2]
        answers_each = _ANSWERS.get(card.headline.rule if metric == "headline" else metric)
        if answers_each is None or anchor.n is None:
            continue
        n = anchor.n if isinstance(anchor.n, int) else anchor.n.get(key, 0)
        if n < 1:
            found.append(f"{anchor.judge}, {anchor.source}: no n for {key!r}")
            continue
        answers = answers_each * n
        nearest = 100 * round(value * answers / 100) / answers
        if abs(nearest - value) > 0.5 * float(10**-anchor.decimals) + 1e-9:
            found.append(f"{anchor.judge}, {anchor.source}: {key} {value} is not k/{answers:,} for any k")
    return found


def notes(items: Sequence[Item]) -> list[str]:
    """Oddities that are upstream's and stay: reported, never mended."""
    texts = [response.text for item in items for response in item.responses]
    pairs = [item for item in items if item.has_texts]
    same = sum(len({response.text for response in item.responses}) == 1 < len(item.responses) for item in pairs)
    digests = Counter(item.label().digest for item in pairs)
    found = [
        ("empty responses", sum(text is not None and not text.strip() for text in texts)),
        ("responses whose text this snapshot leaves out", sum(text is None for text in texts)),
        ("items with identical responses", same),
        ("items that repeat an earlier item's texts", len(pairs) - len(digests)),
    ]
    return [f"{what}: {count:,}" for what, count in found if count] + lopsided(items)


def lopsided(items: Sequence[Item | Label]) -> list[str]:
    """A line, if always naming one slot is a strategy."""
    return [
        f"gold is {name!r} in {count:,} of {len(items):,} items ({count / len(items):.0%})"
        for name, count in label_counts(items).items()
        if name not in ("none", "other") and count >= _LOPSIDED * len(items)
    ]


def _same(card: Card, what: str, expected: object, found: object) -> None:
    if expected and expected != found:
        raise InputError(f"{card.id} {card.version}: expected {what} {expected}, found {found}")
