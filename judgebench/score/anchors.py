"""Published numbers: which of our estimates a printed figure is to be compared with, and whether it can be true."""

from __future__ import annotations

from collections.abc import Iterator

from judgebench.errors import InputError
from judgebench.score import catalogue, rules
from judgebench.score.catalogue import Metric
from judgebench.types import Anchor, Card, Estimate, Scores

_WHOLE = ("overall", "headline")


def estimate(scores: Scores, anchor: Anchor, key: str) -> Estimate | None:
    """What we have for one of the anchor's values: the headline, a subset's, a metric, or a number about people."""
    of_people = "human_" if anchor.judge == "human" else ""
    if key in _WHOLE:
        return _named(scores, anchor.metric)
    subset, slash, metric = key.partition("/")
    if subset in scores.subsets:
        return scores.subsets[subset].get(of_people + (metric if slash else anchor.metric))
    return _named(scores, of_people + key) or _named(scores, key)


def lands(anchor: Anchor, key: str, ours: Estimate) -> bool:
    """Whether the estimate rounds to what was printed."""
    return ours.value is not None and _rounds_to(100 * ours.value, anchor, key)


def _rounds_to(per_cent: float, anchor: Anchor, key: str) -> bool:
    return abs(per_cent - anchor.values[key]) <= 0.5 * float(10**-anchor.decimals) + 1e-9


def require_possible(card: Card) -> None:
    """InputError names the first published figure that cannot be, or that is disputed and can be."""
    if wrong := [*impossible(card), *doubted_without_need(card)]:
        raise InputError(f"{card.id}: {wrong[0]}")


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
        if anchor.disputed and not any(_impossible(card, anchor))
    ]


def _impossible(card: Card, anchor: Anchor) -> Iterator[str]:
    for key, value in anchor.values.items():
        counted = record(card, metric_of(card, anchor, key))
        if counted is None or not counted.answers or anchor.n is None:
            continue
        n = anchor.n if isinstance(anchor.n, int) else anchor.n.get(key, 0)
        answers = counted.answers * n
        if n < 1:
            yield f"{anchor.judge}, {anchor.source}: no n for {key!r}"
        elif not _rounds_to(100 * round(value * answers / 100) / answers, anchor, key):
            yield f"{anchor.judge}, {anchor.source}: {key} {value} is not k/{answers:,} for any k"


def metric_of(card: Card, anchor: Anchor, key: str) -> str:
    """Which number a key of an anchor's values is about, by the name that the card gives it."""
    return anchor.metric if key in (*_WHOLE, *card.subsets) else key.rpartition("/")[2]


def record(card: Card, metric: str) -> Metric | None:
    """The record of a printed number by the name that the card gives it; None for a number that we do not have."""
    rule = rules.rule(card.headline.rule) if card.headline.rule in rules.NAMES.every() else None
    if metric == "headline":
        return None if rule is None else rule.value
    tables = [rule.parts if rule else {}, *(catalogue.METRICS[task] for task in catalogue.TASKS), catalogue.PEOPLE]
    return next(filter(None, (catalogue.find(table, metric) for table in tables)), None)


def _named(scores: Scores, metric: str) -> Estimate | None:
    if metric == "headline":
        return scores.headline
    return scores.headline.parts.get(metric) or scores.metrics.get(metric) or scores.human.get(metric)
