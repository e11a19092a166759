"""Runs code that nobody has read, in processes of its own, which `inside.py` confines before they see the code.

Protections on every system: limits on processor time, memory, file size and processes; a process group that is killed
as a whole when the time is up; an empty folder; an environment without the user's variables; `python -I`. Where Linux
offers them: namespaces of its own (no network, no other process in sight, killed with its last process), a file system
in memory that holds Python and nothing of the user's, a filter on system calls, and for root another user.
"""

from __future__ import annotations

import json
import os
import secrets
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from time import monotonic
from typing import IO, Any

from judgebench.errors import JudgebenchError
from judgebench.pairs import inside

PROTECTIONS = ("limits", "namespaces", "no network", "own files", "no network calls")
"""Those that a Linux machine can give to any user; `another user` comes on top for root."""
_START_SECONDS = 10.0
"""Added to the time for the code: a busy machine may be slow to start an interpreter."""
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


@dataclass(frozen=True)
class CodeLimits:
    """`seconds` of wall clock and of processor; `memory` and `output` in bytes."""

    seconds: float = 10.0
    memory: int = 1 << 30
    output: int = 4 << 20
    processes: int = 16


class NotStarted(JudgebenchError):
    """The sandbox could not be started. That is the machine's fault and says nothing about the code."""


def run_program(code: str, stdin: str, limits: CodeLimits) -> tuple[str, str | None]:
    """Run `code` as a Python program. Returns what it wrote to stdout, and why that does not count: more output than
    the limit, a time-out, an exit code other than 0. NotStarted where the sandbox could not be started."""
    with _Wall(limits) as wall:
        stdin_file = wall.file(stdin.encode("utf-8", "replace"))
        child = wall.start("program", {"code": code}, stdin=stdin_file, stdout=subprocess.PIPE)
        data, trouble = wall.read(child.stdout, limits.output)  # type: ignore[arg-type]
        if trouble is None and child.wait() != 0:
            trouble = f"it ended with exit code {child.returncode}"
        return data.decode("utf-8", "replace"), trouble


def run_tests(code: str, tests: str, entry_point: str | None, limits: CodeLimits) -> tuple[str, str]:
    """(passed, failed or unusable; why). The verdict comes from the process of the tests, with a number that the
    process of the code never sees, on a pipe that it does not have. NotStarted where the sandbox did not start."""
    with _Wall(limits) as wall:
        nonce = secrets.token_hex(16)
        mine, theirs = map(wall.enter_context, socket.socketpair())
        reader, writer = os.pipe()
        verdict = wall.enter_context(os.fdopen(reader, "rb"))
        wall.start("module", {"code": code}, theirs.fileno())
        spec = {"tests": tests, "entry_point": entry_point, "nonce": nonce}
        wall.start("tests", spec, mine.fileno(), writer)
        mine.close()
        theirs.close()
        os.close(writer)
        data, trouble = wall.read(verdict, 1 << 16)
        if trouble is not None:
            return "failed", trouble
        answer = json.loads(data or b"[null]")
        if answer[0] != nonce:
            return "failed", "the tests did not come to an end"
        return answer[1], answer[2]


def protections() -> list[str]:
    """The protections that this machine offers, after a trial: right code must pass and wrong code must fail."""
    good, bad = (run_tests(f"def f(x): return {of}", "assert f(2) == 4", "f", CodeLimits()) for of in ("x + x", "x"))
    if (good[0], bad[0]) != ("passed", "failed"):
        raise JudgebenchError(f"code cannot be run on this machine: a trial run says {good[1] or good[0]!r}")
    with _Wall(CodeLimits()) as wall:
        wall.start("program", {"code": ""}).wait()
        reported: list[str] = json.loads(wall.reports[0].readline() or b"[]")
        return reported


class _Wall(ExitStack):
    """The processes, files and descriptors of one run; all of them are gone when it ends."""

    def __init__(self, limits: CodeLimits) -> None:
        super().__init__()
        self._limits = limits
        self._end = monotonic() + limits.seconds + _START_SECONDS
        self.reports: list[IO[bytes]] = []
        self._folder = self.enter_context(tempfile.TemporaryDirectory(prefix="judgebench-", ignore_cleanup_errors=True))

    def file(self, data: bytes) -> IO[bytes]:
        file = self.enter_context(tempfile.TemporaryFile())  # noqa: SIM115  (closed when the run ends)
        file.write(data)
        file.seek(0)
        return file

    def start(self, role: str, spec: dict[str, Any], *passed: int, **streams: Any) -> subprocess.Popen[bytes]:
        limits = self._limits
        hard = {"cpu": int(limits.seconds) + 1, "memory": limits.memory, "processes": limits.processes}
        specification = self.file(json.dumps({**spec, "limits": {**hard, "file_size": 16 << 20}}).encode())
        reader, writer = os.pipe()
        self.reports.append(self.enter_context(os.fdopen(reader, "rb")))
        passed = (specification.fileno(), writer, *passed)
        child = subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", inside.__file__, role, *map(str, passed)],
            cwd=self._folder,
            env=_ENVIRONMENT,
            pass_fds=passed,
            start_new_session=True,
            **{"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **streams},
        )
        self.callback(kill_group, child)
        os.close(writer)
        return child

    def read(self, pipe: IO[bytes], most: int) -> tuple[bytes, str | None]:
        """What comes out of the pipe, and what is wrong: too much output, or no end of it in time. The time counts from
        the start of the code, after all processes have reported."""
        for report in self.reports:
            if not self._ready(report) or not report.readline():
                raise NotStarted("the sandbox did not start: this machine is short of processes, memory or time")
        self._end = monotonic() + self._limits.seconds
        data = b""
        while self._ready(pipe):
            part = os.read(pipe.fileno(), 1 << 16)
            if not part:
                return data, None
            data += part
            if len(data) > most:
                return data[:most], f"more than {most >> 20} MiB of output"
        return data, f"not done after {self._limits.seconds:g} seconds"

    def _ready(self, pipe: IO[bytes]) -> bool:
        return bool(select.select([pipe], [], [], max(0.0, self._end - monotonic()))[0])


def kill_group(child: subprocess.Popen[bytes]) -> None:
    """Kill the child and every process in its group. (A process can leave the group, but not a namespace.)"""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    for stream in (child.stdin, child.stdout):
        if stream is not None:
            with suppress(BrokenPipeError):
                stream.close()
    child.wait()


def missing(protections: Sequence[str]) -> list[str]:
    return [name for name in PROTECTIONS if name not in protections]
