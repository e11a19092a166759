"""Files of the Hugging Face hub, through the hub's own libraries, from a hub on loopback, by the command line."""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from pyarrow import parquet

from judgebench import fetch, resources
from judgebench.errors import DataUnavailable, InputError
from judgebench.types import Card

REPO = "allenai/reward-bench-2"
FILE = "data/test-00000-of-00001.parquet"
ROWS = [{"id": str(i), "prompt": f"p{i}"} for i in range(4)]


def table(rows: list[dict[str, str]]) -> bytes:
    out = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(rows), out)
    return out.getvalue()


@pytest.fixture
def serve(hub_server, monkeypatch) -> Iterator[Callable[[str, Mapping[str, bytes]], Any]]:
    """A hub with these files, that HF_ENDPOINT names."""
    with ExitStack() as stack:

        def start(repo: str, files: Mapping[str, bytes]) -> Any:
            hub = stack.enter_context(hub_server.serving(repo, files))
            monkeypatch.setenv("HF_ENDPOINT", hub.url)
            return hub

        yield start


@pytest.fixture
def card() -> Card:
    return resources.card("rewardbench2")


def test_a_file_comes_at_a_commit_which_is_held_to(serve, hub_server, card) -> None:
    hub, source = serve(REPO, {FILE: table(ROWS)}), card.sources[0]
    target = fetch.fetch(card, source)
    assert parquet.read_table(target).to_pylist() == ROWS
    assert f"GET /datasets/{REPO}/resolve/{hub_server.COMMIT}/{FILE}" in hub.asked
    assert fetch.first_use(card, source).read_text(encoding="utf-8").split() == [
        fetch.sha256(target),
        hub_server.COMMIT,
    ]
    target.unlink()
    hub.asked.clear()
    fetch.fetch(card, source)
    assert f"GET /api/datasets/{REPO}/revision/{hub_server.COMMIT}" in hub.asked, "not main any more"
    target.unlink()
    serve(REPO, {FILE: table(ROWS[:3])})
    with pytest.raises(InputError, match="is not the file that was used before"):
        fetch.fetch(card, source)


def test_a_pinned_file_of_the_hub_that_differs_is_not_installed(serve, card) -> None:
    serve(REPO, {FILE: table(ROWS)})
    pinned = msgspec.structs.replace(card.sources[0], sha256="0" * 64)
    with pytest.raises(InputError, match=r"what https://huggingface\.co/.* sent .* is not the pinned file"):
        fetch.fetch(card, pinned)
    assert fetch.where(card, pinned) is None


def test_a_split_that_is_stored_in_pieces_is_put_together(serve, card, tmp_path) -> None:
    """By `datasets`, which reads the hub's address when it is imported: in a process of its own."""
    serve(
        REPO,
        {
            "data/test-00000-of-00002.parquet": table(ROWS[:2]),
            "data/test-00001-of-00002.parquet": table(ROWS[2:]),
            "README.md": b"---\nlicense: odc-by\n---\n",
        },
    )
    code = "import sys; from judgebench.cli import main; main(sys.argv[1:])"
    words = [sys.executable, "-c", code, "data", "fetch", "rewardbench2"]
    env = {**os.environ, "HF_HOME": str(tmp_path / "hf")}
    done = subprocess.run(words, env=env, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert parquet.read_table(fetch.locate(card, card.sources[0])).to_pylist() == ROWS


@pytest.mark.parametrize(
    ("name", "repo", "files", "said"),
    [
        ("rewardbench2", "other/repo", {FILE: b""}, "cannot download https://huggingface.co/datasets/allenai/reward-"),
        ("alpacaeval-human", "tatsu-lab/alpaca_eval", {"x.json": b"[]"}, r"has no alpaca_farm_.*; there are: x\.json"),
    ],
    ids=["no repository", "no such file"],
)
def test_what_the_hub_does_not_have_is_one_line(name, repo, files, said, serve) -> None:
    card, hub = resources.card(name), serve(repo, files)
    with pytest.raises(DataUnavailable, match=said) as caught:
        fetch.fetch(card, card.sources[0])
    assert "\n" not in str(caught.value)
    assert hub.asked
    assert fetch.where(card, card.sources[0]) is None


def test_a_hub_that_cannot_be_reached_is_one_line(card, monkeypatch) -> None:
    with socket.socket() as closed:  # a port that is taken and answers nobody
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{closed.getsockname()[1]}")
        with pytest.raises(DataUnavailable, match=r"cannot download https://huggingface\.co/.*refused") as caught:
            fetch.fetch(card, card.sources[0])
    assert "\n" not in str(caught.value)
