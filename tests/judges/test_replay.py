"""Verdicts recorded before: judgebench's own files, and the plain format for anyone's."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from judgebench import store
from judgebench.errors import BadRow, InputError, JudgebenchError
from judgebench.judges import open_judge, replay
from judgebench.types import (
    FIRST,
    SECOND,
    TIE,
    BenchmarkRef,
    Item,
    JudgeRef,
    Judgment,
    Kind,
    Manifest,
    Question,
    Response,
    Status,
    Trial,
    Usage,
    Verdict,
)

File = Callable[[str, str | bytes], Path]


def ok(item: str, order: tuple[int, ...], *scores: float, **more: Any) -> Judgment:
    return Judgment(item=item, order=order, status=Status.OK, verdict=Verdict(scores=scores), **more)


def failed(item: str, status: Status, **more: Any) -> Judgment:
    return Judgment(item=item, order=(0, 1), status=status, **more)


def lines(*rows: Any) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


# ---------------------------------------------------------------------------------------------------- what is read


def test_csv(file: File) -> None:
    path = file(
        "v.csv",
        "item,order,verdict,confidence,text\n"
        "q1,AB,A,0.9,fine\n"
        "q1,BA,B,,\n"
        'q2,AB,tie,,"two\nlines, and ""quotes"""\n'
        "q3,ab,b,,\n"
        "q4,AB,8 7,,\n"
        'q5,AB,"8.5, 7",,\n',
    )
    assert list(replay.read(path)) == [
        ok("q1", (0, 1), 1, 0, confidence=0.9, text="fine"),
        ok("q1", (1, 0), 0, 1),
        ok("q2", (0, 1), 0.5, 0.5, text='two\nlines, and "quotes"'),
        ok("q3", (0, 1), 0, 1),
        ok("q4", (0, 1), 8, 7),
        ok("q5", (0, 1), 8.5, 7),
    ]


def test_jsonl(file: File) -> None:
    path = file(
        "v.jsonl",
        lines(
            {"item": "q1", "order": "AB", "verdict": "A", "text": "a\u2028b\u0085c\x00"},
            {"item": "q1", "order": "BA", "verdict": [8, 7.5]},
            {"item": 17, "verdict": "tie", "sample": 1},
            {"item": "q2", "slot": "second", "order": "BA", "detail": "[[B]]", "confidence": 1},
        )
        + "\n   \n",
    )
    assert list(replay.read(path)) == [
        ok("q1", (0, 1), 1, 0, text="a\u2028b\u0085c\x00"),
        ok("q1", (1, 0), 8, 7.5),
        ok("17", (0, 1), 0.5, 0.5, sample=1),
        ok("q2", (1, 0), 1, 0, detail="[[B]]", confidence=1.0),
    ]


def test_every_kind_of_file_holds_the_same_verdicts(tmp_path: Path) -> None:
    import pandas as pd

    frame = pd.DataFrame(
        {"item": ["q1", "q1", "q2"], "order": ["AB", "BA", "AB"], "verdict": ["A", None, "8 7"],
         "confidence": [0.5, 0.25, 1.0], "text": ["one\ntwo", None, "three"]}
    )  # fmt: skip
    frame.to_csv(tmp_path / "v.csv", index=False)
    frame.to_csv(tmp_path / "excel.csv", index=False, sep=";", encoding="utf-16", lineterminator="\r\n")
    frame.to_csv(tmp_path / "v.tsv", index=False, sep="\t")
    frame.to_json(tmp_path / "v.jsonl", orient="records", lines=True)
    frame.to_json(tmp_path / "v.json", orient="records", indent=1)
    frame.to_parquet(tmp_path / "v.parquet")
    want = [
        ok("q1", (0, 1), 1, 0, confidence=0.5, text="one\ntwo"),
        Judgment(item="q1", order=(1, 0), status=Status.UNPARSED, confidence=0.25),
        ok("q2", (0, 1), 8, 7, confidence=1.0, text="three"),
    ]
    paths = sorted(tmp_path.iterdir())
    assert len(paths) == 6
    for path in paths:
        assert replay.is_plain(path)
        assert list(replay.read(path)) == want, path.name


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_byte_order_marks_and_either_line_end(file: File, mark: str, end: str) -> None:
    """As spreadsheets and Windows editors save them; the last line may lack its end."""
    want = [ok("é", (0, 1), 1, 0), ok("é", (1, 0), 0, 1)]
    table = file("v.csv", mark + end.join(["item,order,verdict", "é,AB,A", "é,BA,B"]))
    assert list(replay.read(table)) == want
    rows = [{"item": "é", "verdict": "A"}, {"item": "é", "order": "BA", "verdict": "B"}]
    assert list(replay.read(file("v.jsonl", mark + end.join(json.dumps(row) for row in rows)))) == want
    assert replay.is_plain(table)
    assert replay.is_plain(table.with_suffix(".jsonl"))


