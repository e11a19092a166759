"""Every published number that a recorded judge at hand can reproduce comes out to the printed digit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from judgebench import resources
from judgebench.score import anchors
from judgebench.score.standings import Standings
from judgebench.types import Anchor, Card, Estimate, Scores

DIGITS = 1e-9
"""Of a per cent: what the digits of a printed float allow."""


def reproduced() -> Iterator[tuple[Card, Anchor]]:
    for name in resources.benchmarks():
        card = resources.card(name)
        for anchor in card.anchors:
            if anchor.reproduced:
                yield card, anchor


def off(scores: Scores, anchor: Anchor) -> list[str]:
    """The anchor's values that our estimates do not round to, or whose n is another."""
    wrong = []
    for key, printed in anchor.values.items():
        found = anchors.estimate(scores, anchor, key)
        n = anchor.n if isinstance(anchor.n, int) else anchor.n[key]
        if found is None:
            wrong.append(f"{key}: there is no such estimate")
        elif not anchors.lands(anchor, key, found) or found.n != n:
            wrong.append(f"{key}: {found.value} over {found.n}, printed {printed} over {n}")
    return wrong


@pytest.mark.parametrize(
    ("card", "anchor"), [pytest.param(c, a, id=f"{c.id}-{a.judge}-{a.metric}") for c, a in reproduced()]
)
def test_anchor(card: Card, anchor: Anchor, imported: dict[tuple[str, str], Scores]) -> None:
    judge = card.recordings[0].judge if anchor.judge == "human" else anchor.judge
    assert off(imported[card.id, judge], anchor) == []


def test_committed_results_land_on_the_anchors(all_results: tuple[list[Standings], Any]) -> None:
    """The same without the upstream files: what stands in results/ is enough."""
    scores = {(field.benchmark, entry.judge): entry.scores for field in all_results[0] for entry in field.entries}
    checked = 0
    for card, anchor in reproduced():
        judge = card.recordings[0].judge if anchor.judge == "human" else anchor.judge
        if card.publish_labels:
            assert off(scores[card.id, judge], anchor) == [], f"{card.id} {anchor.judge}"
            checked += len(anchor.values)
    assert checked > 80


def test_llmbar_statistics(imported: dict[tuple[str, str], Scores], mirror: Path) -> None:
    """All 166 statistics.json that LLMBar's authors shipped: five counts each."""
    keys = {
        "correct_False": "correct_original",
        "correct_True": "correct_swapped",
        "correct_average": "headline",
        "correct_both": "both",
        "equal": "equal",
    }
    seen = 0
    for path in sorted((mirror / "llmbar").rglob("statistics.json")):
        judge, strategy = path.parts[-3:-1]
        subset = path.parts[-5]
        scores = next(
            scores
            for (benchmark, name), scores in imported.items()
            if name == f"{judge}+{strategy}" and benchmark.startswith("llmbar") and _has(scores, subset)
        )
        found = scores.subsets.get(subset) or {"headline": scores.headline, **scores.headline.parts}
        for key, text in json.loads(path.read_text(encoding="utf-8")).items():
            if key in keys:
                assert _says(text, found[keys[key]]), f"{path}: {key} is {text}, not {found[keys[key]].value}"
                seen += 1
    assert seen == 5 * 166


def _has(scores: Scores, subset: str) -> bool:
    ours = {"FairEval": "llmbar-faireval", "LLMEval^2": "llmbar-llmeval2", "MT-Bench": "llmbar-mtbench"}
    return subset in scores.subsets or ours.get(subset) == scores.benchmark


def _says(text: str, found: Estimate) -> bool:
    """`44 / 54 = 81.48%` or `81.48%`: the same counts, and the same share to the last digit of a float."""
    counts, _, share = text.rpartition(" = ")
    same_counts = not counts or counts == f"{round(found.value * found.n)} / {found.n}"
    return same_counts and abs(float(share.rstrip("%")) - 100 * found.value) < DIGITS


def test_human_baseline_of_pandalm(imported: dict[tuple[str, str], Scores]) -> None:
    """Judge and people face the same left-out references (statistics.md, section 2.2)."""
    scores = imported["pandalm", "gpt-3.5-turbo"]
    people = [scores.human[f"human_leave_one_out[annotator{j}]"].value for j in (1, 2, 3)]
    judge = [scores.headline.parts[f"judge_leave_one_out[annotator{j}]"].value for j in (1, 2, 3)]
    assert [f"{value:.4f}" for value in people] == ["0.9209", "0.9154", "0.9234"]
    assert [f"{value:.4f}" for value in judge] == ["0.7017", "0.7037", "0.7007"]
    gap = scores.headline.parts["judge_minus_human"]
    assert f"{gap.value:.3f}" == "-0.218"
    assert gap.n_clusters == 170
    # The interval is the mean plus and minus Student's t (169 degrees of freedom: 1.9741) times the cluster SE.
    assert f"{(gap.high - gap.low) / 2 / 1.9741:.3f}" == "0.022"


def test_o1_mini_by_every_rule(imported: dict[tuple[str, str], Scores]) -> None:
    """One file, four numbers (statistics.md, section 0): which rule is part of the number."""
    scores = imported["scalerlab-judgebench", "o1-mini-2024-09-12+arena-hard"]
    shown = {
        "net_vote": scores.headline,
        "order_mean": scores.metrics["agreement"],
        "both_orders": scores.metrics["both_correct"],
        "consistency": scores.metrics["consistency"],
    }
    assert {name: f"{100 * estimate.value:.2f}" for name, estimate in shown.items()} == {
        "net_vote": "65.71",
        "order_mean": "72.71",
        "both_orders": "58.00",
        "consistency": "68.57",
    }
