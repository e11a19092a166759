"""What the processes of the sandbox do: load the code, run its tests against it through the wall, or beside it.

`together` is without a wall, in one process. Code that fails there is wrong, for nothing stands between it and its
tests that could be at fault; code that passes there may have cheated, and has to pass behind the wall too.
"""

from __future__ import annotations

import builtins
import symtable
import sys
import types
import unittest
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from judgebench.pairs.wall import ON_THE_CODE, ON_THE_TESTS, Far, NotPlain, Side, text_of

MODULES = frozenset(sys.stdlib_module_names | {"np", "numpy", "pd", "pandas", "plt", "sp", "sns", "nx", "tf", "torch"})
"""A name of the code's that reads as a module is never the tests' module."""
OF_THE_MACHINE = (ImportError, OSError, MemoryError)
"""What the sandbox may be the cause of: there is no such module, file, process or memory in it."""


def module(spec: Mapping[str, Any], wire: BinaryIO) -> None:
    """Load the code, hand over what the tests may use of it, and do what they ask for."""
    side = Side(wire, ON_THE_CODE, lends=True)
    try:
        found = _public(spec, _loaded(spec["code"]))
    except BaseException as error:  # noqa: BLE001
        side.say({"error": error})
    else:
        side.say({"found": found})
    side.serve()


def tests(spec: Mapping[str, Any], wire: BinaryIO) -> tuple[str, str]:
    """(passed, failed or unusable; why): the tests against the module at the other end."""
    side = Side(wire, ON_THE_TESTS, lends=False)

    def run() -> None:
        heard = side.hear()
        if "error" in heard:
            raise heard["error"]
        side.named = {value._wall_number for value in heard["found"].values() if type(value) is Far}  # noqa: SLF001
        _run(spec, heard["found"])

    outcome = _judged(run)
    return outcome if NotPlain.last is None else ("unusable", str(NotPlain.last))


def together(spec: Mapping[str, Any]) -> tuple[str, str]:
    """(passed, failed or unusable; why): the code and its tests in this process, each in a namespace of its own."""
    return _judged(lambda: _run(spec, _public(spec, _loaded(spec["code"]))))


def _judged(run: Callable[[], None]) -> tuple[str, str]:
    try:
        run()
    except AssertionError as error:
        return "failed", f"a test failed{': ' if str(error) else ''}{str(error)[:300]}"
    except Undefined as error:
        return "unusable", str(error)
    except BaseException as error:  # noqa: BLE001  (whatever a test raises, it has not passed)
        why = f"{type(error).__name__}: {text_of(error) or ''}"[:300]
        return ("unusable" if _of_the_machine(error) else "failed"), why
    return "passed", ""


def _of_the_machine(error: BaseException) -> bool:
    return isinstance(error, OF_THE_MACHINE) or "can't start new thread" in (text_of(error) or "")


class Undefined(Exception):
    """The code lacks what the tests are about, or the tests need what nobody gives them."""


def _loaded(code: str) -> dict[str, Any]:
    """What the code defines. Its module can be found by its name, as data classes and enumerations expect."""
    made = sys.modules["solution"] = types.ModuleType("solution")
    exec(compile(code, "solution.py", "exec", dont_inherit=True), made.__dict__)  # noqa: S102
    return made.__dict__


def _public(spec: Mapping[str, Any], space: Mapping[str, Any]) -> dict[str, Any]:
    """What the tests get of the code: the entry point; without one, the names that they use and do not have. Never a
    builtin or a module, which code could put its own in the place of."""
    entry = spec["entry_point"]
    if entry and entry not in space:
        raise Undefined(f"the code does not define {entry}")
    if entry:
        return {entry: space[entry]}
    wanted = _free(spec["given"] + "\n" + spec["tests"]) - MODULES
    found = {name: space[name] for name in sorted(wanted) if name in space}
    return {name: value for name, value in found.items() if not isinstance(value, types.ModuleType)}


def _free(source: str) -> set[str]:
    """Names that a program uses and neither defines nor imports; builtins are not among them."""
    used, bound = set[str](), set[str]()
    tables = [symtable.symtable(source, "tests.py", "exec")]
    for table in tables:
        tables += table.get_children()
        for symbol in table.get_symbols():
            top = table.get_type() == "module"
            if symbol.is_referenced() and (top or symbol.is_global()):
                used.add(symbol.get_name())
            if (top or symbol.is_declared_global()) and (symbol.is_assigned() or symbol.is_imported()):
                bound.add(symbol.get_name())
    return used - bound - set(dir(builtins))


def _run(spec: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    """The tests: their statements, `check(entry point)`, functions that begin with test_, and TestCases."""
    sys.modules["tests"] = types.ModuleType("tests")
    space = sys.modules["tests"].__dict__
    exec(compile(spec["given"], "question.py", "exec", dont_inherit=True), space)  # noqa: S102
    given = dict(space) | dict(found)
    space.update(found)
    try:
        exec(compile(spec["tests"], "tests.py", "exec", dont_inherit=True), space)  # noqa: S102
        own = {name: value for name, value in space.items() if value is not given.get(name, space)}
        if callable(own.get("check")):
            own["check"](found.get(spec["entry_point"]))
        for name, value in own.items():
            if name.startswith("test_") and callable(value):
                value()
        _unittests(own)
    except NameError as error:
        if error.name and error.name not in space and _at(error) == "tests.py":
            raise Undefined(f"the tests use {error.name}, which neither they nor the code define for them") from None
        raise


def _at(error: BaseException) -> str:
    """The file in which an error was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else trace.tb_frame.f_code.co_filename


class First(unittest.TestResult):
    """The first error or failure of some tests, as it was raised."""

    error: BaseException | None = None

    def addError(self, test: Any, err: Any) -> None:  # noqa: N802
        self.error = self.error or err[1]
        super().addError(test, err)

    addFailure = addError  # noqa: N815

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:  # noqa: N802
        self.error = self.error or (err and err[1])
        super().addSubTest(test, subtest, err)

    def addUnexpectedSuccess(self, test: Any) -> None:  # noqa: N802
        self.error = self.error or AssertionError(f"{test} was expected to fail")
        super().addUnexpectedSuccess(test)


def _unittests(own: Mapping[str, Any]) -> None:
    cases = [value for value in own.values() if isinstance(value, type) and issubclass(value, unittest.TestCase)]
    suite = unittest.TestSuite(unittest.defaultTestLoader.loadTestsFromTestCase(case) for case in cases)
    result = First()
    suite.run(result)
    if cases and not result.testsRun:
        raise Undefined("its TestCases hold no test")
    if result.error is not None:
        raise result.error
