"""Questions with answers that a program can check, from a file (JSON lines, JSON, CSV, TSV, parquet) or a data set of
the hub; and what a grader says of a response to one. An error in a row names the file, the row and the choices.

Columns are recognised by the names that data sets commonly use (NAMES); `columns={"question": "problem"}` names others.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from judgebench.errors import InputError, UnknownName
from judgebench.rows import Row, open_table
from judgebench.types import Record, digest

NAMES: dict[str, tuple[str, ...]] = {
    "id": ("id", "question_id", "task_id", "problem_id", "uid"),  # made from the question where there is none
    "question": ("question", "prompt", "problem", "instruction", "text", "question_content"),
    "answer": ("answer", "target", "gold", "label", "correct_answer", "answerKey", "ground_truth", "solution"),
    "answer_index": ("answer_index",),  # counts choices from 0
    "choices": ("choices", "options"),  # a list, or as in ARC {"text": [...], "label": [...]}
    "tests": ("tests", "test", "test_list", "test_cases"),  # asserting Python, its lines, or [{"input", "output"}, ...]
    "entry_point": ("entry_point",),  # the function that tests of the form check(candidate) are about
    "reference": ("reference_solution", "canonical_solution"),  # code that passes the tests
    "subset": ("subset", "subject", "category", "source", "topic", "level"),  # what pairs are balanced over
    "grader": ("grader",),  # of this row, in place of the one for all
    # A list of texts, or of {"text", "model"}.
    "responses": ("responses", "samples", "completions", "outputs", "response", "completion", "output"),
    "model": ("model", "response_model", "author", "generator"),
}
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Candidate:
    """A response that may be right or wrong, and the model that wrote it."""

    text: str
    model: str | None = None


@dataclass
class Question:
    """`answer` is as the file has it, `choices` the options in order."""

    id: str
    prompt: str
    row: Row
    answer: str | None = None
    answer_index: int | None = None
    choices: tuple[str, ...] = ()
    tests: str | list[tuple[str, str]] | None = None
    entry_point: str | None = None
    reference: str | None = None
    subset: str = ""
    grader: str | None = None
    responses: list[Candidate] = field(default_factory=list)


def read(name: str, columns: Mapping[str, str] | None = None) -> list[Question]:
    """The questions of a file or a data set of the hub, in its order. BadRow or InputError where it cannot be read."""
    columns = dict(columns or {})
    if unknown := sorted(set(columns) - set(NAMES)):
        raise UnknownName("field to map", unknown[0], NAMES)
    questions: dict[str, Question] = {}
    for row in open_table(name).rows():
        question = _question(_Cells(row, columns))
        if (earlier := questions.get(question.id)) is not None:
            raise question.row.bad(f"the id {question.id!r} is that of {earlier.row.place} already")
        questions[question.id] = question
    if not questions:
        raise InputError(f"{name}: there are no rows in it")
    return list(questions.values())


def add_responses(questions: Sequence[Question], name: str, columns: Mapping[str, str] | None = None) -> None:
    """Adds responses from a file of their own, whose rows hold a question's id and one response or several."""
    by_id = {question.id: question for question in questions}
    for row in open_table(name).rows():
        # The columns that were named are those of the questions' file; here they may be missing.
        cells = _Cells(row, {name: column for name, column in (columns or {}).items() if row.has(column)})
        question_id = cells.text("id")
        if question_id not in by_id:
            raise row.bad(f"no question has the id {question_id!r}")
        by_id[question_id].responses += _responses(cells, required=True)


