"""The headline rules on rows small enough to check by hand, and on the golden ones."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judgebench.errors import UnknownName
from judgebench.score import estimates, metrics, rules
from judgebench.score.catalogue import METRICS, PAIRS
from judgebench.score.pairs import FAILED, FIRST, SECOND, TIE, Pairs, of_run
from judgebench.types import BenchmarkRef, Headline, JudgeRef, Judgment, Label, Manifest, Status, Trial, Verdict

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "statistics.json").read_text(encoding="utf-8"))
VERDICTS = {FIRST: (1.0, 0.0), SECOND: (0.0, 1.0), TIE: (0.5, 0.5)}


@pytest.fixture(scope="module", autouse=True)
def few_resamples() -> Iterator[None]:
    """Hundreds of small runs are scored here; how good their intervals are is the matter of tests/stats."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(estimates, "RESAMPLES", 200)
        yield


def run_of(golds: Sequence[int | None], verdicts: Sequence[Sequence[int]], **raters: Sequence[int]) -> Pairs:
    """Pairs through the real door: labels and judgments. Verdicts are in response coordinates, one per order."""
    labels = [
        Label(
            id=str(i),
            gold=None if gold is None else Verdict(scores=VERDICTS[gold]),
            raters={name: Verdict(scores=VERDICTS[votes[i]]) for name, votes in raters.items()},
            cluster=str(i),
            authors=(None, None),
            lengths=(None, None),
            digest="",
        )
        for i, gold in enumerate(golds)
    ]
    judgments = [
        judged(str(i), order, verdict)
        for i, given_verdicts in enumerate(verdicts)
        for order, verdict in zip([(0, 1), (1, 0)], given_verdicts)
    ]
    orders = "both" if len(verdicts[0]) == 2 else "single"
    manifest = Manifest(
        benchmark_ref=BenchmarkRef(id="b"),
        version="1",
        items="",
        judge_ref=JudgeRef(kind="python", called="j"),
        orders=orders,
    )
    return of_run(labels, manifest, judgments)


def judged(item: str, order: tuple[int, int], verdict: int) -> Judgment:
    trial = Trial(item=item, order=order, responses=("", ""))
    if verdict == FAILED:
        return trial.fail(Status.UNPARSED, "nothing to read")
    return trial.answer([VERDICTS[verdict][slot] for slot in order])


def value(rule: str, pairs: Pairs, **settings: Any) -> float | None:
    return rules.headline(Headline(rule=rule, gloss="", settings=settings), pairs).value


def test_net_vote_is_judgebench_s_own_rule() -> None:
    """Golden rows, executed through the authors' code: right and tie is right, right and wrong is not."""
    entry = GOLDEN["judgebench/two_order"]
    codes = {"A>B": FIRST, "B>A": SECOND, "A=B": TIE, None: FAILED}
    flip = {FIRST: SECOND, SECOND: FIRST, TIE: TIE, FAILED: FAILED}
    rows = entry["inputs"]["rows_d1_d2raw_label"]
    pairs = run_of([codes[label] for _, _, label in rows], [[codes[one], flip[codes[raw]]] for one, raw, _ in rows])
    expected = entry["expected"]
    assert 100 * value("net_vote", pairs) == expected["accuracy"]
    assert metrics.compute(pairs, gold_ties=False)["both_correct"].value == expected["all_correct"] / expected["n"]


def test_order_mean_is_llmbar_s_own_rule() -> None:
    entry = GOLDEN["llmbar/average_accuracy_and_positional_agreement"]
    codes = {1: FIRST, 2: SECOND, "1": FIRST, "2": SECOND, None: FAILED}
    rows = entry["inputs"]["rows_label_w0_w1"]
    pairs = run_of([codes[label] for label, _, _ in rows], [[codes[one], codes[two]] for _, one, two in rows])
    found = rules.headline(Headline(rule="order_mean", gloss=""), pairs)
    assert found.value == pytest.approx(entry["expected"]["average_accuracy"])
    assert found.parts["equal"].value == pytest.approx(entry["expected"]["positional_agreement"])
    assert found.parts["both"].value == pytest.approx(entry["expected"]["correct_both"])
    # Two failures agree upstream; in our own consistency they are left out.
    assert metrics.compute(pairs, gold_ties=False)["consistency"].value == pytest.approx(2 / 4)


