"""MT-Bench votes: canonical pairs, the twice-cast vote, Table 5, and a third party's gold."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from itertools import combinations

import pytest

from judgebench import fetch
from judgebench.adapters import mt_bench_human
from judgebench.errors import BadRow
from judgebench.types import FIRST, SECOND, TIE, Verdict

VOTE = {
    "judge": "expert_99",
    "model_a": "model-x",
    "model_b": "model-y",
    "question_id": 81,
    "turn": 1,
    "winner": "model_a",
}
QUESTION = {"question_id": 81, "category": "writing", "turns": ["Write a line.", "Now shorter."]}
CARD = "mt-bench-human"


@pytest.fixture
def read(write):
    def items(*votes, questions=(QUESTION,)):
        files = {"votes": write("human.jsonl", votes), "questions": write("question.jsonl", questions)}
        return list(mt_bench_human.items(files, {}))

    return items


def test_a_vote_and_its_mirror_image_are_one_item(read) -> None:
    mirrored = {**VOTE, "judge": "expert_98", "model_a": "model-y", "model_b": "model-x", "winner": "model_b"}
    (item,) = read(VOTE, mirrored)
    assert item.id == "81/model-x-vs-model-y/turn-1"
    assert item.raters == {"expert_99": FIRST, "expert_98": FIRST}
    assert item.gold == FIRST
    assert [(response.text, response.author) for response in item.responses] == [(None, "model-x"), (None, "model-y")]
    assert not item.has_texts
    assert item.label().lengths == (None, None)
    assert (item.subset, item.scenario, item.cluster) == ("turn-1", "writing", "81")


def test_the_turns_are_two_items_of_one_cluster(read) -> None:
    first, second = read(VOTE, {**VOTE, "turn": 2})
    assert [message.content for message in first.messages] == ["Write a line."]
    assert [message.content for message in second.messages] == ["Write a line.", "Now shorter."]
    assert {message.role for message in second.messages} == {"user"}
    assert first.cluster == second.cluster
    assert (first.subset, second.subset) == ("turn-1", "turn-2")


def test_a_second_vote_by_the_same_person_is_kept(read) -> None:
    (item,) = read(VOTE, {**VOTE, "winner": "tie"}, {**VOTE, "winner": "model_b"})
    assert item.raters == {"expert_99": FIRST, "expert_99#2": TIE, "expert_99#3": SECOND}


def test_gold_is_the_plurality_and_a_tie_where_the_lead_is_shared(read) -> None:
    def gold(*winners):
        (item,) = read(*({**VOTE, "judge": f"expert_{n}", "winner": winner} for n, winner in enumerate(winners)))
        return item.gold

    assert gold("model_b") == SECOND
    assert gold("model_b", "model_a") == TIE
    assert gold("model_b", "model_a", "model_b") == SECOND
    assert gold("model_b", "model_a", "tie") == TIE
    assert gold("tie", "tie", "model_a", "model_a", "model_b") == TIE


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"winner": "tie (inconsistent)"}, 'winner is one of "model_a", "model_b", "tie", not "tie'),
        ({"turn": 3}, "turn is one of 1, 2, not 3"),
        ({"model_b": "model-x"}, "model_a and model_b are both 'model-x'"),
        ({"question_id": 82}, "question_id 82 is not one of the 1 questions"),
        ({"question_id": "81"}, 'question_id is a whole number, not "81"'),
    ],
)
def test_a_bad_vote(change, message, read) -> None:
    with pytest.raises(BadRow, match=r"human\.jsonl, row 2: " + message.replace("(", r"\(")):
        read(VOTE, {**VOTE, **change})


@pytest.mark.parametrize("turns", [[], ["one"], [1, 2], "ab"])
def test_a_bad_question(turns, read) -> None:
    with pytest.raises(BadRow, match=r"question\.jsonl, row 1: turns is a list"):
        read({**VOTE, "turn": 2}, questions=[{**QUESTION, "turns": turns}])


def test_recorded_verdicts(read, write) -> None:
    labels = {item.id: item.label() for item in read(VOTE, {**VOTE, "turn": 2})}
    rows = [
        {**VOTE, "judge": "gpt4_pair", "winner": "tie (inconsistent)"},
        {**VOTE, "judge": "gpt4_pair", "turn": 2, "model_a": "model-y", "model_b": "model-x"},
        {**VOTE, "judge": "gpt4_pair", "model_b": "model-z"},
    ]
    recorded = mt_bench_human.recorded([write("gpt4_pair.jsonl", rows)], labels, {})
    assert recorded.orders == "merged"
    assert [(j.order, j.verdict, j.detail) for j in recorded.judgments] == [
        ((0, 1), TIE, "inconsistent"),
        ((0, 1), SECOND, None),
    ]
    assert recorded.unmatched == ["gpt4_pair.jsonl, row 3: nobody voted on 81/model-x-vs-model-z/turn-1"]


def test_the_same_comparison_twice_is_refused(read, write) -> None:
    labels = {item.id: item.label() for item in read(VOTE)}
    with pytest.raises(BadRow, match=r"row 2: item '81/model-x-vs-model-y/turn-1' .* is judged in row 1 already"):
        mt_bench_human.recorded([write("votes.jsonl", [VOTE, {**VOTE, "judge": "expert_1"}])], labels, {})


# the real files


def raw(loaded, name):
    sources = {source.role: source for source in [*loaded.card.sources, *loaded.card.recordings[0].files]}
    return [json.loads(line) for line in fetch.locate(loaded.card, sources[name]).read_bytes().splitlines()]


def test_no_vote_is_lost(bench) -> None:
    loaded = bench(CARD)
    votes = raw(loaded, "votes")
    people = {vote["judge"] for vote in votes}
    assert (len(votes), len(people)) == (3355, 65)
    assert sum(len(item.raters) for item in loaded.items) == 3355
    assert {name for item in loaded.items for name in item.raters} - people == {"author_0#2"}
    (twice,) = [item for item in loaded.items if "author_0#2" in item.raters]
    assert twice.id == "128/claude-v1-vs-gpt-3.5-turbo/turn-1"
    assert Counter(vote["judge"].split("_")[0] for vote in votes) == {"expert": 2668, "author": 687}


def test_half_of_the_rows_name_the_models_the_other_way_round(bench) -> None:
    loaded = bench(CARD)
    assert sum(vote["model_a"] > vote["model_b"] for vote in raw(loaded, "votes")) == 1787
    assert sum(verdict["model_a"] > verdict["model_b"] for verdict in raw(loaded, "verdicts")) == 1440
    assert all(item.responses[0].author < item.responses[1].author for item in loaded.items)


def test_counts(bench) -> None:
    loaded = bench(CARD)
    assert Counter(item.gold for item in loaded.items) == {FIRST: 671, SECOND: 591, TIE: 552}
    assert sum(len(item.raters) > 1 for item in loaded.items) == 961
    assert len({item.scenario for item in loaded.items}) == 8
    assert len({item.cluster for item in loaded.items}) == 80


def test_alttest_carries_the_same_votes(bench, mirror) -> None:
    """246 votes of the same people, keyed question__model__model__turn."""
    raters = {item.id: item.raters for item in bench(CARD).items}
    names = {"model_a": FIRST, "model_b": SECOND, "tie": TIE}
    checked = 0
    for person, votes in json.loads((mirror / "alttest/mtbench/human_annotations.json").read_bytes()).items():
        for key, winner in votes.items():
            question, first, second, turn = key.split("__")
            assert raters[f"{question}/{first}-vs-{second}/turn-{turn}"][person] == names[winner]
            checked += 1
    assert checked == 246


def share(pairs, *, ties: bool) -> tuple[int, int]:
    kept = [(a, b) for a, b in pairs if ties or TIE not in (a, b)]
    return round(100 * sum(a == b for a, b in kept) / len(kept)), len(kept)


def test_table_5(bench) -> None:
    """Experts only, every vote a unit, both kinds of tie one class; S2 without pairs in which either side is a tie."""
    loaded = bench(CARD)
    said = {judgment.item: judgment.verdict for judgment in loaded.recorded("gpt-4").judgments}
    found: dict[str, dict[str, tuple[int, int]]] = {"gpt-4": {}, "human": {}}
    for turn in ("turn-1", "turn-2"):
        experts = {
            item.id: [vote for rater, vote in item.raters.items() if rater.startswith("expert_")]
            for item in loaded.items
            if item.subset == turn
        }
        pairs = {
            "gpt-4": [(said[item], vote) for item, votes in experts.items() for vote in votes],
            "human": [pair for votes in experts.values() for pair in combinations(votes, 2)],
        }
        for judge, both in pairs.items():
            found[judge] |= {f"{turn}/s1": share(both, ties=True), f"{turn}/s2": share(both, ties=False)}
    for anchor in loaded.card.anchors:
        if "Table 5" in anchor.source:
            assert {name: value for name, (value, _) in found[anchor.judge].items()} == anchor.values
            assert {name: n for name, (_, n) in found[anchor.judge].items()} == anchor.n
    assert found["gpt-4"] == {
        "turn-1/s1": (66, 1343),
        "turn-1/s2": (85, 859),
        "turn-2/s1": (66, 1325),
        "turn-2/s2": (85, 864),
    }
    assert found["human"] == {
        "turn-1/s1": (63, 721),
        "turn-1/s2": (81, 479),
        "turn-2/s1": (67, 707),
        "turn-2/s2": (82, 474),
    }


def kappa(pairs) -> float:
    agree = sum(a == b for a, b in pairs) / len(pairs)
    left, right = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    chance = sum(left[value] * right[value] for value in left) / len(pairs) ** 2
    return (agree - chance) / (1 - chance)


def alpha(units: list[list[Verdict]]) -> float:
    """Krippendorff's, nominal: one minus observed over expected disagreement of pairs within and across units."""
    units = [votes for votes in units if len(votes) > 1]
    total: Counter[Verdict] = Counter(vote for votes in units for vote in votes)
    n = sum(total.values())
    observed = sum(sum(a != b for a in votes for b in votes) / (len(votes) - 1) for votes in units) / n
    expected = 1 - sum(count * (count - 1) for count in total.values()) / (n * (n - 1))
    return 1 - observed / expected


