"""The lock: requirements/*.txt, written from pyproject.toml and held to it.

    python lock.py write UV TORCH    writes them with uv: `make lock`
    python lock.py check TORCH       says where they and pyproject.toml disagree, offline: `make check`
    python lock.py held TORCH            what keeps a package of this environment from being the newest: `make newest`
    python lock.py lowest UV TORCH   prints the lowest versions that pyproject.toml allows: `make oldest`
    python lock.py raised            which of this environment are higher than the lowest, and why: `make oldest`

There is one resolution for Python 3.11 and everything newer, with hashes and markers, which any pip reads. Each layer
has a file with what the layers below it lack, and includes theirs, so that what is not needed is not installed.

TORCH, as in torch==2.13.0, is what the Makefile brings from where there are builds for the CPU. The lock holds what
that version needs, but neither torch itself, whose hash depends on the build, nor what only a build for CUDA needs.
"""

from __future__ import annotations

import importlib.metadata
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent / "pyproject.toml"

CUDA = (
    "cuda-bindings",
    "cuda-toolkit",
    "nvidia-cudnn-cu13",
    "nvidia-cusparselt-cu13",
    "nvidia-nccl-cu13",
    "nvidia-nvshmem-cu13",
    "triton",
)
"""What torch asks for on Linux only because the index's build of it is for CUDA: gigabytes that nothing here uses."""

HEADER = """\
# {what}. Written by `make lock` from pyproject.toml:
# change that, not this. `make lock UPGRADE=--upgrade` takes newer versions.
"""


@dataclass(frozen=True)
class Layer:
    what: str
    below: str | None = None
    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()


LAYERS = {
    "core": Layer("What judgebench needs to run, and what installs it from a checkout", groups=("build",)),
    "test": Layer("What the tests need", "core", groups=("test",)),
    "check": Layer("Linters and type checker", "core", groups=("check",)),
    "docs": Layer("What builds the documentation", "core", groups=("docs",)),
    "local": Layer("Judges that run here, but for torch", "core", extras=("local",)),
    "local-test": Layer("What the tests of those judges need beside it", "test", groups=("local",)),
}


def direct(layer: Layer) -> list[Requirement]:
    """What pyproject.toml asks for in a layer."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))
    found = [] if layer.below else list(project["project"]["dependencies"])
    for extra in layer.extras:
        found += project["project"]["optional-dependencies"][extra]
    for group in layer.groups:
        found += _group(project["dependency-groups"], group)
    return [Requirement(text) for text in found]


def _group(groups: dict[str, Any], name: str) -> Iterator[str]:
    for entry in groups[name]:
        if isinstance(entry, str):
            yield entry
        else:
            yield from _group(groups, entry["include-group"])


def path(layer: str) -> Path:
    return HERE / f"{layer}.txt"


def blocks(text: str) -> list[str]:
    """A requirements file's requirements, each with the lines of its hashes."""
    return re.findall(r"^[A-Za-z0-9].*\n(?:[ \t].*\n)*", text, re.MULTILINE)


def pins(layer: str | None) -> Iterator[Requirement]:
    """Of a layer and all below it."""
    while layer is not None:
        for block in blocks(path(layer).read_text(encoding="utf-8")):
            yield Requirement(re.split(r" \\$| --hash", block.partition("\n")[0])[0])
        layer = LAYERS[layer].below


def compile_lock(uv: str, torch: str, *more: str) -> str:
    """What uv resolves, without annotations. The index's address is the user's own and does not enter the lock."""
    with tempfile.TemporaryDirectory() as folder:
        excludes, constraints = Path(folder, "excludes"), Path(folder, "torch")
        excludes.write_text("\n".join(CUDA), encoding="utf-8")
        constraints.write_text(torch, encoding="utf-8")
        command = [uv, "pip", "compile", PROJECT.name, "--quiet", "--no-header", "--no-annotate", "--no-config"]
        command += ["--python-version", "3.11", "--excludes", str(excludes), "--constraints", str(constraints)]
        command += ["--no-emit-package", canonicalize_name(Requirement(torch).name), *more]
        return subprocess.run(
            command, cwd=PROJECT.parent, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=True
        ).stdout


