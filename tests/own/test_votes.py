"""Raters in columns, in lists and in rows of their own; majorities, ties and ratings; ids."""

from __future__ import annotations

import pytest

from judgebench.errors import BadRow, InputError
from judgebench.types import FIRST, SECOND, TIE
from tests.own.conftest import golds, opened, pairs

PLACES = {"A": FIRST, "B": SECOND, "tie": TIE}


def test_gold_is_what_most_raters_say(jsonl) -> None:
    rows = pairs(4, rater_1=["A", "A", "A", None], rater_2=["A", "B", "B", "B"], rater_3=["B", "tie", None, ""])
    items = list(opened(jsonl(rows)).items)
    assert [item.gold for item in items] == [FIRST, None, None, SECOND]
    assert items[0].raters == {"rater_1": FIRST, "rater_2": FIRST, "rater_3": SECOND}
    assert items[2].raters == {"rater_1": FIRST, "rater_2": SECOND}
    card = opened(jsonl(rows)).card
    assert card.raters == "1 to 3 an item"
    assert any("2 of 4 items have no gold label" in warning for warning in card.warnings)
    assert golds(jsonl(rows, no_majority="tie")) == ["first", "tie", "tie", "second"]


@pytest.mark.parametrize("held", [{"ann": "A", "ben": "B", "cy": "A"}, ["A", "B", "A"]])
def test_votes_in_one_column(jsonl, held) -> None:
    item = next(iter(opened(jsonl(pairs(2, votes=[held, held]))).items))
    assert list(item.raters.values()) == [FIRST, SECOND, FIRST]
    assert item.gold == FIRST


def test_votes_of_another_kind_in_one_column(jsonl) -> None:
    rows = [*pairs(1, votes=[["A"]]), *pairs(1, votes="A, B")]
    with pytest.raises(BadRow, match='row 2: votes is a list of votes, or an object from rater to vote, not "A, B"'):
        assert opened(jsonl(rows, raters="votes")).labels


def long(votes: dict[str, dict[str, str]], **columns: str) -> list[dict]:
    return [
        {"item": item, "rater": rater, "prompt": f"Question {item}", "response_a": f"a {item}",
         "response_b": f"b {item}", "vote": vote, **columns}
        for rater in ("ann", "ben", "cy")
        for item, given in votes.items()
        if (vote := given.get(rater))
    ]  # fmt: skip


VOTES = {"x": {"ann": "A", "ben": "A", "cy": "B"}, "y": {"ann": "B", "cy": "B"}, "z": {"ben": "tie"}}


def test_long_form_has_a_row_for_each_vote(jsonl) -> None:
    data = opened(jsonl(long(VOTES)))
    items = {item.id: item for item in data.items}
    assert list(items) == ["x", "y", "z"]
    assert {name: item.raters for name, item in items.items()} == {
        name: {rater: PLACES[vote] for rater, vote in votes.items()} for name, votes in VOTES.items()
    }
    assert [item.gold for item in items.values()] == [FIRST, SECOND, TIE]
    assert len(data.items) == 3
    assert [item.id for item in data.items[1:]] == ["y", "z"]


def test_long_form_without_ids_goes_by_the_texts_in_either_order(jsonl) -> None:
    rows = [{key: value for key, value in row.items() if key != "item"} for row in long(VOTES)]
    swapped = rows[3]
    assert (swapped["rater"], swapped["vote"]) == ("ben", "tie") or swapped["vote"] in ("A", "B")
    for row in rows:
        if row["rater"] == "cy":
            row["response_a"], row["response_b"] = row["response_b"], row["response_a"]
            row["vote"] = {"A": "B", "B": "A"}.get(row["vote"], row["vote"])
    items = list(opened(jsonl(rows)).items)
    assert [sorted((rater, vote.scores) for rater, vote in item.raters.items()) for item in items] == [
        sorted((rater, PLACES[vote].scores) for rater, vote in votes.items()) for votes in VOTES.values()
    ]


