"""The datasheet: each number against a count by hand, and each warning where it is due and nowhere else."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path

import msgspec
import pytest

from judgebench import api
from judgebench.cli import main
from judgebench.report.datasheet import render
from judgebench.score.datasheet import Datasheet, warnings_of
from judgebench.score.tally import gather
from judgebench.types import FIRST, SECOND, TIE, Estimate, Item, Message, Response, Verdict
from tests.own.conftest import pairs


def item(number: int, *texts: str, gold=FIRST, prompt: str | None = None, authors=(None, None), **fields) -> Item:
    messages = (Message(role="user", content=f"Question {number}" if prompt is None else prompt),)
    responses = tuple(Response(text=text, author=author) for text, author in zip(texts, (*authors, None, None)))
    return Item(id=str(number), messages=messages, responses=responses, gold=gold, cluster=str(number), **fields)


def plain(count: int = 60) -> list[Item]:
    """Nothing to warn of: slots and lengths are crossed with being right."""
    golds = [FIRST, SECOND]
    return [
        item(n, f"{n} one" + " long" * (n % 4 > 1), f"{n} two" + " long" * (n % 4 < 2), gold=golds[n % 2])
        for n in range(count)
    ]


def warned(items: list[Item]) -> str:
    return "\n".join(gather("x", items).warnings)


def test_a_plain_set_warns_of_nothing() -> None:
    sheet = gather("x", plain())
    assert sheet.warnings == ()
    assert (sheet.kind, sheet.items, sheet.questions, sheet.gold) == ("pairs", 60, 60, {"first": 30, "second": 30})
    assert {name: estimate.value for name, estimate in sheet.strategies.items()} == {
        "first": 0.5, "longest": 0.5, "shortest": 0.5}  # fmt: skip
    assert sheet.chance == 0.5
    assert sheet.duplicates == sheet.empty == {}
    assert sheet.wrong is not None
    assert (sheet.wrong.responses, sheet.wrong.texts, sheet.wrong.top_text) == (60, 60, 1)
    assert sheet.length_gap is not None
    assert sheet.length_gap.value == 0


DUE = {
    "the right response stands first in 90%": [
        item(n, f"a{n}", f"b{n}", gold=SECOND if n % 10 == 0 else FIRST) for n in range(60)],
    "every gold label is 'first'": [item(n, f"a{n}", f"b{n}") for n in range(60)],
    "the longest response is right in 100%, by chance it would be 50%": [
        item(n, f"a longer one {n}", f"b{n}", gold=FIRST) for n in range(60)],
    "the shortest response is right in 100%": [item(n, f"a{n}", f"a longer one {n}") for n in range(60)],
    "60 wrong responses are 1 different texts, one of them 60 times": [item(n, f"a{n}", "b") for n in range(60)],
    "bad wrote 100% of the wrong responses and 0% of the right ones": [
        item(n, f"a{n}", f"b{n}", authors=("good", "bad")) for n in range(60)],
    "4 items have equal responses": [*plain(56), *[item(90 + n, f"c{n}", f"c{n}") for n in range(4)]],
    "2 items repeat another's prompt and responses": [*plain(), *plain()[:2]],
    "1 items repeat another's responses the other way round": [
        *plain(), item(0, "0 two long", "0 one", gold=SECOND)],
    "2 items have the same texts as another and the opposite label": [
        *plain(), item(0, "0 two long", "0 one", gold=FIRST)],
    "3 items have an empty response": [*plain(), *[item(90 + n, "", f"c{n}", gold=SECOND) for n in range(3)]],
    "1 items have an empty prompt": [*plain(), item(90, "x", "y", prompt=" ")],
    "20 of 60 pairs are ties: a judge that never ties scores at most 67%": [
        item(n, f"a{n}", f"b{n}", gold=[TIE, FIRST, SECOND][n % 3]) for n in range(60)],
    "10 of 70 items have no gold label": [*plain(), *[item(90 + n, f"a{n}", f"b{n}", gold=None) for n in range(10)]],
    "only 8 different questions": plain(8),
    "people agree little (alpha -": [
        item(n, f"a{n}", f"b{n}", gold=[FIRST, SECOND][n % 2], raters={"x": FIRST, "y": SECOND}) for n in range(60)],
}  # fmt: skip


@pytest.mark.parametrize("warning", DUE)
def test_a_warning_is_given_where_it_is_due(warning: str) -> None:
    assert warning in warned(DUE[warning])


@pytest.mark.parametrize(
    ("alpha", "high", "due"),
    [(0.3, 0.5, True), (0.3, None, True), (0.3, 0.7, False), (0.5, 0.6, False), (0.5, None, False), (0.8, 0.9, False)],
)
def test_people_agree_little_where_the_sample_can_tell(alpha: float, high: float | None, due: bool) -> None:
    people = {"krippendorff_alpha": Estimate(name="krippendorff_alpha", value=alpha, low=None, high=high)}
    sheet = msgspec.structs.replace(gather("x", plain()), people=people)
    assert any("people agree little" in warning for warning in warnings_of(sheet)) == due


def around(value: float) -> tuple[float, float, float]:
    """The value, and what another processor may make of it."""
    return math.nextafter(value, 0), value, math.nextafter(value, 1)


def test_no_warning_hangs_on_a_last_bit() -> None:
    plain_sheet = gather("x", plain())
    assert plain_sheet.wrong is not None

    def said(**fields) -> str:
        return "\n".join(warnings_of(msgspec.structs.replace(plain_sheet, **fields)))

    def cheap(name: str, value: float, low: float, **fields) -> str:
        strategy = Estimate(name=name, value=value, low=low, high=0.9)
        return said(strategies={name: strategy}, **fields)

    for share, right in itertools.product(around(0.8), around(0.2)):
        wrong = msgspec.structs.replace(
            plain_sheet.wrong, authors=2, top_author="bad", top_author_share=share, author_right=right
        )
        assert "bad wrote 80% of the wrong responses and 20% of the right ones" in said(wrong=wrong)
    for share in around(0.6):
        assert "a judge that says always 5 is right on 60%" in cheap("always 5", share, 0.5, kind="ratings")
        assert "the right response stands first in 60%" in cheap("first", share, 0.55)
    for share in around(0.4):
        first = Estimate(name="first", value=share, low=0.3, high=0.45)
        assert "the right response stands first in 40%" in said(strategies={"first": first})
    for low in around(0.5):
        assert "stands first" not in cheap("first", 0.7, low)
        assert "length alone" not in cheap("longest", 0.7, low)
    for alpha, high in itertools.product(around(0.4), around(0.667)):
        for value, end in ((alpha, 0.5), (0.3, high)):
            people = {"krippendorff_alpha": Estimate(name="krippendorff_alpha", value=value, low=0.1, high=end)}
            assert "people agree little" not in said(people=people)
    few = {"first": 1000, "second": 1000}
    for items in range(20, 2000, 20):
        assert "no gold label" not in said(items=items, gold={**few, "none": items // 20})
        assert "are ties" not in said(items=items, gold={**few, "tie": 3 * items // 10})
        common = msgspec.structs.replace(
            plain_sheet.wrong, responses=items, texts=items // 2, top_text=max(2, items // 20)
        )
        assert "different texts" not in said(wrong=common)


def test_an_author_of_right_and_wrong_responses_gives_nothing_away() -> None:
    """Of all wrong responses and half of the right ones: the style says less than a coin."""
    items = [item(n, f"a{n}", f"b{n}", authors=("both" if n % 2 else "good", "both")) for n in range(60)]
    assert "to know its style" not in warned(items)
    sheet = gather("x", items)
    assert sheet.wrong is not None
    assert (sheet.wrong.top_author_share, sheet.wrong.author_right) == (1, 0.5)


def test_the_same_texts_with_a_tie_are_no_opposite() -> None:
    again = {gold: gather("x", [*plain(), item(0, "0 two long", "0 one", gold=gold)]) for gold in (TIE, FIRST, SECOND)}
    assert {gold: sheet.duplicates.get("contrary") for gold, sheet in again.items()} == {
        TIE: None,
        FIRST: 2,
        SECOND: None,
    }


def test_one_unknown_length_leaves_no_gap() -> None:
    unknown = Item(id="u", responses=(Response(length=3), Response(length=None)), gold=FIRST, cluster="u")
    assert gather("x", [*plain(), unknown]).length_gap is None
    assert set(gather("x", [*plain(), unknown]).lengths) == {"prompt", "response"}
    assert set(gather("x", []).lengths) == set()


def test_an_empty_response_is_told_by_its_name() -> None:
    items = [*plain(), item(90, "", "c", gold=SECOND), item(91, "x", "y", prompt=" ")]
    assert gather("x", items).empty == {"responses": 1, "prompts": 1}


def test_fleiss_kappa_is_of_people_who_chose_and_were_as_many_everywhere() -> None:
    def voted(*votes: Verdict) -> dict[str, Verdict]:
        return {f"rater {place}": vote for place, vote in enumerate(votes)}

    ways = [voted(FIRST, SECOND), voted(FIRST, FIRST), voted(SECOND, SECOND)]
    everywhere = [item(n, f"a{n}", f"b{n}", raters=ways[n % 3]) for n in range(30)]
    assert "fleiss_kappa" in gather("x", everywhere).people
    assert (
        "fleiss_kappa" not in gather("x", [*everywhere, item(40, "a", "b", raters=voted(FIRST, FIRST, FIRST))]).people
    )
    numbers = [voted(Verdict(scores=(1.0,)), Verdict(scores=(float(n % 5),))) for n in range(30)]
    rated = [item(n, f"a{n}", gold=None, raters=raters) for n, raters in enumerate(numbers)]
    assert set(gather("x", rated).people) == {"human_agreement", "krippendorff_alpha"}


def test_the_one_distractor_that_made_a_published_figure_is_seen() -> None:
    """523 items, one wrong text, as in the data of 2406.11657."""
    sheet = gather("x", [item(n, f"persona {n}", "the same persona", gold=FIRST) for n in range(523)])
    assert sheet.wrong is not None
    assert (sheet.wrong.responses, sheet.wrong.texts, sheet.wrong.top_text) == (523, 1, 523)
    assert any("draw a wrong response for each question" in warning for warning in sheet.warnings)


def test_people_are_as_the_scores_have_them(mirror: Path) -> None:
    """PandaLM: .9199 agreement of two people (published: 0.913 to 0.929), Krippendorff .8642."""
    sheet = api.datasheet("pandalm")
    assert (sheet.items, sheet.questions, sheet.raters, sheet.ratings_each) == (999, 170, 3, (3, 3))
    assert sheet.gold == {"first": 422, "second": 472, "tie": 105}
    assert sheet.people["human_agreement"].value == pytest.approx(0.91992, abs=1e-5)
    assert sheet.people["krippendorff_alpha"].value == pytest.approx(0.86422, abs=1e-5)
    assert sheet.empty == {"responses": 54}
    assert sheet.duplicates["items"] == 99
    assert sheet.length_gap is not None
    assert sheet.length_gap.value == pytest.approx(68, abs=1)


def test_more_questions_than_are_resampled_one_by_one(monkeypatch) -> None:
    votes = [{"x": FIRST, "y": FIRST}, {"x": FIRST, "y": SECOND}, {"x": SECOND, "y": SECOND}]
    items = [item(n, f"a{n}", f"b{n}", raters=votes[n % 3]) for n in range(3000)]
    whole = gather("x", items).people["krippendorff_alpha"]
    monkeypatch.setattr("judgebench.score.human.MOST_ROWS", 500)
    batched = gather("x", items).people["krippendorff_alpha"]
    assert batched.value == pytest.approx(whole.value, abs=1e-12)
    assert whole.low is not None
    assert batched.low is not None
    assert batched.low == pytest.approx(whole.low, abs=0.005)


def test_ratings_and_sets_have_sheets(tmp_path: Path, jsonl) -> None:
    rows = [{"prompt": f"q{n}", "response": f"a{n}", "score": [5, 5, 5, 1][n % 4]} for n in range(40)]
    sheet = api.datasheet(str(jsonl(rows)))
    assert (sheet.kind, sheet.gold) == ("ratings", {"1": 10, "5": 30})
    assert sheet.strategies["always 5"].value == 0.75
    assert any("a judge that says always 5 is right on 75%" in warning for warning in sheet.warnings)
    rows = [{"prompt": f"q{n}", "chosen": f"a{n}", "rejected": ["b", f"c{n}", f"d{n}"]} for n in range(40)]
    sheet = api.datasheet(str(jsonl(rows, "best.jsonl")))
    assert (sheet.kind, sheet.chance, sheet.responses) == ("sets", 0.25, {"4": 40})
    assert sheet.wrong is not None
    assert (sheet.wrong.responses, sheet.wrong.texts, sheet.wrong.top_text) == (120, 81, 40)


@pytest.mark.parametrize("items", [[], plain(1), [item(1, "a", "b", gold=None)], [item(1, "a", gold=None)]])
def test_next_to_nothing_has_a_sheet(items: list[Item]) -> None:
    assert "pairs" in render(gather("x", items)) or "items" in render(gather("x", items)) or items[0].gold is None


def test_what_has_no_texts_has_a_sheet() -> None:
    items = [
        Item(id=str(n), responses=(Response(length=3), Response(length=None)), gold=FIRST, cluster=str(n))
        for n in range(9)
    ]
    sheet = gather("x", items)
    assert sheet.wrong is not None
    assert sheet.wrong.texts is None
    assert sheet.strategies["longest"].value is None
    assert render(sheet)


def test_the_command_prints_80_columns_or_json(jsonl, monkeypatch, capsys, tmp_path) -> None:
    monkeypatch.chdir(tmp_path)
    jsonl(pairs(50, winner=["A", "A", "B"], rater_1="A", rater_2=["A", "B"], category=["x", "a very long name " * 9]))
    with pytest.raises(SystemExit) as stop:
        main(["data", "check", "my.jsonl"])
    out = capsys.readouterr().out
    assert stop.value.code == 0
    assert max(map(len, out.splitlines())) <= 80
    assert "my.jsonl: 50 pairs, 50 questions" in out
    with pytest.raises(SystemExit):
        main(["data", "check", "my.jsonl", "verifiable", "--json"])
    printed = capsys.readouterr()
    assert "prompt: prompt" in printed.err
    own, built_in = json.loads(printed.out)
    assert (own["items"], built_in["items"], built_in["strategies"]["longest"]["value"]) == (50, 240, 0.5)
    assert set(own) == set(Datasheet.__struct_fields__)