def test_both_orders_wants_gold_twice() -> None:
    pairs = run_of([FIRST, FIRST, TIE, SECOND], [[FIRST, FIRST], [FIRST, SECOND], [TIE, TIE], [SECOND, FAILED]])
    assert value("both_orders", pairs) == 2 / 4


def test_pandalm_reads_failures_as_ties_and_we_do_not() -> None:
    pairs = run_of([TIE, FIRST, SECOND], [[FAILED], [FIRST], [SECOND]])
    found = rules.headline(Headline(rule="majority_gold_macro_f1", gloss=""), pairs)
    assert found.parts["accuracy"].value == 1.0
    assert metrics.compute(pairs, gold_ties=True)["agreement"].value == pytest.approx(2 / 3)


def test_vote_agreement_counts_votes_not_items() -> None:
    pairs = run_of(
        [None, None, None],
        [[FIRST, FIRST], [FIRST, SECOND], [TIE, TIE]],
        expert_1=[FIRST, TIE, SECOND],
        expert_2=[SECOND, TIE, TIE],
        author_1=[FIRST, FIRST, FIRST],
    )
    found = rules.headline(Headline(rule="vote_agreement", gloss="", settings={"raters": "expert_"}), pairs)
    # Judge by item: first, tie (the orders disagree), tie; equal to 1, 2 and 1 of the experts' two votes.
    assert (found.value, found.n) == (4 / 6, 6)
    assert (found.parts["s2"].value, found.parts["s2"].n) == (1 / 2, 2)
    people = rules.between_people(Headline(rule="vote_agreement", gloss="", settings={"raters": "expert_"}), pairs)
    assert (people["human_s1"].value, people["human_s1"].n) == (1 / 3, 3)


@pytest.mark.parametrize("rule", ["order_mean", "net_vote", "both_orders"])
def test_a_rule_for_two_orders_says_so_when_there_is_one(rule: str) -> None:
    found = rules.headline(Headline(rule=rule, gloss=""), run_of([FIRST], [[FIRST]]))
    assert found.value is None
    assert "both orders" in str(found.reason)


def test_an_unknown_rule_lists_the_choices() -> None:
    with pytest.raises(UnknownName, match="net_vote"):
        rules.headline(Headline(rule="nett_vote", gloss=""), run_of([FIRST], [[FIRST, FIRST]]))


codes = st.sampled_from([FIRST, SECOND, TIE, FAILED])
games = st.lists(st.tuples(st.sampled_from([FIRST, SECOND, TIE]), codes, codes), min_size=1, max_size=12)
SWAP = {FIRST: SECOND, SECOND: FIRST, TIE: TIE, FAILED: FAILED}


@settings(deadline=None)
@given(games)
def test_relabelling_the_responses_changes_nothing(rows: list[tuple[int, int, int]]) -> None:
    """Calling the first response the second, in gold and verdicts alike, is only another name for the same run."""
    run = run_of([gold for gold, _, _ in rows], [[one, two] for _, one, two in rows])
    # Under the other name the stored order is the swapped one, so the orders trade places too.
    other = run_of([SWAP[gold] for gold, _, _ in rows], [[SWAP[two], SWAP[one]] for _, one, two in rows])
    ours, theirs = metrics.compute(run, gold_ties=True), metrics.compute(other, gold_ties=True)
    of_length = {name for name in METRICS[PAIRS] if "length" in name or "longer" in name or "mass" in name}
    assert set(METRICS[PAIRS]) - set(ours) - of_length == {
        "rerun_agreement",
        "repetition_stability",
        "effect_<factor>",
        *("placebo", "agreement_combined"),
    }
    for name in ours:
        assert ours[name].value == pytest.approx(theirs[name].value), name
    for rule in ("order_mean", "net_vote", "both_orders"):
        assert value(rule, run) == pytest.approx(value(rule, other)), rule


