"""The strict forms. Where a user of another tool suffered from its parsing, the test names the complaint."""

from __future__ import annotations

from dataclasses import replace

import pytest

from judgebench.errors import UnknownName
from judgebench.parsers import PARSERS, Asked, Parsed, confidence, parse, parser

A, B, TIE = (1.0, 0.0), (0.0, 1.0), (0.5, 0.5)
TEN = Asked(scale=(1, 10))


def scores(name: str, text: str, asked: Asked = TEN) -> tuple[float, ...] | None:
    return parse(name, text, asked).scores


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Verdict: A", A),
        ("Verdict: B\n", B),
        ("Verdict: tie", TIE),
        ("verdict: a", A),
        ("VERDICT: TIE.", TIE),
        ("Verdict:B", B),
        ("Verdict = B", B),
        ("Verdict is: A draw", TIE),
        ("A is shorter, B is right.\n\nVerdict: B", B),
        ("**Verdict: A**", A),
        ("**Verdict:** B", B),
        ("__Verdict__: `A`", A),
        ("### Final verdict: B", B),
        ("> Verdict: A", A),
        ("- Verdict: **tie**", TIE),
        ("Verdict:\n\n**B**", B),
        ("Verdict: [[A]]", A),
        ("Verdict: (B).", B),
        ("Verdict: “A”", A),
        ("Verdict: \\boxed{A}", A),
        ("Verdict: $\\boxed{\\text{B}}$", B),
        ("Verdict: Answer A", A),
        ("Verdict: answer_b", B),
        ("Verdict: the response A", A),
        ("Verdict: Answer B is better", B),
        ("Therefore, my final verdict: B", B),
        ('{"reason": "…",\n "verdict": "A"}', A),
        ("<answer>Verdict: A</answer>\n", None),
        ("<answer>\nVerdict: A\n</answer>", A),
        ("Ver\u200bdict:\u200e A\u2060", A),
        ("Ｖｅｒｄｉｃｔ：Ａ", A),
        ("Verdict：【Ｂ】", B),
        ("Verdict: 「tie」", TIE),
        ("Verdict: A\r\n", A),
        ("I think so.\u2028Verdict: A", A),
        ("Verdict: A\n\nThat is because A is right.", A),
        # An answer that is nothing but the verdict.
        ("A", A),
        (" **B** ", B),
        ("tie", TIE),
        ("[[A]]", A),
        ("Answer B.", B),
        ("<answer>A</answer>", A),
        ("\\boxed{B}", B),
        # Not verdicts.
        ("Verdict: AB", None),
        ("Verdict: A or B", None),
        ("Verdict: A, B", None),
        ("Verdict: neither", None),
        ("Verdict: C", None),
        ("Verdict: A-", None),
        ("Verdict: Apple", None),
        ("Verdict:", None),
        ("Verdict: 1", None),
        ("A is better because it is right.", None),
        ("I prefer the first one.", None),
        ("判决：A", None),
        ("", None),
    ],
)
def test_verdict(text: str, expected: tuple[float, ...] | None) -> None:
    assert scores("verdict", text) == expected


def test_best_of_several() -> None:
    four = Asked(responses=4)
    assert scores("verdict", "Verdict: C", four) == (0, 0, 1, 0)
    assert scores("verdict", "Verdict: tie", four) == (0.25,) * 4
    assert parse("verdict", "Verdict: E", four) == Parsed(None, "E", "chooses E among 4 responses")


