"""The command line as its users meet it: an error is one line with the choices, and its exit code says whose it is."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import re
import resource
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import pytest

from judgebench import resources, store
from judgebench.cli import cli, main
from judgebench.models.server import check_address

PROGRAM = [sys.executable, "-m", "judgebench"]
SMALL = ("-b", "verifiable", "-B", "n=8")
FOLDER = "verifiable[n=8]"


class Said:
    """What a command printed, and its exit code."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def complaint(self) -> str:
        """The one line of an error, less the program's name."""
        assert self.out == ""
        assert self.err.startswith("judgebench: ")
        assert self.err.count("\n") == 1
        assert self.err.endswith("\n")
        return self.err.removeprefix("judgebench: ").rstrip("\n")


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Run a command in an empty folder, in this process."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str | Path) -> Said:
        with pytest.raises(SystemExit) as stop:
            main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        assert isinstance(stop.value.code, int)
        return Said(stop.value.code, printed.out, printed.err)

    return run


def start(arguments: Sequence[str | Path], **settings: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*PROGRAM, *map(str, arguments)],
        **{
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "encoding": "utf-8",
            **settings,
        },
    )


def wait_until(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert process.poll() is None, "it ended before it was caught"
        assert time.monotonic() < end, "it never came so far"
        time.sleep(0.0005)


# --------------------------------------------------------------------------------------------------- wrong commands

KINDS = "no kind of judge named 'basline' (did you mean baseline:?); there are: api:, baseline:, "
BASELINES = "there are: first, longest, random, second, shortest, tie"
FIRST = ("-j", "baseline:first")

WRONG: dict[str, tuple[Sequence[str], str]] = {
    "mistyped command": (["rnu"], "no command named 'rnu' (did you mean run?); there are: "),
    "mistyped command of data": (["data", "fecth"], "(did you mean fetch?); there are: check, fetch, items"),
    "mistyped flag": (["run", *FIRST, "--limt", "3"], "--limit-seed"),
    "no judge": (["run"], "Missing option '-j' / '--judge'"),
    "benchmark": (["run", *FIRST, "-b", "padalm"], "no benchmark named 'padalm' (did you mean pandalm?); there are: "),
    "one of two benchmarks": (["run", *FIRST, "-b", "verifiable,padalm"], "no benchmark named 'padalm'"),
    "benchmark with a path": (["run", *FIRST, "-b", "../benchmarks/pandalm"], "no benchmark named '../"),
    "kind of judge": (["run", "-j", "basline:first"], KINDS),
    "judge without a name": (["run", "-j", "baseline:"], "a judge is named kind:name, as in baseline:longest"),
    "baseline": (["run", "-j", "baseline:frist"], f"no baseline named 'frist' (did you mean first?); {BASELINES}"),
    "judge's option": (["run", *FIRST, "-J", "seed=1"], "no option of baseline:first named 'seed'; there are: none"),
    "judge's option without =": (["run", *FIRST, "-J", "seed"], "options are given as key=value, not 'seed'"),
    "benchmark's option without =": (["run", *FIRST, "-B", "n"], "options are given as key=value, not 'n'"),
    "benchmark's option": (["run", *FIRST, "-B", "size=8"], "no option of verifiable named 'size'; there are: n, seed"),
    "benchmark's option's value": (["run", *FIRST, "-B", "n=many"], "n is a whole number from 1, not 'many'"),
    "an option where there are none": (["run", *FIRST, "-b", "pandalm", "-B", "n=8"], "named 'n'; there are: none"),
    "seed": (["run", "-j", "baseline:random", "--seed", "1.5"], "'--seed': '1.5' is not a valid integer"),
    "huge seed": (["run", "-j", "baseline:random", "--seed", "9" * 30], "baseline:random: seed is a whole number"),
    "negative limit": (["run", *FIRST, "--limit", "-1"], "a whole number from 1, or first: and one, as in first:100"),
    "limit of nothing": (["run", *FIRST, "--limit", "0"], "a whole number from 1, or first: and one, as in first:100"),
    "no samples": (["run", *FIRST, "--samples", "0"], "Invalid value for '--samples'"),
    "swap": (["run", *FIRST, "--swap", "never"], "Invalid value for '--swap': it is both or single, not 'never'"),
    "coverage": (["run", *FIRST, "--min-coverage", "95"], "'--min-coverage': it is a number from 0 to 1, not '95'"),
    "cost": (["run", *FIRST, "--cost-limit", "-1"], "Invalid value for '--cost-limit'"),
    "missing recording": (["run", "-j", "replay:nowhere.csv"], "replay:nowhere.csv: there is no such file"),
    "listing": (["ls", "benchmark"], "'benchmark' is not one of 'benchmarks', 'judges', 'prompts', 'parsers', 'rules'"),
    "format": (["export", "--format", "pdf"], "'pdf' is not one of 'markdown', 'latex', 'html', 'csv'"),
    "items of what": (["data", "items"], "Missing argument 'NAME'"),
    "items": (["data", "items", "padalm"], "no benchmark named 'padalm' (did you mean pandalm?)"),
    "fetch": (["data", "fetch", "padalm"], "no benchmark named 'padalm' (did you mean pandalm?)"),
    "verify": (["data", "verify", "padalm"], "no benchmark named 'padalm' (did you mean pandalm?)"),
    "import of nothing": (["import", "-b", "verifiable", "-j", "me"], "name the files to import, or --published"),
    "import of both": (["import", "-b", "verifiable", "--published", "x.csv"], "name the files to import, or --p"),
    "import for nobody": (["import", "-b", "verifiable", "x.csv"], "--judge is missing"),
    "import of a missing file": (["import", "-b", "verifiable", "-j", "me", "x.csv"], "x.csv: there is no such file"),
    "import for no benchmark": (["import", "-b", "padalm", "-j", "me", "x.csv"], "no benchmark named 'padalm'"),
    "score of what is no run": (["score", "."], ". is not a run: it has no manifest.json"),
    "score of nothing": (["score"], "results holds no runs; `judgebench run` or `judgebench import` makes them"),
    "retry of what is no run": (["retry", "nowhere"], "nowhere is not a run: it has no manifest.json"),
    "export of nothing": (["export"], "results holds no runs"),
    "leaderboard of nothing": (["leaderboard"], "results holds no runs"),
}  # fmt: skip


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=WRONG)
def test_wrong_usage_is_one_line_and_exit_code_2(
    say: Callable[..., Said], tmp_path: Path, arguments: list[str], message: str
) -> None:
    said = say(*arguments)
    assert message in said.complaint
    assert said.code == 2
    assert list(tmp_path.iterdir()) == [], "nothing is written before everything is checked"