def write(uv: str, torch: str, *upgrade: str) -> None:
    """Versions that are in the lock stay, where they may; with `--upgrade` all of them are the newest allowed."""
    lock = ("--universal", "--generate-hashes")
    groups = [f"--group={group}" for layer in LAYERS.values() for group in layer.groups]
    with tempfile.TemporaryDirectory() as folder:
        everything = Path(folder) / "everything.txt"
        before = "".join(dict.fromkeys(block for name in LAYERS if path(name).is_file() for block in blocks(
            path(name).read_text(encoding="utf-8"))))  # fmt: skip
        everything.write_text(before, encoding="utf-8")
        compile_lock(uv, torch, *lock, *upgrade, "--all-extras", *groups, "--output-file", str(everything))
        for name, layer in LAYERS.items():
            wanted = [*(f"--group={group}" for group in layer.groups), *(f"--extra={extra}" for extra in layer.extras)]
            found = blocks(compile_lock(uv, torch, *lock, *wanted, "--constraints", str(everything)))
            text, below = HEADER.format(what=layer.what), layer.below
            if below:
                text += f"-r {below}.txt\n"
            while below:
                have = blocks(path(below).read_text(encoding="utf-8"))
                found = [block for block in found if block not in have]
                below = LAYERS[below].below
            path(name).write_text(text + "".join(found), encoding="utf-8")


def check(torch: str) -> None:
    """Exits with a line for every direct dependency that is not in the lock, or not within its bounds there."""
    wrong = list(disagreements(Requirement(torch)))
    if wrong:
        sys.exit("\n".join(wrong))


def disagreements(torch: Requirement) -> Iterator[str]:
    for name, layer in LAYERS.items():
        locked = [*pins(name), torch]
        for wanted in direct(layer):
            same = [pin for pin in locked if canonicalize_name(pin.name) == canonicalize_name(wanted.name)]
            outside = [pin for pin in same if not wanted.specifier.contains(_version(pin), prereleases=True)]
            if not same or outside:
                have = f"has {outside[0].name} {_version(outside[0])}" if outside else "does not have it"
                yield f"pyproject.toml asks for {wanted}, and requirements/{name}.txt {have}: run `make lock`"


def _version(pin: Requirement) -> str:
    return next(iter(pin.specifier)).version


def held(torch: str) -> None:
    """What is not the newest here, with who asks for less."""
    for package in json.loads(_pip("list", "--outdated", "--format", "json")):
        name, version, latest = package["name"], package["version"], package["latest_version"]
        asking = [
            *_asked(name),
            *(("the Makefile brings " + torch, asked.specifier) for asked in _named(name, [torch])),
        ]
        why = [who for who, asked in asking if not asked.contains(latest, prereleases=True)]
        print(f"held back: {name} {version}, not {latest}: {'; '.join(why) or 'nothing installed asks for less'}")


def _pip(*words: str) -> str:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *words]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True).stdout


def lowest(uv: str, torch: str) -> None:
    print(compile_lock(uv, torch, "--resolution", "lowest-direct", "--extra=pairs", "--group=build", "--group=test",
                       "--extra=local", "--group=local"))  # fmt: skip


def raised() -> None:
    """Direct dependencies that are higher here than pyproject.toml's lower bound, with who asks for more."""
    for wanted in [wanted for layer in ("core", "test", "local", "local-test") for wanted in direct(LAYERS[layer])]:
        bound = next((part.version for part in wanted.specifier if part.operator == ">="), None)
        try:
            version = importlib.metadata.version(wanted.name)
        except importlib.metadata.PackageNotFoundError:
            continue
        if bound and Version(version).release[: len(Version(bound).release)] != Version(bound).release:
            why = [who for who, asked in _asked(wanted.name) if not asked.contains(bound, prereleases=True)]
            print(f"raised: {wanted.name} {version}, not {bound}: {'; '.join(why) or 'there is no such release'}")


def _asked(name: str) -> Iterator[tuple[str, Any]]:
    """Who asks for a package, in words, and which versions: installed packages, our groups, and pip's constraints."""
    for distribution in importlib.metadata.distributions():
        for asked in _named(name, distribution.requires or ()):
            yield f"{distribution.name} asks for {asked}", asked.specifier
    groups = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["dependency-groups"]
    for group in groups:
        for asked in _named(name, _group(groups, group)):
            yield f"pyproject.toml's group {group} asks for {asked}", asked.specifier
    for files in re.findall(r"constraint='(.*)'", _pip("config", "list")):
        for file in files.split():
            for asked in _named(name, Path(file).read_text(encoding="utf-8").splitlines()):
                yield f"pip's settings on this machine constrain it to {asked}", asked.specifier


def _named(name: str, requirements: Iterable[str]) -> Iterator[Requirement]:
    for text in requirements:
        try:
            asked = Requirement(text.partition(" #")[0])
        except InvalidRequirement:  # a comment, or an option of pip's
            continue
        here = asked.marker is None or any(asked.marker.evaluate({"extra": extra}) for extra in ("", "pairs", "local"))
        if canonicalize_name(asked.name) == canonicalize_name(name) and here:
            yield asked


if __name__ == "__main__":
    {"write": write, "check": check, "held": held, "lowest": lowest, "raised": raised}[sys.argv[1]](*sys.argv[2:])
