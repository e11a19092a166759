"""PandaLM's human-labelled test set: WeOpenML/PandaLM@3871806e72b4832f815ecafd24d3503c73403f48, data/testset-v1.json.

A JSON list of 999 objects; labels are 1 (first), 2 (second), 0 (tie). A row made up in that schema:

    {"idx": 4711, "motivation_app": "Notes", "cmp_key": "model-x_model-y", "instruction": "Name a colour.",
     "input": "", "response1": "Red.", "response2": "A chair.", "annotator1": 1, "annotator2": 1, "annotator3": 0}

Gold is the mode of the three annotators. The instruction is one user message and the input, where there is one, a
second: joined, they could not be told apart again, and a PandaLM prompt has a place for each.

Six responses are the JSON value true. They are read as the text "True", which is what upstream's prompt builder,
written in Python, shows a judge. Empty responses stay empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from judgebench import rows
from judgebench.adapters import Recorded
from judgebench.adapters.items import Files, Options, majority, refuse_options, user
from judgebench.adapters.pairing import AB, Pairing, only_path, texts_digest
from judgebench.types import FIRST, SECOND, TIE, Item, Label, Message, Response, Verdict, digest

_ANNOTATORS = ("annotator1", "annotator2", "annotator3")
_LABELS: Mapping[str | int, Verdict] = {1: FIRST, 2: SECOND, 0: TIE, "1": FIRST, "2": SECOND, "0": TIE}
_TEXTS = ("instruction", "input", "response1", "response2")
_RESULTS: Mapping[str | int, Verdict | None] = {**_LABELS, "Tie": TIE, "tie": TIE, "garbage": None}
_VERDICT_COLUMNS = {"gpt_result": "gpt_reason", "pandalm_result": "pandalm_reason", "result": "output"}
"""The columns that hold the verdict in upstream's files and in copies of them; each with that of the judge's words."""


def items(files: Files, options: Options) -> Iterator[Item]:
    for row in rows.read(files["testset"]):
        raters = {name: row.choice(name, _LABELS) for name in _ANNOTATORS}
        question, (first, second) = _texts(row)
        authors = row.text("cmp_key").split("_")
        if len(authors) != 2:
            raise row.bad(f"cmp_key is two model names joined by _, not {row.text('cmp_key')!r}")
        yield Item(
            id=_id(row),
            messages=question,
            responses=(Response(text=first, author=authors[0]), Response(text=second, author=authors[1])),
            gold=majority(raters),
            raters=raters,
            language="en",
            cluster=digest(question),
            facets={"motivation_app": row.text("motivation_app"), "cmp_key": row.text("cmp_key")},
        )


def recorded(paths: Sequence[Path], labels: Mapping[str, Label], options: Mapping[str, str]) -> Recorded:
    """Reads a results file: a JSON list with `idx` and `gpt_result` ("1", "2", "Tie", "garbage"), `pandalm_result` or
    `result` (0 tie, 1, 2, as numbers or texts), made in the stored order alone. Rows are matched by idx; texts that a
    row repeats must be the item's. In the last two columns upstream has turned what it could not parse into ties, so
    those failures cannot be told from ties."""
    refuse_options(options)
    pairing = Pairing(labels)
    for row in rows.read(only_path(paths, "a PandaLM result")):
        columns = [column for column in _VERDICT_COLUMNS if column in row.fields]
        if len(columns) != 1:
            raise row.bad(f"one of the columns {', '.join(_VERDICT_COLUMNS)} holds the verdict; here are {columns}")
        verdict = row.choice(columns[0], _RESULTS)
        text = row.fields.get(_VERDICT_COLUMNS[columns[0]])
        if (item := _id(row)) not in labels:
            pairing.miss(row, f"no item has the idx {item}")
        elif not _is_about(row, labels[item]):
            pairing.miss(row, f"its texts are not those of item {item}")
        else:
            pairing.add(
                row,
                item,
                AB,
                verdict,
                text=text if isinstance(text, str) and text else None,
                detail=None if verdict else f"upstream: {row.fields[columns[0]]}",
            )
    return pairing.recorded("single")


def _id(row: rows.Row) -> str:
    value = row.value("idx")
    if isinstance(value, str) and value.isdecimal():
        return value
    return str(row.whole("idx"))


def _texts(row: rows.Row) -> tuple[tuple[Message, ...], tuple[str, str]]:
    instruction, context = row.text("instruction"), row.text("input")
    contents = (instruction, context) if context else (instruction,)
    question = user(*contents)
    return question, (_response(row, "response1"), _response(row, "response2"))


def _response(row: rows.Row, column: str) -> str:
    value = row.value(column)
    return str(value) if isinstance(value, bool) else row.text(column)


def _is_about(row: rows.Row, label: Label) -> bool:
    """Whether the row's texts, if it has any, are the item's. Copies may have the text "true" for the value true."""
    if not row.has(*_TEXTS):
        return True
    question, responses = _texts(row)
    booleans = {"true": "True", "false": "False"}
    spellings = (responses, tuple(booleans.get(text, text) for text in responses))
    return any(texts_digest(question, spelling) == label.digest for spelling in dict.fromkeys(spellings))