@pytest.mark.parametrize(
    ("order", "slot", "verdict"),
    [
        ("AB", "first", FIRST),
        ("BA", "first", SECOND),
        ("AB", "second", SECOND),
        ("BA", "second", FIRST),
        ("BA", "tie", TIE),
        ("ba", " First ", SECOND),
    ],
)
def test_a_slot_is_as_shown_and_a_verdict_is_not(file: File, order: str, slot: str, verdict: Verdict) -> None:
    (by_slot,) = replay.read(file("s.jsonl", lines({"item": "q", "order": order, "slot": slot})))
    assert by_slot.verdict == verdict
    named = {FIRST: "A", SECOND: "B", TIE: "Tie"}[verdict]
    (by_name,) = replay.read(file("v.csv", f"item,order,verdict\nq,{order},{named}\n"))
    assert by_name == by_slot


def test_one_response_and_four(file: File) -> None:
    path = file(
        "v.jsonl",
        lines(
            {"item": "rated", "order": "A", "verdict": [7]},
            {"item": "rated2", "order": "A", "verdict": "7"},
            {"item": "rated3", "order": "A", "verdict": 7},
            {"item": "four", "order": "DCBA", "verdict": "C"},
            {"item": "four2", "order": "ABCD", "verdict": "tie"},
            {"item": "four3", "order": "ABCD", "verdict": "1 2 3 4"},
        ),
    )
    found = [judgment.verdict.scores if judgment.verdict else None for judgment in replay.read(path)]
    assert found == [(7,), (7,), (7,), (0, 0, 1, 0), (0.25,) * 4, (1, 2, 3, 4)]
    assert [judgment.order for judgment in replay.read(path)][3] == (3, 2, 1, 0)


def test_where_there_is_no_verdict_the_status_says_why(file: File) -> None:
    want = [
        failed("q1", Status.UNPARSED),
        failed("q2", Status.REFUSED, text="I cannot"),
        failed("q3", Status.TRUNCATED),
        failed("q4", Status.FAILED, detail="HTTP 500"),
        ok("q5", (0, 1), 1, 0),
    ]
    table = file(
        "v.csv",
        "item,verdict,status,text,detail\n"
        "q1,,,,\nq2,,refused,I cannot,\nq3,,truncated,,\nq4,,failed,,HTTP 500\nq5,A,ok,,\n",
    )
    assert list(replay.read(table)) == want
    rows = file(
        "v.jsonl",
        lines(
            {"item": "q1", "verdict": None},
            {"item": "q2", "verdict": "", "status": "refused", "text": "I cannot"},
            {"item": "q3", "status": "truncated"},
            {"item": "q4", "slot": None, "status": "failed", "detail": "HTTP 500"},
            {"item": "q5", "verdict": "A", "status": "ok"},
        ),
    )
    assert list(replay.read(rows)) == want
    assert replay.is_plain(table), "a first row without a verdict is a row all the same"
    assert replay.is_plain(rows)


