"""Single responses with labels: what is guessed, what a mapping says, and from a file to a card."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from judgebench import api
from judgebench.adapters import own
from judgebench.cli import main
from judgebench.errors import InputError
from judgebench.report import card as report_card
from judgebench.score import estimates
from judgebench.types import Kind, Question, Verdict

ROWS = [f"what is {number // 2}+1,it is {number // 2 + 1 + (number % 5 == 0)},{number}" for number in range(40)]
FAIL, PASS = Verdict(scores=(1, 0)), Verdict(scores=(0, 1))


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(estimates, "RESAMPLES", 20)

    def write(wrong: object = "fail", right: object = "pass", mapping: str = "") -> str:
        lines = [f"{row},{wrong if number % 5 == 0 else right}" for number, row in enumerate(ROWS)]
        Path("data.csv").write_text("prompt,response,id,label\n" + "\n".join(lines) + "\n", encoding="utf-8")
        if mapping:
            Path("data.mapping.yaml").write_text(mapping, encoding="utf-8")
        return "data.csv"

    return write


def test_labels_that_are_no_numbers_are_a_class(file: Any) -> None:
    opened = own.open_own(file())
    wanted = Question(kind=Kind.CLASS, labels=("fail", "pass"), positive="pass")
    assert opened.card.question == opened.layout.question == wanted
    assert (opened.card.ask, opened.card.headline.rule) == ({"prompt": "class"}, "agreement")
    assert [item.gold for item in opened.items][:2] == [FAIL, PASS]
    assert "  question: {kind: class, labels: [fail, pass], positive: pass}" in opened.notes
    assert "single responses with labels" in opened.notes[0]
    assert opened.card.warnings == (
        "gold is 'pass' in 32 of 40 items (80%); majority_agreement says what that is worth",
    )


@pytest.mark.parametrize(
    ("wrong", "right", "positive"),
    [("no", "YES", "YES"), ("good", "bad", "good"), ("safe", "good", None), ("x", "y", None)],
)
def test_the_positive_label_is_guessed_where_it_is_clear(
    file: Any, wrong: str, right: str, positive: str | None
) -> None:
    question = own.open_own(file(wrong, right)).card.question
    assert set(question.labels) == {wrong, right}
    assert question.positive == positive


def test_numbers_are_ratings(file: Any) -> None:
    assert own.open_own(file(1, 5)).card.question == Question(kind=Kind.SCORE)
    assert own.open_own(file(1, 5, "scale: [1, 5]")).card.question.scale == (1, 5)


def test_numbers_are_labels_where_the_mapping_says_so(file: Any) -> None:
    opened = own.open_own(file(0, 1, "question: {kind: class, labels: ['0', '1'], positive: '1'}"))
    assert [item.gold for item in opened.items][:2] == [FAIL, PASS]


@pytest.mark.parametrize(
    ("mapping", "problem"),
    [
        ("question: {kind: class, labels: [fail, fail]}", "none of them twice or empty"),
        ("question: {kind: step}", "question is of kind class or ranking; others follow from the columns"),
        ("question: {kind: class, labels: [fail, pass]}\nscale: [0, 1]", "neither a scale nor values"),
        ("question: {kind: class, labels: [fail, good]}", 'row 3: label is one of fail, good, not "pass"'),
        ("question: {kind: opinion}", "opinion"),
        ("question: pass", "question"),
    ],
)
def test_what_cannot_be_is_one_line(file: Any, mapping: str, problem: str) -> None:
    with pytest.raises(InputError) as error:
        own.open_own(file(mapping=mapping)).labels  # noqa: B018  (every row is read)
    assert problem in str(error.value)
    assert "\n" not in str(error.value)


def test_from_a_file_to_a_card(file: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["run", "-b", file(), "-j", "baseline:second"])
    text = capsys.readouterr().out
    assert "always saying the commonest label              80.00" in text
    assert "sensitivity: positive where gold is           100.00" in text
    assert "40 items, 20 questions, one response each" in text
    table = text[text.index("What gold says") :].splitlines()
    assert table[1].split() == ["gold", "says", "fail", "says", "pass", "no", "label", "precision", "recall", "F1"]
    assert table[3].split() == ["fail", "0", "8", "0", "–", "0.00", "0.00"]
    assert table[4].split() == ["pass", "0", "32", "0", "80.00", "100.00", "88.89"]
    scores = api.evaluate("baseline:second", "data.csv").scores
    card = own.open_own("data.csv").card
    marked = report_card.render(report_card.of(scores, card), "markdown")
    assert "### What gold says and what the judge says (trials)" in marked
    assert "| pass | 0 | 32 | 0 |" in marked.replace("\N{NO-BREAK SPACE}", " ")
    assert '"columns"' in report_card.render(report_card.of(scores, card), "json")


def test_a_datasheet_names_the_labels(file: Any) -> None:
    sheet = api.datasheet(file())
    assert (sheet.kind, sheet.gold, list(sheet.strategies)) == ("classes", {"fail": 8, "pass": 32}, ["always pass"])


def test_recorded_labels_are_imported(file: Any, tmp_path: Path) -> None:
    bench = api.open_benchmark(file())
    said = "\n".join(f"{number},{verdict}" for number, verdict in enumerate(["fail", "PASS", ""] + ["pass"] * 37))
    Path("said.csv").write_text(f"item,verdict\n{said}\n", encoding="utf-8")
    scores, unmatched = api.import_recorded("somebody", bench, [Path("said.csv")])
    assert not unmatched
    assert scores.coverage.ok == 39
    assert scores.metrics["confusion[fail,fail]"].value == 1
    assert scores.metrics["confusion[pass,]"].value == 1
    Path("said.csv").write_text("item,verdict\n0,maybe\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"row 2.*verdict is fail, pass or a number for each of them, not 'maybe'"):
        api.import_recorded("nobody", bench, [Path("said.csv")])
    Path("said.jsonl").write_text(
        '{"item": "0", "order": [0], "status": "ok", "verdict": [[1, 0, 0]]}\n', encoding="utf-8"
    )
    with pytest.raises(InputError, match="item '0': 3 scores for 2 labels"):
        api.import_recorded("nobody", bench, [Path("said.jsonl")])
