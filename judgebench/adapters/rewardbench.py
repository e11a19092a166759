"""RewardBench and two in its schema, on the Hugging Face hub. The role of a card's file says which it is of:

    pairs        allenai/reward-bench, split `filtered`, and its prior sets, where they are in the same file. The
                 columns are those that allenai/reward-bench@05a9005efb60 reads.
    languages    prometheus-eval/MM-Eval, split `test`. Ids repeat between languages, so they are part of an item's id.
    (others)     multilingual-reward-bench of Cohere Labs: a file for each language, whose name, as upstream spells it
                 (`arb_Arab`), is the role. An item's subset is its section (Chat, Chat Hard, Safety, Reasoning), or its
                 upstream subset where that is in none; the upstream subset is a facet. Nothing links the translations
                 of one prompt, so each is a cluster of its own.

A row made up in that schema, the last column in the second and third only:

    {"id": 30, "prompt": "Name a colour.", "chosen": "Red.", "chosen_model": "model-x", "rejected": "A chair.",
     "rejected_model": "model-y", "subset": "alpacaeval-easy", "language": "de"}

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
_SECTION_OF = {subset: section for section, subsets in SECTIONS.items() for subset in subsets} | {
    "do not answer": "Safety"
}


def items(files: Files, options: Options) -> Iterator[Item]:
    for role, path in files.items():
        for row in rows.read(path):
            subset, number = row.text("subset"), row.identifier("id")
            if role == "pairs":
                yield _item(row, f"{subset}/{number}", subset, "en")
            elif role == "languages":
                language = row.text("language")
                yield _item(row, f"{subset}/{language}/{number}", subset, language)
            else:
                section = _SECTION_OF.get(subset, subset)
                yield _item(row, f"{role}/{subset}/{number}", section, role, upstream_subset=subset)


def _item(row: rows.Row, name: str, subset: str, language: str, **facets: str) -> Item:
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
        subset=subset,
        language=language,
        cluster=digest(messages),
        facets={**facets, **({"long": True} if len(messages) + 1 > LONG else {})},
    )


def _last(row: rows.Row, side: str) -> str:
    """The response: a text, or the last turn of a whole conversation."""
    if isinstance(row.value(side), str):
        return row.text(side)
    return conversation(row, side)[-1].content