def test_both_columns_may_be_there_when_each_row_uses_one(file: File) -> None:
    path = file("v.csv", "item,order,verdict,slot\nq1,BA,A,\nq2,BA,,first\nq3,BA,,\n")
    assert [judgment.verdict for judgment in replay.read(path)] == [FIRST, SECOND, None]


def test_a_very_long_text(file: File) -> None:
    """Longer than the csv module's own limit of 128 kB for a cell."""
    text = "x" * 1_000_000
    (judgment,) = replay.read(file("v.csv", f"item,verdict,text\nq,A,{text}\n"))
    assert judgment.text == text


own = [
    ok("q1", (0, 1), 1, 0, text="so\u2028", usage=Usage(prompt_tokens=3, cost=0.1), confidence=0.5),
    failed("q1-b", Status.REFUSED, attempt=1),
    Judgment(item="q2", order=(2, 0, 1), sample=3, status=Status.OK, verdict=Verdict(scores=(0, 0, 1))),
]


def test_judgebenchs_own_files_come_back_as_they_were(tmp_path: Path) -> None:
    manifest = Manifest(
        benchmark_ref=BenchmarkRef(id="b"),
        version="1",
        items="i",
        judge_ref=JudgeRef(kind="python", called="j"),
        orders="both",
    )
    with store.Run(tmp_path / "run", manifest) as run:
        for judgment in own:
            run.append(judgment)
    path = tmp_path / "run" / "judgments.jsonl"
    assert list(replay.read(path)) == own
    assert replay.is_plain(path)
    judge = open_judge(f"replay:{tmp_path / 'run'}")
    assert judge.name == f"replay:{tmp_path / 'run'}"
    assert judge.protocol == open_judge(f"replay:{path}").protocol, "a folder stands for its judgments"


def test_the_last_attempt_counts(file: File) -> None:
    first = failed("q", Status.FAILED)
    second = ok("q", (0, 1), 1, 0, attempt=1)
    data = b"".join(msgspec.json.encode(judgment) + b"\n" for judgment in (first, second))
    assert list(replay.read(file("own.jsonl", data))) == [second]


def test_replaying_answers_what_is_recorded_and_says_what_is_not(file: File) -> None:
    path = file("v.csv", "item,order,verdict,sample\nq,AB,A,0\nq,BA,,0\nq,AB,B,1\n")
    judge = open_judge(f"replay:{path}")
    item = Item(id="q", responses=(Response(), Response()), cluster="q")
    other = Item(id="other", responses=(Response(), Response()), cluster="q")
    asked = [Trial.of(item, (0, 1)), Trial.of(item, (1, 0)), Trial.of(item, (0, 1), 1), Trial.of(other, (0, 1))]
    said = list(judge.judge(asked))
    assert [(judgment.key, judgment.status, judgment.detail) for judgment in said] == [
        (asked[0].key, "ok", None),
        (asked[1].key, "unparsed", None),
        (asked[2].key, "ok", None),
        (asked[3].key, "failed", "not in the recording"),
    ]
    assert not judge.needs_texts


def test_a_changed_recording_is_another_judge(file: File) -> None:
    protocols = []
    for verdict in ("A", "B", "A"):
        path = file("v.csv", f"item,verdict\nq,{verdict}\n")
        protocols.append(open_judge(f"replay:{path}").protocol)
    assert protocols[0] == protocols[2] != protocols[1]


# ------------------------------------------------------------------------------------------------- what is refused

