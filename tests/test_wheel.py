"""The wheel, not the checkout: built, installed into a clean environment, and run from another folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from judgebench import __version__

CHECKOUT = Path(__file__).resolve().parents[1]

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheel")]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    # Without isolation: the build back end is a test dependency, so that nothing is downloaded here.
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, CHECKOUT]
    built = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = out.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands of an environment that has the wheel, and sees this one's dependencies but not its judgebench."""
    home = tmp_path_factory.mktemp("clean")
    venv.create(home, with_pip=False, symlinks=True)
    python = home / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check", "install"]
    done = subprocess.run(
        [*pip, "--no-deps", "--no-index", "--quiet", wheel], capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    # A path in a .pth file comes last, and is searched for packages only: the .pth file of an editable install in it,
    # which would lead to the checkout, is not read.
    site = Path(sysconfig.get_path("purelib", vars={"base": str(home), "platbase": str(home)}))
    (site / "dependencies.pth").write_text(
        sysconfig.get_path("purelib") + "\n" + sysconfig.get_path("platlib") + "\n", encoding="utf-8"
    )
    return home / "bin"


def run(installed: Path, folder: Path, *command: str) -> str:
    settings = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "JUDGEBENCH"))}
    done = subprocess.run(
        [installed / command[0], *command[1:]],
        cwd=folder,
        env={**settings, "HOME": str(folder), "JUDGEBENCH_CACHE": str(folder / "cache")},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


def names(folder: str, suffix: str) -> set[str]:
    return {path.name for path in (CHECKOUT / folder).iterdir() if path.suffix == suffix}


def test_what_the_wheel_holds(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = archive.namelist()
        metadata = archive.read(next(name for name in held if name.endswith(".dist-info/METADATA"))).decode()
    assert {name for name in held if name.startswith("judgebench/_data/benchmarks/")} == {
        f"judgebench/_data/benchmarks/{name}" for name in names("benchmarks", ".yaml")
    }
    assert {name.rpartition("/")[2] for name in held if name.startswith("judgebench/_data/prompts/")} == names(
        "prompts", ".j2"
    )
    modules = {path.relative_to(CHECKOUT).as_posix() for path in (CHECKOUT / "judgebench").rglob("*.py")}
    assert modules <= set(held)
    extra = {name for name in held if not name.startswith("judgebench/") and ".dist-info/" not in name}
    assert extra == set(), "tests, results and the like stay behind"
    assert not [name for name in held if "__pycache__" in name]
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in held)
    assert "Name: judgebench-harness" in metadata
    assert "License-Expression: Apache-2.0" in metadata
    assert "Requires-Python: >=3.11" in metadata


def test_the_installed_package_finds_its_files(installed: Path, tmp_path: Path) -> None:
    program = "from judgebench import resources; print(resources.__file__, resources.folder('benchmarks'), sep='\\n')"
    module, benchmarks = map(Path, run(installed, tmp_path, "python", "-c", program).splitlines())
    package = module.parent
    assert CHECKOUT not in package.parents
    assert installed.parent in package.parents
    assert benchmarks == package / "_data" / "benchmarks"
    assert {path.name for path in benchmarks.iterdir()} == names("benchmarks", ".yaml")


def test_the_installed_commands_run_from_another_folder(installed: Path, tmp_path: Path) -> None:
    listed = json.loads(run(installed, tmp_path, "judgebench", "ls", "benchmarks", "--json"))
    assert {row["benchmark"] for row in listed} == {name.removesuffix(".yaml") for name in names("benchmarks", ".yaml")}
    arguments = ["--benchmarks", "verifiable", "--judge", "baseline:longest", "--limit", "first:16", "--json"]
    (scores,) = json.loads(run(installed, tmp_path, "judgebench", "run", *arguments))
    assert scores["metrics"]["agreement"]["value"] == 0.5, "long and short are right equally often"
    assert {path.name for path in tmp_path.iterdir()} == {"results"}
    assert run(installed, tmp_path, "judgebench", "--version") == f"judgebench, version {__version__}\n"
