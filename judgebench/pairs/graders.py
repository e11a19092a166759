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
from fractions import Fraction

from judgebench.errors import InputError, UnknownName
from judgebench.pairs import answers, number, sandbox
from judgebench.pairs.algebra import Algebra, require
from judgebench.pairs.answers import Stated
from judgebench.pairs.grades import Grade, Grader, graded, unreadable
from judgebench.pairs.questions import LETTERS, Question, final_of
from judgebench.pairs.unit_tests import Tests

VERSION = "1"
"""Goes up with every change that may change a grade; it is part of a grader's id, which the card records."""
NAMES = ("choice", "number", "sympy", "exact", "tests")
SECOND = {"choice": "last-line", "number": "last-line", "sympy": "math-verify", "exact": "last-line", "tests": "none"}
"""The second grader for each first one, unless the user names another. For `tests` there is no deterministic one."""
MODELS = ("api:", "server:", "local:")


def open_grader(name: str, *, tolerance: Fraction = Fraction(0), limits: sandbox.Limits | None = None) -> Grader:
    """A deterministic grader. `limits` are those of the sandbox, and None where code may not be run."""
    if name == "choice":
        return _Texts(f"choice/{VERSION}", _gold_letter, lambda question, text: answers.choice(text, _count(question)))
    if name == "exact":
        return _Texts(
            f"exact/{VERSION}", lambda question: tidy(_final(question)), lambda _, text: _tidied(answers.stated(text))
        )
    if name == "number":
        return _Numbers(f"number/{VERSION}", answers.stated, tolerance)
    if name in ("sympy", "math-verify"):
        return _Expressions(name)
    if name == "last-line":
        return _LastLine(tolerance)
    if name == "tests":
        sandbox.require_allowed(allowed=limits is not None)
        return Tests(f"tests/{VERSION}", limits or sandbox.Limits())
    raise UnknownName("grader", name, (*NAMES, "last-line", "math-verify"))


# -------------------------------------------------------------------------------------------------- right answers


def _final(question: Question) -> str:
    if question.answer is None or not question.answer.strip():
        raise question.bad("no answer, which this grader compares responses with")
    return final_of(question.answer)


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
            raise question.bad(f"answer_index {question.answer_index} is beyond the last of {count} choices")
        return LETTERS[question.answer_index]
    answer = _final(question).strip(" ().")
    if len(answer) == 1 and answer.upper() in LETTERS[:count]:
        return answer.upper()
    if question.choices.count(_final(question)) == 1:
        return LETTERS[question.choices.index(_final(question))]
    options = f", or one of the texts of its {len(question.choices)} choices" if question.choices else ""
    raise question.bad(
        f"the answer of a choice is a letter from A to {LETTERS[count - 1]}{options} (or answer_index, from 0), "
        f"not {_final(question)[:80]!r}"
    )


def tidy(text: str) -> str:
    """Without case, repeated space, quotes, markdown and a final full stop."""
    text = unicodedata.normalize("NFKC", text).casefold().translate(str.maketrans("", "", "\"'“”‘’`*"))
    return re.sub(r"\s+", " ", text).strip().removesuffix(".").strip()


def _tidied(stated: Stated) -> Stated:
    return stated if stated.answer is None else Stated(tidy(stated.answer))


# ---------------------------------------------------------------------------------------------------- the graders


class _Texts:
    """Right where the text stated equals the right answer."""

    def __init__(self, name: str, gold: Callable[[Question], str], stated: Callable[[Question, str], Stated]) -> None:
        self.id = name
        self._gold, self._stated = gold, stated

    def check(self, question: Question) -> None:
        self._gold(question)

    def grade(self, cases: Sequence[tuple[Question, str]]) -> Iterator[Grade]:
        for question, text in cases:
            stated = self._stated(question, text)
            if stated.answer is None:
                yield unreadable(stated.why)
            else:
                yield graded(right=stated.answer == self._gold(question), said=stated.answer)


