"""JudgeBench-Pro (BiasScope, 2602.09383): SUSTech-NLP/JudgeBench-Pro on the Hugging Face hub; no code of it was
found, so the columns are those that the survey in reference/systems.md lists.

A row made up in that schema (label is 1 or 2):

    {"question": "What is 2 + 2?", "response_A": "4", "response_B": "5", "label": 1, "domain": "math"}
"""

from __future__ import annotations

from collections.abc import Iterator

from judgebench import rows
from judgebench.adapters.items import Files, Options, user
from judgebench.types import FIRST, SECOND, Item, Response, digest

_LABELS = {1: FIRST, 2: SECOND, "1": FIRST, "2": SECOND, "A>B": FIRST, "B>A": SECOND}


def items(files: Files, options: Options) -> Iterator[Item]:
    for row in rows.read(files["pairs"]):
        yield Item(
            id=str(row.number - 1),
            messages=user(row.text("question")),
            responses=tuple(Response(text=row.text(f"response_{side}")) for side in "AB"),
            gold=row.choice("label", _LABELS),
            subset=row.optional_text("domain"),
            language="en",
            cluster=digest(row.text("question")),
        )
