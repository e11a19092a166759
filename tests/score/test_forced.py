"""Forced verdicts: both orders as one, and what follows the word where the words are exchanged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp, log
from typing import Any

import msgspec
import numpy as np
import pytest

from judgebench import resources
from judgebench.errors import InputError
from judgebench.report import card as cards
from judgebench.results import Run
from judgebench.score import forced, rightness, score_run
from judgebench.score.analysis import confidence, ties
from judgebench.score.pairs import FAILED, FIRST, SECOND, TIE, of_run
from judgebench.types import (
    PREFERENCE,
    BenchmarkRef,
    Card,
    Headline,
    JudgeRef,
    Judgment,
    Kind,
    Label,
    Manifest,
    Question,
    Status,
    Verdict,
)

Likely = Sequence[float] | None
"""How likely each response is, in the item's order, and last a tie; None for a failure."""
LABELS = Question(kind=Kind.CLASS, labels=("wrong", "right"))


def answer(item: int, order: tuple[int, ...], likely: Likely, *, tie: bool = True, **more: Any) -> Judgment:
    made = {"item": f"i{item}", "order": order}
    if likely is None:
        return Judgment(**made, status=Status.UNPARSED, detail="made up")
    each, rest = (likely[:-1], likely[-1]) if tie else (likely, 0.0)
    best = max(likely)
    tops = [float(one == best) for one in each]
    chosen = tops if any(tops) else [1 / len(each)] * len(each)
    known = {
        "verdict": Verdict(scores=tuple(one + rest / len(each) for one in each)),
        "chosen": Verdict(scores=tuple(chosen)),
        "tie": rest if tie else None,
        "confidence": best,
        "mass": 0.9,
        **more,
    }
    return Judgment(**made, status=Status.OK, **known)


def run_of(
    golds: Sequence[Sequence[float]],
    answers: Sequence[Judgment],
    placebo: Sequence[Judgment] = (),
    *,
    rule: str = "agreement",
    question: Question = PREFERENCE,
    orders: str = "both",
) -> Run:
    labels = [
        Label(
            id=f"i{number}",
            cluster=f"q{number}",
            digest="",
            gold=Verdict(scores=tuple(gold)),
            lengths=(100,) * (1 if question.labels else len(gold)),
            authors=(None,) * (1 if question.labels else len(gold)),
        )
        for number, gold in enumerate(golds)
    ]
    card: Card = msgspec.structs.replace(
        resources.card("pandalm"), headline=Headline(rule=rule, gloss=""), question=question, subsets={}, anchors=()
    )
    refs = {"benchmark_ref": BenchmarkRef(id="b"), "judge_ref": JudgeRef(kind="python", called="j")}
    manifest = Manifest(**refs, version="1", items="", orders=orders, protocol={"verdict": "forced"})
    return Run(card, labels, manifest, answers, placebo)


def both(*pairs: tuple[Likely, Likely], **more: Any) -> list[Judgment]:
    return [
        answer(item, order, likely, **more)
        for item, orders in enumerate(pairs)
        for order, likely in zip(((0, 1), (1, 0)), orders, strict=True)
    ]


# ------------------------------------------------------------------------------------------- both orders as one

DECIDED: list[tuple[Likely, Likely, int]] = [
    ((0.9, 0.1, 0.0), (0.3, 0.7, 0.0), FIRST),  # surer in one order than in the other
    ((0.6, 0.4, 0.0), (0.1, 0.9, 0.0), SECOND),
    ((0.4, 0.2, 0.4 - 1e-6), (0.2, 0.4, 0.4), TIE),  # either order alone would not say tie
    ((0.45, 0.1, 0.45), (0.45, 0.1, 0.45), FIRST),  # as likely as a tie is no tie, as in one order
    ((0.5, 0.5, 0.0), (0.5, 0.5, 0.0), TIE),
    ((0.9, 0.1, 0.0), None, FAILED),
]


def test_probabilities_are_averaged_before_anything_is_decided() -> None:
    pairs = of_run(*_arrays(run_of([(1, 0)] * len(DECIDED), both(*[(one, other) for one, other, _ in DECIDED]))))
    once = forced.combined(pairs)
    assert once is not None
    assert once.verdicts[:, 0, 0].tolist() == [wanted for *_, wanted in DECIDED]
    assert once.confidence[:, 0, 0][:3] == pytest.approx([0.6, 0.65, 0.4], abs=1e-5)
    assert np.isnan(once.confidence[-1, 0, 0])
    assert once.margins[:2, 0, 0] == pytest.approx([0.2, -0.3])


def _arrays(run: Run) -> tuple[Any, ...]:
    return run.asked, run.manifest, run.judgments


