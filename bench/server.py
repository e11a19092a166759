"""How fast `server:` and `api:` are, against a server on loopback that answers after a fixed time.

    JUDGEBENCH_MIRROR=../shared/data python bench/server.py             # all of it, some minutes
    python bench/server.py --only ask,limit --repeat 5
    python bench/server.py --scalerlab DIR --scalerlab-python PYTHON    # run_judge.py in the same run

Every row is the median of the repeats, with the best in brackets; `share` is of the ideal, connections / latency. The
server is a process of its own and takes half a core at 5,000 requests a second: two idle cores are needed. On a machine
that others use, `chrt -r 5 python bench/server.py ...` (as root) takes them for the seconds that count.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()
ANSWER = json.dumps(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "bench",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "My final verdict is: [[A>B]]\n\nVerdict: A"},
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 900, "completion_tokens": 12, "total_tokens": 912},
    }
).encode()


# The server.


def response(status: bytes, body: bytes) -> bytes:
    head = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % (status, len(body)) + body


SIZE = re.compile(rb"content-length: *([0-9]+)", re.IGNORECASE)
GOOD = response(b"200 OK", ANSWER)
REFUSED = response(b"429 Too Many Requests\r\nRetry-After: 1", b'{"error": {"message": "Rate limit reached"}}')
MODELS = response(b"200 OK", b'{"data": [{"id": "bench"}]}')


class Loopback(asyncio.Protocol):
    """Reads no more of HTTP than it must, and has one timer for all answers: it shares the machine with what is
    measured."""

    latency, limit = 0.0, 0
    counted: dict[str, float]
    taken: deque[float] = deque()
    waiting: deque[tuple[float, Any, bytes]] = deque()

    @classmethod
    def begin(cls) -> None:
        cls.counted = {"requests": 0, "answered": 0, "refused": 0, "first": 0.0, "last": 0.0}

    def connection_made(self, transport: Any) -> None:
        self.transport, self.data = transport, b""

    def data_received(self, data: bytes) -> None:
        self.data = self.data + data if self.data else data
        while (end := self.data.find(b"\r\n\r\n")) >= 0:
            found = SIZE.search(self.data, 0, end + 2)
            whole = end + 4 + (int(found[1]) if found else 0)
            if len(self.data) < whole:
                return
            head, self.data = self.data[:10], self.data[whole:]
            self.answer(head)

    def answer(self, head: bytes) -> None:
        counted = self.counted
        if head == b"GET /stats":
            self.transport.write(response(b"200 OK", json.dumps(counted).encode()))
            self.begin()
        elif head.startswith(b"GET"):
            self.transport.write(MODELS)
        else:
            now = time.monotonic()
            counted["requests"] += 1
            counted["first"] = counted["first"] or now
            if self.limit and not self.takes(now):
                counted["refused"] += 1
                self.later(now, REFUSED)
            else:
                counted["answered"] += 1
                counted["last"] = now + self.latency
                self.later(now, GOOD)

    def takes(self, now: float) -> bool:
        """No more than `limit` in any one second."""
        while self.taken and self.taken[0] <= now - 1:
            self.taken.popleft()
        if len(self.taken) >= self.limit:
            return False
        self.taken.append(now)
        return True

    def later(self, now: float, answer: bytes) -> None:
        if not self.latency:
            self.transport.write(answer)
            return
        self.waiting.append((now + self.latency, self.transport, answer))
        if len(self.waiting) == 1:
            asyncio.get_running_loop().call_later(self.latency, self.send_due)

    @classmethod
    def send_due(cls) -> None:
        now = time.monotonic() + 0.0005  # timers are good to a millisecond
        while cls.waiting and cls.waiting[0][0] <= now:
            _, transport, answer = cls.waiting.popleft()
            transport.write(answer)
        if cls.waiting:
            asyncio.get_running_loop().call_later(max(cls.waiting[0][0] - now, 0.0), cls.send_due)


def serve(latency: float, limit: int) -> None:
    import uvloop

    async def main() -> None:
        Loopback.latency, Loopback.limit = latency, limit
        Loopback.begin()
        server = await asyncio.get_running_loop().create_server(Loopback, "127.0.0.1", 0, backlog=4096)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()

    uvloop.run(main())


@contextmanager
def served(latency: float, limit: int = 0) -> Iterator[str]:
    command = [sys.executable, str(HERE), "--serve", str(latency), "--limit", str(limit)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
        finally:
            process.kill()


def stats(url: str) -> dict[str, float]:
    """What the server has counted since it was last asked."""
    with urllib.request.urlopen(f"{url.removesuffix('/v1')}/stats") as response:
        found: dict[str, float] = json.load(response)
        return found


# What is measured, each in a process of its own: `python bench/server.py --do NAME URL CONNECTIONS COUNT`. They print
# a JSON object: seconds, CPU seconds.


def pairs() -> list[Any]:
    from judgebench import api

    return list(api.open_benchmark("scalerlab-judgebench").items)


def requests(count: int) -> list[Any]:
    from judgebench.types import Generation, Message, Request

    generation = Generation(max_tokens=64)
    texts = [f"{item.messages[0].content}\n\n{item.responses[0].text}\n\n{item.responses[1].text}" for item in pairs()]
    return [
        Request(messages=(Message(role="user", content=texts[number % len(texts)]),), generation=generation)
        for number in range(count)
    ]


def measured(work: Callable[[], Any]) -> dict[str, float]:
    began, cpu = time.perf_counter(), time.process_time()
    work()
    return {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}


def bare(post: Callable[[], Any], connections: int, count: int) -> Any:
    """A client by itself: the requests encoded, sent and their answers decoded, one worker for each connection, and
    nothing of the harness around it. `post` opens the client: `async with post() as ask: await ask(body)`."""
    import msgspec

    asked, seconds = requests(count), {}

    async def main() -> None:
        waiting = iter(asked)
        async with post() as ask:

            async def worker() -> None:
                for request in waiting:
                    body = {"model": "bench", "messages": request.messages, "max_tokens": 64, "temperature": 0.0}
                    msgspec.json.decode(await ask(msgspec.json.encode(body)))

            began, cpu = time.perf_counter(), time.process_time()
            await asyncio.gather(*(worker() for _ in range(connections)))
            seconds.update(seconds=time.perf_counter() - began, cpu=time.process_time() - cpu)

    from judgebench.backends.dispatch import _fast_loop

    with asyncio.Runner(loop_factory=_fast_loop()) as runner:
        runner.run(main())
    return seconds


HEADERS = {
    "Content-Type": "application/json",
    "Accept-Encoding": "identity",
    "User-Agent": "judgebench",
    "Authorization": "Bearer sk-bench",
}


@asynccontextmanager
async def with_aiohttp(url: str) -> AsyncIterator[Callable[[bytes], Any]]:
    import aiohttp
    from yarl import URL

    where = URL(f"{url}/chat/completions")
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=4.0),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers=HEADERS,
        timeout=aiohttp.ClientTimeout(total=None, connect=30.0),
    )

    async def ask(body: bytes) -> bytes:
        async with session.post(where, data=body, allow_redirects=False) as response:
            return await response.read()

    async with session:
        yield ask


@asynccontextmanager
async def with_pyreqwest(url: str) -> AsyncIterator[Callable[[bytes], Any]]:
    from pyreqwest.client import ClientBuilder

    where = f"{url}/chat/completions"
    builder = ClientBuilder().default_headers(HEADERS).follow_redirects(False)
    async with builder.gzip(False).brotli(False).zstd(False).deflate(False).build() as client:

        async def ask(body: bytes) -> bytes:
            response = await client.post(where).body_bytes(body).build().send()
            return bytes(await response.bytes())

        yield ask


@asynccontextmanager
async def with_pyqwest(url: str) -> AsyncIterator[Callable[[bytes], Any]]:
    import pyqwest

    where = f"{url}/chat/completions"
    async with pyqwest.HTTPTransport(enable_gzip=False, enable_brotli=False, enable_zstd=False) as transport:
        client = pyqwest.Client(transport)

        async def ask(body: bytes) -> bytes:
            return bytes((await client.post(where, HEADERS, body)).content)

        yield ask


@asynccontextmanager
async def with_aiosonic(url: str) -> AsyncIterator[Callable[[bytes], Any]]:
    import aiosonic
    from aiosonic.connectors import TCPConnector
    from aiosonic.pools import PoolConfig

    where = f"{url}/chat/completions"
    async with aiosonic.HTTPClient(TCPConnector(pool_configs={":default": PoolConfig(size=1024)})) as client:

        async def ask(body: bytes) -> bytes:
            answer: bytes = await (await client.post(where, data=body, headers=dict(HEADERS))).content()
            return answer

        yield ask


@asynccontextmanager
async def with_httpx2(url: str) -> AsyncIterator[Callable[[bytes], Any]]:
    import httpx2

    where, limits = f"{url}/chat/completions", httpx2.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx2.AsyncClient(limits=limits, timeout=600.0) as client:

        async def ask(body: bytes) -> bytes:
            content: bytes = (await client.post(where, content=body, headers=HEADERS)).content
            return content

        yield ask


CLIENTS = {
    "aiohttp": with_aiohttp,
    "pyreqwest": with_pyreqwest,
    "pyqwest": with_pyqwest,
    "aiosonic": with_aiosonic,
    "httpx2": with_httpx2,
}
"""Those that are installed are measured; judgebench itself needs the first only."""


def do_bare(url: str, connections: int, count: int, *, client: str) -> dict[str, float]:
    found: dict[str, float] = bare(lambda: CLIENTS[client](url), connections, count)
    return found


def through(client: str) -> None:
    """Put another client in the place of ours, for this process."""
    from judgebench import http

    class Through:
        def __init__(self, url: str, _headers: dict[str, str]) -> None:
            self.opened = CLIENTS[client](url)

        async def __aenter__(self) -> Any:
            self.ask = await self.opened.__aenter__()
            return self

        async def __aexit__(self, *error: Any) -> None:
            await self.opened.__aexit__(*error)

        async def post(self, _url: str, body: bytes) -> Any:
            return http.Reply(200, {}, await self.ask(body))

    http.Connections = Through  # type: ignore[assignment,misc]


def limits_of(connections: int) -> Any:
    from judgebench.backends.limits import Limits

    return Limits(max_connections=connections, start=min(64, connections))


def do_backend(url: str, connections: int, count: int) -> dict[str, float]:
    """`Backend.complete` of server:, without judge and store."""
    from judgebench.backends.server import ServerBackend

    asked, backend = requests(count), ServerBackend(url, "bench", limits_of(connections))
    return measured(lambda: deque(backend.complete(asked), maxlen=0))


def do_ask(url: str, connections: int, count: int, *, client: str | None = None) -> dict[str, float]:
    """The run loop: prompts, server:, parsers, store. The real pairs in both orders, over and over under new ids."""
    import msgspec

    from judgebench import run as run_loop
    from judgebench import store
    from judgebench.judges import open_judge
    from judgebench.types import BenchmarkRef, Manifest

    if client is not None:
        through(client)
    real = pairs()
    copies = -(-count // (2 * len(real)))
    items = [msgspec.structs.replace(item, id=f"{item.id}/{copy}") for copy in range(copies) for item in real][
        : count // 2
    ]
    judge: Any = open_judge(f"server:{url}#bench", {"max_connections": str(connections)})
    manifest = Manifest(benchmark_ref=BenchmarkRef(id="b"), version="1", items="x", judge_ref=judge.ref, orders="both")
    with tempfile.TemporaryDirectory() as folder, store.Run(Path(folder) / "run", manifest) as run:
        return measured(lambda: run_loop.ask(items, judge, run))


def do_litellm(url: str, connections: int, count: int) -> dict[str, float]:
    """litellm.acompletion and nothing else, one worker per connection."""
    import uvloop

    from judgebench.backends.api import load_litellm

    litellm, asked = load_litellm(), requests(count + connections)

    async def main() -> dict[str, float]:
        async def worker(waiting: Iterator[Any]) -> None:
            for request in waiting:
                messages = [{"role": message.role, "content": message.content} for message in request.messages]
                await litellm.acompletion(
                    model="openai/bench",
                    messages=messages,
                    api_base=url,
                    max_tokens=64,
                    temperature=0.0,
                    max_retries=0,
                    num_retries=0,
                    timeout=600.0,
                    drop_params=False,
                )

        async def all_of(waiting: Iterator[Any]) -> None:
            await asyncio.gather(*(worker(waiting) for _ in range(connections)))

        await all_of(iter(asked[:connections]))  # litellm's first call imports half of it
        began, cpu = time.perf_counter(), time.process_time()
        await all_of(iter(asked[connections:]))
        return {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}

    return uvloop.run(main())


def do_api(url: str, connections: int, count: int) -> dict[str, float]:
    """`Backend.complete` of api:."""
    from judgebench.backends.api import ApiBackend
    from judgebench.backends.limits import Limits

    backend = ApiBackend(
        "openai/bench", Limits(max_connections=connections, start=connections), extra={"api_base": url}
    )
    asked = requests(count + connections)

    def work() -> dict[str, float]:
        answers, began, cpu = backend.complete(asked), 0.0, 0.0
        for number, _ in enumerate(answers, start=1):
            if number == connections:
                began, cpu = time.perf_counter(), time.process_time()
        return {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}

    return work()


DOING = {
    **{f"bare-{client}": partial(do_bare, client=client) for client in CLIENTS},
    **{f"ask-{client}": partial(do_ask, client=client) for client in CLIENTS},
    "backend": do_backend,
    "ask": do_ask,
    "litellm": do_litellm,
    "api": do_api,
}


def do(name: str, url: str, connections: int, count: int) -> dict[str, float]:
    command = [sys.executable, str(HERE), "--do", name, url, str(connections), str(count)]
    environment = {**os.environ, "OPENAI_API_KEY": "sk-bench"}
    printed = subprocess.run(command, check=True, capture_output=True, encoding="utf-8", env=environment).stdout
    found: dict[str, float] = json.loads(printed.splitlines()[-1])
    return found


# The tables.


def spread(values: list[float], form: str, *, best: Callable[[list[float]], float] = max) -> str:
    return f"{statistics.median(values):{form}} [{best(values):{form}}]"


def row(*cells: object) -> None:
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def head(title: str, *cells: str) -> None:
    print(f"\n{title} (load {os.getloadavg()[0]:.1f})\n")
    row(*cells)
    row(*("---" for _ in cells))


def throughput(repeat: int) -> None:
    """`server:` beside its client alone. A run takes a minute at 500 ms, so that its slow start is a fiftieth of it."""
    names = {
        "bare-aiohttp": "aiohttp alone",
        "backend": "Backend.complete",
        "ask": "run loop with store",
    }
    compare("server: beside the client alone", names, ((64, 0.05, 60), (256, 0.5, 120)), repeat, "bare-aiohttp")


def clients(repeat: int) -> None:
    """The client that `server:` uses beside others, alone and in the run loop."""
    there = [client for client in CLIENTS if importlib.util.find_spec(client)]
    names = {f"bare-{client}": f"{client} alone" for client in there}
    names |= {f"ask-{client}": f"run loop with {client}" for client in there} | {"ask": "run loop as it is"}
    compare("HTTP clients", names, ((64, 0.05, 40), (256, 0.05, 40)), repeat)


def compare(
    title: str,
    names: dict[str, str],
    settings: tuple[tuple[int, float, int], ...],
    repeat: int,
    beside: str | None = None,
) -> None:
    ratio = () if beside is None else (f"of {names[beside]}",)
    head(title, "what", "connections", "latency", "answers/s", "share of ideal", *ratio, "CPU ms/answer")
    for connections, latency, rounds in settings:
        count = connections * rounds
        every: dict[str, list[dict[str, float]]] = {name: [] for name in names}
        for _ in range(repeat):  # by turns: the machine may change its mood
            for name, found in every.items():
                with served(latency) as url:
                    found.append(do(name, url, connections, count))
        for name, found in every.items():
            rates = [count / each["seconds"] for each in found]
            # Of each turn its own: what stands in the way of one stands in the way of both.
            ratios = [theirs["seconds"] / each["seconds"] for each, theirs in zip(found, every[beside or name])]
            row(
                names[name],
                connections,
                f"{latency * 1000:.0f} ms",
                spread(rates, ",.0f"),
                spread([rate * latency / connections for rate in rates], ".3f"),
                *((spread(ratios, ".3f"),) if beside else ()),
                spread([1000 * each["cpu"] / count for each in found], ".3f", best=min),
            )


def whole(repeat: int, scalerlab: Path | None, python: str | None) -> None:
    """The 350 real pairs in both orders: 700 requests, from the command line's start to its end."""
    head(
        "350 JudgeBench pairs in both orders, whole process, 50 ms",
        *("what", "connections", "wall s", "of which asking", "ideal", "CPU s"),
    )
    for connections in (10, 64, 256):
        ideal = 700 / connections * 0.05
        peers = {"judgebench run": lambda url, folder: judgebench_run(url, folder, connections)}  # noqa: B023
        if scalerlab and python:
            peers["ScalerLab run_judge.py"] = lambda url, folder: run_judge(scalerlab, python, url, folder, connections)  # noqa: B023
        for name, command in peers.items():
            walls, askings, cpus = [], [], []
            for _ in range(repeat):
                with served(0.05) as url, tempfile.TemporaryDirectory() as folder:
                    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
                    process = command(url, Path(folder))
                    walls.append(time.perf_counter() - began)
                    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
                    cpus.append(usage.ru_utime + usage.ru_stime - before.ru_utime - before.ru_stime)
                    counted = stats(url)
                    askings.append(counted["last"] - counted["first"])
                    assert process.returncode == 0, process.stderr
                    assert counted["answered"] == 700, counted
            cells = (spread(walls, ".2f", best=min), spread(askings, ".2f", best=min), f"{ideal:.2f}")
            row(name, connections, *cells, spread(cpus, ".2f", best=min))


