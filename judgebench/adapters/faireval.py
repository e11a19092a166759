"""FairEval: i-Eval/FairEval@453c117a69159fd7b7de2f4e0519bac57bee21f4. Four files: a label a line (CHATGPT, VICUNA13B or
TIE), in the order of the questions; the questions; and each model's answers, joined on question_id.

Rows made up in that schema:

    {"question_id": 1, "text": "Name a colour.", "category": "generic"}
    {"answer_id": "x", "model_id": "gpt-3.5-turbo:20230327", "question_id": 1, "text": "Red.", "metadata": {}}

The first response is always ChatGPT's, as upstream lists them.
"""

from __future__ import annotations

from collections.abc import Iterator

from judgebench import rows
from judgebench.adapters.items import Files, Options, user
from judgebench.errors import InputError
from judgebench.types import FIRST, SECOND, TIE, Item, Response

_LABELS = {"CHATGPT": FIRST, "VICUNA13B": SECOND, "TIE": TIE}
_ANSWERS = ("chatgpt", "vicuna")


def items(files: Files, options: Options) -> Iterator[Item]:
    labels = list(rows.read(files["labels"]))
    questions = list(rows.read(files["questions"]))
    if len(labels) != len(questions):
        raise InputError(f"{files['labels']}: {len(labels)} labels for {len(questions)} questions")
    answers = {side: {row.identifier("question_id"): row for row in rows.read(files[side])} for side in _ANSWERS}
    for label, question in zip(labels, questions, strict=True):
        name = question.identifier("question_id")
        for side in _ANSWERS:
            if name not in answers[side]:
                raise question.bad(f"question_id {name} has no answer in {files[side].name}")
        yield Item(
            id=name,
            messages=user(question.text("text")),
            responses=tuple(
                Response(text=answers[side][name].text("text"), author=answers[side][name].text("model_id"))
                for side in _ANSWERS
            ),
            gold=label.choice("line", _LABELS),
            scenario=question.text("category"),
            language="en",
            cluster=name,
        )
