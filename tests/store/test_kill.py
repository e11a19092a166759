"""`judgebench run`, killed at fifty moments, ends with the answers of a run that nobody disturbed."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from judgebench import store

SEED = 20261122
KILLS = 50
ITEMS, SAMPLES = 24, 600
TRIALS = ITEMS * 2 * SAMPLES


def start(results: Path) -> subprocess.Popen[bytes]:
    program = "from judgebench.cli import main; main()"
    arguments = f"run --judge baseline:random --benchmarks verifiable -B n={ITEMS} --samples {SAMPLES}".split()
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments, "--output-dir", results],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def finish(results: Path) -> bytes:
    """Run to the end; the judgments as they stand in the file."""
    with start(results) as process:
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, b"")
    return (folder(results) / "judgments.jsonl").read_bytes()


def folder(results: Path) -> Path:
    return store.run_folder(results, f"verifiable[n={ITEMS}]", "baseline:random")


def size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def kill_when(process: subprocess.Popen[bytes], path: Path, *, grown_to: float, after: float) -> None:
    """SIGKILL as soon as the file has that many bytes, or after that many seconds; at once if it ends by itself."""
    end = time.monotonic() + after
    while process.poll() is None and size(path) < grown_to and time.monotonic() < end:
        time.sleep(0.0005)
    process.send_signal(signal.SIGKILL)
    process.communicate()


@pytest.mark.slow
def test_a_run_killed_at_fifty_moments_loses_repeats_and_mixes_nothing(tmp_path: Path) -> None:
    undisturbed = finish(tmp_path / "undisturbed")
    assert undisturbed.count(b"\n") == TRIALS
    results = tmp_path / "killed"
    path = folder(results) / "judgments.jsonl"
    moments = random.Random(SEED)
    met: Counter[str] = Counter()
    before = b""
    for number in range(KILLS):
        # Most kills fall while answers are written, at a random byte of the part of the file that is this kill's; every
        # fifth at a random time after the start: while modules are imported, or the file is read, mended, locked.
        early = number % 5 == 0
        share = len(undisturbed) * (number + moments.random()) / KILLS
        process = start(results)
        kill_when(
            process,
            path,
            grown_to=float("inf") if early else max(share, len(before) + 1),
            after=moments.uniform(0, 0.4) if early else 30,
        )
        now = path.read_bytes() if path.exists() else b""
        assert process.returncode == -signal.SIGKILL, f"kill {number}: the run had ended by itself"
        whole = before[: before.rfind(b"\n") + 1]
        assert now.startswith(whole), f"kill {number}: an answer that was on disk is gone"
        assert undisturbed.startswith(now), f"kill {number}: something else than the answers is in the file"
        met["half done"] += 0 < len(now) < len(undisturbed)
        met["while writing"] += len(whole) < len(now) < len(undisturbed)
        met["torn line"] += not now.endswith(b"\n")
        before = now
    assert met["while writing"] >= 30, f"too few kills hit a file that was being written: {met}"

    assert finish(results) == undisturbed
    judgments = store.read_judgments(folder(results))  # refuses an answer that stands there twice
    assert len({judgment.key for judgment in judgments}) == len(judgments) == TRIALS
    assert judgments == store.read_judgments(folder(tmp_path / "undisturbed"))
    scores = [(folder(where) / "scores.json").read_bytes() for where in (results, tmp_path / "undisturbed")]
    assert scores[0] == scores[1]
    print(f"\nof {KILLS} kills (seed {SEED}): {dict(met)}")
