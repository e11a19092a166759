"""Disks that are full, absent or slow; and when the data is really on them."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from judgebench import store
from judgebench.errors import StoreError
from judgebench.run import ask
from judgebench.types import FIRST, Item, Judgment, Manifest, Status

Snapshot = Callable[[Path], dict[str, bytes]]


def answer(name: str, size: int = 0) -> Judgment:
    return Judgment(item=name, order=(0, 1), status=Status.OK, verdict=FIRST, text="é" * size)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 64 kB."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a file system")
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk]
    mounted = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if mounted.returncode:
        pytest.skip(f"cannot mount here: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_a_full_disk_keeps_every_acknowledged_answer(small_disk: Path, manifest: Manifest) -> None:
    given: list[Judgment] = []
    path = small_disk / "run" / "judgments.jsonl"

    def fill(run: store.Run) -> None:
        for count in range(10_000):
            judgment = answer(f"item-{count}", size=700)
            run.append(judgment)
            given.append(judgment)

    with pytest.raises(StoreError) as full, store.Run(small_disk / "run", manifest) as run:
        fill(run)
    assert str(full.value) == (
        f"{path}: No space left on device; {len(given):,} judgments are safe on disk, and the same command goes on "
        "from there"
    )
    assert 10 < len(given) < 100
    assert path.read_bytes().endswith(b"}\n"), "the line that did not fit is gone"
    assert store.read_judgments(small_disk / "run") == given

    # Still full: the run opens and says so again, and nothing gets lost. Then there is room, and it goes on.
    with pytest.raises(StoreError, match="No space left on device"), store.Run(small_disk / "run", manifest) as run:
        run.append(answer("one too many", size=700))
    subprocess.run(["mount", "-o", "remount,size=1m", small_disk], check=True)
    with store.Run(small_disk / "run", manifest) as run:
        assert list(run.answered.values()) == given
        run.append(answer("the last one"))
    assert store.read_judgments(small_disk / "run") == [*given, answer("the last one")]


def test_a_full_disk_spoils_no_file_that_is_replaced(small_disk: Path, snapshot: Snapshot) -> None:
    path = small_disk / "scores.json"
    store.write_json(path, {"a": 1})
    before = snapshot(small_disk)
    with pytest.raises(StoreError, match="No space left on device; nothing was changed there"):
        store.write_json(path, {"a": "x" * 100_000})
    assert snapshot(small_disk) == before


def test_after_a_write_failed_nothing_more_is_acknowledged(small_disk: Path, manifest: Manifest) -> None:
    """A judge in other threads may go on for a while: what it says then is not taken for stored."""
    with pytest.raises(StoreError), store.Run(small_disk, manifest) as run:  # noqa: PT012
        with pytest.raises(StoreError, match="No space left"):
            run.append(answer("too long", size=100_000))
        with pytest.raises(StoreError, match="No space left"):
            run.append(answer("short"))
    assert store.read_judgments(small_disk) == []


LIMITED = """
import sys
from pathlib import Path
from judgebench import store
from judgebench.types import FIRST, BenchmarkRef, JudgeRef, Judgment, Manifest, Status

folder, judgments = Path(sys.argv[1]), int(sys.argv[2])
refs = {"benchmark_ref": BenchmarkRef(id="b"), "judge_ref": JudgeRef(kind="python", called="j")}
manifest = Manifest(**refs, version="1", items="i", orders="single")
with store.Run(folder, manifest) as run:
    for count in range(judgments):
        if not any(key.item == str(count) for key in run.answered):
            run.append(Judgment(item=str(count), order=(0, 1), status=Status.OK, verdict=FIRST, text="é" * 90))
            print(count, flush=True)
