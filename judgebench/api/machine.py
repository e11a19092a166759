"""What this machine gives judgebench: packages, devices, data, keys by name, and how well it can lock up code."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version

from judgebench import extensions, fetch, models
from judgebench.errors import JudgebenchError

DISTRIBUTION = "judgebench-harness"
_EXTRA = re.compile(r"^(?P<package>[\w.-]+).*extra == ['\"](?P<extra>\w+)['\"]")


def machine() -> Iterator[tuple[str, str]]:
    """What is looked at, and what was found, in the order in which it is printed. Code is run in the sandbox."""
    system = f"{platform.system()} {platform.release()} on {platform.machine()}, {os.cpu_count()} processors"
    yield "judgebench", f"{extensions.VERSION}, Python {platform.python_version()}, {system}"
    extras: dict[str, list[str]] = {}
    for requirement in requires(DISTRIBUTION) or ():
        if found := _EXTRA.match(requirement):
            extras.setdefault(found["extra"], []).append(found["package"])
    for extra, packages in sorted(extras.items()):
        there = {package: _version(package) for package in sorted(packages)}
        lacking = [package for package, number in there.items() if number is None]
        have = ", ".join(f"{package} {number}" for package, number in there.items() if number)
        wanted = f"; not installed: {', '.join(lacking)} ({extensions.install(extra)})" if lacking else ""
        yield f"extra [{extra}]", f"{have or 'nothing of it'}{wanted}"
    yield "GPU", _devices()
    cache = fetch.cache_folder()
    writable = os.access(next(path for path in (cache, *cache.parents) if path.exists()), os.W_OK)
    yield "cache of data", f"{cache}{'' if writable else ', which cannot be written'}"
    yield "mirror of data", os.environ.get("JUDGEBENCH_MIRROR") or "none (JUDGEBENCH_MIRROR names one)"
    yield "keys set", ", ".join(models.keys()) or "none"
    yield "sandbox for code", _sandbox()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _devices() -> str:
    if _version("torch") is None:
        return "not known without torch"
    import torch

    names = [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
    return ", ".join(names) or f"none that torch {torch.__version__} can use"


def _sandbox() -> str:
    from judgebench.pairs import sandbox

    try:
        held = sandbox.protections()
    except JudgebenchError as error:
        return str(error)
    lacking = sandbox.missing(held)
    return f"`{sandbox.level(held)}`: {', '.join(held)}" + (f"; NOT to be had: {', '.join(lacking)}" if lacking else "")
