"""What a benchmark, or a file that could be one, is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judgebench.adapters import own
from judgebench.api.benchmarks import open_benchmark
from judgebench.options import RESULTS

if TYPE_CHECKING:
    from judgebench.score.datasheet import Datasheet


def datasheet(
    name: str,
    options: Mapping[str, Any] | None = None,
    *,
    results: Path | str = RESULTS,
    announce: Callable[[str], None] | None = None,
) -> Datasheet:
    """Counts, balance, people's agreement, lengths, duplicates, wrong responses, and what a judge that reads nothing
    would get. A file of the user's own is read in one pass (two where a row is a vote) and never held; `announce` is
    told how."""
    from judgebench.score.datasheet import gather

    if not own.is_own(name):
        bench = open_benchmark(name, options, Path(results))
        return gather(bench.id, bench.items)
    data = own.open_own(name, options)
    if announce is not None:
        for line in data.notes:
            announce(line)
    return gather(name, data.items)
