"""The benchmark as it is written, into one folder:

<name>.jsonl         a pair a line, in the schema of own data: `judgebench run -b <folder>/<name>.jsonl`
<name>.mapping.yaml  which column holds what, so that nothing is guessed
<name>.card.yaml     the card: what it was built of and how, and every count
graded.jsonl         every response with both graders' verdicts and what they read
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from judgebench import store
from judgebench.pairs.building import Built, Counts, Gap
from judgebench.pairs.selection import Pair
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


class Source(Record, frozen=True, kw_only=True):
    """A file by its hash, or a data set of the hub by its revision."""

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
    data: Source
    sources: tuple[Source, ...]
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


def rows(built: Built) -> list[dict[str, Any]]:
    return [_row(pair) for pair in built.pairs]


def _row(pair: Pair) -> dict[str, Any]:
    shown = (pair.right, pair.wrong) if pair.right_first else (pair.wrong, pair.right)
    return {
        "id": pair.id,
        "prompt": pair.question.prompt,
        "response_a": shown[0].text,
        "response_b": shown[1].text,
        "label": "A" if pair.right_first else "B",
        "subset": pair.question.subset,
        "cluster": pair.question.id,
        "model_a": shown[0].model,
        "model_b": shown[1].model,
    }


def graded_rows(built: Built) -> list[dict[str, Any]]:
    return [
        {
            "question": one.question.id,
            "model": one.response.model,
            "response": one.response.text,
            "first": msgspec.to_builtins(one.first),
            "second": msgspec.to_builtins(one.second),
            "kept": one.kept,
        }
        for one in built.graded
    ]


def lines(values: list[dict[str, Any]]) -> bytes:
    return b"".join(msgspec.json.encode(value) + b"\n" for value in values)


def write(folder: Path, name: str, built: Built, data: bytes, card: PairsCard) -> None:
    """The data last: what is there without it is no benchmark yet."""
    mapping: Mapping[str, Any] = {
        "title": card.title,
        "licence": card.licence,
        **{key: value for key, value in MAPPING.items() if key != "subset" or set(built.subsets) != {""}},
    }
    store.replace(folder / "graded.jsonl", lines(graded_rows(built)))
    store.replace(folder / f"{name}.card.yaml", yaml_of(msgspec.to_builtins(card)))
    store.replace(folder / f"{name}.mapping.yaml", yaml_of(mapping))
    store.replace(folder / f"{name}.jsonl", data)


def yaml_of(value: Any) -> bytes:
    text: str = yaml.safe_dump(dict(value), sort_keys=False, allow_unicode=True, width=100)
    return text.encode()
