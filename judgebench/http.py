"""The one HTTP client: aiohttp, with limits on what a server may send, and the environment's proxies and certificates.

Proxies: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, in either case; this machine's own addresses are never
asked through one. Certificates: the system's, or those in the file that `SSL_CERT_FILE`, `REQUESTS_CA_BUNDLE` or
`CURL_CA_BUNDLE` names. No password comes from a .netrc file, no cookie is kept, and no redirect is followed with a key.

aiohttp finds proxies by itself too (trust_env), but anew for every request, which takes longer than all the rest.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import urllib.request
from collections.abc import Awaitable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit
from weakref import WeakSet

import aiohttp

from judgebench.errors import InputError

T = TypeVar("T")

LARGEST = 8 << 20
"""Bytes of one answer. A judgment is some kilobytes; log-probabilities of thousands of tokens are some megabytes."""
CONNECT_SECONDS = 30.0
KEPT_SECONDS = 4.0
"""Connections that were idle for longer are not used again: common servers (uvicorn) close them after five seconds."""
NO_CONNECTION = (aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError, aiohttp.ClientConnectorError)
CERTIFICATES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Variables that may name a file of certificates; the first that is set counts."""


class Unreachable(Exception):
    """No connection could be made."""


class Broken(Exception):
    """The connection ended, or what came over it is not HTTP."""


class TooLarge(Exception):
    """The reply has more than LARGEST bytes."""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    """The case of names does not matter."""
    body: bytes


class Connections:
    """Connections to one server, as many as there are requests at once, kept open; each request has the `headers`."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self._proxy = proxy_for(url)
        self._session = aiohttp.ClientSession(
            connector=_Connector(limit=0, keepalive_timeout=KEPT_SECONDS, ssl=certificates()),
            headers={"User-Agent": "judgebench", "Accept-Encoding": "identity", **headers},
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_SECONDS),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def ask(self, method: str, url: str, body: bytes | None = None) -> Reply:
        """Unreachable, Broken or TooLarge where there is no reply."""

        def sent() -> Awaitable[aiohttp.ClientResponse]:
            return self._session.request(method, url, data=body, allow_redirects=False, proxy=self._proxy)

        try:
            try:
                response = await sent()
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, ConnectionResetError):
                # A server may close a kept connection at the very moment at which it is used again.
                if not _was_kept.get():
                    raise
                response = await sent()
            async with response:
                received = bytearray()
                async for piece in response.content.iter_any():
                    received += piece
                    if len(received) > LARGEST:
                        response.close()
                        raise TooLarge(f"an answer of more than {LARGEST >> 20} MiB")
                return Reply(response.status, response.headers, bytes(received))
        except NO_CONNECTION as error:
            raise Unreachable(reason(error)) from error
        except (aiohttp.ClientError, OSError) as error:
            raise Broken(reason(error)) from error


class _Connector(aiohttp.TCPConnector):
    """Notes for every request, in `_was_kept`, whether its connection had been used before."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._used: WeakSet[object] = WeakSet()

    async def connect(self, *arguments: Any, **settings: Any) -> aiohttp.connector.Connection:
        _was_kept.set(False)
        connection = await super().connect(*arguments, **settings)
        _was_kept.set(connection.protocol in self._used)
        self._used.add(connection.protocol)
        return connection


_was_kept: ContextVar[bool] = ContextVar("_was_kept", default=False)


def get(url: str, headers: Mapping[str, str]) -> Reply:
    """A single GET request, for synchronous code."""

    async def ask() -> Reply:
        try:
            async with Connections(url, headers) as connections, asyncio.timeout(CONNECT_SECONDS):
                return await connections.ask("GET", url)
        except TimeoutError as error:
            raise Broken(f"no answer within {CONNECT_SECONDS:g} seconds") from error

    return finished(ask())


def downloads() -> aiohttp.ClientSession:
    """A session for downloading public files: redirects are followed, also to another host, with that host's proxy."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=certificates()),
        headers={"User-Agent": "judgebench", "Accept-Encoding": "identity"},
        timeout=aiohttp.ClientTimeout(total=None, connect=20, sock_read=60),
        trust_env=True,
    )


def finished(work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine, for synchronous code. Where an event loop is running already, as in a notebook, its
    thread waits meanwhile, and Ctrl-C there ends the work."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any] | None]] = []

    async def registered() -> T:
        running.append((asyncio.get_running_loop(), asyncio.current_task()))
        return await work

    with ThreadPoolExecutor(1, "judgebench-http") as thread:
        try:
            return thread.submit(asyncio.run, registered()).result()
        except KeyboardInterrupt:
            for loop, task in running:
                if task is not None:
                    with suppress(RuntimeError):  # the loop has just been closed
                        loop.call_soon_threadsafe(task.cancel)
            raise


def certificates() -> ssl.SSLContext:
    """What servers' certificates are checked with. InputError where a variable names a file without certificates."""
    variable = next((name for name in CERTIFICATES if os.environ.get(name)), None)
    if variable is None:
        return ssl.create_default_context()
    path = Path(os.environ[variable])
    try:
        is_folder = path.is_dir()
        return ssl.create_default_context(cafile=None if is_folder else path, capath=path if is_folder else None)
    except OSError as error:  # ssl.SSLError is one
        raise InputError(f"{variable} names {path}, which is no file of certificates") from error


def proxy_for(url: str) -> str | None:
    """The proxy that the environment names for an address, if any. InputError for a kind that cannot be used."""
    parts, proxies = urlsplit(url), urllib.request.getproxies()
    host = parts.hostname or ""
    if host in ("localhost", "::1") or host.startswith("127.") or _is_excepted(host, parts.port):
        return None
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy:
        return None
    proxy = proxy if "//" in proxy else f"http://{proxy}"
    if (scheme := urlsplit(proxy).scheme) not in ("http", "https"):
        raise InputError(
            f"the environment names a proxy for {host} that speaks {scheme}; only http and https can be used"
        )
    return proxy


def _is_excepted(host: str, port: int | None) -> bool:
    """Whether NO_PROXY names the host: by name, the end of one, name and port, address, or a range of addresses."""
    if urllib.request.proxy_bypass(host if port is None or ":" in host else f"{host}:{port}"):
        return True
    for entry in (urllib.request.getproxies().get("no") or "").split(","):
        with suppress(ValueError):  # one of them is a name
            if ip_address(host) in ip_network(entry.strip(), strict=False):
                return True
    return False


def reason(error: Exception) -> str:
    """The error in one line, without aiohttp's own message: that has the proxy's address, which may hold a password."""
    match error:
        case aiohttp.ConnectionTimeoutError():
            text = "no connection in time"
        case aiohttp.ClientHttpProxyError():
            text = f"the proxy answers {error.status}"
        case aiohttp.ClientConnectorCertificateError():
            text = str(error.certificate_error)
        case aiohttp.ClientConnectorError():
            text = error.os_error.strerror or str(error.os_error)
        case aiohttp.ServerDisconnectedError():
            text = "the server closed the connection before it had answered"
        case aiohttp.ClientPayloadError():
            text = "the answer ended before it was whole, or is not coded as its head says"
        case aiohttp.ClientResponseError():
            text = f"the answer is not HTTP: {error.message.partition(chr(10))[0].rstrip(':')}"
        case _:
            text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(text.split())[:200]
