"""A Hugging Face hub of one data set, on loopback: what the hub's own libraries ask of it, and a record of that."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

COMMIT = "c0ffee" + "0" * 34


@dataclass
class Hub:
    repo: str
    files: Mapping[str, bytes]
    url: str = ""
    stopped: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)
    trouble: str = ""
    """How it fails, one of TROUBLE: everything, or only the files (`in_files`). A revision named so fails so, too."""
    in_files: bool = False


TROUBLE = ("401", "403", "404", "429", "500", "garbage", "list", "empty", "cut", "closed", "silent")
"""A status, with the hub's own headers; JSON that is none, or is of another form; a body that ends too early; a
connection that is closed without a word, or that is kept without one."""
_CODES = {"401": "RepoNotFound", "403": "GatedRepo", "404": "RepoNotFound"}
SILENCE = 6.0
"""Seconds; longer than a test lets a client wait."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.hub.asked.append(f"{self.command} {path}")
        trouble = next((part for part in path.split("/") if part in TROUBLE), self.hub.trouble)  # as a revision
        if trouble and not (self.hub.in_files and path.startswith("/api/")):
            self._fail(trouble)
            return
        about, files = f"/api/datasets/{self.hub.repo}", f"/datasets/{self.hub.repo}/resolve/"
        if path == about or path.startswith(f"{about}/revision/"):
            listed = [{"rfilename": name} for name in sorted(self.hub.files)]
            self._send({"id": self.hub.repo, "sha": COMMIT, "siblings": listed, "tags": []})
        elif path.startswith(f"{about}/tree/"):
            folders = {name.rpartition("/")[0] for name in self.hub.files} - {""}
            listed = [{"type": "directory", "path": name, "oid": "0" * 40, "size": 0} for name in sorted(folders)]
            self._send([*(self._entry(name) for name in sorted(self.hub.files)), *listed])
        elif path.startswith(files) and (name := path.removeprefix(files).partition("/")[2]) in self.hub.files:
            data = self.hub.files[name]
            self._send(data, ETag=f'"{hashlib.sha256(data).hexdigest()}"', **{"X-Repo-Commit": COMMIT})
        else:
            what = "EntryNotFound" if path.startswith(files) else "RepoNotFound"
            self._send({"error": "not found"}, 404, **{"X-Error-Code": what})

    def _fail(self, how: str) -> None:
        if how.isdigit():
            code = {"X-Error-Code": _CODES[how]} if how in _CODES else {}
            self._send({"error": "as it was told"}, int(how), **code)
        elif how in ("garbage", "list", "empty"):
            self._send(
                {"garbage": b"<html>", "list": b"[1, 2]", "empty": b"{}"}[how], ETag='"x"', **{"X-Repo-Commit": COMMIT}
            )
        else:
            self.close_connection = True
            if how == "cut":
                self.send_response(200)
                for name, value in {"Content-Length": "1000", "ETag": '"x"', "X-Repo-Commit": COMMIT}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(b"" if self.command == "HEAD" else b'{"id"')
            elif how == "silent":
                self.hub.stopped.wait(SILENCE)

    def _entry(self, name: str) -> dict[str, object]:
        data = self.hub.files[name]
        return {"type": "file", "path": name, "size": len(data), "oid": hashlib.sha1(data).hexdigest()}

    def _send(self, content: object, status: int = 200, **headers: str) -> None:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@contextmanager
def serving(repo: str, files: Mapping[str, bytes], *, trouble: str = "", in_files: bool = False) -> Iterator[Hub]:
    hub = Hub(repo, files, trouble=trouble, in_files=in_files)
    handler = type("Handler", (_Handler,), {"hub": hub})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        hub.url = f"http://127.0.0.1:{http.server_port}"
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield hub
        finally:
            hub.stopped.set()
            http.shutdown()
            thread.join()
