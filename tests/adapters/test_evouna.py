"""EVOUNA: what counts as a verdict, empty answers, improper questions; and every count of upstream's files."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from judgebench import api
from judgebench.adapters import evouna, lints
from judgebench.errors import BadRow, UnknownName
from judgebench.score import estimates
from judgebench.types import Kind, Status, Verdict

ROW = {
    "question": "who wrote hamlet", "golden_answer": "Shakespeare/William Shakespeare", "improper": False,
    **{f"answer_{system}": "Shakespeare wrote it." for system in evouna.SYSTEMS},
    **{f"judge_{system}": True for system in evouna.SYSTEMS},
}  # fmt: skip
WRONG, RIGHT = Verdict(scores=(1, 0)), Verdict(scores=(0, 1))


def read(path):
    return list(evouna.items({"NQ": path}, {}))


def test_a_row_is_an_item_for_each_system(write) -> None:
    items = read(write("NQ.json", [{**ROW, "judge_gpt4": False}]))
    assert [item.id for item in items] == [f"NQ/0/{system}" for system in evouna.SYSTEMS]
    assert [item.gold for item in items] == [RIGHT, RIGHT, RIGHT, WRONG, RIGHT]
    one = items[0]
    assert (one.subset, one.materials.get("reference"), one.facets) == (
        "NQ",
        "Shakespeare/William Shakespeare",
        {"improper": False},
    )
    assert (one.responses[0].text, one.responses[0].author) == ("Shakespeare wrote it.", "fid")
    assert len({item.cluster for item in items}) == 1


def test_null_and_nan_are_no_gold_and_null_is_an_empty_answer(write) -> None:
    items = read(write("TQ.json", [{**ROW, "judge_fid": None, "judge_gpt4": "nan", "answer_fid": None}]))
    assert [item.gold is None for item in items] == [True, False, False, True, False]
    assert (items[0].responses[0].text, items[0].has_texts) == ("", True)
    assert read(write("NQ.json", [{**ROW, "golden_answer": None}]))[0].materials.get("reference") is None


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"judge_fid": "true"}, 'judge_fid is one of false, true, null, "nan", not "true"'),
        ({"judge_fid": 1}, "not 1"),
        ({"improper": None}, "improper is one of false, true, not null"),
        ({"answer_gpt4": 4}, "answer_gpt4 is a text, not 4"),
        ({"question": None}, "question is a text, not null"),
    ],
)
def test_anything_else_is_refused(write, change, problem) -> None:
    with pytest.raises(BadRow, match="row 2") as error:
        read(write("NQ.json", [ROW, {**ROW, **change}]))
    assert problem in str(error.value)
    with pytest.raises(UnknownName):
        list(evouna.items({}, {"system": "gpt4"}))


def test_upstream_s_files_hold_what_the_card_says(bench, mirror) -> None:
    loaded = bench("evouna")
    if not loaded.real:
        pytest.skip("EVOUNA is not in the mirror")
    items, card = loaded.items, loaded.card
    assert (card.question.kind, card.question.positive) == (Kind.CLASS, "correct")
    judged = [item for item in items if item.gold is not None]
    assert (len(items), len(judged)) == (28_050, 25_359)
    assert lints.label_counts(items, card.question) == {"correct": 19_513, "incorrect": 5_846, "none": 2_691}
    assert Counter(item.subset for item in items if item.gold is None) == {"NQ": 2_616, "TQ": 75}
    questions = {item.id.rsplit("/", 1)[0]: item for item in items}
    assert (len(questions), sum(item.facets["improper"] for item in questions.values())) == (5_610, 652)
    assert len({item.cluster for item in items}) == 5_608, "two questions stand there twice"
    assert sum(not item.facets["improper"] for item in judged) == 24_789
    empty = [item for item in items if not item.responses[0].text.strip()]
    verdicts = Counter(None if item.gold is None else item.gold == RIGHT for item in empty)
    assert (len(empty), verdicts) == (508, {None: 502, False: 4, True: 2})
    raw = json.loads((mirror / "evouna" / "EVOUNA" / "NQ.json").read_text(encoding="utf-8"))
    raw += json.loads((mirror / "evouna" / "EVOUNA" / "TQ.json").read_text(encoding="utf-8"))
    assert sum(row[f"answer_{system}"] is None for row in raw for system in evouna.SYSTEMS) == 500
    assert sum(item.materials.get("reference") is None for item in questions.values()) == 1
    assert lints.notes(items, card.question) == [
        "empty responses: 508",
        "items that repeat an earlier item's texts: 813",
        "gold is 'correct' in 19,513 of 28,050 items (70%)",
    ]


def test_baselines_with_and_without_improper_questions(mirror, monkeypatch, tmp_path) -> None:
    if not (mirror / "evouna").exists():
        pytest.skip("EVOUNA is not in the mirror")
    monkeypatch.setenv("JUDGEBENCH_MIRROR", str(mirror))
    monkeypatch.setattr(estimates, "RESAMPLES", 20)
    scores = api.evaluate("baseline:second", "evouna", results=tmp_path).scores
    assert scores.coverage.failures[Status.UNPARSED] == 0
    assert scores.headline.value == scores.metrics["majority_agreement"].value == 19_513 / 25_359
    proper = scores.headline.parts["proper"]
    assert (proper.n, scores.metrics["agreement"].n) == (24_789, 25_359)
    assert scores.metrics["confusion[incorrect,correct]"].value == 5_846
    assert (scores.metrics["sensitivity"].value, scores.metrics["specificity"].value) == (1, 0)
