"""Made-up runs of every kind of verdict, from a seed: what the property tests score, change, and score again.

A run has what real ones have: ties, failures of every kind, items without gold, people who skipped items, several
items to a question, lengths that hardly differ. Its judge follows the truth, the slot and the length a little, so that
no number is at its bound; its facets are those that any headline rule asks for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import numpy as np

from judgebench import resources
from judgebench.results import Run
from judgebench.score import score_run
from judgebench.types import (
    PREFERENCE,
    BenchmarkRef,
    Card,
    Flag,
    Headline,
    JudgeRef,
    Judgment,
    Kind,
    Label,
    Manifest,
    Question,
    Scores,
    Status,
    Verdict,
)

FAILURES = (Status.UNPARSED, Status.REFUSED, Status.TRUNCATED, Status.FAILED)
PEOPLE = ("ann", "bob", "cyd", "dan")
LANGUAGES = ("de", "fr")
MODELS = ("m1", "m2", "m3", "m4")
RIGHT_OR_WRONG = Question(kind=Kind.CLASS, labels=("wrong", "right"), ordered=True, positive="right")


@dataclass(frozen=True)
class MadeUp:
    """A card's rule with its settings, labels, and judgments in the orders and samples that the manifest asks for."""

    rule: str
    labels: Sequence[Label]
    judgments: Sequence[Judgment]
    orders: str = "both"
    samples: int = 1
    ties: bool = True
    settings: Mapping[str, Any] = field(default_factory=dict)
    factors: tuple[str, ...] = ()
    judge: str = "made up"
    question: Question = PREFERENCE
    follows: float | None = None
    """Of a forced judge: how far its answers go with the words when these are exchanged, from 0 to 1."""

    @property
    def placebo(self) -> list[Judgment]:
        """The same answers with the words exchanged; none where the judge is not forced."""
        return [] if self.follows is None else [_reworded(one, self.follows) for one in self.judgments if one.chosen]

    @property
    def card(self) -> Card:
        return msgspec.structs.replace(
            resources.card("pandalm"),
            headline=Headline(rule=self.rule, gloss="", settings=dict(self.settings)),
            ties=self.ties,
            question=self.question,
            factors=self.factors,
            subsets={},
            warnings=(),
            anchors=(),
            recordings=(),
        )

    @property
    def manifest(self) -> Manifest:
        return Manifest(
            benchmark_ref=BenchmarkRef(id="pandalm"),
            version="1",
            items="",
            judge_ref=JudgeRef(kind="python", called=self.judge),
            orders=self.orders,
            samples=self.samples,
        )

    def scores(self) -> Scores:
        return score_run(self.as_read())

    def as_read(self) -> Run:
        """As the reader of results gives it."""
        return Run(self.card, self.labels, self.manifest, self.judgments, self.placebo)

    def of(self, **fields: Any) -> MadeUp:
        return replace(self, **fields)


def _reworded(answer: Judgment, follows: float) -> Judgment:
    assert answer.verdict is not None
    scores = np.array(answer.verdict.scores)
    return msgspec.structs.replace(answer, verdict=_verdict(*((1 - follows) * scores + follows * scores[::-1])))


def forced(run: MadeUp, follows: float = 0.3) -> MadeUp:
    """The same judge, made to say how likely each option is; of several responses, a tie is one of them."""

    def of(answer: Judgment) -> Judgment:
        if answer.verdict is None:
            return answer
        alone = len(answer.order) == 1
        odds = np.exp([*answer.verdict.scores, *([] if alone else [-3.0])])
        likely = odds / odds.sum()
        each, tie = (likely, None) if alone else (likely[:-1], float(likely[-1]))
        best = [float(np.isclose(one, likely.max())) for one in each]
        chosen = np.array(best) / sum(best) if any(best) else np.full(len(each), 1 / len(each))
        known = {"verdict": _verdict(*(each + (tie or 0) / len(each))), "chosen": _verdict(*chosen), "tie": tie}
        return msgspec.structs.replace(answer, confidence=float(likely.max()), **known)

    return run.of(judgments=[of(answer) for answer in run.judgments], follows=follows)


def _label(number: int, cluster: int, width: int, **fields: Any) -> Label:
    filled = {"lengths": (None,) * width, "authors": tuple(f"author {slot}" for slot in range(width)), **fields}
    return Label(id=f"i{number:03d}", cluster=f"q{cluster:02d}", digest="", **filled)