@pytest.mark.parametrize(
    ("complaint", "name", "text", "expected"),
    [
        ("inspect_ai#4283: a word that ends like the marker", "verdict", "Ground verdict: i\nHindverdict: A", None),
        ("inspect_ai#4283: zero width and lower case flip the grade", "verdict", "verdict:\u200b b", B),
        ("inspect_ai#4872: two letters pass for the first", "verdict", "Verdict: BA", None),
        ("inspect_ai#4697: back to a verdict in the reasoning", "verdict", "Verdict: A\nNo.\nVerdict: can't say", None),
        ("inspect_ai#4697: the last one counts", "verdict", "Verdict: A\nNo, wait.\nVerdict: B", B),
        ("openai/evals#1712: unreadable becomes the lowest score", "rating", "I can't rate this.", None),
        ("evalscope#1575: [[90]] becomes the highest score", "rating", "Rating: [[90]]", None),
        ("evalscope#1575: below the scale", "rating", "Rating: 0", None),
        ("prometheus-eval#58: every score the one in the prompt", "rating", "N is a whole number from 1 to 10.", None),
        ("alpaca_eval#446: words between the scores", "two-scores", "Scores: 8 for A and 7 for B", None),
        ("NeMo/Gym#2103: malformed verdicts become ties", "verdict", "Verdict: both are good", None),
        ("LifeOS#1731: nothing becomes a tie", "two-scores", "", None),
        ("litellm#39817: all tokens went into thought", "verdict", "<think>Verdict: A", None),
        ("a multiple-choice answer is no verdict", "verdict", "The correct option is:\n\nA", None),
        ("a quoted instruction is no verdict", "verdict", 'I am to write "Verdict: A" or "Verdict: B".', None),
    ],
)
def test_complaints(complaint: str, name: str, text: str, expected: tuple[float, ...] | None) -> None:
    assert scores(name, text) == expected, complaint


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Verdict: A>>B", (1, 0)),
        ("Verdict: A>B", (0.75, 0.25)),
        ("Verdict: A=B", TIE),
        ("Verdict: B > A", (0.25, 0.75)),
        ("**Verdict: [[B>>A]]**", (0, 1)),
        ("Verdict: B<A", (0.75, 0.25)),
        ("Verdict: a<<b", (0, 1)),
        ("Verdict: A≫B", (1, 0)),
        ("Verdict: Ａ＞Ｂ", (0.75, 0.25)),
        ("A=B", TIE),
        ("Verdict: A>A", None),
        ("Verdict: A>>>B", None),
        ("Verdict: A", None),
        ("Verdict: A>B>C", None),
    ],
)
def test_five_way(text: str, expected: tuple[float, ...] | None) -> None:
    assert scores("five-way", text) == expected


def test_five_way_says_it_one_way() -> None:
    assert [parse("five-way", text, TEN).said for text in ("B<<A", "b = a", "A > B")] == ["A>>B", "A=B", "A>B"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rating: 7", 7),
        ("**Rating:** 7/10", 7),
        ("Rating: 7 out of 10.", 7),
        ("Rating: [[8.5]]", 8.5),
        ("Rating: 10", 10),
        ("Rating: ７", 7),
        ("7", 7),
        ("Accuracy rating: 3\nRating: 8", 8),
        ("Rating: 3/5", None),
        ("Rating: 7-8", None),
        ("Rating: 7 or 8", None),
        ("Rating: -3", None),
        ("Rating: 7,5", None),
        ("Rating: 7.5.1", None),
        ("Rating: 7 points", None),
        ("Rating: 1e1", None),
        ("Rating: 11", None),
        ("Rating: " + "9" * 400, None),
        ("Rating: N", None),
        ("There are\n1. facts\n2.", None),
    ],
)
def test_rating(text: str, expected: float | None) -> None:
    assert scores("rating", text, Asked(responses=1, scale=(1, 10))) == (None if expected is None else (expected,))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Scores: 8 7", (8, 7)),
        ("Scores: 8, 7.5", (8, 7.5)),
        ("Scores: A: 8, B: 7", (8, 7)),
        ("Scores: A=8 and B=7", (8, 7)),
        ("**Scores:** 8/10 7/10", (8, 7)),
        ("8 7", (8, 7)),
        ("Scores: 8", None),
        ("Scores: 8 7 6", None),
        ("Scores: B: 8, A: 7", None),
        ("Scores: 8 70", None),
        ("Scores: 8\n7", None),
    ],
)
def test_two_scores(text: str, expected: tuple[float, ...] | None) -> None:
    assert scores("two-scores", text) == expected


