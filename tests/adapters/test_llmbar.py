"""LLMBar: result.json in all its shapes, and every statistics.json at hand."""

from __future__ import annotations

import json
from collections import Counter, defaultdict

import pytest

from judgebench.adapters import llmbar
from judgebench.errors import BadRow, InputError, UnknownName
from judgebench.types import FIRST, SECOND, Status, Verdict

ROW = {"input": "Name a colour, in one word.", "output_1": "Red", "output_2": "I like red best.", "label": 1}
CARDS = ("llmbar", "llmbar-casestudy", "llmbar-faireval", "llmbar-llmeval2", "llmbar-mtbench")


def read(path, subset="Natural"):
    return list(llmbar.items({subset: path}, {}))


def game(winner, completion="Output (a)", finish="stop"):
    return {"completion": [completion, finish], "winner": winner}


def both(stored, swapped):
    return {"swap = False": game(stored), "swap = True": game(swapped)}


def rated(first, second, stored, swapped):
    scores = {"score_1": [first, "stop"], "score_2": [second, "stop"]}
    return {**scores, "swap = False": {"winner": stored}, "swap = True": {"winner": swapped}}


@pytest.fixture
def judged(write):
    def recorded(*results, row=ROW, **options):
        rows = [{**ROW, "input": f"Question {number}"} for number in range(len(results))]
        labels = {item.id: item.label() for item in read(write("dataset.json", rows))}
        rows = [{**row, "results": result} for row, result in zip(rows, results, strict=True)]
        return llmbar.recorded([write("result.json", rows)], labels, options)

    return recorded


def test_a_row(write) -> None:
    first, second = read(write("dataset.json", [ROW, {**ROW, "label": 2}]), "Manual")
    assert (first.id, first.gold, first.subset, second.id, second.gold) == (
        "Manual/0",
        FIRST,
        "Manual",
        "Manual/1",
        SECOND,
    )
    assert first.cluster == second.cluster
    assert first.messages[0].content == ROW["input"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"label": 0}, "label is one of 1, 2, not 0"),
        ({"label": "1"}, 'not "1"'),
        ({"label": True}, "not true"),
        ({"input": 1}, "input is a text"),
    ],
)
def test_a_bad_row(change, message, write) -> None:
    with pytest.raises(BadRow, match=r"dataset\.json, row 2: .*" + message):
        read(write("dataset.json", [ROW, {**ROW, **change}]))


def test_the_winner_is_already_named_by_response(judged) -> None:
    recorded = judged([both("1", "1")])
    assert recorded.orders == "both"
    assert [(j.item, j.order, j.verdict) for j in recorded.judgments] == [
        ("Natural/0", (0, 1), FIRST),
        ("Natural/0", (1, 0), FIRST),
    ]
    assert recorded.judgments[0].text == "Output (a)"


def test_auxiliary_answers_come_before_the_verdict(judged) -> None:
    results = [["metrics", "stop"], ["a reference", "stop"], both("2", "2")]
    for verdict in ("final", "first"):
        assert [j.verdict for j in judged(results, verdict=verdict).judgments] == [SECOND, SECOND]


def test_swap_and_synthesise_has_a_second_verdict_where_the_orders_disagreed(judged) -> None:
    results = [[both("1", "2"), both("2", "2")], [both("1", "1")]]
    assert [j.verdict for j in judged(*results).judgments] == [SECOND, SECOND, FIRST, FIRST]
    assert [j.verdict for j in judged(*results, verdict="first").judgments] == [FIRST, SECOND, FIRST, FIRST]


@pytest.mark.parametrize(
    ("finish", "status"),
    [("stop", "unparsed"), ("", "unparsed"), ("length", "truncated"), ("content management policy", "refused")],
)
def test_a_null_winner_is_a_failure_of_the_kind_that_the_finish_reason_says(finish, status, judged) -> None:
    failed, answered = judged(
        [{"swap = False": game(None, "", finish), "swap = True": game("1", "Output (b)", finish)}]
    ).judgments
    assert (failed.status.value, failed.verdict, failed.text) == (status, None, "")
    assert (answered.status, answered.verdict) == (Status.OK, FIRST)
    assert failed.detail == answered.detail == (None if finish in ("stop", "") else f"finish reason: {finish}")