def test_long_form_with_other_texts_or_a_second_vote_is_refused(jsonl) -> None:
    rows = long(VOTES)
    rows[2]["response_a"] = "other"
    with pytest.raises(BadRow, match="row 3: item 'x' has other texts here than in row 1"):
        assert opened(jsonl(rows)).labels
    rows = [*long(VOTES), long(VOTES)[0]]
    with pytest.raises(BadRow, match="row 7: ann votes on item 'x' again, after row 1"):
        assert opened(jsonl(rows)).labels


def test_ratings_of_single_responses(jsonl) -> None:
    rows = [
        {"prompt": "q", "response": f"a{n}", "rating_1": one, "rating_2": other, "rating_3": third, "scenario": "chat"}
        for n, (one, other, third) in enumerate([(4, 4, 5), (1, 3, 5), (2, 3, None), ("5", 5.0, 5)])
    ]
    data = opened(jsonl(rows))
    assert [item.gold.scores for item in data.items] == [(4.0,), (3.0,), (3.0,), (5.0,)]
    assert next(iter(data.items)).scenario == "chat"
    assert data.card.headline.rule == "agreement"
    rows[1]["rating_2"] = 7
    with pytest.raises(BadRow, match="row 2: rating_2 is a number from 1 to 5, not 7"):
        assert opened(jsonl(rows, scale=[1, 5])).labels
    rows[1]["rating_2"] = "three"
    with pytest.raises(BadRow, match='row 2: rating_2 is a number, not "three"'):
        assert opened(jsonl(rows, "other.jsonl")).labels


def test_ids_are_the_columns_or_the_texts(jsonl) -> None:
    rows = pairs(3, winner="A", id=["x", 2, "z"])
    assert [item.id for item in opened(jsonl(rows)).items] == ["x", "2", "z"]
    without = [{key: value for key, value in row.items() if key != "id"} for row in rows]
    ids = [item.id for item in opened(jsonl(without)).items]
    moved = [item.id for item in opened(jsonl(list(reversed(without)), "moved.jsonl")).items]
    assert ids == moved[::-1]
    assert [item.id for item in opened(jsonl(rows, id=None)).items] == ids
    doubled = [item.id for item in opened(jsonl([*without, without[0], without[0]])).items]
    assert doubled == [*ids, f"{ids[0]}#2", f"{ids[0]}#3"]


def test_an_id_that_stands_twice_is_named_with_both_rows(jsonl) -> None:
    rows = pairs(4, winner="A", id=["x", "y", "z", "y"])
    with pytest.raises(BadRow, match=r"row 4: the id 'y' stands in row 2 already; if a row is one vote"):
        assert opened(jsonl(rows)).labels
    rows = pairs(2, winner="A", id=["x", True])
    with pytest.raises(BadRow, match=r"row 2: id is an id, a text or a whole number, not true"):
        assert opened(jsonl(rows)).labels


def test_clusters_subsets_and_facets(jsonl) -> None:
    rows = pairs(4, winner=["A", "B"], question_id=[1, 1.0, "2", None], category=["x", "y"], length=[1, 2])
    items = list(opened(jsonl(rows, facets=["length"])).items)
    assert items[0].cluster == items[1].cluster == "1"
    assert items[2].cluster == "2"
    assert len(items[3].cluster) == 16, "an item without a question's id has its prompt's"
    assert [item.subset for item in items] == ["x", "y", "x", "y"]
    assert items[1].facets == {"length": 2}
    assert opened(jsonl(rows)).card.subsets == {"x": 2, "y": 2}


def test_a_file_without_any_label_is_refused_unless_that_is_meant(jsonl) -> None:
    with pytest.raises(InputError, match="no row has a label in winner"):
        assert opened(jsonl(pairs(3, winner=None))).labels
    assert golds(jsonl(pairs(2), label=None)) == [None, None]
