"""The distribution of examples/extension, built, installed and used: one thing of each kind, through the commands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.extensions.conftest import CHECKOUT, EXAMPLE, Say

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("extensions")]

FROM = "judgebench-colours 1.0"
LISTED = {
    "judges": ("judge", {"wordlist:colours", "wordlist:others"}),
    "benchmarks": ("benchmark", {"colours"}),
    "prompts": ("prompt", {"which-colour"}),
    "parsers": ("parser", {"colour-tag"}),
    "rules": ("rule", {"sure"}),
    "metrics": ("metric", {"decisive_rate"}),
}


class Model(BaseHTTPRequestHandler):
    """A server with a model that knows one colour: it names red where it sees it, and else the first word."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["messages"][-1]["content"]
        letter = next(iter(re.findall(r"^([A-Z]): red$", asked, re.MULTILINE)), "A")
        choice = {"index": 0, "message": {"role": "assistant", "content": f"<colour>{letter}</colour>"}}
        answer = json.dumps({"model": "m", "choices": [{**choice, "finish_reason": "stop"}]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        """Nothing on the screen."""


@pytest.fixture
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


def test_ls_lists_each_thing_with_the_distribution_that_it_is_from(example: Path, say: Say) -> None:
    commands = [f"judgebench ls {what} --json" for what in LISTED]
    with_it, without = say((example,), *commands), say((), *commands)
    for (column, expected), both, alone in zip(LISTED.values(), with_it, without, strict=True):
        rows = json.loads(both.out)
        assert {row[column] for row in rows if row["from"] == FROM} == expected
        assert {row["from"] for row in rows} == {FROM, "judgebench"}
        assert json.loads(alone.out) == [row for row in rows if row["from"] != FROM], "the rest is as it was"


def test_its_judge_runs_on_its_benchmark_by_its_rule_and_metric(example: Path, say: Say, tmp_path: Path) -> None:
    right, wrong = "results/colours/wordlist-colours", "results/colours/wordlist-others"
    ran, card, full, refused, compared, board, page = say(
        (example,),
        "judgebench run -b colours -j wordlist:colours -j wordlist:others",
        f"judgebench score {right}",
        f"judgebench score {right} --full",
        f"judgebench compare {right} {wrong} --metric decisive_rate",
        f"judgebench compare {right} {wrong} --metric headline",
        "judgebench leaderboard",
        "judgebench report",
    )
    assert [said.code for said in (ran, card, full, compared, board, page)] == [0] * 6
    assert refused.code == 2
    assert "decisive_rate has no better side" in refused.err
    assert ran.err == ""
    scores = [json.loads((tmp_path / path / "scores.json").read_text(encoding="utf-8")) for path in (right, wrong)]
    assert [found["headline"]["value"] for found in scores] == [1.0, 0.0]
    assert [found["headline"]["rule"] for found in scores] == ["sure", "sure"]
    assert [found["metrics"]["decisive_rate"]["value"] for found in scores] == [1.0, 1.0]
    versions = json.loads((tmp_path / right / "manifest.json").read_text(encoding="utf-8"))["versions"]
    assert set(versions) - {"commit"} == {"judgebench", "judgebench-colours"}
    assert versions["judgebench-colours"] == "1.0"
    assert re.search(r"^Its own score \(sure\) +100\.00", card.out, re.MULTILINE)
    assert re.search(r"^verdicts that decide +100\.00", card.out, re.MULTILINE)
    assert "decisive_rate" in full.out
    assert "share of verdicts that are no tie" in full.out
    assert "wordlist:colours" in compared.out
    assert "| wordlist:colours |" in (tmp_path / "leaderboard.md").read_text(encoding="utf-8")


def test_its_prompt_asks_a_model_and_its_parser_reads_the_answers(example: Path, say: Say, address: str) -> None:
    (ran,) = say((example,), f"judgebench run -b colours -j server:{address}#m -J prompt=which-colour --json")
    assert ran.code == 0, ran.err
    (scores,) = json.loads(ran.out)
    assert scores["coverage"]["share"] == 1.0
    assert scores["metrics"]["agreement"]["value"] == (1 + 7 / 2) / 8, "red always, the others as often as not"
    assert scores["headline"]["n"] == 1, "red alone has the same verdict in both orders"
    assert scores["headline"]["value"] == 1.0
    protocol = scores["manifest"]["protocol"]
    assert (protocol["prompt"], protocol["parser"]) == ("which-colour", "colour-tag")
    assert scores["manifest"]["versions"]["judgebench-colours"] == "1.0"
    assert "extensions" not in scores["manifest"]["provenance"]


def test_a_prompt_of_the_users_own_names_its_parser(example: Path, say: Say, tmp_path: Path, address: str) -> None:
    (tmp_path / "mine.j2").write_text(
        "---\ntitle: mine\ntie: false\nparser: colour-tag\ngeneration: {max_tokens: 16}\n---\n"
        "{% for answer in answers %}\n{{ answer.letter }}: {{ answer.text }}\n{% endfor %}\n",
        encoding="utf-8",
    )
    asked = f"judgebench run -b verifiable --limit 4 -j server:{address}#m -J prompt=mine.j2 --json"
    (ran,) = say((example,), asked)
    (scores,) = json.loads(ran.out)
    assert scores["metrics"]["first_slot_rate"]["value"] == 1.0, "there is nothing red in it"
    assert scores["manifest"]["versions"]["judgebench-colours"] == "1.0", "its parser took part"
    (without,) = say((), asked)
    assert (without.code, without.out) == (2, "")
    assert without.err.startswith("judgebench: no parser named 'colour-tag'; there are: ")


def test_what_is_installed_and_not_used_changes_nothing(example: Path, say: Say, tmp_path: Path) -> None:
    for installed, results in (((example,), "with"), ((), "without")):
        asked = f"judgebench run -b verifiable -j baseline:first --limit 8 --output-dir {results}"
        assert say(installed, asked)[0].code == 0
    folders = [tmp_path / results / "verifiable/baseline-first" for results in ("with", "without")]
    for name in ("manifest.json", "scores.json"):
        texts = {
            re.sub(r'"(started|ended)": "[^"]*"', r'"\1"', (folder / name).read_text(encoding="utf-8"))
            for folder in folders
        }
        assert len(texts) == 1


def test_the_how_to_shows_what_stands_in_the_example() -> None:
    page = (CHECKOUT / "docs/how-to/publish-an-extension.md").read_text(encoding="utf-8")
    files = [path.read_text(encoding="utf-8") for path in EXAMPLE.rglob("*") if path.suffix in (".toml", ".py")]
    blocks = re.findall(r"^```(?:toml|python)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 5
    for block in blocks:
        assert any(block in file for file in files), block


def test_without_the_distribution_its_results_say_what_is_missing(example: Path, say: Say) -> None:
    assert say((example,), "judgebench run -b colours -j wordlist:colours")[0].code == 0
    score, run = say(
        (),
        "judgebench score results/colours/wordlist-colours",
        "judgebench run -b verifiable -j wordlist:colours --limit 2",
    )
    assert (score.code, score.out, run.code, run.out) == (2, "", 2, "")
    assert score.err.startswith("judgebench: no benchmark named 'colours'")
    assert run.err.startswith("judgebench: no kind of judge named 'wordlist'")
