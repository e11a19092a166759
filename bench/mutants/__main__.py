"""Mutants of score/ and report/: small changes of the code, of which the tests must notice every one that matters.

    make mutants                                          # 300, or what is left of them; a git-ignored file remembers
    make mutants MUTANTS="--count 20 --only score/rules"  # a part
    make mutants MUTANTS="--again survived --seconds 60"  # those once more, after new tests, with more of them
    python bench/mutants --table                          # the results so far, as in bench/mutants.md

The checkout is not touched: everything happens in a copy (`.mutants/tree`). First every test file is run once, to learn
which test runs which lines. Then each mutant is written into the copy, and a fork of this process, which has the
libraries loaded and judgebench not, runs the tests that run its lines: one case of each test function before the second
of any, the quickest first, and those that only compare with stored bytes last. It ends with the first failure:

killed      a test failed
crashed     the package, or the tests, could not be imported or collected
golden      only a test failed that compares with stored bytes, which anyone may write anew
survived    none of them failed
timed out   the tests ran on beyond their limit of processor time; said apart, and nobody's merit
uncovered   no test runs the lines
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import hashlib
import importlib
import json
import os
import resource
import select
import shutil
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import coverage_map
import operators
import pytest

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".mutants"
TREE, MAP, RESULTS, LOG = HOME / "tree", HOME / "map.jsonl", HOME / "results.jsonl", HOME / "log.txt"
FOLDERS = ("judgebench/score", "judgebench/report")
TESTS = (
    "tests/score",
    "tests/report",
    "tests/test_*.py",
    "tests/own/test_datasheet.py",
    "tests/adapters/test_cards.py",
)
LEFT_OUT = (
    "test_kernels", "test_page_browser", "test_any_machine", "test_http", "test_lock", "test_wheel",
)  # fmt: skip
GOLDEN = ("tests/test_readme.py", "tests/test_docs.py")
COPIED = ("judgebench", "tests", "docs", "examples", "benchmarks", "prompts", "requirements", "bench")
MOST_TESTS, MOST_SECONDS = 40, 12.0
MOST_GOLDEN, MOST_GOLDEN_SECONDS = 8, 8.0
STATES = ("killed", "crashed", "golden", "survived", "timed out", "uncovered")
# What is loaded before the forks; pytest wants to load its plugins, and what they bring, itself.
NOT_BEFORE = ("_hypothesis", "hypothesis", "_pytest", "pytest", "xdist", "anyio", "execnet")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=9)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--only", default="", help="mutants whose path:line holds this")
    parser.add_argument("--again", nargs="+", choices=STATES, default=(), help="those of these outcomes once more")
    parser.add_argument("--tests", type=int, default=MOST_TESTS, help="the most tests against a mutant")
    parser.add_argument("--seconds", type=float, default=MOST_SECONDS, help="and what they may cost, of processor time")
    parser.add_argument("--map", action="store_true", help="only learn which test runs which lines")
    parser.add_argument("--table", action="store_true", help="only print what is known so far")
    chosen = parser.parse_args()
    mutants = [
        mutant
        for mutant in operators.drawn(ROOT, FOLDERS, chosen.seed, chosen.count)
        if chosen.only in f"{mutant.path}:{mutant.site.lines[0]}"
    ]
    results = {row["key"]: row for row in _rows(RESULTS)}
    if chosen.table:
        print(_table(mutants, results))
        return
    _copy()
    tests = _mapped()
    if chosen.map:
        return
    _self_test(tests)
    for mutant in mutants:
        key = _key(mutant)
        if key in results and results[key]["state"] not in chosen.again:
            continue
        row = {"key": key} | _tried(mutant, tests, chosen.tests, chosen.seconds)
        results[key] = row
        with RESULTS.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        change = f"{mutant.site.before} -> {mutant.site.after}"
        print(f"{row['state']:<10}{mutant}: {change[:100]} [{row.get('by', '')}] {row['seconds']} s", flush=True)
    print(_table(mutants, results))


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def _copy() -> None:
    """The checkout as it is now, in a folder of our own; what did not change keeps its compiled form."""
    files = [path for path in ROOT.iterdir() if path.is_file()]
    files += [path for name in COPIED for path in (ROOT / name).rglob("*") if path.is_file()]
    wanted = {TREE / path.relative_to(ROOT): path for path in files if path.suffix != ".pyc"}
    for there, path in wanted.items():
        if not there.exists() or there.read_bytes() != path.read_bytes():
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, there)
    for there in TREE.rglob("*"):
        if there.is_file() and there.suffix != ".pyc" and there not in wanted and "results" not in there.parts:
            there.unlink()
    if not (TREE / "results").exists():
        (TREE / "results").symlink_to(ROOT / "results")


def _digest(paths: Sequence[Path]) -> str:
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()[:12]


def _key(mutant: operators.Mutant) -> str:
    """Of what the module becomes: the same as long as neither it nor the change is another."""
    source = (ROOT / mutant.path).read_text(encoding="utf-8")
    return hashlib.sha256(f"{mutant.path}\n{operators.mutated(source, mutant.number)}".encode()).hexdigest()[:12]


# --------------------------------------------------------------------------------------------------------- children


def _forked(work: Callable[[], dict[str, Any]], *, processor: float | None) -> dict[str, Any] | None:
    """What `work` gives in a child, or None where it ran beyond its seconds of processor time; with the child's
    own seconds. Whatever the child started ends with it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(reading)
            os.setsid()
            log = os.open(LOG, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(log, 1)
            os.dup2(log, 2)
            if processor is not None:
                resource.setrlimit(resource.RLIMIT_CPU, (int(processor) + 1, int(processor) + 5))
                resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
            answer = json.dumps(work()).encode()
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(answer)
            code = 0
        except BaseException:  # noqa: BLE001  (into the log: the fork ends here)
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(code)
    os.close(writing)
    # A machine with other work may need much longer than the processor time; one that waits for nothing never ends.
    end = time.monotonic() + (3600 if processor is None else 60 + 20 * processor)
    parts: list[bytes] = []
    with os.fdopen(reading, "rb") as pipe:
        while select.select([pipe], [], [], max(0.0, end - time.monotonic()))[0]:
            part = os.read(pipe.fileno(), 1 << 20)
            if not part:
                break
            parts.append(part)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    _, status, used = os.wait4(child, 0)
    if parts:
        return json.loads(b"".join(parts)) | {"seconds": round(used.ru_utime + used.ru_stime, 2)}
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL):
        return None
    raise SystemExit(f"pytest itself could not be run; its output is in {LOG}")


