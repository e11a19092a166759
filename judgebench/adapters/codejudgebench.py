"""CodeJudgeBench: mattymchen/codejudgebench on the Hugging Face hub, one file a task and generator; a source's role is
`task/generator`. The columns are those that its card lists and hongcha0/CodeJudgeBench@bb88c815baff reads.

A row made up in that schema:

    {"question_title": "Sum", "question_content": "Add two numbers.", "platform": "made-up", "question_id": "1",
     "contest_id": "c", "contest_date": "2025-01-01", "starter_code": "", "difficulty": "easy",
     "pos_response": "a + b", "neg_response": "a - b"}

Starter code, where there is some, is a second user message. Which response comes first depends on the id. The options
`tasks` and `generators` are `all` or names, separated by commas.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from judgebench import rows
from judgebench.adapters.items import Files, Options, placed, user
from judgebench.errors import UnknownName
from judgebench.types import Card, Item, Response, Source


def sources(card: Card, options: Mapping[str, Any]) -> Sequence[Source]:
    chosen = []
    for option, place in (("tasks", 0), ("generators", 1)):
        existing = {source.role.split("/")[place] for source in card.sources}
        selected = (
            set(existing) if options[option] == "all" else {name.strip() for name in str(options[option]).split(",")}
        )
        if unknown := sorted(selected - existing):
            raise UnknownName(f"{option[:-1]} of {card.id}", unknown[0], [*existing, "all"])
        chosen.append(selected)
    tasks, generators = chosen
    wanted = {f"{task}/{generator}" for task in tasks for generator in generators}
    files = [source for source in card.sources if source.role in wanted]
    if not files:
        raise UnknownName(f"generator of {', '.join(sorted(tasks))}", ", ".join(sorted(generators)), ["all"])
    return files


def items(files: Files, options: Options) -> Iterator[Item]:
    for role, path in files.items():
        task, _, generator = role.partition("/")
        for row in rows.read(path):
            name = f"{role}/{row.number - 1}"
            contents = [row.text("question_content"), row.optional_text("starter_code")]
            sides = [Response(text=row.text(f"{side}_response"), author=generator or None) for side in ("pos", "neg")]
            responses, gold = placed(name, *sides)
            yield Item(
                id=name,
                messages=user(*filter(None, contents)),
                responses=responses,
                gold=gold,
                subset=task,
                language="en",
                cluster=row.identifier("question_id"),
                facets={"difficulty": row.text("difficulty"), "generator": generator},
            )
