"""One forced token of a real small model, on a CPU: `local:`, transformers, and a vLLM that is warm, by turns.

    make smollm && python bench/local_forced.py .models/SmolLM2-135M-Instruct \\
        --server http://127.0.0.1:8000/v1#smol --pid PID    # of that server's first process

Bfloat16, both orders, the prompt `pairwise`, `verdict=forced`. In each round all engines read the same prompts, which
are new to all of them, one engine after the other; the next round has others. Printed are, per engine, seconds of the
clock and of the CPU (of the client and, with --pid, of all processes of the server), and their ratios to `local:` as
the median over rounds, with the least and the greatest: other work on the machine shows in the first, and little in
the second. Without --server, vLLM is left out. Needs PandaLM's texts (JUDGEBENCH_MIRROR, ../shared/data).
"""

from __future__ import annotations

import argparse
import logging
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
import transformers
from local import encoded, generate, mean

from judgebench import api
from judgebench.judges import open_judge
from judgebench.run import trials

TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--server")
    parser.add_argument("--pid", type=int)
    parser.add_argument("--items", type=int, default=13, help="a round")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    os.environ.setdefault("JUDGEBENCH_MIRROR", str(Path(__file__).resolve().parents[2] / "shared" / "data"))
    logging.disable(logging.WARNING)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    options = {"device": "cpu", "dtype": "bfloat16", "prompt": "pairwise", "verdict": "forced"}
    packed, padded = (open_judge(f"local:{chosen.model}", {**options, **more}) for more in ({}, {"attn": "sdpa"}))
    versions = f"Python {platform.python_version()}, torch {torch.__version__}, transformers {transformers.__version__}"
    print(f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores ({platform.machine()}), ", end="")
    print(f"load {os.getloadavg()[0]:.1f}, {versions}, `python {' '.join(sys.argv)}`", flush=True)
    for name in ("verifiable", "pandalm"):
        bench = api.open_benchmark(name)
        rounds = [
            list(trials(bench.items[start : start + chosen.items], "both", 1))
            for start in range(0, chosen.items * chosen.rounds, chosen.items)
        ]
        measure(name, packed, padded, rounds, chosen)


def measure(name: str, packed: Any, padded: Any, rounds: Sequence[Any], chosen: argparse.Namespace) -> None:
    model = packed.made.asked.writer.engines.padded.model
    for judge in (packed, padded):  # loads the weights, and has the first pass of the process behind it
        list(judge.judge(iter(rounds[-1][-1:])))
    engines: dict[str, Callable[[Any, list[list[int]]], Any]] = {
        "`local:`, packed": lambda asked, _: list(packed.judge(iter(asked))),
        "`local:` with attn=sdpa: padded": lambda asked, _: list(padded.judge(iter(asked))),
        "transformers, one by one": lambda _, prompts: [generate(model, [one], new=1) for one in prompts],
        "transformers, continuous batching": lambda _, prompts: continuous(model, prompts),
    }
    if chosen.server:
        options = {"prompt": "pairwise", "verdict": "forced", "max_connections": "16"}
        served = open_judge(f"server:{chosen.server}", options)
        list(served.judge(iter(rounds[0][:1])))
        engines["vLLM, warm, 16 at once"] = lambda asked, _: list(served.judge(iter(asked)))
    seen: dict[str, list[tuple[float, float]]] = {engine: [] for engine in engines}
    prompts = [encoded(packed, asked) for asked in rounds]
    for turn, (asked, tokens) in enumerate(zip(rounds, prompts, strict=True)):
        order = list(engines)[turn % len(engines) :] + list(engines)[: turn % len(engines)]
        for engine in order:
            clock, work = time.monotonic(), spent(chosen.pid)
            engines[engine](asked, tokens)
            seen[engine].append((time.monotonic() - clock, spent(chosen.pid) - work))
    count = sum(map(len, prompts))
    length = mean([one for tokens in prompts for one in tokens])
    columns = "s | CPU s | clock, of `local:` | CPU, of `local:`"
    print(f"\n| {name}: {count} prompts in both orders, {length} tokens | {columns} |")
    print("|---|---|---|---|---|")
    base = seen[next(iter(engines))]
    for engine, rows in seen.items():
        sums = [sum(row[part] for row in rows) for part in (0, 1)]
        against = [sorted(row[part] / first[part] for row, first in zip(rows, base, strict=True)) for part in (0, 1)]
        shown = [f"{statistics.median(one):.2f} [{one[0]:.2f}, {one[-1]:.2f}]" for one in against]
        print(f"| {engine} | {sums[0]:.0f} | {sums[1]:.0f} | {shown[0]} | {shown[1]} |", flush=True)


def continuous(model: Any, prompts: list[list[int]]) -> None:
    config = transformers.GenerationConfig(max_new_tokens=1, do_sample=False, eos_token_id=2, pad_token_id=2)
    answers = model.generate_batch(inputs=prompts, generation_config=config)
    failed = [answer for answer in answers.values() if len(answer.generated_tokens) != 1]
    if failed or len(answers) != len(prompts):
        sys.exit(f"continuous batching answered {len(answers) - len(failed)} of {len(prompts)}")


def spent(pid: int | None) -> float:
    """CPU seconds of this process, and of all processes in the session of that one."""
    seconds = time.process_time()
    if pid is not None:
        session = os.getsid(pid)
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == session:
                seconds += (int(fields[11]) + int(fields[12])) / TICKS
    return seconds


if __name__ == "__main__":
    main()
