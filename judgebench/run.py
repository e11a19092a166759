"""The run loop: ask every trial that is not yet answered, append as answers come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from judgebench.errors import InputError, JudgebenchError
from judgebench.store import Run
from judgebench.types import Item, Judge, Judgment, Key, Order, Status, Trial


@dataclass(frozen=True)
class Outcome:
    """What one call did: trials wanted in all, answered before, answered now (by status), and still without answer."""

    wanted: int
    before: int
    now: Counter[Status]

    @property
    def missing(self) -> int:
        return self.wanted - self.before - self.now.total()


def orders_of(item: Item, orders: str) -> tuple[Order, ...]:
    """`single`: as stored. `both`: as stored and reversed; for a pair, the two orders there are."""
    stored = tuple(range(len(item.responses)))
    return (stored,) if orders == "single" or len(stored) == 1 else (stored, stored[::-1])


def trials(items: Sequence[Item], orders: str, samples: int) -> Iterator[Trial]:
    """Every trial of the benchmark; the orders of an item stand together so that a backend may share their prefix."""
    for item in items:
        for sample in range(samples):
            for order in orders_of(item, orders):
                yield Trial.of(item, order, sample)


def ask(
    items: Sequence[Item],
    judge: Judge,
    run: Run,
    *,
    retry: bool = False,
    keep_text: bool = True,
    progress: bool = False,
) -> Outcome:
    """Ask the judge what the run has no answer to yet (with `retry`: or only a failed one). Safe to interrupt."""
    wanted = list(trials(items, run.manifest.orders, run.manifest.samples))
    if judge.needs_texts and not all(item.has_texts for item in items):
        raise InputError(
            f"{run.manifest.benchmark}: {judge.name} reads the responses, and the data at hand has labels only"
        )
    asked = [trial for trial in wanted if _open(run.answered.get(trial.key), retry=retry)]
    now: Counter[Status] = Counter()
    with _Bar(f"{run.manifest.benchmark} · {judge.name}", len(wanted), len(wanted) - len(asked), show=progress) as bar:
        for judgment in _each_once(judge, asked):
            run.append(_as_kept(judgment, run.answered.get(judgment.key), keep_text=keep_text))
            now[judgment.status] += 1
            bar.advance(failures=now.total() - now[Status.OK])
    return Outcome(wanted=len(wanted), before=len(wanted) - len(asked), now=now)


def _open(known: Judgment | None, *, retry: bool) -> bool:
    return known is None or (retry and known.status != Status.OK)


def _each_once(judge: Judge, asked: Iterable[Trial]) -> Iterator[Judgment]:
    waiting: set[Key] = set()

    def shown() -> Iterator[Trial]:
        for trial in asked:
            waiting.add(trial.key)
            yield trial

    for judgment in judge.judge(shown()):
        if judgment.key not in waiting:
            raise JudgebenchError(f"{judge.name} answered what it was not asked, or answered twice: {judgment.key}")
        waiting.remove(judgment.key)
        yield judgment


def _as_kept(judgment: Judgment, known: Judgment | None, *, keep_text: bool) -> Judgment:
    if known is not None:
        judgment = msgspec.structs.replace(judgment, attempt=known.attempt + 1)
    return judgment if keep_text else msgspec.structs.replace(judgment, text=None)


class _Bar:
    """A progress bar with the number of failures; silent unless asked for."""

    def __init__(self, name: str, total: int, done: int, *, show: bool) -> None:
        from tqdm import tqdm

        self._bar = tqdm(desc=name, total=total, initial=done, unit="trial", disable=not show, dynamic_ncols=True)

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def advance(self, failures: int) -> None:
        if failures:
            self._bar.set_postfix(failed=failures, refresh=False)
        self._bar.update()
