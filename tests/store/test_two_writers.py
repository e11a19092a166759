"""One run has one writer. Others are told so, and disturb nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from judgebench import store
from judgebench.errors import StoreBusy
from judgebench.types import FIRST, BenchmarkRef, JudgeRef, Judgment, Manifest, Status

HOLDER = """
import sys
from pathlib import Path
from judgebench import store
from judgebench.types import FIRST, BenchmarkRef, JudgeRef, Judgment, Manifest, Status

refs = {"benchmark_ref": BenchmarkRef(id="b"), "judge_ref": JudgeRef(kind="python", called="j")}
manifest = Manifest(**refs, version="1", items="i", orders="single")
with store.Run(Path(sys.argv[1]), manifest) as run:
    run.append(Judgment(item="theirs", order=(0, 1), status=Status.OK, verdict=FIRST))
    print("holding", flush=True)
    sys.stdin.readline()
"""

ANSWER = Judgment(item="ours", order=(0, 1), status=Status.OK, verdict=FIRST)


@pytest.fixture
def single() -> Manifest:
    return Manifest(
        benchmark_ref=BenchmarkRef(id="b"),
        version="1",
        items="i",
        judge_ref=JudgeRef(kind="python", called="j"),
        orders="single",
    )


def holder(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "holding\n"
    return process


def test_a_second_process_is_refused_and_the_first_goes_on(tmp_path: Path, single: Manifest) -> None:
    with holder(tmp_path) as first:
        before = (tmp_path / "judgments.jsonl").read_bytes()
        with pytest.raises(StoreBusy) as busy, store.Run(tmp_path, single):
            pytest.fail("two processes write one run")
        assert str(busy.value) == f"{tmp_path}: another judgebench process is writing this run; wait for it"
        assert busy.value.exit_code == 1
        assert (tmp_path / "judgments.jsonl").read_bytes() == before
        assert len(store.read_judgments(tmp_path)) == 1, "reading needs no lock"
        second = subprocess.run(
            [sys.executable, "-c", HOLDER, tmp_path], input="", capture_output=True, encoding="utf-8", check=False
        )
        assert second.returncode == 1
        assert "StoreBusy" in second.stderr
        first.communicate("\n")
        assert first.returncode == 0
    with store.Run(tmp_path, single) as run:
        run.append(ANSWER)
    assert [judgment.item for judgment in store.read_judgments(tmp_path)] == ["theirs", "ours"]


def test_a_killed_process_leaves_no_lock_behind(tmp_path: Path, single: Manifest) -> None:
    with holder(tmp_path) as first:
        first.kill()
    assert first.returncode == -9
    with store.Run(tmp_path, single) as run:
        assert len(run.answered) == 1
        run.append(ANSWER)


def test_a_lock_file_that_lies_around_is_no_lock(tmp_path: Path, single: Manifest) -> None:
    """It may have travelled with a copied folder."""
    (tmp_path / ".judgebench.lock").write_text(str(os.getpid()), encoding="utf-8")
    with store.Run(tmp_path, single) as run:
        run.append(ANSWER)


def test_a_second_thread_is_refused(tmp_path: Path, single: Manifest) -> None:
    caught: list[BaseException] = []

    def second() -> None:
        try:
            with store.Run(tmp_path, single) as run:
                run.append(ANSWER)
        except StoreBusy as error:
            caught.append(error)

    with store.Run(tmp_path, single):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
        with pytest.raises(StoreBusy), store.Run(tmp_path, single):
            pytest.fail("opened twice in one thread")
    assert len(caught) == 1
    second()
    assert len(caught) == 1, "free again once the first has closed it"
    assert store.read_judgments(tmp_path) == [ANSWER]


def test_other_runs_of_the_same_benchmark_are_free(tmp_path: Path, single: Manifest) -> None:
    with store.Run(tmp_path / "b" / "one", single) as one, store.Run(tmp_path / "b" / "two", single) as two:
        one.append(ANSWER)
        two.append(ANSWER)
    assert [folder.name for folder in store.runs(tmp_path)] == ["one", "two"]
