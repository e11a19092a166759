"""Downloading a pinned file from a real server: good, wrong, cut short, absent; nothing half-done is left behind."""

from __future__ import annotations

import gc
import hashlib
import threading
import warnings
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest

from judgebench import fetch, resources
from judgebench.errors import DataUnavailable, InputError
from judgebench.types import Card, Source

BODY = b'{"row": 1}\n' * 1000
NAME = "data/a=b,c^d.jsonl"


class _Server(BaseHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:
        type(self).asked.append(self.path)
        if self.path == "/absent":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY[:500] if self.path == "/short" else BODY)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    handler = type("Handler", (_Server,), {"asked": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}", handler.asked
        http.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def _connections_that_pooch_leaves_open() -> Iterator[None]:
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def card() -> Card:
    return msgspec.structs.replace(resources.card("pandalm"), mirror="some-set")


def source(url: str, body: bytes = BODY) -> Source:
    return Source(name=NAME, role="pairs", url=url, sha256=hashlib.sha256(body).hexdigest())


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_good_file_is_kept_and_not_fetched_again(server, card, tmp_path) -> None:
    url, asked = server
    announced: list[str] = []
    wanted = source(f"{url}/good%3D.jsonl")
    with pytest.raises(
        DataUnavailable, match=r"pandalm: data/a=b,c\^d\.jsonl is not on this machine; `judgebench data fetch pandalm`"
    ):
        fetch.locate(card, wanted)
    path = fetch.fetch(card, wanted, announced.append)
    assert path.read_bytes() == BODY
    assert files(tmp_path / "cache") == [f"data/some-set/{NAME}"]
    assert asked == ["/good%3D.jsonl"]
    assert len(announced) == 1
    assert fetch.locate(card, wanted) == fetch.fetch(card, wanted, announced.append) == path
    assert len(asked) == len(announced) == 1


@pytest.mark.parametrize(
    ("path", "body", "error", "message"),
    [
        (
            "/other",
            b"what pinned is",
            InputError,
            r"is not the pinned file: sha256 is [0-9a-f]{64}, pinned is",
        ),
        ("/short", BODY, DataUnavailable, "pandalm: cannot download http://127.0.0.1:.*/short: "),
        ("/absent", BODY, DataUnavailable, "pandalm: cannot download http://127.0.0.1:.*/absent: 404"),
    ],
    ids=["wrong", "truncated", "404"],
)
def test_what_is_not_the_file_leaves_nothing_behind(path, body, error, message, server, card, tmp_path) -> None:
    with pytest.raises(error, match=message) as caught:
        fetch.fetch(card, source(server[0] + path, body))
    assert "\n" not in str(caught.value)
    assert files(tmp_path / "cache") == []


def test_no_server_at_all(card, tmp_path, server) -> None:
    url, _ = server
    port = int(url.rpartition(":")[2])
    with pytest.raises(DataUnavailable, match="cannot download"):
        fetch.fetch(card, source(f"http://127.0.0.2:{port}/x"))
    assert files(tmp_path / "cache") == []


def test_a_failed_download_leaves_the_file_of_before(server, card, tmp_path) -> None:
    """A file at hand that is not the pinned one is never used, and never replaced behind the user's back."""
    target = tmp_path / "cache" / "data" / "some-set" / NAME
    target.parent.mkdir(parents=True)
    target.write_bytes(b"changed")
    for attempt in (fetch.locate, fetch.fetch):
        with pytest.raises(InputError, match=r"\(7 bytes\) is not the pinned file"):
            attempt(card, source(server[0]))
    assert target.read_bytes() == b"changed"
    assert server[1] == []


def test_the_mirror_is_searched_first(card, tmp_path, monkeypatch, server) -> None:
    mirrored = tmp_path / "mirror" / "some-set" / NAME
    mirrored.parent.mkdir(parents=True)
    mirrored.write_bytes(BODY)
    monkeypatch.setenv("JUDGEBENCH_MIRROR", str(tmp_path / "mirror"))
    assert fetch.fetch(card, source(server[0])) == mirrored
    assert server[1] == []
    monkeypatch.setenv("JUDGEBENCH_MIRROR", str(tmp_path / "no-mirror"))
    with pytest.raises(InputError, match=r"JUDGEBENCH_MIRROR=.*no-mirror is not a folder"):
        fetch.locate(card, source(server[0]))


def test_a_file_without_a_hash_is_held_to_its_first_use(server, card, tmp_path) -> None:
    url, asked = server
    unpinned = msgspec.structs.replace(source(f"{url}/good"), sha256=None)
    path = fetch.fetch(card, unpinned)
    record = fetch.first_use(card, unpinned)
    assert record.read_text().strip() == hashlib.sha256(BODY).hexdigest()
    assert fetch.locate(card, unpinned) == path
    path.write_bytes(b"changed")
    for attempt in (fetch.locate, fetch.fetch):
        with pytest.raises(InputError, match=r"\(7 bytes\) is not the file that was used before: sha256 is") as caught:
            attempt(card, unpinned)
        assert str(record) in str(caught.value)
        assert "\n" not in str(caught.value)
    record.unlink()
    assert fetch.locate(card, unpinned) == path
    assert len(asked) == 1


def test_where_the_first_use_cannot_be_recorded_the_file_is_not_used(card, tmp_path) -> None:
    unpinned = msgspec.structs.replace(source(""), sha256=None)
    target = tmp_path / "cache" / "data" / "some-set" / NAME
    target.parent.mkdir(parents=True)
    target.write_bytes(BODY)
    (tmp_path / "cache" / "first-use").write_text("a file where a folder should be")
    with pytest.raises(InputError, match="first-use"):
        fetch.locate(card, unpinned)


@pytest.mark.parametrize("kind", ["git", "md5"])
def test_another_checksum_pins_as_well(kind, card, tmp_path) -> None:
    digests = {
        "git": hashlib.sha1(b"blob %d\0" % len(BODY) + BODY, usedforsecurity=False).hexdigest(),
        "md5": hashlib.md5(BODY, usedforsecurity=False).hexdigest(),
    }
    target = tmp_path / "cache" / "data" / "some-set" / NAME
    target.parent.mkdir(parents=True)
    target.write_bytes(BODY)
    pinned = msgspec.structs.replace(source("https://x"), sha256=None, checksum=f"{kind}:{digests[kind]}")
    assert fetch.locate(card, pinned) == target
    assert not fetch.first_use(card, pinned).exists()
    target.write_bytes(BODY + b" ")
    with pytest.raises(InputError, match=rf"is not the pinned file: {kind}"):
        fetch.locate(card, pinned)
    with pytest.raises(InputError, match="a checksum begins with sha256, git, md5"):
        fetch.locate(card, msgspec.structs.replace(pinned, checksum="crc:0"))


def test_a_file_that_only_its_user_has_gives_one_clear_line(card) -> None:
    supplied = msgspec.structs.replace(source(""), sha256=None)
    for attempt in (fetch.locate, fetch.fetch):
        with pytest.raises(
            DataUnavailable, match=r"pandalm: .* cannot be downloaded, you supply it: put it at"
        ) as caught:
            attempt(card, supplied)
        assert "some-set/" + NAME in str(caught.value)
        assert "\n" not in str(caught.value)
