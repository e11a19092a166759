"""Benchmarks made up for the page's tests, one of them an attack in every text; and what npm has for them."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from judgebench import resources, results
from judgebench.report.page import document
from judgebench.report.page.collect import Bench
from judgebench.score.standings import enter
from judgebench.types import (
    FIRST,
    SECOND,
    TIE,
    Anchor,
    BenchmarkRef,
    Item,
    JudgeRef,
    Judgment,
    Manifest,
    Message,
    Order,
    Response,
    Status,
    Usage,
    Verdict,
    digest,
)

CHARTS = Path(document.__file__).parent / "charts"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "judgebench-tests" / "charts"
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


PRINTED = Anchor(
    judge="leaning",
    values={"overall": 70.0},
    source="a table of a paper that was never written",
    protocol="none",
    n=None,
    orders="both",
    reproduced=False,
)


@dataclass
class Maker:
    """Makes a benchmark of pairs. `say(kind, number)` names things; the default is harmless."""

    items: int = 40
    judges: tuple[str, ...] = ("sharp", "leaning", "baseline:random")
    say: Callable[[str, int], str] = lambda kind, number: f"{kind} {number}"
    raters: int = 3
    orders: str = "both"
    title: str = "A benchmark for the tests"
    homepage: str = "https://example.org/benchmark"
    random: random.Random = field(default_factory=lambda: random.Random(1))

    def bench(self) -> Bench:
        card = msgspec.structs.replace(
            resources.card("llmbar"),
            title=self.title,
            homepage=self.homepage,
            warnings=(self.say("warning", 0),),
            subsets={},
            anchors=(PRINTED,),
        )
        items = [self._item(number) for number in range(self.items)]
        labels = [item.label() for item in items]
        runs = []
        for judge in self.judges:
            manifest = Manifest(
                benchmark_ref=BenchmarkRef(id=card.id),
                version="1",
                items=digest(labels),
                judge_ref=JudgeRef(kind="python", called=judge),
                orders=self.orders,
                provenance={"note": self.say("note", 0)},
            )
            judgments = [judgment for item in items for judgment in self._judged(judge, item)]
            run = results.Run(card, labels, manifest, judgments)
            runs.append(enter(run))
        return Bench(card.id, card, labels, {item.id: item for item in items}, runs)

    def _item(self, number: int) -> Item:
        gold = self.random.choice((FIRST, SECOND))
        return Item(
            id=self.say("item", number),
            messages=(Message(role=self.say("role", 0), content=self.say("question", number)),),
            responses=tuple(
                Response(
                    text=self.say("response", 2 * number + slot) + "." * self.random.randrange(90),
                    author=self.say("author", slot),
                )
                for slot in range(2)
            ),
            gold=gold,
            raters={self.say("rater", rater): self.random.choice((gold, gold, TIE)) for rater in range(self.raters)},
            materials={"reference": self.say("reference", number)},
            subset=self.say("subset", number % 3),
            scenario=self.say("scenario", number % 2),
            cluster=f"cluster {number // 2}",
        )

    def _judged(self, judge: str, item: Item) -> Iterator[Judgment]:
        skill = 0.5 if judge.startswith("baseline:") else 0.9
        liked = FIRST if (item.gold == FIRST) == (self.random.random() < skill) else SECOND
        for order in ((0, 1), (1, 0))[: 2 if self.orders == "both" else 1]:
            chance = self.random.random()
            if chance < 0.05:
                yield Judgment(
                    item=item.id,
                    order=order,
                    status=Status.UNPARSED,
                    text=self.say("ramble", 0),
                    detail=self.say("detail", 0),
                )
            elif chance > 0.8 and judge == "leaning":
                yield self._answer(item, order, FIRST if order == (0, 1) else SECOND)
            else:
                yield self._answer(item, order, TIE if chance < 0.1 else liked)

    def _answer(self, item: Item, order: Order, verdict: Verdict) -> Judgment:
        return Judgment(
            item=item.id,
            order=order,
            status=Status.OK,
            verdict=verdict,
            text=self.say("reason", 0),
            confidence=round(0.5 + 0.5 * self.random.random(), 1),
            usage=Usage(prompt_tokens=10, completion_tokens=5, cost=0.001),
        )


@pytest.fixture(scope="session")
def maker() -> type[Maker]:
    return Maker


@pytest.fixture(scope="session")
def attacks() -> tuple[str, ...]:
    return ATTACKS


@pytest.fixture(scope="session")
def hostile() -> Bench:
    """Every name and text is an attack; those that must differ have a number behind them."""

    def say(kind: str, number: int) -> str:
        attack = ATTACKS[(number + len(kind)) % len(ATTACKS)]
        return f"{attack} {number}" if kind in ("item", "rater") else attack

    return Maker(judges=ATTACKS, say=say, title=ATTACKS[2], homepage=ATTACKS[4], items=24).bench()


@pytest.fixture(scope="session")
def node_modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the charts' package-lock.json pins, kept in the machine's cache where that can be written; npm runs nothing
    of it. What the cache has is complete, and is never replaced: another test process may be reading it."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm here")
    kept = CACHE / hashlib.sha256((CHARTS / "package-lock.json").read_bytes()).hexdigest()[:16]
    if not kept.exists():
        try:
            CACHE.mkdir(parents=True, exist_ok=True)
            work = Path(tempfile.mkdtemp(dir=CACHE))
        except OSError:  # a home on a read-only disk
            kept = work = tmp_path_factory.mktemp("charts")
        for name in ("package.json", "package-lock.json"):
            shutil.copy(CHARTS / name, work)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--cache", str(work / "npm")]
        done = subprocess.run(command, cwd=work, capture_output=True, encoding="utf-8", timeout=300, check=False)
        if done.returncode:
            pytest.skip(f"npm could not install what the lock file pins: {done.stderr.strip()[-200:]}")
        if kept != work:
            try:
                work.rename(kept)
            except OSError:  # another process was faster
                shutil.rmtree(work)
    return kept / "node_modules"
