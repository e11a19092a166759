"""POST over HTTP/1.1 on connections that are kept: the few things that `server:` needs of a client.

There is a library for this, and it was measured in this place (bench/README.md; `bench/server.py` does it again).
aiohttp, with everything off that costs time, takes 0.10 ms of CPU more for a request. At 256 connections and 50 ms, a
run with its prompts, parsers and store then reaches 54 % of what the connections allow, and 85 % with this. When that
is no longer so, this module can go: nothing but `server.py` knows of it.

No redirects, no cookies, no compression (it is asked not to be used). One request at a time on a connection; how many
connections there are is the caller's business. An answer of more than LARGEST bytes is not read to its end.
"""

from __future__ import annotations

import asyncio
import base64
import re
import ssl
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import cast
from urllib.parse import SplitResult, unquote, urlsplit

LARGEST = 8 << 20
"""Bytes. A judgment is some kilobytes; log-probabilities of thousands of tokens are some megabytes."""
LARGEST_HEAD = 1 << 16
CONNECT_SECONDS = 30.0
KEPT_SECONDS = 4.0
"""A connection that was idle for longer is not used again: common servers (uvicorn) close theirs after five."""


class Unreachable(Exception):
    """There is no connection to be had."""


class Broken(Exception):
    """The connection ended, or what came over it is not HTTP."""


class TooLarge(Exception):
    """The answer has more than LARGEST bytes."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes


class Pool:
    """Connections to one server. `headers` go with every request."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self._url = urlsplit(url)
        self._proxy = proxy_for(self._url)
        self._tls = ssl.create_default_context() if self._url.scheme == "https" else None
        lines = {"Host": _host(self._url), **headers}
        if self._proxy is not None and self._tls is None:
            lines |= _proxy_authorization(self._proxy)
        for value in lines.values():
            if not value.isprintable():
                raise ValueError("a header holds a line break or another character that may not be there")
        self._head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self._idle: list[tuple[float, _Connection]] = []
        self._open: set[_Connection] = set()

    async def post(self, path: str, body: bytes) -> Answer:
        """Unreachable, Broken or TooLarge where there is no answer."""
        connection = self._kept() or await self._connect()
        # Through a proxy without a tunnel, the request names the server.
        target = path if self._proxy is None or self._tls else f"http://{_host(self._url)}{path}"
        head = f"POST {target} HTTP/1.1\r\n{self._head}Content-Length: {len(body)}\r\n\r\n"
        try:
            answer = await connection.ask(head.encode("latin-1") + body)
        except BaseException:
            connection.abort()
            self._open.discard(connection)
            raise
        if connection.kept:
            self._idle.append((monotonic(), connection))
        else:
            connection.abort()
            self._open.discard(connection)
        return answer

    def close(self) -> None:
        for connection in self._open:
            connection.abort()
        self._open.clear()
        self._idle.clear()

    def _kept(self) -> _Connection | None:
        while self._idle:
            since, connection = self._idle.pop()
            if connection.kept and monotonic() - since < KEPT_SECONDS:
                return connection
            connection.abort()
            self._open.discard(connection)
        return None

    async def _connect(self) -> _Connection:
        end = self._proxy or self._url
        tls = None if self._proxy else self._tls
        port = end.port or (443 if end.scheme == "https" else 80)
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                _, connection = await asyncio.get_running_loop().create_connection(
                    _Connection, end.hostname or "", port, ssl=tls
                )
                if self._proxy is not None and self._tls is not None:
                    await self._tunnel(connection, self._proxy, self._tls)
        except TimeoutError as error:
            raise Unreachable(f"no connection within {CONNECT_SECONDS:g} seconds") from error
        except (OSError, Broken) as error:
            raise Unreachable(str(error)) from error
        self._open.add(connection)
        return connection

    async def _tunnel(self, connection: _Connection, proxy: SplitResult, tls: ssl.SSLContext) -> None:
        """Have the proxy connect to the server, and speak TLS through it."""
        host, port = self._url.hostname or "", self._url.port or 443
        lines = {"Host": f"{host}:{port}", **_proxy_authorization(proxy)}
        head = f"CONNECT {host}:{port} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        answer = await connection.ask(f"{head}\r\n".encode("latin-1"), bodiless=True)
        if answer.status != 200:
            raise Broken(f"the proxy {proxy.hostname} answers {answer.status}")
        transport = await asyncio.get_running_loop().start_tls(
            connection.transport, connection, tls, server_hostname=host
        )
        connection.transport = cast("asyncio.Transport", transport)


