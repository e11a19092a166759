"""The forms of published judges, as their authors read them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from judgebench.parsers import Asked, parse

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "statistics.json").read_text(encoding="utf-8"))
A, B, TIE = (1.0, 0.0), (0.0, 1.0), (0.5, 0.5)


def scores(name: str, text: str) -> tuple[float, ...] | None:
    return parse(name, text, Asked()).scores


def test_judgelm_as_its_authors_parse() -> None:
    golden = GOLDEN["judgelm/parse_score"]
    for text, expected in zip(golden["inputs"], golden["expected"], strict=True):
        # [-1, -1] is upstream's failure, which it counts as a tie afterwards.
        assert scores("judgelm", text) == (None if expected == [-1, -1] else tuple(expected)), text


def test_judgerbench_a_as_its_authors_count() -> None:
    golden = GOLDEN["judgerbenchA/accuracy"]
    rows = golden["inputs"]["rows_pred_winner"]
    right = [scores("judgerbench-a", text) == {"model_a": A, "model_b": B}[winner] for text, winner in rows]
    assert sum(right) / len(right) == golden["expected"]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("arena-hard", "own answer\n[[A>>B]]", A),
        ("arena-hard", "[[A>B]] ... final: [[A>B]]", A),
        ("arena-hard", "[[A>B]]\n[[A>>B]]", None),
        ("arena-hard", "[[A=B]]", TIE),
        ("arena-hard", "[[B>A]]", B),
        ("arena-hard", "[[A<B]]", None),
        ("arena-hard", "[[A>B]", None),
        ("arena-hard", "[[a>b]]", None),
        ("judgelm", "8 7", (8, 7)),
        ("judgelm", "\n8 7\nbecause", (8, 7)),
        ("judgelm", "nan 7", None),
        ("judgelm", "inf 7", None),
        ("judgelm", "8 7 6", None),
        ("judgelm", "10", None),
        ("pandalm", "1\n\n### Reason: ...", A),
        ("pandalm", "2", B),
        ("pandalm", "Tie\n", TIE),
        ("pandalm", "tie", TIE),
        ("pandalm", "Response 1 is better", None),
        ("pandalm", "1.", None),
        ("autoj", "So, the final decision is Response 1.", A),
        ("autoj", "the final decision is Response 1? No, the final decision is response 2", B),
        ("autoj", "So, the final decision is Tie.", TIE),
        ("autoj", "So, the final decision is tied.", TIE),
        ("autoj", "So, the final decision is neither", None),
        ("autoj", "Response 1 is better", None),
        ("vanilla", " Output (a)\n", A),
        ("vanilla", "Output (b)", B),
        ("vanilla", "Output (b).", None),
        ("vanilla", "output (a)", None),
        ("skywork-critic", "[[A]]", A),
        ("skywork-critic", "[[B]]", B),
        ("skywork-critic", "Assistant B", A),
        ("skywork-critic", "neither", None),
        ("prometheus2", "Feedback. [RESULT] A", A),
        ("prometheus2", "[RESULT: b]", B),
        ("prometheus2", "[Result] Response B", B),
        ("prometheus2", "[Response A] then [RESULT] B", A),
        ("prometheus2", "so\nResult: B\nmore", B),
        ("prometheus2", "result a", A),
        ("prometheus2", "the result: A", None),
        ("prometheus2", "[RESULT] Better", None),
        ("prometheus2", "[RESULT] A.", None),
        ("compassjudger", '{"Choice": "Model A"} {"Choice": "Model B"}', B),
        ("compassjudger", "A", A),
        ("compassjudger", "Although B is right ...", A),
        ("compassjudger", "The choice is A", None),
        ("compassjudger", '"Choice": "Model C"', None),
        ("llmbar", "I think\nOutput (b)", B),
        ("llmbar", "Output (b)\nOutput (a)", A),
        ("llmbar", "I think Output (b)", None),
        ("llmbar-cot", "Therefore, Output (b) is better.", B),
        ("llmbar-cot", "Therefore, Output (b) is better", None),
        ("llmbar-cot", "It's not so that Output (a) is better. Therefore, Output (b) is better.", A),
        ("llmbar-rating", " 7\n", (7,)),
        ("llmbar-rating", "7/9", None),
        ("llmbar-rating", "9" * 5000, None),
    ],
)
def test_forms(name: str, text: str, expected: tuple[float, ...] | None) -> None:
    assert scores(name, text) == expected


def test_arena_hard_says_which_label_or_labels() -> None:
    assert parse("arena-hard", "[[A>>B]]", Asked()).said == "A>>B"
    assert parse("arena-hard", "[[A>B]] [[B>A]]", Asked()).said == "A>B, B>A"
    # Nothing said at all is what calls for a second attempt.
    assert parse("arena-hard", "I can't decide", Asked()).said is None
