"""AlpacaEval's human cross-annotations: alpaca_farm_human_crossannotations.json of tatsu-lab/alpaca_eval on the Hugging
Face hub, a JSON list with a row for each annotation, four an item. The columns are those that
tatsu-lab/alpaca_eval@cd543a149df8 reads.

A row made up in that schema:

    {"instruction": "Name a colour.", "output_1": "Red.", "output_2": "Soup.", "preference": 1, "annotator_index": 14,
     "generator": "model-x", "dataset": "made_up", "datasplit": "eval"}

preference is 1, 2, or 1.5 (also 0) for a draw. Rows with the same three texts are one item; its raters are the
annotators, and a second vote of one of them is kept under the id with `#2`. Gold is the annotators' majority; an item
on which they are split has none.

alpaca_farm_human_annotations.json says which model wrote the second output (columns instruction, output_1, output_2,
generator); a text that several models wrote counts for each of them. The facet `list` is the slot of the only output
that contains a list, by upstream's patterns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from judgebench import rows
from judgebench.adapters.items import Files, Options, by_item, majority, preference, user
from judgebench.types import Item, Response, Verdict, digest

SEVERAL = "|"
"""Between the names of models that wrote the same text."""
_LIST = re.compile(r"(?:[•*-]|[\da-zA-Z][.)])\s*\w")

Texts = tuple[str, str, str]


def items(files: Files, options: Options) -> Iterator[Item]:
    generators: dict[Texts, dict[str, None]] = {}
    for row in rows.read(files["generators"]):
        generators.setdefault(_texts(row), {})[row.text("generator")] = None
    for key, (row, votes) in by_item(rows.read(files["annotations"]), _texts, _vote).items():
        instruction, *outputs = key
        yield Item(
            id=digest(key),
            messages=user(instruction),
            responses=tuple(Response(text=text) for text in outputs),
            gold=majority(votes),
            raters=votes,
            language="en",
            cluster=digest(instruction),
            facets={
                **{name: row.text(name) for name in ("dataset", "datasplit") if row.optional_text(name)},
                **({"generator": SEVERAL.join(generators[key])} if key in generators else {}),
                **_only_list(outputs),
            },
        )


def _texts(row: rows.Row) -> Texts:
    return (row.text("instruction"), row.text("output_1"), row.text("output_2"))


def _vote(row: rows.Row) -> tuple[str, Verdict]:
    return row.identifier("annotator_index"), preference(row, "preference")


def _only_list(outputs: Sequence[str]) -> dict[str, int]:
    slots = [slot for slot, text in enumerate(outputs) if _LIST.search(text)]
    return {"list": slots[0]} if len(slots) == 1 else {}
