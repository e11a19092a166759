"""A row's getters: a value is only what its file says it is, and every complaint fits one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from judgebench.errors import BadRow
from judgebench.rows import Row, finite_numbers
from judgebench.types import FIRST, SECOND

PATH = Path("x.jsonl")


@pytest.mark.parametrize("value", [True, 1.0, "1", None, [1], {"1": 1}])
def test_a_choice_is_of_the_same_type(value) -> None:
    row = Row(PATH, 1, {"x": value})
    with pytest.raises(BadRow, match="x is one of 1, 2, not"):
        row.choice("x", {1: FIRST, 2: SECOND})
    assert Row(PATH, 1, {"x": 1}).choice("x", {1: FIRST}) == FIRST


def test_a_long_value_is_cut_in_the_message() -> None:
    with pytest.raises(BadRow) as caught:
        Row(PATH, 1, {"x": ["a" * 10_000]}).whole("x")
    assert len(str(caught.value)) < 200


def test_a_text_that_would_break_the_line_is_quoted() -> None:
    with pytest.raises(BadRow) as caught:
        Row(PATH, 1, {"x": "a\nb"}).whole("x")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([1, 2.5], (1.0, 2.5)),
        ([1], None),
        ([1, True], None),
        ([1, "2"], None),
        ("12", None),
        ([1, 10**400], None),
        ([1, None], None),
    ],
)
def test_finite_numbers(value, expected) -> None:
    assert finite_numbers(value, 2) == expected


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (3, 3), ("3", 3), (" 4.5 ", 4.5), (1, 1), (5, 5), (0, None), (5.5, None), ("6", None), (True, None), ("", None),
        (None, None), ([3], None), ("three", None), (float("nan"), None), ("inf", None), (10**400, None),
    ],
)  # fmt: skip
def test_a_number_may_be_a_text_and_has_to_be_in_its_range(value, number) -> None:
    row = Row(PATH, 7, {"x": value})
    if number is None:
        with pytest.raises(BadRow, match=r"x\.jsonl, row 7: x is a number from 1 to 5, not "):
            row.number_in(value, "x", 1, 5)
    else:
        assert row.number_in(value, "x", 1, 5) == number


@pytest.mark.parametrize(
    ("value", "name"),
    [("a", "a"), (" a ", " a "), (7, "7"), (7.0, "7"), (7.5, None), (True, None), ("", None), (" ", None),
     (None, None), (float("nan"), None), (float("inf"), None), ([1], None)],
)  # fmt: skip
def test_an_identifier_is_a_text_or_a_whole_number(value, name) -> None:
    row = Row(PATH, 7, {"x": value})
    if name is None:
        with pytest.raises(BadRow, match=r"x\.jsonl, row 7: x is an id, a text or a whole number, not "):
            row.identifier("x")
    else:
        assert row.identifier("x") == name


GETTERS = {
    "value": lambda row: row.value("y"),
    "text": lambda row: row.text("x"),
    "optional text": lambda row: row.optional_text("x"),
    "texts": lambda row: row.texts("x"),
    "identifier": lambda row: row.identifier("x"),
    "whole number": lambda row: row.whole("x"),
    "number": lambda row: row.number_in(row.value("x"), "x"),
    "choice": lambda row: row.choice("x", {"a": 1}),
    "list": lambda row: row.sequence("x"),
    "object inside": lambda row: row.within(row.value("x"), "x"),
    "text of an object inside": lambda row: row.within({"z": 0}, "x").text("z"),
}


@pytest.mark.parametrize("get", GETTERS.values(), ids=GETTERS)
def test_every_getter_says_where_the_row_is(get) -> None:
    with pytest.raises(BadRow) as caught:
        get(Row(Path("data/x.csv"), 12, {"x": {"z": 0}} if get is not GETTERS["object inside"] else {"x": 5}, 15))
    assert str(caught.value).startswith("data/x.csv, row 12 (line 15): ")
    assert (caught.value.row, caught.value.line) == (12, 15)


def test_a_row_that_is_remembered_keeps_its_place_alone() -> None:
    row = Row(PATH, 3, {"x": "a" * 1000}, 4).without_fields()
    assert (row.place, row.fields) == ("row 3 (line 4)", {})
    assert Row(PATH, 3, {}, 3).place == Row(PATH, 3, {}).place == "row 3"
