"""ContextualJudgeBench: Salesforce/ContextualJudgeBench on the Hugging Face hub, one file a split; a source's role is
the split. The columns are those that SalesforceAIResearch/ContextualJudgeBench@4d480a9df8a6 reads.

A row made up in that schema:

    {"question": "What is it called?", "context": "It is called red.", "positive_response": "Red.",
     "negative_response": "Blue.", "question_id": "made-up-1"}

The context is one user message and the question, where there is one, a second. Upstream's question_id is only a note of
where a row came from, so an item's id is its split and number. Which response comes first depends on the id.
"""

from __future__ import annotations

from collections.abc import Iterator

from judgebench import rows
from judgebench.adapters.items import Files, Options, placed, user
from judgebench.types import Item, Response, digest


def items(files: Files, options: Options) -> Iterator[Item]:
    for split, path in files.items():
        for row in rows.read(path):
            name = f"{split}/{row.number - 1}"
            contents = [text for text in (row.text("context"), row.optional_text("question")) if text]
            messages = user(*contents)
            sides = [Response(text=row.text(f"{side}_response")) for side in ("positive", "negative")]
            responses, gold = placed(name, *sides)
            yield Item(
                id=name,
                messages=messages,
                responses=responses,
                gold=gold,
                subset=split,
                language="en",
                cluster=digest(messages),
            )
