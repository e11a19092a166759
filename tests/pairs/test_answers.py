"""Which answer a response states: explicit statements, the last one, and never a word that looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench.pairs import answers

CHOICES = {
    "The answer is A because it rains.": "A",
    "The answer is a matter of taste": None,
    "A good answer is hard to find.": None,
    "I would say that a dog is best.": None,
    "The answer is I am unsure": None,
    "Therefore, the answer is (I).": "I",
    "Answer: C": "C",
    "Answer: Amsterdam": None,
    "**Answer:** (C)": "C",
    "**Final answer:** `C`": "C",
    "answer: b": "B",
    "Answer:\n\nC": "C",
    "Answer：Ｃ": "C",
    "Answer: $C$": "C",
    "Answer: option B": "B",
    "The answer is \\boxed{B}": "B",
    "so \\boxed{\\text{(B)}}": "B",
    "Final Answer: The final answer is $\\boxed{E}$. I hope it is correct.": "E",
    "The answer is \\(\\textbf{E}\\), and so on": "E",
    "I think so.\n**B**": "B",
    "Four.\nB.": "B",
    "B. Paris": "B",
    "(J) No, because it never does.": "J",
    "On (A): no.\n(J) No, because it never does.": None,
    "The best answer is:\n(A) Yes, because": "A",
    "Hence my answer is:\nFFFFF": "F",
    "so it is CCCC.": "C",
    "AAA batteries": None,
    "Answer: A\nWait, no. Answer: D": "D",
    "Answer: A. Then again, the answer is B or C.": None,
    "Answer: B, C": None,
    "Answer: B/C": None,
    "Answer: B, since C is false": "B",
    "The answer is not B": None,
    "The answer is either B or C": None,
    "option B is incorrect; option C is correct.": "C",
    "The best-balanced reasoning aligns with choice (F), as it": "F",
    "The right choice would be E.": "E",
    "The answer is A. Option (B) is wrong, and so is choice (C).": "A",
    "The answer is A, and I choose it over option (B).": "A",
    "I choose (B).": "B",
    "I choose A good one.": None,
    "The answer to this question is C.": "C",
    "The correct answer is: **B: 4 apples**": "B",
    "<think>Answer: A</think>Answer: B": "B",
    "<think>Answer: A": None,
    "Answer: K": None,
    "": None,
}


@pytest.mark.parametrize("text", CHOICES)
def test_the_choice_that_is_stated(text: str) -> None:
    found = answers.choice(text, 10)
    assert found.answer == CHOICES[text]
    assert (found.answer is None) == bool(found.why)


@given(st.sampled_from("ABCDEFGHIJ"), st.sampled_from(["Answer: {}", "The answer is ({}).", "\\boxed{{{}}}", "**{}**"]))
def test_every_letter_in_every_form(letter: str, form: str) -> None:
    text = "Some thoughts about A and B.\n" + form.format(letter)
    assert answers.choice(text, 10).answer == letter
    assert answers.last_line_choice(text, 10).answer == letter


@given(st.text(max_size=200))
def test_any_text_at_all(text: str) -> None:
    for found in (answers.choice(text, 4), answers.last_line_choice(text, 4)):
        assert found.answer in (None, "A", "B", "C", "D")
    answers.stated(text)


def test_a_long_text_takes_no_long_time() -> None:
    for part in ("answer ", "(A) ", "\\boxed{", "**", "answer is " + "(" * 50, "A" * 50, " \n"):
        answers.choice(part * 20_000, 10)
        answers.stated(part * 20_000)


STATED = {
    "So it is 42.\nAnswer: 42": "42",
    "The answer is **50**.\nAnswer: 40": "40",
    "#### 1,234": "1,234",
    "Thus $\\boxed{\\frac{1}{2}}$.": "\\frac{1}{2}",
    "Answer: \\boxed{x^{2}}": "x^{2}",
    "\\boxed{1} and then \\boxed{2}": "2",
    "\\boxed{1": None,
    "In the end\n**7 apples**": "7 apples",
    "It may be 7.": None,
}


@pytest.mark.parametrize("text", STATED)
def test_the_answer_that_is_stated(text: str) -> None:
    assert answers.stated(text).answer == STATED[text]


LAST_LINES = {
    "The answer is C.": "C",
    "CCCCC": "C",
    "A good way to put it is C": "C",
    "B or C": None,
    "Answer: C\nI hope that helps!": None,
    "x\n$\\boxed{B}$\n": "B",
}


@pytest.mark.parametrize("text", LAST_LINES)
def test_the_last_line_alone(text: str) -> None:
    assert answers.last_line_choice(text, 4).answer == LAST_LINES[text]