GOOD = {"item": "q0", "verdict": "A"}


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"verdict": "A"}, "the column item is missing or empty"),
        ({"item": "", "verdict": "A"}, "the column item is missing or empty"),
        ({"item": None, "verdict": "A"}, "the column item is missing or empty"),
        ({"item": "q"}, "the column verdict (or slot, or status) is missing"),
        ({"item": "q", "verdct": "A"}, "no column named 'verdct'; there are: item, order, verdict, slot, "),
        ({"item": "q", "verdict": "A", "usage": 3}, "no column named 'usage'"),
        (
            {"item": "q", "verdict": "A", "slot": "first"},
            "give verdict (which response) or slot (which as shown), not both",
        ),
        ({"item": "q", "verdict": "C"}, "verdict is A, B, tie or 2 scores, not 'C'"),
        ({"item": "q", "verdict": "first"}, "verdict is A, B, tie or 2 scores, not 'first'"),
        ({"item": "q", "verdict": [1]}, "verdict is A, B, tie or 2 scores, not [1]"),
        ({"item": "q", "verdict": [1, 2, 3]}, "verdict is A, B, tie or 2 scores, not [1, 2, 3]"),
        ({"item": "q", "verdict": [1, "x"]}, "verdict is A, B, tie or 2 scores, not [1, 'x']"),
        ({"item": "q", "verdict": [1, None]}, "verdict is A, B, tie or 2 scores"),
        ({"item": "q", "verdict": {"1": 0, "2": 1}}, "verdict is A, B, tie or 2 scores"),
        ({"item": "q", "verdict": 8}, "verdict is A, B, tie or 2 scores, not 8"),
        ({"item": "q", "verdict": True}, "verdict is A, B, tie or 2 scores, not True"),
        ({"item": "q", "verdict": [10**400, 0]}, "verdict is A, B, tie or 2 scores"),
        ({"item": "q", "verdict": [float("nan"), 0]}, "a verdict is one finite number or more"),
        ({"item": "q", "verdict": "inf 0"}, "a verdict is one finite number or more"),
        ({"item": "q", "order": "A", "verdict": "B"}, "verdict is A, tie or 1 score, not 'B'"),
        ({"item": "q", "slot": "A"}, "slot is first, second or tie, not 'A'"),
        ({"item": "q", "slot": 1}, "slot is first, second or tie, not 1"),
        ({"item": "q", "slot": "first", "order": "ABC"}, "slot is first, second or tie"),
        ({"item": "q", "verdict": "A", "order": "AA"}, "order is AB (as stored) or BA (swapped), not 'AA'"),
        ({"item": "q", "verdict": "A", "order": "BC"}, "order is AB (as stored) or BA (swapped), not 'BC'"),
        ({"item": "q", "verdict": "A", "order": ""}, "order is AB (as stored) or BA (swapped), not ''"),
        ({"item": "q", "verdict": "A", "order": 1}, "order is AB (as stored) or BA (swapped), not 1"),
        ({"item": "q", "verdict": "A", "order": [0, 1]}, "order is AB (as stored) or BA (swapped), not [0, 1]"),
        ({"item": "q", "verdict": "A", "sample": -1}, "sample is 0, 1, 2, ..., not -1"),
        ({"item": "q", "verdict": "A", "sample": 0.5}, "sample is 0, 1, 2, ..., not 0.5"),
        ({"item": "q", "verdict": "A", "sample": "x"}, "sample is 0, 1, 2, ..., not 'x'"),
        ({"item": "q", "verdict": "A", "sample": float("inf")}, "sample is 0, 1, 2, ..., not inf"),
        ({"item": "q", "verdict": "A", "sample": float("nan")}, "sample is 0, 1, 2, ..., not nan"),
        ({"item": "q", "verdict": "A", "sample": 10**400}, "sample is 0, 1, 2, ..., not 1000"),
        ({"item": "q", "verdict": "A", "sample": 10**30}, "sample is 0, 1, 2, ..., not 1000"),
        ({"item": "q", "verdict": "A", "sample": [0]}, "sample is 0, 1, 2, ..., not [0]"),
        (
            {"item": "q", "verdict": "A", "status": "fine"},
            "status is one of ok, unparsed, refused, truncated, failed, not 'fine'",
        ),
        ({"item": "q", "verdict": "A", "status": []}, "status is one of ok, "),
        (
            {"item": "q", "verdict": "A", "status": "failed"},
            "a verdict if and only if its status is ok; here it is failed",
        ),
        ({"item": "q", "verdict": None, "status": "ok"}, "a verdict if and only if its status is ok; here it is ok"),
        ({"item": "q", "verdict": "A", "confidence": "high"}, "confidence is a number, not 'high'"),
        ({"item": "q", "verdict": "A", "confidence": float("nan")}, "confidence is a number, not nan"),
        ({"item": "q", "verdict": "A", "confidence": 10**400}, "confidence is a number, not 1000"),
        ({"item": "q", "verdict": "A", "confidence": [1]}, "confidence is a number, not [1]"),
        ({"item": "q", "verdict": "A", "text": 5}, "Expected `str | null`, got `int` - at `$.text`"),
        ({"item": "q", "verdict": "A", "detail": {}}, "at `$.detail`"),
        ({"item": ["q"], "verdict": "A"}, "item is a text or a number, not ['q']"),
        ({"item": True, "verdict": "A"}, "item is a text or a number, not True"),
        (GOOD, "item 'q0' is judged in order AB already"),
        ({**GOOD, "order": "ab", "verdict": "B"}, "item 'q0' is judged in order ab already"),
        ([], "a row is a JSON object of columns, not []"),
        ("q", 'a row is a JSON object of columns, not "q"'),
        (None, "a row is a JSON object of columns, not null"),
        ({"item": "q", "order": [0, 1], "status": "ok", "verdict": [[1]]}, "1 scores for 2 responses"),
        ({"item": "q", "order": [0, 0], "status": "failed"}, "an order is a permutation of 0..n-1, not [0, 0]"),
        ({"item": "q", "order": [], "status": "failed"}, "an order is a permutation of 0..n-1, not []"),
        ({"item": "q", "order": [0, 1], "status": "failed", "sample": -1}, "sample is 0, 1, 2, ..., not -1"),
        ({"item": "q", "order": [0, 1], "status": "failed", "sample": 10**30}, "sample is 0, 1, 2, ..., not 1000"),
        ({"item": "q", "order": [0, 1], "status": "failed", "attempt": -1}, "attempt is 0, 1, 2, ..., not -1"),
        ({"item": "q", "order": [0, 1], "status": "failed", "attempt": 10**30}, "attempt is 0, 1, 2, ..., not 1000"),
        ({"item": "q", "order": [0, 1], "status": "failed", "colour": "red"}, "unknown field `colour`"),
    ],
    ids=repr,
)
def test_a_bad_row_is_named(file: File, row: Any, problem: str) -> None:
    path = file("v.jsonl", lines(GOOD) + "\n" + lines(row, {"item": "after", "verdict": "B"}))
    with pytest.raises(BadRow) as refusal:
        list(replay.read(path))
    assert str(refusal.value).startswith(f"{path}, row 3: ")
    assert problem in str(refusal.value)
    assert len(str(refusal.value)) < len(str(path)) + 300, "one readable line, however large the value"
    assert refusal.value.exit_code == 2


