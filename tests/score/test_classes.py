"""Numbers of classes against scikit-learn and plain loops, and what a verdict of labels may be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import krippendorff
import msgspec
import numpy as np
import pytest
from cases import CASES
from made_up_runs import MadeUp, classes
from scipy import stats
from sklearn import metrics

from judgebench.errors import InputError
from judgebench.score import estimates, rightness
from judgebench.types import Judgment, Kind, Question, Status, Verdict, in_item_order


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimates, "RESAMPLES", 100)


def told(run: MadeUp) -> tuple[list[str], list[str], list[bool]]:
    """Of each trial with gold: its label, the judge's (empty: none), and whether there is a verdict; in plain loops."""
    labels = run.question.labels
    verdicts = {answer.item: answer.verdict for answer in run.judgments}
    gold, said, read = [], [], []
    for label in run.labels:
        if label.gold is None:
            continue
        verdict = verdicts[label.id]
        gold.append(labels[label.gold.scores.index(1.0)])
        read.append(verdict is not None)
        said.append(labels[verdict.scores.index(1.0)] if verdict is not None and 1.0 in verdict.scores else "")
    return gold, said, read


def ordered(run: MadeUp, gold: list[str], said: list[str]) -> dict[str, float]:
    """What the order of the labels adds: of the labels said, and of the place that a judge's numbers lead to expect."""
    labels, verdicts = list(run.question.labels), {answer.item: answer.verdict for answer in run.judgments}
    places, expected = [], []
    for label in run.labels:
        verdict = verdicts[label.id]
        if label.gold is not None and verdict is not None:
            places.append(label.gold.scores.index(1.0))
            expected.append(sum(place * score for place, score in enumerate(verdict.scores)) / sum(verdict.scores))
    gaps = np.subtract(expected, places)
    codes = [[labels.index(one) for one in side] for side in (gold, said)]
    return {
        "weighted_kappa_linear": metrics.cohen_kappa_score(gold, said, labels=labels, weights="linear"),
        "alpha_with_gold": krippendorff.alpha(codes, level_of_measurement="ordinal"),
        "mae": np.abs(gaps).mean(),
        "signed_bias": gaps.mean(),
        "spearman": stats.spearmanr(expected, places).statistic,
        "kendall_tau": stats.kendalltau(expected, places).statistic,
    }


@pytest.mark.parametrize("case", ["classes", "classes of three"])
def test_what_is_counted_in_plain_loops(case: str) -> None:
    run = CASES[case]()
    labels, numbers = list(run.question.labels), run.scores().metrics
    gold, said, read = told(run)
    hits = [one == other for one, other in zip(gold, said, strict=True)]
    named = [place for place, label in enumerate(said) if label]
    both = [gold[place] for place in named], [said[place] for place in named]
    wanted: dict[str, Any] = {
        "agreement": np.mean(hits),
        "accuracy": np.mean([hit for hit, one in zip(hits, read, strict=True) if one]),
        "mcc": metrics.matthews_corrcoef(gold, said),
        "macro_f1": metrics.f1_score(gold, said, labels=labels, average="macro"),
        "cohen_kappa": metrics.cohen_kappa_score(*both),
        "weighted_kappa": metrics.cohen_kappa_score(*both, labels=labels, weights="quadratic"),
        "majority_agreement": max(gold.count(label) for label in labels) / len(gold),
    }
    oracle = metrics.precision_recall_fscore_support(gold, said, labels=labels)
    for name, values in zip(("precision", "recall", "f1"), oracle, strict=False):
        wanted |= {f"{name}[{label}]": value for label, value in zip(labels, values, strict=True)}
    for row in labels:
        for column in (*labels, ""):
            wanted[f"confusion[{row},{column}]"] = list(zip(gold, said, strict=True)).count((row, column))
    if len(labels) == 2:
        wanted["kappa_minus_phi"] = wanted["cohen_kappa"] - metrics.matthews_corrcoef(*both)
        wanted["sensitivity"], wanted["specificity"] = wanted["recall[right]"], wanted["recall[wrong]"]
    if run.question.ordered:
        wanted |= ordered(run, *both)
    for name, value in wanted.items():
        assert numbers[name].value == pytest.approx(value, abs=1e-12), name
    masses = {"label_mass", "label_mass_median", "low_label_mass"}
    assert set(numbers) == {*wanted, *masses, "agreement_mde", "coverage"}
    assert sum(one.value for name, one in numbers.items() if name.startswith("confusion")) == len(gold)


def test_of_three_labels_all_others_are_negative() -> None:
    question = Question(kind=Kind.CLASS, labels=("low", "mid", "high"), positive="mid")
    run = classes(question=question)
    gold, said, _ = told(run)
    numbers = run.scores().metrics
    others = [one for one, label in zip(said, gold, strict=True) if label != "mid"]
    assert numbers["specificity"].value == pytest.approx(np.mean([one not in ("mid", "") for one in others]))
    assert numbers["sensitivity"] == msgspec.structs.replace(numbers["recall[mid]"], name="sensitivity")
    assert "kappa_minus_phi" not in numbers
    assert "weighted_kappa" not in numbers, "these labels have no order"


def test_the_score_without_improper_questions() -> None:
    run = classes()
    scores = run.scores()
    proper = [label for label in run.labels if not label.facets["improper"]]
    alone = run.of(labels=proper).scores()
    assert scores.headline.parts["proper"].value == alone.headline.value
    assert not alone.headline.parts, "where every question is proper there is one score"


