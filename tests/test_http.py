"""The HTTP client against servers that say whatever they like: every form that an answer may have, in whatever pieces
it comes, what is refused, and what the environment may ask for."""

from __future__ import annotations

import asyncio
import gzip
import shutil
import signal
import ssl
import subprocess
import threading
import zlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from judgebench import http
from judgebench.errors import InputError
from judgebench.http import Broken, Connections, Reply, TooLarge, Unreachable, proxy_for

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
OK = HEAD + b"Content-Length: 2\r\n\r\nok"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture(autouse=True)
def _no_proxies_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", *http.CERTIFICATES):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def talk_to(talk: Talk, use: Callable[[Connections, str], Awaitable[Any]], **headers: str) -> Any:
    """What `use` makes of connections to a server that talks so, and of its address."""
    talks = set()

    async def whole_talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.add(asyncio.current_task())
        with suppress(ConnectionError):
            await talk(reader, writer)
        writer.close()

    async def main() -> Any:
        server = await asyncio.start_server(whole_talk, "127.0.0.1", 0)
        url = f"http://localhost:{server.sockets[0].getsockname()[1]}/v1"
        try:
            async with Connections(url, headers) as connections:
                return await asyncio.wait_for(use(connections, url), 10)
        finally:
            server.close()
            if talks:
                await asyncio.wait(talks, timeout=5)

    return asyncio.run(main())


