"""Tables in every form: what a cell shows, and that no cell can break its form."""

from __future__ import annotations

import csv
import io
import json

import pytest
from cases import CASES
from hypothesis import given
from hypothesis import strategies as st

from judgebench import resources
from judgebench.report import card, latex, numbers, published, tables
from judgebench.report.tables import Table
from judgebench.score import estimates
from judgebench.types import Estimate

NUMBER = Estimate(name="x", value=0.71071, low=0.668, high=0.752, n=999, n_clusters=170, method="m")
BARE = Estimate(name="x", value=0.5, n=3)
UNDEFINED = Estimate(name="x", value=None, reason="one class only")
TABLE = Table(columns=("judge", "score", "n"), rows=[("gpt_4", NUMBER, 1999), ("x|y", UNDEFINED, 3)], title="t & u")

cells = st.one_of(
    st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r\n")), st.integers(), st.just(NUMBER), st.none()
)


def test_text_aligns_and_marks_the_undefined() -> None:
    assert tables.as_text(TABLE).splitlines() == [
        "t & u",
        "",
        "judge               score      n",
        "-----  ------------------  -----",
        "gpt_4  71.07 [66.8, 75.2]  1,999",
        "x|y                     –      3",
    ]


def test_an_estimate_without_interval_is_a_bare_number() -> None:
    assert numbers.text(BARE) == "50.00"


def test_markdown_escapes_its_own_bars() -> None:
    assert "| x\\|y | – | 3 |" in tables.as_markdown(TABLE)


def test_a_name_of_two_lines_stays_in_its_row() -> None:
    table = Table(columns=("judge",), rows=[("a\nb\r\nc",)])
    assert "| a b c |" in tables.as_markdown(table)
    assert "a b c" in latex.as_latex(table)


def test_latex_escapes_what_tex_would_read() -> None:
    text = latex.as_latex(TABLE)
    assert r"gpt\_4 & 71.07$_{[66.8,\,75.2]}$ & 1,999 \\" in text
    assert r"\caption{t \& u}" in text
    assert r"x\textbar{}y & -- & 3 \\" in text


def test_csv_spreads_an_estimate_over_three_columns() -> None:
    rows = list(csv.reader(io.StringIO(tables.as_csv(TABLE))))
    assert rows == [
        ["judge", "score", "score_low", "score_high", "n"],
        ["gpt_4", "0.71071", "0.668", "0.752", "1999"],
        ["x|y", "", "", "", "3"],
    ]


def test_json_keeps_everything() -> None:
    row = json.loads(tables.as_json(TABLE))[1]
    assert row["score"]["reason"] == "one class only"


@given(st.lists(st.tuples(cells, cells), max_size=4))
def test_any_cells_keep_the_table_s_shape(rows: list[tuple[tables.Cell, ...]]) -> None:
    table = Table(columns=("a", "b"), rows=rows)
    assert len(json.loads(tables.as_json(table))) == len(rows)
    assert len({len(row) for row in csv.reader(io.StringIO(tables.as_csv(table)))}) == 1
    body = [line for line in tables.as_markdown(table).split("\n") if line][2:]
    assert len(body) == len(rows)
    assert all(line.replace("\\|", "").count("|") == 3 for line in body)


@pytest.mark.parametrize("name", resources.benchmarks())
def test_what_is_published_has_a_cell_for_every_column(name: str) -> None:
    table = published.table(resources.card(name), [])
    assert table is None or {len(row) for row in table.rows} == {len(table.columns)}


@pytest.mark.parametrize("case", ["pairs", "ratings", "sets", "steps"])
def test_every_table_of_a_card_has_cells_below_every_heading(case: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(estimates, "RESAMPLES", 100)
        scores = CASES[case]().scores()
    text = card.render(card.of(scores, CASES[case]().card, full=True), "markdown")
    blocks = [block.splitlines() for block in text.split("\n\n") if block.startswith("|")]
    assert len(blocks) > 2
    for lines in blocks:
        assert len({line.replace("\\|", "").count("|") for line in lines}) == 1, lines[0]
