"""JudgeBench: nulls, ties, reward scores, swapped frames, and the paper's numbers from recorded judges."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from judgebench import fetch, resources
from judgebench.adapters import scalerlab_judgebench
from judgebench.errors import BadRow, InputError, UnknownName
from judgebench.types import FIRST, SECOND, TIE, Judgment, Label, Status, Verdict

ROW = {
    "pair_id": "p-1",
    "original_id": None,
    "source": "livebench-math",
    "question": "What is 2 + 2?",
    "response_model": "model-x",
    "response_A": "4",
    "response_B": "5",
    "label": "A>B",
}
GPT = "scalerlab-judgebench"
CLAUDE = "scalerlab-judgebench-claude"


def read(path):
    return list(scalerlab_judgebench.items({"pairs": path}, {}))


def said(decision, **judgment):
    return {"judgment": {"judge_model": "m", "prompt": "p", "response": "r", **judgment}, "decision": decision}


@pytest.fixture
def judged(write):
    """Reads one pair's judgments (and more pairs' in further lists) against items made of the same rows."""

    def recorded(*games, **changes):
        rows = [{**ROW, "pair_id": f"p-{number}"} for number in range(1, len(games) + 1)]
        labels = {item.id: item.label() for item in read(write("pairs.jsonl", rows))}
        rows = [{**row, "judge_name": "j", "judgments": game, **changes} for row, game in zip(rows, games, strict=True)]
        return scalerlab_judgebench.recorded([write("outputs.jsonl", rows)], labels, {})

    return recorded


def test_a_row(write) -> None:
    (item,) = read(write("pairs.jsonl", [ROW]))
    assert (item.id, item.gold, item.subset, item.raters) == ("p-1", FIRST, "Math", {})
    assert [response.author for response in item.responses] == ["model-x", "model-x"]
    assert item.facets == {"source": "livebench-math"}
    (other,) = read(write("pairs.jsonl", [{**ROW, "label": "B>A", "source": "mmlu-pro-law"}]))
    assert (other.gold, other.subset, other.cluster) == (SECOND, "Knowledge", item.cluster)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"label": "A=B"}, 'label is one of "A>B", "B>A", not "A=B"'),
        ({"source": "gsm8k"}, "source begins with one of mmlu-pro, livebench-reasoning, livebench-math, livecodebench"),
        ({"question": None}, "question is a text, not null"),
        ({"pair_id": 1}, "pair_id is a text, not 1"),
    ],
)
def test_a_bad_row(change, message, write) -> None:
    with pytest.raises(BadRow, match=r"pairs\.jsonl, row 1: " + message):
        read(write("pairs.jsonl", [{**ROW, **change}]))


def test_a_line_separator_inside_a_text_does_not_end_the_row(tmp_path) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text(
        '{"pair_id":"p","source":"mmlu-pro-x","question":"a\u2028b\x85c","response_model":"m",'
        '"response_A":"1","response_B":"2","label":"A>B"}\r\n\n',
        encoding="utf-8",
    )
    (item,) = read(path)
    assert item.messages[0].content == "a\u2028b\x85c"


def test_the_second_judgment_is_in_the_swapped_frame(judged) -> None:
    recorded = judged([said("A>B"), said("A>B")])
    assert recorded.orders == "both"
    assert [(j.order, j.verdict, j.text) for j in recorded.judgments] == [((0, 1), FIRST, "r"), ((1, 0), SECOND, "r")]


@pytest.mark.parametrize(
    ("decision", "verdict"), [("A>>B", FIRST), ("A>B", FIRST), ("B>A", SECOND), ("B>>A", SECOND), ("A=B", TIE)]
)
def test_decisions(decision, verdict, judged) -> None:
    assert judged([said(decision)]).judgments[0].verdict == verdict


def test_nulls(judged) -> None:
    nothing = {"judgment": None, "decision": None}
    statuses = [
        [j.status.value for j in judged([said("A>B"), second]).judgments] for second in (said(None), None, nothing)
    ]
    assert statuses == [["ok", "unparsed"], ["ok", "failed"], ["ok", "failed"]]
    unparsed = judged([said(None), said("A>B")]).judgments[0]
    assert (unparsed.text, unparsed.detail) == ("r", "upstream: null")


def test_reward_scores_are_the_verdict_in_item_order(judged) -> None:
    recorded = judged([said("A>B", scores=[2.5, -1]), said("B>A", scores=[-1, 2.5])])
    assert [j.verdict for j in recorded.judgments] == [Verdict(scores=(2.5, -1))] * 2


def test_equal_scores_are_a_tie_whatever_upstream_makes_of_them(judged) -> None:
    recorded = judged([said("B>A", scores=[3, 3]), said("B>A", scores=[3, 3])])
    assert [j.verdict.best for j in recorded.judgments] == [None, None]
    assert {j.detail for j in recorded.judgments} == {"equal scores; upstream: B>A"}


@pytest.mark.parametrize(
    ("game", "message"),
    [
        (said("A>B", scores=[1, 2]), r"scores \[1\.0, 2\.0\] contradict the decision A>B"),
        (said("A>B", scores=[1]), "scores are two finite numbers"),
        (said("A>B", scores=[1, True]), "scores are two finite numbers"),
        (said("A>B", scores="12"), "scores are two finite numbers"),
        (said("A>B", scores=[10**400, 1]), "scores are two finite numbers"),
        (said("A"), 'decision is one of "A>B", .* "A=B", null, not "A"'),
        ({"judgment": {}}, "no column 'decision'; there are: judgment"),
        ({"judgment": 7, "decision": "A>B"}, "judgment is an object, not 7"),
        ("A>B", 'a judgment is an object, not "A>B"'),
    ],
)
def test_bad_judgments(game, message, judged) -> None:
    with pytest.raises(BadRow, match=r"outputs\.jsonl, row 1: " + message):
        judged([game])


def test_a_single_game(judged) -> None:
    recorded = judged([said("A>B")], [said("B>A")])
    assert recorded.orders == "single"
    assert [j.verdict for j in recorded.judgments] == [FIRST, SECOND]


def test_single_games_and_both_orders_do_not_mix(judged) -> None:
    with pytest.raises(BadRow, match="row 2: judgments has length 2, but 1 in row 1"):
        judged([said("A>B")], [said("A>B"), said("B>A")])
    with pytest.raises(BadRow, match="row 1: judgments are one for each order shown, one or two, not 3"):
        judged([said("A>B")] * 3)


def test_rows_are_matched_by_id_and_texts(judged) -> None:
    recorded = judged([said("A>B")], [said("A>B")], pair_id="p-2", response_A="5", response_B="4")
    assert recorded.judgments == []
    assert recorded.unmatched[0] == "outputs.jsonl, row 1: its texts are not those of item p-2", (
        "the responses are swapped"
    )
    with pytest.raises(BadRow, match=r"item 'p-2' in order .* is judged in row 1 already"):
        judged([said("A>B")], [said("A>B")], pair_id="p-2")


def test_outputs_without_texts_are_matched_by_id(write) -> None:
    labels = {item.id: item.label() for item in read(write("pairs.jsonl", [ROW]))}
    rows = [{"pair_id": "p-1", "judgments": [said("B>A")]}, {"pair_id": "p-9", "judgments": [said("B>A")]}]
    recorded = scalerlab_judgebench.recorded([write("outputs.jsonl", rows)], labels, {})
    assert [j.verdict for j in recorded.judgments] == [SECOND]
    assert recorded.unmatched == ["outputs.jsonl, row 2: no item has the pair_id p-9"]


def test_options_there_are_none(write) -> None:
    with pytest.raises(UnknownName):
        scalerlab_judgebench.recorded([], {}, {"x": "y"})
    with pytest.raises(InputError, match="No such file"):
        scalerlab_judgebench.recorded([Path("absent.jsonl")], {}, {})


# the real files


def test_the_splits_do_not_share_a_pair(bench) -> None:
    gpt, claude = bench(GPT), bench(CLAUDE)
    assert len(set(gpt.labels) | set(claude.labels)) == 620
    assert len({item.cluster for item in gpt.items} & {item.cluster for item in claude.items}) == 91
    assert Counter(item.gold for item in gpt.items) == {FIRST: 193, SECOND: 157}
    assert Counter(item.gold for item in claude.items) == {FIRST: 143, SECOND: 127}


def test_original_id_is_null_for_many_rows_and_is_not_used(bench) -> None:
    import json

    for name, nulls in ((GPT, 196), (CLAUDE, 116)):
        loaded = bench(name)
        path = fetch.locate(loaded.card, loaded.card.sources[0])
        rows = [json.loads(line) for line in path.read_bytes().splitlines()]
        assert sum(row["original_id"] is None for row in rows) == nulls
        assert len({row["question"] for row in rows}) == len({item.cluster for item in loaded.items})


def test_one_claude_pair_has_identical_responses_and_a_label(bench) -> None:
    same = [item for item in bench(CLAUDE).items if item.responses[0].text == item.responses[1].text]
    assert [(item.id, item.gold) for item in same] == [("a28a8dae-78a7-51a7-a46f-84a6e502068d", SECOND)]


def test_categories(bench) -> None:
    sources = Counter(item.facets["source"] for item in bench(GPT).items)
    assert {count for source, count in sources.items() if source.startswith("mmlu-pro")} == {11}
    assert len([source for source in sources if source.startswith("mmlu-pro")]) == 14


def test_file_names_with_equals_signs_and_commas_are_found_and_encoded(mirror) -> None:
    card = resources.card(GPT)
    for source in [*card.sources, *(file for recording in card.recordings for file in recording.files)]:
        assert "=" in source.name
        assert "," in source.name
        assert "%3D" in source.url
        assert "%2C" in source.url
        assert fetch.locate(card, source).is_file()


def net_vote(judgments: list[Judgment], labels: dict[str, Label]) -> dict[str, float]:
    """+1 right, -1 wrong, 0 a tie or nothing, summed over the orders; right where the sum is above 0."""
    sums: Counter[str] = Counter()
    for judgment in judgments:
        if judgment.verdict is not None and judgment.verdict.best is not None:
            sums[judgment.item] += 1 if judgment.verdict.best == labels[judgment.item].gold.best else -1
    right = defaultdict(list)
    for name, label in labels.items():
        for group in (label.subset, "overall"):
            right[group].append(sums[name] > 0)
    return {group: round(100 * sum(values) / len(values), 2) for group, values in right.items()}


CATEGORIES = ("Knowledge", "Reasoning", "Math", "Coding", "overall")


@pytest.mark.parametrize(
    ("judge", "printed"),
    [
        ("o1-mini-2024-09-12+arena-hard", (58.44, 62.24, 82.14, 78.57, 65.71)),
        ("Skywork-Reward-Gemma-2-27B", (59.74, 66.33, 83.93, 50.00, 64.29)),
        ("internlm2-7b-reward", (56.49, 61.22, 71.43, 50.00, 59.43)),
    ],
)
def test_tables_2_and_3(judge, printed, bench) -> None:
    loaded = bench(GPT)
    found = net_vote(loaded.recorded(judge).judgments, loaded.labels)
    assert found == dict(zip(CATEGORIES, printed, strict=True))
    (anchor,) = [anchor for anchor in loaded.card.anchors if anchor.judge == judge]
    assert (anchor.values, anchor.reproduced) == (found, True)


def test_other_readings_of_o1_mini(bench) -> None:
    """statistics.md 0: both orders right 58.0, mean of the orders 72.71; the same verdict in both 240 of 350."""
    loaded = bench(GPT)
    verdicts = defaultdict(list)
    for judgment in loaded.recorded("o1-mini-2024-09-12+arena-hard").judgments:
        verdicts[judgment.item].append(judgment.verdict)
    gold = {name: label.gold for name, label in loaded.labels.items()}
    hits = [[verdict == gold[name] for verdict in pair] for name, pair in verdicts.items()]
    assert round(100 * sum(all(pair) for pair in hits) / 350, 2) == 58.0
    assert round(100 * sum(map(sum, hits)) / 700, 2) == 72.71
    assert sum(len(set(pair)) == 1 for pair in verdicts.values()) == 240
    assert sum(verdict == TIE for pair in verdicts.values() for verdict in pair) == 44


def test_equal_scores_and_upstreams_reading_of_them_give_the_same_number(bench) -> None:
    loaded = bench(GPT)
    recorded = loaded.recorded("Skywork-Reward-Gemma-2-27B").judgments
    ties = [judgment for judgment in recorded if judgment.verdict.best is None]
    assert len({judgment.item for judgment in ties}) == 3
    assert len(ties) == 6
    assert {judgment.detail for judgment in ties} == {"equal scores; upstream: B>A"}
    upstream = [
        judgment
        if judgment.verdict.best is not None
        else Judgment(
            item=judgment.item,
            order=judgment.order,
            status=Status.OK,
            verdict=SECOND if judgment.order == (0, 1) else FIRST,
        )
        for judgment in recorded
    ]
    assert net_vote(upstream, loaded.labels) == net_vote(recorded, loaded.labels)
    assert all(judgment.verdict.best is not None for judgment in loaded.recorded("internlm2-7b-reward").judgments)


def test_scores_are_the_same_in_both_games(bench) -> None:
    for judge in ("Skywork-Reward-Gemma-2-27B", "internlm2-7b-reward"):
        games = defaultdict(set)
        for judgment in bench(GPT).recorded(judge).judgments:
            games[judgment.item].add(judgment.verdict)
        assert all(len(verdicts) == 1 for verdicts in games.values())
