"""PandaLM: the traps of its files, its formats of recorded verdicts, and the numbers of its README."""

from __future__ import annotations

import json
from collections import Counter
from itertools import combinations
from statistics import mean

import pytest

from judgebench.adapters import pandalm
from judgebench.errors import BadRow, InputError, UnknownName
from judgebench.types import FIRST, SECOND, TIE, Status

ROW = {
    "idx": 4711,
    "motivation_app": "Notes",
    "cmp_key": "model-x_model-y",
    "instruction": "Name a colour.",
    "input": "",
    "response1": "Red.",
    "response2": "A chair.",
    "annotator1": 1,
    "annotator2": 1,
    "annotator3": 0,
}
CODE = {FIRST: 1, SECOND: 2, TIE: 0}


def read(path):
    return list(pandalm.items({"testset": path}, {}))


def test_a_row(write) -> None:
    (item,) = read(write("t.json", [ROW]))
    assert (item.id, item.gold, item.raters) == (
        "4711",
        FIRST,
        {"annotator1": FIRST, "annotator2": FIRST, "annotator3": TIE},
    )
    assert [response.author for response in item.responses] == ["model-x", "model-y"]
    assert [message.content for message in item.messages] == ["Name a colour."]
    assert item.facets == {"motivation_app": "Notes", "cmp_key": "model-x_model-y"}
    assert "Red" not in item.cluster


def test_an_input_is_a_message_of_its_own(write) -> None:
    (item,) = read(write("t.json", [{**ROW, "input": "not red"}]))
    assert [(message.role, message.content) for message in item.messages] == [
        ("user", "Name a colour."),
        ("user", "not red"),
    ]


def test_the_cluster_is_instruction_and_input(write) -> None:
    rows = [
        ROW,
        {**ROW, "idx": 1, "response1": "Blue"},
        {**ROW, "idx": 2, "input": "x"},
        {**ROW, "idx": 3, "instruction": "y"},
    ]
    clusters = [item.cluster for item in read(write("t.json", rows))]
    assert clusters[0] == clusters[1]
    assert len(set(clusters)) == 3


def test_a_response_that_is_a_json_boolean_reads_as_python_prints_it(write) -> None:
    (item,) = read(write("t.json", [{**ROW, "response1": True, "response2": False}]))
    assert [response.text for response in item.responses] == ["True", "False"]


def test_a_copy_in_which_every_value_is_a_text(write) -> None:
    (item,) = read(write("t.json", [{key: str(value) for key, value in ROW.items()}]))
    assert item == read(write("u.json", [ROW]))[0]


def test_three_different_labels_have_no_majority(write) -> None:
    (item,) = read(write("t.json", [{**ROW, "annotator2": 2}]))
    assert item.gold is None
    assert item.raters["annotator2"] == SECOND


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"annotator1": 3}, r'annotator1 is one of 1, 2, 0, "1", "2", "0", not 3'),
        ({"annotator1": True}, "annotator1 is one of .* not true"),
        ({"annotator1": [1]}, r"annotator1 is one of .* not \[1\]"),
        ({"response1": None}, "response1 is a text, not null"),
        ({"response1": 7}, "response1 is a text, not 7"),
        ({"idx": 1.5}, "idx is a whole number, not 1.5"),
        ({"idx": True}, "idx is a whole number, not true"),
        ({"cmp_key": "model-x"}, "cmp_key is two model names joined by _"),
    ],
)
def test_a_bad_value_is_named_with_its_file_and_row(change, message, write) -> None:
    with pytest.raises(BadRow, match=r"t\.json, row 2: " + message):
        read(write("t.json", [ROW, {**ROW, **change}]))


def test_a_missing_column_is_named_with_those_that_are_there(write) -> None:
    row = {key: value for key, value in ROW.items() if key != "cmp_key"}
    with pytest.raises(BadRow, match="row 1: no column 'cmp_key'; there are: idx, motivation_app, "):
        read(write("t.json", [row]))


def test_an_older_copy_has_nan_where_upstream_now_has_an_empty_text(tmp_path) -> None:
    path = tmp_path / "t.json"
    path.write_text(json.dumps([{**ROW, "input": float("nan")}]), encoding="utf-8")
    with pytest.raises(BadRow, match=r"t\.json, row 1: input is a text, not NaN"):
        read(path)


# recorded verdicts


@pytest.fixture
def labels(write):
    rows = [{**ROW, "idx": number, "response2": f"A chair. {number}"} for number in range(4)]
    rows[2]["response1"] = True
    return {item.id: item.label() for item in read(write("labels.json", rows))}


