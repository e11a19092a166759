"""Graders on whole responses, and what is said of a row that they cannot grade."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from judgebench.errors import InputError, UnknownName
from judgebench.pairs import graders, sandbox
from judgebench.pairs.graders import code_in, same_output
from judgebench.pairs.questions import Outcome, Question

Ask = Callable[..., Question]
FOUR = ["red", "green", "blue", "black"]


def outcomes(name: str, question: Question, *responses: str, **settings: Any) -> list[str]:
    grader = graders.open_grader(name, **settings)
    grader.check(question)
    return [grade.outcome.value for grade in grader.grade([(question, response) for response in responses])]


def test_choices_by_letter_index_and_text(question: Ask) -> None:
    said = ("Answer: C", "Answer: B", "Answer: E", "Blue, I think.")
    for answer in ({"answer": "C"}, {"answer": "(c)"}, {"answer_index": 2}, {"answer": "blue"}):
        asked = question(choices=FOUR, **answer)
        assert outcomes("choice", asked, *said) == ["right", "wrong", "unreadable", "unreadable"]
    assert asked.prompt == "Which?\n(A) red\n(B) green\n(C) blue\n(D) black"
    listed = question(question="Which?\nA. red\nB. green", answer="B")
    assert outcomes("choice", listed, *said) == ["unreadable", "right", "unreadable", "unreadable"]


def test_numbers(question: Ask) -> None:
    asked = question(answer="She sells 9 eggs and has 9 * 2 = <<18>>18 dollars.\n#### 18")
    said = ("Answer: $18", "Answer: 18.0 dollars", "Answer: 17", "I think 18 or 19.", "Answer: 18 or 19")
    assert outcomes("number", asked, *said) == ["right", "right", "wrong", "unreadable", "unreadable"]
    assert outcomes("number", question(answer=0.25), "Answer: 25%", "Answer: 1/4", "Answer: 25") == [
        "right",
        "right",
        "wrong",
    ]
    third = question(answer="1/3")
    assert outcomes("number", third, "Answer: 0.333") == ["wrong"]
    assert outcomes("number", third, "Answer: 0.333", tolerance=graders.Fraction("0.01")) == ["right"]


def test_exact_texts(question: Ask) -> None:
    asked = question(answer="New York")
    said = ('Answer: "new  york".', "Answer: York", "New York it is")
    assert outcomes("exact", asked, *said) == ["right", "wrong", "unreadable"]


def test_the_last_line_is_an_opinion_of_its_own(question: Ask) -> None:
    letters = question(choices=FOUR, answer="C")
    said = ("Answer: C", "Answer: C\nI hope this helps!", "Answer: C\nOr rather B", "C or D")
    assert outcomes("last-line", letters, *said) == ["right", "unreadable", "wrong", "unreadable"]
    amounts = question(answer=42)
    assert outcomes("last-line", amounts, "So: 42 km", "It is 41", "42\nor 43", "x") == [
        "right",
        "wrong",
        "wrong",
        "unreadable",
    ]
    assert outcomes("last-line", question(answer="New York"), "Answer: New York.", "Boston") == ["right", "wrong"]


def test_expressions(question: Ask) -> None:
    for method, package in (("sympy", "sympy"), ("math-verify", "math_verify")):
        pytest.importorskip(package, reason="needs the extra [pairs]")
        asked = question(answer="The area is $\\boxed{\\frac{\\sqrt{3}}{4}}$.")
        said = ("so $\\boxed{\\sqrt{3}/4}$", "so $\\boxed{\\frac{3}{4}}$", "so it is a half")
        assert outcomes(method, asked, *said) == ["right", "wrong", "unreadable"]


CODE = "```python\ndef add(a, b):\n    return a {} b\n```"


def test_unit_tests(question: Ask) -> None:
    limits = sandbox.CodeLimits(seconds=5)
    for tests in ("assert add(2, 3) == 5", ["assert add(2, 3) == 5", "assert add(0, 0) == 0"]):
        asked = question(tests=tests)
        said = (CODE.format("+"), "Think.\n" + CODE.format("-"), "I cannot.")
        assert outcomes("tests", asked, *said, limits=limits) == ["right", "wrong", "wrong"]
    doubles = question(tests=[{"input": "2\n", "output": "4"}, {"input": "5\n", "output": "10\n"}])
    said = ("```python\nprint(2 * int(input()))\n```", "print(4)", "while True: pass")
    assert outcomes("tests", doubles, *said, limits=sandbox.CodeLimits(seconds=1)) == ["right", "wrong", "wrong"]


def test_where_the_code_is() -> None:
    assert code_in("def f(): pass", "", "f") == "def f(): pass"
    assert code_in("First:\n```\nx = 1\n```\nThen:\n```python\ny = 2\n```\nDone.", "", None) == "y = 2\n"
    assert code_in("```sh\nls\n```\n```py\nx = 1\n```", "", None) == "x = 1\n"
    assert code_in("```python\ndef f(): pass\n```\nTry it:\n```python\nf()\n```", "", "f").startswith("def f()")
    assert code_in("    return 1\n", "def f():\n", "f") == "def f():\n    return 1\n"
    assert code_in("<think>```python\nx\n```</think>y = 1", "", None) == "y = 1"


def test_output_is_compared_by_lines() -> None:
    assert same_output("1 \n2\n\n", "1\n2")
    assert not same_output("1\n2", "1 2")
    assert not same_output(" 1", "1")


BAD = {
    "choice": (
        (
            {"answer": "F", "choices": FOUR},
            "row 1: the answer of a choice is a letter from A to D, or one of the texts",
        ),
        ({"answer": 2, "choices": FOUR}, "answer_index, from 0"),
        ({"answer_index": 4, "choices": FOUR}, "answer_index 4 is beyond the last of 4 choices"),
        ({}, "no answer, which this grader compares responses with"),
    ),
    "number": (({"answer": "many"}, "the answer is not a number that can be read: 'many'"),),
    "exact": (({"answer": "  "}, "no answer"),),
    "tests": (
        ({"answer": "1"}, "no tests"),
        ({"tests": "add(1, 2)"}, "the tests assert nothing, so that every code would pass"),
        ({"tests": "assert ("}, "the tests are not Python"),
    ),
}


@pytest.mark.parametrize(("name", "row", "problem"), [(name, *case) for name, cases in BAD.items() for case in cases])
def test_a_question_that_cannot_be_graded(name: str, row: dict[str, Any], problem: str, question: Ask) -> None:
    grader = graders.open_grader(name, limits=sandbox.CodeLimits())
    with pytest.raises(InputError) as error:
        grader.check(question(**row))
    assert problem in str(error.value)
    assert "one.jsonl, row 1: " in str(error.value)


def test_a_reference_that_sympy_cannot_read(question: Ask) -> None:
    pytest.importorskip("sympy", reason="needs the extra [pairs]")
    with pytest.raises(InputError, match="sympy cannot read the answer 'a tree'"):
        outcomes("sympy", question(answer="a tree"), "\\boxed{1}")


def test_names() -> None:
    with pytest.raises(UnknownName, match=r"no grader named 'chioce' \(did you mean choice\?\)"):
        graders.check_name("chioce")
    with pytest.raises(InputError, match="is a model: its grades are no objective labels"):
        graders.check_name("api:openai/gpt-4o")
    with pytest.raises(UnknownName, match="no second grader named 'lastline'"):
        graders.check_name("lastline", second=True)
    assert graders.usual_second(["choice", "number"]) == "last-line"
    assert graders.usual_second(["choice", "sympy"]) == "last-line"
    assert graders.usual_second(["choice", "tests"]) == "none"
    with pytest.raises(InputError, match="--allow-code-execution"):
        graders.open_grader("tests")
    assert {outcome.value for outcome in Outcome} == {"right", "wrong", "unreadable"}
