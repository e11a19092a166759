"""AlpacaEval's human cross-annotations: alpaca_farm_human_crossannotations.json of tatsu-lab/alpaca_eval on the Hugging
Face hub, a JSON list with a row for each annotation, four an item. The columns are those that
tatsu-lab/alpaca_eval@cd543a149df8 reads.

A row made up in that schema:

    {"instruction": "Name a colour.", "output_1": "Red.", "output_2": "Soup.", "preference": 1, "annotator_index": 14,
     "generator": "model-x", "dataset": "made_up", "datasplit": "eval"}

preference is 1, 2, or 1.5 (also 0) for a draw. Rows with the same three texts are one item; its raters are the
annotators, a second vote of one of them under the id with `#2`. There is no gold but the people: canonical agreement is
with their majority, and an item on which they are split has none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from judgebench.adapters import rows
from judgebench.types import Item, Response, Verdict, digest


def items(files: Mapping[str, Path], options: Mapping[str, Any]) -> Iterator[Item]:
    rows.refuse_options(options)
    first_rows: dict[tuple[str, str, str], rows.Row] = {}
    votes: dict[tuple[str, str, str], dict[str, Verdict]] = {}
    for row in rows.read_json(files["annotations"]):
        key = (row.text("instruction"), row.text("output_1"), row.text("output_2"))
        first_rows.setdefault(key, row)
        given = votes.setdefault(key, {})
        given[rows.unused(rows.name_of(row, "annotator_index"), given)] = rows.preference(row, "preference")
    for key, row in first_rows.items():
        instruction, *outputs = key
        yield Item(
            id=digest(key),
            messages=rows.user(instruction),
            responses=tuple(Response(text=text) for text in outputs),
            gold=rows.majority(votes[key]),
            raters=votes[key],
            language="en",
            cluster=digest(instruction),
            facets={name: row.text(name) for name in ("dataset", "generator") if rows.optional_text(row, name)},
        )
