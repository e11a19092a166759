"""What is made of many runs: the leaderboard, the report page, tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from judgebench import store
from judgebench.api.scoring import finished
from judgebench.errors import (
    JudgebenchError,
    UnknownName,
)

if TYPE_CHECKING:
    pass


def leaderboard(results: Path, output: Path, *, check: bool = False) -> str:
    """Rebuild the leaderboard from judgments and labels (scores.json is not trusted), or check that it is current."""
    from judgebench.report import leaderboard as board

    runs, left_out = finished(results)
    text = board.render(runs, left_out)
    if check:
        if not output.exists() or output.read_text(encoding="utf-8") != text:
            raise JudgebenchError(f"{output} is not what {results} gives; `judgebench leaderboard` rebuilds it")
        return f"{output} is what {results} gives"
    write_text(output, text)
    return f"{output}: {len(runs)} runs on {len({scores.benchmark for scores in runs})} benchmarks"


def report(results: Path, output: Path, *, texts: bool = True) -> str:
    """Write one HTML file to look through every run below `results`: scores, charts, items; a line on what is in it.
    Without `texts` it holds no question, no response and no judge's words."""
    from judgebench.report import page

    return page.write(results, output, texts=texts)


def export(form: str, *, results: Path, benchmarks: Sequence[str] = (), judges: Sequence[str] = ()) -> str:
    """The results as `markdown`, `csv`, `latex` or `json`."""
    from judgebench.report import leaderboard as board
    from judgebench.report import tables

    runs, _ = finished(results)
    _require_known("benchmark", benchmarks, {scores.benchmark for scores in runs})
    _require_known("judge", judges, {scores.judge for scores in runs})
    chosen = [
        scores
        for scores in runs
        if scores.benchmark in (benchmarks or (scores.benchmark,)) and scores.judge in (judges or (scores.judge,))
    ]
    forms = {"markdown": tables.as_markdown, "csv": tables.as_csv, "latex": tables.as_latex, "json": tables.as_json}
    return forms[form](board.paper_table(chosen))


def write_text(path: Path, text: str) -> None:
    store.replace(path, text.encode())


def _require_known(kind: str, wanted: Sequence[str], known: set[str]) -> None:
    for name in wanted:
        if name not in known:
            raise UnknownName(f"{kind} with a finished run", name, known)
