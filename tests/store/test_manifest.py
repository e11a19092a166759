"""Answers to different questions never share a file; more of the same question goes into the one there is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from judgebench import store
from judgebench.errors import InputError, ManifestMismatch
from judgebench.run import ask
from judgebench.types import BenchmarkRef, Item, JudgeRef, Manifest

Snapshot = Callable[[Path], dict[str, bytes]]
changed = msgspec.structs.replace

OTHER_QUESTIONS = {
    "benchmark": BenchmarkRef(id="another"),
    "version": "2",
    "items": "fedcba9876543210",
    "judge": JudgeRef(kind="python", called="someone else"),
    "protocol": {"t": 1},
}


def test_every_part_of_the_identity_is_tried_below(manifest: Manifest) -> None:
    assert set(OTHER_QUESTIONS) == set(manifest.identity)


@pytest.mark.parametrize("field", OTHER_QUESTIONS)
def test_an_answer_to_another_question_is_refused(
    tmp_path: Path, items: list[Item], manifest: Manifest, scripted: Any, snapshot: Snapshot, field: str
) -> None:
    with store.Run(tmp_path, manifest) as run:
        ask(items, scripted(), run)
    path = tmp_path / "judgments.jsonl"
    path.write_bytes(path.read_bytes() + b'{"item":"torn')
    before = snapshot(tmp_path)
    name = f"{field}_ref" if field in ("benchmark", "judge") else field
    other = changed(manifest, **{name: OTHER_QUESTIONS[field]}, samples=5)
    with pytest.raises(ManifestMismatch) as refusal, store.Run(tmp_path, other):
        pytest.fail("two questions share a file")
    assert refusal.value.exit_code == 2
    assert isinstance(refusal.value, InputError)
    known, wanted = (getattr(value, "name", value) for value in (manifest.identity[field], OTHER_QUESTIONS[field]))
    assert f"its {field} is {known!r}" in str(refusal.value)
    assert f"this run's is {wanted!r}" in str(refusal.value)
    assert snapshot(tmp_path) == before, "nothing is touched, not even mended"


def test_a_limit_is_lifted_and_only_the_rest_is_asked(
    tmp_path: Path, items: list[Item], manifest: Manifest, scripted: Any
) -> None:
    with store.Run(tmp_path, changed(manifest, limit=1)) as run:
        assert run.manifest.limit == 1
        ask(items[: run.manifest.limit], scripted(), run)
    assert store.read_manifest(tmp_path).limit == 1
    with store.Run(tmp_path, changed(manifest, limit=2)) as run:
        assert run.manifest.limit == 2
    judge = scripted()
    with store.Run(tmp_path, manifest) as run:
        assert run.manifest.limit is None
        outcome = ask(items[: run.manifest.limit], judge, run)
    assert store.read_manifest(tmp_path).limit is None
    assert [trial.item for trial in judge.asked] == ["zwei-ü", "zwei-ü", "三", "三"]
    assert (outcome.wanted, outcome.before, outcome.now.total(), outcome.missing) == (6, 2, 4, 0)


def test_single_is_widened_to_both_and_samples_to_more(
    tmp_path: Path, items: list[Item], manifest: Manifest, scripted: Any
) -> None:
    with store.Run(tmp_path, changed(manifest, orders="single")) as run:
        ask(items, scripted(), run)
    judge = scripted()
    with store.Run(tmp_path, manifest) as run:
        ask(items, judge, run)
    assert {trial.order for trial in judge.asked} == {(1, 0)}
    judge = scripted()
    with store.Run(tmp_path, changed(manifest, samples=2)) as run:
        ask(items, judge, run)
    assert {trial.sample for trial in judge.asked} == {1}
    assert len(store.read_judgments(tmp_path)) == 12


def test_a_narrower_command_keeps_what_there_is(tmp_path: Path, manifest: Manifest) -> None:
    wide = changed(manifest, samples=3)
    with store.Run(tmp_path, wide):
        pass
    with store.Run(tmp_path, changed(manifest, samples=1, limit=1, orders="single")) as run:
        assert run.manifest == wide
    assert store.read_manifest(tmp_path) == wide


def test_what_made_the_answers_is_kept_when_a_run_is_widened(tmp_path: Path, manifest: Manifest) -> None:
    first = changed(manifest, orders="single", provenance={"note": "first"}, versions={"judgebench": "0.0.1"})
    with store.Run(tmp_path, first):
        pass
    with store.Run(tmp_path, changed(manifest, versions={"judgebench": "9"})):
        pass
    assert store.read_manifest(tmp_path) == changed(first, orders="both")


def test_a_folder_without_a_manifest_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path, tmp_path / "absent", tmp_path / "file"):
        with pytest.raises(InputError, match="is not a run: it has no manifest"):
            store.read_manifest(folder)
