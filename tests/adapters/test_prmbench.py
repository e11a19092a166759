"""PRMBench: which solutions are items, steps that a solution does not have, and every count of upstream's files."""

from __future__ import annotations

from collections import Counter

import pytest

from judgebench.adapters import lints, prmbench
from judgebench.errors import BadRow, UnknownName
from judgebench.types import Kind, Verdict

ROW = {
    "idx": "p_1", "classification": "circular", "original_question": "What is 1 + 1?", "error_steps": [2],
    "modified_question": "What is one and one?", "original_process": ["1 + 1 is 2."],
    "modified_process": ["Say it is 2.", "Then it is 2."], "reason": "nobody reads it",
}  # fmt: skip


def read(*paths):
    return list(prmbench.items({path.stem: path for path in paths}, {}))


def test_an_item_is_a_solution_with_a_number_for_each_step(write) -> None:
    (item,) = read(write("a.jsonl", [ROW]))
    assert (item.id, item.subset, item.cluster, item.facets) == ("circular_p_1", "circular", "p_1", {"beyond": 0})
    assert (item.steps, item.gold) == (("Say it is 2.", "Then it is 2."), Verdict(scores=(0, 1)))
    assert (item.responses[0].text, item.label().steps) == ("Say it is 2.\n\nThen it is 2.", 2)
    assert item.messages[0].content == "What is one and one?"


def test_the_rows_of_one_kind_give_the_solution_before_it_was_changed_too(write) -> None:
    items = read(write("a.jsonl", [{**ROW, "classification": "redundency", "error_steps": [1]}]))
    assert [item.id for item in items] == ["correct_p_1", "redundency_p_1"]
    assert (items[0].steps, items[0].gold, items[0].subset) == (("1 + 1 is 2.",), Verdict(scores=(0,)), "correct")
    assert (items[0].messages[0].content, items[0].cluster) == ("What is 1 + 1?", items[1].cluster)


def test_of_several_rows_with_one_id_the_first_counts(write) -> None:
    again = {**ROW, "modified_process": ["Another."], "error_steps": []}
    assert [item.steps[0] for item in read(write("a.jsonl", [ROW, again]))] == ["Say it is 2."]
    assert [item.steps[0] for item in read(write("a.jsonl", [again]), write("b.jsonl", [ROW]))] == ["Another."]


def test_steps_that_the_solution_does_not_have_are_passed_over_and_counted(write) -> None:
    (item,) = read(write("a.jsonl", [{**ROW, "error_steps": [2, 3, 9, 2]}]))
    assert (item.gold, item.facets) == (Verdict(scores=(0, 1)), {"beyond": 2})
    (none,) = read(write("b.jsonl", [{**ROW, "error_steps": [3]}]))
    assert (none.gold, none.facets) == (Verdict(scores=(0, 0)), {"beyond": 1})
    assert "items of which gold names steps beyond the last one: 2" in lints.notes([item, none])


def test_where_a_step_ends_is_a_part_of_the_text(write) -> None:
    (one,) = read(write("a.jsonl", [ROW]))
    (other,) = read(write("b.jsonl", [{**ROW, "modified_process": ["Say it is 2.\n\nThen it is 2."]}]))
    assert one.responses == other.responses
    assert one.label().digest != other.label().digest


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"error_steps": [0]}, r"error_steps are numbers of steps, counted from 1, not \[0\]"),
        ({"error_steps": ["2"]}, "error_steps are numbers of steps"),
        ({"error_steps": [1.5]}, "error_steps are numbers of steps"),
        ({"error_steps": None}, "error_steps is a list"),
        ({"modified_process": []}, "modified_process is a list of texts"),
        ({"modified_process": ["a", 1]}, "modified_process is a list of texts"),
        ({"idx": 4}, "idx is a text"),
    ],
)
def test_anything_else_is_refused(write, change, problem) -> None:
    with pytest.raises(BadRow, match="row 2") as error:
        read(write("a.jsonl", [ROW, {**ROW, "idx": "p_2", **change}]))
    assert error.match(problem)
    with pytest.raises(UnknownName):
        list(prmbench.items({}, {"kind": "circular"}))


def test_upstream_s_files_hold_what_the_card_says(bench) -> None:
    loaded = bench("prmbench")
    if not loaded.real:
        pytest.skip("PRMBench is not in the mirror")
    items, card = loaded.items, loaded.card
    assert (card.question.kind, card.question.each_step) == (Kind.STEP, True)
    assert (len(items), sum(source.rows for source in card.sources)) == (6_211 + 758, 6_216)
    assert Counter(item.subset for item in items) == card.subsets
    assert len({item.cluster for item in items}) == 758
    assert sum(len(item.steps) for item in items) == 94_203
    beyond = [item for item in items if item.facets["beyond"]]
    assert (len(beyond), sum(not any(item.gold.scores) for item in beyond)) == (100, 16)
    assert not any(any(item.gold.scores) for item in items if item.subset in ("correct", "multi_solutions"))
    assert lints.notes(items, card.question) == [
        "items of which gold names steps beyond the last one: 100",
        "items that repeat an earlier item's texts: 5",
        "gold is 'some wrong' in 6,035 of 6,969 items (87%)",
    ]