def test_gpt_results(labels, write) -> None:
    rows = [{"idx": 3, "gpt_result": "garbage", "gpt_reason": "", "gpt_reference": ""}]
    rows += [
        {"idx": index, "gpt_result": value, "gpt_reason": "since"} for index, value in enumerate(("1", "2", "Tie"))
    ]
    recorded = pandalm.recorded([write("r.json", rows)], labels, {})
    assert recorded.orders == "single"
    assert recorded.unmatched == []
    assert {j.item: j.verdict for j in recorded.judgments} == {"0": FIRST, "1": SECOND, "2": TIE, "3": None}
    assert all(j.order == (0, 1) for j in recorded.judgments)
    failed = recorded.judgments[0]
    assert (failed.status, failed.text, failed.detail) == (Status.UNPARSED, None, "upstream: garbage")
    assert recorded.judgments[1].text == "since"


@pytest.mark.parametrize("spell", [int, str])
@pytest.mark.parametrize("column", ["pandalm_result", "result"])
def test_results_as_numbers_or_as_texts(column, spell, labels, write) -> None:
    rows = [{"idx": spell(index), column: spell(index % 3)} for index in range(4)]
    recorded = pandalm.recorded([write("r.json", rows)], labels, {})
    assert [CODE[j.verdict] for j in recorded.judgments] == [0, 1, 2, 0]


def test_rows_are_matched_by_idx_and_not_by_place(labels, write) -> None:
    rows = [{"idx": 2, "result": 1}, {"idx": 0, "result": 2}, {"idx": 9, "result": 1}]
    recorded = pandalm.recorded([write("renamed.json", rows)], labels, {})
    assert {j.item: j.verdict for j in recorded.judgments} == {"2": FIRST, "0": SECOND}
    assert recorded.unmatched == [
        "renamed.json, row 3: no item has the idx 9",
        "2 of 4 items have no row, the first of them '1'",
    ]


def test_a_row_with_other_texts_is_not_about_the_item(labels, write) -> None:
    texts = {key: ROW[key] for key in ("instruction", "input", "response1", "response2")}
    rows = [
        {"idx": 0, "result": 1, **texts, "response2": "A chair. 0"},
        {"idx": 1, "result": 1, **texts, "response1": "A chair. 1", "response2": "Red."},
        {"idx": 2, "result": 1, **texts, "response1": "true", "response2": "A chair. 2"},
    ]
    recorded = pandalm.recorded([write("r.json", rows)], labels, {})
    assert [j.item for j in recorded.judgments] == ["0", "2"], "a copy made of texts writes true as true"
    assert recorded.unmatched[0] == "r.json, row 2: its texts are not those of item 1"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"idx": 0, "gpt_result": "3"}], 'gpt_result is one of .*"Tie", "tie", "garbage", not "3"'),
        (
            [{"idx": 0}],
            r"row 1: one of the columns gpt_result, pandalm_result, result holds the verdict; here are \[\]",
        ),
        ([{"idx": 0, "gpt_result": "1", "result": 1}], "holds the verdict"),
        (
            [{"idx": 0, "result": 1}, {"idx": "0", "result": 1}],
            r"row 2: item '0' in order \[0, 1\] is judged in row 1 already",
        ),
        ([[]], r"row 1: a row is a JSON object of columns, not \[\]"),
    ],
)
def test_bad_results(rows, message, labels, write) -> None:
    with pytest.raises(BadRow, match=message):
        pandalm.recorded([write("r.json", rows)], labels, {})


def test_files_that_are_no_results(labels, write, tmp_path) -> None:
    with pytest.raises(InputError, match=r"r\.json, row 1: one of the columns gpt_result, .* holds the verdict"):
        pandalm.recorded([write("r.json", {"idx": 0})], labels, {})
    with pytest.raises(InputError, match="No such file"):
        pandalm.recorded([tmp_path / "absent.json"], labels, {})
    with pytest.raises(InputError, match="directory"):
        pandalm.recorded([tmp_path], labels, {})
    with pytest.raises(InputError, match="one file, not 2"):
        pandalm.recorded([tmp_path, tmp_path], labels, {})
    with pytest.raises(UnknownName, match="no option named 'verdict'"):
        pandalm.recorded([write("r.json", [])], labels, {"verdict": "first"})


# the real files


def test_six_responses_are_booleans(bench) -> None:
    loaded = bench("pandalm")
    found = {(item.id, slot) for item in loaded.items for slot in (0, 1) if item.responses[slot].text == "True"}
    assert found == {("157", 0), ("158", 0), ("159", 0), ("161", 1), ("162", 1), ("164", 0)}


def test_some_responses_are_empty(bench) -> None:
    items = bench("pandalm").items
    assert [sum(item.responses[slot].text == "" for item in items) for slot in (0, 1)] == [29, 25]
    assert [sum(item.label().lengths[slot] == 0 for item in items) for slot in (0, 1)] == [29, 25]


