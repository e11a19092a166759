"""A real small model over every benchmark at hand, by force, as text and as JSON; prints the table of bench/README.md:

    make smollm
    nice python bench/smollm.py JUDGE RUNS [--forced 1000] [--others 100] [-b llmbar,evouna]

JUDGE is `local:.models/SmolLM2-135M-Instruct`, or `server:http://127.0.0.1:PORT/v1#smol` with a vLLM that
tests/real/vllm.py has started, which takes half the time. Each row is a run by judgebench's own command over drawn
items in both orders, kept below RUNS, so that the same command goes on after a kill, and a larger number of items asks
only for the new ones. JUDGEBENCH_MIRROR says where the upstream files are; a benchmark whose files are not at hand is
left out by name.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

COLUMNS = ("coverage", "label_mass", "agreement", "agreement_combined", "placebo", "consistency", "first_slot_rate")
HEADINGS = ("coverage", "mass", "agreement", "orders combined", "placebo", "consistent", "first slot")
READINGS = ("forced", "text", "json")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("judge", help="local:FOLDER, or server:URL#NAME")
    parser.add_argument("runs", type=Path)
    parser.add_argument("--forced", default="1000", help="how many items are drawn for forced verdicts; all: no limit")
    parser.add_argument("--others", default="100", help="how many for text and json; 0 leaves them out")
    parser.add_argument("-b", "--benchmarks", default="")
    parser.add_argument("--max-tokens", default="256", help="of a verdict that is written")
    asked = parser.parse_args()
    print("| benchmark | read as | items | " + " | ".join(HEADINGS) + " |")
    print("|---" * (len(HEADINGS) + 3) + "|")
    for benchmark in asked.benchmarks.split(",") if asked.benchmarks else at_hand():
        for reading in READINGS:
            limit = asked.forced if reading == "forced" else asked.others
            if limit != "0":
                print(row(asked.judge, asked.runs, benchmark, reading, limit, asked.max_tokens), flush=True)


def judgebench(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "judgebench", *words]
    return subprocess.run(command, check=False, capture_output=True, text=True, encoding="utf-8")


def at_hand() -> Iterator[str]:
    for benchmark in json.loads(judgebench("ls", "benchmarks", "--json").stdout):
        if benchmark["data"] in ("here", "built in"):
            yield benchmark["benchmark"]
        else:
            print(f"{benchmark['benchmark']}: NOT RUN: its data are {benchmark['data']}", file=sys.stderr)


def row(judge: str, runs: Path, benchmark: str, reading: str, limit: str, max_tokens: str) -> str:
    name = f"smollm2-{reading}"
    words = ["run", "-b", benchmark, "-j", f"{name}={judge}", "-J", f"verdict={reading}", "--min-coverage", "0"]
    words += [] if limit == "all" else ["--limit", limit]
    words += [] if reading == "forced" else ["-J", f"max_tokens={max_tokens}"]
    done = judgebench(*words, "--output-dir", str(runs))
    if done.returncode:
        why = done.stderr.strip().splitlines()[-1:] or ["no reason was given"]
        return f"| {benchmark} | {reading} | NOT RUN: {why[0]} |" + " |" * len(HEADINGS)
    (scores,) = (runs / benchmark).glob(f"{name}*/scores.json")
    found = json.loads(scores.read_text(encoding="utf-8"))
    numbers = [found["metrics"].get(name) for name in COLUMNS]
    judged = (scores.parent / "judgments.jsonl").read_text(encoding="utf-8").splitlines()
    items = len({json.loads(line)["item"] for line in judged})
    return f"| {benchmark} | {reading} | {items:,} | " + " | ".join(map(cell, numbers)) + " |"


def cell(number: dict[str, float | None] | None) -> str:
    if number is None or number["value"] is None:
        return "–"
    value, low, high = (number[key] for key in ("value", "low", "high"))
    interval = "" if low is None or high is None else f" [{100 * low:.0f}, {100 * high:.0f}]"
    return f"{100 * value:.1f}{interval}"


if __name__ == "__main__":
    main()
