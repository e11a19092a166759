"""report.html: everything a results folder knows, on one page that needs neither a network nor a server.

assets/ is our own template, style and scripts, plain files in the order in which they run; charts/ is the bundled
chart library and how to build it again.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from judgebench.report.page import collect, document


class PageCounts(NamedTuple):
    """What a page holds; its size in bytes."""

    runs: int
    benchmarks: int
    items: int
    size: int


def render(results: Path, *, texts: bool = True) -> tuple[str, PageCounts]:
    """The page for every run below `results`. Without `texts` it holds labels, verdicts and numbers only: no questions,
    no responses, no judge's words."""
    benches = collect.read(results, texts=texts)
    page = document.render(benches)
    runs, items = sum(len(bench.runs) for bench in benches), sum(len(bench.labels) for bench in benches)
    return page, PageCounts(runs, len(benches), items, len(page.encode()))
