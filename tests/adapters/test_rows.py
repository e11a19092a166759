"""Reading rows: where an error is, what is allowed there, and that a value is only what JSON says it is."""

from __future__ import annotations

import pytest

from judgebench.adapters import rows
from judgebench.errors import BadRow, InputError
from judgebench.types import FIRST, SECOND, TIE


def test_an_error_in_a_whole_file_names_its_line(tmp_path) -> None:
    path = tmp_path / "list.json"
    path.write_text('[{"a": 1},\n {"a": 2},\n {"a": oops}]\n', encoding="utf-8")
    with pytest.raises(BadRow, match=r"list\.json, row 3: not JSON: .*byte 29"):
        list(rows.read_json(path))
    path.write_text('[{"a": 1},\n {"a": 2}', encoding="utf-8")
    with pytest.raises(BadRow, match="row 2: not JSON: Input data was truncated"):
        list(rows.read_json(path))


def test_an_error_in_a_line_names_the_line(tmp_path) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_bytes(b'{"a": 1}\r\n\n{"a": \xff}\n')
    reader = rows.read_jsonl(path)
    assert next(reader).fields == {"a": 1}
    with pytest.raises(BadRow, match="row 3: not JSON"):
        next(reader)


def test_rows_before_a_bad_one_are_numbered_as_an_editor_does(write) -> None:
    assert [row.number for row in rows.read_json(write("x.json", [{}, {}]))] == [1, 2]
    with pytest.raises(BadRow, match="row 2: a row is a JSON object, not 5"):
        list(rows.read_jsonl(write("x.jsonl", [{}, 5])))


@pytest.mark.parametrize("value", [True, 1.0, "1", None, [1], {"1": 1}])
def test_a_choice_is_of_the_same_type(value, tmp_path) -> None:
    row = rows.Row(tmp_path, 1, {"x": value})
    with pytest.raises(BadRow, match="x is one of 1, 2, not"):
        row.choice("x", {1: FIRST, 2: SECOND})
    assert rows.Row(tmp_path, 1, {"x": 1}).choice("x", {1: FIRST}) == FIRST


def test_a_long_value_is_cut_in_the_message(tmp_path) -> None:
    with pytest.raises(BadRow) as caught:
        rows.Row(tmp_path, 1, {"x": ["a" * 10_000]}).whole("x")
    assert len(str(caught.value)) < 200 + len(str(tmp_path))


def test_a_text_that_would_break_the_line_is_quoted(tmp_path) -> None:
    with pytest.raises(BadRow) as caught:
        rows.Row(tmp_path, 1, {"x": "a\nb"}).whole("x")
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
def test_numbers(value, expected) -> None:
    assert rows.numbers(value, 2) == expected


def test_majority() -> None:
    assert rows.majority({"a": FIRST}) == FIRST
    assert rows.majority({"a": FIRST, "b": TIE}) is None
    assert rows.majority({"a": FIRST, "b": TIE, "c": TIE}) == TIE


def test_a_file_that_cannot_be_read(tmp_path) -> None:
    for path in (tmp_path, tmp_path / "absent"):
        with pytest.raises(InputError, match=str(path)):
            list(rows.read_jsonl(path))
