"""One reader of results/: what is wrong with a run is said by every verb, in the same words."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

import judgebench
from judgebench import api, results, store
from judgebench.cli import main
from judgebench.errors import InputError, JudgebenchError
from judgebench.types import FIRST, SECOND, Verdict

ROOT = Path(__file__).parents[1]
RUN = "gpt-3.5-turbo"
OTHER = "baseline-longest"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two runs on PandaLM and one on a second benchmark, which stays whole."""
    for name in (f"pandalm/{RUN}", f"pandalm/{OTHER}", "verifiable/baseline-first"):
        shutil.copytree(ROOT / "results" / name, tmp_path / "results" / name)
        labels = f"{Path(name).parent}/items.jsonl"
        shutil.copy(ROOT / "results" / labels, tmp_path / "results" / labels)
    return tmp_path / "results"


def exchanged_golds(folder: Path) -> None:
    """Finding 4 of field/6: 300 golds the other way round, the texts as they were."""
    path = folder / "pandalm" / "items.jsonl"
    labels = store.read_labels(path)
    opposite = {FIRST.scores: SECOND, SECOND.scores: FIRST}
    changed = [label for label in labels if label.gold is not None and label.gold.scores in opposite][:300]
    assert len(changed) == 300
    new = {label.id: msgspec.structs.replace(label, gold=opposite[label.gold.scores]) for label in changed}
    store.write_labels(path, [new.get(label.id, label) for label in labels])


def one_rater_changed(folder: Path) -> None:
    path = folder / "pandalm" / "items.jsonl"
    first, *others = store.read_labels(path)
    rater = next(iter(first.raters))
    voted = Verdict(scores=tuple(1 - score for score in first.raters[rater].scores))
    assert voted != first.raters[rater]
    store.write_labels(path, [msgspec.structs.replace(first, raters={**first.raters, rater: voted}), *others])


def an_item_less(folder: Path) -> None:
    path = folder / "pandalm" / "items.jsonl"
    store.write_labels(path, store.read_labels(path)[:-1])


def no_labels(folder: Path) -> None:
    (folder / "pandalm" / "items.jsonl").unlink()


def a_damaged_label(folder: Path) -> None:
    path = folder / "pandalm" / "items.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:6], lines[6][:20] + b"\n", *lines[7:]]))


def two_runs_mixed(folder: Path) -> None:
    path = folder / "pandalm" / RUN / "judgments.jsonl"
    path.write_bytes(path.read_bytes() + path.read_bytes().splitlines(keepends=True)[2])


def a_damaged_judgment(folder: Path) -> None:
    path = folder / "pandalm" / RUN / "judgments.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"status":"ok"', b'"status":"fine"', 1))


def a_damaged_manifest(folder: Path) -> None:
    path = folder / "pandalm" / RUN / "manifest.json"
    path.write_bytes(path.read_bytes()[:40])


def a_benchmark_nobody_knows(folder: Path) -> None:
    path = folder / "pandalm" / RUN / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b'"pandalm"', b'"pandalmm"', 1))


