"""JudgerBenchV2 (CompassJudger-2): one JSON list a category, data/judgeeval/judgerbenchv2/<category>.json; where they
can be downloaded was not found. The fields are those that opencompass/datasets/judge/judgerbenchv2.py (@a5acc4bba3b6)
reads.

A row made up in that schema:

    {"prompt": "Name a colour.", "gold": {"category": "Creation", "lan": "en", "r1_gt": "model-x"},
     "base_model_response": {"response": "Soup.", "model_name": "gpt-4o-mini-2024-07-18"},
     "models_response": {"response": "Red.", "model_name": "model-x"}}

Gold is DeepSeek-R1's verdict (the paper: the majority of three models'). Upstream shows the two in a seeded balanced
order; here the item's id decides. Facets name the model and the slot of its response.
"""

from __future__ import annotations

from collections.abc import Iterator

from judgebench import rows
from judgebench.adapters.items import Files, Options, placed, user
from judgebench.types import FIRST, SECOND, Item, Response, digest

_LANGUAGES = {"cn": "zh", "en": "en"}


def items(files: Files, options: Options) -> Iterator[Item]:
    for category, path in files.items():
        for row in rows.read(path):
            name = f"{category}/{row.number - 1}"
            gold = row.within(row.value("gold"), "gold")
            base, contender = (_response(row, side) for side in ("base_model_response", "models_response"))
            winner = gold.text("r1_gt")
            if winner not in (base.author, contender.author) or base.author == contender.author:
                raise row.bad(
                    f"r1_gt is one of the two models, {base.author} and {contender.author}, not {winner[:40]!r}"
                )
            responses, _ = placed(name, base, contender)
            slot = responses.index(contender)
            yield Item(
                id=name,
                messages=user(row.text("prompt")),
                responses=responses,
                gold=(FIRST, SECOND)[[response.author for response in responses].index(winner)],
                subset=category,
                language=gold.choice("lan", _LANGUAGES),
                cluster=digest(row.text("prompt")),
                facets={"model": str(contender.author), "model_slot": slot},
            )


def _response(row: rows.Row, column: str) -> Response:
    response = row.within(row.value(column), column)
    return Response(text=response.text("response"), author=response.text("model_name"))
