"""Graders: whether a response gets its question right, by a rule. By name:

    choice       compares the letter stated last with the right letter
    number       compares the number stated, read exactly (to within a tolerance, if one is set)
    sympy        compares the values of the expression stated and of the right one                 extra [pairs]
    math-verify  the same by another library, which finds the answer itself; a second grader       extra [pairs]
    exact        compares the text stated, without case, space, quotes and a final full stop
    last-line    choice, number or text, but from the last line alone; a second grader
    tests        runs unit tests in a sandbox (--allow-code-execution)
    api:, server:, local:   a model that is shown the right answer (judgebench.pairs.asking); a second grader

A grade is right, wrong or unreadable: what cannot be graded is never wrong.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib.metadata import version
from importlib.util import find_spec
from itertools import starmap

from judgebench.errors import InputError, UnknownName
from judgebench.extensions import install
from judgebench.pairs import answers, number, sandbox
from judgebench.pairs.algebra import Algebra
from judgebench.pairs.answers import Stated
from judgebench.pairs.questions import LETTERS, Grade, Grader, Question, graded, unreadable
from judgebench.pairs.unit_tests import Tests

VERSION = "2"
"""Goes up with every change that may change a grade; it is part of a grader's id, which the card records."""
SECOND = {"choice": "last-line", "number": "last-line", "sympy": "math-verify", "exact": "last-line", "tests": "none"}
"""The second grader for each first one, unless the user names another. For `tests` there is no deterministic one."""
NAMES = tuple(SECOND)
MODELS = ("api:", "server:", "local:")


def open_grader(name: str, *, tolerance: Fraction = Fraction(0), limits: sandbox.CodeLimits | None = None) -> Grader:
    """A deterministic grader. `limits` are those of the sandbox, and None where code may not be run."""
    grader_id = f"{name}/{VERSION}"
    if name == "number" and tolerance:
        grader_id += f"[tolerance={float(tolerance):g}]"
    rules: dict[str, tuple[Callable[[Question], object], Callable[[Question, str], Grade]]] = {
        "choice": (_gold_letter, lambda question, text: _letter(question, answers.choice, text)),
        "exact": (_gold_text, lambda question, text: _text(question, answers.stated(text))),
        "number": (_gold_number, lambda question, text: _number(question, answers.stated(text), tolerance)),
        "last-line": (
            lambda question: question.answer_index is not None or _final(question),
            lambda question, text: _last_line(question, text, tolerance),
        ),
    }
    if name in rules:
        return _Rule(grader_id, *rules[name])
    if name in ("sympy", "math-verify"):
        return _Expressions(name, grader_id)
    if name != "tests":
        raise UnknownName("grader", name, (*NAMES, "last-line", "math-verify"))
    if limits is None:
        raise InputError(
            "the grader `tests` runs code that a model wrote; say --allow-code-execution if that is what you want"
        )
    return Tests(grader_id, limits)


def _final(question: Question) -> str:
    if question.answer is None or not question.answer.strip():
        raise question.row.bad("no answer, which this grader compares responses with")
    return answers.final_of(question.answer)


def _count(question: Question) -> int:
    """How many choices there are. Where the file does not list them, the question's lettered options are counted."""
    if question.choices:
        return len(question.choices)
    letters_used = set(re.findall(r"(?:\(|^|\n|\s)([A-Z])[).:]", question.prompt))
    count = next((number for number, letter in enumerate(LETTERS) if letter not in letters_used), len(LETTERS))
    return count if count >= 2 else len(LETTERS)


def _gold_letter(question: Question) -> str:
    count = _count(question)
    if question.answer_index is not None:
        if question.answer_index >= count:
            raise question.row.bad(f"answer_index {question.answer_index} is beyond the last of {count} choices")
        return LETTERS[question.answer_index]
    answer = _final(question).strip(" ().")
    if len(answer) == 1 and answer.upper() in LETTERS[:count]:
        return answer.upper()
    if question.choices.count(_final(question)) == 1:
        return LETTERS[question.choices.index(_final(question))]
    options = f", or one of the texts of its {len(question.choices)} choices" if question.choices else ""
    raise question.row.bad(
        f"the answer of a choice is a letter from A to {LETTERS[count - 1]}{options} (or answer_index, from 0), "
        f"not {_final(question)[:80]!r}"
    )


