"""Distributions that are built and installed on the spot, and commands run beside them."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
EXAMPLE = CHECKOUT / "examples" / "extension"
COMMANDS = """
import contextlib, io, json, sys
from judgebench.cli import main
for arguments in json.load(sys.stdin):
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        try:
            main(arguments)
        except SystemExit as stop:
            code = stop.code
    print(json.dumps([code, out.getvalue(), err.getvalue()]))
"""


class Said(NamedTuple):
    code: int
    out: str
    err: str


Say = Callable[..., list[Said]]


def install(source: Path, into: Path, scratch: Path) -> None:
    """Builds the wheel of a source folder and installs it; nothing is downloaded."""
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", scratch, source]
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps", "--no-index"]
    built = subprocess.run(build, capture_output=True, encoding="utf-8", check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = scratch.glob("*.whl")
    installed = subprocess.run([*pip, "--target", into, wheel], capture_output=True, encoding="utf-8", check=False)
    assert installed.returncode == 0, installed.stderr


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the distribution of examples/extension is installed in."""
    into = tmp_path_factory.mktemp("example")
    install(EXAMPLE, into, tmp_path_factory.mktemp("wheel"))
    return into


@pytest.fixture
def say(tmp_path: Path) -> Say:
    """Runs commands, one after the other in a process of their own and an empty folder, with what is installed in these
    folders beside judgebench."""

    def run(installed: tuple[Path, ...], *commands: str) -> list[Said]:
        settings = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "JUDGEBENCH"))}
        path = os.pathsep.join(map(str, installed))
        done = subprocess.run(
            [sys.executable, "-c", COMMANDS],
            input=json.dumps([shlex.split(command)[1:] for command in commands]),
            cwd=tmp_path,
            env={**settings, "PYTHONPATH": path, "HOME": str(tmp_path), "OPENAI_API_KEY": "none", "NO_PROXY": "*"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        return [Said(*json.loads(line)) for line in done.stdout.splitlines()]

    return run
