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

from judgebench.report.page import numbers, packs, payload
from judgebench.report.page.collect import Bench

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
    data = {"benches": found, "flags": packs.FLAGS, "glossary": payload.meanings(one["kind"] for one in found)}
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
        runs=sum(len(bench.runs) for bench in benches),
        items=sum(len(bench.labels) for bench in benches),
        texts=sum(len(bench.texts) for bench in benches),
    )


def _rows(bench: Bench, described: dict[str, Any]) -> list[dict[str, Any]]:
    """The overview's rows: people first, then the judges, best first."""
    scores = payload.people(bench.runs)
    people = numbers.table(scores.human) if scores else {}
    held_out = people.get("human_leave_one_out")
    rows = [
        {
            "bench": bench.id,
            "judge": run["judge"],
            "kind": "baseline" if run["baseline"] else "judge",
            "limit": run["limit"],
            "warnings": run["warnings"],
            "items": run["metrics"]["agreement"][6] or described["items"],
            "cells": {
                "score": run["headline"],
                "agreement": run["metrics"]["agreement"],
                "people": run["human"].get("judge_leave_one_out"),
                "consistency": run["metrics"]["consistency"],
                "first_slot": run["metrics"]["first_slot_rate"],
                "coverage": run["metrics"]["coverage"],
            },
            "rank": run["rank"],
            "held_out": held_out,
        }
        for run in described["runs"]
    ]
    if held_out is None:
        return rows
    cells = {"score": scores and numbers.shown(payload.people_score(scores)), "people": held_out}
    person = {
        "bench": bench.id,
        "judge": "people",
        "kind": "people",
        "cells": cells,
        "rank": None,
        "items": held_out[6],
    }
    return [person, *rows]


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
