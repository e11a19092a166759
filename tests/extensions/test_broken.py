"""Distributions of which nothing can be used: each thing is one line that names it, where it is used and only there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from judgebench.errors import InputError, UnknownName
from judgebench.score import added
from tests.extensions.conftest import Say, install

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("extensions")]

PROJECT = """
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "judgebench-{package}"
version = "2.0"

[tool.hatch.build.targets.wheel]
packages = ["{package}"]
"""
BROKEN = {
    "judges": {
        name: f"broken.{name}" for name in ("raising", "leaving", "absent", "without_open", "stumbling", "failing")
    },
    "benchmarks": {
        "without-card": "broken",
        "with-odd-card": "broken",
        "without-module": "broken.absent",
        "without-items": "broken",
        "unfit": "broken.unfit",
        "by-number": "broken",
        "with-number": "broken",
        "with-another": "broken",
    },
    "prompts": {"without-file": "broken", "odd": "broken"},
    "parsers": {"number": "broken:NUMBER", "crashing": "broken:crashing", "talking": "broken:talking"},
    "rules": {"number-rule": "broken:NUMBER"},
    "metrics": {"number_metric": "broken:NUMBER", "other_metric": "broken:OTHER"},
}
TAKEN = {
    "judges": {"baseline": "taken", "wordlist": "taken"},
    "benchmarks": {"pandalm": "taken"},
    "prompts": {"pairwise": "taken"},
    "parsers": {"brackets": "taken:NUMBER"},
    "rules": {"agreement": "taken:NUMBER"},
    "metrics": {"coverage": "taken:NUMBER"},
}
CARD = """
id: {name}
title: t
version: "1"
adapter: {adapter}
authors: a
year: 2026
licence: l
commercial_use: allowed
publish_labels: true
homepage: h
citation: c
description: d
label_source: objective
options: {{n: 8, seed: 1}}
items: 8
headline: {{rule: {rule}, gloss: g}}
metrics: [{metrics}]
"""
CARDS = {
    "without-items": {"adapter": "without-items"},
    "unfit": {"adapter": "unfit"},
    "by-number": {"rule": "number-rule"},
    "with-number": {"metrics": "number_metric"},
    "with-another": {"metrics": "other_metric"},
}
FILES = {
    "__init__.py": """
from judgebench.score.added import Added
from judgebench.score.catalogue import Metric
NUMBER = 7
OTHER = Added(Metric(name="other_metric", meaning="m"), {"pairs": lambda pairs: 0.5})
def crashing(answer, asked):
    raise KeyError("verdict")
def talking(answer, asked):
    return "A"
""",
    "raising.py": "raise RuntimeError('no licence\\nwas found')\n",
    "leaving.py": "raise SystemExit(7)\n",
    "without_open.py": "CHOICES = {}\n",
    "stumbling.py": "CHOICES = {'stumbling:x': 'x'}\ndef open(name, options):\n    raise ZeroDivisionError('oh')\n",
    "failing.py": """
CHOICES = {'failing:NUMBER': 'fails at the trial of that number', 'failing:late': 'fails when it has read them all',
           'failing:talking': 'says a word in place of a judgment'}
class Judge:
    needs_texts, protocol, provenance = False, {}, {}
    def __init__(self, name):
        self.name = name
    def judge(self, trials):
        if self.name == 'late' and (every := list(trials)):
            raise MemoryError(len(every))
        for number, trial in enumerate(trials):
            if str(number) == self.name:
                raise LookupError('no line\\nfor it')
            yield 'A' if self.name == 'talking' else trial.answer((1, 0))
def open(name, options):
    return Judge(name)
""",
    "unfit.py": "def items(files, options):\n    yield 1 / 0\n",
    "with-odd-card.yaml": "id: [",
    "odd.j2": "no front matter",
    **{
        f"{name}.yaml": CARD.format_map(
            {"name": name, "adapter": "verifiable", "rule": "net_vote", "metrics": ""} | card
        )
        for name, card in CARDS.items()
    },
}


def installed(package: str, brings: dict[str, dict[str, str]], files: dict[str, str], scratch: Path) -> Path:
    tables = [PROJECT.format(package=package)]
    for group, entries in brings.items():
        lines = [f'{name} = "{value}"' for name, value in entries.items()]
        tables.append("\n".join([f'[project.entry-points."judgebench.{group}"]', *lines, ""]))
    for name, text in {
        "pyproject.toml": "\n".join(tables),
        **{f"{package}/{at}": file for at, file in files.items()},
    }.items():
        (scratch / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        (scratch / "source" / name).write_text(text, encoding="utf-8")
    install(scratch / "source", scratch / "installed", scratch / "wheel")
    return scratch / "installed"


@pytest.fixture(scope="session")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed("broken", BROKEN, FILES, tmp_path_factory.mktemp("broken"))


@pytest.fixture(scope="session")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A distribution all of whose names are those of judgebench, but for one of the example's."""
    return installed("taken", TAKEN, {"__init__.py": "NUMBER = 7\n"}, tmp_path_factory.mktemp("taken"))


