"""Where it shows output the README is a build product: `make golden` writes those blocks, this test compares them."""

from __future__ import annotations

import contextlib
import re
import shlex
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
import pytest

from judgebench import api, resources
from judgebench.cli import cli
from judgebench.report import card, datasheet, listings, tables

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
FOR_A_MACHINE = ("data", "from")
"""The columns of `judgebench ls` that depend on where it runs."""


def blocks() -> dict[str, str]:
    scores = api.rescore(ROOT / "results" / "pandalm" / "gpt-3.5-turbo")
    return {
        "card": f"```\n{card.render(card.of(scores, resources.card(scores.benchmark)))}```\n",
        "benchmarks": tables.as_markdown(_without(_benchmarks(), FOR_A_MACHINE)),
        "own": _own(README.read_text(encoding="utf-8")),
        "judges": tables.as_markdown(_without(_kinds(listings.registry("judges", print)), FOR_A_MACHINE)),
    }


def _own(readme: str) -> str:
    """The datasheet of the file that the README shows."""
    content = re.search(r"^```csv\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    assert content is not None
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path("replies.csv").write_text(content[1], encoding="utf-8")
        said: list[str] = []
        sheet = datasheet.render(api.datasheet("replies.csv", announce=said.append))
    return "```console\n$ judgebench data check replies.csv\n" + "\n".join(said) + f"\n{sheet}```\n"


def _kinds(table: tables.Table) -> tables.Table:
    """The kinds, written with what to fill in (`local:MODEL`), and the baselines: not every model that has a name."""
    rows = [row for row in table.rows if str(row[0]).startswith("baseline:") or any(map(str.isupper, str(row[0])))]
    return replace(table, rows=rows)


def _benchmarks() -> tables.Table:
    """With the licences cut short."""
    table = listings.benchmarks((), print)
    licence = table.columns.index("licence")
    rows = [[*row[:licence], listings.short(str(row[licence]), 60), *row[licence + 1 :]] for row in table.rows]
    return replace(table, rows=rows)


def _without(table: tables.Table, columns: Sequence[str]) -> tables.Table:
    kept = [i for i, name in enumerate(table.columns) if name not in columns]
    return replace(table, columns=[table.columns[i] for i in kept], rows=[[row[i] for i in kept] for row in table.rows])


@pytest.mark.parametrize("name", ["card", "own", "benchmarks", "judges"])
def test_a_block_is_what_the_tool_says(name: str, request: pytest.FixtureRequest) -> None:
    text = README.read_text(encoding="utf-8")
    opened, closed = f"<!-- {name} -->\n", f"<!-- /{name} -->\n"
    before, _, rest = text.partition(opened)
    shown, _, after = rest.partition(closed)
    assert opened in text, f"README.md has no block {name}"
    assert closed in text, f"README.md does not close its block {name}"
    if request.config.getoption("--update-golden"):
        README.write_text(before + opened + blocks()[name] + closed + after, encoding="utf-8")
    else:
        assert shown == blocks()[name]


def test_every_command_in_the_documents_exists() -> None:
    """Verb and options, of every line that begins with `judgebench` in a code block or between backticks."""
    seen = 0
    shown = re.compile(r"(?:^ *(?:\$ )?|`)judgebench ([a-z][^`\n#|]*)", re.MULTILINE)
    pages = [page for page in (ROOT / "docs").glob("*/*.md") if page.parent.name != "reference"]
    for path in (README, ROOT / "CONTRIBUTING.md", *pages):
        for line in shown.findall(path.read_text(encoding="utf-8")):
            words = shlex.split(line)
            command: click.Command = cli
            while isinstance(command, click.Group) and words:
                assert words[0] in command.commands, f"{path.name}: judgebench {line}"
                command = command.commands[words.pop(0)]
            known = {name for option in command.params for name in (*option.opts, *option.secondary_opts)} | {"--help"}
            for word in words:
                if word.startswith("-"):
                    assert word.partition("=")[0] in known, f"{path.name}: judgebench {line}"
            seen += 1
    assert seen > 10
