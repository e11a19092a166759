"""JudgeLM's validation set: BAAI/JudgeLM-100K on the Hugging Face hub; the fields are those that the code of
baaivision/JudgeLM@00c45169de47 reads.

Four files of JSON lines, joined on question_id: the pairs, GPT-4's judgements of them without and with a reference
answer, and the references. Rows made up in that schema:

    pairs       {"question_id": 7, "question_body": "Name a colour.", "answer1_body": "Red.",
                 "answer2_body": "A chair.", "answer1_model_id": "model-x", "answer2_model_id": "model-y"}
    judgements  {"question_id": 7, "text": "9 2\\nThe first one names a colour."}
    references  {"question_id": 7, "reference": {"text": "Blue."}}

Gold is a teacher's, not people's: the two scores on the first line of GPT-4's text. Upstream's own reader wants
exactly two numbers parted by one space or comma; items whose gold it cannot read, or that say -1, have no gold, and
the rule leaves them out as upstream does. The option `reference` is `without` or `with`: which judgements are gold,
and whether a judge is shown the reference."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from pathlib import Path

from judgebench import rows
from judgebench.adapters.items import Files, Options, option, user
from judgebench.types import Item, Response, Verdict, digest

_GOLD = {"without": "gpt4", "with": "gpt4_with_reference"}


def items(files: Files, options: Options) -> Iterator[Item]:
    which = option(options, "reference", ("without", "with"))
    gold = {name: _score(row) for name, row in _by_question(files[_GOLD[which]]).items()}
    references = _by_question(files["references"]) if which == "with" else {}
    for name, row in _by_question(files["pairs"]).items():
        if name not in gold:
            raise row.bad(f"question_id {name} has no judgement in {files[_GOLD[which]].name}")
        if which == "with" and name not in references:
            raise row.bad(f"question_id {name} has no reference in {files['references'].name}")
        yield Item(
            id=name,
            messages=user(row.text("question_body")),
            responses=tuple(
                Response(text=row.text(f"answer{n}_body"), author=row.optional_text(f"answer{n}_model_id"))
                for n in (1, 2)
            ),
            gold=gold[name],
            materials={"reference": _reference(references[name])} if which == "with" else {},
            language="en",
            cluster=digest(row.text("question_body")),
        )


def _by_question(path: Path) -> dict[str, rows.Row]:
    by_id: dict[str, rows.Row] = {}
    for row in rows.read(path):
        name = row.identifier("question_id")
        if name in by_id:
            raise row.bad(f"question_id {name} stands in {by_id[name].place} already")
        by_id[name] = row
    return by_id


def _score(row: rows.Row) -> Verdict | None:
    """As upstream's parse_score reads it, or the list `score` where there is no text."""
    if row.has("text"):
        parts = row.text("text").split("\n")[0].replace(",", " ").split(" ")
        try:
            scores = [float(part) for part in parts]
        except ValueError:
            return None
    else:
        scores = list(rows.finite_numbers(row.value("score"), 2) or ())
    if len(scores) != 2 or not all(map(isfinite, scores)) or -1 in scores:
        return None
    return Verdict(scores=tuple(scores))


def _reference(row: rows.Row) -> str:
    return row.within(row.value("reference"), "reference").text("text")
