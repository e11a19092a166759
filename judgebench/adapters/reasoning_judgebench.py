"""ReasoningJudgeBench: Salesforce/ReasoningJudgeBench on the Hugging Face hub, one file a split; a source's role is the
split without its ending `_pairwise`. The columns are those that SalesforceAIResearch/ReasoningJudgeBench@191ca391296e
reads.

A row made up in that schema (label is always 1, the positive response):

    {"problem_id": "made-up-1", "instruction": "What is 2 + 2?", "positive_response": "4", "negative_response": "5",
     "source_id": "x", "label": 1}

Which response comes first depends on the id, which is the split and the row's number.
"""

from __future__ import annotations

from collections.abc import Iterator

from judgebench import rows
from judgebench.adapters.items import Files, Options, placed, user
from judgebench.types import Item, Response, digest


def items(files: Files, options: Options) -> Iterator[Item]:
    for split, path in files.items():
        for row in rows.read(path):
            if row.has("label"):
                row.choice("label", {1: None})
            name = f"{split}/{row.number - 1}"
            sides = [Response(text=row.text(f"{side}_response")) for side in ("positive", "negative")]
            responses, gold = placed(name, *sides)
            yield Item(
                id=name,
                messages=user(row.text("instruction")),
                responses=responses,
                gold=gold,
                subset=split,
                language="en",
                cluster=digest(row.text("instruction")),
                facets={"problem_id": row.identifier("problem_id")},
            )
