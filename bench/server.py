"""How fast `server:` and `api:` are, against a server on loopback that answers after a fixed time.

    JUDGEBENCH_MIRROR=../shared/data python bench/server.py             # all of it, some minutes
    python bench/server.py --only ask,limit --repeat 5
    python bench/server.py --scalerlab DIR --scalerlab-python PYTHON    # run_judge.py in the same run

Every row is the median of the repeats, with the best in brackets; `share` is of the ideal, connections / latency. The
server is a process of its own and takes half a core at 5,000 requests a second: two idle cores are needed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


class Loopback(asyncio.Protocol):
    """Reads no more of HTTP than it must: it shares the machine with what is measured."""

    latency, limit = 0.0, 0
    requests = answered = refused = 0
    first = last = 0.0
    taken: deque[float] = deque()

    def connection_made(self, transport: Any) -> None:
        self.transport, self.data = transport, b""

    def data_received(self, data: bytes) -> None:
        self.data += data
        while (end := self.data.find(b"\r\n\r\n")) >= 0:
            head = self.data[:end].lower()
            at = head.find(b"content-length:")
            size = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self.data) < end + 4 + size:
                return
            self.data = self.data[end + 4 + size :]
            self.answer(head)

    def answer(self, head: bytes) -> None:
        kind = type(self)
        if head.startswith(b"get /stats"):
            names = ("requests", "answered", "refused", "first", "last")
            self.send(b"200 OK", json.dumps({name: getattr(kind, name) for name in names}).encode())
            kind.requests = kind.answered = kind.refused = 0
            kind.first = 0.0
            return
        if head.startswith(b"get "):
            self.send(b"200 OK", b'{"data": [{"id": "bench"}]}')
            return
        now = time.monotonic()
        kind.requests += 1
        kind.first = kind.first or now
        if kind.limit and not self.takes(now):
            kind.refused += 1
            self.later(b"429 Too Many Requests\r\nRetry-After: 1", b'{"error": {"message": "Rate limit reached"}}')
            return
        kind.answered += 1
        kind.last = now + kind.latency
        self.later(b"200 OK", ANSWER)

    def takes(self, now: float) -> bool:
        """No more than `limit` in any one second."""
        while self.taken and self.taken[0] <= now - 1:
            self.taken.popleft()
        if len(self.taken) >= self.limit:
            return False
        self.taken.append(now)
        return True

    def later(self, status: bytes, body: bytes) -> None:
        if self.latency:
            asyncio.get_running_loop().call_later(self.latency, self.send, status, body)
        else:
            self.send(status, body)

    def send(self, status: bytes, body: bytes) -> None:
        self.transport.write(
            b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body
        )


def serve(latency: float, limit: int) -> None:
    import uvloop

    async def main() -> None:
        Loopback.latency, Loopback.limit = latency, limit
        server = await asyncio.get_running_loop().create_server(Loopback, "127.0.0.1", 0, backlog=4096)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()

    uvloop.run(main())


@contextmanager
def served(latency: float, limit: int = 0) -> Iterator[str]:
    command = [sys.executable, str(HERE), "--serve", str(latency), "--limit", str(limit)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
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


def do_aiohttp(url: str, connections: int, count: int) -> dict[str, float]:
    """The floor: aiohttp and nothing else, one worker per connection."""
    import aiohttp
    import msgspec
    import uvloop

    asked = requests(count)

    async def main() -> None:
        waiting = iter(asked)
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector, headers={"Content-Type": "application/json"}) as session:

            async def worker() -> None:
                for request in waiting:
                    body = {"model": "bench", "messages": request.messages, "max_tokens": 64, "temperature": 0.0}
                    async with session.post(f"{url}/chat/completions", data=msgspec.json.encode(body)) as response:
                        msgspec.json.decode(await response.read())

            await asyncio.gather(*(worker() for _ in range(connections)))

    return measured(lambda: uvloop.run(main()))


def do_backend(url: str, connections: int, count: int) -> dict[str, float]:
    """`Backend.complete` of server:, without judge and store."""
    from judgebench.backends.limits import Limits
    from judgebench.backends.server import ServerBackend

    limits = Limits(max_connections=connections, start=min(64, connections))
    asked = requests(count)
    return measured(lambda: deque(ServerBackend(url, "bench", limits).complete(asked), maxlen=0))


def do_ask(url: str, connections: int, count: int) -> dict[str, float]:
    """The run loop: prompts, server:, parsers, store. The real pairs in both orders, over and over under new ids."""
    import msgspec

    from judgebench import run as run_loop
    from judgebench import store
    from judgebench.judges import open_judge
    from judgebench.types import Manifest

    real = pairs()
    copies = -(-count // (2 * len(real)))
    items = [msgspec.structs.replace(item, id=f"{item.id}/{copy}") for copy in range(copies) for item in real][
        : count // 2
    ]
    judge = open_judge(f"server:{url}#bench", {"max_connections": str(connections)})
    manifest = Manifest(benchmark="b", version="1", items="x", judge=judge.name, orders="both")
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
    "aiohttp": do_aiohttp,
    "backend": do_backend,
    "ask": do_ask,
    "litellm": do_litellm,
    "api": do_api,
}


def do(name: str, url: str, connections: int, count: int) -> dict[str, float]:
    command = [sys.executable, str(HERE), "--do", name, url, str(connections), str(count)]
    environment = {**os.environ, "OPENAI_API_KEY": "sk-bench"}
    printed = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
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
    """Rounds of sixty answers per connection: the start is a sixtieth of it."""
    head("server: throughput at 50 ms", "what", "connections", "answers/s", "share of ideal", "CPU ms/answer")
    for connections in (64, 256):
        for name in ("aiohttp", "backend", "ask"):
            with served(0.05) as url:
                count = connections * 60
                found = [do(name, url, connections, count) for _ in range(repeat)]
            rates = [count / each["seconds"] for each in found]
            row(
                {"aiohttp": "aiohttp alone", "backend": "Backend.complete", "ask": "run loop with store"}[name],
                connections,
                spread(rates, ",.0f"),
                spread([rate * 0.05 / connections for rate in rates], ".3f"),
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
    return subprocess.run(command, capture_output=True, text=True, check=False)


def run_judge(
    checkout: Path, python: str, url: str, folder: Path, connections: int
) -> subprocess.CompletedProcess[str]:
    """Its server's address is written in its code: LocalAPI's is replaced in a copy."""
    copy = folder / "JudgeBench"
    shutil.copytree(checkout, copy)
    models = copy / "utils" / "models.py"
    models.write_text(models.read_text().replace("http://localhost:8000/v1", url))
    data = next((copy / "data").glob("*gpt-4o*"))
    command = [python, "run_judge.py", "--judge_name", "arena_hard", "--judge_model", "bench"]
    command += ["--concurrency_limit", str(connections), "--pairs", str(data)]
    return subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)


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
        *("connections", "answers", "requests", "429s", "lost", "share of the limit used"),
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
            "whole": lambda: whole(arguments.repeat, arguments.scalerlab, arguments.scalerlab_python),
            "litellm": lambda: through_litellm(arguments.repeat),
            "limit": lambda: limited(arguments.repeat),
        }
        for name in arguments.only.split(","):
            tables[name]()


if __name__ == "__main__":
    main()
