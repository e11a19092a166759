"""MM-Eval: prometheus-eval/MM-Eval on the Hugging Face hub, split `test`: RewardBench's columns and `language`.

A row made up in that schema:

    {"id": "made-up-1", "prompt": "Nenne eine Farbe.", "chosen": "Rot.", "rejected": "Ein Stuhl.", "language": "de",
     "subset": "linguistics", "chosen_model": "model-x", "rejected_model": "model-y"}

Ids repeat between languages, so an item's id is the subset, the language and the row's id.
"""

from __future__ import annotations

from collections.abc import Iterator

from judgebench import rows
from judgebench.adapters import rewardbench
from judgebench.adapters.items import Files, Options
from judgebench.types import Item


def items(files: Files, options: Options) -> Iterator[Item]:
    for row in rows.read(files["pairs"]):
        language = row.text("language")
        name = f"{row.text('subset')}/{language}/{row.identifier('id')}"
        yield rewardbench.item(row, name, language=language)
