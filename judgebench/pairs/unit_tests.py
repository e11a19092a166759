"""The grader `tests`: runs the code in a response against unit tests in `judgebench.pairs.sandbox`."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from judgebench import thoughts
from judgebench.pairs import sandbox
from judgebench.pairs.questions import Grade, Question, graded, unreadable

_FENCED = re.compile(r"^[ \t]*```[ \t]*(?P<language>[\w+-]*)[^\n]*\n(?P<code>.*?)^[ \t]*```", re.MULTILINE | re.DOTALL)


def code_in(response: str, prompt: str, entry_point: str | None) -> str:
    """The last block of Python, or all blocks where the last does not define the entry point; without blocks, all of
    the response. Where it completes a function that the question begins, the question is put before it."""
    text = thoughts.outside(response)
    python = ("", "python", "py", "python3")
    blocks = [match["code"] for match in _FENCED.finditer(text) if match["language"].lower() in python]
    code = blocks[-1] if blocks else text
    if entry_point and not _defines(code, entry_point):
        together = "\n\n".join(blocks)
        if _defines(together, entry_point):
            return together
        if _defines(prompt + code, entry_point):  # HumanEval's completions are of that kind
            return prompt + code
    return code


def _defines(code: str, name: str) -> bool:
    try:
        nodes = ast.parse(code).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    targets = [target for node in nodes if isinstance(node, ast.Assign) for target in node.targets]
    names = [*(getattr(node, "name", None) for node in nodes), *(getattr(target, "id", None) for target in targets)]
    return name in names


class Tests:
    """Right where all tests pass. As many responses are run at once as there are processors."""

    def __init__(self, name: str, limits: sandbox.CodeLimits) -> None:
        self.id = f"{name}[seconds={limits.seconds:g},memory={limits.memory >> 20}MiB]"
        self._limits = limits

    def check(self, question: Question) -> None:
        if not question.tests:
            raise question.row.bad("no tests (tests, test, test_list or test_cases)")
        if isinstance(question.tests, str):
            try:
                tree = list(ast.walk(ast.parse(question.tests)))
            except (SyntaxError, ValueError) as error:
                raise question.row.bad(f"the tests are not Python: {error}") from error
            if not any(isinstance(node, ast.Assert) or getattr(node, "attr", "").startswith("assert") for node in tree):
                raise question.row.bad("the tests assert nothing, so that every code would pass")

    def grade(self, cases: Sequence[tuple[Question, str]]) -> Iterator[Grade]:
        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
            yield from pool.map(self._one, cases)

    def _one(self, case: tuple[Question, str]) -> Grade:
        question, response = case
        code = code_in(response, question.prompt, question.entry_point)
        try:
            if isinstance(question.tests, str):
                outcome, why = sandbox.run_tests(code, question.tests, question.entry_point, self._limits)
                return unreadable(why) if outcome == "unusable" else graded(right=outcome == "passed", why=why)
            for number, (stdin, expected) in enumerate(question.tests or (), start=1):
                printed, trouble = sandbox.run_program(code, stdin, self._limits)
                if trouble is not None or not same_output(printed, expected):
                    return graded(right=False, why=f"test {number}: {trouble or 'other output'}")
            return graded(right=True)
        except sandbox.NotStarted as error:
            return unreadable(str(error))


def same_output(printed: str, expected: str) -> bool:
    """Whether all lines are equal, apart from space at the end of lines and empty lines at the end."""
    first, second = ([line.rstrip() for line in text.rstrip().split("\n")] for text in (printed, expected))
    return first == second
