"""LLMEval2: AlibabaResearch/DAMO-ConvAI@621d6e6a1f11a4628e8abe0dac81f71d3ca7614e,
WideDeep/evaluation_data/LLMEval2_benchmark.json.zip: JSON lines, in spite of the name.

A row made up in that schema; human is model1, model2 or TIE:

    {"query": "Name a colour.", "response1": "Red.", "response2": "Soup.", "human": "model1", "dataset": "made_up"}

An item's id is the number of its line. Rows with the same query share a cluster; rows of one source without a query
(all of MT-Bench's) cannot be told apart by it, so each is a cluster of its own."""

from __future__ import annotations

from collections.abc import Iterator

from judgebench import rows
from judgebench.adapters.items import Files, Options, user
from judgebench.types import FIRST, SECOND, TIE, Item, Response, digest

_LABELS = {"model1": FIRST, "model2": SECOND, "TIE": TIE}


def items(files: Files, options: Options) -> Iterator[Item]:
    for row in rows.read(files["pairs"]):
        query = row.text("query")
        yield Item(
            id=str(row.number),
            messages=user(query) if query.strip() else (),
            responses=tuple(Response(text=row.text(f"response{n}")) for n in (1, 2)),
            gold=row.choice("human", _LABELS),
            subset=row.text("dataset"),
            cluster=digest(query) if query.strip() else f"row {row.number}",
        )
