"""Every published recording, imported once a session through the same function that the command line uses."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from judgebench import api, resources
from judgebench.types import Scores

Imported = Mapping[tuple[str, str], Scores]


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Imported]:
    root = Path(os.environ.get("JUDGEBENCH_MIRROR") or Path(__file__).resolve().parents[3] / "shared" / "data")
    if not root.is_dir():
        pytest.skip(f"the upstream files are not at hand: {root} is absent and JUDGEBENCH_MIRROR is not set")
    results = tmp_path_factory.mktemp("imported")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUDGEBENCH_MIRROR", str(root))
        yield {
            (name, recording.judge): scores
            for name in resources.benchmarks()
            if resources.card(name).recordings
            for recording, scores, _ in api.import_published(name, results=results, keep_text=False)
        }
