"""A file that a dying process left behind: cut at every byte, damaged in the middle, or not ours at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from judgebench import store
from judgebench.errors import JudgebenchError, StoreError
from judgebench.run import ask
from judgebench.types import FIRST, BenchmarkRef, Item, JudgeRef, Judgment, Manifest, Status

Snapshot = Callable[[Path], dict[str, bytes]]


def written(folder: Path, items: list[Item], manifest: Manifest, judge: Any) -> bytes:
    with store.Run(folder, manifest) as run:
        ask(items, judge, run)
    return (folder / "judgments.jsonl").read_bytes()


def test_a_run_cut_at_any_byte_is_completed_to_the_same_file(
    tmp_path: Path, items: list[Item], manifest: Manifest, scripted: Any
) -> None:
    whole = written(tmp_path, items, manifest, scripted())
    ends = [place + 1 for place, byte in enumerate(whole) if byte == ord("\n")]
    assert len(ends) == 6
    assert ends[-1] == len(whole)
    assert len({whole[cut] >> 6 for cut in range(len(whole))}) == 4, "some cuts must fall inside UTF-8 sequences"
    path = tmp_path / "judgments.jsonl"
    for cut in range(len(whole) + 1):
        path.write_bytes(whole[:cut])
        answered = sum(end - 1 <= cut for end in ends)  # a judgment that lacks only its newline is an answer too
        assert len(store.read_judgments(tmp_path)) == answered, f"reading, cut at byte {cut}"
        judge = scripted()
        with store.Run(tmp_path, manifest) as run:
            assert len(run.answered) == answered, f"resuming, cut at byte {cut}"
            ask(items, judge, run)
        assert len(judge.asked) == 6 - answered, f"cut at byte {cut}: only what has no answer is asked"
        assert path.read_bytes() == whole, f"cut at byte {cut}"


def test_two_crashes_in_a_row(tmp_path: Path, items: list[Item], manifest: Manifest, scripted: Any) -> None:
    """The second process dies too, on the line that replaces the first one's torn line."""
    whole = written(tmp_path, items, manifest, scripted())
    path = tmp_path / "judgments.jsonl"
    torn = len(whole) // 2
    path.write_bytes(whole[:torn])
    with store.Run(tmp_path, manifest):
        assert path.read_bytes() == whole[: whole.rfind(b"\n", 0, torn) + 1]
    path.write_bytes(whole[: torn + 7])
    with store.Run(tmp_path, manifest) as run:
        ask(items, scripted(), run)
    assert path.read_bytes() == whole


def test_zeros_that_a_power_cut_left_at_the_end_are_cut_off(
    tmp_path: Path, items: list[Item], manifest: Manifest, scripted: Any
) -> None:
    """Some file systems grow a file before its data is on disk: the tail reads as zero bytes."""
    whole = written(tmp_path, items, manifest, scripted())
    path = tmp_path / "judgments.jsonl"
    path.write_bytes(whole + bytes(4096))
    assert len(store.read_judgments(tmp_path)) == 6
    with store.Run(tmp_path, manifest) as run:
        assert len(run.answered) == 6
    assert path.read_bytes() == whole


def _damaged() -> list[Any]:
    line = b'{"item":"a","order":[0,1],"status":"ok","verdict":[[1.0,0.0]]}'
    return [
        pytest.param(b"garbage", "malformed", id="garbage"),
        pytest.param(b"\xff" + line, "malformed", id="a byte that is no JSON"),
        pytest.param(line.replace(b"a", b"\xe9", 1), "utf-8", id="a byte that is no UTF-8"),
        pytest.param(line[:30], "truncated", id="half a line"),
        pytest.param(line[:30] + line, "malformed", id="two lines in one"),
        pytest.param(line + line, "trailing", id="two judgments on one line"),
        pytest.param(line.replace(b"item", b"itme"), "missing required field `item`", id="a misspelt field"),
        pytest.param(line.replace(b'"ok"', b'"fine"'), "fine", id="unknown status"),
        pytest.param(line.replace(b'"ok"', b'"failed"'), "verdict if and only if", id="a verdict on a failure"),
        pytest.param(line.replace(b"[0,1]", b"[0,0]"), "permutation", id="an order that is none"),
        pytest.param(line.replace(b"[[1.0,0.0]]", b"[[1.0]]"), "1 scores for 2 responses", id="a score missing"),
        pytest.param(b"[" * 100_000, "", id="a hundred thousand brackets"),
        pytest.param(b'{"usage":' * 100_000, "", id="a hundred thousand braces"),
    ]


