"""Benchmarks made up for the page's tests: ordinary ones, and one in which every text is an attack."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from judgebench import resources
from judgebench.report.page.collect import Bench, Run
from judgebench.score import score_run
from judgebench.types import (
    FIRST,
    SECOND,
    TIE,
    Item,
    Judgment,
    Manifest,
    Message,
    Response,
    Status,
    Usage,
    Verdict,
    digest,
)

ATTACKS = (
    "<script>window.pwned = 1</script>",
    '"><img src=x onerror="window.pwned = 1">',
    "</script><script>window.pwned = 1</script>",
    "<!--<script>window.pwned = 1",
    "javascript:window.pwned=1",
    "<svg/onload=window.pwned=1>",
    "' onfocus='window.pwned=1' autofocus='",
    "{{ 7 * 7 }}${window.pwned = 1}",
    "</style><style>*{display:none}</style>",
    "__proto__",
    "a/b?c=d#e&f%g%zz",
    "\u202eabc\u2028line\x7f",
)


@dataclass
class Maker:
    """Makes a benchmark of pairs. `say(kind, number)` names things; the default is harmless."""

    items: int = 40
    judges: tuple[str, ...] = ("sharp", "leaning", "baseline:random")
    say: Callable[[str, int], str] = lambda kind, number: f"{kind} {number}"
    seed: int = 1
    raters: int = 3
    title: str = "A benchmark for the tests"
    homepage: str = "https://example.org/benchmark"
    random: random.Random = field(init=False)

    def bench(self) -> Bench:
        self.random = random.Random(self.seed)
        card = msgspec.structs.replace(
            resources.card("llmbar"), title=self.title, homepage=self.homepage, warnings=(self.say("warning", 0),), subsets={}, anchors=()
        )  # fmt: skip
        items = [self._item(number) for number in range(self.items)]
        labels = [item.label() for item in items]
        runs = []
        for judge in self.judges:
            judgments = [judgment for item in items for judgment in self._judged(judge, item)]
            manifest = Manifest(benchmark=card.id, version="1", items=digest(labels), judge=judge, orders="both",
                                provenance={"note": self.say("note", 0)})  # fmt: skip
            runs.append(Run(score_run(card, labels, manifest, judgments), judgments))
        return Bench(card.id, card, labels, {item.id: item for item in items}, runs)

    def _item(self, number: int) -> Item:
        gold = self.random.choice((FIRST, SECOND))
        votes = {self.say("rater", rater): self.random.choice((gold, gold, gold, TIE)) for rater in range(self.raters)}
        return Item(
            id=self.say("item", number),
            messages=(Message(role=self.say("role", 0), content=self.say("question", number)),),
            responses=tuple(
                Response(text=self.say("response", 2 * number + slot) + "." * self.random.randrange(90), author=self.say("author", slot))
                for slot in range(2)
            ),
            gold=gold,
            raters=votes,
            reference=self.say("reference", number),
            subset=self.say("subset", number % 3),
            scenario=self.say("scenario", number % 2),
            cluster=f"question {number // 2}",
        )  # fmt: skip

    def _judged(self, judge: str, item: Item) -> Sequence[Judgment]:
        skill = 0.5 if judge.startswith("baseline:") else 0.9
        first = FIRST if self.random.random() < skill and item.gold == FIRST else SECOND
        found = []
        for order in ((0, 1), (1, 0)):
            chance = self.random.random()
            if chance < 0.05:
                found.append(
                    Judgment(item=item.id, order=order, status=Status.UNPARSED, text=self.say("ramble", 0), detail=self.say("detail", 0))
                )  # fmt: skip
                continue
            verdict = TIE if chance < 0.1 else Verdict(scores=first.scores)
            if chance > 0.8 and judge == "leaning":
                verdict = FIRST if order == (0, 1) else SECOND
            found.append(
                Judgment(
                    item=item.id,
                    order=order,
                    status=Status.OK,
                    verdict=verdict,
                    text=self.say("reason", 0),
                    confidence=round(0.5 + 0.5 * self.random.random(), 1),
                    usage=Usage(prompt_tokens=10, completion_tokens=5, cost=0.001),
                )
            )
        return found


def hostile() -> Bench:
    """Every name and text is an attack, the ids (which must differ) with a number behind them."""

    def say(kind: str, number: int) -> str:
        attack = ATTACKS[(number + len(kind)) % len(ATTACKS)]
        return f"{attack} {number}" if kind in ("item", "rater") else attack

    return Maker(judges=ATTACKS, say=say, title=ATTACKS[2], homepage=ATTACKS[4], items=24).bench()
