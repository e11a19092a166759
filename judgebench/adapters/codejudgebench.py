"""CodeJudgeBench: mattymchen/codejudgebench on the Hugging Face hub, one file a task and generator; a source's role is
`task/generator`. The columns are those that its card lists and hongcha0/CodeJudgeBench@bb88c815baff reads.

A row made up in that schema:

    {"question_title": "Sum", "question_content": "Add two numbers.", "platform": "made-up", "question_id": "1",
     "contest_id": "c", "contest_date": "2025-01-01", "starter_code": "", "difficulty": "easy",
     "pos_response": "a + b", "neg_response": "a - b"}

Starter code, where there is some, is a second user message. Which response comes first depends on the id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from judgebench.adapters import rows
from judgebench.types import Item, Message, Response


def items(files: Mapping[str, Path], options: Mapping[str, Any]) -> Iterator[Item]:
    rows.refuse_options(options)
    for role, path in files.items():
        task, _, generator = role.partition("/")
        for row in rows.read_rows(path):
            name = f"{role}/{row.number - 1}"
            contents = [row.text("question_content"), rows.optional_text(row, "starter_code")]
            sides = [Response(text=row.text(f"{side}_response"), author=generator or None) for side in ("pos", "neg")]
            responses, gold = rows.placed(name, *sides)
            yield Item(
                id=name,
                messages=tuple(Message(role="user", content=content) for content in contents if content),
                responses=responses,
                gold=gold,
                subset=task,
                language="en",
                cluster=rows.name_of(row, "question_id"),
                facets={"difficulty": row.text("difficulty"), "generator": generator},
            )