@pytest.mark.parametrize(
    ("table", "row", "problem"),
    [
        ("item,order,verdict\nq1,AB,A\nq2,AB,maybe\n", 3, "verdict is A, B, tie or 2 scores, not 'maybe'"),
        ('item,verdict,text\nq1,A,"two\nlines"\nq2,maybe,\n', "3 (line 4)", "not 'maybe'"),
        ("item,order,verdict\nq1,AB,A\nq1,AB,B\n", 3, "item 'q1' is judged in order AB already"),
        ("item,order,verdict\n\nq1,AB,A,B\n", 3, "4 cells, and the header has 3"),
        ('item,verdict\nq1,"A\n', 2, "not CSV: unexpected end of data"),
        ("item,verdict\nq1,A\n,B\n", 3, "the column item is missing or empty"),
        ("item,order\nq1,AB\n", 2, "the column verdict (or slot, or status) is missing"),
        ("order,verdict\nAB,A\n", 2, "the column item is missing or empty"),
        ("item,order,verdict\nq1,AB,A\nq1,BA\n", 3, "2 cells, and the header has 3"),
        ("item;order;verdict\nq1;AB;maybe\n", 2, "verdict is A, B, tie or 2 scores, not 'maybe'"),
        ("item,verdict,colour\nq1,A,red\n", 2, "no column named 'colour'"),
        ("item,verdict,verdict\nq1,A,B\n", 1, "the column 'verdict' stands there twice"),
        ("q1,A\nq2,B\n", 2, "no column named 'A'"),
    ],
)
def test_a_bad_table_is_named(file: File, table: str, row: int | str, problem: str) -> None:
    path = file("v.csv", table)
    with pytest.raises(BadRow) as refusal:
        list(replay.read(path))
    assert str(refusal.value).startswith(f"{path}, row {row}: ")
    assert problem in str(refusal.value)


