"""Every kind of file, and what its users' tools put into it."""

from __future__ import annotations

import codecs
import csv
import io
import json
from pathlib import Path

import pytest

from judgebench.errors import BadRow, DataUnavailable, InputError
from tests.own.conftest import opened, pairs

WRITTEN = pairs(3, winner=["A", "B", "tie"])
WRITTEN[0]["response_a"] = "Grüße, 世界 \u2028 \N{GRINNING FACE}"
WRITTEN[1]["prompt"] = 'two\nlines, "quoted"; and\ta tab'


def table(separator: str = ",", line: str = "\n") -> str:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(WRITTEN[0]), delimiter=separator, lineterminator=line)
    writer.writeheader()
    writer.writerows(WRITTEN)
    return out.getvalue()


def parquet() -> bytes:
    import pyarrow as pa
    from pyarrow import parquet as pq

    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(WRITTEN), out, row_group_size=2)
    return out.getvalue()


LINES = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in WRITTEN)
FILES = {
    "plain.csv": table().encode(),
    "excel.csv": codecs.BOM_UTF8 + table(";", "\r\n").encode(),
    "unicode.csv": table("\t").encode("utf-16"),
    "bar.csv": table("|").encode(),
    "UPPER.CSV": table().encode(),
    "tab.tsv": table("\t").encode(),
    "plain.jsonl": LINES.encode(),
    "windows.jsonl": codecs.BOM_UTF8 + LINES.replace("\n", "\r\n").encode(),
    "blank.ndjson": LINES.replace("\n", "\n\n").rstrip("\n").encode(),
    "list.json": json.dumps(WRITTEN, indent=1).encode(),
    "bom.json": codecs.BOM_UTF8 + json.dumps(WRITTEN).encode(),
    "lines.json": LINES.encode(),
    "plain.parquet": parquet(),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_every_kind_is_the_same_benchmark(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(FILES[name])
    (tmp_path / "reference.jsonl").write_text(LINES, encoding="utf-8")
    data, reference = opened(tmp_path / name), opened(tmp_path / "reference.jsonl")
    items = list(data.items)
    assert items == list(reference.items)
    assert [item.responses[0].text for item in items] == [row["response_a"] for row in WRITTEN]
    assert items[1].messages[0].content == WRITTEN[1]["prompt"]
    assert data.card.version == reference.card.version
    assert data.card.id == f"{name.rpartition('.')[0]}@{data.card.version[:8]}"


def test_items_are_read_again_and_in_part(tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    path.write_bytes(FILES["plain.csv"])
    items = opened(path).items
    every = list(items)
    assert len(items) == 3
    assert items[1] == every[1]
    assert items[-1] == every[-1]
    assert list(items[:2]) == every[:2]
    assert list(items[1:]) == every[1:]
    assert list(items[:None]) == every
    assert len(items[:1000]) == 3
    with pytest.raises(IndexError):
        items[3]
    with pytest.raises(ValueError, match="from the first to the last"):
        items[::-1]


def test_a_file_that_changes_while_it_is_read_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "plain.jsonl"
    path.write_text(LINES, encoding="utf-8")
    items = opened(path).items
    assert len(list(items)) == 3
    path.write_text(LINES * 2, encoding="utf-8")
    with pytest.raises(InputError, match="has changed since it was opened"):
        list(items)


def test_a_huge_cell_is_a_cell(tmp_path: Path) -> None:
    long = "x" * 3_000_000
    path = tmp_path / "long.csv"
    path.write_text(f"prompt,response_a,response_b,winner\nq,{long},b,A\nq2,a,b,B\n", encoding="utf-8")
    assert [len(item.responses[0].text or "") for item in opened(path).items] == [3_000_000, 1]


def test_python_s_nan_is_a_missing_label(tmp_path: Path) -> None:
    path = tmp_path / "nan.jsonl"
    rows = [*pairs(2, winner=["A", float("nan")]), *pairs(1, winner=None)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert "NaN" in path.read_text(encoding="utf-8")
    assert [item.gold is None for item in opened(path).items] == [False, True, True]


def test_ids_that_pandas_made_floats_and_texts_that_are_numbers(tmp_path: Path) -> None:
    import pandas as pd

    path = tmp_path / "frame.parquet"
    frame = pd.DataFrame({"id": [1.0, 2.0], "prompt": ["1+1?", "2+2?"], "response_a": [2, 4], "response_b": [3, 5],
                          "winner": ["A", None], "category": ["x", None]})  # fmt: skip
    frame.to_parquet(path)
    items = list(opened(path).items)
    assert [item.id for item in items] == ["1", "2"]
    assert items[1].responses[0].text == "4"
    assert [item.subset for item in items] == ["x", None]


HEAD = "prompt,response_a,response_b,winner\n"
WRONG: dict[str, tuple[str, bytes, str]] = {
    "bad label after a cell of two lines": (
        "x.csv", (HEAD + '"a\nb",c,d,A\n"e\nf",g,h,C\n').encode(),
        'x.csv, row 3 (line 4): winner is one of a (first), not "C"'),
    "too few cells": ("x.csv", (HEAD + "q,a,b,A\nq,a\n").encode(), "row 3: 2 cells, and the header has 4"),
    "too many cells": ("x.csv", (HEAD + "q,a,b,A,,\n").encode(), "row 2: 6 cells, and the header has 4"),
    "an open quote": ("x.csv", (HEAD + 'q,a,b,A\n"q,a,b,B\nq,a,b,A\n').encode(), "row 3: not CSV: unexpected end of"),
    "a column twice": ("x.csv", b"prompt,response_a,prompt\nq,a,b\n", "row 1: the column 'prompt' stands there twice"),
    "Latin letters": (
        "x.csv", (HEAD + "q,a,b,A\nü,a,b,B\n").encode("cp1252"), "x.csv, row 3: not UTF-8 text"),
    "half a JSON object": ("x.jsonl", LINES.encode() + b'{"prompt": "q",\n', "x.jsonl, row 4: not JSON"),
    "half a surrogate": ("x.jsonl", LINES.encode() + rb'{"prompt": "\ud800"}', "x.jsonl, row 4: not JSON"),
    "no object": ("x.jsonl", LINES.encode() + b"[1]\n", "row 4: a row is a JSON object of columns, not [1]"),
    "columns": ("x.json", b'{"prompt": {"0": "q"}, "winner": {"0": "A"}}', "it holds columns, not rows; pandas writes"),
    "one object over lines": ("x.json", b'{"data":\n [1]}', "x.json: neither a JSON list of objects nor one object a"),
    "no parquet": ("x.parquet", b"PAR1 and not more", "x.parquet: not a parquet file"),
    "nothing": ("x.csv", b"", "x.csv: the file is empty"),
    "only a header": ("x.csv", HEAD.encode(), "x.csv: there are no rows in it"),
    "an empty list": ("x.json", b"[]", "x.json: there are no rows in it"),
    "another kind": ("x.xlsx", b"PK", "x.xlsx: a file of your own ends in .csv, .tsv, .jsonl, .ndjson, .json, .p"),
    "a null text": (
        "x.jsonl", b'{"prompt": "q", "response_a": null, "response_b": "b", "winner": "A"}',
        "x.jsonl, row 1: response_a has no text here; an empty one is written as an empty text"),
    "a list for a text": (
        "x.jsonl", b'{"prompt": "q", "response_a": {"a": 1}, "response_b": "b", "winner": "A"}',
        'x.jsonl, row 1: response_a is a text, not {"a": 1}'),
    "a missing column": (
        "x.jsonl", LINES.encode() + b'{"prompt": "q", "response_a": "a", "winner": "A"}',
        "x.jsonl, row 4: no column 'response_b'; there are: prompt, response_a, winner"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "content", "message"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_read_is_named_with_its_line(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        assert opened(path).labels
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


def test_every_bad_row_is_counted_and_the_first_ones_are_named(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(HEAD + "q,a,b,A\n" + "q,a,b,maybe\n" * 8, encoding="utf-8")
    with pytest.raises(BadRow, match=r"row 3: winner is .* \(7 more rows cannot be read: 4, 5, 6, 7, 8, \.\.\.\)"):
        assert opened(path).labels


def test_another_encoding_is_named_in_the_mapping(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes((HEAD + "Grüße,ä,ö,A\n").encode("cp1252"))
    (tmp_path / "x.mapping.yaml").write_text("encoding: cp1252\n", encoding="utf-8")
    assert next(iter(opened(path).items)).messages[0].content == "Grüße"
    (tmp_path / "x.mapping.yaml").write_text("encoding: latein\n", encoding="utf-8")
    with pytest.raises(InputError, match="no encoding named 'latein'"):
        opened(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataUnavailable, match="there is no such file"):
        opened(tmp_path / "x.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError, match="not a file"):
        opened(tmp_path / "folder.csv")
