"""The HTML: template, style, scripts and data in one file, under a policy that lets no other script or style run."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
import msgspec

from judgebench.report import selection
from judgebench.report.numbers import on_page
from judgebench.report.page import payload
from judgebench.report.page.collect import Bench
from judgebench.score import addresses
from judgebench.score.catalogue import PAIRS
from judgebench.score.figures import FLAGS
from judgebench.score.rules import RULES

_HERE = Path(__file__).parent
_ASSETS, _CHARTS = _HERE / "assets", _HERE / "charts"
SCRIPTS = [
    f"{name}.js" for name in ("dom", "data", "charts", "figures", "card", "overview", "glossary", "browser", "app")
]
"""In the order in which they run: they share one scope."""


def render(benches: Sequence[Bench]) -> str:
    """The same bytes for the same results: no date, no path."""
    prepared = [payload.described(bench, number) for number, bench in enumerate(benches)]
    described = [one for one, _ in prepared]
    library, style = _read(_CHARTS / "charts.min.js"), _read(_ASSETS / "page.css")
    script = "(() => {\n'use strict';\n" + "\n".join(_read(_ASSETS / name) for name in SCRIPTS) + "\n})();\n"
    bundle = json.loads(_read(_CHARTS / "charts.json"))
    data = {
        "benches": described,
        "flags": FLAGS,
        "glossary": payload.glossary(one["kind"] for one in described),
        "layout": payload.layout(),
    }
    return _template().render(
        policy=_POLICY.format(scripts=f"{_hash(library)} {_hash(script)}", styles=f"{_hash(style)} {bundle['style']}"),
        library=library,
        licences=_read(_CHARTS / "LICENSES.txt"),
        script=script,
        style=style,
        data=_json(data),
        packed={name: text for _, packs in prepared for name, text in packs.items()},
        rows=[row for bench, one in zip(benches, described, strict=True) for row in _rows(bench, one)],
        benches=described,
        columns=list(_columns()),
        runs=sum(len(bench.runs) for bench in benches),
        items=sum(len(bench.labels) for bench in benches),
        texts=sum(len(bench.texts) for bench in benches),
    )


_POLICY = (
    "default-src 'none'; script-src {scripts}; style-src {styles}; base-uri 'none'; form-action 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
"""Nothing is loaded, sent or framed; only these scripts and styles run; no string becomes markup."""


def _columns() -> Iterator[dict[str, Any]]:
    """The overview's, of numbers that all benchmarks have."""
    for address in selection.PAGE["overview"]:
        record = addresses.record(address, next(iter(RULES)), PAIRS)
        if record is None:
            raise KeyError(address)
        meaning = "the benchmark's own score, under its own rule" if address == addresses.HEADLINE else record.meaning
        yield {
            "address": address,
            "label": record.title.capitalize(),
            "meaning": meaning,
            "middle": selection.IN_THE_MIDDLE.get(address),
            "bar": address != selection.COVERAGE,
            "person": address in selection.OF_A_PERSON,
        }


def _rows(bench: Bench, described: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The overview's rows: people first, then the judges, best first."""
    columns, scores = selection.PAGE["overview"], payload.people(bench.runs)
    person = {address: on_page(selection.of_a_person(scores, address)) if scores else None for address in columns}
    held_out = scores and addresses.estimate(scores, selection.HELD_OUT)
    if held_out:
        people = {"judge": "people", "kind": "people", "cells": person, "items": held_out.n}
        yield {"bench": bench.id, **people, "rank": None, "better": {}, "person": {}}
    for run, described_run in zip(bench.runs, described["runs"], strict=True):
        yield {
            "bench": bench.id,
            "judge": run.judge,
            "kind": "baseline" if run.is_baseline else "judge",
            "limit": described_run["limit"],
            "warnings": described_run["warnings"],
            "items": run.scores.metrics[selection.AGREEMENT].n or described["items"],
            "cells": {address: on_page(addresses.estimate(run.scores, address)) for address in columns},
            "better": {address: record[2] for address, record in described["records"].items()},
            "rank": described_run["rank"],
            "person": person,
        }


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _json(value: Any) -> str:
    """JSON that no HTML parser mistakes for markup: without `<` no tag and no comment begins in it."""
    return msgspec.json.encode(value).replace(b"<", b"\\u003c").decode()


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def _template() -> jinja2.Template:
    """Everything is escaped, but for what the template itself marks `safe`: our own scripts, style and `_json`."""
    loader, strict = jinja2.FileSystemLoader(_ASSETS), jinja2.StrictUndefined
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=strict, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["segment"] = partial(quote, safe="")
    return environment.get_template("page.html.j2")