"""


def test_a_limit_on_file_size_is_met_like_a_full_disk(tmp_path: Path) -> None:
    """Any user can have this one: RLIMIT_FSIZE, with the signal ignored, as Python has it. The limit falls inside a
    line, and the kernel writes the part of it that fits."""

    def run(limit: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", LIMITED, tmp_path, "50"],
            capture_output=True,
            encoding="utf-8",
            check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        )

    path = tmp_path / "judgments.jsonl"
    acknowledged: list[str] = []
    for limit in (2_001, 3_333, 7_777):
        stopped = run(limit)
        assert stopped.returncode == 1
        assert stopped.stderr.splitlines()[-1].startswith(f"judgebench.errors.StoreError: {path}: File too large; ")
        acknowledged += stopped.stdout.split()
        data = path.read_bytes()
        assert data.endswith(b"}\n")
        assert limit - 300 < len(data) <= limit
        assert [judgment.item for judgment in store.read_judgments(tmp_path)] == acknowledged
    finished = run(resource.RLIM_INFINITY)
    assert finished.returncode == 0, finished.stderr
    acknowledged += finished.stdout.split()
    assert acknowledged == [str(count) for count in range(50)]
    assert [judgment.item for judgment in store.read_judgments(tmp_path)] == acknowledged


@pytest.mark.parametrize(
    ("folder", "reason"),
    [
        ("file/run", "Not a directory"),
        ("file", "File exists"),
        ("x" * 300, "File name too long"),
        ("/proc/judgebench", "No such file or directory"),
    ],
)
def test_a_folder_that_cannot_be(tmp_path: Path, manifest: Manifest, folder: str, reason: str) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    with pytest.raises(StoreError, match=reason), store.Run(tmp_path / folder, manifest):
        pytest.fail("opened")
    with pytest.raises(StoreError, match=rf"items\.jsonl: ({reason}|Not a directory); nothing was changed there"):
        store.write_labels(tmp_path / folder / "items.jsonl", [])
    assert (tmp_path / "file").read_text(encoding="utf-8") == "not a folder"


def test_files_that_cannot_be_read(tmp_path: Path, manifest: Manifest) -> None:
    (tmp_path / "judgments.jsonl").mkdir()
    with pytest.raises(StoreError, match=r"judgments\.jsonl: cannot be read: Is a directory"):
        store.read_judgments(tmp_path)
    with pytest.raises(StoreError, match="Is a directory"), store.Run(tmp_path, manifest):
        pytest.fail("opened")
    with pytest.raises(StoreError, match=r"labels: cannot be read: No such file"):
        store.read_labels(tmp_path / "labels")


def test_every_answer_is_durable_within_a_second(
    tmp_path: Path, manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Watch the real fsync: after each append, one that began later must have ended before a second has passed."""
    path = tmp_path / "judgments.jsonl"
    synced = threading.Condition()
    ended: list[float] = []
    real = os.fsync

    def watched(file: int) -> None:
        ours = Path(f"/proc/self/fd/{file}").resolve() == path if Path("/proc/self/fd").exists() else True
        real(file)
        if ours:
            with synced:
                ended.append(time.monotonic())
                synced.notify_all()

    monkeypatch.setattr(os, "fsync", watched)
    with store.Run(tmp_path, manifest) as run:
        for count in range(4):
            with synced:
                before = len(ended)
                appended = time.monotonic()
                run.append(answer(str(count)))
                assert synced.wait_for(lambda seen=before: len(ended) > seen, timeout=5), "never made durable"
            assert ended[-1] - appended <= 1
        assert len(ended) == 4
        time.sleep(2 * store.FSYNC_SECONDS)
        assert len(ended) == 4, "nothing new, nothing to sync"
        run.append(answer("last"))
    assert len(ended) == 5, "closing makes the rest durable"


def test_many_answers_share_an_fsync(tmp_path: Path, manifest: Manifest, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    real = os.fsync
    with store.Run(tmp_path, manifest) as run:
        monkeypatch.setattr(os, "fsync", lambda file: (calls.append(file), real(file))[1])
        started = time.monotonic()
        for count in range(2_000):
            run.append(answer(str(count)))
        seconds = time.monotonic() - started
    assert 1 <= len(calls) <= 2 + seconds / store.FSYNC_SECONDS


def test_a_disk_that_fails_to_sync_stops_the_run(
    tmp_path: Path, items: list[Item], manifest: Manifest, scripted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel reports a lost write once, at fsync. To go on asking would be to pay for answers that may vanish."""
    failed = threading.Event()
    real = os.fsync

    def broken(file: int) -> None:
        failed.set()
        raise OSError(5, "Input/output error")

    def wait_then_answer(trial: Any) -> Judgment:
        if len(judge.asked) == 2:
            assert failed.wait(5), "the answers were never synced"
            thread = next(thread for thread in threading.enumerate() if thread.name == "judgebench-fsync")
            thread.join(timeout=2 * store.FSYNC_SECONDS)  # until it has noted the failure
        return trial.answer((1, 0))

    judge = scripted(answer=wait_then_answer)
    monkeypatch.setattr(os, "fsync", lambda file: broken(file) if judge.asked else real(file))
    with (
        pytest.raises(StoreError, match="cannot be written durably: Input/output error"),
        store.Run(tmp_path, manifest) as run,
    ):
        ask(items, judge, run)
    assert len(judge.asked) == 2, "no further answer was asked for"