def says(*answers: bytes, pieces: int = 0, close: bool = False, counted: list[bytes] | None = None) -> Talk:
    """Each request of a connection gets the next answer, whole or in pieces of so many bytes."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                break
            if counted is not None:
                counted.append(head)
            for start in range(0, len(answer), pieces or max(len(answer), 1)):
                writer.write(answer[start : start + (pieces or len(answer))])
                await writer.drain()
                if pieces:
                    await asyncio.sleep(0.001)
        if not close:
            await reader.read()

    return talk


async def once(connections: Connections, url: str) -> Reply:
    return await connections.ask("POST", f"{url}/x", b"")


async def twice(connections: Connections, url: str) -> list[bytes]:
    return [(await connections.ask("POST", f"{url}/x", b"")).body for _ in range(2)]


FORMS = {
    "length": (HEAD + b"Content-Length: 5\r\n\r\nhello", b"hello"),
    "no body": (HEAD + b"Content-Length: 0\r\n\r\n", b""),
    "204": (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
    "chunked": (CHUNKED + b"3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n", b"hello"),
    "chunked with a trailer": (CHUNKED + b"5\r\nhello\r\n0\r\nA: b\r\n\r\n", b"hello"),
    "after interim answers": (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK,
        b"ok",
    ),
    "bare names": (b"HTTP/1.1 200\r\nCONTENT-LENGTH:2\r\n\r\nok", b"ok"),
    "bytes that are no UTF-8": (HEAD + b"Content-Length: 3\r\n\r\n\xe9\xff\x00", b"\xe9\xff\x00"),
    "compressed, though not asked for": (
        HEAD + b"Content-Encoding: gzip\r\nContent-Length: 25\r\n\r\n" + gzip.compress(b"hello", mtime=0),
        b"hello",
    ),
    "compressed otherwise": (
        CHUNKED[:-2] + b"Content-Encoding: deflate\r\n\r\nd\r\n" + zlib.compress(b"hello") + b"\r\n0\r\n\r\n",
        b"hello",
    ),
}


@pytest.mark.parametrize("pieces", [0, 1, 7])
@pytest.mark.parametrize("form", FORMS)
def test_an_answer_is_read_from_any_pieces(form: str, pieces: int) -> None:
    answer, body = FORMS[form]
    assert talk_to(says(answer, OK, pieces=pieces), once).body == body


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", Broken, "not HTTP"),
        (b"HTTP/1.1 abc\r\n\r\n", Broken, "not HTTP"),
        (b"x" * 70_000, Broken, "not HTTP"),
        (HEAD + b"A: " + b"x" * 70_000 + b"\r\n\r\n", Broken, "not HTTP"),
        (HEAD + b"".join(b"A%d: x\r\n" % number for number in range(100_000)) + b"\r\n", Broken, "not HTTP"),
        (OK + b"and more that nobody asked for", Broken, "not HTTP"),
        (HEAD + b"Content-Length: -5\r\n\r\n", Broken, "not HTTP"),
        (HEAD + b"Content-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", Broken, "not HTTP"),
        (HEAD + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello", Broken, "coded"),
        (CHUNKED + b"-1\r\n", Broken, "."),
        (CHUNKED + b"1_0\r\n", Broken, "."),
        (CHUNKED + b"".join(b"10000\r\n%b\r\n" % (b"x" * 65536) for _ in range(130)), TooLarge, "8 MiB"),
        (HEAD + b"Content-Length: 99999999\r\n\r\n" + b"x" * (http.LARGEST + 1), TooLarge, "8 MiB"),
        (HEAD + b"\r\n" + b"x" * (http.LARGEST + 1), TooLarge, "8 MiB"),
    ],
    ids=range(14),
)
def test_what_is_no_answer_is_refused_in_one_line(answer: bytes, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        talk_to(says(answer), once)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_a_small_answer_that_unpacks_to_a_huge_one_is_not_unpacked() -> None:
    bomb = gzip.compress(b"A" * (200 << 20), compresslevel=9)
    with pytest.raises(TooLarge):
        talk_to(says(HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b" % (len(bomb), bomb)), once)


def test_a_connection_is_used_again() -> None:
    heads: list[bytes] = []
    assert talk_to(says(OK, OK, counted=heads), twice, **{"X-Test": "1"}) == [b"ok", b"ok"]
    assert heads[0].startswith(b"POST /v1/x HTTP/1.1\r\nHost: localhost:")
    for line in (
        b"X-Test: 1\r\n",
        b"Content-Length: 0\r\n",
        b"User-Agent: judgebench\r\n",
        b"Accept-Encoding: identity",
    ):
        assert line in heads[0]
    assert b"Expect" not in heads[0]


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"Connection: close\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        OK + OK,
    ],
)
def test_a_connection_that_ends_or_says_too_much_is_not_used_again(answer: bytes) -> None:
    heads: list[bytes] = []
    assert talk_to(says(answer, counted=heads), twice) == [b"ok", b"ok"]
    assert len(heads) == 2


def test_an_answer_may_end_with_its_connection() -> None:
    assert talk_to(says(HEAD + b"\r\nhello", close=True), once).body == b"hello"


@pytest.mark.parametrize("cut", [0, 10, len(HEAD), len(OK) - 1])
def test_a_connection_that_breaks_is_an_error(cut: int) -> None:
    heads: list[bytes] = []
    with pytest.raises(Broken, match=r"before it (had answered|was whole)"):
        talk_to(says(OK[:cut], close=True, counted=heads), once)
    assert len(heads) == 1, "of a new connection it is the server's answer"


def test_a_kept_connection_that_the_server_closed_costs_nothing() -> None:
    """In the moment in which it is used again: the request comes, and the connection ends without a word."""
    heads: list[bytes] = []
    talks = 0

    async def forgets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal talks
        talks += 1
        await says(*((OK, b"") if talks == 1 else (OK, OK)), close=talks == 1, counted=heads)(reader, writer)

    assert talk_to(forgets, twice) == [b"ok", b"ok"]
    assert (len(heads), talks) == (3, 2)


def test_a_server_that_never_answers_twice_is_not_asked_for_ever() -> None:
    heads: list[bytes] = []
    answers = iter([OK, b"", b""])

    async def ends(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = next(answers)
        await says(*((first, next(answers)) if first else (first,)), close=True, counted=heads)(reader, writer)

    with pytest.raises(Broken, match="before it had answered"):
        talk_to(ends, twice)
    assert len(heads) == 3


def test_a_connection_that_was_idle_for_long_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    heads: list[bytes] = []
    monkeypatch.setattr(http, "KEPT_SECONDS", 0.05)

    async def later(connections: Connections, url: str) -> None:
        await once(connections, url)
        await asyncio.sleep(0.2)
        assert (await once(connections, url)).status == 200

    talk_to(says(OK, b"HTTP/1.1 500 never asked\r\n\r\n", counted=heads), later)
    assert len(heads) == 2


def test_a_redirect_is_not_followed() -> None:
    heads: list[bytes] = []
    answer = talk_to(says(b"HTTP/1.1 307 X\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n", counted=heads), once)
    assert (answer.status, answer.headers["location"], len(heads)) == (307, "/elsewhere", 1)


def test_a_drop_now_and_then_is_still_an_answer_and_the_caller_s_clock_ends_it() -> None:
    async def drips(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD + b"Content-Length: 1000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            await asyncio.sleep(0.01)
            await writer.drain()

    async def not_for_long(connections: Connections, url: str) -> None:
        async with asyncio.timeout(0.2):
            await once(connections, url)

    with pytest.raises(TimeoutError):
        talk_to(drips, not_for_long)


def test_cookies_are_not_kept() -> None:
    heads: list[bytes] = []
    talk_to(says(OK.replace(b"\r\n\r\n", b"\r\nSet-Cookie: a=b; Path=/\r\n\r\n"), OK, counted=heads), twice)
    assert b"cookie" not in heads[1].lower()


def test_a_netrc_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heads: list[bytes] = []
    (tmp_path / "netrc").write_text("machine localhost login me password secret-of-mine\n", encoding="utf-8")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    talk_to(says(OK, counted=heads), once)
    assert b"authorization" not in heads[0].lower()


def test_nobody_listens() -> None:
    with pytest.raises(Unreachable, match=r"(?i)refused|connect call failed"):
        http.get("http://127.0.0.1:9/v1", {})
    with pytest.raises(Unreachable, match=r"(?i)not known|resolution|no address"):
        http.get("http://nosuchhost.invalid/v1", {})


def test_a_question_can_be_asked_where_an_event_loop_runs() -> None:
    """A notebook's. And Ctrl-C ends the wait."""

    async def in_a_notebook(connections: Connections, url: str) -> bytes:
        def in_another_loop() -> bytes:
            async def main() -> bytes:
                return http.get(url, {}).body

            return asyncio.run(main())

        return await asyncio.get_running_loop().run_in_executor(None, in_another_loop)

    assert talk_to(says(OK), in_a_notebook) == b"ok"


