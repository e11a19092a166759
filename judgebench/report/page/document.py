"""The HTML: template, style, scripts and data in one file, under a policy that lets no other script or style run."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
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
SCRIPTS = (
    "dom.js",
    "data.js",
    "charts.js",
    "figures.js",
    "card.js",
    "overview.js",
    "glossary.js",
    "browser.js",
    "app.js",
)
"""In the order in which they run: they share one scope."""


def render(benches: Sequence[Bench]) -> str:
    """The same bytes for the same results: no date, no path."""
    found: list[dict[str, Any]] = []
    packed: dict[str, str] = {}
    for number, bench in enumerate(benches):
        described, names = payload.bench(bench, number)
        found.append(described)
        packed |= names
    library = _read(_CHARTS / "charts.min.js")
    script = "(() => {\n'use strict';\n" + "\n".join(_read(_ASSETS / name) for name in SCRIPTS) + "\n})();\n"
    style = _read(_ASSETS / "page.css")
    bundle = json.loads(_read(_CHARTS / "charts.json"))
    data = {
        "benches": found,
        "flags": FLAGS,
        "glossary": payload.glossary(one["kind"] for one in found),
        "layout": payload.layout(),
    }
    return _template().render(
        policy=_policy([_hash(library), _hash(script)], [_hash(style), bundle["style"]]),
        library=library,
        licences=_read(_CHARTS / "LICENSES.txt"),
        script=script,
        style=style,
        data=_json(data),
        packed=packed,
        rows=[row for bench, described in zip(benches, found, strict=True) for row in _rows(bench, described)],
        benches=found,
        columns=_columns(),
        runs=sum(len(bench.runs) for bench in benches),
        items=sum(len(bench.labels) for bench in benches),
        texts=sum(len(bench.texts) for bench in benches),
    )


def _columns() -> list[dict[str, Any]]:
    """The overview's, of numbers that all benchmarks have."""
    columns = []
    for address in selection.PAGE["overview"]:
        record = addresses.record(address, next(iter(RULES)), PAIRS)
        if record is None:
            raise KeyError(address)
        meaning = "the benchmark's own score, under its own rule" if address == addresses.HEADLINE else record.meaning
        columns.append(
            {
                "address": address,
                "label": record.title.capitalize(),
                "meaning": meaning,
                "middle": selection.IN_THE_MIDDLE.get(address),
                "bar": address != selection.COVERAGE,
                "person": address in selection.OF_A_PERSON,
            }
        )
    return columns


def _rows(bench: Bench, described: dict[str, Any]) -> list[dict[str, Any]]:
    """The overview's rows: people first, then the judges, best first."""
    addresses_shown = selection.PAGE["overview"]
    scores = payload.people(bench.runs)
    person = {
        address: on_page(selection.of_a_person(scores, address)) if scores else None for address in addresses_shown
    }
    rows = []
    for run, shown in zip(bench.runs, described["runs"], strict=True):
        agreement = run.scores.metrics[selection.AGREEMENT]
        rows.append(
            {
                "bench": bench.id,
                "judge": run.judge,
                "kind": "baseline" if run.is_baseline else "judge",
                "limit": shown["limit"],
                "warnings": shown["warnings"],
                "items": agreement.n or described["items"],
                "cells": {address: on_page(addresses.estimate(run.scores, address)) for address in addresses_shown},
                "better": {address: record[2] for address, record in described["records"].items()},
                "rank": shown["rank"],
                "person": person,
            }
        )
    held_out = scores and addresses.estimate(scores, selection.HELD_OUT)
    if not held_out:
        return rows
    people = {
        "judge": "people",
        "kind": "people",
        "cells": person,
        "rank": None,
        "items": held_out.n,
        "better": {},
        "person": {},
    }
    return [{"bench": bench.id, **people}, *rows]


def _policy(scripts: Sequence[str], styles: Sequence[str]) -> str:
    """Nothing is loaded, sent or framed; only these scripts and styles run; no string becomes markup."""
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {' '.join(scripts)}",
            f"style-src {' '.join(styles)}",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ]
    )


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
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_ASSETS),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["segment"] = partial(quote, safe="")
    return environment.get_template("page.html.j2")