def judgebench_run(url: str, folder: Path, connections: int) -> subprocess.CompletedProcess[str]:
    executable = Path(sys.executable).with_name("judgebench")
    command = [str(executable), "run", "-j", f"server:{url}#bench", "-b", "scalerlab-judgebench"]
    command += ["--max-connections", str(connections), "--output-dir", str(folder), "--min-coverage", "1"]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


def run_judge(
    checkout: Path, python: str, url: str, folder: Path, connections: int
) -> subprocess.CompletedProcess[str]:
    """Its server's address is written in its code: LocalAPI's is replaced in a copy."""
    copy = folder / "JudgeBench"
    shutil.copytree(checkout, copy)
    models = copy / "utils" / "models.py"
    models.write_text(models.read_text(encoding="utf-8").replace("http://localhost:8000/v1", url), encoding="utf-8")
    data = next((copy / "data").glob("*gpt-4o*"))
    command = [python, "run_judge.py", "--judge_name", "arena_hard", "--judge_model", "bench"]
    command += ["--concurrency_limit", str(connections), "--pairs", str(data)]
    return subprocess.run(command, cwd=copy, capture_output=True, encoding="utf-8", check=False)


def through_litellm(repeat: int) -> None:
    head("api: against litellm.acompletion alone, no latency", "what", "connections", "answers/s", "CPU ms/answer")
    for connections in (16, 64):
        with served(0.0) as url:
            count = 1500
            found: dict[str, list[dict[str, float]]] = {"litellm": [], "api": []}
            for _ in range(repeat):  # by turns: the machine may change its mood
                for name in found:
                    found[name].append(do(name, url, connections, count))
        for name, label in (("litellm", "litellm alone"), ("api", "api:")):
            rates = [count / each["seconds"] for each in found[name]]
            row(
                label,
                connections,
                spread(rates, ",.0f"),
                spread([1000 * each["cpu"] / count for each in found[name]], ".2f", best=min),
            )
        cpu = {name: min(each["cpu"] for each in found[name]) for name in found}
        row("overhead of ours, by CPU", connections, "", f"{cpu['api'] / cpu['litellm'] - 1:+.1%}")