def test_a_benchmark_whose_files_are_not_here_says_how_to_get_them(say: Callable[..., Said]) -> None:
    said = say("run", "--offline", *FIRST, "-b", "pandalm")
    assert said.code == 2
    assert "pandalm: testset-v1.json is not on this machine, and JUDGEBENCH_OFFLINE=1 forbids" in said.complaint
    assert "set JUDGEBENCH_MIRROR to a folder that holds pandalm/testset-v1.json" in said.err
    said = say("data", "verify", "pandalm")
    assert "`judgebench data fetch pandalm` downloads it, or set JUDGEBENCH_MIRROR to a folder" in said.complaint


@pytest.mark.parametrize("arguments", [[], ["data"]])
def test_no_command_shows_the_help(say: Callable[..., Said], arguments: list[str]) -> None:
    said = say(*arguments)
    assert "Usage: " in said.out + said.err
    assert "Commands:\n" in said.out + said.err
    assert said.code in {0, 2}


def test_a_recording_that_is_broken_is_named_by_row(say: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / "v.jsonl").write_text('{"item": "q", "verdict": "A"}\n{"item": "q", "verdict": \n', encoding="utf-8")
    for arguments in (["run", "-j", "replay:v.jsonl"], ["import", *SMALL[:2], "-j", "me", "v.jsonl"]):
        said = say(*arguments)
        assert said.complaint.startswith("v.jsonl, row 2: not JSON: ")
        assert said.code == 2


