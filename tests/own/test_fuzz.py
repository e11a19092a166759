"""Whatever is in a file's cells, and whatever they are called: items, or an error of judgebench's own."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given, settings
from hypothesis import strategies as st

from judgebench.adapters import own
from judgebench.errors import InputError
from judgebench.report.datasheet import render
from judgebench.score.tally import gather

CELLS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["A", "B", "tie", "1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["role", "content", "x"]), inner),
    max_leaves=4,
)
COLUMNS = st.sampled_from([
    "id", "prompt", "response_a", "response_b", "winner", "chosen", "rejected", "response", "rating_1", "rating_2",
    "rater", "vote", "votes", "score_a", "score_b", "category", "question_id", "model_a", "model_b", "system", "",
])  # fmt: skip
ROWS = st.lists(st.dictionaries(COLUMNS, CELLS, max_size=8), min_size=1, max_size=4)
PLAIN = {"prompt": "q", "response_a": "a", "response_b": "b", "winner": "A"}


@settings(max_examples=60)
@given(ROWS, st.booleans())
@example([{**PLAIN, "category": float("inf")}], False)
@example([{**PLAIN, "winner": 10**400}, PLAIN], False)
@example([{"prompt": "q", "response": "a", "score": 10**400}], False)
@example([{**PLAIN, "id": 10**300}], False)
def test_any_cells_are_read_or_refused(rows: list[dict], complete: bool) -> None:
    rows = [{**PLAIN, **row} for row in rows] if complete else rows
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        refused = ""
        try:
            data = own.open_own(str(path))
            items = list(data.items)
            assert [item.label() for item in items] == data.labels
            assert data.card.items == len(items) == len({item.id for item in items})
            assert render(gather("x", items))
        except InputError as error:
            refused = str(error)
        assert not refused or "x." in refused
        assert len(refused) < 2000


@settings(max_examples=40)
@given(st.text(max_size=60))
def test_any_csv_is_read_or_refused(text: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.csv"
        path.write_bytes(("prompt,response_a,response_b,winner\nq,a,b,A\n" + text).encode(errors="replace"))
        refused = ""
        try:
            assert own.open_own(str(path)).labels
        except InputError as error:
            refused = str(error)
        assert not refused or "x." in refused