def test_a_number_at_the_token_limit_may_be_half_a_number() -> None:
    cut = Asked(scale=(1, 10), cut=True)
    assert parse("rating", "Rating: 1", cut).reason == "the rating may be cut off or taken back: '1'"
    assert scores("two-scores", "Scores: 8 1", cut) is None
    assert scores("rating", "Rating: 1\n", cut) == (1,)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("verdict", "Verdict: A", None),
        ("verdict", "A", None),
        ("verdict", "Verdict: A\n", A),
        ("verdict", "Verdict: A\n \n", A),
        ("verdict", "Verdict: A\nor B. Let me see", None),
        ("five-way", "Verdict: A>B", None),
        ("five-way", "Verdict: A>B\n", (0.75, 0.25)),
        ("result", "[RESULT] A", None),
        ("brackets", "[[A]]", None),
        ("brackets", "[[A]] or rather", None),
        ("brackets", "[[A]]\n", A),
        ("error-step", "First wrong step: 1", None),
        ("verdict", "so\n\\boxed{A}", None),
        ("verdict", '{"verdict": "A"}', A),
        ("verdict", '{"verdict": "A"}\n```', A),
        ("verdict", '{"verdict": "A"} or rath', None),
        ("verdict", '{"verdict": "A", "reason": "it', None),
    ],
)
def test_an_answer_that_is_cut_off_counts_if_its_last_line_is_whole(
    name: str, text: str, expected: tuple[float, ...] | None
) -> None:
    assert scores(name, text, replace(TEN, cut=True)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Verdict: A\n\nActually, my final verdict is B.", None),
        ("Verdict: A\nThe verdict should be a tie", None),
        ("Verdict: A\nSo my verdict is **A**.", A),
        ("Verdict: A\nThis verdict is based on what A says.", A),
        ("My verdict is B at first.\nVerdict: A", A),
    ],
)
def test_a_verdict_that_is_taken_back_is_none(text: str, expected: tuple[float, ...] | None) -> None:
    assert scores("verdict", text) == expected


@pytest.mark.parametrize("space", "\u00a0\u202f\u2009\u3000")
def test_any_space_is_a_space(space: str) -> None:
    assert scores("verdict", f"Verdict{space}:{space}A{space}") == A


BOXED = r"""I compared.
So it is $\boxed{\text{B}}$."""


@pytest.mark.parametrize(
    ("text", "accepts", "expected"),
    [
        ("I compared.\n<answer>A</answer>", ("answer",), A),
        ("I compared.\n<answer> tie </answer>\n", ("answer",), TIE),
        ("I compared.\n<answer>A</answer>", ("boxed",), None),
        ("<answer>A</answer>\nI compared.", ("answer",), None),
        ("<answer>A or B</answer>", ("answer",), None),
        (BOXED, ("boxed",), B),
        (BOXED, (), None),
        ("\\boxed{A} but no\nVerdict: B", ("boxed",), B),
        ("Verdict: neither\n\\boxed{A}", ("boxed",), None),
        ("<answer>A</answer> \\boxed{B}", ("answer", "boxed"), B),
    ],
)
def test_other_places_count_where_the_prompt_asks_for_them(
    text: str, accepts: tuple[str, ...], expected: tuple[float, ...] | None
) -> None:
    assert scores("verdict", text, Asked(accepts=accepts)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("B is right. [RESULT] B", B),
        ("[result]\nA", A),
        ("[RESULT] A is what I'd say, but [RESULT] B.", B),
        ("[RESULT] both", None),
        ("Result: A", None),
    ],
)
def test_result(text: str, expected: tuple[float, ...] | None) -> None:
    assert scores("result", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("My final verdict is tie: [[A=B]].", TIE),
        ("First [[A>B]], and on reflection [[B>>A]]", (0, 1)),
        ("[[A]]", A),
        ("**［［Ｂ］］**", B),
        ("[[tie]]", TIE),
        ("[[C]]", None),
        ("[[A]] or rather [[?]]", None),
        ("[A]", None),
        ("[[A", None),
        ("\\[\\[B\\]\\]", B),
    ],
)
def test_brackets(text: str, expected: tuple[float, ...] | None) -> None:
    assert scores("brackets", text) == expected


