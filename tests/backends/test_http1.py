"""The HTTP client: every form that an answer may have, in whatever pieces it comes."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import ssl
import subprocess
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench.backends import http1
from judgebench.backends.http1 import Answer, Broken, Pool, TooLarge, Unreachable, proxy_for

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
FORMS = {
    "length": (HEAD + b"Content-Length: 5\r\n\r\nhello", b"hello"),
    "no body": (HEAD + b"Content-Length: 0\r\n\r\n", b""),
    "204": (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
    "chunked": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n", b"hello"),
    "chunked with a trailer": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n", b"hello"),
    "chunked wins": (HEAD + b"Content-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", b"x"),
    "after interim answers": (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
        + HEAD
        + b"Content-Length: 2\r\n\r\nok",
        b"ok",
    ),
    "bare names": (b"HTTP/1.1 200\r\nCONTENT-LENGTH:2\r\nodd\r\n\r\nok", b"ok"),
}


@pytest.mark.parametrize("form", FORMS)
@given(cuts=st.lists(st.integers(0, 120), max_size=8))
def test_an_answer_is_read_from_any_pieces(form: str, cuts: list[int]) -> None:
    whole, body = FORMS[form]
    reader, data, answers = http1._Reader(bodiless=False), bytearray(), []
    ends = [0, *sorted(cut for cut in cuts if cut < len(whole)), len(whole)]
    for start, end in itertools.pairwise(ends):
        assert answers == []
        data += whole[start:end]
        answer = reader.read(data)
        if answer is not None:
            answers.append(answer)
    assert [answer.body for answer in answers] == [body]
    assert not data


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", Broken),
        (b"HTTP/2 200\r\n\r\n", Broken),
        (b"HTTP/1.1 abc\r\n\r\n", Broken),
        (b"x" * 70_000, Broken),
        (HEAD + b"Content-Length: -5\r\n\r\n", Broken),
        (HEAD + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello", Broken),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n", Broken),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n1_0\r\n", Broken),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nfffffff\r\n", TooLarge),
        (HEAD + b"Content-Length: 99999999\r\n\r\n", TooLarge),
        (HEAD + b"\r\n" + b"x" * (http1.LARGEST + 1), TooLarge),
    ],
    ids=range(11),
)
def test_what_is_no_answer_is_refused(answer: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        http1._Reader(bodiless=False).read(bytearray(answer))


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def talk_to(talk: Talk, use: Callable[[Pool], Awaitable[Any]]) -> Any:
    talks = set()

    async def whole_talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.add(asyncio.current_task())
        with suppress(ConnectionError):
            await talk(reader, writer)
        writer.close()

    async def main() -> Any:
        server = await asyncio.start_server(whole_talk, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        pool = Pool(f"http://localhost:{port}/v1", {"X-Test": "1"})
        try:
            return await asyncio.wait_for(use(pool), 5)
        finally:
            pool.close()
            server.close()
            await asyncio.wait(talks, timeout=5)

    return asyncio.run(main())


def says(*answers: bytes, close: bool = False, counted: list[bytes] | None = None) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                break
            if counted is not None:
                counted.append(head)
            writer.write(answer)
            await writer.drain()
        if not close:
            await reader.read()

    return talk


OK = HEAD + b"Content-Length: 2\r\n\r\nok"


def test_a_connection_is_used_again() -> None:
    async def twice(pool: Pool) -> list[bytes]:
        return [(await pool.post("/v1/x", b"")).body for _ in range(2)]

    heads: list[bytes] = []
    assert talk_to(says(OK, OK, counted=heads), twice) == [b"ok", b"ok"]
    assert heads[0].startswith(b"POST /v1/x HTTP/1.1\r\nHost: localhost:")
    assert b"X-Test: 1\r\nContent-Length: 0\r\n\r\n" in heads[0]


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"Connection: close\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        OK + b"and more that nobody asked for",
    ],
)
def test_a_connection_that_ends_is_not_used_again(answer: bytes) -> None:
    async def twice(pool: Pool) -> list[bytes]:
        return [(await pool.post("/", b"")).body for _ in range(2)]

    assert talk_to(says(answer), twice) == [b"ok", b"ok"]


def test_an_answer_may_end_with_its_connection() -> None:
    async def once(pool: Pool) -> Answer:
        return await pool.post("/", b"")

    assert talk_to(says(HEAD + b"\r\nhello", close=True), once).body == b"hello"


@pytest.mark.parametrize("cut", [0, 10, len(HEAD), len(OK) - 1])
def test_a_connection_that_breaks_is_an_error(cut: int) -> None:
    async def once(pool: Pool) -> None:
        with pytest.raises(Broken, match="closed the connection before it had answered"):
            await pool.post("/", b"")

    talk_to(says(OK[:cut], close=True), once)


def test_a_connection_that_was_idle_for_long_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    heads: list[bytes] = []

    async def twice(pool: Pool) -> None:
        await pool.post("/", b"")
        monkeypatch.setattr(http1, "KEPT_SECONDS", -1.0)
        await pool.post("/", b"")
        assert len(pool._open) == 1

    talk_to(says(OK, b"HTTP/1.1 500 never asked\r\n\r\n", counted=heads), twice)
    assert len(heads) == 2


def test_nobody_listens() -> None:
    async def once() -> None:
        with pytest.raises(Unreachable):
            await Pool("http://127.0.0.1:9/v1", {}).post("/", b"")

    asyncio.run(once())


def test_a_header_cannot_hold_another() -> None:
    with pytest.raises(ValueError, match="line break"):
        Pool("http://x/v1", {"Authorization": "Bearer a\r\nX: y"})


def test_the_environment_names_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "proxy:3128")
    monkeypatch.setenv("no_proxy", "inside.example")
    assert proxy_for(urlsplit("https://x/v1")) == urlsplit("http://proxy:3128")
    for url in ("https://inside.example/v1", "https://localhost/v1", "https://127.0.0.1/v1", "http://x/v1"):
        assert proxy_for(urlsplit(url)) is None


def test_a_proxy_is_asked_for_the_whole_address(monkeypatch: pytest.MonkeyPatch) -> None:
    heads: list[bytes] = []

    async def through(pool: Pool) -> bytes:
        monkeypatch.setenv("http_proxy", f"http://me:p%40ss@localhost:{pool._url.port}")
        monkeypatch.setenv("no_proxy", "")
        proxied = Pool("http://far.example:8000/v1", {})
        try:
            return (await proxied.post("/v1/x", b"")).body
        finally:
            proxied.close()

    assert talk_to(says(OK, counted=heads), through) == b"ok"
    assert heads[0].startswith(b"POST http://far.example:8000/v1/x HTTP/1.1\r\nHost: far.example:8000\r\n")
    assert b"Proxy-Authorization: Basic bWU6cEBzcw==\r\n" in heads[0]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the openssl command, to make a certificate")
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(path), "-out", str(path) + ".crt"]
    subprocess.run(command, check=True, capture_output=True)
    path.write_text(
        path.read_text(encoding="utf-8") + Path(f"{path}.crt").read_text(encoding="utf-8"), encoding="utf-8"
    )
    return path


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_tls_directly_and_through_a_proxy(certificate: Path, loop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    trusted = ssl.create_default_context(cafile=f"{certificate}.crt")

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Knows one way: to the server."""
        head = await reader.readuntil(b"\r\n\r\n")
        there = head.split()[1].rpartition(b":")[2]
        assert head.startswith(b"CONNECT localhost:")
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", int(there))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.wait(
            [asyncio.create_task(pump(reader, far_writer)), asyncio.create_task(pump(far_reader, writer))],
            return_when=asyncio.FIRST_COMPLETED,
        )
        far_writer.close()
        writer.close()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1 << 16):
            writer.write(data)

    async def main() -> None:
        server = await asyncio.start_server(says(OK, OK), "127.0.0.1", 0, ssl=context)
        between = await asyncio.start_server(proxy, "127.0.0.1", 0)
        url = f"https://localhost:{server.sockets[0].getsockname()[1]}/v1"
        suspicious = Pool(url, {})
        with pytest.raises(Unreachable, match="certificate"):
            await suspicious.post("/", b"")
        monkeypatch.setattr(ssl, "create_default_context", lambda: trusted)
        named = urlsplit(f"http://localhost:{between.sockets[0].getsockname()[1]}")
        for through in (None, named):
            monkeypatch.setattr(http1, "proxy_for", lambda _: through)  # noqa: B023
            pool = Pool(url, {})
            assert [(await pool.post("/", b"x")).body for _ in range(2)] == [b"ok", b"ok"]
            assert len(pool._open) == 1
            pool.close()
        server.close()
        between.close()
        await asyncio.sleep(0.05)

    if loop == "uvloop":
        uvloop = pytest.importorskip("uvloop")
        uvloop.run(main())
    else:
        asyncio.run(main())
