"""Each step of a solution: PRMBench's numbers are upstream's own, and elsewhere a failure is wrong at each step."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import prmbench_upstream as upstream
import pytest
from sklearn.metrics import f1_score

from judgebench import adapters, resources
from judgebench.errors import InputError
from judgebench.score import estimates, scored, steps
from judgebench.types import BenchmarkRef, JudgeRef, Judgment, Kind, Label, Manifest, Question, Status, Verdict

EACH = Question(kind=Kind.STEP, scale=(0, 1))
PRINTED = {
    "none wrong": (0.45719531489065257, 0.9143906297813051, 0.0, 0.8422832879538449, 1.0, 0.0, 0.0, 1.0, 1.0),
    "all wrong": (0.13623083298798178, 0.0, 0.27246166597596355, 0.15771671204615514, 0.0, 1.0, 1.0, 1.0, None),
    "a coin": (
        0.4329890483058846, 0.6274516808974313, 0.23852641571433789, 0.4996821436710607, 0.5002136082709122,
        0.4968438664537227, 0.49262634631317315, 1.0, 0.8232837443613531,
    ),
    "blind": (
        0.4955700247319067, 0.8705027556265008, 0.12063729383731253, 0.77425003898238, 0.9008430406425337,
        0.0981823712829873, 0.0916321458160729, 1.0, 0.9016274851661363,
    ),
    "failing": (
        0.6507260893655841, 0.8531369303016993, 0.44831524842946885, 0.7680270021478981, 0.8006468079709571,
        0.5947971038895437, 0.6001102130786187, 0.9021091611656739, 0.8432037676109962,
    ),
}  # fmt: skip
"""What upstream's code gives for the made-up verdicts of tests/oracles/prmbench_upstream.py, which prints these rows:
its task.py has the sha256 7d947eed1bda2a4051fdb7755b2d15293de729a16012452e28ee0fc309307bca. Of `prmscore`, PARTS,
`valid_rate` and `similarity`; the first is the mean that upstream's notebooks take."""


@pytest.mark.parametrize("judge", PRINTED)
def test_prmbench_s_numbers_are_upstream_s(judge: str, mirror: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not (mirror / "prmbench").exists():
        pytest.skip("PRMBench is not in the mirror")
    monkeypatch.setenv("JUDGEBENCH_MIRROR", str(mirror))
    monkeypatch.setattr(estimates, "RESAMPLES", 2)
    items = adapters.load(resources.card("prmbench"))
    whole = upstream.ours(items, upstream.verdicts(items, judge))
    for name, printed in zip(("prmscore", *upstream.PARTS, "valid_rate", "similarity"), PRINTED[judge], strict=True):
        assert whole[name] == (printed if printed is None else pytest.approx(printed, abs=1e-12)), name


def solutions(gold: list[tuple[float, ...]], said: list[tuple[float, ...] | None]) -> scored.Scored:
    labels = [
        Label(id=str(row), gold=Verdict(scores=scores), cluster=str(row), authors=(None,), lengths=(None,), digest="",
              steps=len(scores))
        for row, scores in enumerate(gold)
    ]  # fmt: skip
    judgments = [
        Judgment(item=str(row), order=(0,), status=Status.UNPARSED)
        if scores is None
        else Judgment(item=str(row), order=(0,), status=Status.OK, verdict=Verdict(scores=scores))
        for row, scores in enumerate(said)
    ]
    manifest = Manifest(
        benchmark_ref=BenchmarkRef(id="b"), judge_ref=JudgeRef(called="j"), version="", items="", orders="single"
    )
    return scored.of_run(labels, manifest, judgments, EACH)


def test_f1_of_both_kinds_is_that_of_sklearn_and_a_failure_is_wrong_at_each_step() -> None:
    toss = np.random.default_rng(5)
    for _ in range(200):
        gold = [tuple((toss.random(n) < 0.3).astype(float)) for n in toss.integers(1, 7, size=12)]
        said = [None if toss.random() < 0.2 else tuple(toss.random(len(one)).round(1)) for one in gold]
        truth = np.concatenate([np.array(one, dtype=bool) for one in gold])
        called = np.concatenate(
            [~np.array(one, dtype=bool) if two is None else np.array(two) >= 0.5 for one, two in zip(gold, said)]
        )
        numbers = {one.name: one.value for one in steps.of_each(solutions(gold, said))}
        assert numbers["step_agreement"] == pytest.approx((truth == called).mean(), abs=1e-12)
        f1 = [f1_score(truth, called, pos_label=kind, zero_division=np.nan) for kind in (False, True)]
        for name, wanted in zip(("step_f1_right", "step_f1_wrong", "step_macro_f1"), (*f1, np.mean(f1)), strict=True):
            assert numbers[name] == (None if np.isnan(wanted) else pytest.approx(wanted, abs=1e-12)), name


def test_the_first_wrong_step_follows_from_the_numbers() -> None:
    gold = [(0, 1, 1), (0, 0), (1,), (0, 1)]
    said = [(0.49, 0.5, 0.9), (0.2, 0.1), (0.4,), None]
    numbers = {one.name: one.value for one in steps.against_gold(solutions(gold, said))}
    assert numbers["agreement"] == 0.5, "two are found, one is missed, one failed"
    assert numbers["step_accuracy"] == pytest.approx(1 / 3)
    assert numbers["detection"] == 0.5


def test_a_verdict_has_a_number_for_each_step() -> None:
    with pytest.raises(InputError, match="item '0': 2 scores for 3 steps"):
        solutions([(0, 1, 1)], [(0, 1)])
