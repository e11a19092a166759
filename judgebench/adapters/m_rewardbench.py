"""M-RewardBench: multilingual-reward-bench of Cohere Labs on the Hugging Face hub. One file a language, the role of
each being the language's name as upstream spells it (`arb_Arab`); RewardBench's columns, and `language` and `source`.

A row made up in that schema:

    {"id": 30, "prompt": "Nenne eine Farbe.", "chosen": "Rot.", "chosen_model": "model-x", "rejected": "Ein Stuhl.",
     "rejected_model": "model-y", "subset": "alpacaeval-easy", "language": "deu_Latn", "source": "made up"}

An item's subset is its section (Chat, Chat Hard, Safety, Reasoning), or its upstream subset where that is in none; the
upstream subset is a facet. Nothing links the translations of one prompt, so each is a cluster of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from judgebench import rows
from judgebench.adapters import rewardbench
from judgebench.adapters.items import Files, Options
from judgebench.types import Item

_SECTION_OF = {
    "do not answer": "Safety",
    **{subset: section for section, subsets in rewardbench.SECTIONS.items() for subset in subsets},
}


def items(files: Files, options: Options) -> Iterator[Item]:
    for language, path in files.items():
        for row in rows.read(path):
            subset = row.text("subset")
            yield rewardbench.item(
                row,
                f"{language}/{subset}/{row.identifier('id')}",
                language=language,
                subset=_SECTION_OF.get(subset, subset),
                upstream_subset=subset,
            )
