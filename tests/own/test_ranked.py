"""Several responses whose order is gold: as a text, as ranks, as people's votes; and from a file to a card."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from judgebench import api
from judgebench.adapters import own
from judgebench.errors import InputError
from judgebench.score import estimates
from judgebench.types import Judgment, Kind, Question, Trial, Verdict

ORDERS = ("B > A = C", "A>B>C", "c > b > a", "A = B = C")
RANKS = ((2, 1, 2), (1, 2, 3), (3, 2, 1), (1, 1, 1))
MAPPING = "responses: [one, two, three]\nprompt: prompt\nquestion: {kind: ranking}\n"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(estimates, "RESAMPLES", 20)

    def write(mapping: str, *, orders: tuple[str, ...] = ORDERS, items: int = 40) -> str:
        rows = [
            f"what is {number // 2},a{number},b{number},c{number},{orders[number % len(orders)]},"
            + ",".join(map(str, RANKS[number % 4]))
            for number in range(items)
        ]
        header = "prompt,one,two,three,gold,r1,r2,r3"
        Path("data.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        Path("data.mapping.yaml").write_text(MAPPING + mapping, encoding="utf-8")
        return "data.csv"

    return write


class Judge:
    """Ranks the responses as it is shown them."""

    name = "python:shown"
    protocol: dict[str, Any] = {}  # noqa: RUF012
    provenance: dict[str, Any] = {}  # noqa: RUF012
    needs_texts = False

    def judge(self, trials: Iterable[Trial]) -> Iterator[Judgment]:
        for trial in trials:
            yield trial.answer([-float(place) for place in range(len(trial.order))])


def test_an_order_is_minus_the_ranks(file: Any) -> None:
    opened = own.open_own(file("label: gold"))
    wanted = [(-2, -1, -2), (-1, -2, -3), (-3, -2, -1), (-1, -1, -1)]
    assert [item.gold for item in opened.items][:4] == [Verdict(scores=scores) for scores in wanted]
    assert (opened.card.question, opened.card.ask) == (Question(kind=Kind.RANKING), {"prompt": "ranking"})
    assert "responses to compare" in opened.notes[0]


def test_ranks_are_the_same_gold(file: Any) -> None:
    named = [item.gold for item in own.open_own(file("label: gold")).items]
    assert [item.gold for item in own.open_own(file("ranks: [r1, r2, r3]")).items] == named


def test_people_s_orders_and_what_most_of_them_say(file: Any) -> None:
    item = own.open_own(file("raters: [gold]\nlabel: null")).items[0]
    assert item.raters == {"gold": item.gold}
    assert item.gold == Verdict(scores=(-2, -1, -2))


@pytest.mark.parametrize(
    ("mapping", "problem"),
    [
        ("label: gold\nranks: [r1, r2, r3]", "gold is in one of label, scores and ranks"),
        ("ranks: [r1, r2]", "ranks has one column for each response"),
        ("label: gold\nvalues: {A: first}", "labels and orders have neither a scale nor values"),
        ("ranks: [r1, r2, gold]", "row 2: gold is a number"),
    ],
)
def test_what_does_not_go_together(file: Any, mapping: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        assert own.open_own(file(mapping)).labels


def test_an_order_that_cannot_be_read_names_its_row(file: Any) -> None:
    with pytest.raises(
        InputError, match=r"row 3: gold is an order such as B > A = C: A>B has not each of A, B, C once"
    ):
        assert own.open_own(file("label: gold", orders=("A>B>C", "A > B"))).labels


def test_ranks_want_the_question(file: Any, tmp_path: Path) -> None:
    name = file("ranks: [r1, r2, r3]")
    path = tmp_path / "data.mapping.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("question: {kind: ranking}\n", ""), encoding="utf-8")
    with pytest.raises(InputError, match="ranks are gold of a ranking"):
        own.open_own(name)


def test_from_a_file_to_a_card(file: Any, tmp_path: Path) -> None:
    scores = api.evaluate(Judge(), file("label: gold"), results=tmp_path / "r").scores
    assert scores.metrics["kendall_tau"].value == pytest.approx(0), "shown both ways round, it says nothing"
    assert scores.metrics["kendall_tau"].n == 2 * 30, "where all are alike there is no order"
    assert scores.metrics["first_slot_rate"].value == 1
    assert scores.headline.value == scores.metrics["agreement"].value


@pytest.mark.parametrize("seed", range(5))
def test_tau_is_scipy_s_of_each_item_and_order(file: Any, tmp_path: Path, seed: int) -> None:
    draw = np.random.default_rng(seed)
    places = [draw.integers(1, 4, 3) for _ in range(40)]
    orders = tuple(written(ranks) for ranks in places)
    name = file("label: gold", orders=orders)
    judge = Drawn(seed)
    scores = api.evaluate(judge, name, results=tmp_path / "r").scores
    gold = dict(zip((item.id for item in own.open_own(name).items), places, strict=True))
    taus = [
        0.0 if len(set(said)) == 1 else stats.kendalltau(-gold[item], said).statistic
        for item, said in judge.said
        if len(set(gold[item])) > 1
    ]
    assert scores.metrics["kendall_tau"].value == pytest.approx(np.mean(taus))
    assert scores.metrics["kendall_tau"].n == len(taus)


def written(ranks: Iterable[int]) -> str:
    """Such as B > A = C."""
    groups: dict[int, list[str]] = {}
    for letter, rank in zip("ABC", ranks, strict=True):
        groups.setdefault(int(rank), []).append(letter)
    return " > ".join(" = ".join(groups[rank]) for rank in sorted(groups))


class Drawn(Judge):
    """Draws each verdict, and remembers it by the responses as they are stored."""

    name = "python:drawn"

    def __init__(self, seed: int) -> None:
        self.draw = np.random.default_rng(100 + seed)
        self.said: list[tuple[str, list[int]]] = []

    def judge(self, trials: Iterable[Trial]) -> Iterator[Judgment]:
        for trial in trials:
            shown = self.draw.integers(0, 3, len(trial.order)).tolist()
            self.said.append((trial.item, [shown[trial.order.index(place)] for place in range(len(shown))]))
            yield trial.answer([float(one) for one in shown])
