"""What other distributions bring: judges, benchmarks, prompts, parsers, rules and metrics, by entry points.

A distribution names what it brings in entry points of the groups `judgebench.judges`, `judgebench.benchmarks` and so
on. Nothing of it is imported before its name is used, and a name that two bear is refused when it is used. Its code
runs because its user installed it: no file that judgebench reads, a card or a manifest, can name code.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from judgebench.errors import ExtensionError, JudgebenchError, UnknownName

DISTRIBUTION = "judgebench-harness"
"""The name that pip installs. The README says why it differs from that of the package and the command."""
VERSION = version(DISTRIBUTION)
KINDS = {
    "judges": "kind of judge",
    "benchmarks": "benchmark",
    "prompts": "prompt",
    "parsers": "parser",
    "rules": "headline rule",
    "metrics": "metric",
}
"""What a name of each group is called in messages. The group of the entry points has `judgebench.` before it."""


@dataclass(frozen=True)
class Extension:
    """One entry point. As a text, it is the distribution with its version."""

    group: str
    name: str
    value: str
    distribution: str
    version: str

    def __str__(self) -> str:
        return f"{self.distribution} {self.version}"

    def load(self, fits: Callable[[Any], bool], shape: str) -> Any:
        """The object that it names. ExtensionError where it cannot be imported, or is not of the `shape`, in words."""
        with self.running():
            loaded = EntryPoint(self.name, self.value, f"judgebench.{self.group}").load()
        if not fits(loaded):
            raise self.error(f"is not what it must be: {self.value} should be {shape}")
        return loaded

    def file(self, suffix: str) -> Path:
        """The file with the entry point's name, beside the module that it points to. The module itself is not run."""
        module = self.value.partition(":")[0].strip()
        with self.running():
            spec = find_spec(module)
        if spec is None or spec.origin is None:
            raise self.error(f"cannot be loaded: there is no module {module} with a file")
        path = Path(spec.origin).with_name(f"{self.name}{suffix}")
        if not path.is_file():
            raise self.error(f"lacks its file {path.name} beside {Path(spec.origin).name}")
        return path

    @contextmanager
    def running(self, doing: Callable[[], str] = str) -> Iterator[None]:
        """A context for running its code: what it raises becomes an error that names it and what it was `doing`."""
        try:
            yield
        except JudgebenchError:
            raise
        except (Exception, SystemExit) as error:  # another author's code may raise anything, on import or when called
            raise self.error(f"failed{doing()}: {type(error).__name__}: {error}") from error

    def error(self, problem: str) -> ExtensionError:
        message = " ".join(problem.split())
        return ExtensionError(f"the {KINDS[self.group]} {self.name!r} of the distribution {self} {message}")


@cache
def listed(group: str) -> tuple[Extension, ...]:
    """The entry points of a group, sorted by name, as they were installed at the first call."""
    points = entry_points(group=f"judgebench.{group}")
    return tuple(
        Extension(group, point.name, point.value, point.dist.name, point.dist.version)
        for point in sorted(points, key=lambda point: (point.name, point.value))
        if point.dist is not None
    )


@dataclass(frozen=True)
class Names:
    """The names of a group: those of judgebench's own things, which `own` lists, and those of other distributions."""

    group: str
    own: Callable[[], Collection[str]]

    def every(self) -> tuple[str, ...]:
        return tuple(sorted({*self.own(), *(extension.name for extension in listed(self.group))}))

    def find(self, name: str) -> Extension | None:
        """The extension that has this name, or None where it is judgebench's own. ExtensionError where two things have
        the name, UnknownName where nothing has it."""
        matches = [extension for extension in listed(self.group) if extension.name == name]
        own = name in self.own()
        if len(matches) + own > 1:
            owners = [*(["judgebench itself"] if own else []), *map(str, matches)]
            raise ExtensionError(
                f"more than one {KINDS[self.group]} is named {name!r}: of {' and of '.join(owners)}; one must go"
            )
        if not matches and not own:
            raise UnknownName(KINDS[self.group], name, self.every())
        return matches[0] if matches else None

    def find_any(self, name: str) -> Extension | None:
        """The same, but None also where nothing has the name."""
        return self.find(name) if name in self.every() else None


def running(extension: Extension | None) -> AbstractContextManager[None]:
    """A context for code that may be another distribution's."""
    return nullcontext() if extension is None else extension.running()


def install(extra: str) -> str:
    """The command that installs what an extra of judgebench's own needs."""
    return f"pip install '{DISTRIBUTION}[{extra}]'"


def versions(*extensions: Extension | None) -> dict[str, str]:
    """For a manifest: judgebench's own version, and those of the distributions that took part."""
    return {"judgebench": VERSION, **_commit(), **brought_by(*extensions)}


@cache
def _commit() -> dict[str, str]:
    """The commit of the checkout that judgebench is run from; empty where it is installed."""
    checkout = Path(__file__).parents[1]
    if not (checkout / ".git").exists():
        return {}
    command = ["git", "-C", str(checkout), "rev-parse", "--short=12", "HEAD"]
    try:
        completed = subprocess.run(command, capture_output=True, encoding="utf-8", check=True, timeout=10)  # noqa: S603
    except (OSError, subprocess.SubprocessError):  # git is not installed, or refuses another user's checkout
        return {}
    return {"commit": completed.stdout.strip()}


def brought_by(*extensions: Extension | None) -> dict[str, str]:
    """The distributions of these extensions, with their versions."""
    return {extension.distribution: extension.version for extension in extensions if extension is not None}