BASELINE = "judgebench run -j baseline:first -b"
JUDGE = "judgebench run -b verifiable -j"
SERVER = "judgebench run -b verifiable -j server:http://localhost:1/v1#m -J"
USED = {
    f"{JUDGE} raising:x": "kind of judge 'raising' OF failed: RuntimeError: no licence was found",
    f"{JUDGE} leaving:x": "kind of judge 'leaving' OF failed: SystemExit: 7",
    f"{JUDGE} absent:x": "kind of judge 'absent' OF failed: ModuleNotFoundError: No module named 'broken.absent'",
    f"{JUDGE} without_open:x": "kind of judge 'without_open' OF is not what it must be: "
    "broken.without_open should be a module with a function open(name, options) and CHOICES, the names to type "
    "and what they are",
    f"{JUDGE} stumbling:x": "kind of judge 'stumbling' OF failed: ZeroDivisionError: oh",
    f"{BASELINE} without-card": "benchmark 'without-card' OF lacks its file without-card.yaml beside __init__.py",
    f"{BASELINE} with-odd-card": "benchmark 'with-odd-card' OF has no card that can be read: ...",
    f"{BASELINE} without-module": "benchmark 'without-module' OF cannot be loaded: there is no module "
    "broken.absent with a file",
    f"{BASELINE} without-items": "benchmark 'without-items' OF is not what it must be: broken should be a module with "
    "items(files, options)",
    f"{BASELINE} unfit": "benchmark 'unfit' OF failed: ZeroDivisionError: division by zero",
    f"{BASELINE} by-number": "headline rule 'number-rule' OF is not what it must be: broken:NUMBER should be a "
    "judgebench.score.rules.Rule",
    f"{BASELINE} with-number": "metric 'number_metric' OF is not what it must be: broken:NUMBER "
    "should be a judgebench.score.added.Added whose metric is named 'number_metric'",
    f"{SERVER} prompt=without-file": "prompt 'without-file' OF lacks its file without-file.j2 beside __init__.py",
    f"{SERVER} prompt=odd": "prompt 'odd' OF has no prompt that can be read: ...",
    f"{SERVER} parser=number": "parser 'number' OF is not what it must be: broken:NUMBER should be a function of an "
    "answer and what was asked, which returns judgebench.parsers.Parsed",
}


def test_what_cannot_be_used_is_one_line_that_names_the_distribution(broken: Path, say: Say, tmp_path: Path) -> None:
    for (command, problem), said in zip(USED.items(), say((broken,), *USED), strict=True):
        assert (said.code, said.out) == (1, ""), command
        line = re.escape(problem.replace("OF", "of the distribution judgebench-broken 2.0"))
        assert re.fullmatch(f"judgebench: the {line}\n".replace(r"\.\.\.", ".+"), said.err), said.err
    assert not list(tmp_path.rglob("judgments.jsonl")), "nothing was asked"


FAILED = "the kind of judge 'failing' of the distribution judgebench-broken 2.0"


def test_a_judge_that_fails_is_one_line_and_loses_no_answer(broken: Path, say: Say, tmp_path: Path) -> None:
    again = f"{JUDGE} failing:5"
    said = say((broken,), again, again)
    (file,) = tmp_path.rglob("judgments.jsonl")
    answers = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [each["order"] for each in answers] == [[0, 1], [1, 0]] * 5, "five of each command"
    item = answers[4]["item"]  # in its other order the first command stopped, and the second went on
    shown = f"{FAILED} failed, as failing:5 was shown item"
    assert said[0] == (1, "", f"judgebench: {shown} {item!r} in order BA: LookupError: no line for it\n")
    assert (said[1].code, said[1].out) == (1, "")
    assert re.fullmatch(f"judgebench: {shown} '.*' in order AB: LookupError: no line for it\n", said[1].err)


@pytest.mark.parametrize("verbose", ["judgebench -v run", "judgebench run -v"])
def test_verbose_shows_where_it_failed(broken: Path, say: Say, verbose: str) -> None:
    (said,) = say((broken,), f"{verbose} -b verifiable -j failing:0")
    first, *lines = said.err.splitlines()
    assert (said.code, said.out, first) == (1, "", "Traceback (most recent call last):")
    assert any("failing.py" in line for line in lines)
    assert lines[-1].startswith(
        f"judgebench: {FAILED} failed, as failing:0 was shown item 'arithmetic-000' in order AB"
    )