def _verdict(*scores: float) -> Verdict:
    return Verdict(scores=scores)


def _prefers(lean: float, indifferent: float) -> Verdict:
    """The first response above 0, a tie where that is less than `indifferent` away."""
    if abs(lean) < indifferent:
        return _verdict(0.5, 0.5)
    return _verdict(1, 0) if lean > 0 else _verdict(0, 1)


def _answer(
    rng: np.random.Generator, label: Label, order: tuple[int, ...], sample: int, failures: float, verdict: Verdict
) -> Judgment:
    if rng.random() < failures:
        status = FAILURES[int(rng.integers(len(FAILURES)))]
        return Judgment(item=label.id, order=order, sample=sample, status=status, detail="made up")
    confidence = round(float(rng.random()), 2)
    known: dict[str, Any] = {"verdict": verdict, "confidence": confidence, "mass": round(7 * confidence % 1, 2)}
    return Judgment(item=label.id, order=order, sample=sample, status=Status.OK, **known)


def _orders(width: int, orders: str) -> list[tuple[int, ...]]:
    stored = tuple(range(width))
    return [stored] if orders != "both" or width == 1 else [stored, stored[::-1]]


def pairs(
    rule: str = "agreement",
    seed: int = 1,
    *,
    settings: Mapping[str, Any] | None = None,
    subsets: Sequence[str] = ("alpha", "beta", "gamma"),
    items: int = 160,
    questions: int = 40,
    orders: str = "both",
    samples: int = 1,
    ties: bool = True,
    failures: float = 0.08,
    people: Sequence[str] = PEOPLE,
    skipped: float = 0.2,
    unlabelled: float = 0.06,
    factors: tuple[str, ...] = ("length",),
) -> MadeUp:
    """Two responses. `skipped` is how often a person did not rate an item, `unlabelled` how often gold is missing."""
    rng = np.random.default_rng(seed)
    of_question = rng.normal(size=questions)
    labels, judgments = [], []
    for number in range(items):
        question = number % questions if number < questions else int(rng.integers(questions))
        truth = of_question[question] + rng.normal()
        length = int(rng.integers(60, 400))
        other = max(1, length + int(rng.choice([-1, 1]) * rng.choice([5, 20, 60, 150, 300])))
        indifferent = 0.35 if ties else 0.0
        raters = {
            name: _prefers(truth + 0.3 * np.tanh((length - other) / 150) + 0.9 * rng.normal(), indifferent)
            for name in people
            if rng.random() >= skipped
        }
        subset = subsets[int(rng.integers(len(subsets)))] if subsets else None
        gold = None if rng.random() < unlabelled else _prefers(truth, indifferent)
        right_is_long = (
            bool(rng.integers(2)) if gold is None or gold.best is None else (gold.best == 0) == (length > other)
        )
        label = _label(
            number,
            question,
            2,
            gold=gold,
            raters=raters,
            subset=subset,
            language=LANGUAGES[number % 2],
            lengths=(length, other),
            facets={
                "right_style": number % 9 // 3,
                "wrong_style": number % 3,
                "right_length": "long" if right_is_long else "short",
                "long": bool(rng.random() < 0.1),
                "list": int(rng.integers(3)),
                "model": MODELS[number % len(MODELS)],
                "model_slot": int(rng.integers(2)),
                "generator": MODELS[int(rng.integers(len(MODELS)))],
            },
        )
        labels.append(label)
        for sample in range(samples):
            for order in _orders(2, orders):
                slot = 0.5 if order == (0, 1) else -0.5
                lean = 0.8 * truth + slot + 0.5 * np.tanh((length - other) / 150) + 0.8 * rng.normal()
                lean = 0.0 if ties and abs(lean) < 0.4 else round(float(lean), 3)
                judgments.append(_answer(rng, label, order, sample, failures, _verdict(lean / 2, -lean / 2)))
    return MadeUp(
        rule, labels, judgments, orders=orders, samples=samples, ties=ties, settings=settings or {}, factors=factors
    )


def merged_pairs(seed: int = 2) -> MadeUp:
    """Pairs of which upstream kept one verdict for both orders: a tie, called inconsistent, where these disagreed."""
    made = pairs(seed=seed, orders="single", items=400)
    judgments = [
        msgspec.structs.replace(answer, verdict=_verdict(0.5, 0.5), flags=(Flag.INCONSISTENT,))
        if answer.verdict is not None and number % 5 == 0
        else answer
        for number, answer in enumerate(made.judgments)
    ]
    return made.of(judgments=judgments, orders="merged")


