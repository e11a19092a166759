"""Judges that do not think, each by its rule."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench.errors import InputError, UnknownName
from judgebench.judges import choices, kinds, open_judge
from judgebench.options import Option, read
from judgebench.run import orders_of
from judgebench.types import Item, Judgment, Kind, Question, Response, Status, Trial


def pair(a: str, b: str, name: str = "x") -> Item:
    return Item(id=name, responses=(Response(text=a), Response(text=b)), cluster=name)


def say(
    judge: str, item: Item, options: dict[str, str] | None = None, sample: int = 0
) -> dict[tuple[int, ...], Judgment]:
    trials = [Trial.of(item, order, sample) for order in orders_of(item, "both")]
    return {judgment.order: judgment for judgment in open_judge(judge, options).judge(trials)}


def better(judge: str, item: Item) -> list[int | None]:
    """Which response it prefers, as stored and swapped."""
    return [judgment.verdict.best if judgment.verdict else -1 for judgment in say(judge, item).values()]


def test_first_and_second_go_by_the_slot() -> None:
    item = pair("a", "b")
    assert better("baseline:first", item) == [0, 1]
    assert better("baseline:second", item) == [1, 0]


LABELS = Question(kind=Kind.CLASS, labels=("wrong", "right", "neither"))


def labelled(judge: str, count: int) -> list[tuple[float, ...]]:
    items = [Item(id=str(number), responses=(Response(text="a"),), cluster="x") for number in range(count)]
    trials = [Trial.of(item, (0,), question=LABELS) for item in items]
    return [judgment.verdict.scores for judgment in open_judge(judge).judge(trials) if judgment.verdict]


def test_of_labels_first_second_and_random_have_a_meaning() -> None:
    assert labelled("baseline:first", 2) == [(1, 0, 0)] * 2
    assert labelled("baseline:second", 2) == [(0, 1, 0)] * 2
    assert set(labelled("baseline:random", 40)) == {(1, 0, 0), (0, 1, 0), (0, 0, 1)}


@pytest.mark.parametrize("name", ["tie", "longest", "shortest"])
def test_what_has_no_meaning_for_labels_is_refused_before_anything_is_said(name: str) -> None:
    wants = r"item 0 has one response with a label \(wrong, right, neither\); of labels there are baseline:first"
    with pytest.raises(InputError, match=f"baseline:{name} chooses among responses, and {wants}"):
        labelled(f"baseline:{name}", 1)


def test_of_one_response_without_labels_nothing_can_be_chosen() -> None:
    """Where it comes later, as in mixtures, it is a failure."""
    single = Item(id="one", responses=(Response(text="a"),), cluster="x")
    judge = open_judge("baseline:first")
    with pytest.raises(InputError, match=r"baseline:first chooses among responses, and item one has one response$"):
        list(judge.judge([Trial.of(single, (0,))]))
    first, second = judge.judge([Trial.of(pair("a", "b"), (0, 1)), Trial.of(single, (0,))])
    assert (first.status, second.status) == (Status.OK, Status.FAILED)
    assert "has one response" in (second.detail or "")


def test_longest_and_shortest_go_by_the_text() -> None:
    assert better("baseline:longest", pair("short", "much longer")) == [1, 1]
    assert better("baseline:shortest", pair("short", "much longer")) == [0, 0]


def test_equal_lengths_are_a_tie() -> None:
    """Characters count, not bytes; and which stands first must not decide it."""
    for judge in ("baseline:longest", "baseline:shortest"):
        assert better(judge, pair("naïve", "plain")) == [None, None]
        assert better(judge, pair("", "")) == [None, None]
        assert better(judge, pair("", "x")) == ([1, 1] if judge.endswith("longest") else [0, 0])


def test_tie_is_always_a_tie() -> None:
    judgments = say("baseline:tie", pair("a", "bb"))
    assert [judgment.verdict.scores for judgment in judgments.values() if judgment.verdict] == [(0.5, 0.5)] * 2


@pytest.mark.parametrize("judge", choices("baseline"))
def test_every_baseline_answers_every_trial_of_two_and_four(judge: str) -> None:
    for count in (2, 4):
        item = Item(id="x", responses=tuple(Response(text="y" * slot) for slot in range(count)), cluster="x")
        for judgment in say(judge, item).values():
            assert judgment.status == "ok"
            assert judgment.verdict is not None
            assert len(judgment.verdict.scores) == count


def test_the_six_baselines_are_listed() -> None:
    assert set(choices("baseline")) == {
        f"baseline:{name}" for name in ("first", "second", "random", "longest", "shortest", "tie")
    }
    assert {"baseline", "replay"} <= set(kinds())
    assert all(name.partition(":")[0] == kind for kind in kinds() for name in choices(kind))


def test_only_those_that_read_need_texts() -> None:
    needs = {name for name in choices("baseline") if open_judge(name).needs_texts}
    assert needs == {"baseline:longest", "baseline:shortest"}


ITEMS = [pair("a", "b", name=f"item {count}") for count in range(400)]


def tosses(options: dict[str, str] | None = None, sample: int = 0) -> list[tuple[int | None, int | None]]:
    judge = open_judge("baseline:random", options)
    by_key = {
        judgment.key: judgment
        for judgment in judge.judge(Trial.of(i, o, sample) for i in ITEMS for o in ((0, 1), (1, 0)))
    }
    assert len(by_key) == 800
    found = [judgment.verdict.best if judgment.verdict else None for judgment in by_key.values()]
    return list(zip(found[::2], found[1::2], strict=True))


def test_random_is_fair_and_a_fresh_coin_for_each_trial() -> None:
    stored, swapped = zip(*tosses(), strict=True)
    again = [first for first, _ in tosses(sample=1)]
    for coin in (stored, swapped, again):
        assert 160 < sum(side == 0 for side in coin) < 240, "400 tosses: four standard deviations are 40"
    for one, other in pairwise((stored, swapped, again, [first for first, _ in tosses({"seed": "1"})])):
        assert 160 < sum(a == b for a, b in zip(one, other, strict=True)) < 240, "two coins, not one"


def test_random_does_not_depend_on_order_of_asking_nor_on_the_process() -> None:
    """A resumed run asks the rest first, elsewhere: it must toss what the whole run would have tossed."""
    judge = open_judge("baseline:random", {"seed": "7"})
    forward = list(judge.judge(Trial.of(item, (0, 1)) for item in ITEMS))
    backward = list(judge.judge(Trial.of(item, (0, 1)) for item in reversed(ITEMS)))
    assert backward == forward[::-1]
    program = (
        "from judgebench.judges import open_judge; from judgebench.types import Item, Response, Trial\n"
        "pair = (Response(text='a'), Response(text='b'))\n"
        "items = [Item(id=f'item {n}', responses=pair, cluster='x') for n in range(400)]\n"
        "judge = open_judge('baseline:random', {'seed': '7'})\n"
        "print(*[j.verdict.best for j in judge.judge(Trial.of(i, (0, 1)) for i in items)])"
    )
    elsewhere = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        encoding="utf-8",
        check=True,
        env={"PYTHONHASHSEED": "12345"},
    )
    assert elsewhere.stdout.split() == [str(judgment.verdict.best) for judgment in forward if judgment.verdict]


def test_a_seed_is_part_of_the_name_and_of_the_protocol() -> None:
    assert open_judge("baseline:random").name == "baseline:random"
    assert open_judge("baseline:random", {"seed": "0"}).name == "baseline:random"
    seeded = open_judge("baseline:random", {"seed": "3"})
    assert (seeded.name, seeded.protocol) == ("baseline:random[seed=3]", {"seed": 3})


@given(st.text(max_size=30) | st.integers().map(str))
def test_a_seed_is_a_whole_number(text: str) -> None:
    try:
        said = open_judge("baseline:random", {"seed": text}).protocol
    except InputError as error:
        said = str(error)
    if isinstance(said, str):
        assert said == f"baseline:random: seed is a whole number of at most 18 digits, not {text!r}"
    else:
        assert said == {"seed": int(text)}


@pytest.mark.parametrize("seed", ["", "1.5", "one", "1" * 19, "1" * 5000, "nan"])
def test_what_is_no_seed(seed: str) -> None:
    with pytest.raises(InputError, match="baseline:random: seed is a whole number"):
        open_judge("baseline:random", {"seed": seed})


@pytest.mark.parametrize(
    ("spec", "options", "message"),
    [
        ("", {}, "no kind of judge named ''; there are: api:, baseline:, "),
        ("basline:first", {}, "no kind of judge named 'basline' (did you mean baseline:?); there are: api:, "),
        ("first", {}, "no kind of judge named 'first'"),
        ("baseline", {}, "a judge is named kind:name, as in baseline:longest; 'baseline' lacks its name"),
        ("baseline:", {}, "'baseline:' lacks its name"),
        (
            "baseline:frist",
            {},
            "no baseline named 'frist' (did you mean first?); there are: first, longest, random, second, shortest, tie",
        ),
        ("baseline:first", {"seed": "1"}, "no option of baseline:first named 'seed'; there are: none"),
        (
            "baseline:random",
            {"sed": "1"},
            "no option of baseline:random named 'sed' (did you mean seed?); there are: seed",
        ),
        ("replay:nowhere", {}, "replay:nowhere: there is no such file, nor a run's folder"),
        ("__init__:x", {}, "no kind of judge named '__init__'"),
        ("_:x", {}, "no kind of judge named '_'"),
    ],
)
def test_mistakes_name_the_choices(spec: str, options: dict[str, str], message: str) -> None:
    with pytest.raises(InputError) as mistake:
        open_judge(spec, options)
    assert message in str(mistake.value)
    assert "\n" not in str(mistake.value)
    assert mistake.value.exit_code == 2


def test_options_are_refused_by_name() -> None:
    there_are = (Option("a", "first"), Option("b", "second"))
    assert read("j", there_are, {"a": 1}) == {"a": "1"}
    with pytest.raises(UnknownName, match="no option of j named 'c'; there are: a, b"):
        read("j", there_are, {"a": 1, "c": 2})


STEPPED = Question(kind=Kind.STEP, scale=(0, 10))


def stepped(judge: str, *, steps: int = 40) -> list[tuple[float, ...]]:
    trials = [
        Trial(item=str(number), order=(0,), responses=(None,), steps=(None,) * steps, question=STEPPED)
        for number in range(3)
    ]
    return [judgment.verdict.scores for judgment in open_judge(judge).judge(trials) if judgment.verdict]


def test_of_steps_none_is_wrong_or_all_are_or_a_coin_says_it_of_each() -> None:
    assert stepped("baseline:first") == [(0,) * 40] * 3
    assert stepped("baseline:second") == [(10,) * 40] * 3
    one, other, third = tossed = stepped("baseline:random")
    assert tossed == stepped("baseline:random")
    assert one != other != third != one
    assert {*one, *other, *third} == {0, 10}


@pytest.mark.parametrize("name", ["tie", "longest", "shortest"])
def test_what_has_no_meaning_for_steps_is_refused(name: str) -> None:
    with pytest.raises(InputError, match=r"item 0 has one response with 7 steps; of steps there are baseline:first"):
        stepped(f"baseline:{name}", steps=7)
