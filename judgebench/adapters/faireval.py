"""FairEval: i-Eval/FairEval@453c117a69159fd7b7de2f4e0519bac57bee21f4. Four files: a label a line (CHATGPT, VICUNA13B or
TIE), in the order of the questions; the questions; and each model's answers, joined on question_id.

Rows made up in that schema:

    {"question_id": 1, "text": "Name a colour.", "category": "generic"}
    {"answer_id": "x", "model_id": "gpt-3.5-turbo:20230327", "question_id": 1, "text": "Red.", "metadata": {}}

The first response is always ChatGPT's, as upstream lists them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from judgebench.adapters import rows
from judgebench.errors import BadRow, InputError
from judgebench.types import FIRST, SECOND, TIE, Item, Response

_LABELS = {"CHATGPT": FIRST, "VICUNA13B": SECOND, "TIE": TIE}
_ANSWERS = ("chatgpt", "vicuna")


def items(files: Mapping[str, Path], options: Mapping[str, Any]) -> Iterator[Item]:
    rows.refuse_options(options)
    labels = rows.read_lines(files["labels"])
    questions = list(rows.read_jsonl(files["questions"]))
    if len(labels) != len(questions):
        raise InputError(f"{files['labels']}: {len(labels)} labels for {len(questions)} questions")
    answers = {
        side: {rows.name_of(row, "question_id"): row for row in rows.read_jsonl(files[side])} for side in _ANSWERS
    }
    for number, (label, question) in enumerate(zip(labels, questions, strict=True), start=1):
        name = rows.name_of(question, "question_id")
        if label.strip() not in _LABELS:
            raise BadRow(files["labels"], number, f"a label is one of {', '.join(_LABELS)}, not {label[:40]!r}")
        for side in _ANSWERS:
            if name not in answers[side]:
                raise question.bad(f"question_id {name} has no answer in {files[side].name}")
        yield Item(
            id=name,
            messages=rows.user(question.text("text")),
            responses=tuple(
                Response(text=answers[side][name].text("text"), author=answers[side][name].text("model_id"))
                for side in _ANSWERS
            ),
            gold=_LABELS[label.strip()],
            scenario=question.text("category"),
            language="en",
            cluster=name,
        )