def test_the_third_partys_numbers_with_its_gold(bench) -> None:
    loaded = bench(CARD)
    judgments = loaded.recorded("gpt-4").judgments
    by_turn = defaultdict(list)
    for judgment in judgments:
        label = loaded.labels[judgment.item]
        for name in ("", f"{label.subset}/"):
            by_turn[f"{name}agreement"].append((label.gold, judgment.verdict))
    pairs = by_turn["agreement"]
    decided = [pair for pair in pairs if TIE not in pair]
    shares = {name: 100 * sum(a == b for a, b in group) / len(group) for name, group in by_turn.items()}
    shares |= {"cohen_kappa": 100 * kappa(pairs)}
    shares |= {"krippendorff_alpha": 100 * alpha([list(item.raters.values()) for item in loaded.items])}
    theirs = {}
    for anchor in loaded.card.anchors:
        if "third party" in anchor.source:
            theirs |= anchor.values
    assert {name: round(value, 2) for name, value in shares.items()} == theirs
    assert [len(group) for group in by_turn.values()] == [1814, 910, 904]
    without_ties = (sum(a == b for a, b in decided) / len(decided), kappa(decided))
    assert [len(decided), *(round(value, 4) for value in without_ties)] == [1078, 0.8840, 0.7670]
    assert round(sum(judgment.detail == "inconsistent" for judgment in judgments) / len(judgments), 4) == 0.1599
    experts = [[v for r, v in item.raters.items() if r.startswith("expert_")] for item in loaded.items]
    assert round(alpha(experts), 4) == 0.4671


def test_an_inconsistent_tie_is_a_changed_mind_not_a_tie(bench) -> None:
    loaded = bench(CARD)
    judgments = loaded.recorded("gpt-4").judgments
    assert Counter(j.detail for j in judgments if j.verdict == TIE)["inconsistent"] == 290
    assert all(j.verdict == TIE for j in judgments if j.detail == "inconsistent")
    assert sum(row["winner"] == "tie (inconsistent)" for row in raw(loaded, "verdicts")) == 380
    unmatched = loaded.recorded("gpt-4").unmatched
    assert len(unmatched) == 586
    assert unmatched[0].startswith("gpt4_pair.jsonl, row 3: nobody voted on 81/alpaca-13b-vs-gpt-4/turn-1")
