"""A real HTTP server of one file, on loopback, with the manners that its path asks for, and a record of every request.

`/good` knows ranges; `/no-range` ignores them; `/drops/N` closes after N more bytes each time; `/short` promises more
than it ever sends; `/busy/N` answers 503 N times; `/moved` redirects; `/other` sends another file; `/changes` sends
another version after the first request; `/lies` answers a range with the wrong part; `/no-version` names no ETag;
`/zipped` sends it gzip'd, as it says; `/html` sends a page; `/absent` is not there; `/endless` never stops; `/bomb`
sends 64 MiB in some kilobytes.
"""

from __future__ import annotations

import gzip
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class FileServer:
    body: bytes
    url: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Path and Range header of every request."""

    def count(self, path: str) -> int:
        return sum(asked == path for asked, _ in self.asked)


class _Handler(BaseHTTPRequestHandler):
    books: FileServer

    def do_GET(self) -> None:
        first = not self.books.count(self.path)
        self.books.asked.append((self.path, self.headers.get("Range", "")))
        _, manner, *rest = self.path.split("/")
        if manner == "absent":
            self.send_error(404)
        elif manner == "busy" and self.books.count(self.path) <= int(rest[0]):
            self.send_response(503)
            self.send_header("Retry-After", "0")
            self.end_headers()
        elif manner == "moved":
            self.send_response(302)
            self.send_header("Location", "/good")
            self.end_headers()
        elif manner == "changes" and not first:
            self._send(b"a newer version of the file, of another length", '"v2"')
        elif manner == "endless":
            self.send_response(200)
            self.end_headers()
            with suppress(OSError):  # whoever asked has gone
                for _ in range(1 << 16):
                    self.wfile.write(self.books.body)
        elif manner == "bomb":
            with suppress(OSError):
                self._send(gzip.compress(bytes(1 << 26)), '"gz"', encoding="gzip")
        elif manner == "zipped":
            self._send(gzip.compress(self.books.body), '"gz"', encoding="gzip")
        else:
            bodies = {"other": b"what is not pinned", "html": b"<!DOCTYPE html><p>Sign in"}
            self._send(bodies.get(manner, self.books.body), '"v1"', manner, int(rest[0]) if manner == "drops" else None)

    def _send(self, body: bytes, tag: str, manner: str = "", most: int | None = None, encoding: str = "") -> None:
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        fits = self.headers.get("If-Range") in {tag, None}
        start = int(asked[1]) if asked and fits and manner != "no-range" else 0
        if start > len(body):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        if start:
            said = start + 1 if manner == "lies" else start
            self.send_header("Content-Range", f"bytes {said}-{len(body) - 1}/{len(body)}")
        if encoding:
            self.send_header("Content-Encoding", encoding)
        if manner != "no-version":
            self.send_header("ETag", tag)
        sent = body[start:]
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        if (
            most is None
            and manner in ("changes", "lies", "no-range", "no-version")
            and self.books.count(self.path) == 1
        ):
            most = len(body) // 3
        if manner == "short":
            most = 0 if start else len(body) // 2
        self.wfile.write(sent if most is None else sent[:most])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@contextmanager
def serving(body: bytes) -> Iterator[FileServer]:
    books = FileServer(body)
    handler = type("Handler", (_Handler,), {"books": books})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        books.url = f"http://127.0.0.1:{http.server_port}"
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        yield books
        http.shutdown()
        thread.join()
