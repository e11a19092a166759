"""leaderboard.md and the report card, from the results that stand in this repository."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from judgebench import api, resources, store
from judgebench.api.scoring import finished
from judgebench.errors import InputError, JudgebenchError, ManifestMismatch
from judgebench.report import card, leaderboard
from judgebench.score.standings import Standings
from judgebench.types import Scores

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "results"


@pytest.fixture(scope="module")
def committed(all_results: tuple[list[Standings], dict[Path, Scores]]) -> list[Scores]:
    return [entry.scores for field in all_results[0] for entry in field.entries]


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A small copy to damage: one benchmark, two judges."""
    for run in ("gpt-3.5-turbo", "baseline-random"):
        shutil.copytree(RESULTS / "pandalm" / run, tmp_path / "results" / "pandalm" / run)
    shutil.copy(RESULTS / "pandalm" / "items.jsonl", tmp_path / "results" / "pandalm")
    return tmp_path / "results"


def test_the_files_in_the_repository_are_what_the_results_give(
    all_results: tuple[list[Standings], dict[Path, Scores]],
) -> None:
    found, differs = all_results
    assert differs == {}
    assert sum(len(field.entries) for field in found) == len(store.runs(RESULTS))
    assert leaderboard.render(found) == (ROOT / "leaderboard.md").read_text(encoding="utf-8")


def test_results_hold_no_texts_and_only_what_may_be_passed_on() -> None:
    for folder in store.runs(RESULTS):
        manifest = store.read_manifest(folder)
        assert resources.card(manifest.benchmark).publish_labels
        assert all(judgment.text is None for judgment in store.read_judgments(folder))
        assert not any(Path(name).is_absolute() for name in manifest.provenance.get("files", {}))


def test_every_judge_is_in_the_overview_and_in_its_sections(
    all_results: tuple[list[Standings], dict[Path, Scores]],
) -> None:
    text = leaderboard.render(all_results[0])
    overview, *sections = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    by_name = {section.partition("\n")[0]: section for section in sections}
    for field in all_results[0]:
        assert f"[{field.benchmark}](#" in overview
        for entry in field.entries:
            assert f"| {entry.judge} " in overview or f"| *{entry.judge}* " in overview
            assert entry.judge in by_name[field.benchmark]
        assert field.card.headline.rule in by_name[field.benchmark]
    assert by_name["pandalm"].index("**a person**") < by_name["pandalm"].index("gpt-3.5-turbo")


def test_the_overview_has_a_cell_for_every_judge_on_every_benchmark(
    all_results: tuple[list[Standings], dict[Path, Scores]],
) -> None:
    lines = [line for line in leaderboard.render(all_results[0]).splitlines() if line.startswith("|")]
    matrix = lines[: next(i for i, line in enumerate(lines) if line.startswith("| benchmark"))]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in matrix]
    assert {len(row) for row in cells} == {len(all_results[0]) + 3}
    pandalm = cells[0].index("[pandalm](#pandalm)")
    at = {row[0]: row[pandalm] for row in cells}
    assert at["**a person**"] == "92.0"
    assert at["gpt-3.5-turbo"].startswith("**69.8")
    assert "**" not in at["*baseline:random*"]
    assert at["o1-mini-2024-09-12+arena-hard"] == ""


def test_ranks_and_bold_are_what_the_tests_leave_open(all_results: tuple[list[Standings], dict[Path, Scores]]) -> None:
    field = next(field for field in all_results[0] if field.benchmark == "scalerlab-judgebench")
    rows = [line for line in leaderboard.of_benchmark(field).splitlines() if re.match(r"\| \d", line)]
    shown = {row.split(" | ")[1].strip("*"): row.split(" | ")[0].strip("| ") for row in rows}
    assert shown == {judge: str(ranks) for judge, ranks in field.ranks("agreement").items()}
    own = {judge for judge, ranks in field.ranks("headline").items() if ranks.may_be_best}
    assert {row.split(" | ")[1] for row in rows if row.split(" | ")[3].startswith("**")} == own