def _pytest(files: Sequence[str], plugin: object) -> int:
    os.chdir(TREE)
    sys.path.insert(0, str(TREE))
    # So that what a test starts is the copy, too.
    os.environ["PYTHONPATH"] = str(TREE)
    os.environ.setdefault("JUDGEBENCH_MIRROR", str(ROOT.parent / "shared" / "data"))
    return int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "--no-header", *files], plugins=[plugin]))


class _Chosen:
    """A pytest plugin: these tests in this order, and which of them failed first."""

    def __init__(self, names: Sequence[str], module: str) -> None:
        self.order = {name: place for place, name in enumerate(names)}
        self.module = module
        self.failed, self.why, self.passed, self.own = "", "", 0, True

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        chosen = {item.nodeid: item for item in items if item.nodeid in self.order}
        items[:] = sorted(chosen.values(), key=lambda item: self.order[item.nodeid])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.passed += report.when == "call" and report.passed
        if report.failed and not self.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            self.failed, self.why = report.nodeid, str(getattr(crash, "message", ""))[:200]

    def pytest_sessionfinish(self) -> None:
        loaded = sys.modules.get(self.module)
        self.own = loaded is None or str(loaded.__file__).startswith(str(TREE))


# ------------------------------------------------------------------------------------------------------------ the map


