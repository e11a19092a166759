"""Preference Proxy Evaluations (2410.14872), from the Hugging Face hub. The option `part`:

    preference     lmarena-ai/PPE-Human-Preference-V1, votes on pairs. Its columns were not seen; these are the usual
                   ones of the arena's releases, and a file with others is refused with their names:
                   {"question_id": "q", "model_a": "x", "model_b": "y", "winner": "model_a", "language": "English",
                    "prompt": "Name a colour.", "response_1": "Red.", "response_2": "Soup."}
    correctness    the five lmarena-ai/PPE-*-Best-of-K, one file a set; a source's role is the set:
                   {"question_id": "q", "model_name": "x", "prompt": "What is 2 + 2?", "scores": [true, false, ...],
                    "mean_score": 0.5, "response_1": "4", ..., "response_32": "5"}

winner is model_a, model_b, tie or tie (bothbad). In the second, gold has a 1 for every right sample; the samples stand
in the order of their numbers, which has nothing to do with being right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from judgebench.adapters import rows
from judgebench.types import FIRST, SECOND, TIE, Item, Response, Verdict, digest

_WINNERS = {"model_a": FIRST, "model_b": SECOND, "tie": TIE, "tie (bothbad)": TIE}


def items(files: Mapping[str, Path], options: Mapping[str, Any]) -> Iterator[Item]:
    part = rows.option(options, "part", ("preference", "correctness"))
    for role, path in files.items():
        for row in rows.read_rows(path):
            yield _pair(row) if part == "preference" else _samples(row, role)


def _pair(row: rows.Row) -> Item:
    messages = rows.conversation(row, "prompt")
    return Item(
        id=rows.name_of(row, "question_id"),
        messages=messages,
        responses=tuple(
            Response(text=row.text(f"response_{number}"), author=row.text(f"model_{side}"))
            for number, side in ((1, "a"), (2, "b"))
        ),
        gold=row.choice("winner", _WINNERS),
        language=rows.optional_text(row, "language"),
        cluster=digest(messages),
    )


def _samples(row: rows.Row, role: str) -> Item:
    right = row.sequence("scores")
    if len(right) < 2 or not all(isinstance(score, bool) or score in (0, 1) for score in right):
        raise row.bad("scores is a list of true and false, one for each response")
    model = row.text("model_name")
    return Item(
        id=f"{role}/{rows.name_of(row, 'question_id')}/{model}",
        messages=rows.conversation(row, "prompt"),
        responses=tuple(
            Response(text=row.text(f"response_{number}"), author=model) for number in range(1, len(right) + 1)
        ),
        gold=Verdict(scores=tuple(float(score) for score in right)),
        subset=role,
        language="en",
        cluster=f"{role}/{rows.name_of(row, 'question_id')}",
    )