def test_a_judge_that_fails_in_other_ways(broken: Path, say: Say) -> None:
    late, talking = say((broken,), f"{JUDGE} failing:late -B n=4", f"{JUDGE} failing:talking -B n=4")
    place = "item '.*' in order BA, the last of 8 under way"
    assert re.fullmatch(f"judgebench: {FAILED} failed, as failing:late was shown {place}: MemoryError: 8\n", late.err)
    assert talking.err == (
        f"judgebench: {FAILED} gave 'A', which is no Judgment, as failing:talking was shown item 'arithmetic-000' in "
        "order AB\n"
    )
    assert late.code == talking.code == 1


def test_a_metric_that_gives_no_estimate_loses_no_answer(broken: Path, say: Say, tmp_path: Path) -> None:
    """That cannot be known before there are answers."""
    (said,) = say((broken,), f"{BASELINE} with-another")
    assert (said.code, said.out) == (1, "")
    assert said.err == (
        "judgebench: the metric 'other_metric' of the distribution judgebench-broken 2.0 returned "
        "0.5, which is no Estimate of that name\n"
    )
    (answers,) = tmp_path.rglob("judgments.jsonl")
    assert len(answers.read_text(encoding="utf-8").splitlines()) == 16


def test_a_parser_that_breaks_its_promise_stops_the_run(broken: Path) -> None:
    """An answer that it cannot read is another matter: that has no scores, and a reason."""
    script = (
        "from judgebench import parsers\n"
        "for name in ('crashing', 'talking'):\n"
        "    try:\n        parsers.parse(name, 'A', parsers.Asked())\n"
        "    except Exception as error:\n        print(type(error).__name__, error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(broken)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    of = "of the distribution judgebench-broken 2.0"
    assert done.stdout.splitlines() == [
        f"ExtensionError the parser 'crashing' {of} failed: KeyError: 'verdict'",
        f"ExtensionError the parser 'talking' {of} returned 'A', which is no Parsed with 2 scores or none",
    ]


def test_two_of_one_name_are_refused_with_both_named(taken: Path, example: Path, say: Say) -> None:
    ours, theirs, third = "judgebench itself", "judgebench-taken 2.0", "judgebench-colours 1.0"
    clashes = {
        f"{BASELINE} verifiable": ("kind of judge", "baseline", ours, theirs),
        f"{JUDGE} wordlist:colours": ("kind of judge", "wordlist", third, theirs),
        "judgebench data items pandalm": ("benchmark", "pandalm", ours, theirs),
        f"{SERVER} prompt=pairwise": ("prompt", "pairwise", ours, theirs),
        f"{SERVER} prompt=pairwise-cot -J parser=brackets": ("parser", "brackets", ours, theirs),
    }
    for said, (kind, name, one, other) in zip(say((taken, example), *clashes), clashes.values(), strict=True):
        assert (said.code, said.out) == (1, "")
        assert said.err.startswith(f"judgebench: more than one {kind} is named {name!r}: of ")
        assert said.err.endswith("; one must go\n")
        assert one in said.err
        assert other in said.err


def test_what_does_not_need_it_goes_on(broken: Path, taken: Path, say: Say, tmp_path: Path) -> None:
    (tmp_path / "verdicts.csv").write_text(
        "item,order,verdict\narithmetic-000,AB,A\narithmetic-000,BA,A\n", encoding="utf-8"
    )
    said = say(
        (broken, taken),
        "judgebench --help",
        "judgebench data items verifiable --limit 1",
        "judgebench data verify verifiable",
        "judgebench import -b verifiable -j mine verdicts.csv",
        "judgebench score results/verifiable/mine",
    )
    assert [(each.code, each.err) for each in said] == [(0, "")] * 5


def test_ls_lists_the_rest_and_names_what_is_left_out(broken: Path, taken: Path, say: Say) -> None:
    whats = {
        "judges": ("local:MODEL", {"raising", "leaving", "absent", "without_open", "baseline", "wordlist"}),
        "benchmarks": ("llmbar", {"without-card", "with-odd-card", "without-module", "pandalm"}),
        "prompts": ("pairwise-cot", {"without-file", "odd", "pairwise"}),
        "parsers": ("two-scores", {"number", "brackets"}),
        "rules": ("net_vote", {"number-rule", "agreement"}),
        "metrics": ("cohen_kappa", {"number_metric", "coverage"}),
    }
    commands = [f"judgebench ls {what} --json" for what in whats]
    for said, (kept, left_out) in zip(say((broken, taken), *commands), whats.values(), strict=True):
        assert said.code == 0
        names = [next(iter(row.values())) for row in json.loads(said.out)]
        assert kept in names
        lines = said.err.splitlines()
        assert len(lines) == len(left_out)
        for name in left_out:
            (line,) = [line for line in lines if f"'{name}'" in line]
            assert re.search(r"judgebench-(broken|taken) 2\.0", line)


def test_a_card_names_the_metrics_of_others_only() -> None:
    with pytest.raises(InputError, match="coverage is a metric of judgebench's own, which no card need name"):
        added.added("coverage")
    with pytest.raises(UnknownName, match="no metric named 'coverege'"):
        added.added("coverege")
