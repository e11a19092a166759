"""Questions with responses, as files."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from judgebench.pairs.questions import Question, read


@pytest.hookimpl(tryfirst=True)  # before xdist looks for groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With several workers, one has them all: some count the machine's sandboxes, and must not see another's."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.xdist_group("sandbox"))


@pytest.fixture
def jsonl(tmp_path: Path) -> Callable[..., Path]:
    def write(rows: Sequence[dict[str, Any]], name: str = "questions.jsonl") -> Path:
        path = tmp_path / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return path

    return write


@pytest.fixture
def question(jsonl: Callable[..., Path]) -> Callable[..., Question]:
    """One question, read from a file as any other."""

    def make(**row: Any) -> Question:
        (found,) = read(str(jsonl([{"question": "Which?", **row}], "one.jsonl")))
        return found

    return make
