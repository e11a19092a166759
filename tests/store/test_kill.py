"""`judgebench run`, killed at fifty moments, ends with the answers of a run that nobody disturbed."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from judgebench import store
from judgebench.errors import InputError

SEED = 20261122
KILLS = 50
ITEMS, SAMPLES = 24, 600
TRIALS = ITEMS * 2 * SAMPLES


def start(results: Path) -> subprocess.Popen[bytes]:
    arguments = f"run --judge baseline:random --benchmarks verifiable -B n={ITEMS} --samples {SAMPLES}".split()
    return subprocess.Popen(
        [sys.executable, "-m", "judgebench", *arguments, "--output-dir", results],
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
    moments = random.Random(SEED)
    met: Counter[str] = Counter()
    results, before = tmp_path / "killed", b""
    for number in range(KILLS):
        # Most kills fall while answers are written: when the file has grown by a random number of bytes, so that fifty
        # kills take it through most of the run. Every fifth falls at a random time after the start: while modules are
        # imported, or the file is read, mended, locked.
        path = folder(results) / "judgments.jsonl"
        goal = len(before) + 1 + moments.random() * 1.6 * len(undisturbed) / KILLS
        process = start(results)
        kill_when(process, path, grown_to=goal, after=moments.uniform(0, 0.4) if number % 5 == 0 else 30)
        now = path.read_bytes() if path.exists() else b""
        whole = before[: before.rfind(b"\n") + 1]
        assert now.startswith(whole), f"kill {number}: an answer that was on disk is gone"
        assert undisturbed.startswith(now), f"kill {number}: something else than the answers is in the file"
        met["half done"] += 0 < len(now) < len(undisturbed)
        met["while writing"] += len(whole) < len(now) < len(undisturbed)
        met["torn line"] += now[-1:] not in {b"", b"\n"}
        before = now
        if now == undisturbed:  # a busy machine delivered the kill too late: this one is done, begin another
            same_as_undisturbed(results, tmp_path)
            results, before = tmp_path / f"killed-after-{number}", b""
    assert met["while writing"] >= 30, f"too few kills hit a file that was being written: {met}"
    same_as_undisturbed(results, tmp_path)
    print(f"\nof {KILLS} kills (seed {SEED}): {dict(met)}")


def same_as_undisturbed(results: Path, tmp_path: Path) -> None:
    undisturbed = folder(tmp_path / "undisturbed")
    assert finish(results) == (undisturbed / "judgments.jsonl").read_bytes()
    judgments = store.read_judgments(folder(results))  # refuses an answer that stands there twice
    assert len({judgment.key for judgment in judgments}) == len(judgments) == TRIALS
    assert scores_of(folder(results)) == scores_of(undisturbed)


def scores_of(run: Path) -> dict[str, Any]:
    """scores.json without the times of the run."""
    scores: dict[str, Any] = json.loads((run / "scores.json").read_bytes())
    assert scores["manifest"].pop("started") <= scores["manifest"].pop("ended")
    return scores


WRITER = """
import sys
from pathlib import Path
from judgebench import store
from judgebench.types import FIRST, BenchmarkRef, JudgeRef, Judgment, Manifest, Status

refs = {"benchmark_ref": BenchmarkRef(id="b"), "judge_ref": JudgeRef(kind="python", called="j")}
manifest = Manifest(**refs, version="1", items="i", orders="single")
with store.Run(Path(sys.argv[1]), manifest) as run:
    for count in range(len(run.answered), int(sys.argv[2])):
        run.append(Judgment(item=str(count), order=(0, 1), status=Status.OK, verdict=FIRST, text="日" * 1_500_000))
        print(count, flush=True)
"""


ANSWERS = """
import sys, time
from pathlib import Path
from judgebench import store
from judgebench.types import FIRST, BenchmarkRef, Flag, JudgeRef, Judgment, Manifest, Status

refs = {"benchmark_ref": BenchmarkRef(id="b"), "judge_ref": JudgeRef(kind="server", model="m")}
manifest = Manifest(**refs, version="1", items="i", orders="single", addresses=("http://h/v1",))
asked = {"served": ("m-2026",), "dropped": ("temperature",), "flags": (Flag.CUT,)}
with store.Run(Path(sys.argv[1]), manifest) as run:
    for count in range(10_000):
        run.append(Judgment(item=str(count), order=(0, 1), status=Status.OK, verdict=FIRST, **asked))
        time.sleep(0.01)