DAMAGES: dict[Callable[[Path], None], str] = {
    exchanged_golds: "items.jsonl has changed since",
    one_rater_changed: "items.jsonl has changed since",
    an_item_less: "items.jsonl has changed since",
    no_labels: "items.jsonl is missing",
    a_damaged_label: "items.jsonl, row 7",
    two_runs_mixed: "two runs were mixed",
    a_damaged_judgment: "judgments.jsonl, row 1",
    a_damaged_manifest: "manifest.json",
    a_benchmark_nobody_knows: "pandalmm",
}


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line with which a verb refuses; it stops with 1 or 2 and prints nothing else."""
    with pytest.raises(SystemExit) as stopped:
        main(list(arguments))
    assert stopped.value.code in (1, 2)
    (line,) = capsys.readouterr().err.splitlines()
    return line.removeprefix("judgebench: ")


def done(*arguments: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert ended.value.code == 0


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_every_verb_refuses_a_run_in_the_same_words(
    folder: Path, damage: Callable[[Path], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(folder)
    run, other = str(folder / "pandalm" / RUN), str(folder / "pandalm" / OTHER)
    with pytest.raises(JudgebenchError) as refused:
        results.read(Path(run))
    words = " ".join(str(refused.value).split())
    assert DAMAGES[damage] in words
    below = ("--output-dir", str(folder))
    for verb in (
        ("score", run),
        ("score", "--check", run),
        ("compare", run, other),
        ("plan", run, "--margin", "2"),
        ("analyze", "ties", run),
    ):
        assert said(capsys, *verb) == words, verb
    # What reads all runs meets the first bad one; of damaged labels that is the other run beside them.
    whole = re.sub(rf"{RUN}|{OTHER}", "RUN", words)
    for verb in (
        ("leaderboard", *below, "--output", str(tmp_path / "leaderboard.md")),
        ("report", *below, "--output", str(tmp_path / "report.html")),
        ("export", *below),
    ):
        assert re.sub(rf"{RUN}|{OTHER}", "RUN", said(capsys, *verb)) == whole, verb
    with pytest.raises(JudgebenchError) as unread:
        judgebench.load(folder)
    assert re.sub(rf"{RUN}|{OTHER}", "RUN", " ".join(str(unread.value).split())) == whole
    assert not (tmp_path / "leaderboard.md").exists()
    assert not (tmp_path / "report.html").exists()


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_the_list_of_runs_names_what_it_cannot_read_and_goes_on(
    folder: Path, damage: Callable[[Path], None], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    damage(folder)
    for columns in ("80", "300"):
        monkeypatch.setenv("COLUMNS", columns)
        done("ls", "runs", "--output-dir", str(folder))
        shown = " ".join(capsys.readouterr().out.split())
        assert DAMAGES[damage] in shown
        assert "refused:" in shown
        assert "baseline-first" in shown


@pytest.mark.parametrize("damage", [exchanged_golds, one_rater_changed, an_item_less])
def test_a_contribution_is_refused_in_these_words_too(folder: Path, damage: Callable[[Path], None]) -> None:
    damage(folder)
    with pytest.raises(JudgebenchError) as refused:
        results.read(folder / "pandalm" / RUN)
    faults = [str(fault).replace(": ", " ", 1) for fault in api.submit_check(folder / "pandalm" / RUN).faults]
    assert str(refused.value) in faults


def test_two_cards_of_one_name_do_not_know_of_each_other(tmp_path: Path) -> None:
    """No card is remembered from one folder to the next: a user's file is scored by the card beside it."""
    rows = ["prompt,response_a,response_b,winner", *(f"q{n},one {n},two {n},{'ab'[n % 2]}" for n in range(8))]
    for folder, title in (("one", "First"), ("two", "Second")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "my.csv").write_text("\n".join(rows), encoding="utf-8")
        out = tmp_path / folder / "results"
        done("run", "-b", str(tmp_path / folder / "my.csv"), "-j", "baseline:first", "--output-dir", str(out))
        (card,) = out.glob("*/card.yaml")
        text = re.sub(r"(?m)^title: .*$", f"title: {title}", card.read_text(encoding="utf-8"))
        card.write_text(text, encoding="utf-8")
    titles = []
    for folder in ("one", "two", "one"):
        (run,) = results.read_all(tmp_path / folder / "results").values()
        titles.append(run.card.title)
    assert titles == ["First", "Second", "First"]


def test_a_card_beside_results_takes_nobody_s_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder of results may come from anywhere: an installed benchmark's name is its own, and a card stands where it
    belongs."""
    rows = ["prompt,response_a,response_b,winner", *(f"q{n},one {n},two {n},{'ab'[n % 2]}" for n in range(8))]
    (tmp_path / "my.csv").write_text("\n".join(rows), encoding="utf-8")
    out = tmp_path / "results"
    done("run", "-b", str(tmp_path / "my.csv"), "-j", "baseline:first", "--output-dir", str(out))
    (card,) = out.glob("*/card.yaml")
    text = card.read_text(encoding="utf-8")
    mine = card.parent.name
    for name, id_, said in (
        ("verifiable", mine, None),
        ("verifiable", "verifiable", None),
        ("another", mine, f"is the card of {mine}, in the folder of another"),
        ("another", "another", "names its file, under options"),
    ):
        (out / name).mkdir(exist_ok=True)
        changed = text.replace(f"id: {mine}", f"id: {id_}")
        changed = re.sub(r"(?m)^  file: .*$\n", "", changed) if said and "file" in said else changed
        (out / name / "card.yaml").write_text(changed, encoding="utf-8")
        if said is None:
            assert api.open_benchmark(name, results=out).card.title.startswith("verifiable")
        else:
            with pytest.raises(InputError, match=said):
                api.open_benchmark(name, results=out)


def test_what_runs_of_one_benchmark_share_is_read_once(folder: Path) -> None:
    whole = results.read_all(folder)
    assert [path.name for path in whole] == [OTHER, RUN, "baseline-first"]
    one, other, _ = whole.values()
    assert one.labels is other.labels
    assert one.coverage.share == 1
