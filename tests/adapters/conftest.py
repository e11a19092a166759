"""Benchmarks and recordings as loaded, each once a session: from the mirror where their files are at hand, else from
made-up rows in upstream's schema (synthetic/<card>.json); and a writer of made-up upstream files."""

from __future__ import annotations

import importlib.util
import json
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from judgebench import adapters, fetch, resources
from judgebench.types import Card, Item, Label

Json = Callable[[str, Sequence[Any]], Path]

SYNTHETIC = Path(__file__).parent / "synthetic"


class Loaded:
    """`real` is whether the items are upstream's. A card of made-up rows pins and counts nothing."""

    def __init__(self, card: Card, *, real: bool) -> None:
        self.card, self.real = card, real
        self.items: list[Item] = adapters.load(card)
        self.labels: dict[str, Label] = {item.id: item.label() for item in self.items}

    def item(self, name: str) -> Item:
        return next(item for item in self.items if item.id == name)

    def recorded(self, judge: str, **options: str) -> adapters.Recorded:
        recording = next(recording for recording in self.card.recordings if recording.judge == judge)
        paths = [fetch.locate(self.card, source) for source in recording.files]
        return adapters.read_recorded(self.card, paths, self.labels, {**recording.options, **options})


_loaded: dict[str, Loaded] = {}


@pytest.fixture
def bench(mirror: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Loaded]:
    def load(name: str) -> Loaded:
        if name not in _loaded:
            card = resources.card(name)
            if all(fetch.where(card, source) for source in card.sources):
                _loaded[name] = Loaded(card, real=True)
            else:
                _loaded[name] = Loaded(synthetic(card, tmp_path / "synthetic", monkeypatch), real=False)
                monkeypatch.setenv("JUDGEBENCH_MIRROR", str(mirror))
        return _loaded[name]

    return load


def synthetic(card: Card, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Card:
    """The card as if its files were the made-up ones, which now are in the mirror `folder`."""
    for name, content in json.loads((SYNTHETIC / f"{card.id}.json").read_text(encoding="utf-8")).items():
        put(folder / str(card.mirror) / name, content)
    monkeypatch.setenv("JUDGEBENCH_MIRROR", str(folder))
    sources = [msgspec.structs.replace(source, sha256=None, checksum=None) for source in card.sources]
    return msgspec.structs.replace(card, items=0, labels={}, subsets={}, sources=tuple(sources))


def put(path: Path, content: Any) -> None:
    """Rows as a JSON list, JSON lines or parquet, members as a zip, or an object as JSON, by the name's suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        import pyarrow as pa
        from pyarrow import parquet

        parquet.write_table(pa.Table.from_pylist(content), path)
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for member, rows in content.items():
                archive.writestr(f"folder/{member}", json.dumps(rows))
    elif path.suffix == ".jsonl":
        path.write_text("".join(f"{json.dumps(row)}\n" for row in content), encoding="utf-8")
    else:
        path.write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture
def made_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], dict[str, Path]]:
    """The made-up files of a card, by role."""

    def write_files(name: str) -> dict[str, Path]:
        card = resources.card(name)
        synthetic(card, tmp_path / "made-up", monkeypatch)
        return {source.role: tmp_path / "made-up" / str(card.mirror) / source.name for source in card.sources}

    return write_files


@pytest.fixture
def write(tmp_path: Path) -> Json:
    """Writes rows as a JSON list (.json), as JSON lines (.jsonl), or as a table (.parquet)."""

    def write_rows(name: str, rows: Sequence[Any] | Mapping[str, Any]) -> Path:
        put(tmp_path / name, rows)
        return tmp_path / name

    return write_rows


def _server(name: str) -> ModuleType:
    """A module of this folder by that name."""
    path = Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def file_server() -> ModuleType:
    """A server of one file, with bad manners."""
    return _server("file_server")


@pytest.fixture(scope="session")
def hub_server() -> ModuleType:
    """A Hugging Face hub of one data set."""
    return _server("hub_server")
