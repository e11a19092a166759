"""What a benchmark and a judge are called is put together once and never taken apart; what was typed is read once."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import judgebench
from judgebench import api, extensions, judges, store
from judgebench.cli import main
from judgebench.errors import InputError, ManifestMismatch, UnknownName
from judgebench.judges import open_judge, require_distinct, shared_out
from judgebench.models import Model, table, weights
from judgebench.options import Option, for_one, listed, own_name, switch, with_options
from judgebench.types import FIRST, BenchmarkRef, Item, JudgeRef, Judgment, Response, Trial

RESULTS = Path(__file__).parents[1] / "results"
CODE = "codejudgebench[generators=claude_3.7_sonnet,gemini_2.5_flash,tasks=codegen]"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run a command in an empty folder without data; what it printed. It must end with the code that is given."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JUDGEBENCH_OFFLINE", "1")

    def command(*arguments: object, code: int = 0) -> str:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        assert (ended.value.code or 0) == code, said.err
        assert "Traceback" not in said.err
        return said.out + said.err

    return command


# ------------------------------------------------------------------------------------------------------ what is typed


@pytest.mark.parametrize(
    ("typed", "name", "spec"),
    [
        ("baseline:first", None, "baseline:first"),
        ("mini=server:http://h/v1#m", "mini", "server:http://h/v1#m"),
        ("gpt-4.1_x=api:openai/gpt-4.1", "gpt-4.1_x", "api:openai/gpt-4.1"),
        ("replay:out/v=2.csv", None, "replay:out/v=2.csv"),
        ("server:http://[::1]:8765/v1?a=b#m", None, "server:http://[::1]:8765/v1?a=b#m"),
        ("six=server:http://[::1]:8765/v1?a=b#m", "six", "server:http://[::1]:8765/v1?a=b#m"),
        ("my judge=baseline:first", None, "my judge=baseline:first"),
        (r"w=replay:C:\runs\v=[2].csv", "w", r"replay:C:\runs\v=[2].csv"),
        ("é=baseline:first", "é", "baseline:first"),
    ],
)
def test_a_judge_may_have_a_name_of_the_users(typed: str, name: str | None, spec: str) -> None:
    assert own_name(typed) == (name, spec)


@pytest.mark.parametrize(
    ("typed", "bare", "options"),
    [
        ("pandalm", "pandalm", {}),
        ("b[a=1]", "b", {"a": "1"}),
        ("b[generators=x,y,tasks=z]", "b", {"generators": "x,y", "tasks": "z"}),
        ("b[a=1=2,b=c d]", "b", {"a": "1=2", "b": "c d"}),
        ("data[2].csv", "data[2].csv", {}),
    ],
)
def test_a_benchmark_may_be_typed_as_it_is_shown(typed: str, bare: str, options: dict[str, str]) -> None:
    assert with_options(typed) == (bare, options)
    if options:
        assert BenchmarkRef(id=bare, options=options).name == typed


def test_names_between_commas_keep_the_commas_within_brackets() -> None:
    assert listed(f"pandalm, {CODE},x") == ["pandalm", CODE, "x"]


def test_an_option_goes_to_the_longest_name_that_fits() -> None:
    typed = {"seed": "1", "a.seed": "2", "a.b.seed": "3", "a.b.c.seed": "4"}
    everyone, alone = for_one(typed, ["a", "a.b", "a.b.c"])
    assert everyone == {"seed": "1"}
    assert alone == {"a": {"seed": "2"}, "a.b": {"seed": "3"}, "a.b.c": {"seed": "4"}}
    with pytest.raises(UnknownName, match=r"no judge of this command .* named 'z'; there are: a"):
        for_one({"z.seed": "1"}, ["a"])


def test_one_judges_options_are_its_alone() -> None:
    def no_aside(line: str) -> None:
        pytest.fail(line)

    parts = shared_out(["a=baseline:random", "baseline:first"], {"a.seed": "3"}, no_aside)
    assert parts == {"a=baseline:random": {"seed": "3"}, "baseline:first": {}}
    with pytest.raises(UnknownName, match="no option of a=baseline:first named 'seed'"):
        shared_out(["a=baseline:first"], {"a.seed": "3"}, no_aside)


def test_judges_that_would_share_their_answers_are_refused_with_the_line_to_write() -> None:
    same = [(typed, open_judge(typed)) for typed in ("baseline:first", "baseline:first")]
    with pytest.raises(InputError, match="-j NAME=baseline:first"):
        require_distinct(same)
    require_distinct(
        [("baseline:first", open_judge("baseline:first")), ("x=baseline:first", open_judge("x=baseline:first"))]
    )


# --------------------------------------------------------------------------------------------------- through all verbs


def labels_only(folder: Path, ref: BenchmarkRef, count: int = 4) -> None:
    """A benchmark whose data are not at hand: its labels in a folder of results."""
    items = [
        Item(id=f"q{n}", responses=(Response(text="a"), Response(text="b")), gold=FIRST, cluster=f"q{n}")
        for n in range(count)
    ]
    store.write_labels(folder / store.slug(ref.name) / "items.jsonl", [item.label() for item in items])


def test_a_name_with_commas_goes_through_every_verb(run: Callable[..., str], tmp_path: Path) -> None:
    ref = BenchmarkRef(
        id="codejudgebench", options={"generators": "claude_3.7_sonnet,gemini_2.5_flash", "tasks": "codegen"}
    )
    assert ref.name == CODE
    labels_only(tmp_path / "results", ref)
    both = ("baseline:first", "baseline:tie")
    for judge in both:
        run("run", "-b", CODE, "-j", judge)
    first, tie = (store.run_folder(tmp_path / "results", CODE, judge) for judge in both)
    assert store.read_manifest(first).benchmark_ref == ref
    run("retry", first)
    run("score", first)
    run("leaderboard")
    assert CODE in run("leaderboard", "-o", "-board.md") + Path("leaderboard.md").read_text(encoding="utf-8")
    run("report")
    run("compare", first, tie)
    assert "baseline:tie" in run("export", "-b", CODE)
    assert CODE in run("ls", "runs", "--json")
    assert judgebench.load("results", texts=True).items.benchmark.unique().tolist() == [CODE]
    run("submit-check", first)


@pytest.mark.parametrize("name", ["v[2].csv", "v=2.csv", "é,ü 日本.csv", "a][b.csv", "C:v.csv"])
def test_a_recording_of_any_name_goes_through_every_verb(run: Callable[..., str], tmp_path: Path, name: str) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).write_text("item,order,verdict\narithmetic-000,AB,A\n", encoding="utf-8")
    judge = f"replay:out/{name}"
    run("run", "-j", judge, "-B", "n=4", "--min-coverage", "0")
    (folder,) = store.runs(tmp_path / "results")
    manifest = store.read_manifest(folder)
    assert manifest.judge == judge
    assert manifest.judge_ref == JudgeRef(kind="replay", model=f"out/{name}")
    assert "7 trials asked again" in run("retry", folder, "--min-coverage", "0")
    run("score", folder)
    run("report")
    assert judge in run("ls", "runs", "--json").replace("\\u", "\\u").encode().decode("utf-8")
    assert judgebench.load("results").judgments.judge.unique().tolist() == [judge]
    run("submit-check", folder, code=2)


def test_a_name_of_the_users_goes_through_every_verb(run: Callable[..., str], tmp_path: Path) -> None:
    run("run", "-j", "a.b=baseline:random", "-J", "a.b.seed=5", "-B", "n=4")
    (folder,) = store.runs(tmp_path / "results")
    assert folder.name == "a.b"
    assert store.read_manifest(folder).judge_ref == JudgeRef(
        kind="baseline", model="random", options={"seed": "5"}, called="a.b"
    )
    run("retry", folder)
    assert "a.b" in run("export", "-j", "a.b")
    run("run", "-j", "a.b=baseline:random", "-J", "seed=6", "-B", "n=4", code=2)


# -------------------------------------------------------------------------------------------------------- identity


@dataclass(frozen=True)
class Forgetful:
    """A judge whose author put none of its options into its name or its protocol."""

    answer: tuple[float, float]
    name: str = "forgetful:x"
    needs_texts: bool = False

    @property
    def protocol(self) -> Mapping[str, Any]:
        return {}

    provenance = protocol

    def judge(self, trials: Iterable[Trial]) -> Iterator[Judgment]:
        for trial in trials:
            yield trial.answer(self.answer)


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    kind: Any = ModuleType("judgebench.judges.forgetful")
    kind.OPTIONS = (switch("reverse", "the other one", default=False), Option("note", "kept", harmless="is a note"))
    kind.CHOICES = {}
    kind.open = lambda name, options: Forgetful((0, 1) if options["reverse"] else (1, 0))
    monkeypatch.setitem(sys.modules, kind.__name__, kind)
    monkeypatch.setattr(judges, "KINDS", extensions.Names("judges", lambda: ["forgetful", "baseline"]))


def test_an_option_that_its_author_forgot_makes_another_judge(forgetful: None, tmp_path: Path) -> None:
    more = {"benchmark_options": {"n": 4}, "results": tmp_path}
    plain = api.evaluate("forgetful:x", "verifiable", **more)
    other = api.evaluate("forgetful:x", "verifiable", judge_options={"reverse": "yes"}, **more)
    assert (plain.scores.judge, other.scores.judge) == ("forgetful:x", "forgetful:x[reverse=yes]")
    assert plain.outcome.folder != other.outcome.folder
    assert other.outcome.before == 0
    assert plain.scores.metrics["first_slot_rate"].value == 1 - (other.scores.metrics["first_slot_rate"].value or 0)
    again = api.evaluate("forgetful:x", "verifiable", judge_options={"reverse": False, "note": "n"}, **more)
    assert again.outcome.before == again.outcome.wanted, "a default and a note are no other judge"


def test_under_a_name_of_the_users_it_is_refused(forgetful: None, tmp_path: Path) -> None:
    more = {"benchmark_options": {"n": 4}, "results": tmp_path}
    api.evaluate("mine=forgetful:x", "verifiable", **more)
    with pytest.raises(ManifestMismatch, match=r"its judge is 'mine' .*, this run's is 'mine' .*reverse"):
        api.evaluate("mine=forgetful:x", "verifiable", judge_options={"reverse": True}, **more)


def test_what_a_known_model_needs_is_no_part_of_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is it when it is typed; anything else is. No weights are loaded for that."""
    name = next(name for name, entry in table.entries("rm").items() if entry.options.get("template") == "pair")

    def opened(kind: weights.Loaded, name: str, options: Any) -> Model:
        return Model(f"rm:{name}", name, {}, scorer=object())  # type: ignore[arg-type]

    monkeypatch.setattr(weights.Loaded, "open", opened)
    names = [open_judge(f"rm:{name}", options).name for options in ({}, {"template": "pair"}, {"template": "chat"})]
    assert names == [f"rm:{name}", f"rm:{name}", f"rm:{name}[template=chat]"]