@dataclass
class _Cells:
    """A row, read by the names of NAMES, or by those of the user's `columns`, which must be there."""

    row: Row
    columns: Mapping[str, str]

    def find(self, name: str) -> Any:
        """The value, or None where there is no such column or it is empty."""
        if (column := self.columns.get(name)) is not None:
            value = self.row.value(column)
            return None if _empty(value) else value
        values = (self.row.fields.get(column) for column in NAMES[name])
        return next((value for value in values if not _empty(value)), None)

    def text(self, name: str) -> str:
        if (value := self.optional(name)) is not None:
            return value
        names, present = ", ".join(NAMES[name]), ", ".join(self.row.fields) or "none"
        hint = f"(-M {name}=COLUMN names another)"
        raise self.row.bad(f"no {name}: none of {names} is filled; there are: {present} {hint}")

    def plain(self, name: str, value: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise self.row.bad(f"{name} is a text or a number, not {type(value).__name__}")
        return repr(value) if isinstance(value, float) else str(value)

    def optional(self, name: str) -> str | None:
        value = self.find(name)
        return None if value is None else self.plain(name, value)

    def sequence(self, name: str) -> list[Any] | None:
        """The value as a list. A cell of a CSV may hold one as JSON."""
        value = self.find(name)
        if isinstance(value, str) and value.lstrip().startswith(("[", "{")):
            try:
                value = json.loads(value)
            except ValueError:
                return [value]
        if isinstance(value, Mapping):
            value = value.get("text", value)
        return value if value is None or isinstance(value, list) else [value]


def _question(cells: _Cells) -> Question:
    prompt = cells.text("question")
    choices = tuple(cells.plain("a choice", choice) for choice in cells.sequence("choices") or ())
    if len(choices) > len(LETTERS):
        raise cells.row.bad(f"{len(choices)} choices; there are letters for {len(LETTERS)}")
    index = cells.find("answer_index")
    if index is not None and (isinstance(index, bool) or not str(index).isdigit()):
        raise cells.row.bad(f"answer_index counts the choices from 0; it is not {index!r}")
    name = cells.optional("id") or digest(prompt)
    if not all(choice in prompt for choice in choices):
        prompt = "\n".join([prompt, *(f"({letter}) {choice}" for letter, choice in zip(LETTERS, choices))])
    return Question(
        id=name,
        prompt=prompt,
        row=cells.row,
        answer=cells.optional("answer"),
        answer_index=None if index is None else int(index),
        choices=choices,
        tests=_tests(cells),
        entry_point=cells.optional("entry_point"),
        reference=cells.optional("reference"),
        subset=cells.optional("subset") or "",
        grader=cells.optional("grader"),
        responses=_responses(cells, required=False),
    )


def _empty(value: Any) -> bool:
    return value is None or value != value or (isinstance(value, str) and not value.strip())  # noqa: PLR0124  (NaN)


def _tests(cells: _Cells) -> str | list[tuple[str, str]] | None:
    value: Any = cells.find("tests")
    if value is None or (isinstance(value, str) and not value.lstrip().startswith("[")):
        return value
    listed = cells.sequence("tests") or []
    if listed and all(isinstance(test, str) for test in listed):
        return "\n".join(listed)
    pairs = [
        (str(test["input"]), str(test["output"]))
        for test in listed
        if isinstance(test, Mapping) and {"input", "output"} <= set(test) and test.get("testtype") != "functional"
    ]
    if not listed or len(pairs) != len(listed):
        raise cells.row.bad("tests are Python code, a list of lines of it, or of {input, output}")
    return pairs


def _responses(cells: _Cells, *, required: bool) -> list[Candidate]:
    listed = cells.sequence("responses")
    if listed is None and required:
        cells.text("responses")
    author = cells.optional("model")
    responses = []
    for entry in listed or ():
        model, text = author, entry
        if isinstance(entry, Mapping):
            model = entry.get("model", author)
            text = next((entry[name] for name in ("text", "response", "content") if name in entry), None)
        if not isinstance(text, str) or not (model is None or isinstance(model, str)):
            raise cells.row.bad('a response is a text, or {"text": ..., "model": ...}')
        responses.append(Candidate(text, model))
    return responses


class Outcome(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    UNREADABLE = "unreadable"


class Grade(Record, frozen=True, kw_only=True):
    """`said` is the answer as the grader read it; `why` says why it could read none, or what failed."""

    outcome: Outcome
    said: str | None = None
    why: str = ""


class Grader(Protocol):
    """`check` raises a BadRow for a question that it cannot grade; `grade` yields a grade for each case, in order."""

    @property
    def id(self) -> str: ...

    def check(self, question: Question, /) -> object: ...

    def grade(self, cases: Sequence[tuple[Question, str]]) -> Iterator[Grade]: ...


def unreadable(why: str) -> Grade:
    return Grade(outcome=Outcome.UNREADABLE, why=why)


def graded(*, right: bool, said: str | None = None, why: str = "") -> Grade:
    return Grade(outcome=Outcome.RIGHT if right else Outcome.WRONG, said=said, why=why)
