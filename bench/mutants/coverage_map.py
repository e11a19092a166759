"""Which test runs which lines of the package, and what the test costs in seconds of processor time.

A value that was computed once and kept (functools.cache, a fixture of a session or module) is used by every test that
asks for it: its lines and its cost count for each of them, not for the first alone.
"""

from __future__ import annotations

import functools
import inspect
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

Line = tuple[str, int]
_kept = functools.cache
LEFT_OUT_FIXTURES = {"all_results", "imported"}
"""Everything in results/ scored anew, or everything published imported, takes longer than a mutant has."""


class Record:
    """What was run, how long it took, and what was found computed already, with how long that had taken."""

    def __init__(self) -> None:
        self.lines: set[Line] = set()
        self.seconds = 0.0
        self.kept: dict[int, float] = {}

    @property
    def cost(self) -> float:
        return self.seconds + sum(self.kept.values())

    def use(self, other: Record) -> None:
        """As if what the other recorded had been run here; twice is no more than once."""
        self.lines |= other.lines
        self.kept |= other.kept | {id(other): other.seconds}


class Recorder:
    """A pytest plugin. `tests` has, for every test that passed, its lines, cost, and whether it only holds bytes."""

    def __init__(self, root: Path, folders: tuple[str, ...], golden: tuple[str, ...]) -> None:
        self.root, self.golden = f"{root}/", golden
        self.under = tuple(f"{root}/{folder}/" for folder in folders)
        self.tests: dict[str, dict[str, Any]] = {}
        self.stack = [Record()]
        self.fixtures: dict[int, Record] = {}
        self.failed: set[str] = set()
        functools.cache = self._cache
        threading.settrace(self._trace)
        sys.settrace(self._trace)

    def _trace(self, frame: FrameType, event: str, arg: object) -> Callable[..., Any] | None:
        path = frame.f_code.co_filename
        if not path.startswith(self.under):
            return None
        name = path.removeprefix(self.root)

        def line(frame: FrameType, _event: str, _arg: object) -> Callable[..., Any]:
            self.stack[-1].lines.add((name, frame.f_lineno))
            return line

        return line(frame, event, arg)

    def _cache(self, function: Callable[..., Any]) -> Callable[..., Any]:
        if not getattr(function, "__code__", self._cache.__code__).co_filename.startswith(self.root):
            return _kept(function)
        records: dict[Any, Record] = {}

        @_kept
        def kept(*args: Any, **options: Any) -> Any:
            with self.recording() as record:
                value = function(*args, **options)
            records[args, tuple(options.items())] = record
            return value

        @functools.wraps(function)
        def asked(*args: Any, **options: Any) -> Any:
            misses = kept.cache_info().misses
            value = kept(*args, **options)
            if kept.cache_info().misses == misses:
                self.stack[-1].use(records[args, tuple(options.items())])
            return value

        asked.cache_clear, asked.cache_info = kept.cache_clear, kept.cache_info
        return asked

    def recording(self) -> _Recording:
        return _Recording(self.stack)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Iterator[None]:
        with self.recording() as record:
            yield
        if fixturedef.scope != "function":
            self.fixtures[id(fixturedef)] = record

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [
            item
            for item in items
            if not LEFT_OUT_FIXTURES & set(getattr(item, "fixturenames", ()))
            and not item.get_closest_marker("slow")
            and "at_hand" not in item.name
        ]

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: Any) -> Iterator[None]:
        sys.settrace(self._trace)
        before = set(self.fixtures)
        with self.recording() as record:
            yield
        for definitions in item._fixtureinfo.name2fixturedefs.values():  # noqa: SLF001  (pytest has no other way to ask)
            for definition in definitions:
                if id(definition) in before:
                    record.use(self.fixtures[id(definition)])
        if item.nodeid not in self.failed:
            by_file: dict[str, list[int]] = {}
            for name, number in sorted(record.lines):
                by_file.setdefault(name, []).append(number)
            golden = item.nodeid.startswith(self.golden) or "--update-golden" in inspect.getsource(item.function)
            self.tests[item.nodeid] = {"cost": round(record.cost, 4), "golden": golden, "lines": by_file}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if not report.passed:  # skipped, too: what does not run kills nothing
            self.failed.add(report.nodeid)


class _Recording:
    """What is run meanwhile, in a record of its own that also counts for the one around it."""

    def __init__(self, stack: list[Record]) -> None:
        self.stack, self.record = stack, Record()

    def __enter__(self) -> Record:
        self.stack.append(self.record)
        self.began = time.process_time()
        return self.record

    def __exit__(self, *error: object) -> None:
        self.stack.pop()
        self.record.seconds = time.process_time() - self.began  # which the record around it measures, too
        self.stack[-1].lines |= self.record.lines
        self.stack[-1].kept |= self.record.kept