def test_every_harmless_option_says_why() -> None:
    for kind in judges.kinds():
        for name in judges.choices(kind):
            for option in judges.options_of(name):
                assert option.help
                assert not option.harmless or len(option.harmless) > 10, option.name


# ------------------------------------------------------------------------------------------------ Python is no backdoor


class Asked(Exception):
    pass


@dataclass(frozen=True)
class Paid:
    name: str = "paid"
    needs_texts: bool = False
    protocol: Mapping[str, Any] = None  # type: ignore[assignment]

    provenance = property(lambda self: {})

    def judge(self, trials: Iterable[Trial]) -> Iterator[Judgment]:
        raise Asked


@pytest.mark.parametrize(
    ("setting", "value", "choices"),
    [
        ("orders", "sinlge", "both or single"),
        ("orders", "merged", "both or single"),
        ("orders", None, "both or single"),
        ("samples", 0, "a whole number from 1"),
        ("samples", 1.5, "a whole number from 1"),
        ("samples", True, "a whole number from 1"),
        ("limit", -1, "a whole number from 1"),
        ("limit", 0, "a whole number from 1"),
        ("cost_limit", -0.01, "a number from 0"),
        ("cost_limit", float("nan"), "a number from 0"),
        ("cost_limit", "much", "a number from 0"),
    ],
)
def test_the_api_refuses_what_the_command_line_refuses(setting: str, value: Any, choices: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"run: {setting} is {choices}") as refusal:
        api.evaluate(Paid(), "verifiable", results=tmp_path, benchmark_options={"n": 4}, **{setting: value})
    assert repr(str(value) if not isinstance(value, bool) else "yes") in str(refusal.value) or value is None
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("least", [-1, 1.01, float("nan"), 95])
def test_coverage_is_a_share(least: float, tmp_path: Path) -> None:
    run = api.evaluate("baseline:first", "verifiable", results=tmp_path, benchmark_options={"n": 4})
    with pytest.raises(InputError, match="min_coverage is a number from 0 to 1"):
        api.require_coverage(run.scores, least)


def test_options_may_be_given_in_pythons_own_types(tmp_path: Path) -> None:
    made = open_judge("baseline:random", {"seed": 7})
    assert made.name == open_judge("baseline:random", {"seed": "7"}).name == "baseline:random[seed=7]"


# ------------------------------------------------------------------------------------------------------ older, newer


def test_every_committed_run_has_its_names_from_its_refs() -> None:
    for folder in store.runs(RESULTS):
        fields = json.loads((folder / "manifest.json").read_bytes())
        assert fields["format"] == 1
        manifest = store.read_manifest(folder)
        assert (folder.parent.name, folder.name) == (store.slug(manifest.benchmark), store.slug(manifest.judge))
        scores = json.loads((folder / "scores.json").read_bytes())
        assert (scores["format"], scores["benchmark"], scores["judge"]) == (1, manifest.benchmark, manifest.judge)
        assert scores["manifest"] == fields