def test_ctrl_c_ends_a_wait_where_an_event_loop_runs() -> None:
    ended = []

    async def for_ever() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(True)

    async def notebook() -> None:
        here = threading.get_ident()
        threading.Timer(0.3, signal.pthread_kill, [here, signal.SIGINT]).start()
        http.finished(for_ever())

    loop = asyncio.new_event_loop()  # a kernel's loop leaves Ctrl-C to the code of the cell
    try:
        with pytest.raises(KeyboardInterrupt):
            loop.run_until_complete(notebook())
    finally:
        loop.close()
    assert ended


# Proxies.


def test_the_environment_names_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "proxy:3128")
    monkeypatch.setenv("no_proxy", "inside.example,.below.example,10.0.0.0/8,192.168.1.7,half.example:8443")
    assert proxy_for("https://x/v1") == "http://proxy:3128"
    for there in ("inside.example", "a.below.example", "10.1.2.3", "192.168.1.7", "half.example:8443"):
        assert proxy_for(f"https://{there}/v1") is None
    for here in ("localhost", "127.0.0.1", "127.1.2.3", "[::1]:8000"):
        assert proxy_for(f"https://{here}/v1") is None
    for through in ("outside.example", "11.1.2.3", "192.168.1.8", "half.example:8000", "[2001:db8::1]:8000"):
        assert proxy_for(f"https://{through}/v1") == "http://proxy:3128"
    assert proxy_for("http://x/v1") is None
    monkeypatch.setenv("ALL_PROXY", "http://other:1")
    assert proxy_for("http://x/v1") == "http://other:1"
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.delenv("no_proxy")
    assert proxy_for("https://x/v1") is None