@pytest.mark.parametrize(("damage", "problem"), _damaged())
def test_damage_in_the_middle_is_refused_by_file_and_row(
    tmp_path: Path,
    items: list[Item],
    manifest: Manifest,
    scripted: Any,
    snapshot: Snapshot,
    damage: bytes,
    problem: str,
) -> None:
    whole = written(tmp_path, items, manifest, scripted())
    path = tmp_path / "judgments.jsonl"
    rows = whole.split(b"\n")
    path.write_bytes(b"\n".join([*rows[:2], damage, *rows[3:]]) + b'{"item":"torn')
    before = snapshot(tmp_path)
    for _ in range(2):  # the refusal must give its lock back: the second is not "busy"
        with pytest.raises(StoreError) as refusal, store.Run(tmp_path, manifest):
            pytest.fail("a damaged file was opened")
        assert str(refusal.value).startswith(f"{path}, row 3: ")
        assert problem in str(refusal.value).lower()
    with pytest.raises(StoreError, match="row 3: "):
        store.read_judgments(tmp_path)
    assert snapshot(tmp_path) == before, "what may be mended by hand is not touched"


def test_a_judgment_that_stands_there_twice_is_refused(
    tmp_path: Path, items: list[Item], manifest: Manifest, scripted: Any
) -> None:
    whole = written(tmp_path, items, manifest, scripted())
    path = tmp_path / "judgments.jsonl"
    path.write_bytes(whole + whole.split(b"\n")[0] + b"\n")
    with pytest.raises(StoreError, match=r"item 'one' in order \[0, 1\] is answered twice"):
        store.read_judgments(tmp_path)


GOOD = b"".join(
    b'{"item":"%s","order":[0,1],"status":"ok","verdict":[[1.0,0.0]],"text":"\xc3\xa9"}\n' % name
    for name in (b"a", b"b")
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    data = bytearray(GOOD)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        data[start : start + draw(st.integers(0, 20))] = draw(st.binary(max_size=8))
    return bytes(data)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | mutated())
@example(b"\xef\xbb\xbf" + GOOD)
@example(GOOD.replace(b"\n", b"\r\n"))
@example(b"\n\n" + GOOD)
@example(b"null\n")
@example(GOOD.replace(b"1.0", b"1e999"))
@example(GOOD.replace(b"[0,1]", b"[%d,1]" % 10**400))
def test_no_bytes_make_anything_but_our_errors(data: bytes) -> None:
    manifest = Manifest(
        benchmark_ref=BenchmarkRef(id="b"),
        version="1",
        items="i",
        judge_ref=JudgeRef(kind="python", called="j"),
        orders="both",
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "judgments.jsonl"
        path.write_bytes(data)
        refusal = ""
        try:
            with store.Run(folder, manifest) as run:
                run.append(Judgment(item="a new one", order=(0, 1), status=Status.OK, verdict=FIRST))
        except JudgebenchError as error:
            refusal = str(error)
        if refusal:
            assert refusal.startswith(str(path))
            assert path.read_bytes() == data, "a refused file is not touched"
        else:
            assert path.read_bytes().startswith(data[: data.rfind(b"\n") + 1]), "no whole line is lost"
            assert "a new one" in {judgment.item for judgment in store.read_judgments(folder)}


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
@example(b"{}")
@example(b"[]")
@example(b'{"protocol":' + b"[" * 100_000)
@example(b'{"benchmark":"b","version":"1","items":"i","judge":"j","ordres":"both"}')
@example(b'{"format":99,"benchmark":{"id":"b"}}')
@example(b'{"format":"new"}')
@example(b'{"format":1,"benchmark":"b"}')
def test_no_bytes_of_manifest_or_labels_make_anything_but_our_errors(data: bytes) -> None:
    manifest = Manifest(
        benchmark_ref=BenchmarkRef(id="b"),
        version="1",
        items="i",
        judge_ref=JudgeRef(kind="python", called="j"),
        orders="both",
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file in ("manifest.json", "items.jsonl"):
            (folder / file).write_bytes(data)
        with pytest.raises(JudgebenchError, match=r"manifest\.json: "):
            store.read_manifest(folder)
        with pytest.raises(JudgebenchError, match=r"manifest\.json: "), store.Run(folder, manifest):
            pytest.fail("opened")
        with pytest.raises(JudgebenchError, match=r"items\.jsonl, row \d+: ") if data.strip(b"\n") else nullcontext():
            assert store.read_labels(folder / "items.jsonl") == []


def test_a_half_written_scores_file_never_replaces_a_whole_one(tmp_path: Path, snapshot: Snapshot) -> None:
    """Files that are replaced whole: an error while writing leaves the old one, and no debris."""
    path = tmp_path / "scores.json"
    store.write_json(path, {"a": 1})
    before = snapshot(tmp_path)
    with pytest.raises(TypeError):
        store.write_json(path, {"a": object()})
    assert snapshot(tmp_path) == before
    shutil.rmtree(tmp_path)
    store.write_json(path, {"a": 2})
    assert snapshot(tmp_path) == {"scores.json": b'{\n "a": 2\n}\n'}
