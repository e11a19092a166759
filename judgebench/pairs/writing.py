"""The files of a built benchmark, in one folder:

<name>.jsonl         a pair a line, as a user's own data has it: `judgebench run -b <folder>/<name>.jsonl`
<name>.mapping.yaml  which column holds what, so that nothing is guessed
<name>.card.yaml     the card: what it was built from and how, and every count
graded.jsonl         every response with both graders' verdicts and what they read
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import yaml

from judgebench import store
from judgebench.pairs.building import Built, Counts, Gap, GradedResponse, Pair
from judgebench.types import Record

MAPPING: dict[str, Any] = {
    "id": "id",
    "prompt": "prompt",
    "responses": ["response_a", "response_b"],
    "label": "label",
    "values": {"a": "first", "b": "second"},
    "authors": ["model_a", "model_b"],
    "cluster": "cluster",
    "subset": "subset",
    "label_source": "objective",
}


class Origin(Record, frozen=True, kw_only=True):
    """Where questions or responses were read from: a file by its hash, or a data set of the hub by its revision."""

    name: str
    sha256: str | None = None
    revision: str | None = None


class PairsCard(Record, frozen=True, kw_only=True, omit_defaults=False):
    """`<name>.card.yaml`. Equal inputs, settings and versions give equal cards and equal pairs."""

    id: str
    title: str
    licence: str
    description: str
    label_source: str
    data: Origin
    sources: tuple[Origin, ...]
    """The files that the questions and responses were read from."""
    models: dict[str, int]
    """Which models wrote the responses of the pairs, and how many of them."""
    sampling: dict[str, Any] | None
    grader: tuple[str, ...]
    """Name, version and settings; several where rows name their own."""
    second_grader: str | None
    protections: tuple[str, ...] | None
    """Of the sandbox, where code was run."""
    settings: dict[str, Any]
    counts: Counts
    subsets: dict[str, int]
    length: Gap
    right_first: float
    judgebench: str
    warnings: tuple[str, ...]


def row(pair: Pair) -> dict[str, Any]:
    first, second = (pair.right, pair.wrong) if pair.right_first else (pair.wrong, pair.right)
    return {
        "id": pair.id,
        "prompt": pair.question.prompt,
        "response_a": first.text,
        "response_b": second.text,
        "label": "A" if pair.right_first else "B",
        "subset": pair.question.subset,
        "cluster": pair.question.id,
        "model_a": first.model,
        "model_b": second.model,
    }


def graded_row(case: GradedResponse) -> dict[str, Any]:
    return {
        "question": case.question.id,
        "model": case.response.model,
        "response": case.response.text,
        "first": case.first,
        "second": case.second,
        "kept": case.kept,
    }


def write(folder: Path, name: str, built: Built, data: bytes, card: PairsCard) -> None:
    """Write the files, the data last, so that a folder without them is known to be incomplete."""
    mapping = {"title": card.title, "licence": card.licence, **MAPPING}
    if set(built.subsets) == {""}:
        del mapping["subset"]
    store.replace(folder / "graded.jsonl", msgspec.json.Encoder().encode_lines(map(graded_row, built.graded)))
    store.replace(folder / f"{name}.card.yaml", yaml_of(msgspec.to_builtins(card)))
    store.replace(folder / f"{name}.mapping.yaml", yaml_of(mapping))
    store.replace(folder / f"{name}.jsonl", data)


def yaml_of(value: Any) -> bytes:
    text: str = yaml.safe_dump(dict(value), sort_keys=False, allow_unicode=True, width=100)
    return text.encode()