def test_mt_bench_s_tie_counts_where_its_prompt_offers_it() -> None:
    assert scores("brackets", "[[C]]", Asked(accepts=("C",))) == TIE
    assert scores("brackets", "[[c]]", Asked(accepts=("C",))) == TIE
    assert scores("brackets", "[[C]]", Asked(cut=True, accepts=("C",))) is None
    assert scores("brackets", "[[C]]", Asked(responses=3, accepts=("C",))) == (0, 0, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Confidence: 80\nVerdict: A", 0.8),
        ("**Confidence:** 100%\nVerdict: A", 1.0),
        ("Confidence: 30\nConfidence: 0", 0.0),
        ("<think>\nConfidence: 10\n</think>\nConfidence: 90", 0.9),
        ("Confidence: 120", None),
        ("Confidence: 0.8", None),
        ("Confidence: high", None),
        ("I am confident: 80", None),
        ("", None),
        (None, None),
    ],
)
def test_confidence(text: str | None, expected: float | None) -> None:
    assert confidence(text) == expected


def test_confidence_in_an_object() -> None:
    assert confidence('{"confidence": 80, "verdict": "A"}', json=True) == 0.8
    assert confidence('{"confidence": "high", "verdict": "A"}', json=True) is None
    assert confidence('{"verdict": "A"}', json=True) is None


def test_a_reason_shows_what_stood_there() -> None:
    assert parse("verdict", "hm", TEN) == Parsed(None, None, "no verdict found")
    assert parse("verdict", "Verdict: \n", TEN) == Parsed(None, "", "the last verdict is empty")
    assert parse("verdict", "Verdict: who knows", TEN) == Parsed(
        None, "who knows", "the last verdict cannot be read: 'who knows'"
    )
    assert parse("rating", "Rating: 90", TEN).reason == "90 is outside the scale from 1 to 10"
    assert parse("rating", "Rating: 3/5", TEN).reason == "3/5 is on another scale than 1 to 10"
    assert parse("verdict", "", TEN).reason == parse("verdict", None, TEN).reason == "the answer is empty"


def test_a_parser_that_does_not_exist() -> None:
    with pytest.raises(UnknownName, match=r"no parser named 'verdikt' \(did you mean verdict\?\)"):
        parser("verdikt")
    assert {parser(name) for name in PARSERS} == set(PARSERS.values())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Reason: it adds wrongly.\nFirst wrong step: 3", (3.0,)),
        ("First wrong step: Step 3.", (3.0,)),
        ("**First wrong step:** 0", (0.0,)),
        ("First wrong step: none", (0.0,)),
        ("First error step: N/A", (0.0,)),
        ("First wrong step: 2\nNo, wait.\nFirst wrong step: 4", (4.0,)),
        ("First wrong step: line 12", (12.0,)),
        ("3", (3.0,)),
        ("The first wrong step is 3, or is it", None),
        ("First wrong step: 3 or 4", None),
        ("First wrong step: the third", None),
        ("First wrong step: -1", None),
        ("All steps are right.", None),
    ],
)
def test_an_error_step(text: str, expected: tuple[float, ...] | None) -> None:
    assert scores("error-step", text, Asked(responses=1)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("correct", (0.0, 1.0)),
        ("Incorrect.", (1.0, 0.0)),
        ("**correct**", (0.0, 1.0)),
        ("\u201cCorrect\u201d", (0.0, 1.0)),
        ("It says four.\nLabel: incorrect", (1.0, 0.0)),
        ("Label: incorrect\nNo, wait.\nLabel: correct", (0.0, 1.0)),
        ("<think>Label: incorrect</think>\ncorrect", (0.0, 1.0)),
        ("The answer is incorrect.", (1.0, 0.0)),
        ("Label: the response is correct", (0.0, 1.0)),
        ("The answer is not correct.", None),
        ("The answer is correct, but short.", None),
        ("not correct", None),
        ("correct or incorrect", None),
        ("Label: right", None),
        ("Label: correctly", None),
        ("It is correct that four was asked for.", None),
        ("1", None),
    ],
)
def test_a_label(text: str, expected: tuple[float, ...] | None) -> None:
    assert scores("label", text, Asked(responses=1, labels=("incorrect", "correct"))) == expected


def test_a_label_may_begin_another_and_may_be_cut_off() -> None:
    asked = Asked(responses=1, labels=("not", "not at all", "a (b)"))
    assert scores("label", "not at all", asked) == (0, 1, 0)
    assert scores("label", "Label: not", asked) == (1, 0, 0)
    assert scores("label", "A (B)", asked) == (0, 0, 1)
    assert (
        parse("label", "Label: not", replace(asked, cut=True)).reason == "the label may be cut off or taken back: 'not'"
    )
    assert parse("label", "not", Asked(responses=1)).reason == "the question has no labels"


