"""Benchmarks and recordings as loaded from the mirror, each once a session, and a writer of made-up upstream files."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from judgebench import adapters, fetch, resources
from judgebench.types import Card, Item, Label

Json = Callable[[str, Sequence[Any]], Path]


class Loaded:
    def __init__(self, name: str) -> None:
        self.card: Card = resources.card(name)
        self.items: list[Item] = adapters.load(self.card)
        self.labels: dict[str, Label] = {item.id: item.label() for item in self.items}

    def item(self, name: str) -> Item:
        return next(item for item in self.items if item.id == name)

    def recorded(self, judge: str, **options: str) -> adapters.Recorded:
        recording = next(recording for recording in self.card.recordings if recording.judge == judge)
        paths = [fetch.locate(self.card, source) for source in recording.files]
        return adapters.read_recorded(self.card, paths, self.labels, {**recording.options, **options})


_loaded: dict[str, Loaded] = {}


@pytest.fixture
def bench(mirror: Path) -> Callable[[str], Loaded]:
    def load(name: str) -> Loaded:
        if name not in _loaded:
            _loaded[name] = Loaded(name)
        return _loaded[name]

    return load


@pytest.fixture
def write(tmp_path: Path) -> Json:
    """Writes rows as a JSON list (.json) or as JSON lines (.jsonl)."""

    def write_rows(name: str, rows: Sequence[Any]) -> Path:
        path = tmp_path / name
        path.write_text(json.dumps(rows) if name.endswith(".json") else "".join(f"{json.dumps(row)}\n" for row in rows))
        return path

    return write_rows
