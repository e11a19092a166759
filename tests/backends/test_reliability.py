"""Two thousand trials, a server that fails one request in five, and a process that is killed five times."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from judgebench import api, store
from judgebench import run as run_loop
from judgebench.judges import open_judge
from judgebench.types import Key, Status

CONNECTIONS, KILLS, PAIRS = 32, 5, 1000
PASSING = ("500", "502", "503", "drop", "half", "truncated", "latin1", "html", "error-in-200")
FINAL = {"long": Status.FAILED, "odd": Status.FAILED, "filter": Status.REFUSED, "length": Status.TRUNCATED}
FINAL |= {"empty": Status.UNPARSED}


def number(*what: object) -> int:
    return int.from_bytes(hashlib.sha256(repr(what).encode()).digest()[:4])


def fate(question: str) -> str:
    """What becomes of a question in the end: of twenty-five, one is not answered as it should be."""
    drawn = number(question) % 25
    return "ok" if drawn else tuple(FINAL)[number(question, "how") % len(FINAL)]


def unreliable(before: int, same: int, body: dict[str, Any]) -> str:
    """Of a thousand requests, 200 meet a passing fault, 2 of them a 429."""
    question = body["messages"][-1]["content"]
    drawn = number(question, same) % 1000
    if drawn < 2:
        return "429+0.05"
    if drawn < 5:
        return "hang"
    if drawn < 20:
        return f"slow=0.2,{fate(question)}"
    return PASSING[drawn % len(PASSING)] if drawn < 200 else fate(question)


@pytest.mark.slow
def test_every_trial_ends_with_one_judgment(serve: Callable[..., Any], tmp_path: Path, key: str) -> None:
    server = serve(unreliable, latency=0.02)
    judge = f"server:{server.url}#tiny"
    options = {"max_connections": str(CONNECTIONS), "backoff": "0.02", "timeout": "1"}
    command = [sys.executable, "-m", "judgebench", "run", "-j", judge]
    command += [word for option in options.items() for word in ("-J", "=".join(option))]
    command += ["-b", "verifiable", "-B", f"n={PAIRS}", "--output-dir", "r", "--min-coverage", "0"]
    log = tmp_path / "log"

    for kill in range(1, KILLS + 1):
        with log.open("ab") as screen, subprocess.Popen(command, stdout=screen, stderr=screen) as process:
            wait_for_lines(tmp_path / "r", kill * 2 * PAIRS // (KILLS + 1), process)
            os.kill(process.pid, signal.SIGKILL)
    with log.open("ab") as screen:
        assert subprocess.run(command, stdout=screen, stderr=screen, check=False).returncode == 0

    (folder,) = store.runs(tmp_path / "r")
    found = {judgment.key: judgment for judgment in store.read_judgments(folder)}
    assert (folder / "judgments.jsonl").read_bytes().count(b"\n") == len(found) == 2 * PAIRS
    assert {judgment_key: judgment.status for judgment_key, judgment in found.items()} == expected(judge, options)
    paid_twice = server.answered.total() - len(server.answered)
    assert paid_twice <= KILLS * CONNECTIONS

    failed = {judgment_key for judgment_key, judgment in found.items() if judgment.status != Status.OK}
    assert len(failed) > 40
    server.plan, asked_before = lambda *_: "ok", server.requests
    _, outcome = api.retry(folder, judge=judge, judge_options=options)
    assert server.requests - asked_before == outcome.now[Status.OK] == len(failed)
    healed = {judgment.key: judgment for judgment in store.read_judgments(folder)}
    assert {judgment.status for judgment in healed.values()} == {Status.OK}
    assert {judgment_key for judgment_key, judgment in healed.items() if judgment.attempt == 1} == failed
    assert all(found[judgment_key] == healed[judgment_key] for judgment_key in found.keys() - failed)
    assert all(key not in path.read_text(encoding="utf-8") for path in (log, *folder.iterdir()) if path.is_file())


def wait_for_lines(results: Path, count: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        lines = sum(path.read_bytes().count(b"\n") for path in results.glob("*/*/judgments.jsonl"))
        if lines >= count:
            return
        time.sleep(0.02)
    pytest.fail(f"no {count} lines: {process.poll()}")


def expected(judge: str, options: dict[str, str]) -> dict[Key, Status]:
    opened: Any = open_judge(judge, options)
    trials = run_loop.trials(api.open_benchmark("verifiable", {"n": str(PAIRS)}).items, "both", 1)
    fates = {trial.key: fate(opened.made.render(trial)[0].messages[-1].content) for trial in trials}
    assert Counter(fates.values()).keys() == {"ok", *FINAL}
    return {judgment_key: FINAL.get(drawn, Status.OK) for judgment_key, drawn in fates.items()}
