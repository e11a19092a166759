"""Whatever the kind of file, a complaint about its k-th row names it as the program does in which one looks at it: the
row of a spreadsheet, the line of JSON lines, the element of a JSON list, the row of a table."""

from __future__ import annotations

import codecs
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from judgebench import rows
from judgebench.errors import BadRow, InputError
from judgebench.rows import files, hub

COUNT = 600
"""More rows than a batch of a table has."""


class Kind(NamedTuple):
    """`write` makes a file's bytes of its values; `place` says where the value at a position from 1 then stands."""

    name: str
    write: Callable[[list[str]], bytes]
    place: Callable[[int], str]


def table(values: list[str], separator: str = ",", end: str = "\n") -> str:
    return end.join([f"n{separator}text", *(f'{value}{separator}"a ""b"""' for value in values), ""])


def two_lines_each(values: list[str]) -> bytes:
    return "".join(["n,text\n", *(f'{value},"a\nb"\n' for value in values)]).encode()


def a_header_of_three_lines(values: list[str]) -> bytes:
    return "".join(['n,"te\n\nxt"\n', *(f"{value},a\n" for value in values)]).encode()


def with_empty_lines(values: list[str]) -> bytes:
    return "".join(["n,text\n", *(f"\n{value},a\n" for value in values)]).encode()


def objects(values: list[str]) -> list[dict[str, str]]:
    return [{"n": value, "text": "a\u2028b"} for value in values]


def lines(values: list[str], end: str = "\n") -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + end for row in objects(values)).encode()


def parquet(values: list[str]) -> bytes:
    import pyarrow as pa
    from pyarrow import parquet as pq

    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(objects(values)), out, row_group_size=100)
    return out.getvalue()


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(f"folder/{name}", data)
    return out.getvalue()


def row(position: int) -> str:
    return f"row {position}"


def below_a_header(position: int) -> str:
    return f"row {position + 1}"


KINDS = [
    Kind("plain.csv", lambda values: table(values).encode(), below_a_header),
    Kind("excel.csv", lambda values: codecs.BOM_UTF8 + table(values, ";", "\r\n").encode(), below_a_header),
    Kind("wide.csv", lambda values: table(values, "\t", "\r\n").encode("utf-16"), below_a_header),
    Kind("tab.tsv", lambda values: table(values, "\t").encode(), below_a_header),
    Kind("two.csv", two_lines_each, lambda k: "row 2" if k == 1 else f"row {k + 1} (line {2 * k})"),
    Kind("header.csv", a_header_of_three_lines, lambda k: f"row {k + 1} (line {k + 3})"),
    Kind("empty.csv", with_empty_lines, lambda k: f"row {2 * k + 1}"),
    Kind("lines.jsonl", lines, row),
    Kind("windows.jsonl", lambda values: codecs.BOM_UTF8 + lines(values, "\r\n"), row),
    Kind("blank.ndjson", lambda values: lines(values, "\n\n"), lambda k: f"row {2 * k - 1}"),
    Kind("lines.json", lines, row),
    Kind("list.json", lambda values: json.dumps(objects(values), indent=2).encode(), row),
    Kind("bom.json", lambda values: codecs.BOM_UTF8 + json.dumps(objects(values)).encode(), row),
    Kind("no-suffix", lambda values: json.dumps(objects(values)).encode(), row),
    Kind("groups.parquet", parquet, row),
    Kind("lines.zip", lambda values: zipped(**{"a.jsonl": lines(values)}), row),
    Kind("list.zip", lambda values: zipped(**{"a.json": json.dumps(objects(values)).encode()}), row),
    Kind("table.zip", lambda values: zipped(**{"a.csv": with_empty_lines(values)}), lambda k: f"row {2 * k + 1}"),
    Kind("frame.zip", lambda values: zipped(**{"a.parquet": parquet(values)}), row),
]  # fmt: skip


def read_all(found: Iterator[rows.Row]) -> list[str]:
    return [each.choice("n", {"good": "good"}) for each in found]


@pytest.mark.parametrize("position", [1, 2, 3, 257, COUNT])
@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_a_bad_value_in_a_row_is_reported_there(kind: Kind, position: int, tmp_path: Path) -> None:
    values = ["good"] * COUNT
    path = tmp_path / kind.name
    path.write_bytes(kind.write(values))
    assert read_all(rows.read(path)) == values
    values[position - 1] = "bad"
    path.write_bytes(kind.write(values))
    with pytest.raises(BadRow) as caught:
        read_all(rows.read(path))
    assert str(caught.value) == f'{path}, {kind.place(position)}: n is one of "good", not "bad"'


@pytest.mark.parametrize("position", [1, 257, COUNT])
def test_a_bad_value_in_a_line_of_text(position: int, tmp_path: Path) -> None:
    path = tmp_path / "labels.txt"
    path.write_text("\n" * (position - 1) + " bad\u2028line \n" + "\n" * (COUNT - position), encoding="utf-8")
    with pytest.raises(BadRow) as caught:
        [each.choice("line", {"": ""}) for each in rows.read(path)]
    assert str(caught.value).startswith(f"{path}, row {position}: line is one of ")
    path.write_bytes(b"good\n" * (position - 1) + b"\xff\n")
    with pytest.raises(BadRow, match=rf"labels\.txt, row {position}: not UTF-8 text"):
        list(rows.read(path))