def test_what_a_run_cost_is_shown_where_it_is_known(tmp_path: Path) -> None:
    shutil.copytree(RESULTS / "scalerlab-judgebench", tmp_path / "scalerlab-judgebench")
    path = tmp_path / "scalerlab-judgebench" / "internlm2-7b-reward" / "judgments.jsonl"
    path.write_text(
        path.read_text(encoding="utf-8").replace('"status":"ok"', '"status":"ok","usage":{"cost":0.002}'),
        encoding="utf-8",
    )
    text = leaderboard.render(finished(tmp_path)[0])
    rows = [line for line in text.splitlines() if line.startswith("|") and "internlm2-7b-reward" in line]
    assert len(rows) == 2
    assert all("$2.00" in row for row in rows)
    assert sum("$" in line for line in text.splitlines()) == 2, "what nobody recorded is not free"


@pytest.mark.parametrize("width", [80])
def test_a_report_card_fits_the_terminal(committed: list[Scores], width: int) -> None:
    for scores in committed:
        lines = card.render(card.of(scores, resources.card(scores.benchmark))).splitlines()
        assert max(map(len, lines)) <= width, scores.judge
        assert any("coverage" in line or "Trials with a verdict" in line for line in lines)


def test_a_tampered_score_is_caught(results: Path) -> None:
    api.leaderboard(results, results / "board.md")
    path = results / "pandalm" / "gpt-3.5-turbo" / "scores.json"
    path.write_text(
        path.read_text(encoding="utf-8").replace("0.7107107107107107", "0.9107107107107107"), encoding="utf-8"
    )
    with pytest.raises(JudgebenchError, match=r"scores\.json is not what its judgments give"):
        api.check_scores(store.runs(results))
    with pytest.raises(JudgebenchError, match=r"gpt-3.5-turbo/scores\.json is not what its judgments give"):
        api.leaderboard(results, results / "board.md", check=True)
    board = (results / "board.md").read_bytes()
    made = api.leaderboard(results, results / "board.md")
    assert (results / "board.md").read_bytes() == board, "which never trusted it"
    assert (made.runs, made.benchmarks, list(made.differs)) == (2, 1, [path.parent])
    api.leaderboard(results, results / "board.md", scores=True)
    assert api.check_scores(store.runs(results)) == 2


def test_a_changed_judgment_makes_the_leaderboard_stale(results: Path) -> None:
    api.leaderboard(results, results / "board.md")
    path = results / "pandalm" / "baseline-random" / "judgments.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line.replace("[[1.0,0.0]]", "[[0.0,1.0]]") for line in lines), encoding="utf-8")
    with pytest.raises(JudgebenchError, match=r"baseline-random/scores\.json is not what"):
        api.leaderboard(results, results / "board.md", check=True)
    api.score(path.parent)
    with pytest.raises(JudgebenchError, match="judgebench leaderboard"):
        api.leaderboard(results, results / "board.md", check=True)


def test_changed_labels_are_other_items(results: Path) -> None:
    path = results / "pandalm" / "items.jsonl"
    path.write_text(
        path.read_text(encoding="utf-8").replace('"gold":[[0.0,1.0]]', '"gold":[[1.0,0.0]]', 1), encoding="utf-8"
    )
    with pytest.raises(ManifestMismatch, match=r"items\.jsonl has changed"):
        api.leaderboard(results, results / "board.md")


def test_limited_and_unfinished_runs_stay_off(results: Path) -> None:
    api.evaluate("baseline:first", "pandalm", results=results, limit=5)
    path = results / "pandalm" / "baseline-random" / "judgments.jsonl"
    path.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8")
    api.leaderboard(results, results / "board.md")
    text = (results / "board.md").read_text(encoding="utf-8")
    assert "baseline:first" not in text
    assert "baseline:random" not in text
    assert "2 runs are left out" in text


def test_export_names_what_is_there(results: Path) -> None:
    with pytest.raises(InputError, match=r"gpt-3\.5-turbo"):
        api.export(results=results, judges=["gpt-4"])
    assert [len(table.rows) for table in api.export(results=results, judges=["gpt-3.5-turbo"])] == [2], "and a person"
