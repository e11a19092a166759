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


SAYS = {
    "401": "401 .*Repository Not Found",
    "403": "403 .*gated",
    "404": "404 .*Repository Not Found",
    "429": "429 .*Too Many Requests",
    "500": "500 Internal Server Error|500 Server Error",
    "garbage": "what was sent is not in the hub's form",
    "list": "what was sent is not in the hub's form",
    "empty": "what was sent is not in the hub's form",
    "cut": r"peer closed connection|5 bytes read",
    "closed": "disconnected|Connection aborted",
    "silent": "timed out",
}
"""What every version of the hub's library says, with the HTTP client that it has."""


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for a hub that says nothing."""
    from huggingface_hub import constants

    monkeypatch.setattr("judgebench.fetch._hub._PATIENCE", 0.5)
    monkeypatch.setattr(constants, "HF_HUB_DOWNLOAD_TIMEOUT", 0.5)


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("trouble", SAYS)
def test_a_hub_in_trouble_is_one_line_with_its_reason(trouble, hub_server, card, monkeypatch) -> None:
    assert set(SAYS) == set(hub_server.TROUBLE)
    with hub_server.serving(REPO, {FILE: table(ROWS)}, trouble=trouble) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        with pytest.raises(DataUnavailable, match=f"cannot download https://.*({SAYS[trouble]})") as caught:
            fetch.fetch(card, card.sources[0])
    assert "\n" not in str(caught.value)
    assert hub.asked
    assert fetch.where(card, card.sources[0]) is None


@pytest.mark.parametrize("trouble", ["401", "403", "404", "cut", "closed"])
def test_a_hub_that_fails_at_the_file_is_one_line_and_a_second_try_goes_on(
    trouble, hub_server, card, monkeypatch, capfd
) -> None:
    """429, 500 and silence are not tried here: newer versions of the hub's library ask again for 20 seconds."""
    with hub_server.serving(REPO, {FILE: table(ROWS)}, trouble=trouble, in_files=True) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        with pytest.raises(DataUnavailable, match=f"cannot download https://.*({SAYS[trouble]})") as caught:
            fetch.fetch(card, card.sources[0])
        assert "\n" not in str(caught.value)
        assert fetch.where(card, card.sources[0]) is None
        hub.trouble = ""
        assert parquet.read_table(fetch.fetch(card, card.sources[0])).to_pylist() == ROWS


def test_a_hub_that_does_not_speak_tls_is_one_line(serve, card, monkeypatch) -> None:
    hub = serve(REPO, {FILE: table(ROWS)})
    monkeypatch.setenv("HF_ENDPOINT", hub.url.replace("http:", "https:"))
    with pytest.raises(DataUnavailable, match=r"cannot download https://.*SSL") as caught:
        fetch.fetch(card, card.sources[0])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("variable", ["HF_HUB_OFFLINE", "JUDGEBENCH_OFFLINE"])
def test_offline_the_hub_is_not_asked(variable, serve, card, monkeypatch) -> None:
    hub = serve(REPO, {FILE: table(ROWS)})
    monkeypatch.setenv(variable, "1")
    with pytest.raises(DataUnavailable, match=f"{variable}=1 forbids to download it"):
        fetch.fetch(card, card.sources[0])
    assert hub.asked == []


def test_a_hub_that_cannot_be_reached_is_one_line(card, monkeypatch) -> None:
    with socket.socket() as closed:  # a port that is taken and answers nobody
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{closed.getsockname()[1]}")
        with pytest.raises(DataUnavailable, match=r"cannot download https://huggingface\.co/.*refused") as caught:
            fetch.fetch(card, card.sources[0])
    assert "\n" not in str(caught.value)