def test_judgerbench_b_reads_what_its_prompt_asks_for() -> None:
    pair, single = Asked(responses=2, scale=(0, 1)), Asked(responses=1, scale=(0, 1))
    assert scores("judgerbench-b", "Verdict: B>A", pair) == (0.25, 0.75)
    assert scores("judgerbench-b", "Rating: 1", single) == (1.0,)
    assert scores("judgerbench-b", "Rating: 2", single) is None
    assert scores("judgerbench-b", "Rating: 1", pair) is None


STEPS = Asked(responses=3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Step 1: right\nStep 2: wrong\nStep 3: right", (0, 1, 0)),
        ("**Step 1:** right\n- Step 2: **wrong**\n> step 3: Correct.", (0, 1, 0)),
        ("Step 3: incorrect\nStep 1: correct\nStep 2: right", (0, 0, 1)),
        ("Step 1: it says 4.\nStep 2: fine?\n\nStep 1: wrong\nStep 2: wrong\nStep 3: wrong", (1, 1, 1)),
        ("Step 1: right\nStep 2: wrong\nStep 3: right\nStep 2: right", (0, 0, 0)),
        ("<think>Step 1: wrong</think>Step 1: right\nStep 2: right\nStep 3: right", (0, 0, 0)),
        ("Step 1: right\nStep 2: wrong", None),
        ("Step 1: right\nStep 2: wrong\nStep 3: right\nStep 4: right", None),
        ("Step 1: right\nStep 2: wrong\nStep 3: right, or wrong", None),
        ("Step 1: right\nStep 2: wrong\nStep 3:", None),
        ("Step 1: right\nStep 2: wrongly\nStep 3: right", None),
        ("right\nwrong\nright", None),
        ("All steps are right.", None),
    ],
)
def test_steps(text: str, expected: tuple[float, ...] | None) -> None:
    assert scores("steps", text, STEPS) == expected


def test_what_is_wrong_with_verdicts_on_steps() -> None:
    def why(text: str, asked: Asked = STEPS) -> str | None:
        return parse("steps", text, asked).reason

    assert why("Fine.") == "no verdict on a step found"
    assert why("Step 1: right\nStep 3: right") == "no verdict on step 2 of 3"
    every = "Step 1: right\nStep 2: right\nStep 3: wrong"
    assert why(f"{every}\nStep 12: right") == "a verdict on step 12 of 3"
    assert why(every.replace("wrong", "odd")) == "the last verdict on step 3 cannot be read: 'odd'"
    assert why(every, replace(STEPS, cut=True)) == "the verdict on step 3 may be cut off"
    assert parse("steps", every, STEPS).said == "wrong: 3"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ranking: B > A = C", (-2, -1, -2)),
        ("Ranking: C>B>A", (-3, -2, -1)),
        ("A = B > C", (-1, -1, -3)),
        ("I think A is best.\n**Ranking:** A > C > B.", (-1, -3, -2)),
        ("Ranking: a = b = c", (-1, -1, -1)),
        ("Ranking: A > B > C\nFinal ranking: C > B > A", (-3, -2, -1)),
        ("Ranking: A > B", None),
        ("Ranking: A > B > B", None),
        ("Ranking: A > B > C > D", None),
        ("Ranking: A < B < C", None),
        ("Ranking: A, B, C", None),
        ("Ranking: A > B > C or so", None),
        ("Ranking:", None),
        ("B", None),
    ],
)
def test_a_ranking(text: str, expected: tuple[float, ...] | None) -> None:
    assert scores("ranking", text, Asked(responses=3)) == expected


def test_what_is_wrong_with_a_ranking() -> None:
    asked = Asked(responses=3)
    assert parse("ranking", "Ranking: A > B", asked).reason == "A>B has not each of A, B, C once"
    assert parse("ranking", "Ranking: A>B>C", replace(asked, cut=True)).reason == "the ranking may be cut off: A>B>C"
    assert parse("ranking", "None is best.", asked).reason == "no ranking found"
