"""MR-Ben: dvlab-research/Mr-Ben@6eb1eca8861be411838c7c1c189dba208c140e06, data/<subject>.json; a source's role is the
subject. Each file is one object: Question_UUID -> a list of one to three solutions.

A solution made up in that schema:

    {"Question_UUID": "u-1", "Subject": "made_up", "Question": "What is 2 + 2?", "Options": "A: 4 \\nB: 5",
     "Sampled_Model": "Claude2", "Model_Solution_Steps": ["Step 1: Add.", "Step 2: It is 5."],
     "Model_Solution_Correctness": "incorrect", "Model_Solution_First_Error_Step": "2"}

An item is one solution and its verdict one number: which step is the first wrong one, counted from 1, and 0 where all
are right. In coding the solution is one text and the first wrong step a line of it, quoted: its number is the number
of the line (of the first that reads so); a quoted line that the solution does not hold is counted after the last. The
steps are joined by newlines in the response that a judge is shown.

`references` is what people say of each error (Model_Solution_Error_Reason, and the step as it should be). It is for
grading a judge's reason and never shown to the judge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path

from judgebench import rows
from judgebench.adapters.items import Files, Options, user
from judgebench.types import Item, Response, Verdict

_CORRECTNESS = {"correct": True, "incorrect": False}
_STEP, _REASON = "Model_Solution_First_Error_Step", "Model_Solution_Error_Reason"
_RECTIFIED = "Model_Solution_Rectified_First_Error_Step"
_CALLED = {_STEP: "First wrong step", _REASON: "What is wrong with it", _RECTIFIED: "What it should be"}


def items(files: Files, options: Options) -> Iterator[Item]:
    for subject, path in files.items():
        for question, index, row in _solutions(path):
            yield _item(subject, question, index, row)


def references(files: Mapping[str, Path]) -> dict[str, str]:
    """By item, for the wrong solutions of which the file has the reason."""
    reasons = {}
    for subject, path in files.items():
        for question, index, row in _solutions(path):
            parts = [_joined(row, column) for column in (_STEP, _REASON, _RECTIFIED) if row.fields.get(column)]
            if row.fields.get(_REASON) and not row.choice("Model_Solution_Correctness", _CORRECTNESS):
                reasons[f"{subject}/{question}/{index}"] = "\n".join(parts)
    return reasons


def _solutions(path: Path) -> Iterator[tuple[str, int, rows.Row]]:
    """(question, index of the solution among the question's, row); rows are numbered through the whole file."""
    whole, number = rows.read_object(path), count(1)
    for question in whole.fields:
        for index, solution in enumerate(whole.sequence(question)):
            fields = whole.within(solution, f"solution {index} of {question[:40]}").fields
            yield question, index, rows.Row(path, next(number), fields)


def _joined(row: rows.Row, column: str) -> str:
    value = row.value(column)
    text = value if isinstance(value, str) else " / ".join(row.texts(column))
    return f"{_CALLED[column]}: {text}"


def _item(subject: str, question: str, index: int, row: rows.Row) -> Item:
    contents = [row.text("Question"), row.optional_text("Options")]
    steps = row.value("Model_Solution_Steps")
    solution = steps if isinstance(steps, str) else "\n".join(row.texts("Model_Solution_Steps"))
    return Item(
        id=f"{subject}/{question}/{index}",
        messages=user(*filter(None, contents)),
        responses=(Response(text=solution, author=row.text("Sampled_Model")),),
        gold=Verdict(scores=(_first_error(row, solution),)),
        subset=subject,
        language="en",
        cluster=f"{subject}/{question}",
        facets={"steps": len(solution.split("\n")) if isinstance(steps, str) else len(steps)},
    )


def _first_error(row: rows.Row, solution: str) -> int:
    if row.choice("Model_Solution_Correctness", _CORRECTNESS):
        return 0
    step = row.text(_STEP)
    if isinstance(row.value("Model_Solution_Steps"), str):
        lines = [line.strip() for line in solution.split("\n")]
        return 1 + (lines.index(step.strip()) if step.strip() in lines else len(lines))
    if not (step.isascii() and step.isdigit() and 0 < len(step) < 6 and int(step) > 0):
        raise row.bad(f"Model_Solution_First_Error_Step is the number of a step, not {step[:40]!r}")
    return int(step)
