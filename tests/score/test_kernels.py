"""Other kernels, the same leaderboard: all of results/ again, with what numpy and OpenBLAS chose for this processor
switched off. Of numpy's targets those that are on go one after the other, the newest first."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
REQUIRED = int(os.environ.get("JUDGEBENCH_REQUIRE_KERNELS", "0"))
"""How many targets must be there to switch off, as continuous integration wants it; read before conftest.py clears the
environment."""
MOST_STEPS = 3
"""Older versions of numpy have a dozen targets: the newest goes first, in so many steps all."""
BLAS = (("Haswell", 1), ("Sandybridge", 2), ("Prescott", 1))
"""OpenBLAS' kernels and threads, one pair beside each step."""
OLDEST = {"Prescott", "Katmai", "Core2", "Nehalem"}
"""Names under which builds of OpenBLAS have the oldest kernels that they hold."""

CHILD = """
import hashlib, json, sys, warnings
warnings.simplefilter("error")
import numpy as np
try:
    from numpy._core import _multiarray_umath as built
except ImportError:  # before numpy 2
    from numpy.core import _multiarray_umath as built
from threadpoolctl import threadpool_info

def bits(*arrays):
    return hashlib.sha256(b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)).hexdigest()

values = (np.arange(1, 5001) * 0.6180339887498949) % 1 + 0.1
square = values[:4900].reshape(70, 70)
report = {
    "on": [name for name in built.__cpu_dispatch__ if built.__cpu_features__[name]],
    "blas": [[each.get("architecture"), each["num_threads"]] for each in threadpool_info()
             if each["internal_api"] == "openblas"],
    "numpy bits": bits(np.exp(values), np.log(values), np.tanh(values), np.logaddexp(0, values), values.sum(),
                       np.einsum("i,i->", values, values), values**1.5),
    "blas bits": bits(values @ values, square @ square, np.linalg.solve(square + np.eye(70), values[:70])),
}
if len(sys.argv) > 1:
    from pathlib import Path
    from judgebench.api.scoring import finished
    from judgebench.report import leaderboard
    differs = {}
    fields, left_out = finished(Path(sys.argv[1]), differs=differs)
    report["text"], report["differs"] = leaderboard.render(fields, left_out), sorted(map(str, differs))
print(json.dumps(report))
"""


class Step(NamedTuple):
    """A child with other kernels: what of numpy's stays on there, what OpenBLAS was told, and what the child said."""

    remains: list[str]
    core: str | None
    threads: int | None
    report: dict[str, Any]


def child(*arguments: str, off: list[str], core: str | None = None, threads: int | None = None) -> dict[str, Any]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OPENBLAS_", "OMP_"))}
    environment |= {"NPY_DISABLE_CPU_FEATURES": " ".join(off)} if off else {}
    environment |= {"OPENBLAS_CORETYPE": core} if core else {}
    environment |= {"OPENBLAS_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)} if threads else {}
    command = [sys.executable, "-c", CHILD, *arguments]
    said = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert said.returncode == 0, said.stderr
    return json.loads(said.stdout)


@pytest.fixture(scope="module")
def usual() -> dict[str, Any]:
    """What is on here, without anything switched off."""
    return child(off=[])


@pytest.fixture(scope="module")
def steps(usual: dict[str, Any]) -> list[Step]:
    on = usual["on"]
    assert len(on) >= REQUIRED, f"numpy has {on} to switch off here, and {REQUIRED} are required"
    if not on:
        pytest.skip("numpy has no kernels for this processor that can be switched off")
    sizes = sorted({1, (len(on) + 1) // 2, len(on)} if len(on) > MOST_STEPS else range(1, len(on) + 1))
    found = []
    for off, (core, threads) in zip_longest(sizes, BLAS, fillvalue=(None, None)):
        gone = len(on) if off == (None, None) else off
        remains = on[: len(on) - gone]
        report = child("results", off=on[len(on) - gone :][::-1], core=core, threads=threads)
        found.append(Step(remains, core, threads, report))
    return found


pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("kernels")]


def test_what_was_switched_off_is_off(usual: dict[str, Any], steps: list[Step]) -> None:
    """A name that numpy does not know it ignores: the child says what is on, and that arithmetic is another."""
    for step in steps:
        assert step.report["on"] == step.remains
    assert [step.report["numpy bits"] for step in steps] != [usual["numpy bits"]] * len(steps)


def test_openblas_took_the_kernels_and_threads_that_it_was_told(usual: dict[str, Any], steps: list[Step]) -> None:
    if not usual["blas"]:
        pytest.skip("numpy was built with another library than OpenBLAS")
    cores = len(os.sched_getaffinity(0))
    for step in steps:
        for architecture, threads in step.report["blas"]:
            assert step.core in (None, architecture) or {step.core, architecture} <= OLDEST
            assert step.threads in (None, threads) or threads == cores
    assert {step.report["blas"][0][0] for step in steps} - {usual["blas"][0][0]}
    assert {step.report["blas bits"] for step in steps} - {usual["blas bits"]}


def test_the_leaderboard_is_the_same(steps: list[Step]) -> None:
    committed = (ROOT / "leaderboard.md").read_text(encoding="utf-8")
    for step in steps:
        assert step.report["text"] == committed, f"with {step.remains}, {step.core}, {step.threads} threads"


def test_the_stored_scores_are_what_their_judgments_give(steps: list[Step]) -> None:
    for step in steps:
        assert step.report["differs"] == [], f"with {step.remains}, {step.core}, {step.threads} threads"
