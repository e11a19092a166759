"""A real HTTP server with bad manners, on loopback: what it does to each request is scripted, and it keeps the books.

A behaviour is a word: `ok`, `empty`, `length`, `thought`, `think-length`, `refusal`, `slow=0.3` or `slow=0.3,length`,
`hang`, `drop` (closed without a word), `half` (closed in the middle of an answer), `truncated` (JSON that ends too
early), `latin1` (not UTF-8), `html` (a proxy's page), `huge` and `huge-chunked` (10 MB), `error-in-200`, `long` (for
the model), `filter`, `odd` (an unexplained 400), or a status, with a Retry-After if it has one: `429`, `429+1`, `500`.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any

Plan = Callable[[int, int, dict[str, Any]], str]
"""(how many requests came before, how many of them with the same question, the body) -> behaviour."""
WORDS = {
    400: "bad request",
    401: "Incorrect API key provided: {key}",
    404: "The model `x` does not exist.",
    429: "Rate limit reached",
    500: "Internal error",
    502: "Bad gateway",
    503: "Overloaded",
    529: "Overloaded",
}


def always(behaviour: str) -> Plan:
    return lambda number, same, body: behaviour


def in_turn(*behaviours: str) -> Plan:
    """For each question: the first request gets the first behaviour, and so on; then all is well."""
    return lambda number, same, body: behaviours[same] if same < len(behaviours) else "ok"


class BadServer:
    """Runs in a thread from `with` to the end of it. `limit` requests are answered in any one second, the others get
    429; `unknown` settings get a 400; `key` is the only one accepted; `served` is what it calls the model; `ranked` are
    the candidates for the first token."""

    def __init__(
        self,
        plan: Plan | None = None,
        *,
        latency: float = 0.0,
        limit: int | None = None,
        limit_retry_after: str | None = None,
        unknown: Collection[str] = (),
        complaint: str = "Unrecognized request argument supplied: {name}",
        key: str | None = None,
        models: tuple[str, ...] = ("tiny",),
        say: Callable[[dict[str, Any]], str] = lambda body: "A",
        served: Callable[[dict[str, Any]], str | None] = lambda body: body["model"],
        host: str = "127.0.0.1",
        ranked: Mapping[str, float] = MappingProxyType({"A": -0.1, " A": -3.0, "B": -2.5, "tie": -4.0}),
    ) -> None:
        self.plan = plan or always("ok")
        self.latency, self.limit, self.limit_retry_after = latency, limit, limit_retry_after
        self.unknown, self.complaint, self.key, self.models, self.say = unknown, complaint, key, models, say
        self.served, self.host, self.ranked = served, host, dict(ranked)
        self.requests = 0
        self.in_flight = self.peak = 0
        self.answered: Counter[str] = Counter()
        """Answers (200 with a completion) sent, by question."""
        self.asked: Counter[str] = Counter()
        self.behaved: Counter[str] = Counter()
        self.bodies: deque[dict[str, Any]] = deque(maxlen=5000)
        self.paths: Counter[str] = Counter()
        self.times: list[float] = []
        self.taken: deque[float] = deque()

    def __enter__(self) -> BadServer:
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), daemon=True)
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    @property
    def connections(self) -> int:
        """That are open."""
        return len(self._writers)

    @property
    def url(self) -> str:
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}/v1"

    async def _main(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        server = await asyncio.start_server(self._serve, self.host, 0, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection stays open."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = head.split(" ", 2)[1]
        fields = {
            name.lower(): value for name, value in (line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
        }
        data = await reader.readexactly(int(fields.get("content-length", 0)))
        if path.endswith("/models"):
            await self._send(writer, 200, {"data": [{"id": model} for model in self.models]})
            return True
        self.paths[path] += 1
        body = json.loads(data)
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        try:
            return await self._answer(reader, writer, path, fields, body)
        finally:
            self.in_flight -= 1

    async def _answer(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        path: str,
        fields: dict[str, str],
        body: dict[str, Any],
    ) -> bool:
        question = body.get("prompt") or body["messages"][-1]["content"]
        question = question if isinstance(question, str) else json.dumps(question)
        number, same = self.requests, self.asked[question]
        self.requests += 1
        self.asked[question] += 1
        self.bodies.append(body)
        now = time.monotonic()
        self.times.append(now)
        behaviour = self._refusal(fields, body, now) or self.plan(number, same, body)
        self.behaved[behaviour] += 1
        if self.latency:
            await asyncio.sleep(self.latency)
        if behaviour.startswith("slow="):
            seconds, _, behaviour = behaviour[5:].partition(",")
            await asyncio.sleep(float(seconds))
        elif behaviour == "hang":
            await reader.read()  # until the client has gone
            return False
        elif behaviour == "drop":
            return False
        return await self._behave(writer, path, behaviour, question, body)

    def _refusal(self, fields: dict[str, str], body: dict[str, Any], now: float) -> str | None:
        if self.key is not None and fields.get("authorization") != f"Bearer {self.key}":
            return "401"
        for name in self.unknown:
            if name in body:
                return f"unknown={name}"
        if self.limit is not None:
            while self.taken and self.taken[0] <= now - 1:
                self.taken.popleft()
            if len(self.taken) >= self.limit:
                return "429" if self.limit_retry_after is None else f"429+{self.limit_retry_after}"
            self.taken.append(now)
        return None

    async def _behave(
        self, writer: asyncio.StreamWriter, path: str, behaviour: str, question: str, body: dict[str, Any]
    ) -> bool:
        status, _, after = behaviour.partition("+")
        if status.isdigit():
            words = WORDS[int(status)].format(key=self.key)
            await self._send(writer, int(status), _error(words), {"Retry-After": after} if after else {})
        elif behaviour.startswith("unknown="):
            await self._send(writer, 400, _error(self.complaint.format(name=behaviour[8:])))
        elif behaviour in ERRORS:
            await self._send(writer, 400, ERRORS[behaviour])
        elif behaviour == "error-in-200":
            await self._send(writer, 200, {"error": {"message": "upstream is gone", "code": 502}})
        elif behaviour == "html":
            await self._raw(writer, b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n<html>oh no</html>\n\n")
        elif behaviour.startswith("huge"):
            return await self._huge(writer, chunked=behaviour.endswith("chunked"))
        else:
            answer = json.dumps(self._completion(path, behaviour, body)).encode()
            if behaviour == "latin1":
                answer = answer.replace(b'"A"', b'"A\xe9\xff"')
            if behaviour == "truncated":
                answer = answer[: len(answer) // 2]
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(answer)
            if behaviour == "half":
                await self._raw(writer, head + answer[: len(answer) // 2])
                return False
            if behaviour not in ("latin1", "truncated"):
                self.answered[question] += 1
            await self._raw(writer, head + answer)
        return True

    def _completion(self, path: str, behaviour: str, body: dict[str, Any]) -> dict[str, Any]:
        text: str | None = self.say(body)
        message: dict[str, Any] = {"role": "assistant", "content": text}
        finish = "stop"
        if behaviour == "empty":
            message["content"] = ""
        elif behaviour == "length":
            message["content"], finish = None, "length"
        elif behaviour == "thought":
            message["reasoning_content"] = "Let me see."
        elif behaviour == "think-length":
            message = {"role": "assistant", "content": None, "reasoning_content": "Let me"}
            finish = "length"
        elif behaviour == "refusal":
            message["content"], message["refusal"] = None, "I can't help with that."
        choice: dict[str, Any] = {"index": 0, "finish_reason": finish}
        if path.endswith("/chat/completions"):
            choice["message"] = message
            if body.get("logprobs"):
                top = [{"token": token, "logprob": logprob, "bytes": None} for token, logprob in self.ranked.items()]
                choice["logprobs"] = {"content": [{"token": "A", "logprob": -0.1, "bytes": None, "top_logprobs": top}]}
        else:
            choice["text"] = message["content"]
            if body.get("logprobs"):
                choice["logprobs"] = {"tokens": ["A"], "token_logprobs": [-0.1], "top_logprobs": [self.ranked]}
        return {
            "id": "x",
            "object": "chat.completion",
            "created": 1,
            "model": self.served(body),
            "choices": [choice],
            "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
        }

    async def _huge(self, writer: asyncio.StreamWriter, *, chunked: bool) -> bool:
        answer = json.dumps(
            {"model": "m", "choices": [{"index": 0, "finish_reason": "stop", "message": {"content": "A" * 10_000_000}}]}
        ).encode()
        if not chunked:
            await self._raw(writer, b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(answer) + answer)
            return True
        await self._raw(writer, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for start in range(0, len(answer), 1 << 16):
            piece = answer[start : start + (1 << 16)]
            await self._raw(writer, b"%x\r\n" % len(piece) + piece + b"\r\n")
        await self._raw(writer, b"0\r\n\r\n")
        return True

    async def _send(
        self, writer: asyncio.StreamWriter, status: int, body: dict[str, Any], fields: dict[str, str] | None = None
    ) -> None:
        data = json.dumps(body).encode()
        lines = [f"HTTP/1.1 {status} X", "Content-Type: application/json", f"Content-Length: {len(data)}"]
        lines += [f"{name}: {value}" for name, value in (fields or {}).items()]
        await self._raw(writer, "\r\n".join(lines).encode() + b"\r\n\r\n" + data)

    async def _raw(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        writer.write(data)
        await writer.drain()


def _error(message: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None}}


ERRORS = {
    "long": _error(
        "This model's maximum context length is 2048 tokens. However, your messages resulted in 3000 tokens."
    ),
    "filter": _error("The response was filtered due to the prompt triggering our content management policy."),
    "odd": _error("Conversation roles must alternate user/assistant/user/assistant/..."),
}
