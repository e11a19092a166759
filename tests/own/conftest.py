"""Files of one's own, written as their users' tools write them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from judgebench.adapters import own

Rows = Sequence[Mapping[str, Any]]
PAIR = {"prompt": "Name a colour.", "response_a": "Blue.", "response_b": "A chair."}


def pairs(count: int, **columns: Any) -> list[dict[str, Any]]:
    """Rows of pairs; a column's value is a list (one for each row, round and round) or the same for all."""
    return [
        {
            "prompt": f"Question {number}?",
            "response_a": f"first {number}",
            "response_b": f"second {number}",
            **{
                name: value[number % len(value)] if isinstance(value, list) else value
                for name, value in columns.items()
            },
        }
        for number in range(count)
    ]


@pytest.fixture
def jsonl(tmp_path: Path) -> Callable[..., Path]:
    """Rows as JSON lines, and with keywords a mapping file beside them."""

    def write(rows: Rows, name: str = "my.jsonl", **mapping: Any) -> Path:
        path = tmp_path / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        if mapping:
            path.with_name(f"{path.stem}.mapping.yaml").write_text(yaml.safe_dump(mapping), encoding="utf-8")
        return path

    return write


def opened(path: Path, **options: Any) -> own.Own:
    return own.open_own(str(path), options)


def golds(path: Path) -> list[Any]:
    """Of every item: first, second, tie or none; or the rating."""
    names = {(1.0, 0.0): "first", (0.0, 1.0): "second", (0.5, 0.5): "tie"}
    found = [item.gold for item in opened(path).items]
    return [None if gold is None else names.get(gold.scores, gold.scores) for gold in found]
