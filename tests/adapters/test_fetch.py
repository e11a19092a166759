"""Downloading a pinned file from a real server: good, wrong, cut short, absent; nothing half-done is ever used."""

from __future__ import annotations

import gzip
import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from judgebench import fetch, resources
from judgebench.errors import DataUnavailable, InputError
from judgebench.fetch import _download
from judgebench.types import Card, Source

BODY = b'{"row": 1}\n' * 1000
NAME = "data/a=b,c^d.jsonl"


@pytest.fixture
def server(file_server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The server of BODY that file_server.py describes; nobody waits for it."""
    monkeypatch.setattr(_download, "PAUSE", 0.001)
    with file_server.serving(BODY) as books:
        yield books


@pytest.fixture
def card() -> Card:
    return msgspec.structs.replace(resources.card("pandalm"), mirror="some-set")


def source(url: str, body: bytes = BODY) -> Source:
    return Source(name=NAME, role="pairs", url=url, sha256=hashlib.sha256(body).hexdigest(), bytes=len(body))


def files(folder: Path) -> list[str]:
    """But for the locks, which stay."""
    return sorted(
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"
    )


def test_a_good_file_is_kept_and_not_fetched_again(server, card, tmp_path) -> None:
    announced: list[str] = []
    wanted = source(f"{server.url}/good")
    with pytest.raises(
        DataUnavailable, match=r"pandalm: data/a=b,c\^d\.jsonl is not on this machine; `judgebench data fetch pandalm`"
    ):
        fetch.locate(card, wanted)
    path = fetch.fetch(card, wanted, announced.append)
    assert path.read_bytes() == BODY
    assert files(tmp_path / "cache") == [f"data/some-set/{NAME}"]
    assert server.asked == [("/good", "")]
    assert len(announced) == 1
    assert fetch.locate(card, wanted) == fetch.fetch(card, wanted, announced.append) == path
    assert len(server.asked) == len(announced) == 1


@pytest.mark.parametrize("path", ["/moved", "/busy/2", "/zipped", "/no-range", "/no-version", "/lies"])
def test_a_server_with_bad_manners_that_has_the_file(path, server, card, tmp_path) -> None:
    assert fetch.fetch(card, source(server.url + path)).read_bytes() == BODY
    assert files(tmp_path / "cache") == [f"data/some-set/{NAME}"]
    assert len(server.asked) <= 4


def test_a_connection_that_drops_goes_on_where_it_was(server, card) -> None:
    """11,000 bytes in pieces of 2,000: six requests, each for the rest."""
    assert fetch.fetch(card, source(f"{server.url}/drops/2000")).read_bytes() == BODY
    assert [begun for _, begun in server.asked] == ["", *(f"bytes={2000 * i}-" for i in range(1, 6))]


def test_without_a_name_for_its_version_only_a_pinned_file_is_gone_on_with(server, card) -> None:
    """The hash would tell; where there is none, the whole is asked for again."""
    assert fetch.fetch(card, source(f"{server.url}/no-version")).read_bytes() == BODY
    assert [begun for _, begun in server.asked] == ["", f"bytes={len(BODY) // 3}-"]
    unpinned = msgspec.structs.replace(source(f"{server.url}/no-version/2"), name="other", sha256=None)
    assert fetch.fetch(card, unpinned).read_bytes() == BODY
    assert [begun for path, begun in server.asked if path.endswith("/2")] == ["", ""]


def test_what_arrived_is_kept_and_gone_on_with_by_the_next_call(server, card, tmp_path) -> None:
    with pytest.raises(DataUnavailable, match=r"; 5,500 bytes are kept, and the same command") as caught:
        fetch.fetch(card, source(f"{server.url}/short"))
    assert "\n" not in str(caught.value)
    kept = [f"data/some-set/{NAME}{suffix}" for suffix in (".part", ".part.version")]
    assert files(tmp_path / "cache") == kept
    assert fetch.where(card, source("")) is None
    assert fetch.fetch(card, source(f"{server.url}/good")).read_bytes() == BODY
    assert server.asked[-1] == ("/good", "bytes=5500-")
    assert files(tmp_path / "cache") == [f"data/some-set/{NAME}"]


def test_a_part_that_somebody_damaged_is_begun_anew(server, card, tmp_path) -> None:
    with pytest.raises(DataUnavailable):
        fetch.fetch(card, source(f"{server.url}/short"))
    part = tmp_path / "cache" / "data" / "some-set" / f"{NAME}.part"
    part.write_bytes(b"x" * 5500)
    assert fetch.fetch(card, source(f"{server.url}/good")).read_bytes() == BODY
    assert [begun for path, begun in server.asked if path == "/good"] == ["bytes=5500-", ""]


def test_a_file_that_changes_while_it_is_fetched_is_never_a_mixture(server, card, tmp_path) -> None:
    newer = b"a newer version of the file, of another length"
    assert fetch.fetch(card, source(f"{server.url}/changes", newer)).read_bytes() == newer


@pytest.mark.parametrize(
    ("path", "body", "error", "message"),
    [
        (
            "/other",
            b"what pinned is",
            InputError,
            "is not the pinned file: sha256 is [0-9a-f]{64}, pinned is [0-9a-f]{64}",
        ),
        ("/html", BODY, InputError, "it is a web page, such as a server sends instead of the file"),
        (
            "/absent",
            BODY,
            DataUnavailable,
            "pandalm: cannot download http://127.0.0.1:.*/absent: 404 Not Found; or set ",
        ),
        ("/busy/99", BODY, DataUnavailable, "pandalm: cannot download http://127.0.0.1:.*/busy/99: 503"),
    ],
    ids=["wrong", "page", "404", "503"],
)
def test_what_is_not_the_file_leaves_nothing_behind(path, body, error, message, server, card, tmp_path) -> None:
    with pytest.raises(error, match=message) as caught:
        fetch.fetch(card, source(server.url + path, body))
    assert "\n" not in str(caught.value)
    assert files(tmp_path / "cache") == []
    assert len(server.asked) == (_download.ATTEMPTS if path == "/busy/99" else 1)


def test_no_server_at_all(card, tmp_path, server) -> None:
    port = int(server.url.rpartition(":")[2])
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
            attempt(card, source(server.url))
    assert target.read_bytes() == b"changed"
    assert server.asked == []


@pytest.mark.parametrize(
    ("spoiled", "said"),
    [
        (BODY.replace(b"\n", b"\r\n"), "it is the pinned file, with line ends turned into CRLF"),
        (b"\xef\xbb\xbf" + BODY, "it is the pinned file, with a UTF-8 byte order mark in front"),
        (BODY.decode().encode("utf-16"), "it is the pinned file, re-encoded as UTF-16"),
        (b"\xef\xbb\xbf" + BODY.replace(b"\n", b"\r\n"), "byte order mark in front with line ends turned into CRLF"),
        (gzip.compress(BODY), "it is the pinned file, gzip'd: unpack it"),
        (BODY[:-1], "it is the pinned file, without its last newline"),
        (BODY[:600], r"10,400 bytes are missing, it may be cut off"),
        (b"", "it is empty"),
        (BODY[:5] + b"#" + BODY[6:], "same size, other content"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "it is a Git LFS pointer"),
    ],
    ids=["crlf", "bom", "utf-16", "bom-crlf", "gzip", "newline", "truncated", "empty", "one-byte", "lfs"],
)
def test_what_happened_to_a_file_is_said(spoiled, said, card, tmp_path) -> None:
    target = tmp_path / "cache" / "data" / "some-set" / NAME
    target.parent.mkdir(parents=True)
    target.write_bytes(spoiled)
    with pytest.raises(InputError, match=said) as caught:
        fetch.locate(card, source("https://x"))
    for expected in (str(target), hashlib.sha256(BODY).hexdigest(), "(11,000 bytes)", "https://x"):
        assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_renamed_file_is_found_and_named(card, tmp_path) -> None:
    folder = tmp_path / "cache" / "data" / "some-set" / "data"
    folder.mkdir(parents=True)
    (folder / "a (1).jsonl").write_bytes(BODY)
    with pytest.raises(DataUnavailable, match=r"a \(1\)\.jsonl is that file: name it some-set/data/a=b,c\^d\.jsonl"):
        fetch.locate(card, source("https://x"))


def test_a_file_under_another_s_name_is_said_to_be_that_one(card, tmp_path) -> None:
    one, two = source("https://x"), msgspec.structs.replace(source("https://x", b"two"), name="two.jsonl", role="two")
    both = msgspec.structs.replace(card, sources=(one, two))
    target = tmp_path / "cache" / "data" / "some-set" / "two.jsonl"
    target.parent.mkdir(parents=True)
    target.write_bytes(BODY)
    with pytest.raises(InputError, match=r"it is data/a=b,c\^d\.jsonl under another name"):
        fetch.locate(both, two)


@pytest.mark.parametrize("switch", ["JUDGEBENCH_OFFLINE", "HF_HUB_OFFLINE"])
def test_offline_asks_nobody(switch, server, card, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv(switch, "1")
    with pytest.raises(DataUnavailable, match=rf"{switch}=1 forbids to download it.*JUDGEBENCH_MIRROR") as caught:
        fetch.fetch(card, source(f"{server.url}/good"))
    assert "\n" not in str(caught.value)
    assert server.asked == []
    monkeypatch.setenv(switch, "0")
    assert fetch.fetch(card, source(f"{server.url}/good")).read_bytes() == BODY


_GUARD = """
import os, sys
def watch(event, arguments):
    if event in ("socket.__new__", "socket.connect", "socket.getaddrinfo", "socket.gethostbyname"):
        os.write(2, f"{event}{arguments}".encode())
        os._exit(99)
sys.addaudithook(watch)
from judgebench.cli import main
main(sys.argv[1:])
"""


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--offline", "data", "fetch", "rewardbench"], 2, "JUDGEBENCH_OFFLINE=1 forbids to download it"),
        (["data", "fetch", "--offline", "pandalm"], 2, "JUDGEBENCH_OFFLINE=1 forbids to download it"),
        (["run", "--offline", "-b", "pandalm", "-j", "baseline:first"], 2, "JUDGEBENCH_OFFLINE=1 forbids"),
        (["--offline", "run", "-j", "baseline:longest", "--limit", "2"], 0, "left out: "),
        (["--offline", "ls", "benchmarks"], 0, ""),
    ],
    ids=["hub", "http", "run", "built-in", "ls"],
)
def test_offline_opens_no_socket(arguments, code, said, tmp_path) -> None:
    """The whole command, in a process where opening a socket ends it."""
    done = subprocess.run(
        [sys.executable, "-c", _GUARD, *arguments], cwd=tmp_path, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == code, done.stderr
    assert said in done.stderr


def test_the_guard_sees_a_socket(tmp_path) -> None:
    """Without the switch the same command opens one."""
    words = [sys.executable, "-c", _GUARD, "data", "fetch", "pandalm"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 99
    assert "socket" in done.stderr


def test_the_mirror_is_searched_first(card, tmp_path, monkeypatch, server) -> None:
    mirrored = tmp_path / "mirror" / "some-set" / NAME
    mirrored.parent.mkdir(parents=True)
    mirrored.write_bytes(BODY)
    monkeypatch.setenv("JUDGEBENCH_MIRROR", str(tmp_path / "mirror"))
    assert fetch.fetch(card, source(server.url)) == mirrored
    assert server.asked == []
    monkeypatch.setenv("JUDGEBENCH_MIRROR", str(tmp_path / "no-mirror"))
    with pytest.raises(InputError, match=r"JUDGEBENCH_MIRROR=.*no-mirror is not a folder"):
        fetch.locate(card, source(server.url))


def test_a_file_without_a_hash_is_held_to_its_first_use(server, card, tmp_path) -> None:
    unpinned = msgspec.structs.replace(source(f"{server.url}/good"), sha256=None)
    path = fetch.fetch(card, unpinned)
    record = fetch.first_use(card, unpinned)
    assert record.read_text(encoding="utf-8").strip() == hashlib.sha256(BODY).hexdigest()
    assert fetch.locate(card, unpinned) == path
    path.write_bytes(b"changed")
    for attempt in (fetch.locate, fetch.fetch):
        with pytest.raises(InputError, match=r"\(7 bytes\) is not the file that was used before: sha256 is") as caught:
            attempt(card, unpinned)
        assert str(record) in str(caught.value)
        assert "\n" not in str(caught.value)
    record.unlink()
    assert fetch.locate(card, unpinned) == path
    assert len(server.asked) == 1


def test_where_the_first_use_cannot_be_recorded_the_file_is_not_used(card, tmp_path) -> None:
    unpinned = msgspec.structs.replace(source(""), sha256=None)
    target = tmp_path / "cache" / "data" / "some-set" / NAME
    target.parent.mkdir(parents=True)
    target.write_bytes(BODY)
    (tmp_path / "cache" / "first-use").write_text("a file where a folder should be", encoding="utf-8")
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


OUTSIDE = [
    "../x",
    "../../../../.bashrc_evil",
    "/etc/cron.d/x",
    "a/../../x",
    "a//b",
    "./x",
    "",
    "C:/x",
    "a\\..\\..\\x",
    "a\0b",
]


@pytest.mark.parametrize("name", OUTSIDE)
def test_no_name_leads_out_of_the_cache(name, server, card, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a card or a prompt that somebody sent: neither a file's name nor the folder's."""
    monkeypatch.setenv("JUDGEBENCH_MIRROR", str(tmp_path))
    wanted = msgspec.structs.replace(source(f"{server.url}/good"), name=name)
    elsewhere = msgspec.structs.replace(card, mirror=name or "..")
    before = files(tmp_path)
    for owner, what in ((card, wanted), (elsewhere, source(f"{server.url}/good"))):
        for work in (fetch.where, fetch.locate, fetch.fetch, fetch.first_use):
            with pytest.raises(InputError, match="leads elsewhere"):
                work(owner, what)
    assert files(tmp_path) == before
    assert server.asked == []


@pytest.mark.parametrize("path", ["/endless", "/bomb"])
def test_a_download_stops_at_the_size_of_the_file(path, server, card, tmp_path) -> None:
    with pytest.raises(InputError, match=f"sends more than the {len(BODY):,} bytes that {re.escape(NAME)} may have"):
        fetch.fetch(card, source(server.url + path))
    assert files(tmp_path / "cache") == []


def test_a_file_of_unknown_size_is_bounded_too(server, card, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_download, "LARGEST", 100_000)
    with pytest.raises(InputError, match="more than the 100,000 bytes"):
        fetch.fetch(card, msgspec.structs.replace(source(f"{server.url}/endless"), sha256=None, bytes=None))
