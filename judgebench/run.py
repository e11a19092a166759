"""The run loop: ask every trial that is not yet answered, append as answers come."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import msgspec

from judgebench.errors import InputError, JudgebenchError
from judgebench.store import Run
from judgebench.types import PREFERENCE, Item, Judge, Judgment, Key, Order, Question, Request, Status, Trial, Usage

if TYPE_CHECKING:
    from tqdm import tqdm


@dataclass(frozen=True)
class Outcome:
    """What one call did: trials wanted in all, answered before, answered now (by status), and what that cost in dollars
    as far as prices are known; and where the answers are."""

    wanted: int
    before: int
    now: Counter[Status]
    spent: float
    folder: Path

    @property
    def missing(self) -> int:
        return self.wanted - self.before - self.now.total()


@dataclass(frozen=True)
class Preview:
    """What a run would ask: of all `trials` those that are `still` to be asked, and those of the `placebo`. Of a judge
    with a prompt, or a model, the first requests and what all would take (a `cost` of None is not known)."""

    judge: str
    benchmark: str
    folder: Path
    trials: int
    still: int
    requests: Sequence[Request] = ()
    quote: Usage | None = None
    placebo: int = 0


def scaled(quotes: Sequence[Usage | None], still: int) -> Usage:
    """Tokens and dollars of all open trials, from the quotes for an even sample of them, each of a full answer."""
    each = [quote or Usage() for quote in quotes]
    scale, costs = still / len(each), [quote.cost for quote in each if quote.cost is not None]
    return Usage(
        prompt_tokens=round(scale * sum(quote.prompt_tokens or 0 for quote in each)),
        completion_tokens=round(scale * sum(quote.completion_tokens or 0 for quote in each)),
        cost=scale * sum(costs) if len(costs) == len(each) else None,
    )


def orders_of(item: Item, orders: str) -> tuple[Order, ...]:
    """`single`: as stored. `both`: as stored and reversed; for a pair, the two orders there are."""
    stored = tuple(range(len(item.responses)))
    return (stored,) if orders == "single" or len(stored) == 1 else (stored, stored[::-1])


def trials(items: Sequence[Item], orders: str, samples: int, question: Question = PREFERENCE) -> Iterator[Trial]:
    """Every trial of the benchmark; the orders of an item stand together so that a backend may share their prefix."""
    for item in items:
        for sample in range(samples):
            for order in orders_of(item, orders):
                yield Trial.of(item, order, sample, question)


def ask(
    items: Sequence[Item],
    judge: Judge,
    run: Run,
    *,
    retry: bool = False,
    keep_text: bool = True,
    cost_limit: float | None = None,
    progress: bool = False,
    question: Question = PREFERENCE,
) -> Outcome:
    """Ask the judge what the run has no answer to yet (with `retry`: or only a failed one). Safe to interrupt.

    `question` is what the benchmark declares.
    `cost_limit` is in dollars, for this call: once the answers have cost that much no further trial is asked, and what
    is under way still arrives."""
    orders, samples = run.manifest.orders, run.manifest.samples
    now: Counter[Status] = Counter()
    spent = 0.0

    def is_open(key: Key) -> bool:
        before = run.answered.get(key)
        return before is None or (retry and before.status != Status.OK)

    def affordable() -> Iterator[Trial]:
        for trial in trials(items, orders, samples, question):
            if cost_limit is not None and spent >= cost_limit:
                return
            if is_open(trial.key):
                yield trial

    wanted = still = 0
    for trial in trials(items, orders, samples, question):
        wanted += 1
        still += is_open(trial.key)
    with _bar(f"{run.manifest.benchmark} · {judge.name}", wanted, wanted - still, show=progress) as bar:
        rest = affordable()
        # Another model may answer now than before: the first answer shows it, before any other is paid for.
        alone = islice(rest, 1 if run.manifest.served else 0)
        for judgment in chain(_each_once(judge, alone), _each_once(judge, rest)):
            before = run.answered.get(judgment.key)
            kept = judgment if keep_text else msgspec.structs.replace(judgment, text=None)
            run.append(kept if before is None else msgspec.structs.replace(kept, attempt=before.attempt + 1))
            now[judgment.status] += 1
            spent += (judgment.usage and judgment.usage.cost) or 0.0
            if progress:
                failures = now.total() - now[Status.OK]
                failed = {"failed": failures} if failures else {}
                bar.set_postfix(failed | ({"cost": f"${spent:.2f}"} if spent else {}), refresh=False)
                bar.update()
    run.flush()
    return Outcome(wanted=wanted, before=wanted - still, now=now, spent=spent, folder=run.folder)


def _each_once(judge: Judge, trials: Iterable[Trial]) -> Iterator[Judgment]:
    waiting: dict[Key, Trial] = {}

    def noted() -> Iterator[Trial]:
        for trial in trials:
            waiting[trial.key] = trial
            yield trial

    for judgment in judge.judge(noted()):
        if judgment.key not in waiting:
            raise JudgebenchError(f"{judge.name} answered what it was not asked, or answered twice: {judgment.key}")
        trial, verdict = waiting.pop(judgment.key), judgment.verdict
        if verdict and (problem := trial.question.problem(len(verdict.scores), len(trial.order), len(trial.steps))):
            raise InputError(f"{judge.name} gave {problem}, on item {judgment.item!r}")
        yield judgment


def _shortened(name: str, room: int) -> str:
    """The ends of a name say most: the benchmark, and which size or prompt of a model."""
    if len(name) <= room:
        return name
    head = (room - 1) // 3
    return f"{name[:head]}…{name[head + 1 - room :]}"


def _bar(name: str, total: int, done: int, *, show: bool) -> tqdm[NoReturn]:
    """A line of progress: how much, how fast, how long still, how many failures, what it has cost so far. On a narrow
    terminal the name is shortened, not the numbers."""
    from tqdm import tqdm

    columns = 80  # unless this is a terminal
    with suppress(OSError, ValueError):
        columns = os.get_terminal_size(sys.stderr.fileno()).columns
    bar = "{percentage:.0f}%|" + ("{bar}| " if columns >= 100 else "")
    return tqdm(
        desc=_shortened(name, max(12, columns - 64)),  # which the numbers take
        total=total,
        initial=done,
        unit="",
        bar_format="{desc}: " + bar + "{n_fmt}/{total_fmt}, {rate_fmt}, {remaining} left{postfix}",
        disable=not show,
        dynamic_ncols=True,
    )
