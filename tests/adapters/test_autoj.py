"""Auto-J: the exchanged frame, matching by place only, and the leaderboard's 27 numbers."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from judgebench.adapters import autoj
from judgebench.errors import BadRow, InputError
from judgebench.types import FIRST, SECOND, TIE

ROW = {"scenario": "chitchat", "label": 2, "prompt": "Hello!", "response 1": "Hi.", "response 2": "Hello to you."}


def read(path):
    return list(autoj.items({"testset": path}, {}))


@pytest.fixture
def labels(write):
    return {item.id: item.label() for item in read(write("testset.jsonl", [{**ROW, "label": n} for n in range(3)]))}


def test_rows(write) -> None:
    first, second = read(write("testset.jsonl", [ROW, {**ROW, "label": 0, "scenario": "others"}]))
    assert (first.id, first.gold, first.subset, first.scenario) == ("0", TIE, "General Communication", "chitchat")
    assert (second.id, second.gold, second.subset, second.scenario) == ("1", FIRST, "NLP Tasks", "others")
    assert first.cluster == second.cluster
    assert [response.text for response in first.responses] == ["Hi.", "Hello to you."]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"label": 3}, "label is one of 0, 1, 2, not 3"),
        ({"label": False}, "label is one of 0, 1, 2, not false"),
        ({"label": 0.0}, "label is one of 0, 1, 2, not 0.0"),
        ({"scenario": "poetry"}, 'scenario is one of "post_summarization", .*"others", not "poetry"'),
        ({"response 1": None}, "response 1 is a text, not null"),
    ],
)
def test_a_bad_row(change, message, write) -> None:
    with pytest.raises(BadRow, match=r"testset\.jsonl, row 1: " + message):
        read(write("testset.jsonl", [{**ROW, **change}]))


def test_field_names_have_a_space(write) -> None:
    row = {key.replace(" ", "_"): value for key, value in ROW.items()}
    with pytest.raises(BadRow, match=r"no column 'response 1'; there are: .*response_1"):
        read(write("testset.jsonl", [row]))


def test_the_exchanged_file_is_in_the_frame_it_was_shown_in(labels, write) -> None:
    paths = [write("a.jsonl", [{"output": n} for n in (0, 1, 2)]), write("b.jsonl", [{"output": n} for n in (0, 1, 2)])]
    recorded = autoj.recorded(paths, labels, {})
    assert recorded.orders == "both"
    assert [j.verdict for j in recorded.judgments if j.order == (0, 1)] == [FIRST, SECOND, TIE]
    assert [j.verdict for j in recorded.judgments if j.order == (1, 0)] == [SECOND, FIRST, TIE]


def test_one_file_is_a_single_order(labels, write) -> None:
    recorded = autoj.recorded([write("a.jsonl", [{"output": 0}] * 3)], labels, {})
    assert (recorded.orders, len(recorded.judgments), recorded.unmatched) == ("single", 3, [])


def test_rows_are_matched_by_place_only_if_the_counts_agree(labels, write) -> None:
    with pytest.raises(InputError, match=r"a\.jsonl: 2 rows cannot be matched by their place to 3 items"):
        autoj.recorded([write("a.jsonl", [{"output": 0}] * 2)], labels, {})


def test_the_exchanged_file_comes_second(labels, write) -> None:
    exchanged, stored = write("x_exchange.jsonl", [{"output": 0}] * 3), write("x.jsonl", [{"output": 0}] * 3)
    with pytest.raises(InputError, match=r"the verdicts on the stored order come first, then x_exchange\.jsonl"):
        autoj.recorded([exchanged, stored], labels, {})
    assert len(autoj.recorded([stored, exchanged], labels, {}).judgments) == 6
    for paths in ([], [stored] * 3):
        with pytest.raises(InputError, match=f"not {len(paths)}"):
            autoj.recorded(paths, labels, {})


@pytest.mark.parametrize("value", [3, None, "0", True, [0]])
def test_bad_outputs(value, labels, write) -> None:
    with pytest.raises(BadRow, match=r"a\.jsonl, row 2: output is one of 0, 1, 2, not"):
        autoj.recorded([write("a.jsonl", [{"output": 0}, {"output": value}, {"output": 0}])], labels, {})


def test_labels_of_other_items_are_not_guessed(labels, write) -> None:
    other = {f"x{name}": label for name, label in labels.items()}
    recorded = autoj.recorded([write("a.jsonl", [{"output": 0}] * 3)], other, {})
    assert recorded.judgments == []
    assert recorded.unmatched[0] == "a.jsonl, row 1: no item has the id 0"


# the real files


def test_scenarios_and_groups(bench) -> None:
    items = bench("autoj").items
    scenarios = Counter(item.scenario for item in items)
    assert len(scenarios) == 58
    assert set(scenarios.values()) == {24}
    assert len({(item.subset, item.scenario) for item in items}) == 58
    assert len({item.subset for item in items}) == len(autoj.GROUPS) == 8
    assert Counter(item.gold for item in items) == {FIRST: 520, SECOND: 499, TIE: 373}


def test_three_rows_are_one_with_two_labels(bench) -> None:
    items = bench("autoj").items
    digests = Counter(item.label().digest for item in items)
    assert len(digests) == 1390
    (repeated,) = [digest for digest, count in digests.items() if count > 1]
    assert [(item.id, item.gold) for item in items if item.label().digest == repeated] == [
        ("1272", TIE), ("1273", TIE), ("1279", SECOND)
    ]  # fmt: skip


def test_identical_responses_are_mostly_called_ties(bench) -> None:
    same = [item for item in bench("autoj").items if item.responses[0].text == item.responses[1].text]
    assert Counter(item.gold for item in same) == {TIE: 8, SECOND: 1}
    assert sum(not response.text for item in bench("autoj").items for response in item.responses) == 1


def test_the_leaderboards_27_numbers(bench) -> None:
    loaded = bench("autoj")
    verdicts = defaultdict(dict)
    for judgment in loaded.recorded("Auto-J-13B").judgments:
        verdicts[judgment.item][judgment.order] = judgment.verdict
    found = {name: defaultdict(list) for name in ("headline", "consistency", "single_order")}
    for item, by_order in verdicts.items():
        label = loaded.labels[item]
        stored, exchanged = by_order[0, 1], by_order[1, 0]
        for group in (label.subset, "overall"):
            found["headline"][group].append(stored == exchanged == label.gold)
            found["consistency"][group].append(stored == exchanged)
            found["single_order"][group].append(stored == label.gold)
    anchors = [anchor for anchor in loaded.card.anchors if anchor.reproduced]
    assert sum(len(anchor.values) for anchor in anchors) == 27
    for anchor in anchors:
        shares = found[anchor.metric]
        assert {group: round(100 * sum(values) / len(values), 2) for group, values in shares.items()} == anchor.values
    overall = {name: round(100 * sum(groups["overall"]) / 1392, 2) for name, groups in found.items()}
    assert overall == {"headline": 54.96, "consistency": 83.41, "single_order": 59.99}