"""


def test_a_killed_run_has_said_what_happened_up_to_its_last_flush(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", ANSWERS, tmp_path])
    deadline = monotonic() + 60
    while process.poll() is None and monotonic() < deadline:
        with suppress(InputError):  # there is no manifest yet
            if store.read_manifest(tmp_path).served:
                break
    process.kill()
    process.wait()
    manifest, answers = store.read_manifest(tmp_path), store.read_judgments(tmp_path)
    assert (manifest.served, manifest.dropped) == (("m-2026",), ("temperature",))
    assert manifest.addresses == ("http://h/v1",)
    assert 0 < manifest.cut <= len(answers) <= manifest.cut + 200, "two flushes are half a second apart"
    assert manifest.started is not None
    assert manifest.ended is not None
    assert manifest.started <= manifest.ended
    assert {(row.served, row.dropped) for row in answers} == {((), ("temperature",))}


BESIDE = """
import sys, time
from pathlib import Path
from judgebench import store
from judgebench.types import FIRST, Flag, Judgment, Status

folder = Path(sys.argv[1])
with store.Run(folder, store.read_manifest(folder), journal=store.PLACEBO) as run:
    for count in range(len(run.answered), int(sys.argv[2])):
        asked = {"served": ("m-2026",), "flags": (Flag.CUT,)}
        run.append(Judgment(item=str(count), order=(0, 1), status=Status.OK, verdict=FIRST, **asked))
        print(count, flush=True)
        time.sleep(0.005)
"""


def test_a_killed_placebo_goes_on_and_leaves_the_run_as_it_was(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", WRITER, tmp_path, "3"], stdout=subprocess.DEVNULL, check=True)
    before, answers = (tmp_path / store.JUDGMENTS).read_bytes(), store.read_manifest(tmp_path)
    acknowledged: list[str] = []
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", BESIDE, tmp_path, "400"], stdout=subprocess.PIPE)
        assert process.stdout is not None
        acknowledged += [process.stdout.readline().decode().strip() for _ in range(20)]
        process.kill()
        acknowledged += process.communicate()[0].decode().split()
        kept = [judgment.item for judgment in store.read_judgments(tmp_path, store.PLACEBO)]
        assert kept[: len(acknowledged)] == acknowledged
        assert len(kept) <= len(acknowledged) + 1
        acknowledged = kept
    subprocess.run([sys.executable, "-c", BESIDE, tmp_path, "400"], stdout=subprocess.DEVNULL, check=True)
    assert [one.item for one in store.read_judgments(tmp_path, store.PLACEBO)] == [str(number) for number in range(400)]
    assert (tmp_path / store.JUDGMENTS).read_bytes() == before
    manifest = store.read_manifest(tmp_path)
    assert (manifest.cut, manifest.served, manifest.identity) == (0, ("m-2026",), answers.identity)


@pytest.mark.slow
def test_kills_in_the_middle_of_a_line(tmp_path: Path) -> None:
    """Answers of 4.5 MB: the kernel copies such a line piece by piece, and SIGKILL stops it between two. What had been
    acknowledged (printed) is on disk whole; the torn line is asked again."""
    path = tmp_path / "judgments.jsonl"
    moments = random.Random(SEED)
    text = "日" * 1_500_000
    kept: list[str] = []
    torn = 0
    for _ in range(40):  # until four lines are torn: most kills do it, on a busy machine some come too late
        goal = (len(kept) + moments.choice([0, 1]) + moments.uniform(0.05, 0.6)) * len(text.encode())
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, tmp_path, "20"], stdout=subprocess.PIPE, encoding="utf-8"
        )
        while size(path) < goal and process.poll() is None:
            pass
        process.kill()
        acknowledged = kept + process.communicate()[0].split()
        torn += path.read_bytes()[-1:] != b"\n"
        kept = [judgment.item for judgment in store.read_judgments(tmp_path)]
        assert kept[: len(acknowledged)] == acknowledged
        assert len(kept) <= len(acknowledged) + 1, "at most the one that was whole and not yet acknowledged"
        if torn == 4 or len(kept) == 20:
            break
    assert torn, "no kill tore a line"
    subprocess.run([sys.executable, "-c", WRITER, tmp_path, "20"], stdout=subprocess.DEVNULL, check=True)
    judgments = store.read_judgments(tmp_path)
    assert [judgment.item for judgment in judgments] == [str(count) for count in range(20)]
    assert {judgment.text for judgment in judgments} == {text}
    print(f"\n{torn} kills tore a line")