@settings(deadline=None)
@given(games)
def test_bounds_and_identities(rows: list[tuple[int, int, int]]) -> None:
    run = run_of([gold for gold, _, _ in rows], [[one, two] for _, one, two in rows])
    found = {name: estimate.value for name, estimate in metrics.compute(run, gold_ties=True).items()}
    assert value("both_orders", run) <= value("order_mean", run)
    assert found["agreement"] == value("order_mean", run)
    assert found["both_correct"] == value("both_orders", run)
    for name, share in found.items():
        if share is not None and not name.endswith("_mde"):
            assert -1 <= share <= 1, name
    if found["consistency"] is not None:
        assert found["consistency"] + found["first_bias"] + found["second_bias"] == pytest.approx(1)
    if found["accuracy"] is not None:
        assert found["agreement"] == pytest.approx(found["accuracy"] * found["coverage"])


@settings(deadline=None)
@given(games)
def test_every_interval_holds_its_value(rows: list[tuple[int, int, int]]) -> None:
    run = run_of([gold for gold, _, _ in rows], [[one, two] for _, one, two in rows])
    for estimate in metrics.compute(run, gold_ties=True).values():
        if estimate.low is not None and "bootstrap" not in estimate.method:
            assert estimate.low - 1e-12 <= estimate.value <= estimate.high + 1e-12, estimate


def test_answers_to_the_same_trial_are_held_against_each_other() -> None:
    """Three answers in one order: AAB is 1/3 of equal pairs and 2/3 the same; a trial with one answer says nothing."""
    labels = run_of([FIRST, FIRST], [[FIRST], [FIRST]]).labels
    manifest = Manifest(
        benchmark_ref=BenchmarkRef(id="b"),
        version="1",
        items="",
        judge_ref=JudgeRef(kind="python", called="j"),
        orders="single",
        samples=3,
    )
    answers = [("0", FIRST, 0), ("0", FIRST, 1), ("0", SECOND, 2), ("1", TIE, 1)]
    judgments = [msgspec.structs.replace(judged(item, (0, 1), said), sample=n) for item, said, n in answers]
    found = metrics.compute(of_run(labels, manifest, judgments), gold_ties=False)
    assert found["rerun_agreement"].value == pytest.approx(1 / 3)
    assert found["repetition_stability"].value == pytest.approx(2 / 3)
    assert found["rerun_agreement"].n == 1


def test_what_a_run_could_have_seen_is_2_8_standard_errors() -> None:
    run = run_of([FIRST] * 100, [[FIRST, FIRST]] * 80 + [[SECOND, SECOND]] * 20)
    found = metrics.compute(run, gold_ties=False)["agreement_mde"]
    assert found.value == pytest.approx(2.8016 * 0.4 / 99**0.5, rel=1e-4)
    assert metrics.compute(run_of([FIRST], [[FIRST, FIRST]]), gold_ties=False)["agreement_mde"].value is None


def test_a_missing_answer_is_a_failure_and_is_counted_as_missing() -> None:
    labels = run_of([FIRST, FIRST], [[FIRST, FIRST], [FIRST, FIRST]]).labels
    manifest = Manifest(
        benchmark_ref=BenchmarkRef(id="b"),
        version="1",
        items="",
        judge_ref=JudgeRef(kind="python", called="j"),
        orders="both",
    )
    pairs = of_run(labels, manifest, [judged("0", (0, 1), FIRST)])
    assert np.array_equal(pairs.verdicts[:, :, 0], [[FIRST, FAILED], [FAILED, FAILED]])
