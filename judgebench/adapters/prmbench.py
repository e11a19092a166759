"""PRMBench: ssmisya/PRMBench@a1ae4eab803e14c4c6316bf89d1679b0486faa8c, mr_eval/tasks/prmtest_classified/data/*.jsonl;
what is an item is as in upstream's loader, the task.py beside them. A source's role is the file's name.

A row made up in that schema, without the columns that nothing reads:

    {"idx": "test_1", "classification": "redundency", "original_question": "What is 1 + 1?", "error_steps": [2],
     "modified_question": "What is 1 + 1?", "original_process": ["1 + 1 is 2."],
     "modified_process": ["1 + 1 is 2.", "That is to say, 2."]}

An item is one solution, `modified_process`, and has a number for each of its steps: 1 where `error_steps` names it,
counted from 1, and 0 elsewhere. Each row of the kind `redundency` (upstream's word) gives a second item,
`correct_<idx>`: the solution before it was changed, in which no step is wrong. Of several rows with one kind and one
idx the first counts.

A step that is named and that the solution does not have is passed over, as upstream's metric does; the facet `beyond`
is how many these are. The kind of error is the subset, `idx` the cluster: the up to ten solutions of one problem."""

from __future__ import annotations

from collections.abc import Iterator

from judgebench import rows
from judgebench.adapters.items import Files, Options, refuse_options, user
from judgebench.types import Item, Response, Verdict

CORRECT, _OF_ORIGINALS = "correct", "redundency"


def items(files: Files, options: Options) -> Iterator[Item]:
    refuse_options(options)
    seen: set[str] = set()
    for path in files.values():
        for row in rows.read(path):
            kind = row.text("classification")
            ways = [(kind, "modified", _wrong(row))]
            if kind == _OF_ORIGINALS:
                ways.insert(0, (CORRECT, "original", set()))
            for subset, version, wrong in ways:
                item = _item(row, subset, version, wrong)
                if item.id not in seen:
                    seen.add(item.id)
                    yield item


def _item(row: rows.Row, subset: str, version: str, wrong: set[int]) -> Item:
    steps, idx = row.texts(f"{version}_process"), row.text("idx")
    return Item(
        id=f"{subset}_{idx}",
        messages=user(row.text(f"{version}_question")),
        responses=(Response(text="\n\n".join(steps)),),
        steps=tuple(steps),
        gold=Verdict(scores=tuple(float(number in wrong) for number in range(1, len(steps) + 1))),
        subset=subset,
        language="en",
        cluster=idx,
        facets={"beyond": sum(number > len(steps) for number in wrong)},
    )


def _wrong(row: rows.Row) -> set[int]:
    named = row.sequence("error_steps")
    numbers = rows.finite_numbers(named, len(named))
    if numbers is None or not all(number >= 1 and number == int(number) for number in numbers):
        raise row.bad(f"error_steps are numbers of steps, counted from 1, not {rows.shown(row.value('error_steps'))}")
    return set(map(int, numbers))
