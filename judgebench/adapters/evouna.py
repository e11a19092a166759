"""EVOUNA: wangcunxiang/QA-Eval@90007d39d4ef0720984f80d56a586c66d6241e70, EVOUNA/NQ.json and TQ.json; a source's role is
NQ or TQ. Each file is one list of questions, each with five systems' answers and a person's verdict on each.

A question made up in that schema, cut to one system:

    {"question": "who wrote hamlet", "golden_answer": "Shakespeare/William Shakespeare", "answer_fid": "Shakespeare",
     "judge_fid": true, "improper": false}

An item is one answer, and its gold one of two labels, incorrect or correct. A verdict of null, or the text nan, is
none. An answer of null is an empty text: there is nothing to show. The golden answer is the reference, as it stands: a
slash is between alternatives, and now and then a part of one. `improper` is what upstream says of a question that has
no one right answer any more; the items keep it as a facet. Questions that stand there twice share a cluster."""

from __future__ import annotations

from collections.abc import Iterator

from judgebench import rows
from judgebench.adapters.items import Files, Options, materials, refuse_options, user
from judgebench.types import Item, Response, Verdict, digest

SYSTEMS = ("fid", "gpt35", "chatgpt", "gpt4", "newbing")
_VERDICTS = {False: Verdict(scores=(1, 0)), True: Verdict(scores=(0, 1)), None: None, "nan": None}


def items(files: Files, options: Options) -> Iterator[Item]:
    refuse_options(options)
    for subset, path in files.items():
        for number, row in enumerate(rows.read(path)):
            messages = user(row.text("question"))
            for system in SYSTEMS:
                yield Item(
                    id=f"{subset}/{number}/{system}",
                    messages=messages,
                    responses=(Response(text=row.optional_text(f"answer_{system}") or "", author=system),),
                    materials=materials(reference=row.optional_text("golden_answer")),
                    gold=row.choice(f"judge_{system}", _VERDICTS),
                    subset=subset,
                    language="en",
                    cluster=digest(messages),
                    facets={"improper": row.choice("improper", {False: False, True: True})},
                )
