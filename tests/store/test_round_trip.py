"""What goes into judgments.jsonl comes out of it, whatever the texts hold."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from judgebench import store
from judgebench.errors import StoreError
from judgebench.types import FIRST, BenchmarkRef, JudgeRef, Judgment, Label, Manifest, Status, Usage, Verdict

# Any text that UTF-8 can hold, with the characters that other line-based stores trip over made likely.
texts = st.lists(
    st.one_of(
        st.text(max_size=20),
        st.sampled_from(["\u2028", "\u2029", "\x85", "\x00", "\n", "\r", "\ufeff", "😀", '"', "\\"]),
    ),
    max_size=8,
).map("".join)
numbers = st.floats(allow_nan=False, allow_infinity=False)
usages = st.builds(
    Usage,
    prompt_tokens=st.none() | st.integers(0, 2**53),
    completion_tokens=st.none() | st.integers(0, 2**53),
    cost=st.none() | numbers,
    seconds=st.none() | numbers,
)


@st.composite
def judgments(draw: st.DrawFn) -> Judgment:
    order = tuple(draw(st.permutations(range(draw(st.integers(1, 4))))))
    status = draw(st.sampled_from(Status))
    scores = st.tuples(*[numbers for _ in order])
    return Judgment(
        item=draw(texts),
        order=order,
        sample=draw(st.integers(0, 2**31)),
        status=status,
        verdict=Verdict(scores=draw(scores)) if status == Status.OK else None,
        text=draw(st.none() | texts),
        confidence=draw(st.none() | numbers),
        usage=draw(st.none() | usages),
        detail=draw(st.none() | texts),
        attempt=draw(st.integers(0, 9)),
    )


batches = st.lists(judgments(), max_size=6, unique_by=lambda judgment: judgment.key)


@settings(max_examples=150, deadline=None)
@given(batches)
def test_judgments_come_back_as_they_were(batch: list[Judgment]) -> None:
    manifest = Manifest(
        benchmark_ref=BenchmarkRef(id="b"),
        version="1",
        items="i",
        judge_ref=JudgeRef(kind="python", called="j"),
        orders="both",
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with store.Run(folder, manifest) as run:
            for judgment in batch:
                run.append(judgment)
        assert store.read_judgments(folder) == batch
        assert (folder / "judgments.jsonl").read_bytes().count(b"\n") == len(batch), "one line a judgment, always"
        with store.Run(folder, manifest) as run:
            assert list(run.answered.values()) == batch


def test_very_long_texts(tmp_path: Path, manifest: Manifest) -> None:
    """Longer than any buffer on the way: 8 MB, two of them in one file."""
    long = [
        Judgment(item=name, order=(0, 1), status=Status.OK, verdict=FIRST, text="é\u2028" * (4 << 20))
        for name in ("a", "b")
    ]
    with store.Run(tmp_path, manifest) as run:
        for judgment in long:
            run.append(judgment)
    assert store.read_judgments(tmp_path) == long


def test_a_text_that_utf8_cannot_hold_is_kept_without_what_it_cannot_hold(tmp_path: Path, manifest: Manifest) -> None:
    """A server may send half a surrogate pair ("\\ud83d" in its JSON). The answer was paid for: it is not lost."""
    half = Judgment(
        item="a",
        order=(0, 1),
        status=Status.OK,
        verdict=FIRST,
        text="so: \ud83d!",
        detail="\udc00",
        usage=Usage(cost=1),
    )
    with store.Run(tmp_path, manifest) as run:
        run.append(half)
    assert store.read_judgments(tmp_path) == [msgspec.structs.replace(half, text="so: \ufffd!", detail="\ufffd")]


def test_an_item_id_that_utf8_cannot_hold_is_refused(tmp_path: Path, manifest: Manifest) -> None:
    """It could not be found again: two ids might become one."""
    with store.Run(tmp_path, manifest) as run:
        with pytest.raises(StoreError, match=r"judgments\.jsonl: item 'a\\ud800' "):
            run.append(Judgment(item="a\ud800", order=(0, 1), status=Status.FAILED))
        run.append(Judgment(item="a", order=(0, 1), status=Status.FAILED))
    assert [judgment.item for judgment in store.read_judgments(tmp_path)] == ["a"]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(texts, max_size=5), st.dictionaries(texts, st.one_of(texts, st.integers(-9, 9), st.booleans(), numbers))
)
@example(ids=["\u2028"], facets={"\x00": True})
def test_labels_come_back_as_they_were(ids: list[str], facets: dict[str, str | int | float | bool]) -> None:
    labels = [
        Label(
            id=name,
            gold=FIRST,
            raters={name: FIRST},
            cluster=name,
            facets=facets,
            authors=(name, None),
            lengths=(1, None),
            digest="d",
        )
        for name in ids
    ]
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "items.jsonl"
        store.write_labels(path, labels)
        assert store.read_labels(path) == labels


def test_threads_that_append_to_one_run_do_not_mix_their_lines(tmp_path: Path, manifest: Manifest) -> None:
    def work(run: store.Run, worker: int) -> None:
        for count in range(200):
            run.append(
                Judgment(item=f"{worker}-{count}", order=(0, 1), status=Status.OK, verdict=FIRST, text="x" * 5000)
            )

    with store.Run(tmp_path, manifest) as run:
        threads = [threading.Thread(target=work, args=(run, worker)) for worker in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    read = [judgment.item for judgment in store.read_judgments(tmp_path)]
    assert sorted(read) == sorted(f"{worker}-{count}" for worker in range(4) for count in range(200))


@pytest.mark.parametrize("attempt", [0, -1])
def test_an_answer_is_given_once(tmp_path: Path, manifest: Manifest, attempt: int) -> None:
    first = Judgment(item="a", order=(0, 1), status=Status.FAILED)
    with store.Run(tmp_path, manifest) as run:
        run.append(first)
        with pytest.raises(StoreError, match=r"item 'a' in order \[0, 1\] is answered already"):
            run.append(Judgment(item="a", order=(0, 1), status=Status.OK, verdict=FIRST, attempt=attempt))
        run.append(Judgment(item="a", order=(1, 0), status=Status.OK, verdict=FIRST))
        run.append(Judgment(item="a", order=(0, 1), sample=1, status=Status.OK, verdict=FIRST))
    assert [judgment.status for judgment in store.read_judgments(tmp_path)] == ["failed", "ok", "ok"]


def test_reading_a_run_that_was_never_started(tmp_path: Path) -> None:
    assert store.read_judgments(tmp_path) == []
    assert store.runs(tmp_path) == []


def test_folders_of_runs_are_portable_and_apart(tmp_path: Path) -> None:
    folder = store.run_folder(tmp_path, "verifiable[n=24,seed=3]", "api:openai/gpt-4o")
    assert folder == tmp_path / "verifiable-n=24,seed=3" / "api-openai-gpt-4o"
    for odd in ("", "..", ".", "/", "../../etc", "\x00", "é"):
        below = store.run_folder(tmp_path, "b", odd)
        assert below.parent == tmp_path / "b", f"{odd!r} leads out of the results folder"
        assert below.name not in {"", ".", ".."}
