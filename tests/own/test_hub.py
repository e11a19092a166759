"""`hf:`: a repository as it lies in the cache of the Hugging Face hub, read offline by the hub's own libraries."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from judgebench.errors import InputError
from judgebench.rows import hub
from tests.adapters.hub_server import TROUBLE, serving
from tests.own.conftest import pairs

ROOT = Path(__file__).parents[2]
COMMIT = "1234567890abcdef1234567890abcdef12345678"
README = """---
configs:
- config_name: default
  data_files: [{split: train, path: data/train-*}, {split: test, path: data/test-*}]
- config_name: small
  data_files: [{split: test, path: small.parquet}]
dataset_info:
- config_name: small
  features:
  - {name: prompt, dtype: string}
  - {name: response_a, dtype: string}
  - {name: response_b, dtype: string}
  - {name: winner, dtype: {class_label: {names: {'0': model_b, '1': model_a}}}}
---
"""
TRY = """
import json, sys
from pathlib import Path
from judgebench import api
from judgebench.adapters import own
from judgebench.errors import JudgebenchError
found = {}
for name in sys.argv[1:]:
    try:
        data = own.open_own(name)
        item = data.items[0]
        found[name] = [data.table.name, len(data.items), item.messages[0].content, data.card.id, item.gold.best]
    except JudgebenchError as error:
        found[name] = f"{type(error).__name__}: {error}"
api.evaluate("baseline:longest", sys.argv[1])
(folder,) = Path("results").glob("me-votes@*/baseline-longest")
found["retried"] = api.retry(folder)[1].wanted
print(json.dumps(found))
"""
"""One process for everything: to import `datasets` takes seconds."""


@pytest.fixture
def hub_cache(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine that has brought me/votes before and has no network now."""
    import pyarrow as pa
    from pyarrow import parquet

    repo = tmp_path / "hf" / "hub" / "datasets--me--votes"
    folder = repo / "snapshots" / COMMIT
    (folder / "data").mkdir(parents=True)
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text(COMMIT, encoding="utf-8")
    for split, count in (("train", 6), ("test", 4)):
        table = pa.Table.from_pylist(pairs(count, winner=["A", "B"], category=split))
        parquet.write_table(table, folder / "data" / f"{split}-00000-of-00001.parquet")
    parquet.write_table(pa.Table.from_pylist(pairs(2, winner=[0, 1])), folder / "small.parquet")
    (folder / "README.md").write_text(README, encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "JUDGEBENCH_"))}
    return {**kept, "HF_HOME": str(tmp_path / "hf"), "HF_HUB_OFFLINE": "1", "HOME": str(tmp_path)}


def test_splits_configurations_revisions_and_a_run_that_records_the_commit(hub_cache, tmp_path) -> None:
    names = ["votes:default/test", f"votes@{COMMIT}:test", "votes@main:small/test", "votes", "votes:small/train",
             "votes:other/test", "votes@v2:test", "absent"]  # fmt: skip
    ended = subprocess.run(
        [sys.executable, "-c", TRY, *(f"hf:me/{name}" for name in names)],
        env={**hub_cache, "PYTHONPATH": str(ROOT)}, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    test, same, small, several, no_split, no_config, no_revision, absent, retried = json.loads(ended.stdout).values()
    assert test[:3] == [f"hf:me/votes@{COMMIT}:default/test", 4, "Question 0?"]
    assert same == test
    assert small[:2] == [f"hf:me/votes@{COMMIT}:small/test", 2]
    assert small[4] == 1, "a class label is read by its name: 0 is model_b"
    assert several == ("InputError: hf:me/votes has the splits train, test: say which, as in hf:me/votes:default/SPLIT")
    assert no_split.startswith("UnknownName: no part of me/votes named 'train'")
    assert no_config.startswith("UnknownName: no part of me/votes named 'other'")
    assert "there are: default, small" in no_config
    assert no_revision.startswith("DataUnavailable: hf:me/votes: this machine is set to be offline, and the cache")
    assert "does not hold it at v2" in no_revision
    assert absent.startswith("DataUnavailable: hf:me/absent: this machine is set to be offline")
    assert retried == 8
    run = tmp_path / "results" / test[3].replace("/", "-") / "baseline-longest"
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["provenance"] == {"data": f"hf:me/votes@{COMMIT}:default/test", "revision": COMMIT}


FAIL = """
import json, sys
from judgebench.adapters import own
from judgebench.errors import JudgebenchError
says = {}
for name in sys.argv[1:]:
    try:
        own.open_own(f"hf:me/votes@{name}")
    except JudgebenchError as error:
        says[name] = f"{type(error).__name__}: {error}"
print(json.dumps(says))
"""


def test_a_hub_in_trouble_is_one_line_that_says_whose_fault_it_is(tmp_path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "JUDGEBENCH_"))}
    times = {"HF_HUB_DOWNLOAD_TIMEOUT": "1", "HF_HUB_ETAG_TIMEOUT": "1"}
    with serving("me/votes", {}) as server:
        here = {"HF_ENDPOINT": server.url, "HF_HOME": str(tmp_path / "hf"), "PYTHONPATH": str(ROOT)}
        ended = subprocess.run(
            [sys.executable, "-c", FAIL, *TROUBLE],
            env={**kept, **times, **here}, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False,
        )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    says = json.loads(ended.stdout)
    for trouble in TROUBLE:
        assert "\n" not in says[trouble]
        if trouble.isdigit():
            assert re.match(f"DataUnavailable: hf:me/votes: the hub says: .*{trouble}", says[trouble]), says[trouble]
        else:
            why = rf"the hub cannot be reached \(.+\), and the cache of the hub does not hold it at {trouble}; run it"
            assert re.match(f"DataUnavailable: hf:me/votes: {why}", says[trouble]), says[trouble]


@pytest.mark.parametrize("name", ["hf:", "hf:votes", "hf:a/b/c", "hf:me/votes@", "hf:me/votes:a/b/c", "hf:../x/y"])
def test_a_name_that_is_none(name) -> None:
    with pytest.raises(InputError, match="a data set of the hub is named hf:owner/name"):
        hub.parse_address(name)