def _mapped() -> dict[str, dict[str, Any]]:
    """Every test's lines and cost, learnt anew where files are not as they were; and the libraries they need loaded."""
    package = _digest(sorted(path for folder in FOLDERS for path in (TREE / folder).rglob("*.py")))
    known = {(row["file"], row["tests_digest"]): row for row in _rows(MAP) if row["package"] == package}
    found = (path for pattern in TESTS for path in TREE.glob(pattern))
    under = (path for start in found for path in ([start] if start.is_file() else start.rglob("test_*.py")))
    files = sorted((path for path in under if path.stem not in LEFT_OUT), key=lambda path: path.stat().st_size)
    shared = sorted((TREE / "tests" / "generated").glob("*.py"))
    tests: dict[str, dict[str, Any]] = {}
    libraries: set[str] = set()
    for path in files:
        file, digest = path.relative_to(TREE).as_posix(), _digest([path, *shared])
        row = known.get((file, digest))
        if row is None:
            learnt = _forked(lambda file=file: _learnt(file), processor=None)
            if learnt is None:
                raise SystemExit(f"{file} could not be run; its output is in {LOG}")
            row = {"file": file, "tests_digest": digest, "package": package} | learnt
            with MAP.open("a", encoding="utf-8") as out:
                out.write(json.dumps(row) + "\n")
            print(f"{file}: {len(row['tests'])} tests, {row['seconds']} s", flush=True)
        tests |= row["tests"]
        libraries |= set(row["libraries"])
    for name in sorted(libraries):
        if not name.startswith(NOT_BEFORE):
            with contextlib.suppress(Exception):  # it is only to be quicker
                importlib.import_module(name)
    return tests


def _learnt(file: str) -> dict[str, Any]:
    recorder = coverage_map.Recorder(TREE, FOLDERS, GOLDEN)
    _pytest([file, "--maxfail=1000"], recorder)
    sys.settrace(None)
    modules = list(sys.modules.items())
    libraries = [name for name, module in modules if "site-packages" in str(getattr(module, "__file__", ""))]
    return {"tests": recorder.tests, "libraries": libraries}


# ------------------------------------------------------------------------------------------------------------ mutants


def _tried(mutant: operators.Mutant, tests: dict[str, dict[str, Any]], most: int, seconds: float) -> dict[str, Any]:
    path = TREE / mutant.path
    source = path.read_text(encoding="utf-8")
    about = {
        "path": mutant.path, "line": mutant.site.lines[0], "operator": mutant.site.operator,
        "before": mutant.site.before, "after": mutant.site.after, "function": mutant.site.function,
    }  # fmt: skip
    covering = _covering(mutant, source, tests)
    names = [name for name in covering if not tests[name]["golden"]]
    names = _cheapest(names, tests, most, seconds)
    goldens = _cheapest([name for name in covering if tests[name]["golden"]], tests, MOST_GOLDEN, MOST_GOLDEN_SECONDS)
    if not covering:
        return about | {"state": "uncovered", "seconds": 0.0}
    outcome = _run(path, operators.mutated(source, mutant.number), [*names, *goldens], tests)
    if outcome["state"] == "killed" and tests.get(outcome["by"], {}).get("golden"):
        outcome["state"] = "golden"
    return about | {"covering": len(covering)} | outcome


