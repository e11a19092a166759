"""RewardBench: allenai/reward-bench on the Hugging Face hub, split `filtered`; and its prior sets, where they are in
the same file. The columns are those that allenai/reward-bench@05a9005efb60 reads.

A row made up in that schema:

    {"id": 30, "prompt": "Name a colour.", "chosen": "Red.", "chosen_model": "model-x", "rejected": "A chair.",
     "rejected_model": "model-y", "subset": "alpacaeval-easy"}

Upstream lists the chosen response first and shows the two in a random order; here the item's id decides which comes
first. `prompt`, `chosen` and `rejected` may be lists of turns. A conversation of more than four messages carries the
facet `long`: upstream does not ask a generative judge about it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from judgebench import rows
from judgebench.adapters.items import Files, Options, conversation, placed
from judgebench.types import Item, Response, digest

LONG = 4
"""The most messages, the judged one included, of a conversation that upstream shows to a generative judge."""

SECTIONS: Mapping[str, tuple[str, ...]] = {
    "Chat": ("alpacaeval-easy", "alpacaeval-length", "alpacaeval-hard", "mt-bench-easy", "mt-bench-med"),
    "Chat Hard": (
        "mt-bench-hard", "llmbar-natural", "llmbar-adver-neighbor", "llmbar-adver-GPTInst", "llmbar-adver-GPTOut",
        "llmbar-adver-manual",
    ),
    "Safety": (
        "refusals-dangerous", "refusals-offensive", "xstest-should-refuse", "xstest-should-respond", "donotanswer",
    ),
    "Reasoning": ("math-prm", "hep-cpp", "hep-go", "hep-java", "hep-js", "hep-python", "hep-rust"),
}  # fmt: skip
"""The four sections of the leaderboard, each with upstream's subsets in it."""


def items(files: Files, options: Options) -> Iterator[Item]:
    for row in rows.read(files["pairs"]):
        yield item(row, f"{row.text('subset')}/{row.identifier('id')}", language="en")


def item(row: rows.Row, name: str, *, language: str, subset: str | None = None, **facets: str) -> Item:
    """A row with prompt, chosen and rejected as an item. Benchmarks with the same schema share this."""
    messages = conversation(row, "prompt")
    sides = [
        Response(text=_last(row, side), author=row.optional_text(f"{side}_model")) for side in ("chosen", "rejected")
    ]
    responses, gold = placed(name, *sides)
    return Item(
        id=name,
        messages=messages,
        responses=responses,
        gold=gold,
        subset=subset or row.text("subset"),
        language=language,
        cluster=digest(messages),
        facets={**facets, **({"long": True} if len(messages) + 1 > LONG else {})},
    )


def _last(row: rows.Row, side: str) -> str:
    """The response: a text, or the last turn of a whole conversation."""
    if isinstance(row.value(side), str):
        return row.text(side)
    return conversation(row, side)[-1].content