def test_files_that_are_no_text(file: File, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"v\.csv, row 2: not UTF-8 text \(.* in position 13: invalid start byte\)"):
        list(replay.read(file("v.csv", b"item,verdict\n\xff,A\n")))
    with pytest.raises(InputError, match=r"v\.jsonl, row 1: not JSON"):
        open_judge(f"replay:{file('v.jsonl', b'PK')}")
    with pytest.raises(InputError, match=r"row 1: not JSON"):
        list(replay.read(file("deep.jsonl", "[" * 100_000)))
    with pytest.raises(InputError, match=r"there is no such file, nor a run's folder"):
        open_judge(f"replay:{tmp_path}")
    with pytest.raises(InputError, match=r"no option of replay:.* named 'seed'; there are: none"):
        open_judge(f"replay:{file('v.csv', 'item,verdict')}", {"seed": "1"})


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that exists and cannot be read")
def test_a_file_that_cannot_be_read() -> None:
    with pytest.raises(InputError, match=r"/proc/self/mem: cannot be read: Input/output error"):
        open_judge("replay:/proc/self/mem")
    assert not replay.is_plain(Path("/proc/self/mem"))


# ------------------------------------------------------------------------------------------------------- any bytes


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def read_or_refuse(path: Path) -> None:
    """Whatever the file holds: judgments that the store can keep, or one of our errors that names the file."""
    plain = replay.is_plain(path)
    refusals, judgments = [], []
    try:
        judgments = list(replay.read(path))
    except JudgebenchError as error:
        refusals.append(str(error))
    assert all(refusal.startswith(str(path)) for refusal in refusals)
    assert plain or not judgments, "what can be read is recognised"
    assert len({judgment.key for judgment in judgments}) == len(judgments)
    manifest = Manifest(
        benchmark_ref=BenchmarkRef(id="b"),
        version="1",
        items="i",
        judge_ref=JudgeRef(kind="python", called="j"),
        orders="both",
    )
    with tempfile.TemporaryDirectory() as name, store.Run(Path(name), manifest) as run:
        for judgment in judgments:
            try:
                run.append(judgment)
            except JudgebenchError as error:
                refusals.append(str(error))
    assert all("cannot be written as UTF-8" in refusal for refusal in refusals if judgments)


def values(*likely: Any) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.sampled_from([*likely, *likely, None, "", 0, -1, 1e308, 10**30, float("nan"), float("inf"), True, [], {}]),
        st.text(max_size=4),
        st.floats(),
        st.integers(),
        st.lists(st.integers(0, 3), max_size=3),
    )


cells = {
    "item": values("q1", "q2", 3),
    "order": values("AB", "BA", "A", [0, 1], [1, 0]),
    "verdict": values("A", "B", "tie", [8, 7], [[1, 0]], "8 7"),
    "slot": values("first", "second", "tie"),
    "sample": values(0, 1, "2"),
    "status": values("ok", "failed", "refused"),
    "confidence": values(0.5, "0.5"),
    "text": values("hm", "\ud800"),
    "detail": values("[[A]]"),
    "usage": values({"cost": 1.5}, {"prompt_tokens": 3}),
    "attempt": values(0, 1),
}
rows = st.fixed_dictionaries({"item": cells["item"]}, optional={k: v for k, v in cells.items() if k != "item"})


