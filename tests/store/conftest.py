"""A small question asked of three items in both orders, and the store that keeps the answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from judgebench.types import FIRST, BenchmarkRef, Item, JudgeRef, Judgment, Manifest, Message, Response, Trial

# What has broken line-based files before: line separators that are not newlines, NUL, escapes, four-byte characters.
NASTY = 'é\u2028\u2029\u0085\x00\n\r\n\\"😀日本'


@dataclass
class Scripted:
    """A judge that says what the test wants and remembers what it was asked."""

    answer: Callable[[Trial], Judgment] = lambda trial: trial.answer((1, 0), text=f"{trial.item} {NASTY}")
    name: str = "scripted"
    protocol: Mapping[str, Any] = field(default_factory=dict)
    needs_texts: bool = False
    asked: list[Trial] = field(default_factory=list)

    def judge(self, trials: Iterable[Trial]) -> Iterator[Judgment]:
        for trial in trials:
            self.asked.append(trial)
            yield self.answer(trial)


def item(name: str) -> Item:
    return Item(
        id=name,
        messages=(Message(role="user", content=f"Which is better, {name}?"),),
        responses=(Response(text="this one"), Response(text="that one")),
        gold=FIRST,
        cluster=name,
    )


@pytest.fixture
def scripted() -> type[Scripted]:
    return Scripted


@pytest.fixture
def items() -> list[Item]:
    return [item(name) for name in ("one", "zwei-ü", "三")]


@pytest.fixture
def manifest() -> Manifest:
    return Manifest(
        benchmark_ref=BenchmarkRef(id="bench"),
        version="1",
        items="0123456789abcdef",
        judge_ref=JudgeRef(kind="python", called="scripted"),
        protocol={"t": 0},
        orders="both",
    )


@pytest.fixture
def snapshot() -> Callable[[Path], dict[str, bytes]]:
    """Everything below a folder except locks, to show that it was not touched."""

    def take(folder: Path) -> dict[str, bytes]:
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name != ".judgebench.lock"
        }

    return take