def test_ratings(judged) -> None:
    results = [[rated("6", "4", "1", "1")], [rated("5", "5", "2", "1")], [rated("?", "0", "1", "2")]]
    recorded = judged(*results)
    assert [j.verdict for j in recorded.judgments] == [FIRST, FIRST, SECOND, FIRST, FIRST, SECOND]
    assert [j.text for j in recorded.judgments[::2]] == ["6\n4", "5\n5", "?\n0"]
    assert [(j.detail or "").partition(";")[0] for j in recorded.judgments[::2]] == [
        "",
        "equal ratings",
        "no two ratings",
    ]
    scores = judged(*results, verdict="scores")
    assert scores.orders == "single"
    assert [j.verdict for j in scores.judgments] == [Verdict(scores=(6, 4)), Verdict(scores=(5, 5)), None]
    assert [j.status.value for j in scores.judgments] == ["ok", "ok", "unparsed"]


def test_a_rating_that_was_refused(judged) -> None:
    result = {**rated("", "3", "1", "2"), "score_1": ["", "content management policy"]}
    (judgment,) = judged([result], verdict="scores").judgments
    assert (judgment.status, judgment.detail) == (Status.REFUSED, "finish reason: content management policy")
    assert [j.status for j in judged([result]).judgments] == [Status.OK] * 2, "upstream gives it a winner all the same"


@pytest.mark.parametrize(
    ("results", "options", "message"),
    [
        ([["aux", "stop"]], {}, "results has no object with the winners"),
        ([], {}, "results has no object with the winners"),
        ([7], {}, "a result is an object, not 7"),
        ([{"swap = False": game("1")}], {}, "no column 'swap = True'"),
        ([both("3", "1")], {}, 'winner is one of "1", "2", null, not "3"'),
        ([both(1, "1")], {}, "not 1"),
        (
            [{"swap = False": {"winner": "1", "completion": "Output (a)"}, "swap = True": game("1")}],
            {},
            "completion is a list",
        ),
        (
            [{"swap = False": {"winner": "1", "completion": ["x"]}, "swap = True": game("1")}],
            {},
            "completion is a list of",
        ),
        ([both("1", "1")], {"verdict": "scores"}, "no column 'score_1'"),
    ],
)
def test_bad_results(results, options, message, judged) -> None:
    with pytest.raises(BadRow, match=r"result\.json, row 1: .*" + message):
        judged(results, **options)


def test_options(judged) -> None:
    with pytest.raises(UnknownName, match=r"no value of verdict named 'last'.*there are: final, first, scores"):
        judged([both("1", "1")], verdict="last")
    with pytest.raises(UnknownName, match=r"no option named 'verdicts'.*did you mean verdict"):
        judged([both("1", "1")], verdicts="first")


def test_rows_are_matched_by_their_texts(write) -> None:
    sets = {name: [{**ROW, "input": f"{name} {number}"} for number in range(2)] for name in ("A", "B")}
    paths = {name: write(f"{name}.json", rows) for name, rows in sets.items()}
    labels = {item.id: item.label() for item in llmbar.items(paths, {})}
    rows = [{**row, "results": [both("1", "2")]} for row in [sets["B"][1], sets["A"][0], {**ROW, "input": "C"}]]
    recorded = llmbar.recorded([write("renamed.json", rows)], labels, {})
    assert [j.item for j in recorded.judgments] == ["B/1", "B/1", "A/0", "A/0"]
    assert recorded.unmatched == [
        "renamed.json, row 3: no item has its texts, or several have",
        "2 of 4 items have no row, the first of them 'A/1'",
    ]


def test_rows_that_several_items_could_be_are_not_guessed(write) -> None:
    labels = {item.id: item.label() for item in read(write("dataset.json", [ROW, ROW]))}
    recorded = llmbar.recorded([write("result.json", [{**ROW, "results": [both("1", "1")]}])], labels, {})
    assert recorded.judgments == []
    assert "or several have" in recorded.unmatched[0]


def test_swapped_outputs_are_another_item(judged, write) -> None:
    labels = {item.id: item.label() for item in read(write("dataset.json", [ROW]))}
    row = {**ROW, "output_1": ROW["output_2"], "output_2": ROW["output_1"], "results": [both("1", "1")]}
    assert llmbar.recorded([write("result.json", [row])], labels, {}).judgments == []