@settings(max_examples=300, deadline=None)
@given(rows=st.lists(rows, min_size=1, max_size=3))
@example(rows=[{"item": "q", "order": [0, 1], "status": "ok", "verdict": [[1, 0]], "sample": 10**30}])
def test_no_json_rows_make_a_traceback(folder: Path, rows: list[dict[str, Any]]) -> None:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    read_or_refuse(path)


@settings(max_examples=300, deadline=None)
@given(rows=st.lists(rows, min_size=1, max_size=3), columns=st.lists(st.sampled_from(replay.COLUMNS), unique=True))
def test_no_table_makes_a_traceback(folder: Path, rows: list[dict[str, Any]], columns: list[str]) -> None:
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, columns or ["item"], extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    path = folder / "table.csv"
    path.write_bytes(table.getvalue().encode("utf-8", "surrogatepass"))
    read_or_refuse(path)


PLAIN = b'item,order,verdict,sample,text\r\nq1,AB,A,0,"two\r\nlines"\r\nq2,BA,8 7,,\r\n'
JSON = b'{"item":"q1","order":"BA","verdict":[8,7],"sample":1,"text":"\\ud83d\\ude00"}\n'


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from([PLAIN, JSON * 2])))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(data)))
        data[start : start + draw(st.integers(0, 6))] = draw(st.binary(max_size=6))
    return bytes(data)


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=80) | mutated(), suffix=st.sampled_from([".csv", ".jsonl", ""]))
@example(data=b"", suffix=".csv")
@example(data=b"\n\n", suffix=".csv")
@example(data=b"\x00", suffix=".csv")
@example(data=b"1" * 5000, suffix=".jsonl")
def test_no_bytes_make_a_traceback(folder: Path, data: bytes, suffix: str) -> None:
    path = folder / f"bytes{suffix}"
    path.write_bytes(data)
    read_or_refuse(path)


def test_is_plain_knows_upstreams_formats_from_ours(file: File) -> None:
    assert replay.is_plain(file("a.csv", "item,verdict\nq,A\n"))
    assert replay.is_plain(file("b.jsonl", lines({"item": "q", "slot": "first", "order": "BA"})))
    assert not replay.is_plain(file("c.jsonl", lines({"pair_id": "q", "judgments": []})))
    assert not replay.is_plain(file("d.json", json.dumps([{"idx": 1, "result": 1}], indent=1)))
    assert not replay.is_plain(file("e.jsonl", ""))
    assert not replay.is_plain(file("f.jsonl", b"\xff"))
    assert replay.is_plain(file("h.jsonl", lines({"item": "q", "verdict": "A", "model": "x"}))), (
        "read() names the column"
    )


def test_a_number_for_each_step(file: Callable[..., Path]) -> None:
    each = Question(kind=Kind.STEP, scale=(0, 1))
    rows = [{"item": "a", "verdict": [0, 0.7, 1]}, {"item": "b", "verdict": "0 1"}, {"item": "c", "verdict": 1}]
    judged = [judgment for _, judgment in replay.recorded(file("v.jsonl", lines(*rows)), each)]
    assert [judgment.order for judgment in judged] == [(0,)] * 3
    assert [judgment.verdict.scores for judgment in judged if judgment.verdict] == [(0, 0.7, 1), (0, 1), (1,)]
    with pytest.raises(BadRow, match="row 1: verdict is A, B, C, tie or 3 scores"):
        list(replay.recorded(file("w.jsonl", lines({"item": "a", "verdict": [0, "x", 1]})), each))
    (first,) = replay.recorded(file("x.csv", "item,verdict\na,3\n"), Question(kind=Kind.STEP))
    assert first[1].verdict == Verdict(scores=(3,))
