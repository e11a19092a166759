"""Comparing expressions in a process of its own, confined as code is: a short text can be a number without end."""

from __future__ import annotations

import json
import select
import subprocess
import sys
import tempfile
from contextlib import suppress
from importlib.metadata import version
from importlib.util import find_spec
from types import TracebackType
from typing import Any

from judgebench.errors import InputError
from judgebench.extensions import install
from judgebench.pairs import answers, inside, sandbox

PACKAGES = {"sympy": "sympy", "math-verify": "math_verify"}
"""What each method imports."""
SECONDS = 10.0
_START_SECONDS = 60.0
_LIMITS = {"memory": 2 << 30, "file_size": 1 << 20, "cpu": 3600, "processes": 16}
_PROGRAM = "import sys; sys.path[:] = {path!r}; from judgebench.pairs import algebra; algebra.work({method!r})"


def require(method: str) -> str:
    """The version of the package. InputError where it is not installed."""
    if find_spec(PACKAGES[method]) is None:
        raise InputError(f"the grader {method} needs the extra [pairs]: {install('pairs')}")
    return f"{method} {version(method)}"


class Algebra:
    """A worker that compares; a context manager. One that takes too long or too much memory is replaced."""

    def __init__(self, method: str) -> None:
        self._method = method
        self._worker: Any = None
        """A subprocess.Popen, with pipes."""

    def __enter__(self) -> Algebra:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def compare(self, gold: str, response: str, said: str) -> tuple[bool | None, str]:
        """Whether what the response states equals gold; None and the reason where that cannot be told."""
        worker = self._worker or self._start()
        with suppress(BrokenPipeError):
            worker.stdin.write(json.dumps([gold, response, said]).encode() + b"\n")
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
        # Its own root is mounted where it stands: never over the user's folder, which may hold the Python it needs.
        self._folder = tempfile.TemporaryDirectory(prefix="judgebench-", ignore_cleanup_errors=True)
        worker: Any = subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"LC_ALL": "C.UTF-8"},
            cwd=self._folder.name,
            start_new_session=True,
        )
        self._worker = worker
        ready = select.select([worker.stdout], [], [], _START_SECONDS)[0]
        if not ready or worker.stdout.readline() != b"ready\n":
            self._stop()
            raise InputError(
                f"the grader {self._method} does not start; is what `{install('pairs')}` brings as it should be?"
            )
        return worker

    def _stop(self) -> None:
        if self._worker is not None:
            sandbox.kill_group(self._worker)
            self._worker = None
            self._folder.cleanup()


def work(method: str) -> None:
    """The worker: a line in, [gold, response, what it states]; a line out, [equal or null, why]."""
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
    from judgebench.pairs import equality, expressions

    def compare(gold: str, _: str, said: str) -> list[Any]:
        try:
            return [equality.equal(expressions.read(gold), expressions.read(said)), ""]
        except ValueError as error:
            return [None, str(error)]

    return compare


def _by_math_verify() -> Any:
    """The library finds the answer by itself where the response has LaTeX. (Of its two readers, the one for plain text
    evaluates what it reads, and stays unused.)"""
    import logging

    from math_verify import LatexExtractionConfig, parse, verify

    logging.disable()
    latex = [LatexExtractionConfig()]

    def understood(text: str) -> list[Any]:
        found = parse(text, latex, parsing_timeout=None)
        return [one for one in found if not isinstance(one, str)]  # a string is what it could not read

    def compare(gold: str, response: str, said: str) -> list[Any]:
        truth = understood(f"${gold.strip('$ ')}$")
        found = understood(answers.answer_proper(response)) or understood(f"${said.strip('$ ')}$")
        if not truth or not found:
            return [None, f"math-verify finds no answer in the {'response' if truth else 'reference'}"]
        return [bool(verify(truth, found, timeout_seconds=None)), ""]

    return compare