def ratings(
    rule: str = "agreement",
    seed: int = 3,
    *,
    settings: Mapping[str, Any] | None = None,
    scale: int = 5,
    samples: int = 1,
    items: int = 160,
    questions: int = 40,
    failures: float = 0.08,
    people: Sequence[str] = PEOPLE,
    subsets: Sequence[str] = ("alpha", "beta", "gamma"),
) -> MadeUp:
    """One response, a whole number from 1 to `scale`."""
    rng = np.random.default_rng(seed)
    of_question = rng.normal(size=questions)

    def number_of(lean: float) -> Verdict:
        return _verdict(float(np.clip(np.rint((scale + 1) / 2 + lean), 1, scale)))

    labels, judgments = [], []
    for number in range(items):
        question = number % questions if number < questions else int(rng.integers(questions))
        # In the scenarios people's taste and the judge's skill differ, as `agr_follows_gold` wants it.
        place = number % max(1, len(subsets))
        truth = of_question[question] + rng.normal() + 0.5 * place
        label = _label(
            number,
            question,
            1,
            gold=None if rng.random() < 0.06 else number_of(truth),
            raters={name: number_of(truth + 0.7 * rng.normal()) for name in people if rng.random() >= 0.2},
            subset=subsets[place] if subsets else None,
        )
        labels.append(label)
        judgments += [
            _answer(rng, label, (0,), sample, failures, number_of(0.8 * truth + 0.3 + (0.5 + place / 3) * rng.normal()))
            for sample in range(samples)
        ]
    return MadeUp(rule, labels, judgments, samples=samples, settings=settings or {})


def steps(
    rule: str = "mr_score",
    seed: int = 4,
    *,
    samples: int = 1,
    items: int = 120,
    questions: int = 40,
    failures: float = 0.08,
) -> MadeUp:
    """The first wrong step of a solution, 0 where all are right; every reason is graded."""
    rng = np.random.default_rng(seed)
    labels, judgments = [], []
    for number in range(items):
        gold = int(rng.choice([0, 0, 1, 2, 3]))
        label = _label(
            number,
            number % questions,
            1,
            gold=_verdict(gold),
            subset=("coding", "maths")[int(rng.integers(2))],
        )
        labels.append(label)
        for sample in range(samples):
            step = gold if rng.random() < 0.6 else int(rng.integers(4))
            answer = _answer(rng, label, (0,), sample, failures, _verdict(step))
            grade = (Flag.RIGHT_REASON, Flag.WRONG_REASON)[int(rng.integers(2))]
            if answer.status == Status.OK:
                answer = msgspec.structs.replace(answer, flags=(grade,))
            judgments.append(answer)
    return MadeUp(rule, labels, judgments, samples=samples, question=Question(kind=Kind.STEP))


