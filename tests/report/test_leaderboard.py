"""leaderboard.md and the report card, from the results that stand in this repository."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from judgebench import api, resources, store
from judgebench.errors import InputError, JudgebenchError, ManifestMismatch
from judgebench.report import card, leaderboard
from judgebench.types import Scores

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "results"


@pytest.fixture(scope="module")
def committed() -> list[Scores]:
    return [api.rescore(folder) for folder in store.runs(RESULTS)]


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A small copy to damage: one benchmark, two judges."""
    for run in ("gpt-3.5-turbo", "baseline-random"):
        shutil.copytree(RESULTS / "pandalm" / run, tmp_path / "results" / "pandalm" / run)
    shutil.copy(RESULTS / "pandalm" / "items.jsonl", tmp_path / "results" / "pandalm")
    return tmp_path / "results"


def test_the_file_in_the_repository_is_what_the_results_give() -> None:
    api.leaderboard(RESULTS, ROOT / "leaderboard.md", check=True)


def test_every_stored_score_is_what_its_judgments_give() -> None:
    assert api.check_scores(store.runs(RESULTS)) == len(store.runs(RESULTS))


def test_results_hold_no_texts_and_only_what_may_be_passed_on() -> None:
    for folder in store.runs(RESULTS):
        manifest = store.read_manifest(folder)
        assert resources.card(manifest.benchmark).publish_labels
        assert all(judgment.text is None for judgment in store.read_judgments(folder))
        assert not any(Path(name).is_absolute() for name in manifest.provenance.get("files", {}))


def test_every_benchmark_has_its_section_and_people_stand_above_the_judges(committed: list[Scores]) -> None:
    text = leaderboard.render(committed)
    for scores in committed:
        assert f"## {scores.benchmark}\n" in text
        assert scores.judge in text
    pandalm = text[text.index("## pandalm\n") :]
    assert pandalm.index("**people**") < pandalm.index("gpt-3.5-turbo")


@pytest.mark.parametrize("width", [80])
def test_a_report_card_fits_the_terminal(committed: list[Scores], width: int) -> None:
    for scores in committed:
        lines = card.render(scores).splitlines()
        assert max(map(len, lines)) <= width, scores.judge
        assert any("coverage" in line or "Trials with a verdict" in line for line in lines)


def test_a_tampered_score_is_caught(results: Path) -> None:
    api.leaderboard(results, results / "board.md")
    path = results / "pandalm" / "gpt-3.5-turbo" / "scores.json"
    path.write_text(path.read_text().replace("0.7107107107107107", "0.9107107107107107"))
    with pytest.raises(JudgebenchError, match=r"scores\.json is not what its judgments give"):
        api.check_scores(store.runs(results))
    api.leaderboard(results, results / "board.md", check=True)  # which never trusted it


def test_a_changed_judgment_makes_the_leaderboard_stale(results: Path) -> None:
    api.leaderboard(results, results / "board.md")
    path = results / "pandalm" / "baseline-random" / "judgments.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line.replace("[[1.0,0.0]]", "[[0.0,1.0]]") for line in lines))
    with pytest.raises(JudgebenchError, match="judgebench leaderboard"):
        api.leaderboard(results, results / "board.md", check=True)


def test_changed_labels_are_other_items(results: Path) -> None:
    path = results / "pandalm" / "items.jsonl"
    path.write_text(path.read_text().replace('"gold":[[0.0,1.0]]', '"gold":[[1.0,0.0]]', 1))
    with pytest.raises(ManifestMismatch, match=r"items\.jsonl has changed"):
        api.leaderboard(results, results / "board.md")


def test_limited_and_unfinished_runs_stay_off(results: Path) -> None:
    api.evaluate("baseline:first", "pandalm", results=results, limit=5)
    path = results / "pandalm" / "baseline-random" / "judgments.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    api.leaderboard(results, results / "board.md")
    text = (results / "board.md").read_text()
    assert "baseline:first" not in text
    assert "baseline:random" not in text
    assert "2 runs are left out" in text


def test_export_names_what_is_there(results: Path) -> None:
    with pytest.raises(InputError, match=r"gpt-3\.5-turbo"):
        api.export("csv", results=results, judges=["gpt-4"])
    assert api.export("csv", results=results, judges=["gpt-3.5-turbo"]).count("\n") == 2
