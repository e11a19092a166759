"""The pipeline: questions with responses -> both graders -> the responses that are kept -> pairs of a right and a wrong
response to one question. What is dropped is counted, and the seed alone decides which pairs are made.

The files of a built benchmark, in one folder:

<name>.jsonl         a pair a line, as a user's own data has it: `judgebench run -b <folder>/<name>.jsonl`
<name>.mapping.yaml  which column holds what, so that nothing is guessed
<name>.card.yaml     the card: what it was built from and how, and every count
graded.jsonl         every response with both graders' verdicts and what they read
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import exp, log
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import msgspec
import yaml

from judgebench import store
from judgebench.errors import InputError
from judgebench.pairs.questions import Candidate, Grade, Grader, Outcome, Question
from judgebench.types import Record, digest

REASONS = 10
"""So many reasons are named for responses that cannot be graded."""
MAPPING: dict[str, Any] = {
    "id": "id",
    "prompt": "prompt",
    "responses": ["response_a", "response_b"],
    "label": "label",
    "values": {"a": "first", "b": "second"},
    "authors": ["model_a", "model_b"],
    "cluster": "cluster",
    "subset": "subset",
    "label_source": "objective",
}


class Counts(Record, frozen=True, kw_only=True, omit_defaults=False):
    """What became of all questions and responses that were read."""

    questions: int
    refused: int = 0
    """Questions that were left out, since their own reference solution does not pass their tests."""
    responses: int
    duplicates: int
    """Responses that equal another of their question except for space, dropped."""
    unreadable: int
    """Responses in which the first grader found no answer. They are dropped, and so are those of the next two."""
    why_unreadable: dict[str, int] = msgspec.field(default_factory=dict)
    """The commonest reasons, and for how many responses."""
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


class Origin(Record, frozen=True, kw_only=True):
    """Where questions or responses were read from: a file by its hash, or a data set of the hub by its revision."""

    name: str
    sha256: str | None = None
    revision: str | None = None


class PairsCard(Record, frozen=True, kw_only=True, omit_defaults=False):
    """`<name>.card.yaml`. Equal inputs, settings and versions give equal cards and equal pairs."""

    id: str
    title: str
    licence: str
    description: str
    label_source: str
    data: Origin
    sources: tuple[Origin, ...]
    """The files that the questions and responses were read from."""
    models: dict[str, int]
    """Which models wrote the responses of the pairs, and how many of them."""
    sampling: dict[str, Any] | None
    grader: tuple[str, ...]
    """Name, version and settings; several where rows name their own."""
    second_grader: str | None
    protections: tuple[str, ...] | None
    """Of the sandbox, where code was run."""
    settings: dict[str, Any]
    counts: Counts
    subsets: dict[str, int]
    length: Gap
    right_first: float
    judgebench: str
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class GradedResponse:
    """A response with both grades; `second` is None without a second grader, or where the first could not read it."""

    question: Question
    response: Candidate
    first: Grade
    second: Grade | None = None

    @property
    def kept(self) -> bool:
        agreed = self.second is None or self.second.outcome is self.first.outcome
        return agreed and self.first.outcome is not Outcome.UNREADABLE


@dataclass(frozen=True)
class Pair:
    """`place` counts the pairs of its question from 0."""

    question: Question
    right: Candidate
    wrong: Candidate
    place: int
    right_first: bool = False

    @property
    def id(self) -> str:
        return f"{self.question.id}#{digest((self.right.text, self.wrong.text))[:8]}"

    @property
    def length_ratio(self) -> float:
        """The logarithm of the right response's length over the wrong one's: 0 where both are equally long."""
        return log((len(self.right.text) + 1) / (len(self.wrong.text) + 1))


@dataclass(frozen=True)
class Built:
    pairs: list[Pair]
    graded: list[GradedResponse]
    counts: Counts
    subsets: dict[str, int]
    gap: Gap
    right_first: float


@dataclass(frozen=True, kw_only=True)
class Choices:
    """How pairs are made. `match_length` takes pairs with similar lengths first, instead of any."""

    pairs_per_question: int = 1
    per_subset: int | None = None
    match_length: bool = False
    seed: int = 0


def build(
    questions: Sequence[Question],
    first: dict[str, Grader],
    second: Grader | None,
    choices: Choices,
    announce: Callable[[str], None],
    refused: int = 0,
) -> Built:
    """`first` are the graders by the names that the questions give; `refused` is how many questions there were too."""
    read = sum(len(question.responses) for question in questions)
    if not read:
        raise InputError(
            "no question has a response: give them in a column (responses), with --responses FILE, or --sample MODEL"
        )
    cases = [(question, response) for question in questions for response in _distinct(question)]
    announce(f"grading {len(cases):,} responses to {len(questions):,} questions")
    graded = _grade(cases, first, second)
    kept = [case for case in graded if case.kept]
    outcomes = Counter(case.first.outcome for case in kept)
    by_outcome: dict[tuple[str, Outcome], list[Candidate]] = defaultdict(list)
    for case in kept:
        by_outcome[case.question.id, case.first.outcome].append(case.response)
    pairs, status = [], Counter[str]()
    for question in questions:
        right, wrong = (by_outcome[question.id, outcome] for outcome in (Outcome.RIGHT, Outcome.WRONG))
        status["mixed" if right and wrong else "right" if right else "wrong" if wrong else "none"] += 1
        pairs += pairs_of(question, right, wrong, choices)
    chosen = balanced(pairs, choices)
    dropped = [case.second.outcome is Outcome.UNREADABLE for case in graded if case.second and not case.kept]
    counts = Counts(
        questions=len(questions) + refused,
        refused=refused,
        responses=read,
        duplicates=read - len(cases),
        unreadable=sum(case.first.outcome is Outcome.UNREADABLE for case in graded),
        why_unreadable=_reasons(graded),
        unreadable_second=sum(dropped),
        disagree=len(dropped) - sum(dropped),
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
        raise InputError(
            f"no pair can be made: of {len(questions):,} questions {counts.all_right:,} have only right responses, "
            f"{counts.all_wrong:,} only wrong ones, {counts.without_responses:,} none that counts "
            f"({counts.unreadable:,} responses without an answer that the grader can read, {len(dropped):,} not "
            "confirmed by the second grader)"
        )
    subsets = Counter(pair.question.subset for pair in chosen)
    right_first = sum(pair.right_first for pair in chosen) / len(chosen)
    return Built(chosen, graded, counts, dict(sorted(subsets.items())), _gap(chosen), right_first)


def _reasons(graded: Sequence[GradedResponse]) -> dict[str, int]:
    whys = Counter(case.first.why[:100] for case in graded if case.first.outcome is Outcome.UNREADABLE)
    return dict(whys.most_common(REASONS))


def _distinct(question: Question) -> list[Candidate]:
    return list({" ".join(response.text.split()): response for response in reversed(question.responses)}.values())[::-1]


def _grade(
    cases: Sequence[tuple[Question, Candidate]], first: dict[str, Grader], second: Grader | None
) -> list[GradedResponse]:
    """Each grader gets all its cases in one call."""
    texts = [(question, response.text) for question, response in cases]
    grades: dict[int, Grade] = {}
    for name, grader in first.items():
        mine = [number for number, (question, _) in enumerate(cases) if question.grader == name]
        grades |= zip(mine, grader.grade([texts[number] for number in mine]), strict=True)
    checked: dict[int, Grade] = {}
    if second is not None:
        readable = [number for number in range(len(cases)) if grades[number].outcome is not Outcome.UNREADABLE]
        checked |= zip(readable, second.grade([texts[number] for number in readable]), strict=True)
    return [GradedResponse(*case, grades[number], checked.get(number)) for number, case in enumerate(cases)]


def pairs_of(question: Question, right: Sequence[Candidate], wrong: Sequence[Candidate], how: Choices) -> list[Pair]:
    """Responses that are in fewer pairs already are preferred, so that all are used before one is used twice."""
    rng = Random(f"{how.seed}:{question.id}")
    open_pairs = [Pair(question, r, w, 0) for r in right for w in wrong]
    rng.shuffle(open_pairs)
    if how.match_length:
        open_pairs.sort(key=lambda pair: abs(pair.length_ratio))
    chosen: list[Pair] = []
    used = Counter[str]()
    while open_pairs and len(chosen) < how.pairs_per_question:
        best = min(open_pairs, key=lambda pair: used[pair.right.text] + used[pair.wrong.text])
        open_pairs.remove(best)
        used.update((best.right.text, best.wrong.text))
        chosen.append(replace(best, place=len(chosen)))
    return chosen


def balanced(pairs: Sequence[Pair], how: Choices) -> list[Pair]:
    """At most `per_subset` pairs of each subset, a question's first pair before any question's second one. The right
    response comes first in every other pair of a subset."""
    by_subset: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        by_subset[pair.question.subset].append(pair)
    kept: dict[str, Pair] = {}
    first = Random(f"{how.seed}:slots").random() < 0.5
    for subset, members in sorted(by_subset.items()):
        Random(f"{how.seed}:{subset}").shuffle(members)
        members.sort(key=lambda pair: pair.place)
        for pair in members[: how.per_subset]:
            kept[pair.id] = replace(pair, right_first=first)
            first = not first
    return [kept[pair.id] for pair in pairs if pair.id in kept]


def _gap(pairs: Sequence[Pair]) -> Gap:
    right, wrong = ([len(getattr(pair, side).text) for pair in pairs] for side in ("right", "wrong"))
    longer = sum(r > w for r, w in zip(right, wrong)) / len(pairs)
    ratio = exp(sum(pair.length_ratio for pair in pairs) / len(pairs))
    return Gap(right_median=median(right), wrong_median=median(wrong), right_longer=longer, ratio=ratio)


def row(pair: Pair) -> dict[str, Any]:
    first, second = (pair.right, pair.wrong) if pair.right_first else (pair.wrong, pair.right)
    return {
        "id": pair.id,
        "prompt": pair.question.prompt,
        "response_a": first.text,
        "response_b": second.text,
        "label": "A" if pair.right_first else "B",
        "subset": pair.question.subset,
        "cluster": pair.question.id,
        "model_a": first.model,
        "model_b": second.model,
    }


def graded_row(case: GradedResponse) -> dict[str, Any]:
    return {
        "question": case.question.id,
        "model": case.response.model,
        "response": case.response.text,
        "first": case.first,
        "second": case.second,
        "kept": case.kept,
    }


def write(folder: Path, name: str, built: Built, data: bytes, card: PairsCard) -> None:
    """Write the files, the data last, so that a folder without them is known to be incomplete."""
    mapping = {"title": card.title, "licence": card.licence, **MAPPING}
    if set(built.subsets) == {""}:
        del mapping["subset"]
    store.replace(folder / "graded.jsonl", msgspec.json.Encoder().encode_lines(map(graded_row, built.graded)))
    store.replace(folder / f"{name}.card.yaml", yaml_of(msgspec.to_builtins(card)))
    store.replace(folder / f"{name}.mapping.yaml", yaml_of(mapping))
    store.replace(folder / f"{name}.jsonl", data)


def yaml_of(value: Any) -> bytes:
    text: str = yaml.safe_dump(dict(value), sort_keys=False, allow_unicode=True, width=100)
    return text.encode()