class _Numbers:
    def __init__(self, name: str, stated: Callable[[str], Stated], tolerance: Fraction) -> None:
        self.id = f"{name}[tolerance={float(tolerance):g}]" if tolerance else name
        self._stated, self._tolerance = stated, tolerance

    def check(self, question: Question) -> None:
        if number.read(_final(question)) is None:
            raise question.bad(f"the answer is not a number that can be read: {_final(question)[:80]!r}")

    def grade(self, cases: Sequence[tuple[Question, str]]) -> Iterator[Grade]:
        for question, text in cases:
            stated = self._stated(text)
            value = number.read(stated.answer) if stated.answer is not None else None
            gold = number.read(_final(question)) or frozenset()
            if stated.answer is None or value is None:
                yield unreadable(stated.why or f"no number, or more than one: {stated.answer!r}"[:200])
            else:
                yield graded(right=number.same(value, gold, self._tolerance), said=str(max(value)))


class _LastLine:
    """The question decides what is read: a letter where it has choices, else a number where the right answer is one,
    else a text."""

    def __init__(self, tolerance: Fraction) -> None:
        self.id = f"last-line/{VERSION}"

        def stated(text: str) -> Stated:
            return Stated(answers.last_line(text).rpartition(":")[2].strip() or None, "it is empty")

        self._letters = _Texts(
            self.id, _gold_letter, lambda question, text: answers.last_line_choice(text, _count(question))
        )
        self._numbers = _Numbers(self.id, stated, tolerance)
        self._texts = _Texts(self.id, lambda question: tidy(_final(question)), lambda _, text: _tidied(stated(text)))

    def check(self, question: Question) -> None:
        if question.answer_index is None:
            _final(question)

    def grade(self, cases: Sequence[tuple[Question, str]]) -> Iterator[Grade]:
        for question, text in cases:
            yield from self._for(question).grade([(question, text)])

    def _for(self, question: Question) -> Grader:
        if question.choices or question.answer_index is not None or re.fullmatch(r"\(?[A-Z]\)?\.?", _final(question)):
            return self._letters
        return self._texts if number.read(_final(question)) is None else self._numbers


class _Expressions:
    def __init__(self, method: str) -> None:
        self._method = method
        self.id = f"{method}/{VERSION} ({require(method)})"

    def check(self, question: Question) -> None:
        _final(question)

    def grade(self, cases: Sequence[tuple[Question, str]]) -> Iterator[Grade]:
        with Algebra(self._method) as algebra:
            readable: dict[str, str] = {}
            for question, text in cases:
                gold = _final(question)
                if question.id not in readable:
                    equal, why = algebra.compare(gold, rf"\boxed{{{gold}}}", gold)
                    readable[question.id] = "" if equal else why or "it does not equal itself"
                if readable[question.id]:
                    raise question.bad(
                        f"{self._method} cannot read the answer {gold[:80]!r} ({readable[question.id]}); grade it as "
                        "text (exact), or leave it out"
                    )
                stated = answers.stated(text)
                if stated.answer is None:
                    yield unreadable(stated.why)
                    continue
                equal, why = algebra.compare(gold, text, stated.answer)
                yield unreadable(why) if equal is None else graded(right=equal, said=stated.answer)


def usual_second(names: Sequence[str]) -> str:
    """The second grader for these first ones: that of SECOND where it is the same for all, none where one of them has
    none, and last-line otherwise."""
    usual = {SECOND[name] for name in names}
    return usual.pop() if len(usual) == 1 else "none" if "none" in usual else "last-line"


def by_row(cases: Sequence[tuple[Question, str]], graders: dict[str, Grader], default: str) -> list[Grade]:
    """The grade of each case by its question's grader. Each grader gets all its cases in one call."""
    grades: dict[int, Grade] = {}
    for name, grader in graders.items():
        positions = [number for number, (question, _) in enumerate(cases) if (question.grader or default) == name]
        grades |= dict(zip(positions, grader.grade([cases[number] for number in positions]), strict=True))
    return [grades[number] for number in range(len(cases))]


def check_name(name: str, *, second: bool = False) -> None:
    """UnknownName unless a grader has that name. Models, last-line and math-verify can only be second graders."""
    if second and (name == "none" or name.startswith(MODELS)):
        return
    allowed = (*NAMES, "last-line", "math-verify", "none", *MODELS) if second else NAMES
    if name not in allowed:
        if not second and name.startswith(MODELS):
            raise InputError(f"{name} is a model: its grades are no objective labels; it can be the --second-grader")
        raise UnknownName("second grader" if second else "grader", name, allowed)
