"""The report card: what stands on it, in which order, in which words, and the same in every form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from judgebench import api, resources
from judgebench.cli import cli
from judgebench.report import card, readings
from judgebench.report.card.content import Content
from judgebench.types import Estimate, Scores

RESULTS = Path(__file__).parents[2] / "results"
PANDALM = RESULTS / "pandalm" / "gpt-3.5-turbo"


@pytest.fixture(scope="module")
def pandalm() -> Scores:
    return api.rescore(PANDALM)


@pytest.fixture(scope="module")
def o1_mini() -> Scores:
    return api.rescore(RESULTS / "scalerlab-judgebench" / "o1-mini-2024-09-12+arena-hard")


def shown(scores: Scores, form: str = "text", **how: Any) -> str:
    return card.render(card.of(scores, resources.card(scores.benchmark), **how), form)


def test_the_order_is_that_of_the_statistics(pandalm: Scores) -> None:
    """Run, own number, canonical number, people, chance, position, ties, length, replaceability, sight, warnings."""
    text = shown(pandalm)
    signs = [
        "protocol",
        "25 unparsed of 999",
        "majority_gold_macro_f1",
        "Agreement with gold",
        "A held-out person",
        "Cohen's kappa",
        "AC1 of people",
        "swap places",
        "gold that is a tie",
        "log-odds",
        "omega",
        "a person as good as it",
        "(MDE)",
        "! one order only",
        "! upstream kept only items on which the annotators agreed well",
    ]
    places = [text.index(sign) for sign in signs]
    assert places == sorted(places)


def test_it_says_in_words_what_the_numbers_say(pandalm: Scores) -> None:
    words = " ".join(shown(pandalm).split())
    assert (
        "It agrees with people 69 % of the time; people agree with each other 92 %; the gap is 23 points, "
        "95 % interval 19 to 28." in words
    )
    assert "No judge could agree with one person more often than 92 to 96 %." in words
    assert "It says tie 3.9 % of the time, gold does 10.5 %." in words
    assert "may take the place of 0 % of the people; half is the bar: it does not pass." in words


def test_a_lean_is_named_only_where_chance_is_no_answer(o1_mini: Scores) -> None:
    assert "leans to the first slot" in " ".join(shown(o1_mini).split())
    steady, lean = o1_mini.metrics["consistency"], o1_mini.metrics["delta_bias"]
    unsure = Estimate(name="position_p", value=0.3)
    assert "no lean that this sample can show" in readings.position(steady, lean, unsure, None)
    always = Estimate(name="consistency", value=1.0)
    assert readings.position(always, lean, unsure, None).startswith("It never changes")


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (-0.1, 0.02, "cannot tell the two apart (95 % interval -10 to +2)"),
        (0.02, 0.1, "the gap is 5 points in the judge's favour, 95 % interval 2 to 10"),
        (None, None, "the gap is 5 points."),
    ],
)
def test_the_gap_to_people(low: float | None, high: float | None, said: str) -> None:
    judge = Estimate(name="judge_leave_one_out", value=0.75)
    human = Estimate(name="human_leave_one_out", value=0.7)
    gap = Estimate(name="judge_minus_human", value=0.05, low=low, high=high)
    assert said in readings.people(judge, human, gap, None, None)


def test_markdown_and_json_hold_what_the_screen_holds(pandalm: Scores) -> None:
    made = card.of(pandalm, resources.card("pandalm"))
    read = msgspec.json.decode(shown(pandalm, form="json"), type=Content)
    assert read == made
    markdown = shown(pandalm, form="markdown").replace("\N{NO-BREAK SPACE}", " ")
    for section in made.sections:
        assert section.words in markdown
        for line in section.lines:
            row = next(row for row in markdown.splitlines() if f"{line.label} |" in row)
            assert row.count("|") == 6
            assert (line.estimate.reason or f"{line.estimate.n:,}") in row
    assert all(f"- {warning}" in markdown for warning in pandalm.warnings)


def test_full_explains_every_number_in_every_form(pandalm: Scores) -> None:
    for form in ("text", "markdown", "json"):
        full = shown(pandalm, form=form, full=True)
        assert all(name in full for name in {**pandalm.metrics, **pandalm.human})
        assert "Gwet's AC1 of the people" in " ".join(full.split())
    assert "cohen_kappa[annotator1,annotator2]" not in shown(pandalm)


def test_cost_is_shown_where_it_is_known(pandalm: Scores) -> None:
    assert "cost not known" in shown(pandalm)
    assert "cost $1,234.50" in shown(pandalm, cost=1234.5)


def test_the_command_line_prints_each_form() -> None:
    for form, start in (("markdown", "## gpt-3.5-turbo on pandalm"), ("json", "{\n"), ("text", "gpt-3.5-turbo on")):
        ran = CliRunner().invoke(cli, ["score", str(PANDALM), "--format", form], catch_exceptions=False)
        assert ran.exit_code == 0
        assert ran.output.startswith(start)
