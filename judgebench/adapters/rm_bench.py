"""RM-Bench: THU-KEG/RM-Bench@73c52d7b27b361621361ec959ac6c0eb9bb7a689, data/*_filtered.json, a JSON list each; a
source's role is the domain.

A row made up in that schema, three styles of one right and of one wrong response (concise, detailed, detailed with
markdown):

    {"id": 8, "prompt": "Name a colour.", "chosen": ["Red.", "Red, I think.", "**Red**"],
     "rejected": ["Soup.", "Soup, I think.", "**Soup**"]}

The option `form` is `pairs`, nine pairs a prompt that any judge can be shown (facets `right_style` and `wrong_style`, 0
to 2), or `sets`, one item with six responses for judges that score each by itself (the facet `styles` names the slots
of the three right ones, then of the three wrong ones). The order within an item depends on its id.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from judgebench import rows
from judgebench.adapters.items import Files, Options, option, placed, shuffled, user
from judgebench.types import Item, Response, Verdict

STYLES = 3


def items(files: Files, options: Options) -> Iterator[Item]:
    form = option(options, "form", ("pairs", "sets"))
    for domain, path in files.items():
        for row in rows.read(path):
            name = f"{domain}/{row.identifier('id')}"
            sides = [row.texts(side) for side in ("chosen", "rejected")]
            if any(len(side) != STYLES for side in sides):
                raise row.bad(f"chosen and rejected have {STYLES} texts each, one a style")
            yield from _pairs(row, domain, name, *sides) if form == "pairs" else [_set(row, domain, name, *sides)]


def _pairs(row: rows.Row, domain: str, name: str, right: list[str], wrong: list[str]) -> Iterator[Item]:
    for right_style, wrong_style in product(range(STYLES), repeat=2):
        pair_name = f"{name}/{right_style}{wrong_style}"
        responses, gold = placed(pair_name, Response(text=right[right_style]), Response(text=wrong[wrong_style]))
        yield Item(
            id=pair_name,
            messages=user(row.text("prompt")),
            responses=responses,
            gold=gold,
            subset=domain,
            language="en",
            cluster=name,
            facets={"right_style": right_style, "wrong_style": wrong_style},
        )


def _set(row: rows.Row, domain: str, name: str, right: list[str], wrong: list[str]) -> Item:
    order = shuffled(name, 2 * STYLES)
    texts = [*right, *wrong]
    return Item(
        id=name,
        messages=user(row.text("prompt")),
        responses=tuple(Response(text=texts[index]) for index in order),
        gold=Verdict(scores=tuple(float(index < STYLES) for index in order)),
        subset=domain,
        language="en",
        cluster=name,
        facets={"styles": "".join(str(order.index(index)) for index in range(2 * STYLES))},
    )
