"""Compares expressions in a process confined as untrusted code is: a short text can stand for a huge number."""

from __future__ import annotations

import json
import select
import subprocess
import sys
import tempfile
from contextlib import ExitStack, suppress
from typing import Any

from judgebench.errors import InputError
from judgebench.extensions import install
from judgebench.pairs import answers, inside, sandbox

SECONDS = 10.0
_START_SECONDS = 60.0
_LIMITS = {"memory": 2 << 30, "file_size": 1 << 20, "cpu": 3600, "processes": 16}
_PROGRAM = "import sys; sys.path[:] = {path!r}; from judgebench.pairs import algebra; algebra.work({method!r})"


class Algebra(ExitStack):
    """A worker process that compares. It is replaced when it takes too long or too much memory."""

    def __init__(self, method: str) -> None:
        super().__init__()
        self._method = method
        self._worker: Any = None  # a subprocess.Popen, with pipes

    def compare(self, gold: str, response: str, stated: str) -> tuple[bool | None, str]:
        """Whether what the response states equals gold; None and the reason where that is not known."""
        worker = self._worker or self._start()
        with suppress(BrokenPipeError):
            worker.stdin.write(json.dumps([gold, response, stated]).encode() + b"\n")
            worker.stdin.flush()
        if not select.select([worker.stdout], [], [], SECONDS)[0]:
            self._stop()
            return None, f"not compared after {SECONDS:g} seconds"
        line = worker.stdout.readline()
        if not line:
            self._stop()
            return None, "took more memory than it may, or ended its process"
        equal, why = json.loads(line)
        return equal, why

    def _start(self) -> Any:
        program = _PROGRAM.format(path=[*filter(None, sys.path)], method=self._method)
        # The worker mounts its root over its working folder. That must not be the user's, which may hold its Python.
        folder = self.enter_context(tempfile.TemporaryDirectory(prefix="judgebench-", ignore_cleanup_errors=True))
        worker: Any = subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"LC_ALL": "C.UTF-8"},
            cwd=folder,
            start_new_session=True,
        )
        self.callback(sandbox.kill_group, worker)
        self._worker = worker
        ready = select.select([worker.stdout], [], [], _START_SECONDS)[0]
        if not ready or worker.stdout.readline() != b"ready\n":
            self._stop()
            command = install("pairs")
            raise InputError(f"the grader {self._method} does not start; is what `{command}` brings as it should be?")
        return worker

    def _stop(self) -> None:
        self._worker = None
        self.close()


def work(method: str) -> None:
    """The worker. For each line [gold, response, what the response states] it writes a line [equal or null, why]."""
    compare = {"sympy": _by_sympy, "math-verify": _by_math_verify}[method]()
    inside.confine(_LIMITS)
    print("ready", flush=True)
    for line in sys.stdin:
        try:
            answer: Any = compare(*json.loads(line))
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001  (a library may fail in any way at such texts)
            answer = [None, f"{type(error).__name__}: {error}"[:200]]
        print(json.dumps(answer), flush=True)


def _by_sympy() -> Any:
    from judgebench.pairs import expressions

    def compare(gold: str, _: str, stated: str) -> list[Any]:
        try:
            return [expressions.equal(expressions.read(gold), expressions.read(stated)), ""]
        except ValueError as error:
            return [None, str(error)]

    return compare


def _by_math_verify() -> Any:
    """The library finds the answer by itself in LaTeX. Its reader for plain text, which evaluates it, is not used."""
    import logging

    from math_verify import LatexExtractionConfig, parse, verify

    logging.disable()
    answers.answer_proper("")  # reads the marks of thoughts, whose file the sandbox does not have
    latex = [LatexExtractionConfig()]

    def understood(text: str) -> list[Any]:
        readings = parse(text, latex, parsing_timeout=None)
        return [reading for reading in readings if not isinstance(reading, str)]  # a string is what it could not read

    def compare(gold: str, response: str, stated: str) -> list[Any]:
        truth = understood(f"${gold.strip('$ ')}$")
        answer = understood(answers.answer_proper(response)) or understood(f"${stated.strip('$ ')}$")
        if not truth or not answer:
            return [None, f"math-verify finds no answer in the {'response' if truth else 'reference'}"]
        return [bool(verify(truth, answer, timeout_seconds=None)), ""]

    return compare
