"""The run loop: what is asked, what is kept, and what a judge may not do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from judgebench import store
from judgebench.errors import InputError, JudgebenchError
from judgebench.run import ask, trials
from judgebench.types import (
    PREFERENCE,
    Item,
    Judgment,
    Kind,
    Manifest,
    Question,
    Response,
    Status,
    Trial,
    Usage,
    Verdict,
)


def test_every_trial_once_and_the_orders_of_an_item_together(items: list[Item]) -> None:
    keys = [(trial.item, trial.order, trial.sample) for trial in trials(items[:2], "both", 2)]
    assert keys == [
        (name, order, sample) for name in ("one", "zwei-ü") for sample in (0, 1) for order in ((0, 1), (1, 0))
    ]
    assert [trial.order for trial in trials(items[:2], "single", 1)] == [(0, 1), (0, 1)]
    shown = {trial.order: trial.responses for trial in trials(items[:1], "both", 1)}
    assert shown == {(0, 1): ("this one", "that one"), (1, 0): ("that one", "this one")}


def test_one_response_has_one_order_and_four_have_two(items: list[Item]) -> None:
    def orders(count: int) -> list[tuple[int, ...]]:
        responses = tuple(Response(text=str(slot)) for slot in range(count))
        return [trial.order for trial in trials([msgspec.structs.replace(items[0], responses=responses)], "both", 1)]

    assert orders(1) == [(0,)]
    assert orders(4) == [(0, 1, 2, 3), (3, 2, 1, 0)]


def test_a_trial_shows_nothing_that_gives_the_answer_away() -> None:
    assert {"gold", "raters", "author", "authors", "subset", "facets"}.isdisjoint(Trial.__struct_fields__)


def test_what_is_answered_is_not_asked_again(
    tmp_path: Path, items: list[Item], manifest: Manifest, scripted: Any
) -> None:
    first, second = scripted(), scripted()
    with store.Run(tmp_path, manifest) as run:
        outcome = ask(items, first, run)
    assert (outcome.wanted, outcome.before, outcome.now) == (6, 0, Counter(ok=6))
    with store.Run(tmp_path, manifest) as run:
        outcome = ask(items, second, run)
    assert (outcome.wanted, outcome.before, outcome.now, outcome.missing) == (6, 6, Counter(), 0)
    assert (len(first.asked), second.asked) == (6, [])


def failing_on(*names: str) -> Any:
    def answer(trial: Trial) -> Judgment:
        if trial.item in names:
            return trial.fail(Status.UNPARSED, "no verdict in it", text="hm")
        return trial.answer((0, 1), text="the second")

    return answer


def test_retry_asks_failures_only_and_the_last_attempt_counts(
    tmp_path: Path, items: list[Item], manifest: Manifest, scripted: Any
) -> None:
    with store.Run(tmp_path, manifest) as run:
        outcome = ask(items, scripted(answer=failing_on("one", "三")), run)
        assert outcome.now == Counter(ok=2, unparsed=4)
    idle = scripted()
    with store.Run(tmp_path, manifest) as run:
        ask(items, idle, run)
        assert idle.asked == [], "a failure is an answer until someone says retry"

    again = scripted(answer=failing_on("one"))
    with store.Run(tmp_path, manifest) as run:
        outcome = ask(items, again, run, retry=True)
    assert {trial.item for trial in again.asked} == {"one", "三"}
    assert (outcome.before, outcome.now) == (2, Counter(ok=2, unparsed=2))

    third = scripted(answer=failing_on())
    with store.Run(tmp_path, manifest) as run:
        ask(items, third, run, retry=True)
    assert [trial.item for trial in third.asked] == ["one", "one"]

    counted = {judgment.key: judgment for judgment in store.read_judgments(tmp_path)}
    assert len(counted) == 6
    assert {judgment.item: judgment.attempt for judgment in counted.values()} == {"one": 2, "zwei-ü": 0, "三": 1}
    assert {judgment.status for judgment in counted.values()} == {"ok"}
    lines = (tmp_path / "judgments.jsonl").read_bytes().split(b"\n")[:-1]
    assert len(lines) == 6 + 4 + 2, "every attempt stays on record"
    done = scripted()
    with store.Run(tmp_path, manifest) as run:
        ask(items, done, run, retry=True)
    assert done.asked == []


def test_a_retry_that_is_killed_goes_on(tmp_path: Path, items: list[Item], manifest: Manifest, scripted: Any) -> None:
    with store.Run(tmp_path, manifest) as run:
        ask(items, scripted(answer=failing_on("one", "zwei-ü", "三")), run)

    def one_then_out(trial: Trial) -> Judgment:
        if len(judge.asked) > 1:
            raise KeyboardInterrupt
        return trial.answer((1, 0))

    judge = scripted(answer=one_then_out)
    with pytest.raises(KeyboardInterrupt), store.Run(tmp_path, manifest) as run:
        ask(items, judge, run, retry=True)
    rest = scripted()
    with store.Run(tmp_path, manifest) as run:
        ask(items, rest, run, retry=True)
    assert len(rest.asked) == 5
    assert {judgment.attempt for judgment in store.read_judgments(tmp_path)} == {1}


def test_a_recorded_answer_keeps_its_attempt(
    tmp_path: Path, items: list[Item], manifest: Manifest, scripted: Any
) -> None:
    with store.Run(tmp_path, manifest) as run:
        ask(items, scripted(answer=lambda trial: msgspec.structs.replace(trial.answer((1, 0)), attempt=2)), run)
    assert {judgment.attempt for judgment in store.read_judgments(tmp_path)} == {2}


def test_texts_are_left_out_when_asked_to(tmp_path: Path, items: list[Item], manifest: Manifest, scripted: Any) -> None:
    with store.Run(tmp_path, manifest) as run:
        ask(items, scripted(), run, keep_text=False)
    assert all(judgment.text is None for judgment in store.read_judgments(tmp_path))
    assert "this one" not in (tmp_path / "judgments.jsonl").read_text(encoding="utf-8")


def test_answers_may_come_in_any_order_and_not_at_all(
    tmp_path: Path, items: list[Item], manifest: Manifest, scripted: Any
) -> None:
    class Backwards(scripted):  # type: ignore[misc]
        def judge(self, trials: Iterable[Trial]) -> Iterator[Judgment]:
            for trial in reversed(list(trials)[2:]):
                yield trial.answer((1, 0))

    with store.Run(tmp_path, manifest) as run:
        outcome = ask(items, Backwards(), run)
    assert (outcome.now.total(), outcome.missing) == (4, 2)
    assert [judgment.item for judgment in store.read_judgments(tmp_path)] == ["三", "三", "zwei-ü", "zwei-ü"]
    rest = scripted()
    with store.Run(tmp_path, manifest) as run:
        ask(items, rest, run)
    assert [trial.item for trial in rest.asked] == ["one", "one"]


def test_a_swapped_answer_is_stored_in_the_items_order(
    tmp_path: Path, items: list[Item], manifest: Manifest, scripted: Any
) -> None:
    with store.Run(tmp_path, manifest) as run:
        ask(items[:1], scripted(answer=lambda trial: trial.answer((1, 0))), run)
    assert {judgment.order: judgment.verdict for judgment in store.read_judgments(tmp_path)} == {
        (0, 1): Verdict(scores=(1, 0)),
        (1, 0): Verdict(scores=(0, 1)),
    }


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda trial: [trial.answer((1, 0))] * 2, id="twice"),
        pytest.param(
            lambda trial: [Trial.of(Item(id="x", responses=(Response(),) * 2, cluster="x"), (0, 1)).answer((1, 0))],
            id="another item",
        ),
        pytest.param(lambda trial: [msgspec.structs.replace(trial.answer((1, 0)), sample=7)], id="another sample"),
    ],
)
def test_a_judge_that_answers_what_it_was_not_asked(
    tmp_path: Path, items: list[Item], manifest: Manifest, scripted: Any, wrong: Any
) -> None:
    class Confused(scripted):  # type: ignore[misc]
        def judge(self, trials: Iterable[Trial]) -> Iterator[Judgment]:
            for count, trial in enumerate(trials):
                yield from wrong(trial) if count == 3 else [trial.answer((1, 0))]

    said = "scripted answered what it was not asked, or answered twice"
    with pytest.raises(JudgebenchError, match=said), store.Run(tmp_path, manifest) as run:
        ask(items, Confused(), run)
    kept = store.read_judgments(tmp_path)
    assert len(kept) in {3, 4}, "what was right before is kept"
    with store.Run(tmp_path, manifest) as run:
        assert ask(items, scripted(), run).missing == 0


def test_a_judge_that_breaks_leaves_what_it_said(
    tmp_path: Path, items: list[Item], manifest: Manifest, scripted: Any
) -> None:
    def break_at_four(trial: Trial) -> Judgment:
        if len(judge.asked) == 4:
            raise RuntimeError("out of memory")
        return trial.answer((1, 0))

    judge = scripted(answer=break_at_four)
    with pytest.raises(RuntimeError, match="out of memory"), store.Run(tmp_path, manifest) as run:
        ask(items, judge, run)
    assert len(store.read_judgments(tmp_path)) == 3
    with store.Run(tmp_path, manifest) as run:
        assert ask(items, scripted(), run).before == 3


def test_a_cost_limit_stops_the_asking_and_keeps_what_was_paid_for(
    tmp_path: Path, items: list[Item], manifest: Manifest, scripted: Any
) -> None:
    def dear(trial: Trial) -> Judgment:
        return trial.answer((1, 0), usage=Usage(cost=0.4))

    judge = scripted(answer=dear)
    with store.Run(tmp_path, manifest) as run:
        outcome = ask(items, judge, run, cost_limit=1.0)
    assert len(judge.asked) == len(store.read_judgments(tmp_path)) == 3, "0.8 is below the limit, 1.2 is not"
    assert outcome.missing == 3
    assert outcome.spent == pytest.approx(1.2)
    rest = scripted(answer=dear)
    with store.Run(tmp_path, manifest) as run:
        assert ask(items, rest, run, cost_limit=0).missing == 3
        assert ask(items, rest, run).missing == 0
    assert len(rest.asked) == 3


def test_the_bar_shows_what_is_done_and_what_failed(
    tmp_path: Path, items: list[Item], manifest: Manifest, scripted: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with store.Run(tmp_path, manifest) as run:
        ask(items[:1], scripted(), run)
        assert capsys.readouterr().err == ""
        ask(items, scripted(answer=failing_on("三")), run, progress=True)
    last = capsys.readouterr().err.split("\r")[-1]
    assert "bench · scripted: 100%" in last
    assert "6/6" in last
    assert "failed=2" in last


@pytest.mark.parametrize(
    ("question", "scores", "problem"),
    [
        (Question(kind=Kind.CLASS, labels=("no", "yes")), (1.0,), "gave 1 scores for 2 labels, on item 'x'"),
        (PREFERENCE, (0.0, 1.0), "gave 2 scores for 1 responses, on item 'x'"),
    ],
)
def test_a_verdict_that_is_no_answer_to_the_question_ends_the_run(
    tmp_path: Path, manifest: Manifest, scripted: Any, question: Question, scores: tuple[float, ...], problem: str
) -> None:
    single = [Item(id=name, responses=(Response(text="a"),), cluster=name) for name in "xy"]
    judge = scripted(answer=lambda trial: trial.answer(scores))
    with store.Run(tmp_path, manifest) as run, pytest.raises(InputError, match=problem):
        ask(single, judge, run, question=question)
    assert not store.read_judgments(tmp_path)


def test_a_step_may_have_any_number_of_numbers(tmp_path: Path, manifest: Manifest, scripted: Any) -> None:
    single = [Item(id="x", responses=(Response(text="a"),), cluster="x")]
    each = Question(kind=Kind.STEP, scale=(0, 1))
    with store.Run(tmp_path, manifest) as run:
        judge = scripted(answer=lambda trial: trial.answer((0.1, 0.9, 0.2)))
        assert ask(single, judge, run, question=each).now["ok"] == 1


def test_a_judge_that_is_refused_before_its_first_answer_leaves_no_run(
    tmp_path: Path, items: list[Item], manifest: Manifest, scripted: Any
) -> None:
    folder = tmp_path / "results" / "b" / "j"
    with pytest.raises(InputError, match="it cannot"), store.Run(folder, manifest):
        raise InputError("it cannot")
    assert not store.runs(tmp_path / "results")
    with store.Run(folder, manifest) as run:
        ask(items[:1], scripted(lambda trial: trial.answer((1, 0))), run)
    with pytest.raises(InputError, match="it cannot"), store.Run(folder, manifest):
        raise InputError("it cannot")
    assert store.runs(tmp_path / "results") == [folder]
    assert len(store.read_judgments(folder)) == 2