def _gold_text(question: Question) -> str:
    return tidy(_final(question))


def tidy(text: str) -> str:
    """Without case, repeated space, quotes, markdown and a final full stop."""
    text = unicodedata.normalize("NFKC", text).casefold().translate(str.maketrans("", "", "\"'“”‘’`*"))
    return " ".join(text.split()).removesuffix(".").strip()


def _gold_number(question: Question) -> frozenset[Fraction]:
    if (value := number.read(_final(question))) is None:
        raise question.row.bad(f"the answer is not a number that can be read: {_final(question)[:80]!r}")
    return value


@dataclass(frozen=True)
class _Rule:
    """Grades each response by itself with `one`."""

    id: str
    check: Callable[[Question], object]
    one: Callable[[Question, str], Grade]

    def grade(self, cases: Sequence[tuple[Question, str]]) -> Iterator[Grade]:
        return starmap(self.one, cases)


def _letter(question: Question, read: Callable[[str, int], Stated], text: str) -> Grade:
    return _same(question, read(text, _count(question)), _gold_letter)


def _text(question: Question, stated: Stated) -> Grade:
    return _same(question, stated if stated.answer is None else Stated(tidy(stated.answer)), _gold_text)


def _same(question: Question, stated: Stated, gold: Callable[[Question], str]) -> Grade:
    if stated.answer is None:
        return unreadable(stated.why)
    return graded(right=stated.answer == gold(question), said=stated.answer)


def _number(question: Question, stated: Stated, tolerance: Fraction) -> Grade:
    value = None if stated.answer is None else number.read(stated.answer)
    if value is None:
        return unreadable(stated.why or f"no number, or more than one: {stated.answer!r}"[:200])
    return graded(right=number.same(value, _gold_number(question), tolerance), said=str(max(value)))


def _last_line(question: Question, text: str, tolerance: Fraction) -> Grade:
    """A letter is read where the question has choices, else a number where the right answer is one, else a text."""
    if question.choices or question.answer_index is not None or re.fullmatch(r"\(?[A-Z]\)?\.?", _final(question)):
        return _letter(question, answers.last_line_choice, text)
    stated = Stated(answers.last_line(text).rpartition(":")[2].strip() or None, "it is empty")
    return _text(question, stated) if number.read(_final(question)) is None else _number(question, stated, tolerance)


class _Expressions:
    def __init__(self, method: str, grader_id: str) -> None:
        if find_spec(method.replace("-", "_")) is None:
            raise InputError(f"the grader {method} needs the extra [pairs]: {install('pairs')}")
        self._method, self.id, self.check = method, f"{grader_id} ({method} {version(method)})", _final

    def grade(self, cases: Sequence[tuple[Question, str]]) -> Iterator[Grade]:
        with Algebra(self._method) as algebra:
            readable: set[str] = set()
            for question, text in cases:
                gold = _final(question)
                if question.id not in readable:
                    equal, why = algebra.compare(gold, rf"\boxed{{{gold}}}", gold)
                    if not equal:
                        problem = f"cannot read the answer {gold[:80]!r} ({why or 'it does not equal itself'})"
                        raise question.row.bad(f"{self._method} {problem}; grade it as text (exact), or leave it out")
                    readable.add(question.id)
                stated = answers.stated(text)
                if stated.answer is None:
                    yield unreadable(stated.why)
                    continue
                equal, why = algebra.compare(gold, text, stated.answer)
                yield unreadable(why) if equal is None else graded(right=equal, said=stated.answer)


def usual_second(names: Sequence[str]) -> str:
    """The second grader for these first ones: none where one of them has none, the one that all have, or last-line."""
    usual = {SECOND[name] for name in names}
    return "none" if "none" in usual else usual.pop() if len(usual) == 1 else "last-line"


def check_name(name: str, *, second: bool = False) -> None:
    """UnknownName unless a grader has that name. Models, last-line and math-verify can only be second graders."""
    if name.startswith(MODELS) and not second:
        raise InputError(f"{name} is a model: its grades are no objective labels; it can be the --second-grader")
    allowed = (*NAMES, "last-line", "math-verify", "none", *MODELS) if second else NAMES
    if name not in allowed and not name.startswith(MODELS):
        raise UnknownName("second grader" if second else "grader", name, allowed)