def test_the_same_file_twice_is_refused(write) -> None:
    labels = {item.id: item.label() for item in read(write("dataset.json", [ROW]))}
    paths = [write(name, [{**ROW, "results": [both("1", "1")]}]) for name in ("a.json", "b.json")]
    with pytest.raises(BadRow, match=r"b\.json, row 1: item 'Natural/0' .* is judged in row 1 of .*a\.json already"):
        llmbar.recorded(paths, labels, {})


def test_not_a_list(write) -> None:
    with pytest.raises(InputError, match=r"dataset\.json, row 1: no column 'input'; there are: rows"):
        read(write("dataset.json", {"rows": [ROW]}))


# the real files


def test_sets_and_labels(bench) -> None:
    counts = {name: Counter(item.gold for item in bench(name).items) for name in CARDS}
    assert counts == {
        "llmbar": {FIRST: 206, SECOND: 213},
        "llmbar-casestudy": {FIRST: 156, SECOND: 159},
        "llmbar-faireval": {FIRST: 41, SECOND: 25},
        "llmbar-llmeval2": {FIRST: 92, SECOND: 108},
        "llmbar-mtbench": {FIRST: 101, SECOND: 99},
    }
    assert list(bench("llmbar").card.subsets.items()) == [
        ("Natural", 100), ("Neighbor", 134), ("GPTInst", 92), ("GPTOut", 47), ("Manual", 46)
    ]  # fmt: skip


def test_every_text_is_one_item_of_one_card(bench) -> None:
    digests = Counter(label.digest for name in CARDS for label in bench(name).labels.values())
    assert set(digests.values()) == {1}


def test_faireval_is_the_80_original_pairs_without_the_14_ties(bench, mirror) -> None:
    """Its first response is always ChatGPT's. The labels are one word a line, without a newline at the end."""
    folder = mirror / "faireval"
    said = folder.joinpath("review_gpt35_vicuna-13b_human.txt").read_text(encoding="utf-8").split("\n")
    assert Counter(said) == {"CHATGPT": 41, "VICUNA13B": 25, "TIE": 14}

    def column(name: str) -> list[str]:
        return [json.loads(line)["text"].strip() for line in (folder / name).read_bytes().splitlines()]

    names = ("question.jsonl", "answer_gpt35.jsonl", "answer_vicuna-13b.jsonl")
    original = {texts: word for *texts, word in zip(*map(column, names), said, strict=True) for texts in [tuple(texts)]}
    words = {FIRST: "CHATGPT", SECOND: "VICUNA13B"}
    for item in bench("llmbar-faireval").items:
        texts = (item.messages[0].content, item.responses[0].text, item.responses[1].text)
        assert original[tuple(text.strip() for text in texts)] == words[item.gold]


def test_every_statistics_json(bench, mirror) -> None:
    """correct_False, correct_True, average, both and equal (two nulls are equal), of each evaluator on each set."""
    checked = 0
    for name in CARDS:
        loaded = bench(name)
        folders = {source.role: mirror / "llmbar" / source.name for source in loaded.card.sources}
        for recording in loaded.card.recordings:
            verdicts: dict[str, list] = defaultdict(list)
            for judgment in loaded.recorded(recording.judge).judgments:
                verdicts[judgment.item].append(judgment.verdict)
            for subset, dataset in folders.items():
                stored = json.loads(
                    (dataset.parent / "evaluators" / recording.judge.replace("+", "/") / "statistics.json").read_bytes()
                )
                pairs = [
                    (loaded.labels[item].gold, *pair)
                    for item, pair in verdicts.items()
                    if loaded.labels[item].subset == subset
                ]
                false, true = (sum(gold == pair[order] for gold, *pair in pairs) for order in (0, 1))
                both = sum(gold == first == second for gold, first, second in pairs)
                equal = sum(first == second for _, first, second in pairs)
                n = len(pairs)
                found = {"correct_False": false, "correct_True": true, "correct_both": both, "equal": equal}
                for key, count in found.items():
                    assert stored[key] == f"{count} / {n} = {count / n * 100}%", (recording.judge, subset, key)
                assert float(stored["correct_average"].rstrip("%")) == pytest.approx(50 * (false + true) / n, abs=1e-9)
                checked += 1
    assert checked == len(list((mirror / "llmbar").rglob("statistics.json"))) == 166