def test_two_numbers_alone_cannot_tell_a_tie() -> None:
    """The same shared-out verdicts, made of other probabilities: what is likeliest differs, so the tie is kept."""
    one, other = answer(0, (0, 1), (0.45, 0.25, 0.3)), answer(0, (0, 1), (0.2, 0.0, 0.8))
    assert one.verdict is not None
    assert other.verdict is not None
    assert one.verdict.scores == pytest.approx(other.verdict.scores)
    found = [
        forced.combined(of_run(*_arrays(run_of([(1, 0)], both((likely, likely))))))
        for likely in ((0.45, 0.25, 0.3), (0.2, 0.0, 0.8))
    ]
    assert [once.verdicts[0, 0, 0] for once in found if once is not None] == [FIRST, TIE]


def test_an_older_record_without_the_tie_is_still_read() -> None:
    older = [msgspec.structs.replace(one, tie=None) for one in both(((0.3, 0.2, 0.5), (0.3, 0.2, 0.5)))]
    once = forced.combined(of_run(*_arrays(run_of([(1, 0)], older))))
    assert once is not None
    assert once.verdicts[0, 0, 0] == FIRST


def test_the_log_odds_may_decide_otherwise() -> None:
    """Where a tie may be the verdict: of two options both forms say the same."""
    likely = [((0.05, 0.15, 0.8), (0.45, 0.53, 0.02)), ((0.99, 0.01, 0.0), (0.02, 0.98, 0.0))]
    pairs = of_run(*_arrays(run_of([(1, 0), (1, 0)], both(*likely))))
    mean, logs = forced.combined(pairs), forced.combined(pairs, log_odds=True)
    assert mean is not None
    assert logs is not None
    assert mean.verdicts[:, 0, 0].tolist() == [TIE, FIRST]
    assert logs.verdicts[:, 0, 0].tolist() == [SECOND, FIRST]
    odds = [exp((log(one) + log(other)) / 2) for one, other in zip(*likely[0], strict=True)]
    assert logs.confidence[0, 0, 0] == pytest.approx(odds[1] / sum(odds))


def test_the_number_and_the_rules_of_ties() -> None:
    run = run_of([(1, 0)] * 6, both(*[(one, other) for one, other, _ in DECIDED]))
    scores = score_run(run)
    assert scores.metrics["agreement_combined"].value == pytest.approx(2 / 6)
    assert scores.metrics["agreement_combined"].n == 6
    (found,) = ties.analyze([run])
    rows = {row.label: row.numbers["score"].value for row in found.rows}
    assert rows["both orders' probabilities averaged"] == pytest.approx(2 / 6)
    assert "both orders' log-odds averaged" in rows
    one = score_run(run_of([(1, 0)] * 6, run.judgments, orders="single")).metrics["agreement_combined"]
    assert one.reason == "needs both orders; the run has one"


def test_verdicts_that_are_not_forced_have_no_such_rows() -> None:
    plain = [msgspec.structs.replace(one, chosen=None, tie=None) for one in both(((0.9, 0.1, 0), (0.4, 0.6, 0)))]
    run = run_of([(1, 0)], plain)
    assert not {"agreement_combined", "placebo"} & set(score_run(run).metrics)
    (found,) = ties.analyze([run])
    assert not [row.label for row in found.rows if "averaged" in row.label]


def test_three_way_decides_by_all_three_probabilities() -> None:
    answers = both(((0.4, 0.2, 0.4 - 1e-6), (0.2, 0.4, 0.4)), ((0.45, 0.1, 0.45), (0.3, 0.2, 0.5)))
    scores = score_run(run_of([(0.5, 0.5), (0.5, 0.5)], answers, rule="three_way"))
    assert scores.headline.value == 1
    assert scores.metrics["agreement"].value == pytest.approx(1 / 4)


# ------------------------------------------------------------------------------------------- what is sure


def test_calibration_is_of_the_combined_verdict() -> None:
    """A judge that goes by the slot is sure in each order, and of nothing in both."""
    slot = [((0.95, 0.05, 0.0), (0.05 + 0.01 * (item % 3), 0.95 - 0.01 * (item % 3), 0.0)) for item in range(40)]
    run = run_of([(1, 0), (0, 1)] * 20, both(*slot))
    calibration, *_ = confidence.analyze([run])
    numbers = {row.label: row.numbers["value"] for row in calibration.rows}
    assert numbers["mean confidence"].value == pytest.approx(0.505, abs=0.01)
    assert numbers["mean confidence"].n == 40
    assert "both orders" in calibration.notes[0]
    alone, *_ = confidence.analyze([run_of([(1, 0), (0, 1)] * 20, run.judgments, orders="single")])
    assert next(row for row in alone.rows if row.label == "mean confidence").numbers["value"].value == pytest.approx(
        0.95
    )


def test_what_has_no_mass_in_one_order_enters_no_calibration() -> None:
    answers = both(*[((0.9, 0.1, 0), (0.8, 0.2, 0)) for _ in range(8)])
    unknown = [
        msgspec.structs.replace(one, mass=None, confidence=None)
        if one.item in ("i0", "i1") and one.order == (1, 0)
        else one
        for one in answers
    ]
    run = run_of([(1, 0), (0, 1)] * 4, unknown)
    calibration, *_ = confidence.analyze([run])
    assert calibration.notes[1] == "Left out: 2 trials without one."
    assert score_run(run).metrics["agreement_combined"].n == 8
    nothing = [msgspec.structs.replace(one, mass=None, confidence=None) for one in answers]
    with pytest.raises(InputError, match="the verdicts carry no confidence"):
        confidence.analyze([run_of([(1, 0), (0, 1)] * 4, nothing)])


