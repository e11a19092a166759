"""submit-check: what stands in results/ passes, and everything that is wrong with a contribution is listed at once."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from judgebench import api, store
from judgebench.cli import main
from judgebench.errors import InputError

RESULTS = Path(__file__).parents[1] / "results"
BENCHMARK, JUDGE = "scalerlab-judgebench", "internlm2-7b-reward"
SECRET = "sk-proj-abcdefghijklmnop1234567890"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    shutil.copytree(RESULTS / BENCHMARK / JUDGE, tmp_path / BENCHMARK / JUDGE)
    shutil.copy(RESULTS / BENCHMARK / "items.jsonl", tmp_path / BENCHMARK)
    return tmp_path / BENCHMARK / JUDGE


def faults(folder: Path) -> list[str]:
    return [str(fault) for fault in api.submit_check(folder, known=RESULTS).faults]


def edit(path: Path, old: str, new: str, count: int = 1) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, count), encoding="utf-8")


def change(run: Path, **fields: object) -> None:
    path = run / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **fields}), encoding="utf-8")


def test_what_stands_in_the_repository_passes() -> None:
    for benchmark in ("scalerlab-judgebench", "verifiable"):
        found = api.submit_check(RESULTS / benchmark, known=RESULTS)
        assert found.faults == []
        assert found.runs == len([folder for folder in store.runs(RESULTS) if folder.parent.name == benchmark])


def test_a_run_a_benchmark_and_a_folder_of_results_may_be_named(run: Path) -> None:
    for folder in (run, run.parent, run.parents[1]):
        assert api.submit_check(folder, known=RESULTS) == (1, [], [])
    (run / "empty").mkdir()
    with pytest.raises(InputError, match="holds no run"):
        api.submit_check(run / "empty")


def test_all_faults_are_listed_with_file_and_row(run: Path) -> None:
    judgments = run / "judgments.jsonl"
    rows = [json.loads(line) for line in judgments.read_text(encoding="utf-8").splitlines()]
    rows[1]["item"] = "nobody"
    rows[2]["text"] = rows[3]["text"] = "The question was ..."
    rows[6] = rows[5]
    rows[8] = {**rows[8], "status": "unparsed"}
    rows[9] = {"item": rows[9]["item"], "order": rows[9]["order"], "status": "unparsed"}
    judgments.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    (run / "notes.txt").write_text("hello", encoding="utf-8")
    change(
        run,
        settings={"api_key": SECRET},
        judge={"kind": "api", "model": "x/y", "called": JUDGE},
        provenance={},
        limit=100,
        version="another",
        orders="single",
    )
    edit(run.parent / "items.jsonl", '"gold":[[1.0,0.0]]', '"gold":[[0.0,1.0]]')
    found = faults(run)
    wanted = [
        r"notes\.txt: does not belong to a run",
        r"manifest\.json, row 1: holds what looks like a key of OpenAI or Anthropic",
        r"manifest\.json: is of scalerlab-judgebench 'another'; the card is of",
        r"manifest\.json: is of the first 100 items; a submission is of all items",
        r"manifest\.json: was shown one order only",
        r"manifest\.json: says nothing of where the answers come from",
        r"items\.jsonl: has changed since internlm2-7b-reward was run \(its digest is [0-9a-f]{16}, ",
        r"items\.jsonl: are not the items of scalerlab-judgebench",
        r"judgments\.jsonl, row 2: there is no item 'nobody'",
        r"judgments\.jsonl, rows 3, 4: holds the judge's words",
        r"judgments\.jsonl, row 7: answers a trial that an earlier row answers",
        r"judgments\.jsonl, row 9: .*a judgment has a verdict if and only if its status is ok",
        r"judgments\.jsonl, row 10: is unparsed, and does not say why",
    ]
    assert [pattern for pattern in wanted if not any(re.search(pattern, fault) for fault in found)] == []
    assert len(found) == len(wanted)
    assert not any(SECRET in fault for fault in found), "a secret is not said again"


def test_a_tampered_score_is_one_fault(run: Path) -> None:
    edit(run / "scores.json", '"value": 0.594', '"value": 0.794')
    (fault,) = faults(run)
    assert "scores.json: is not what the judgments give" in fault


def test_an_unfinished_run_says_what_it_lacks(run: Path) -> None:
    path = run / "judgments.jsonl"
    path.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:-7]), encoding="utf-8")
    assert any("lacks 7 of 700 trials" in fault for fault in faults(run))


@pytest.mark.parametrize("name", ["judgments.jsonl", "scores.json", "../items.jsonl"])
def test_a_missing_file_is_named(run: Path, name: str) -> None:
    (run / name).unlink()
    assert [fault for fault in faults(run) if fault.endswith(f"{Path(name).name}: is missing")]


def test_a_folder_is_named_after_its_judge_and_benchmark(run: Path) -> None:
    moved = run.rename(run.with_name("my-judge"))
    assert any("whose folder is internlm2-7b-reward, not my-judge" in fault for fault in faults(moved))


def test_labels_that_may_not_be_passed_on_stay_out(run: Path) -> None:
    change(run, benchmark={"id": "autoj"})
    assert any("labels of autoj may not be passed on" in fault for fault in faults(run))


def test_a_manifest_that_cannot_be_read_or_of_nothing_known(run: Path) -> None:
    change(run, benchmark={"id": "padalm"})
    assert any("did you mean pandalm" in fault for fault in faults(run))
    (run / "manifest.json").write_text("{", encoding="utf-8")
    assert any("manifest.json" in fault for fault in faults(run))


@pytest.mark.parametrize(
    "secret",
    [SECRET, "hf_" + "a" * 30, "ghp_" + "b" * 36, "AKIA" + "C" * 16, "https://me:pass@host/v1", "Bearer " + "d" * 24],
)
def test_secrets_are_found_wherever_they_stand(run: Path, secret: str) -> None:
    edit(run / "judgments.jsonl", '"status":"ok"', f'"status":"ok","detail":"{secret}"')
    assert any("row 1: holds what looks like" in fault for fault in faults(run))


def test_the_command_ends_with_exit_code_2(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(run / "scores.json", '"value": 0.594', '"value": 0.794')
    with pytest.raises(SystemExit) as stop:
        main(["submit-check", str(run), "--known", str(RESULTS)])
    said = capsys.readouterr()
    assert stop.value.code == 2
    assert "scores.json: is not what" in said.out
    assert "1 fault in 1 run" in said.err
    api.score(run)
    with pytest.raises(SystemExit) as stop:
        main(["submit-check", str(run), "--known", str(RESULTS)])
    assert stop.value.code == 0
    assert capsys.readouterr().out == "1 run, ready for a pull request\n"