@pytest.mark.parametrize("case", ["classes", "classes of three"])
def test_agreement_is_the_mean_of_what_the_answers_are_worth(case: str) -> None:
    run = CASES[case]()
    worth = rightness(run.as_read())
    assert run.scores().metrics["agreement"].value == pytest.approx(np.nanmean(worth))


def test_a_single_response_may_have_several_numbers_and_several_responses_one_each() -> None:
    made = {"item": "i", "status": Status.OK, "verdict": Verdict(scores=(0, 1, 0))}
    assert Judgment(order=(0,), **made).verdict == Verdict(scores=(0, 1, 0))
    with pytest.raises(ValueError, match="3 scores for 2 responses"):
        Judgment(order=(0, 1), **made)
    assert in_item_order((0,), (1, 2, 3)) == (1, 2, 3)
    assert in_item_order((1, 0), (1, 2)) == (2, 1)


def test_a_verdict_of_other_labels_is_refused() -> None:
    run = classes()
    wide = msgspec.structs.replace(run.judgments[0], status=Status.OK, verdict=Verdict(scores=(0, 1, 0)), detail=None)
    with pytest.raises(InputError, match=f"item '{wide.item}': 3 scores for 2 labels"):
        run.of(judgments=[wide, *run.judgments[1:]]).scores()


def test_each_step_names_the_first_wrong_one() -> None:
    """Where a solution has a number for each step, all numbers about steps are of the first that is probably wrong."""
    made = CASES["steps"](failures=0.0)

    def spread(verdict: Verdict) -> Verdict:
        first = int(verdict.scores[0])
        later = first + 1 if first else None
        return Verdict(scores=tuple(0.9 if step == first else 0.6 if step == later else 0.1 for step in range(1, 6)))

    graded = [label for label in made.labels if label.gold is not None]
    labels = [msgspec.structs.replace(label, gold=spread(label.gold)) for label in graded if label.gold]
    judgments = [msgspec.structs.replace(one, verdict=spread(one.verdict)) for one in made.judgments if one.verdict]
    each = made.of(labels=labels, judgments=judgments, question=Question(kind=Kind.STEP, scale=(0, 1)))
    one, other = made.scores().metrics, each.scores().metrics
    assert {name: estimate.value for name, estimate in one.items()} == {
        name: estimate.value for name, estimate in other.items() if name in one
    }
    assert set(other) - set(one) == {"step_agreement", "step_f1_right", "step_f1_wrong", "step_macro_f1"}
    assert made.scores().headline.parts == each.scores().headline.parts


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"kind": Kind.CLASS}, "has labels"),
        ({"labels": ("a", "b")}, "has labels"),
        ({"kind": Kind.CLASS, "labels": ("a",)}, "two labels or more"),
        ({"kind": Kind.CLASS, "labels": ("Yes", "yes")}, "none of them twice"),
        ({"kind": Kind.CLASS, "labels": ("a", "")}, "or empty"),
        ({"kind": Kind.CLASS, "labels": ("a,b", "c")}, "no comma"),
        ({"kind": Kind.CLASS, "labels": ("a", "b"), "positive": "c"}, "positive is one of a, b, not 'c'"),
        ({"kind": Kind.SCORE, "ordered": True}, "ordered"),
        ({"kind": Kind.SCORE, "scale": (5, 1)}, "lowest and its highest"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(fields: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Question(**fields)


def test_a_mixture_of_labels_and_preferences_is_scored_by_what_gold_says() -> None:
    """The card has the labels, and an item says where it is another question; a subset of labels alone is of labels."""
    labelled, compared = classes(people=()), CASES["pairs"](orders="single", people=())
    fields = {"subset": "pairs", "question": Question()}
    others = [msgspec.structs.replace(one, id=f"p{one.id}", **fields) for one in compared.labels]
    answers = [msgspec.structs.replace(one, item=f"p{one.item}") for one in compared.judgments]
    mixed = labelled.of(labels=[*labelled.labels, *others], judgments=[*labelled.judgments, *answers], orders="single")
    scores = mixed.scores()
    assert "top_tie_rate" in scores.metrics
    assert "mcc" not in scores.metrics
    worth = rightness(mixed.as_read())
    assert scores.metrics["agreement"].value == pytest.approx(np.nanmean(worth))
    alone = [label for label in labelled.labels if label.subset == "alpha"]
    assert scores.subsets["alpha"]["agreement"].value == labelled.of(labels=alone).scores().metrics["agreement"].value


def test_the_label_to_be_expected_weighs_what_a_forced_judge_said_of_each() -> None:
    """And not the option alone that was chosen, which stands beside it."""
    run = classes(question=Question(kind=Kind.CLASS, labels=("low", "mid", "high"), ordered=True))
    likely = ((0.6, 0.3, 0.1), (0.2, 0.5, 0.3), (0.1, 0.2, 0.7))
    judgments, gaps = [], []
    gold = {label.id: label.gold for label in run.labels}
    for one in run.judgments:
        if one.verdict is None or 1.0 not in one.verdict.scores:
            continue
        soft = likely[one.verdict.scores.index(1.0)]
        judgments.append(msgspec.structs.replace(one, verdict=Verdict(scores=soft), chosen=one.verdict))
        if (right := gold[one.item]) is not None:
            gaps.append(abs(soft[1] + 2 * soft[2] - right.scores.index(1.0)))
    forced = replace(run, judgments=judgments).scores().metrics
    assert forced["mae"].value == pytest.approx(np.mean(gaps), abs=1e-12)
    assert forced["mae"].value != run.scores().metrics["mae"].value