def test_some_rows_repeat_another_ones_texts(bench) -> None:
    groups: dict[str, list] = {}
    for item in bench("pandalm").items:
        groups.setdefault(item.label().digest, []).append(item)
    repeated = [group for group in groups.values() if len(group) > 1]
    assert len(repeated) == 71
    assert sum(len(group) - 1 for group in repeated) == 99
    differing = [group for group in repeated if len({tuple(CODE[v] for v in i.raters.values()) for i in group}) > 1]
    assert len(differing) == 1
    assert all(len({item.gold for item in group}) == 1 for group in repeated), "the majorities agree all the same"


def test_labels_and_their_agreement(bench) -> None:
    loaded = bench("pandalm")
    assert [item.id for item in loaded.items] == [str(index) for index in range(999)]
    assert Counter(CODE[item.gold] for item in loaded.items) == {0: 105, 1: 422, 2: 472}
    kinds = Counter(len(set(item.raters.values())) for item in loaded.items)
    assert kinds == {1: 879, 2: 120}
    assert len({item.facets["motivation_app"] for item in loaded.items}) == 50
    assert len({item.facets["cmp_key"] for item in loaded.items}) == 10


def test_the_first_model_of_cmp_key_wrote_the_first_response(bench) -> None:
    """README@6fdac727, table of human-annotated comparisons: LLaMA against Bloom is 72 won, 28 lost, 11 tied."""
    wins: Counter[str | None] = Counter()
    for item in bench("pandalm").items:
        if {response.author for response in item.responses} == {"llama-7b", "bloom-7b"}:
            wins[None if item.gold.best is None else item.responses[item.gold.best].author] += 1
    assert wins == {"llama-7b": 72, "bloom-7b": 28, None: 11}


def kappa(a, b) -> float:
    n = len(a)
    agree = mean(x == y for x, y in zip(a, b, strict=True))
    chance = sum(Counter(a)[value] * Counter(b)[value] for value in set(a)) / n**2
    return (agree - chance) / (1 - chance)


def test_annotator_kappas_of_the_readme(bench) -> None:
    votes = {
        name: [CODE[item.raters[name]] for item in bench("pandalm").items]
        for name in ("annotator1", "annotator2", "annotator3")
    }
    kappas = [kappa(votes[a], votes[b]) for a, b in combinations(votes, 2)]
    assert [round(value, 4) for value in kappas] == [0.8520, 0.8789, 0.8617]


def macro(gold, said) -> list[float]:
    scores = []
    for label in (0, 1, 2):
        hit = sum(g == s == label for g, s in zip(gold, said, strict=True))
        precision, recall = hit / max(1, said.count(label)), hit / gold.count(label)
        scores.append((precision, recall, 2 * precision * recall / max(1e-9, precision + recall)))
    return [mean(column) for column in zip(*scores, strict=True)]


def test_the_readmes_row_for_gpt_35(bench) -> None:
    """71.07 / 58.79 / 57.36 / 57.55: garbage counts as a tie. Calling it wrong, or dropping it, gives other numbers."""
    loaded = bench("pandalm")
    judgments = loaded.recorded("gpt-3.5-turbo").judgments
    gold = [CODE[loaded.labels[judgment.item].gold] for judgment in judgments]
    said = [0 if judgment.verdict is None else CODE[judgment.verdict] for judgment in judgments]
    right = mean(g == s for g, s in zip(gold, said, strict=True))
    assert [round(100 * value, 2) for value in (right, *macro(gold, said))] == [71.07, 58.79, 57.36, 57.55]
    assert Counter(judgment.status for judgment in judgments) == {Status.OK: 974, Status.UNPARSED: 25}
    assert Counter(judgment.verdict for judgment in judgments)[TIE] == 38
    honest = mean(j.verdict == loaded.labels[j.item].gold for j in judgments)
    assert round(100 * honest, 2) == 69.77


def test_the_fair_comparison_with_the_annotators(bench) -> None:
    """statistics.md 2.2: each annotator, and the judge, against the mode of the other two (ties among modes halved)."""
    loaded = bench("pandalm")
    said = {judgment.item: judgment.verdict or TIE for judgment in loaded.recorded("gpt-3.5-turbo").judgments}
    human, judge = [], []
    for name in ("annotator1", "annotator2", "annotator3"):
        scores: list[list[float]] = [[], []]
        for item in loaded.items:
            others = Counter(verdict for rater, verdict in item.raters.items() if rater != name)
            modes = [verdict for verdict, count in others.items() if count == max(others.values())]
            for kept, verdict in zip(scores, (item.raters[name], said[item.id]), strict=True):
                kept.append((verdict in modes) / len(modes))
        human.append(round(mean(scores[0]), 4))
        judge.append(round(mean(scores[1]), 4))
    assert human == [0.9209, 0.9154, 0.9234]
    assert judge == [0.7017, 0.7037, 0.7007]