def test_anchors_called_reproduced_are(bench) -> None:
    for name in CARDS:
        loaded = bench(name)
        for anchor in loaded.card.anchors:
            if not anchor.reproduced:
                continue
            right, same = defaultdict(list), defaultdict(list)
            pairs = defaultdict(list)
            for judgment in loaded.recorded(anchor.judge).judgments:
                label = loaded.labels[judgment.item]
                right[label.subset].append(judgment.verdict == label.gold)
                pairs[label.subset, judgment.item].append(judgment.verdict)
            for (subset, _), (first, second) in pairs.items():
                same[subset].append(first == second)
            found = same if anchor.metric == "equal" else right
            found["overall"] = [hit for values in found.values() for hit in values]
            shares = {subset: 100 * sum(values) / len(values) for subset, values in found.items()}
            for subset, value in anchor.values.items():
                assert round(shares[subset], 1) == value, (anchor.judge, subset)


def test_the_papers_adversarial_average_is_a_mean_of_four_sets(bench) -> None:
    """82.8 for GPT-4 Metrics+Reference*; over the 319 items together it is another number."""
    loaded = bench("llmbar")
    right: dict[str, list[bool]] = defaultdict(list)
    for judgment in loaded.recorded("GPT-4+Metrics_Reference").judgments:
        label = loaded.labels[judgment.item]
        right[label.subset].append(judgment.verdict == label.gold)
    sets = [right[name] for name in ("Neighbor", "GPTInst", "GPTOut", "Manual")]
    assert round(sum(100 * sum(hits) / len(hits) for hits in sets) / 4, 1) == 82.8
    assert round(100 * sum(map(sum, sets)) / sum(map(len, sets)), 1) == 84.5


def test_ratings_that_tie_are_half_right_and_never_consistent(bench) -> None:
    loaded = bench("llmbar")
    judges = [recording.judge for recording in loaded.card.recordings if "Rating" in recording.judge]
    assert len(judges) == 7
    found: Counter[str] = Counter()
    for judge in judges:
        scores = {j.item: j for j in loaded.recorded(judge, verdict="scores").judgments}
        pairs: dict[str, list] = defaultdict(list)
        for judgment in loaded.recorded(judge).judgments:
            pairs[judgment.item].append(judgment.verdict)
        for item, (first, second) in pairs.items():
            verdict = scores[item].verdict
            if verdict is None:
                found["unread"] += 1
                assert (first, second) == (FIRST, SECOND), "the slot shown first"
                assert scores[item].status == Status.REFUSED
            elif verdict.best is None:
                found["tie"] += 1
                assert (first, second) == (SECOND, FIRST), "the slot shown second"
            else:
                found["decided"] += 1
                assert first == second == (FIRST, SECOND)[verdict.best]
    assert found == {"decided": 2214, "tie": 714, "unread": 5}


def test_swap_has_a_second_verdict_exactly_where_the_first_orders_disagreed(bench, mirror) -> None:
    loaded = bench("llmbar")
    seconds = {}
    for judge in ("GPT-4+Swap", "ChatGPT+Swap_CoT", "GPT-4+Vanilla"):
        final, first = (loaded.recorded(judge, verdict=verdict).judgments for verdict in ("final", "first"))
        pairs = list(zip(first[::2], first[1::2], strict=True))
        disagreed = {a.item for a, b in pairs if {a.verdict, b.verdict} == {FIRST, SECOND}}
        changed = {a.item for a, b in zip(final, first, strict=True) if a.verdict != b.verdict}
        assert changed <= disagreed
        (recording,) = [recording for recording in loaded.card.recordings if recording.judge == judge]
        rows = [row for file in recording.files for row in json.loads((mirror / "llmbar" / file.name).read_bytes())]
        seconds[judge] = sum(len(row["results"]) == 2 for row in rows)
        assert seconds[judge] == (0 if judge == "GPT-4+Vanilla" else len(disagreed))
    assert seconds == {"GPT-4+Swap": 47, "ChatGPT+Swap_CoT": 172, "GPT-4+Vanilla": 0}