@pytest.mark.parametrize("position", [1, 257, COUNT])
def test_a_bad_value_in_a_row_of_a_data_set(position: int) -> None:
    import datasets

    values = ["good"] * COUNT
    values[position - 1] = "bad"
    with pytest.raises(BadRow) as caught:
        read_all(hub._rows(datasets.Dataset.from_list(objects(values)), "hf:me/it@1:default/test"))
    assert str(caught.value).startswith(f"hf:me/it@1:default/test, row {position}: n is one of")


def good_pair(values: list[str]) -> bytes:
    return json.dumps(objects(values), indent=1).encode()


BROKEN: dict[str, tuple[str, bytes, str]] = {
    "a line that is not JSON": ("x.jsonl", lines(["good"] * 3) + b"{\n", "row 4: not JSON"),
    "a byte that is not UTF-8, in a line": ("x.jsonl", b'{"a": 1}\r\n\n{"a": \xff}\n', "row 3: not JSON"),
    "a line that is no object": ("x.jsonl", b"{}\n5\n", "row 2: a row is a JSON object of columns, not 5"),
    "an element that is not JSON": ("x.json", b'[{"a": 1},\n {"a": 2},\n {"a": oops}]', "row 3: not JSON: "),
    "the same on one line": ("x.json", b'[{"a": [1, "]", {}]}, {"a": 2}, {"a": oops}]', "row 3 (line 1): not JSON: "),
    "the same over many lines": ("x.json", good_pair(["good"] * 3)[:-6] + b"\n]", "row 3 (line 12): not JSON: "),
    "a list that is cut off": ("x.json", b'[{"a": 1},\n {"a": 2}', "row 2: not JSON: Input data was truncated"),
    "a list that nothing is in": ("x.json", b"[", "row 1: not JSON"),
    "an element that is no object": ("x.json", b"[{},\n\n 5]", "row 2: a row is a JSON object of columns, not 5"),
    "NaN before a fault": ("x.json", b'[{"a": NaN}, {"a": oops}]', "row 2 (line 1): not JSON"),
    "half a surrogate pair": ("x.json", rb'[{"a": "\ud800"}]', "row 1: not JSON"),
    "too few cells": ("x.csv", b'a,b\n"1\n1",2\n3\n', "row 3 (line 4): 1 cells, and the header has 2"),
    "a quote that is never closed": ("x.csv", b'a,b\n"1\n1",2\n"3,4\n5,6\n', "row 3 (line 4): not CSV: unexpected end"),
    "a byte that is not UTF-8": ("x.csv", b'a,b\n"1\n1",2\n\xfc,4\n', "row 3 (line 4): not UTF-8 text"),
    "the same far below": (
        "x.csv", b'a,b\n"1\n1",2\n' + b"3,4\n" * 50_000 + b"5,\xfc\n", "row 50003 (line 50004): not UTF-8 text"),
    "the same in the header": ("x.csv", b"a,\xfc\n1,2\n", "row 1: not UTF-8 text"),
    "half a character of UTF-16": ("x.csv", "a,b\n1,2\n".encode("utf-16") + b"\x00", "row 3: not UTF-16 text"),
    "no table at all": ("x.parquet", b"PAR1 and not more", "not a parquet file, from row 1"),
    "a damaged group": ("x.parquet", parquet(["good"] * COUNT).replace(b"good", b"\xff\xff\xff\xff"), "from row 1: "),
}  # fmt: skip


@pytest.mark.parametrize(("name", "content", "message"), BROKEN.values(), ids=BROKEN)
def test_what_cannot_be_read_is_reported_where_it_stands(
    name: str, content: bytes, message: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        list(rows.read(path))
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)


def test_rows_before_a_bad_one_are_read(tmp_path: Path) -> None:
    for name, content in (("x.jsonl", b'{"a": "1"}\n\n{"a"'), ("x.csv", b"a\n1\n2,3\n")):
        (tmp_path / name).write_bytes(content)
        reader = rows.read(tmp_path / name)
        assert next(reader).fields == {"a": "1"}
        with pytest.raises(BadRow):
            next(reader)


def test_one_object_is_one_row(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(codecs.BOM_UTF8 + b'{"a": [1,\n 2]}')
    assert rows.read_object(path).fields == {"a": [1, 2]}
    path.write_text('{"a": [1,\n oops]}', encoding="utf-8")
    with pytest.raises(BadRow, match=r"row 1 \(line 2\): not JSON"):
        rows.read_object(path)


# ------------------------------------------------------------------------------------------------------- the files


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent", tmp_path / "absent.parquet", tmp_path / "absent.csv"):
        with pytest.raises(InputError, match=f"{path}: cannot be read: (No such file|Is a dir)"):
            list(rows.read(path))
    (tmp_path / "x.zip").write_bytes(b"PK")
    with pytest.raises(InputError, match="not a zip that can be read"):
        list(rows.read(tmp_path / "x.zip"))


def test_a_zip_is_read_without_unpacking_more_than_it_should(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "z.zip"
    path.write_bytes(zipped(**{"a.json": b'[{"x": 1}]', "b.json": b'[{"x": 2}]'}))
    assert [each.fields for each in rows.read(path, "b.json")] == [{"x": 2}]
    with pytest.raises(InputError, match=r"0 files in it are called c\.json, not one"):
        files.unzip(path, "c.json")
    with pytest.raises(InputError, match="2 files in it are called anything"):
        list(rows.read(path))
    monkeypatch.setattr("judgebench.rows.files.LARGEST", 5)
    with pytest.raises(InputError, match="unpacks to more than 5 bytes"):
        files.unzip(path, "a.json")
