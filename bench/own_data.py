"""A user's file of a million rows: how much memory and time it takes to check it, and to run a judge over it.

    python bench/own_data.py [--rows 1000000] [--formats jsonl,csv,parquet] [--only check|run]

Rows are pairs with three raters: a prompt of some 200 characters, two responses of some 500 each, nothing repeated.
Every command runs in a process of its own; its memory is the peak of its resident set as the kernel counted it.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PROGRAM = [sys.executable, "-m", "judgebench"]
COLUMNS = ("id", "prompt", "response_a", "response_b", "rater_1", "rater_2", "rater_3", "category")
CHUNK = 50_000


def rows(count: int) -> Iterator[dict[str, Any]]:
    toss = random.Random(1)
    words = [f"{toss.getrandbits(32):x}" for _ in range(5000)]

    def text(length: int) -> str:
        return " ".join(toss.choices(words, k=length))

    for number in range(count):
        votes = [toss.choice(("A", "A", "B", "tie")) for _ in range(3)]
        texts = (f"{number} {text(22)}", text(toss.randint(20, 90)), text(toss.randint(20, 90)))
        yield dict(zip(COLUMNS, (f"r{number}", *texts, *votes, f"c{number % 7}"), strict=True))


def write(path: Path, count: int) -> None:
    if path.suffix == ".parquet":
        import pyarrow as pa
        from pyarrow import parquet

        schema = pa.schema([(column, pa.string()) for column in COLUMNS])
        with parquet.ParquetWriter(path, schema) as writer:
            chunk: list[dict[str, Any]] = []
            for row in rows(count):
                chunk.append(row)
                if len(chunk) == CHUNK:
                    writer.write_table(pa.Table.from_pylist(chunk, schema))
                    chunk.clear()
            writer.write_table(pa.Table.from_pylist(chunk, schema))
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        if path.suffix == ".csv":
            table = csv.DictWriter(file, COLUMNS)
            table.writeheader()
            table.writerows(rows(count))
        else:
            file.writelines(json.dumps(row) + "\n" for row in rows(count))


def measured(*arguments: str | Path) -> tuple[float, float, float]:
    """(seconds of the clock, seconds of the processor, peak resident MB) of a command that has to succeed."""
    begin = time.perf_counter()
    child = os.fork()
    if child == 0:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 1)
        os.dup2(nothing, 2)
        os.execv(PROGRAM[0], [*PROGRAM, *map(str, arguments)])
    _, status, usage = os.wait4(child, 0)
    if code := os.waitstatus_to_exitcode(status):
        raise SystemExit(f"judgebench {' '.join(map(str, arguments))} ended with {code}")
    return time.perf_counter() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--formats", default="jsonl,csv,parquet")
    parser.add_argument("--only", choices=["check", "run"], help="one of the two; a run is over the first format")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="own-data-"))
    print("| command | rows | file, MB | seconds | processor, s | peak memory, MB |\n|---|---:|---:|---:|---:|---:|")

    def line(what: str, count: int, size: float, found: tuple[float, float, float]) -> None:
        print(f"| {what} | {count:,} | {size:,.0f} | {found[0]:.0f} | {found[1]:.0f} | {found[2]:,.0f} |", flush=True)

    try:
        for form in given.formats.split(",") if given.only != "run" else ():
            for count in (given.rows // 10, given.rows):
                path = folder / f"own.{form}"
                write(path, count)
                line(f"data check own.{form}", count, path.stat().st_size / 1e6, measured("data", "check", path))
                path.unlink()
        if given.only != "check":
            path = folder / f"own.{given.formats.partition(',')[0]}"
            write(path, given.rows)
            size, judge = path.stat().st_size / 1e6, ("-j", "baseline:longest", "--swap", "single")
            for limit in (("--limit", "1000"), ()):
                command = ("run", "-b", path.name, *judge, *limit)
                found = measured("run", "-b", path, *judge, *limit, "--output-dir", folder / "results")
                line(" ".join(command), given.rows, size, found)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