def each_step(
    rule: str = "prmscore",
    seed: int = 7,
    *,
    samples: int = 1,
    items: int = 160,
    questions: int = 40,
    failures: float = 0.08,
) -> MadeUp:
    """A number for each step of a solution, how likely it is wrong: of each question three solutions with wrong steps
    and an original without."""
    rng = np.random.default_rng(seed)
    labels, judgments = [], []
    for number in range(items):
        subset = ("alpha", "beta", "gamma", "original")[number // questions % 4]
        width = int(rng.integers(2, 7))
        gold = (rng.random(width) < 0.3) * float(subset != "original")
        gold[int(rng.integers(width))] = float(subset != "original")
        label = _label(number, number % questions, 1, gold=_verdict(*gold), subset=subset, steps=width)
        labels.append(label)
        for sample in range(samples):
            said = np.round(np.clip(0.5 * gold + rng.uniform(0, 0.6, size=width), 0, 1), 2)
            judgments.append(_answer(rng, label, (0,), sample, failures, _verdict(*said)))
    settings = {"originals": "original", "right_only": ["original"]}
    question = Question(kind=Kind.STEP, scale=(0, 1))
    return MadeUp(rule, labels, judgments, samples=samples, question=question, settings=settings)


def rankings(
    rule: str = "agreement",
    seed: int = 8,
    *,
    samples: int = 1,
    items: int = 120,
    questions: int = 40,
    failures: float = 0.08,
    ties: bool = True,
) -> MadeUp:
    """The order of three or four responses, with ties where `ties`: minus the rank."""
    rng = np.random.default_rng(seed)
    labels, judgments = [], []
    for number in range(items):
        width = 3 + number % 2
        gold = -1.0 - rng.permutation(width)
        if ties and number % 3 == 0:
            gold = np.maximum(gold, -2.0)
        label = _label(
            number, number % questions, width, gold=_verdict(*gold), subset=("alpha", "beta")[number // 40 % 2]
        )
        labels.append(label)
        for sample in range(samples):
            for order in _orders(width, "both"):
                said = np.rint(gold + rng.normal(size=width) + np.linspace(0.4, -0.4, width)[list(order)])
                judgments.append(_answer(rng, label, order, sample, failures, _verdict(*said)))
    return MadeUp(rule, labels, judgments, samples=samples, question=Question(kind=Kind.RANKING))


def classes(
    rule: str = "agreement",
    seed: int = 6,
    *,
    question: Question = RIGHT_OR_WRONG,
    people: Sequence[str] = PEOPLE,
    samples: int = 1,
    items: int = 160,
    questions: int = 40,
    failures: float = 0.08,
) -> MadeUp:
    """One response and one of the question's labels, the last one the commonest; now and then the judge finds two
    labels equally likely, which is none."""
    rng = np.random.default_rng(seed)
    k = len(question.labels)

    def says(label: int) -> Verdict:
        return _verdict(*(float(place == label) for place in range(k)))

    labels, judgments = [], []
    for number in range(items):
        gold = min(int(rng.integers(k + 1)), k - 1)
        label = _label(
            number,
            number % questions,
            1,
            gold=None if rng.random() < 0.06 else says(gold),
            raters={
                name: says(gold if rng.random() < 0.7 else int(rng.integers(k)))
                for name in people
                if rng.random() >= 0.2
            },
            subset=("alpha", "beta")[int(rng.integers(2))],
            facets={"improper": bool(rng.random() < 0.2)},
        )
        labels.append(label)
        for sample in range(samples):
            said = says(gold if rng.random() < 0.6 else int(rng.integers(k)))
            said = _verdict(*(1 / k,) * k) if rng.random() < 0.05 else said
            judgments.append(_answer(rng, label, (0,), sample, failures, said))
    return MadeUp(rule, labels, judgments, samples=samples, question=question)


def sets(
    rule: str = "agreement",
    seed: int = 5,
    *,
    settings: Mapping[str, Any] | None = None,
    widths: Sequence[int] = (4,),
    right: Sequence[int] = (1,),
    subsets: Sequence[str] = ("alpha", "beta"),
    whole: bool = True,
    samples: int = 1,
    items: int = 120,
    questions: int = 40,
    failures: float = 0.08,
) -> MadeUp:
    """`widths` of responses, of which as many are `right` as `right` says, in turn; scores from 0 to 4, whole numbers
    where `whole`, so that several share the top."""
    rng = np.random.default_rng(seed)
    labels, judgments = [], []
    for number in range(items):
        width = widths[number % len(widths)]
        subset = subsets[number // len(widths) % len(subsets)]
        good = min(right[number % len(right)], max(1, width - 1))
        gold = np.zeros(width)
        gold[rng.permutation(width)[:good]] = 1
        if width == 1:
            gold = rng.integers(1, 6, size=1).astype(float)
        styles = [*np.flatnonzero(gold > 0), *np.flatnonzero(gold == 0)]
        label = _label(
            number,
            number % questions,
            width,
            gold=_verdict(*gold),
            subset=subset,
            lengths=tuple(int(size) for size in rng.integers(50, 500, size=width)),
            facets={
                "styles": "".join(map(str, styles)),
                "model": MODELS[int(rng.integers(len(MODELS)))],
                "swap": bool(rng.integers(2)),
                "variant": "tied" if good > 1 else "ref",
                "prompt": number // len(right),
            },
        )
        labels.append(label)
        for sample in range(samples):
            for order in _orders(width, "both"):
                slots = np.linspace(0.4, -0.4, width)[list(order)] if width > 1 else 0.0
                said = gold * (1 if width == 1 else 1.5) + slots + rng.normal(size=width)
                said = np.clip(np.rint(said), 0, 5) if whole or width == 1 else np.round(said, 3)
                judgments.append(_answer(rng, label, order, sample, failures, _verdict(*said)))
    return MadeUp(rule, labels, judgments, samples=samples, settings=settings or {})