def test_a_proxy_of_another_kind_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("all_proxy", "socks5://me:secret@proxy:1080")
    with pytest.raises(InputError, match="speaks socks5; only http and https") as caught:
        proxy_for("https://x/v1")
    assert "secret" not in str(caught.value)


def test_a_proxy_is_asked_for_the_whole_address(monkeypatch: pytest.MonkeyPatch) -> None:
    heads: list[bytes] = []

    async def through(_: Connections, url: str) -> bytes:
        monkeypatch.setenv("http_proxy", f"http://me:p%40ss@{url.split('/')[2]}")
        async with Connections("http://far.example:8000/v1", {}) as proxied:
            return (await proxied.ask("POST", "http://far.example:8000/v1/x", b"")).body

    assert talk_to(says(OK, counted=heads), through) == b"ok"
    assert heads[0].startswith(b"POST http://far.example:8000/v1/x HTTP/1.1\r\nHost: far.example:8000\r\n")
    assert b"Proxy-Authorization: Basic bWU6cEBzcw==\r\n" in heads[0]


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n", b"SSH-2.0\r\n\r\n", b"", None], ids=range(4)
)
def test_a_proxy_that_does_not_work_is_said_without_its_password(
    answer: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def through(_: Connections, url: str) -> None:
        place = url.split("/")[2] if answer is not None else "127.0.0.1:9"
        monkeypatch.setenv("https_proxy", f"http://me:secret@{place}")
        with pytest.raises((Unreachable, Broken)) as caught:
            async with Connections("https://far.example/v1", {}) as proxied:
                await proxied.ask("POST", "https://far.example/v1/x", b"")
        assert "secret" not in str(caught.value)
        assert "\n" not in str(caught.value)
        if answer is not None and b"407" in answer:
            assert str(caught.value) == "the proxy answers 407"

    talk_to(says(answer or b"", close=True), through)


# Certificates.


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
@pytest.mark.parametrize("variable", http.CERTIFICATES)
def test_tls_directly_and_through_a_proxy(
    certificate: Path, loop: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

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
        with suppress(ConnectionError):
            while data := await reader.read(1 << 16):
                writer.write(data)

    async def main() -> None:
        heads: list[bytes] = []
        server = await asyncio.start_server(says(OK, OK, counted=heads), "127.0.0.1", 0, ssl=context)
        between = await asyncio.start_server(proxy, "127.0.0.1", 0)
        url = f"https://localhost:{server.sockets[0].getsockname()[1]}/v1"
        async with Connections(url, {}) as suspicious:
            with pytest.raises(Unreachable, match="certificate"):
                await suspicious.ask("POST", url, b"")
        monkeypatch.setenv(variable, f"{certificate}.crt")
        named = f"http://localhost:{between.sockets[0].getsockname()[1]}"
        for through in (None, named):
            monkeypatch.setattr(http, "proxy_for", lambda _: through)  # noqa: B023
            async with Connections(url, {}) as connections:
                assert await twice(connections, url) == [b"ok", b"ok"]
        assert len(heads) == 4
        server.close()
        between.close()
        await asyncio.sleep(0.05)

    if loop == "uvloop":
        uvloop = pytest.importorskip("uvloop")
        uvloop.run(main())
    else:
        asyncio.run(main())


@pytest.mark.parametrize("text", [None, "no certificate"])
def test_a_file_without_certificates_is_named(
    text: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if text is not None:
        (tmp_path / "ca.pem").write_text(text, encoding="utf-8")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    with pytest.raises(InputError, match=r"REQUESTS_CA_BUNDLE names .*ca\.pem, which is no file of certificates"):
        http.certificates()
