"""Checks of a benchmark as it is loaded, and notes that its users should see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from judgebench.errors import InputError
from judgebench.types import PREFERENCE, Card, Item, Kind, Label, Question, Verdict, question_of

_LOPSIDED = 0.6
"""From this share of gold labels on, users are told what a judge reaches that always names the same slot."""


def require(card: Card, items: Sequence[Item], *, as_published: bool) -> None:
    """InputError unless ids are unique, every verdict has as many numbers as its question wants, gold varies, and (as
    published) every count is the card's."""
    for name, count in Counter(item.id for item in items).items():
        if count > 1:
            raise InputError(f"{card.id}: {count} items have the id {name!r}")
        if not name:
            raise InputError(f"{card.id}: an item has an empty id")
    for item in items:
        verdicts = {"gold": item.gold, **{f"rater {rater}": verdict for rater, verdict in item.raters.items()}}
        for source, verdict in verdicts.items():
            question = question_of(item, card.question)
            if question.labels not in ((), card.question.labels):
                raise InputError(f"{card.id}: item {item.id!r} has labels that its card does not have")
            problem = verdict and question.problem(len(verdict.scores), len(item.responses), len(item.steps))
            if verdict and question.kind == Kind.CLASS and verdict.best is None:
                problem = "it names no one label"
            if problem:
                raise InputError(f"{card.id}: item {item.id!r}, {source}: {problem}")
    golds = label_counts(items, card.question)
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


def label_counts(items: Sequence[Item | Label], question: Question = PREFERENCE) -> dict[str, int]:
    """How often gold is first, second, tie, no verdict over two responses (`other`) or absent (`none`); or each of the
    question's labels; or, where each step is judged, how often all are right and one is wrong at least."""
    return dict(Counter(_name(item.gold, question) for item in items))


def _name(gold: Verdict | None, question: Question) -> str:
    if gold is None:
        return "none"
    if question.labels:
        return question.labels[gold.best] if gold.best is not None else "other"
    if question.each_step:
        return "some wrong" if max(gold.scores) >= question.wrong_from else "all right"
    if len(gold.scores) != 2:
        return "other"
    return {0: "first", 1: "second", None: "tie"}[gold.best]


def notes(items: Sequence[Item], question: Question = PREFERENCE) -> list[str]:
    """Oddities of the upstream data, a line each. They are reported and never corrected."""
    texts = [response.text for item in items for response in item.responses]
    pairs = [item for item in items if item.has_texts]
    same = sum(len({response.text for response in item.responses}) == 1 < len(item.responses) for item in pairs)
    digests = Counter(item.label().digest for item in pairs)
    oddities = [
        ("empty responses", sum(text is not None and not text.strip() for text in texts)),
        ("responses whose text this snapshot leaves out", sum(text is None for text in texts)),
        ("items with identical responses", same),
        ("items of which gold names steps beyond the last one", sum(bool(item.facets.get("beyond")) for item in items)),
        ("items that repeat an earlier item's texts", len(pairs) - len(digests)),
    ]
    return [f"{what}: {count:,}" for what, count in oddities if count] + lopsided(items, question)


def lopsided(items: Sequence[Item | Label], question: Question = PREFERENCE) -> list[str]:
    """A line for each gold label that is so frequent that always naming it pays."""
    return [
        f"gold is {name!r} in {count:,} of {len(items):,} items ({count / len(items):.0%})"
        for name, count in label_counts(items, question).items()
        if name not in ("none", "other") and count >= _LOPSIDED * len(items)
    ]


def _same(card: Card, what: str, expected: object, actual: object) -> None:
    if expected and expected != actual:
        raise InputError(f"{card.id} {card.version}: expected {what} {expected}, found {actual}")