def test_a_recording_of_something_else(say: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text("item,verdict\nnobody knows,A\n", encoding="utf-8")
    said = say("import", "-b", "verifiable", "-j", "me", "v.csv")
    assert "nothing there fits verifiable: v.csv, row 2: there is no item 'nobody knows'" in said.complaint
    assert said.code == 2
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize(("place", "reason"), [("file/below", "Not a directory"), ("/proc/nowhere", "No such file")])
def test_a_folder_that_cannot_be_written(say: Callable[..., Said], tmp_path: Path, place: str, reason: str) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    said = say("run", *FIRST, *SMALL, "--output-dir", place)
    assert place in said.complaint
    assert reason in said.complaint
    assert said.code == 1


def test_a_file_that_cannot_be_written(say: Callable[..., Said]) -> None:
    assert say("run", *FIRST, *SMALL).code == 0
    for command in (["export"], ["leaderboard"]):
        said = say(*command, "-o", "/proc/nowhere/table.md")
        assert "/proc/nowhere/table.md" in said.complaint
        assert said.code == 1


def test_a_damaged_run_is_named_by_row(say: Callable[..., Said], tmp_path: Path) -> None:
    assert say("run", *FIRST, *SMALL).code == 0
    folder = store.run_folder(Path("results"), FOLDER, "baseline:first")
    path = folder / "judgments.jsonl"
    path.write_bytes(b"oh dear\n" + path.read_bytes())
    for arguments in (["run", *FIRST, *SMALL], ["score"], ["score", "--check"], ["leaderboard"]):
        said = say(*arguments)
        if arguments != ["leaderboard"]:  # which reads the scores
            assert said.complaint.startswith(f"{path}, row 1: ")
            assert said.code == 1


@pytest.mark.parametrize("name", ["manifest.json", "judgments.jsonl", "../items.jsonl"])
@pytest.mark.parametrize(
    "damage", [b"oh dear\n", b"\xff\n", b"{}\n", b"[" * 100_000 + b"\n"], ids=["text", "byte", "empty", "deep"]
)
def test_no_verb_stumbles_over_a_damaged_file(say: Callable[..., Said], name: str, damage: bytes) -> None:
    assert say("run", *FIRST, *SMALL).code == 0
    folder = store.run_folder(Path("results"), FOLDER, "baseline:first")
    path = (Path.cwd() / folder / name).resolve()
    path.write_bytes(damage + path.read_bytes())
    verbs = [["run", *FIRST, *SMALL], ["score"], ["score", folder], ["score", "--check"], ["leaderboard"], ["export"]]
    for verb in (*verbs, ["retry", folder], ["ls", "runs"]):
        said = say(*verb)
        if verb[0] in {"ls", "retry"}:  # which may be content with less than all files
            assert said.code in {0, 1, 2}
            assert said.err.count("\n") <= 1
        else:
            assert path.name in said.complaint
            assert said.code in {1, 2}


def test_importing_from_two_places(say: Callable[..., Said], tmp_path: Path) -> None:
    """One path from here, one from the root: they have no folder in common as written."""
    (tmp_path / "a.csv").write_text("item,verdict\narithmetic-000,A\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("item,verdict\ndates-000,B\nnobody,A\n", encoding="utf-8")
    said = say("import", "-b", "verifiable", "-j", "me", "a.csv", tmp_path / "b.csv")
    assert said.code == 0
    assert said.out.startswith("me: verifiable: ")
    assert said.err == f"  not matched: {tmp_path / 'b.csv'}, row 3: there is no item 'nobody'\n"
    folder = store.run_folder(Path("results"), "verifiable", "me")
    assert [judgment.item for judgment in store.read_judgments(folder)] == ["arithmetic-000", "dates-000"]
    assert sorted(store.read_manifest(folder).provenance["files"]) == ["a.csv", "b.csv"]
    before = (folder / "judgments.jsonl").read_bytes()
    assert say("import", "-b", "verifiable", "-j", "me", "a.csv", tmp_path / "b.csv").code == 0
    assert (folder / "judgments.jsonl").read_bytes() == before, "the same import again adds nothing"
    said = say("import", "-b", "verifiable", "-j", "me", "a.csv")
    assert "holds answers to another question: its protocol is {'recorded': " in said.complaint
    assert said.code == 2
    (tmp_path / "c.csv").write_text("item,verdict\narithmetic-000,B\n", encoding="utf-8")
    said = say("import", "-b", "verifiable", "-j", "you", "a.csv", "c.csv")
    assert said.complaint == "c.csv, row 2: item 'arithmetic-000' is judged in another of the files already"


def test_answers_to_another_question_are_refused(say: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text("item,verdict\narithmetic-000,A\n", encoding="utf-8")
    arguments = ["run", "-j", "replay:v.csv", *SMALL, "--min-coverage", "0"]
    assert say(*arguments).code == 0
    folder = tmp_path / "results" / store.slug(FOLDER)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    (tmp_path / "v.csv").write_text("item,verdict\narithmetic-000,B\n", encoding="utf-8")
    said = say(*arguments)
    assert "holds answers to another question: its protocol is {'recording': " in said.complaint
    assert said.code == 2

    labels = folder / "items.jsonl"
    labels.write_bytes(labels.read_bytes().replace(b'"gold":[[1.0,0.0]]', b'"gold":[[0.0,1.0]]'))
    said = say("run", *FIRST, *SMALL)
    assert f"{labels.relative_to(tmp_path)} holds other items than {FOLDER}" in said.complaint
    assert said.code == 2
    labels.write_bytes(before[labels])
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


# ------------------------------------------------------------------------------------------------------- exit codes


def test_exit_code_3_below_coverage(say: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text("item,order,verdict\narithmetic-000,AB,A\narithmetic-000,BA,A\n", encoding="utf-8")
    arguments = ["run", "-j", "replay:v.csv", *SMALL]
    said = say(*arguments)
    assert said.code == 3
    assert said.err == (
        f"judgebench: replay:v.csv on {FOLDER}: 12.5% of the trials have a verdict, less than --min-coverage 95% "
        "(14 failed)\n"
    )
    assert said.out, "the scores are printed all the same"
    assert say(*arguments, "--min-coverage", "0.125").code == 0


def test_limits_and_orders_widen(say: Callable[..., Said]) -> None:
    def answered() -> int:
        return len(store.read_judgments(store.run_folder(Path("results"), FOLDER, "baseline:first")))

    for more, expected in [
        (["--limit", "2", "--swap", "single"], 2),
        (["--limit", "3"], 6),
        (["--limit", "3"], 6),
        ([], 16),
        (["--samples", "2"], 32),
    ]:
        assert say("run", *FIRST, *SMALL, *more).code == 0
        assert answered() == expected


def test_a_dry_run_writes_nothing(say: Callable[..., Said], tmp_path: Path) -> None:
    said = say("run", *FIRST, "-j", "baseline:tie", *SMALL, "--dry-run")
    assert (said.code, said.err) == (0, "")
    assert [line.split(":")[0] for line in said.out.splitlines()] == ["baseline", "baseline"]
    assert said.out.count("16 of 16 trials to ask") == 2
    assert list(tmp_path.iterdir()) == []
    assert say("run", *FIRST, *SMALL).code == 0
    assert "0 of 16 trials to ask" in say("run", *FIRST, *SMALL, "--dry-run").out


def test_retry_asks_failures_again(say: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text("item,order,verdict\narithmetic-000,AB,A\n", encoding="utf-8")
    assert say("run", "-j", "replay:v.csv", *SMALL).code == 3
    run = store.run_folder(Path("results"), FOLDER, "replay:v.csv")
    said = say("retry", run, "--min-coverage", "0")
    assert said.out == f"{run}: 15 trials asked again, 0 healed\n"
    assert said.code == 0
    attempts = sorted(judgment.attempt for judgment in store.read_judgments(run))
    assert attempts == [0] + [1] * 15


def test_retry_runs_no_code_that_a_folder_brings_along(say: Callable[..., Said], tmp_path: Path) -> None:
    assert say("run", *FIRST, *SMALL).code == 0
    run = store.run_folder(Path("results"), FOLDER, "baseline:first")
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8")) | {
        "judge": {"kind": "local", "model": "nobody/nothing"}
    }
    for option in ("trust_remote_code", "pickle"):
        changed = manifest | {"settings": {option: "yes"}}
        (run / "manifest.json").write_text(json.dumps(changed), encoding="utf-8")
        said = say("retry", run)
        assert said.code == 2
        assert f"this run had {option}=yes, which a folder may not choose: add -J {option}=..." in said.err


# --------------------------------------------------------------------------------------------------- help and output


def commands(group: click.Group = cli, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


ALL = dict(commands())


def test_the_commands_are_those_of_the_design() -> None:
    assert {name[0] for name in ALL} >= {"run", "ls", "data", "import", "score", "retry", "leaderboard", "export"}


@pytest.mark.parametrize("name", ALL, ids=" ".join)
def test_every_command_and_flag_has_help(say: Callable[..., Said], name: tuple[str, ...]) -> None:
    said = say(*name, "--help")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("Usage: ")
    assert ALL[name].help
    for option in ALL[name].params:
        if isinstance(option, click.Option):
            assert option.help or isinstance(option.type, click.Choice) or option.show_default, option.opts
            assert max(option.opts, key=len) in said.out
    assert say(*name, "-h").out == said.out


def test_the_version(say: Callable[..., Said]) -> None:
    from judgebench import __version__

    assert __version__ in say("--version").out


def test_json_can_be_read_by_programs(say: Callable[..., Said]) -> None:
    said = say("run", *FIRST, "-j", "baseline:longest", *SMALL, "--json")
    assert (said.code, said.err) == (0, "")
    scores = json.loads(said.out)
    assert [one["judge"] for one in scores] == ["baseline:first", "baseline:longest"]
    for one in scores:
        assert {
            "format",
            "benchmark",
            "judge",
            "manifest",
            "headline",
            "metrics",
            "subsets",
            "human",
            "coverage",
            "warnings",
        } == set(one)
        assert one["metrics"]["agreement"]["value"] == 0.5, "a balanced benchmark tells a blind judge nothing"
        assert one["coverage"]["share"] == 1
    assert json.loads(say("score", "--json").out) == scores
    for what in ("benchmarks", "judges", "runs", "anchors"):
        listing = say("ls", what, "--json")
        assert (listing.code, listing.err) == (0, "")
        assert json.loads(listing.out), what
    assert {row["benchmark"] for row in json.loads(say("ls", "--json").out)} == set(resources.benchmarks())
    assert len(json.loads(say("ls", "runs", "--json").out)) == 2
    assert len(json.loads(say("export", "--json").out)) >= 2
    items = [json.loads(line) for line in say("data", "items", "verifiable", "--limit", "3").out.splitlines()]
    assert [item["id"] for item in items] == ["arithmetic-000", "dates-000", "clocks-000"]


def test_tables_for_people(say: Callable[..., Said]) -> None:
    assert say("run", *FIRST, "-j", "baseline:random", *SMALL).code == 0
    for what in ("benchmarks", "judges", "runs", "anchors"):
        listing = say("ls", what)
        assert (listing.code, listing.err) == (0, "")
        assert listing.out.count("\n") >= 2
    assert "random" in say("ls", "runs").out
    table = list(csv.DictReader(io.StringIO(say("export", "--format", "csv").out)))
    assert {row["judge"] for row in table} == {"baseline:first", "baseline:random"}
    assert all(float(row["low"]) <= float(row["value"]) <= float(row["high"]) for row in table if row.get("high"))
    assert "baseline:first" in say("export", "--format", "markdown").out
    assert r"\begin{tabular}" in say("export", "--format", "latex").out
    only = say("export", "--format", "csv", "-j", "baseline:first").out
    assert "baseline:first" in only
    assert "baseline:random" not in only
    assert say("export", "--format", "latex", "-o", "table.tex").out == ""
    assert Path("table.tex").read_text(encoding="utf-8") == say("export", "--format", "latex").out
    assert (
        "named 'baseline:frist' (did you mean baseline:first?); there are: "
        in say("export", "-j", "baseline:frist").complaint
    )


def test_scores_and_leaderboard_are_checked(say: Callable[..., Said]) -> None:
    """--check is what continuous integration asks: are the derived files what their sources give?"""
    assert say("run", *FIRST, "-b", "verifiable").code == 0
    assert say("leaderboard").code == 0
    board = Path("leaderboard.md").read_bytes()
    assert b"verifiable" in board
    assert say("score", "--check").code == 0
    assert say("leaderboard", "--check").code == 0

    path = store.run_folder(Path("results"), "verifiable", "baseline:first") / "scores.json"
    honest = path.read_bytes()
    path.write_bytes(honest.replace(b'"value": 0.5', b'"value": 0.9'))
    assert path.read_bytes() != honest
    said = say("score", "--check")
    assert str(path) in said.complaint
    assert said.code in {1, 2}
    assert path.read_bytes() != honest, "--check changes nothing"
    assert say("score").code == 0
    assert path.read_bytes() == honest

    Path("leaderboard.md").write_bytes(board + b"\n| me | 100.0 |\n")
    said = say("leaderboard", "--check")
    assert "leaderboard.md" in said.complaint
    assert said.code == 1
    assert say("leaderboard").code == 0
    assert Path("leaderboard.md").read_bytes() == board, "the same results give the same bytes"


def test_limited_runs_stay_off_the_leaderboard(say: Callable[..., Said]) -> None:
    assert say("run", "-j", "baseline:tie", "-b", "verifiable").code == 0
    assert say("run", "-j", "baseline:second", "-b", "verifiable", "--limit", "5").code == 0
    assert say("leaderboard").code == 0
    board = Path("leaderboard.md").read_text(encoding="utf-8")
    assert "baseline:tie" in board
    assert "baseline:second" not in board


# ------------------------------------------------------------------------------------------------- as a real process


def test_help_is_quick_and_imports_nothing_heavy() -> None:
    heavy = ("numpy", "scipy", "pandas", "litellm", "datasets", "sklearn", "pyarrow", "torch", "requests", "yaml")
    program = (
        "import sys\nfrom judgebench.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        f"print([name for name in {heavy} if name in sys.modules], file=sys.stderr)"
    )
    checked = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True)
    assert "Usage: " in checked.stdout
    assert checked.stderr == "[]\n"
    seconds = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([*PROGRAM, "--help"], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        # Of the processor, not of the clock, which would also time the tests beside this one.
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(seconds) < 0.3


def test_a_run_of_baselines_imports_no_client_of_any_model(tmp_path: Path) -> None:
    """litellm takes seconds and calls home; datasets and pandas are for other benchmarks."""
    program = (
        "import sys\nfrom judgebench.cli import main\n"
        f"try: main({['run', *FIRST, *SMALL, '--output-dir', str(tmp_path)]})\n"
        "except SystemExit as stop: assert stop.code == 0\n"
        "print([name for name in ('litellm', 'datasets', 'pandas', 'torch') if name in sys.modules], file=sys.stderr)"
    )
    checked = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True)
    assert checked.stderr == "[]\n"


LONG = ("run", "-j", "baseline:random", "-b", "verifiable", "-B", "n=24", "--samples", "2000", "--output-dir")
LONG_RUN = ("verifiable[n=24]", "baseline:random")
TRIALS = 24 * 2 * 2000


def test_without_a_name_the_core_benchmarks_are_run_as_far_as_they_can_be_had(
    say: Callable[..., Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two are put at hand: one whole, one as labels alone, which a judge that reads cannot judge."""
    monkeypatch.setenv("JUDGEBENCH_OFFLINE", "1")
    monkeypatch.setenv("JUDGEBENCH_MIRROR", "")
    monkeypatch.setenv("JUDGEBENCH_CACHE", str(tmp_path / "cache"))
    labels = Path(__file__).parent.parent / "results/pandalm/items.jsonl"
    (tmp_path / "r/pandalm").mkdir(parents=True)
    (tmp_path / "r/pandalm/items.jsonl").write_bytes(labels.read_bytes())
    said = say(
        "run",
        "-j",
        "baseline:first",
        "-j",
        "server:http://127.0.0.1:1/v1#m",
        "--dry-run",
        "--output-dir",
        tmp_path / "r",
    )
    assert said.code == 0
    judged = [line.split(": ")[0] for line in said.out.splitlines() if " trials to ask" in line]
    assert judged == [
        "baseline:first on verifiable",
        "server:m on verifiable",
        "baseline:first on pandalm",
    ]
    assert "left out: pandalm: server:" in said.err
    for absent in ("judgelm-val", "llmbar", "mt-bench-human", "rewardbench", "scalerlab-judgebench"):
        assert f"left out: {absent}: " in said.err


def test_an_api_is_not_paid_for_every_benchmark_by_mistake(
    say: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-none")
    said = say("run", "-j", "api:openai/gpt-4o")
    assert said.code == 2
    assert said.complaint == "api: judges are paid for: name the benchmarks with -b, or set a --cost-limit"


def test_ctrl_c_is_one_line_and_the_same_command_goes_on(tmp_path: Path) -> None:
    path = store.run_folder(tmp_path, *LONG_RUN) / "judgments.jsonl"
    process = start([*LONG, tmp_path])
    wait_until(lambda: path.exists() and path.stat().st_size > 10_000, process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out == ""
    assert err.strip() == "judgebench: interrupted; what was answered is saved, and the same command goes on from there"
    kept = path.read_bytes()
    assert kept.endswith(b"}\n")
    assert 0 < kept.count(b"\n") < TRIALS
    with start([*LONG, tmp_path]) as process:
        assert process.communicate(timeout=60)[1] == ""
    assert process.returncode == 0
    assert path.read_bytes().startswith(kept)
    assert len(store.read_judgments(path.parent)) == TRIALS


def test_a_second_process_on_the_same_run_is_told_so(tmp_path: Path) -> None:
    """The first is frozen in the middle of its work, so that the second surely meets it."""
    folder = store.run_folder(tmp_path, *LONG_RUN)
    path = folder / "judgments.jsonl"
    first = start([*LONG, tmp_path])
    wait_until(lambda: path.exists() and path.stat().st_size > 10_000, first)
    first.send_signal(signal.SIGSTOP)
    try:
        before = path.read_bytes()
        with start([*LONG, tmp_path]) as second:
            out, err = second.communicate(timeout=60)
        assert (second.returncode, out) == (1, "")
        assert err == f"judgebench: {folder}: another judgebench process is writing this run; wait for it\n"
        assert path.read_bytes() == before
    finally:
        first.send_signal(signal.SIGCONT)
    assert first.communicate(timeout=60)[1] == ""
    assert first.returncode == 0
    assert len(store.read_judgments(folder)) == TRIALS


def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    import resource

    assert subprocess.run([*PROGRAM, *LONG, tmp_path, "--limit", "1"], capture_output=True, check=False).returncode == 0
    first = 2 * 2000  # the trials of the one item of that first run
    limit = 500_000
    with start([*LONG, tmp_path], preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))) as full:
        out, err = full.communicate(timeout=60)
    path = store.run_folder(tmp_path, *LONG_RUN) / "judgments.jsonl"
    safe = path.read_bytes().count(b"\n")
    assert (full.returncode, out) == (1, "")
    assert err == (
        f"judgebench: {path}: File too large; {safe:,} judgments are safe on disk, and the same command goes on from "
        "there\n"
    )
    assert first < safe < TRIALS
    assert limit - 200 < path.stat().st_size <= limit
    with start([*LONG, tmp_path]) as rest:
        rest.communicate(timeout=60)
    assert rest.returncode == 0
    assert len(store.read_judgments(path.parent)) == TRIALS


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    with start(["data", "items", "verifiable"]) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["id"] == "arithmetic-000"
        process.stdout.close()
        assert process.stderr.read() == "", "no complaint, no traceback"
    assert process.returncode in {0, 1}  # click's own answer to a closed pipe is 1


def test_bars_on_a_terminal_and_none_in_a_log(tmp_path: Path) -> None:
    arguments = ["run", *FIRST, *SMALL, "--output-dir"]
    terminal, end = os.openpty()
    termios.tcsetwinsize(end, (24, 100))
    with start([*arguments, tmp_path / "a"], stderr=end) as process:
        os.close(end)
        shown = b""
        try:
            while chunk := os.read(terminal, 4096):
                shown += chunk
        except OSError:  # how Linux says that the other end is closed
            pass
        os.close(terminal)
        process.communicate()
    assert process.returncode == 0
    assert "verifiable[n=8] · baseline:first: 100%" in shown.decode()
    with start([*arguments, tmp_path / "b"]) as process:
        assert process.communicate()[1] == ""


COSTLY = """
from judgebench import api
from judgebench.types import Status, Usage

class Costly:
    name = "api:openai/gpt-4o-2024-08-06+pairwise-cot"
    protocol, provenance, needs_texts = {"prompt": "x"}, {}, False

    def judge(self, trials):
        for number, trial in enumerate(trials):
            known = {"usage": Usage(cost=0.0123)}
            yield trial.answer((1, 0), **known) if number % 7 else trial.fail(Status.UNPARSED, "no", **known)

api.evaluate(Costly(), "verifiable", results="results", progress=True)
"""


def test_progress_fits_80_columns_with_all_that_one_waits_for(tmp_path: Path) -> None:
    terminal, end = os.openpty()
    termios.tcsetwinsize(end, (24, 80))
    with subprocess.Popen([sys.executable, "-c", COSTLY], stderr=end, cwd=tmp_path) as process:
        os.close(end)
        shown = b""
        with contextlib.suppress(OSError):  # how Linux says that the other end is closed
            while chunk := os.read(terminal, 4096):
                shown += chunk
        os.close(terminal)
    assert process.returncode == 0
    last = [line for line in re.split(r"[\r\n]+", shown.decode()) if line.strip()][-1]
    assert len(last) <= 80
    assert re.fullmatch(r"verif…irwise-cot: 100%\|480/480, .+/s, 00:00 left, failed=69, cost=\$5\.90\s*", last)


ADDRESSES = [
    "http://127.0.0.1:99999/v1", "http://127.0.0.1:abc/v1", "http://127.0.0.1:0/v1", "http://127.0.0.1:-1/v1",
    "http://[::1/v1", "http://::1]/v1", "http://[fe80::%25eth0:1]:x/v1", "http://a..b/v1", "http://.a/v1",
    "http://" + 70 * "a" + ".com/v1", "http:///v1", "http://", "ftp://host/v1", "localhost:8000", "http://a b/v1",
    "http://host\u202e/v1", "http://host\n/v1",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_that_is_none_is_one_line(address: str, tmp_path: Path, say: Callable[..., Said]) -> None:
    for typed in (f"server:{address}#m", f"server:{address}"):
        said = say("run", "-b", "verifiable", "-j", typed, "--limit", "1", "--output-dir", tmp_path / "r")
        assert said.code == 2
        assert said.complaint
    assert not (tmp_path / "r" / "verifiable").exists()


@pytest.mark.parametrize("address", ["http://[::1]:9/v1", "http://my_service:80/v1", "https://bücher.example/v1"])
def test_an_address_that_is_one(address: str) -> None:
    check_address("server:", address)


def test_names_of_any_script_have_folders_of_their_own(tmp_path: Path, say: Callable[..., Said]) -> None:
    names = ["日本", "한국", "señal", "sen\u0303al", "Ω", "plain", "...", "--", "\udcff", "\U0001f600"]
    folders = [store.slug(name) for name in names]
    assert folders[:3] == ["日本", "한국", "señal"]
    assert folders[2] == folders[3], "one name, written in two ways"
    assert len(set(folders)) == len(names) - 1
    assert store.slug("gpt-4o [x=1]") == "gpt-4o-x=1"
    judges = [word for name in ("日本", "한국") for word in ("-j", f"{name}=baseline:first")]
    assert say("run", "-b", "verifiable", *judges, "--limit", "1", "--output-dir", tmp_path).code == 0
    assert {path.name for path in (tmp_path / "verifiable").iterdir()} >= {"日本", "한국"}


def test_a_reader_that_has_enough_is_no_error() -> None:
    for words in (["data", "items", "verifiable"], ["ls"], ["--help"], ["ls", "benchmarks", "--json"]):
        with subprocess.Popen([*PROGRAM, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.close()
            assert process.stderr is not None
            assert process.stderr.read() == b""
        assert process.returncode == 0, words


@pytest.mark.parametrize("width", ["1", "0", "-3", "x", "7"])
def test_a_narrow_terminal(width: str) -> None:
    runs = Path(__file__).parents[1] / "results"
    for words in (["ls", "runs", "-b", "mt-bench-human", "--output-dir", runs], ["ls", "judges"], ["run", "--help"]):
        environment = {**os.environ, "COLUMNS": width}
        said = subprocess.run([*PROGRAM, *words], capture_output=True, check=False, env=environment)
        assert (said.returncode, said.stderr) == (0, b""), words


@pytest.mark.parametrize("closed", ["1", "2", "0"])
def test_closed_streams(closed: str, tmp_path: Path) -> None:
    """As under some schedulers and daemons."""
    run = f"run -b verifiable -j baseline:first --limit 2 --output-dir {tmp_path}"
    script = (
        f"exec {closed}>&-; exec {' '.join(PROGRAM)} {run}"
        if closed != "0"
        else f"exec 0<&-; {' '.join(PROGRAM)} {run}"
    )
    said = subprocess.run(["sh", "-c", script], capture_output=True, check=False)
    assert b"Traceback" not in said.stdout + said.stderr
    assert said.returncode == 0
    assert len((tmp_path / "verifiable" / "baseline-first" / "judgments.jsonl").read_text("utf-8").splitlines()) == 4