# ------------------------------------------------------------------------------------------- the best of several


def test_of_several_responses_the_option_chosen_decides() -> None:
    """A tie is likeliest in one order: then no response is the best, though one is likelier than the others."""
    shown = ((0, 1, 2), (2, 1, 0))
    answers = [answer(0, shown[0], (0.3, 0.2, 0.1, 0.4)), answer(0, shown[1], (0.6, 0.2, 0.1, 0.1))]
    run = run_of([(1, 0, 0)], answers)
    assert rightness(run).tolist() == pytest.approx([1 / 3, 1])
    scores = score_run(run)
    assert scores.metrics["agreement"].value == pytest.approx(2 / 3)
    assert scores.metrics["agreement_combined"].value == 1
    other = [answer(0, shown[0], (0.3, 0.2, 0.1, 0.4)), answer(0, shown[1], (0.2, 0.3, 0.1, 0.4))]
    assert score_run(run_of([(1, 0, 0)], other)).metrics["agreement_combined"].value == pytest.approx(1 / 3)


# ------------------------------------------------------------------------------------------- the placebo


def placebo_of(original: Mapping[str, Any], again: Mapping[str, Any], **more: Any) -> Any:
    answers, beside = (
        [answer(number, order, likely, tie=not more) for (number, order), likely in asked.items()]
        for asked in (original, again)
    )
    gold = [(1.0, 0.0, 0.0)[: max(2, *(len(order) for _, order in original))]] * 4
    return score_run(run_of(gold, answers, beside, **more)).metrics["placebo"]


@pytest.mark.parametrize(
    ("likely", "again", "wanted"),
    [
        ((0.9, 0.1, 0.0), (0.1, 0.9, 0.0), 1 / (1 + 0.2)),  # the word has what it had
        ((0.9, 0.1, 0.0), (0.9, 0.1, 0.0), 0.2 / (1 + 0.2)),  # the response has
        ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), 1),
        ((1.0, 0.0, 0.0), (1.0, 0.0, 0.0), 0),
        ((0.5, 0.5, 0.0), (0.5, 0.5, 0.0), 0.5),
        ((0.0, 0.0, 1.0), (0.0, 0.0, 1.0), 0.5),  # a tie has one word
        ((0.6, 0.3, 0.1), (0.2, 0.5, 0.3), 0.8 / (0.8 + 0.6)),
    ],
)
def test_how_much_follows_the_word(likely: Likely, again: Likely, wanted: float) -> None:
    for order in ((0, 1), (1, 0)):
        found = placebo_of({(0, order): likely}, {(0, order): again})
        assert (found.value, found.n) == (pytest.approx(wanted), 1)


def test_the_words_of_several_are_handed_out_from_the_other_end() -> None:
    for order in ((0, 1, 2), (2, 1, 0)):
        found = placebo_of({(0, order): (0.7, 0.2, 0.1, 0.0)}, {(0, order): (0.1, 0.2, 0.7, 0.0)})
        assert found.value == pytest.approx(1 / (1 + 0.1 + 0.2 + 0.1))


def test_trials_that_lack_an_asking_do_not_count() -> None:
    original = {(0, (0, 1)): (0.9, 0.1, 0), (1, (0, 1)): (0.9, 0.1, 0), (2, (0, 1)): None}
    again = {(0, (0, 1)): (0.1, 0.9, 0), (1, (0, 1)): None, (2, (0, 1)): (0.1, 0.9, 0)}
    found = placebo_of(original, again)
    assert (found.value, found.n) == (pytest.approx(1 / 1.2), 1)
    assert placebo_of(original, {(1, (0, 1)): None}).reason == "no trial has a verdict both ways"


def test_of_labels() -> None:
    found = placebo_of({(0, (0,)): (0.8, 0.2)}, {(0, (0,)): (0.2, 0.8)}, question=LABELS)
    assert found.value == pytest.approx(1 / 1.4)


def test_the_card_says_where_it_was_not_asked() -> None:
    run = run_of([(1, 0)] * 2, both(((0.9, 0.1, 0), (0.4, 0.6, 0)), ((0.9, 0.1, 0), (0.4, 0.6, 0))))
    text = cards.render(cards.of(score_run(run), run.card))
    assert "placebo: follows the word, not its meaning" in text
    assert "not asked" in text
    assert text.index("decisive verdicts for the first slot") < text.index("Its own score")
    labelled = run_of([(1, 0)], [answer(0, (0,), (0.8, 0.2), tie=False)], question=LABELS)
    said = " ".join(cards.render(cards.of(score_run(labelled), labelled.card)).split())
    assert "not asked: the labels have meanings of their own; -J words=letters makes it possible" in said
