"""Where the upstream files of other people's data sets lie, if they do."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

REPOSITORY = Path(__file__).parents[2]
AXIS = {1: -1.0, 0: 0.0, 2: 1.0}


class PandaLM(NamedTuple):
    raters: np.ndarray
    gold: list[int]
    gpt: np.ndarray
    gpt_failed: np.ndarray
    clusters: list[tuple[str, str]]
    raw: np.ndarray
    lengths: list[list[int]]


@pytest.fixture(scope="session")
def mirror() -> Path:
    folder = Path(os.environ.get("JUDGEBENCH_MIRROR") or REPOSITORY.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no upstream files at {folder} (set JUDGEBENCH_MIRROR)")
    return folder


@pytest.fixture(scope="session")
def read(mirror: Path):
    def read_json(name: str) -> Any:
        path = mirror / name
        if not path.exists():
            pytest.skip(f"{path} is absent")
        return json.loads(path.read_text(encoding="utf-8"))

    return read_json


@pytest.fixture(scope="session")
def pandalm(read) -> PandaLM:
    """999 items, three annotators on the axis -1, 0, +1, the mode as gold, and gpt-3.5-turbo's verdicts."""
    rows = read("pandalm/testset-v1.json")
    answers = [row["gpt_result"] for row in read("pandalm/gpt-3.5-turbo-testset-v1.json")]
    raw = np.array([[row[f"annotator{j}"] for row in rows] for j in (1, 2, 3)], dtype=float)
    raters = np.vectorize(AXIS.get)(raw)
    return PandaLM(
        raters=raters,
        gold=[max((-1, 0, 1), key=column.tolist().count) for column in raters.T],
        gpt=np.array([{"1": -1.0, "2": 1.0}.get(answer, 0.0) for answer in answers]),
        gpt_failed=np.array([answer not in ("1", "2", "Tie") for answer in answers]),
        clusters=[(row["instruction"], row["input"]) for row in rows],
        raw=raw,
        lengths=[[len(str(row[name])) for name in ("response1", "response2")] for row in rows],
    )