def limited(repeat: int) -> None:
    head(
        "A server that takes 50 requests a second and answers 429 beyond, 50 ms",
        *("connections", "answers", "requests", "more than answers", "lost", "share of the limit used"),
    )
    for connections in (64, 256):
        for count in (700, 2000):
            shares, asked, lost = [], [], 0
            for _ in range(repeat):
                with served(0.05, limit=50) as url:
                    do("ask", url, connections, count)
                    counted = stats(url)
                asked.append(counted["requests"])
                lost += count - int(counted["answered"])
                shares.append(counted["answered"] / (counted["last"] - counted["first"]) / 50)
            refused = spread([(each - count) / count for each in asked], ".1%", best=min)
            row(connections, count, spread(asked, ",.0f", best=min), refused, lost, spread(shares, ".3f"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="throughput,whole,litellm,limit", help="which tables, by commas")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--scalerlab", type=Path, help="a checkout of ScalerLab/JudgeBench")
    parser.add_argument("--scalerlab-python", help="a Python with what it needs")
    parser.add_argument("--serve", type=float, help=argparse.SUPPRESS)
    parser.add_argument("--limit", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--do", nargs=4, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve is not None:
        serve(arguments.serve, arguments.limit)
    elif arguments.do:
        name, url, connections, count = arguments.do
        print(json.dumps(DOING[name](url, int(connections), int(count))))
    else:
        print(f"{time.strftime('%Y-%m-%d %H:%M')}, {os.cpu_count()} cores, Python {sys.version.split()[0]}")
        tables = {
            "throughput": lambda: throughput(arguments.repeat),
            "clients": lambda: clients(arguments.repeat),
            "whole": lambda: whole(arguments.repeat, arguments.scalerlab, arguments.scalerlab_python),
            "litellm": lambda: through_litellm(arguments.repeat),
            "limit": lambda: limited(arguments.repeat),
        }
        for name in arguments.only.split(","):
            tables[name]()


if __name__ == "__main__":
    main()