def _run(path: Path, text: str, names: Sequence[str], tests: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The outcome of these tests with this text in the place of the module."""
    source = path.read_text(encoding="utf-8")
    limit = 20 + 4 * sum(tests[name]["cost"] for name in names)
    module = ".".join(path.relative_to(TREE).with_suffix("").parts).removesuffix(".__init__")

    def work() -> dict[str, Any]:
        plugin = _Chosen(names, module)
        code = _pytest(sorted({name.partition("::")[0] for name in names}), plugin)
        return {"code": code, "by": plugin.failed, "why": plugin.why, "passed": plugin.passed, "own": plugin.own}

    _forget_compiled(path)
    path.write_text(text, encoding="utf-8")
    try:
        done = _forked(work, processor=limit)
    finally:
        path.write_text(source, encoding="utf-8")
        _forget_compiled(path)
    if done is None:
        return {"state": "timed out", "seconds": limit, "by": "", "tests": len(names)}
    if not done["own"]:
        raise SystemExit(f"the tests used another {module} than {path}")
    state = "killed" if done["by"] else "survived" if done["passed"] else "crashed"
    return {"state": state, "tests": len(names)} | {name: done[name] for name in ("by", "why", "passed", "seconds")}


def _forget_compiled(path: Path) -> None:
    """A mutant of the same size in the same second would pass for what is compiled already."""
    for compiled in path.parent.glob(f"__pycache__/{path.stem}.*"):
        compiled.unlink()


def _covering(mutant: operators.Mutant, source: str, tests: dict[str, dict[str, Any]]) -> list[str]:
    """The tests that run a mutant's lines; of a line that runs on import, those that run any of the module's."""
    if not mutant.site.function:
        found = [name for name, test in tests.items() if mutant.path in test["lines"]]
        return found or list(tests)
    first, last = mutant.site.lines
    executable = {number for test in tests.values() for number in test["lines"].get(mutant.path, ())}
    wanted = set(range(first, last + 1))
    if not wanted & executable:  # within a long statement not every line has an event of its own
        wanted = set(range(*_statement(source, first)))
    return [name for name, test in tests.items() if wanted & set(test["lines"].get(mutant.path, ()))]


def _statement(source: str, line: int) -> tuple[int, int]:
    around = [
        (node.lineno, (node.end_lineno or node.lineno) + 1)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno)
        and not isinstance(node, ast.FunctionDef | ast.ClassDef)
    ]  # fmt: skip
    return max(around, default=(line, line + 1))


def _cheapest(names: Sequence[str], tests: dict[str, dict[str, Any]], most: int, seconds: float) -> list[str]:
    """One case of each test function before a second of any, up to a number and a time; then the quickest first."""
    by_function: Counter[str] = Counter()
    ranked = []
    for name in sorted(names, key=lambda name: tests[name]["cost"]):
        function = name.partition("[")[0]
        ranked.append((by_function[function], tests[name]["cost"], name))
        by_function[function] += 1
    taken: list[str] = []
    for _, cost, name in sorted(ranked):
        if len(taken) < most and (cost <= seconds or not taken):
            seconds -= cost
            taken.append(name)
    return sorted(taken, key=lambda name: tests[name]["cost"])


def _self_test(tests: dict[str, dict[str, Any]]) -> None:
    """A change that changes nothing survives, and one that breaks every function dies, by the same tests."""
    path = TREE / "judgebench" / "score" / "metrics.py"
    name = path.relative_to(TREE).as_posix()
    source = path.read_text(encoding="utf-8")
    names = _cheapest([test for test, about in tests.items() if name in about["lines"]], tests, 5, 5.0)
    tree = ast.parse(source)
    same = ast.unparse(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.body = [ast.parse("raise AssertionError('broken on purpose')").body[0]]
    for text, wanted in ((same, "survived"), (ast.unparse(ast.fix_missing_locations(tree)), "killed")):
        outcome = _run(path, text, names, tests)
        if outcome["state"] != wanted or (wanted == "killed" and "broken on purpose" not in outcome["why"]):
            raise SystemExit(f"the self-test's mutant should have {wanted}, and: {outcome}; the output is in {LOG}")


def _table(mutants: list[operators.Mutant], results: dict[str, dict[str, Any]]) -> str:
    rows = [results[key] for key in map(_key, mutants) if key in results]
    counts = Counter(row["state"] for row in rows)
    lines = [f"{len(rows)} of {len(mutants)} mutants: " + ", ".join(f"{counts[state]} {state}" for state in STATES), ""]
    for state in STATES[2:]:
        lines += [f"| {state} | change | tests |", "|---|---|---|"]
        lines += [
            f"| {row['path'].removeprefix('judgebench/')}:{row['line']} `{row['function']}` "
            f"| {row['operator']}: `{row['before']}` -> `{row['after']}` | {row.get('by') or row.get('passed', '')} |"
            for row in sorted(rows, key=lambda row: (row["path"], row["line"]))
            if row["state"] == state
        ]
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
