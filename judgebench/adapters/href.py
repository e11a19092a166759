"""HREF's human preferences: allenai/href_preference on the Hugging Face hub, split `dev`. Its columns were only
partly seen; these are the ones that the survey in reference/systems.md and the card of allenai/href name, and a file
with others is refused with their names.

A row made up in that schema:

    {"category": "Open QA", "instruction": "Name a colour.", "output_1": "Red.", "output_2": "Soup.", "input": "",
     "generator_1": "model-x", "generator_2": "model-y", "preference": 1, "annotator": "a-1", "reference": "Blue."}

preference is 1 or 2, with 0 or 1.5 for a draw. Rows with the same texts are one item, and its raters are the
annotators; gold is their majority. A judge is shown the human-written reference, as this benchmark is about it."""

from __future__ import annotations

from collections.abc import Iterator

from judgebench import rows
from judgebench.adapters.items import Files, Options, by_item, majority, materials, preference, user
from judgebench.types import Item, Response, Verdict, digest


def items(files: Files, options: Options) -> Iterator[Item]:
    for key, (row, votes) in by_item(rows.read(files["preferences"]), _key, _vote).items():
        instruction, given_input, *outputs = key
        messages = user(*filter(None, (instruction, given_input)))
        yield Item(
            id=digest(key),
            messages=messages,
            responses=tuple(
                Response(text=text, author=row.optional_text(f"generator_{number}"))
                for number, text in enumerate(outputs, start=1)
            ),
            gold=majority(votes),
            raters=votes,
            materials=materials(reference=row.optional_text("reference")),
            subset=row.text("category"),
            language="en",
            cluster=digest(messages),
        )


def _key(row: rows.Row) -> tuple[str, str | None, str, str]:
    return row.text("instruction"), row.optional_text("input"), row.text("output_1"), row.text("output_2")


def _vote(row: rows.Row) -> tuple[str, Verdict]:
    return row.identifier("annotator") if row.has("annotator") else "annotator", preference(row, "preference")
