"""The grader `tests`: runs the code in a response against unit tests in `judgebench.pairs.sandbox`."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from textwrap import dedent

from judgebench import thoughts
from judgebench.pairs import sandbox
from judgebench.pairs.questions import Grade, Outcome, Question, graded, unreadable

_FENCED = re.compile(r"^[ \t]*```[ \t]*(?P<language>[\w+-]*)[^\n]*\n(?P<code>.*?)^[ \t]*```", re.MULTILINE | re.DOTALL)
_DEFINITIONS = (
    ast.Import,
    ast.ImportFrom,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Assign,
    ast.AnnAssign,
)


def code_in(response: str, prompt: str, entry_point: str | None) -> str | None:
    """The last block of Python, or all blocks where the last does not define the entry point; without blocks, all of
    the response, if it is Python, and None if it is not. Where it completes a function that the question begins, the
    question is put before it."""
    text = thoughts.outside(response)
    blocks = _blocks(text)
    code = blocks[-1] if blocks else text
    if entry_point and not _defines(code, entry_point):
        together = "\n\n".join(blocks)
        if _defines(together, entry_point):
            return together
        if _defines(prompt + code, entry_point):  # HumanEval's completions are of that kind
            return prompt + code
    return code if blocks or _parsed(code) is not None else None


def given(prompt: str, entry_point: str | None) -> str:
    """What a question defines in Python besides its entry point: its tests may use that, in the question's words."""
    for source in (prompt, *_blocks(prompt)):
        nodes = [node for node in _parsed(source) or () if isinstance(node, _DEFINITIONS)]
        if nodes:
            kept = [node for node in nodes if getattr(node, "name", "") != entry_point]
            return "\n".join(map(ast.unparse, kept))
    return ""


def _blocks(text: str) -> list[str]:
    python = ("", "python", "py", "python3")
    return [dedent(match["code"]) for match in _FENCED.finditer(text) if match["language"].lower() in python]


def _parsed(code: str) -> list[ast.stmt] | None:
    try:
        return ast.parse(code).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _defines(code: str, name: str) -> bool:
    nodes = _parsed(code) or ()
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

    def refused(self, questions: Sequence[Question]) -> dict[str, str]:
        """Why a question says nothing about responses, by its id: its own reference solution does not pass."""
        asked = [question for question in questions if question.reference]
        grades = self.grade([(question, str(question.reference)) for question in asked])
        return {
            question.id: f"its own reference solution does not pass its tests ({grade.why or 'no reason given'})"
            for question, grade in zip(asked, grades, strict=True)
            if grade.outcome is not Outcome.RIGHT
        }

    def grade(self, cases: Sequence[tuple[Question, str]]) -> Iterator[Grade]:
        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
            yield from pool.map(self._one, cases)

    def _one(self, case: tuple[Question, str]) -> Grade:
        question, response = case
        code = code_in(response, question.prompt, question.entry_point)
        if code is None:
            return unreadable("no Python code in it")
        try:
            if isinstance(question.tests, str):
                about, helpers = question.entry_point, given(question.prompt, question.entry_point)
                outcome, why = sandbox.run_tests(code, question.tests, about, self._limits, helpers)
                return unreadable(why) if outcome == "unusable" else graded(right=outcome == "passed", why=why)
            for number, (stdin, expected) in enumerate(question.tests or (), start=1):
                printed, trouble = sandbox.run_program(code, stdin, self._limits)
                if trouble is not None or not same_output(printed, expected):
                    return graded(right=False, why=f"test {number}: {trouble or 'other output'}")
            return graded(right=True)
        except sandbox.Unusable as error:
            return unreadable(str(error))


def same_output(printed: str, expected: str) -> bool:
    """Whether all lines are equal, apart from space at the end of lines and empty lines at the end."""
    first, second = ([line.rstrip() for line in text.rstrip().split("\n")] for text in (printed, expected))
    return first == second
