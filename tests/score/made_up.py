"""Runs made up for tests, of any kind of verdict, through the real door: labels and judgments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from judgebench.score import pairs, rules, scored
from judgebench.types import Headline, HeadlineScore, Judgment, Label, Manifest, Status, Verdict

Scores = Sequence[float] | None


def label(name: str, gold: Scores, *, width: int | None = None, **fields: Any) -> Label:
    width = width or len(gold or ())
    fields = {"cluster": name, "digest": "", "authors": (None,) * width, "lengths": (None,) * width, **fields}
    return Label(id=name, gold=None if gold is None else Verdict(scores=tuple(gold)), **fields)


def judgment(item: str, order: Sequence[int], scores: Scores, **fields: Any) -> Judgment:
    """`scores` are in the item's order, None for a failure."""
    verdict = None if scores is None else Verdict(scores=tuple(scores))
    status = Status.UNPARSED if verdict is None else Status.OK
    return Judgment(item=item, order=tuple(order), status=status, verdict=verdict, **fields)


def manifest(orders: str = "single", samples: int = 1) -> Manifest:
    return Manifest(benchmark="b", version="1", items="", judge="j", orders=orders, samples=samples)


def run(labels: Sequence[Label], verdicts: Sequence[Sequence[Scores]], **fields: Any) -> tuple[Any, ...]:
    """(labels, manifest, judgments): for each item its verdicts in the stored order and, if given, the reversed one."""
    both = any(len(said) > 1 for said in verdicts)
    judgments = []
    for item, said in zip(labels, verdicts, strict=True):
        stored = tuple(range(len(item.lengths)))
        for order, scores in zip((stored, stored[::-1]), said):
            judgments.append(judgment(item.id, order, scores, **fields))
    return labels, manifest("both" if both else "single"), judgments


def ruled(rule: str, made: tuple[Any, ...], settings: Mapping[str, Any] | None = None) -> HeadlineScore:
    headline = Headline(rule=rule, gloss="", settings=dict(settings or {}))
    of_run = pairs.of_run if rules.task(headline, made[0]) == rules.PAIRS else scored.of_run
    return rules.headline(headline, of_run(*made))
