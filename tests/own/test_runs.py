"""A user's file from the command line: run, scored again without it, retried with it, edited, compared, reported."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from judgebench import api, store
from judgebench.cli import main
from judgebench.errors import InputError, ManifestMismatch
from tests.own.conftest import pairs

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stop:
            main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return int(stop.value.code or 0), printed.out, printed.err

    return run


def only(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


def test_the_mapping_is_shown_before_the_run_and_the_card_after_it(say: Say, jsonl, tmp_path) -> None:
    jsonl(pairs(40, winner=["A", "B", "tie"], rater_1=["A", "B"], rater_2=["A", "A"], category=["x", "y"]))
    code, out, err = say("run", "-b", "my.jsonl", "-j", "baseline:longest")
    assert code == 0
    assert err.startswith("my.jsonl: responses to compare, as its columns are named:\n  prompt: prompt\n")
    assert "values: {a: first, b: second, tie: tie}" in err
    assert "40 pairs, 40 questions, both orders" in out
    assert "without_ties" in out
    folder = only(tmp_path, "results/my@*")
    scores = json.loads((folder / "baseline-longest" / "scores.json").read_text(encoding="utf-8"))
    assert scores["headline"]["rule"] == "agreement"
    assert scores["headline"]["value"] == scores["metrics"]["agreement"]["value"]
    assert scores["human"]["raters"]["value"] == 2
    assert set(scores["subsets"]) == {"x", "y"}
    manifest = store.read_manifest(folder / "baseline-longest")
    assert manifest.benchmark == folder.name
    assert manifest.provenance["data"] == "my.jsonl"
    assert len(manifest.provenance["sha256"]) == 64
    assert "Question" not in (folder / "items.jsonl").read_text(encoding="utf-8"), "labels only"


def test_agreement_is_plain(say: Say, jsonl, tmp_path) -> None:
    """Three in four gold labels are decisive, and the first response is right in two of these three."""
    jsonl(pairs(40, winner=["A", "A", "B", "tie"]))
    say("run", "-b", "my.jsonl", "-j", "baseline:tie", "-j", "baseline:first", "--swap", "single")
    first, tie = (api.rescore(only(tmp_path, f"results/*/baseline-{name}")) for name in ("first", "tie"))
    assert first.headline.value == 0.5
    assert first.headline.parts["without_ties"].value == pytest.approx(2 / 3)
    assert (tie.headline.value, tie.headline.parts["without_ties"].value) == (0.25, 0.0)


def test_everything_after_the_run_works_without_the_file(say: Say, jsonl, tmp_path) -> None:
    path = jsonl(pairs(12, winner=["A", "B"]))
    assert say("run", "-b", path, "-j", "baseline:longest", "-j", "baseline:first")[0] == 0
    path.unlink()
    longest, first = only(tmp_path, "results/*/baseline-longest"), only(tmp_path, "results/*/baseline-first")
    assert say("score", longest)[0] == 0
    assert say("score", "--check")[0] == 0
    assert say("compare", longest, first)[0] == 0
    assert say("leaderboard")[0] == 0
    assert f"## {longest.parent.name}" in (tmp_path / "leaderboard.md").read_text(encoding="utf-8")
    assert say("export", "--format", "csv")[0] == 0
    assert say("report")[0] == 0
    code, _, err = say("retry", longest)
    assert code == 2
    assert f"only the labels are at hand: {path}: there is no such file" in err
    assert say("run", "-b", longest.parent.name, "-j", "baseline:second")[0] == 0, "known by its id, and no text needed"


def test_a_run_goes_on_and_is_retried_with_the_file_wherever_one_stands(say: Say, jsonl, tmp_path, monkeypatch) -> None:
    path = jsonl(pairs(12, winner=["A", "B"]))
    say("run", "-b", "my.jsonl", "-j", "baseline:longest", "--limit", "4")
    folder = only(tmp_path, "results/*/baseline-longest")
    assert len(store.read_judgments(folder)) == 8
    say("run", "-b", path, "-j", "baseline:longest")
    assert len(store.read_judgments(folder)) == 24
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert say("retry", folder)[0] == 0
    assert "12 items" in say("report", "--output-dir", tmp_path / "results")[1]
    page = (tmp_path / "elsewhere" / "report.html").read_text(encoding="utf-8")
    assert '"texts":12' in page.replace(" ", "")


def test_an_edited_file_is_another_benchmark(say: Say, jsonl, tmp_path) -> None:
    rows = pairs(12, winner=["A", "B"])
    path = jsonl(rows)
    say("run", "-b", path, "-j", "baseline:longest")
    old = only(tmp_path, "results/*/baseline-longest")
    rows[3]["response_a"] = "mended"
    jsonl(rows)
    code, _, err = say("retry", old)
    assert code == 2
    assert f"my.jsonl has changed since {old.parent.name} was made of it" in err
    code, _, err = say("run", "-b", path, "-j", "baseline:longest")
    assert code == 0
    assert f"results also has {old.parent.name}" in err
    assert len(list(tmp_path.glob("results/*/baseline-longest"))) == 2
    with pytest.raises(InputError, match="judged different items"):
        api.compare(sorted(tmp_path.glob("results/*/baseline-longest")))
    jsonl(pairs(12, winner=["A", "B"]))
    assert say("retry", old)[0] == 0


def test_the_name_of_a_built_in_benchmark_stays_its_own(say: Say, jsonl, tmp_path) -> None:
    jsonl(pairs(4, winner=["A", "B"]), "pandalm.jsonl")
    assert say("run", "-b", "pandalm.jsonl", "-j", "baseline:first")[0] == 0
    assert only(tmp_path, "results/*").name.startswith("pandalm@")


def test_a_file_without_a_suffix_does_not_hide_a_benchmark(say: Say, tmp_path) -> None:
    (tmp_path / "verifiable").write_text("no data", encoding="utf-8")
    assert say("data", "check", "verifiable")[1].startswith("verifiable: 240 pairs")
    (tmp_path / "notes").write_text("no data", encoding="utf-8")
    assert "notes: a file of your own ends in .csv" in say("data", "check", "notes")[2]


def test_a_dry_run_says_what_would_be_asked(say: Say, jsonl, tmp_path) -> None:
    path = jsonl(pairs(6, winner=["A", "B"]))
    code, out, err = say("run", "-b", path, "-j", "baseline:longest", "--dry-run", "--limit", "2")
    assert (code, err.count("prompt: prompt")) == (0, 1)
    assert "4 of 4 trials to ask" in out
    assert not (tmp_path / "results").exists()


def test_recorded_verdicts_are_imported_for_a_file(say: Say, jsonl, tmp_path) -> None:
    path = jsonl(pairs(4, winner=["A", "B"], id=["a", "b", "c", "d"]))
    (tmp_path / "verdicts.csv").write_text("item,verdict\na,A\nb,A\nc,tie\nd,B\n", encoding="utf-8")
    code, out, _ = say("import", "-b", path, "-j", "me", "verdicts.csv")
    assert code == 0
    assert "agreement 50.00" in out


@pytest.mark.parametrize(
    "name",
    [
        "a,b.jsonl",
        "my data [1].jsonl",
        pytest.param(
            "мои данные.jsonl",
            marks=pytest.mark.skipif(
                sys.getfilesystemencoding() == "ascii", reason="this locale cannot name such a file"
            ),
        ),
    ],
)
def test_file_names_with_signs(say: Say, jsonl, tmp_path, name) -> None:
    jsonl(pairs(4, winner=["A", "B"]), name)
    assert say("run", "-b", name, "-j", "baseline:longest")[0] == 0
    folder = only(tmp_path, "results/*/baseline-longest")
    assert say("score", folder)[0] == 0
    assert say("retry", folder)[0] == 0


def test_nothing_is_written_of_a_file_with_a_bad_row(say: Say, jsonl, tmp_path) -> None:
    path = jsonl(pairs(4, winner=["A", "B", "A", "what"]))
    code, out, err = say("run", "-b", path, "-j", "baseline:first")
    assert (code, out) == (2, "")
    assert 'row 4: winner is one of a (first), b (second), not "what"' in err
    assert not (tmp_path / "results").exists()


def test_ratings_and_best_of_n_are_scored(say: Say, jsonl, tmp_path) -> None:
    rows = [{"id": n, "prompt": f"q{n}", "response": "x", "score": 1 + n % 5} for n in range(20)]
    jsonl(rows, "ratings.jsonl")
    code, _, err = say("run", "-b", "ratings.jsonl", "-j", "baseline:longest")
    assert (code, "baseline:longest chooses among responses, and item 0 has one response" in err) == (2, True)
    jsonl([{"item": n, "order": "A", "verdict": 1 + n % 5} for n in range(20)], "said.jsonl")
    assert say("run", "-b", "ratings.jsonl", "-j", "same=replay:said.jsonl")[0] == 0
    assert api.rescore(only(tmp_path, "results/ratings@*/same")).headline.value == 1
    rows = [{"prompt": f"q{n}", "chosen": f"long {n}", "rejected": ["a", "b", "c"]} for n in range(20)]
    jsonl(rows, "best.jsonl")
    assert say("run", "-b", "best.jsonl", "-j", "baseline:longest")[0] == 0
    assert api.rescore(only(tmp_path, "results/best@*/baseline-longest")).headline.value == 1
    assert say("leaderboard")[0] == 0
    assert say("report")[0] == 0


def test_no_more_texts_are_held_than_a_judge_asks_for(jsonl, tmp_path) -> None:
    """The run loop takes a file's items one by one: the judge has answered before the last one is read."""
    path = jsonl(pairs(50, winner=["A", "B"]))
    bench = api.open_benchmark(str(path), results=tmp_path / "results")
    read: list[str] = []

    class Watched(type(bench.items)):  # type: ignore[misc]
        def __iter__(self):
            for item in super().__iter__():
                read.append(item.id)
                yield item

    class Judge:
        name, protocol, provenance, needs_texts = "mine", {}, {}, False

        def judge(self, trials):
            for trial in trials:
                assert len(read) - before <= 1 + len(answered) // 2 + 1
                answered.append(trial.key)
                yield trial.answer((1, 0))

    items = bench.items
    watched = Watched(items._reader, items._state)
    answered: list = []
    before = 50  # the loop first counts what there is to ask
    watching = api.Benchmark(bench.ref, bench.card, watched, bench.labels)
    _, outcome = api.evaluate(Judge(), watching, results=tmp_path / "results")
    assert (outcome.wanted, len(answered)) == (100, 100)


def test_the_same_items_under_another_name_or_mapping_are_kept_apart(jsonl, tmp_path) -> None:
    one = api.open_benchmark(str(jsonl(pairs(4, winner=["A", "B"]))), results=tmp_path)
    other = api.open_benchmark(str(jsonl(pairs(4, winner=["A", "B"]), "other.jsonl")), results=tmp_path)
    turned = api.open_benchmark(
        str(
            jsonl(
                pairs(4, winner=["A", "B"]),
                responses=["response_b", "response_a"],
                values={"A": "second", "B": "first"},
            )
        ),
        results=tmp_path,
    )
    assert one.card.version == other.card.version
    assert one.id.partition("@")[0] != other.id.partition("@")[0]
    assert one.id != turned.id
    api.publish_labels(one, tmp_path)
    labels = tmp_path / one.id / "items.jsonl"
    labels.write_text(labels.read_text(encoding="utf-8").replace("1.0", "0.0", 1), encoding="utf-8")
    with pytest.raises(ManifestMismatch):
        api.publish_labels(one, tmp_path)
