"""The pipeline: questions with responses -> both graders -> the responses that are kept -> pairs. What is dropped is
counted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp
from statistics import median

from judgebench.errors import InputError
from judgebench.pairs import graders, selection
from judgebench.pairs.grades import Grade, Grader, Outcome
from judgebench.pairs.questions import Question, Response, same_text
from judgebench.pairs.selection import Pair
from judgebench.types import Record


class Counts(Record, frozen=True, kw_only=True, omit_defaults=False):
    """What became of all questions and responses that were read."""

    questions: int
    responses: int
    duplicates: int
    """Responses that equal another of their question except for space, dropped."""
    unreadable: int
    """Responses in which the first grader found no answer. They are dropped, and so are those of the next two."""
    unreadable_second: int
    disagree: int
    """Responses on which the graders came to different results."""
    right: int
    wrong: int
    without_responses: int
    """Questions with no response left."""
    all_right: int
    all_wrong: int
    mixed: int
    pairs: int
    pairs_of_mixed: int
    """Pairs of the mixed questions, before the limit per subset."""


class Gap(Record, frozen=True, kw_only=True, omit_defaults=False):
    """How long the right and the wrong responses of the pairs are, in characters."""

    right_median: float
    wrong_median: float
    right_longer: float
    """Share of the pairs in which the right response is the longer one."""
    ratio: float
    """Geometric mean of the right response's length over the wrong one's."""


@dataclass(frozen=True)
class Graded:
    """A response with both grades; `second` is None without a second grader, or where the first could not read it."""

    question: Question
    response: Response
    first: Grade
    second: Grade | None = None

    @property
    def kept(self) -> bool:
        return self.first.outcome is not Outcome.UNREADABLE and (
            self.second is None or self.second.outcome is self.first.outcome
        )


@dataclass(frozen=True)
class Built:
    pairs: list[Pair]
    graded: list[Graded]
    counts: Counts
    subsets: dict[str, int]
    gap: Gap
    right_first: float


@dataclass(frozen=True, kw_only=True)
class Choices:
    """How pairs are made."""

    pairs_per_question: int = 1
    per_subset: int | None = None
    match_length: bool = False
    seed: int = 0


def check(questions: Sequence[Question], first: dict[str, Grader], default: str, second: Grader | None) -> None:
    """BadRow for the first question that a grader cannot grade, before anything is asked or run."""
    for question in questions:
        first[question.grader or default].check(question)
        if second is not None:
            second.check(question)


def build(
    questions: Sequence[Question],
    first: dict[str, Grader],
    default: str,
    second: Grader | None,
    choices: Choices,
    announce: Callable[[str], None] = lambda _: None,
) -> Built:
    """`first` are the graders by name, `default` the one for questions that name none."""
    read = sum(len(question.responses) for question in questions)
    if not read:
        raise InputError(
            "no question has a response: give them in a column (responses), with --responses FILE, or --sample MODEL"
        )
    cases = [(question, response) for question in questions for response in _distinct(question)]
    announce(f"grading {len(cases):,} responses to {len(questions):,} questions")
    graded = _grade(cases, first, default, second)
    kept = [case for case in graded if case.kept]
    outcomes = Counter(case.first.outcome for case in kept)
    by_outcome: dict[tuple[str, Outcome], list[Response]] = defaultdict(list)
    for case in kept:
        by_outcome[case.question.id, case.first.outcome].append(case.response)
    pairs, status = [], Counter[str]()
    for question in questions:
        right, wrong = (by_outcome[question.id, outcome] for outcome in (Outcome.RIGHT, Outcome.WRONG))
        status["mixed" if right and wrong else "right" if right else "wrong" if wrong else "none"] += 1
        pairs += selection.of_question(
            question,
            right,
            wrong,
            most=choices.pairs_per_question,
            seed=choices.seed,
            match_length=choices.match_length,
        )
    chosen = selection.balanced(pairs, per_subset=choices.per_subset, seed=choices.seed)
    seconds = [case for case in graded if case.second is not None and not case.kept]
    counts = Counts(
        questions=len(questions),
        responses=read,
        duplicates=read - len(cases),
        unreadable=sum(case.first.outcome is Outcome.UNREADABLE for case in graded),
        unreadable_second=sum(
            case.second is not None and case.second.outcome is Outcome.UNREADABLE for case in seconds
        ),
        disagree=sum(case.second is not None and case.second.outcome is not Outcome.UNREADABLE for case in seconds),
        right=outcomes[Outcome.RIGHT],
        wrong=outcomes[Outcome.WRONG],
        without_responses=status["none"],
        all_right=status["right"],
        all_wrong=status["wrong"],
        mixed=status["mixed"],
        pairs=len(chosen),
        pairs_of_mixed=len(pairs),
    )
    if not chosen:
        raise InputError(f"no pair can be made: {summary(counts)}")
    subsets = Counter(pair.question.subset for pair in chosen)
    right_first = sum(pair.right_first for pair in chosen) / len(chosen)
    return Built(chosen, graded, counts, dict(sorted(subsets.items())), _gap(chosen), right_first)


def summary(counts: Counts) -> str:
    """The counts of what did not become pairs, in one line."""
    return (
        f"of {counts.questions:,} questions {counts.all_right:,} have only right responses, {counts.all_wrong:,} only "
        f"wrong ones, {counts.without_responses:,} none that counts ({counts.unreadable:,} responses without an answer "
        f"that the grader can read, {counts.unreadable_second + counts.disagree:,} not confirmed by the second grader)"
    )


def _distinct(question: Question) -> list[Response]:
    return list({same_text(response.text): response for response in reversed(question.responses)}.values())[::-1]


def _grade(
    cases: Sequence[tuple[Question, Response]], first: dict[str, Grader], default: str, second: Grader | None
) -> list[Graded]:
    texts = [(question, response.text) for question, response in cases]
    graded = [
        Graded(question, response, grade)
        for (question, response), grade in zip(cases, graders.by_row(texts, first, default), strict=True)
    ]
    if second is None:
        return graded
    readable = [number for number, case in enumerate(graded) if case.first.outcome is not Outcome.UNREADABLE]
    checked = second.grade([texts[number] for number in readable])
    for number, grade in zip(readable, checked, strict=True):
        graded[number] = Graded(graded[number].question, graded[number].response, graded[number].first, grade)
    return graded


def _gap(pairs: Sequence[Pair]) -> Gap:
    right, wrong = ([len(getattr(pair, side).text) for pair in pairs] for side in ("right", "wrong"))
    longer = sum(r > w for r, w in zip(right, wrong)) / len(pairs)
    ratio = exp(sum(pair.length_ratio for pair in pairs) / len(pairs))
    return Gap(right_median=median(right), wrong_median=median(wrong), right_longer=longer, ratio=ratio)