class _Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self.kept = True
        """Whether it may be used again."""
        self._data = bytearray()
        self._waiting: asyncio.Future[Answer] | None = None
        self._reader: _Reader | None = None

    async def ask(self, request: bytes, *, bodiless: bool = False) -> Answer:
        if self.transport.is_closing():
            raise Broken("the server closed the connection")
        self._reader = _Reader(bodiless=bodiless)
        self._waiting = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self._waiting

    def abort(self) -> None:
        self.kept = False
        self.transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self._reader is None:  # nothing was asked
            self.abort()
            return
        self._data += data
        try:
            answer = self._reader.read(self._data)
        except (Broken, TooLarge) as error:
            self._fail(error)
        else:
            if answer is not None:
                self._finish(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        self.kept = False
        if self._reader is None:
            return
        answer = self._reader.at_end(self._data)
        if answer is not None and exc is None:
            self._finish(answer)
        else:
            self._fail(Broken(str(exc) if exc else "the server closed the connection before it had answered"))

    def _finish(self, answer: Answer) -> None:
        self.kept = self.kept and not self._data and not self.transport.is_closing() and _stays(answer)
        self._reader = None
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(answer)

    def _fail(self, error: Exception) -> None:
        self._reader = None
        self.abort()
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error)


class _Reader:
    """Reads one answer from what has arrived, and takes it away."""

    def __init__(self, *, bodiless: bool) -> None:
        self._bodiless = bodiless
        self._status = 0
        self._headers: dict[str, str] = {}
        self._length: int | None = None
        self._chunked = False
        self._chunks = bytearray()

    def read(self, data: bytearray) -> Answer | None:
        """None where more has to come."""
        while self._status < 200:  # there may be interim answers
            end = data.find(b"\r\n\r\n")
            if end < 0:
                if len(data) > LARGEST_HEAD:
                    raise Broken("the head of the answer has no end")
                return None
            self._read_head(data[:end].decode("latin-1"))
            del data[: end + 4]
        if self._bodiless or self._status in (204, 304):
            return self._answer(b"")
        if self._chunked:
            return self._answer(bytes(self._chunks)) if self._read_chunks(data) else None
        if (self._length or len(data)) > LARGEST:
            raise TooLarge
        if self._length is None or len(data) < self._length:
            return None
        body = bytes(data[: self._length])
        del data[: self._length]
        return self._answer(body)

    def at_end(self, data: bytearray) -> Answer | None:
        """The answer that ends with the connection, if it is one of that form."""
        if self._status < 200 or self._chunked or self._length is not None:
            return None
        body = bytes(data)
        data.clear()
        return self._answer(body)

    def _answer(self, body: bytes) -> Answer:
        return Answer(self._status, self._headers, body)

    def _read_head(self, head: str) -> None:
        first, *lines = head.split("\r\n")
        version, _, rest = first.partition(" ")
        if not version.startswith("HTTP/1.") or not rest[:3].isdecimal():
            raise Broken("the answer is not HTTP")
        self._status = int(rest[:3])
        self._headers = {"version": version}
        for line in lines:
            name, _, value = line.partition(":")
            self._headers[name.lower()] = value.strip()
        self._chunked = "chunked" in self._headers.get("transfer-encoding", "").lower()
        length = self._headers.get("content-length")
        if length is not None and not self._chunked:
            if not length.isdecimal():
                raise Broken("the length of the answer is no number")
            self._length = int(length)
        if self._headers.get("content-encoding", "identity").lower() not in ("identity", ""):
            raise Broken(f"the answer is compressed ({self._headers['content-encoding']}), which was not asked for")

    def _read_chunks(self, data: bytearray) -> bool:
        """Whether the last chunk has come, and the trailer after it."""
        while (end := data.find(b"\r\n")) >= 0:
            digits = data[:end].partition(b";")[0].strip()
            if not re.fullmatch(rb"[0-9A-Fa-f]{1,15}", digits):
                raise Broken("a chunk of the answer has no length")
            size = int(digits, 16)
            if len(self._chunks) + size > LARGEST:
                raise TooLarge
            if size == 0:
                trailer = data.find(b"\r\n\r\n", end)
                if trailer < 0:
                    return False
                del data[: trailer + 4]
                return True
            if len(data) < end + size + 4:
                return False
            self._chunks += data[end + 2 : end + 2 + size]
            del data[: end + size + 4]
        return False


def proxy_for(url: SplitResult) -> SplitResult | None:
    """The proxy that the environment names for an address; none for this machine's own."""
    host = url.hostname or ""
    if host in ("localhost", "::1") or host.startswith("127.") or urllib.request.proxy_bypass(host):
        return None
    named = urllib.request.getproxies().get(url.scheme)
    return urlsplit(named if "//" in named else f"http://{named}") if named else None


def _host(url: SplitResult) -> str:
    return url.netloc.rpartition("@")[2]


def _proxy_authorization(proxy: SplitResult) -> dict[str, str]:
    if proxy.username is None:
        return {}
    words = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {base64.b64encode(words.encode()).decode()}"}


def _stays(answer: Answer) -> bool:
    """Whether the server keeps the connection open."""
    said = answer.headers.get("connection", "").lower()
    return "close" not in said and (answer.headers["version"] != "HTTP/1.0" or "keep-alive" in said)
