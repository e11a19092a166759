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
from math import ceil
from time import monotonic, sleep
from typing import IO, Any

from judgebench.errors import InputError, JudgebenchError
from judgebench.pairs import inside

PROTECTIONS = ("limits", "namespaces", "no network", "own files", "no network calls", "no other process")
"""Those that a Linux machine can give to any user; `another user` comes on top for root, and `Landlock` where there are
no files of its own."""
LEVELS = {
    "isolated": ("namespaces", "own files", "no network calls"),
    "confined": ("Landlock", "no network calls", "no other process"),
    "limited": ("limits",),
}
"""By name, what a sandbox has at least, the strongest first: sees nothing of this machine but Python; may read nothing
else and signal nobody (as in a container); takes no more than it may, with the user's rights."""
WHAT_IT_MEANS = {
    "confined": "it shares this machine's processes and kernel namespaces, and may read Python's files and no others",
    "limited": "it may read and write what you may, and see and end your processes",
}
_START_SECONDS = 10.0
"""Added to the time for the code: a busy machine may be slow to start an interpreter."""
CLOCK = 4.0
"""So much longer than its processor time may a run take. Whoever shares the machine may be the cause of it."""
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


@dataclass(frozen=True)
class CodeLimits:
    """`seconds` of the processor; `memory` and `output` in bytes; `processes`, which are threads of one process."""

    seconds: float = 10.0
    memory: int = 1 << 30
    output: int = 4 << 20
    processes: int = 16


class Unusable(JudgebenchError):
    """A run says nothing about the code: what it needs, this machine or the wall does not give."""


class NotStarted(Unusable):
    """The sandbox could not be started."""


def run_program(code: str, stdin: str, limits: CodeLimits) -> tuple[str, str | None]:
    """Run `code` as a Python program. Returns what it wrote to stdout, and why that does not count: more output than
    the limit, more processor time, an exit code other than 0. Unusable where the machine is the cause."""
    with _Wall(limits) as wall:
        stdin_file = wall.file(stdin.encode("utf-8", "replace"))
        child = wall.start("program", {"code": code}, stdin=stdin_file, stdout=subprocess.PIPE)
        data, trouble = wall.read(child.stdout, limits.output)  # type: ignore[arg-type]
        if trouble is None and (trouble := wall.ended(child)) is None and child.returncode:
            if child.returncode == inside.OF_THE_MACHINE:
                raise Unusable("it needs a module, a file, a process or memory that the sandbox does not have")
            trouble = f"it ended with exit code {child.returncode}"
        return data.decode("utf-8", "replace"), trouble


def run_tests(code: str, tests: str, entry_point: str | None, limits: CodeLimits, given: str = "") -> tuple[str, str]:
    """(passed, failed or unusable; why). Failed is what fails in one process with its tests, where nothing stands
    between the two that could be at fault. What passes there has to pass again from behind a wall, where nothing but
    data decides: what it prints, or does to its own interpreter, reaches no test there. Code that fails at the wall
    alone is unusable. `given` is Python that the question gives, which the tests may use. NotStarted where the sandbox
    did not start."""
    spec = {"code": code, "tests": tests, "entry_point": entry_point, "given": given}
    with _Wall(limits) as wall:
        outcome, why = wall.verdict(spec, "together")
    if outcome != "passed":
        return outcome, why
    with _Wall(limits) as wall:
        mine, theirs = map(wall.enter_context, socket.socketpair())
        wall.start("module", {name: spec[name] for name in ("code", "tests", "entry_point", "given")}, theirs.fileno())
        theirs.close()
        outcome, why = wall.verdict({**spec, "code": ""}, "tests", mine)
    if outcome == "failed":
        return "unusable", f"it passes in one process with its tests and not behind the wall: {why}"
    return outcome, why


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

    @property
    def _too_long(self) -> str:
        return f"not done after {self._limits.seconds:g} seconds of processor time"

    @property
    def _not_done(self) -> str:
        return f"not done after {CLOCK * self._limits.seconds:g} seconds of the clock: it waits, or the machine is busy"

    def file(self, data: bytes) -> IO[bytes]:
        file = self.enter_context(tempfile.TemporaryFile())  # noqa: SIM115  (closed when the run ends)
        file.write(data)
        file.seek(0)
        return file

    def start(self, role: str, spec: dict[str, Any], *passed: int, **streams: Any) -> subprocess.Popen[bytes]:
        limits = self._limits
        hard = {"cpu": ceil(limits.seconds), "memory": limits.memory, "processes": limits.processes, "alone": 1}
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

    def verdict(self, spec: dict[str, Any], role: str, wire: socket.socket | None = None) -> tuple[str, str]:
        """What the process says in the end, with a number that behind a wall the code never sees."""
        nonce = secrets.token_hex(16)
        reader, writer = os.pipe()
        pipe = self.enter_context(os.fdopen(reader, "rb"))
        child = self.start(role, {**spec, "nonce": nonce}, *([] if wire is None else [wire.fileno()]), writer)
        os.close(writer)
        if wire is not None:
            wire.close()
        try:
            data, trouble = self.read(pipe, 1 << 16)
        except NotStarted:
            raise
        except Unusable as error:
            return "unusable", str(error)
        with suppress(ValueError):
            answer = json.loads(data)
            if answer[0] == nonce:
                return answer[1], answer[2]
        return "failed", trouble or self.ended(child) or "it ended its process before the tests did"

    def ended(self, child: subprocess.Popen[bytes]) -> str | None:
        """Waits for the process. Why it was ended: for the processor time that it took; None if it was not."""
        while monotonic() < self._end:
            pid, status, used = os.wait4(child.pid, os.WNOHANG)
            if pid:
                child.returncode = os.waitstatus_to_exitcode(status)
                spent = used.ru_utime + used.ru_stime
                return self._too_long if child.returncode and spent >= self._limits.seconds else None
            sleep(0.002)
        raise Unusable(self._not_done)

    def read(self, pipe: IO[bytes], most: int) -> tuple[bytes, str | None]:
        """What comes out of the pipe, and what is wrong: too much output. Unusable where there is no end of it in time,
        which counts from the start of the code, after all processes have reported."""
        for report in self.reports:
            if not self._ready(report) or not report.readline():
                raise NotStarted("the sandbox did not start: this machine is short of processes, memory or time")
        self._end = monotonic() + CLOCK * self._limits.seconds
        data = b""
        while self._ready(pipe):
            part = os.read(pipe.fileno(), 1 << 16)
            if not part:
                return data, None
            data += part
            if len(data) > most:
                return data[:most], f"more than {most >> 20} MiB of output"
        raise Unusable(self._not_done)

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


def level(protections: Sequence[str]) -> str:
    """The strongest of LEVELS that these protections make."""
    return next(name for name, needed in LEVELS.items() if set(needed) <= {*protections, "limits"})


def demand(floor: str, protections: Sequence[str]) -> None:
    """InputError where these protections are less than the floor."""
    names = list(LEVELS)
    if names.index(level(protections)) > names.index(floor):
        raise InputError(
            f"code would run in a sandbox that is `{level(protections)}` only, without "
            f"{', '.join(missing(protections))}: {WHAT_IT_MEANS[level(protections)]}. --sandbox {level(protections)} "
            "accepts that; in a container, --security-opt seccomp=unconfined or a rootless one gives namespaces"
        )
