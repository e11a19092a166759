"""What judges wrote and upstream kept, with the verdict that upstream read in it: ours is the same, or the difference
is listed here with its reason."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from judgebench.parsers import Asked, parse

DECISIONS = {(1.0, 0.0): "A>B", (0.0, 1.0): "B>A", (0.5, 0.5): "A=B", None: None}
SWAPPED = {"1": "2", "2": "1", None: None}


def recordings(path: Path) -> Path:
    if not path.exists():
        pytest.skip(f"{path} is not at hand")
    return path


def test_o1_mini_with_the_arena_hard_prompt(mirror: Path) -> None:
    path = recordings(
        mirror / "scalerlab-judgebench/outputs/dataset=judgebench,response_model=gpt-4o-2024-05-13,"
        "judge_name=arena_hard,judge_model=o1-mini-2024-09-12.jsonl"
    )
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    games = [game for row in rows for game in row["judgments"]]
    assert Counter(game["decision"] for game in games) == {"A>B": 367, "B>A": 289, "A=B": 44}
    for game in games:
        answer, decision = game["judgment"]["response"], game["decision"]
        assert DECISIONS[parse("arena-hard", answer, Asked()).scores] == decision
        graded = parse("brackets", answer, Asked()).scores
        assert graded is not None
        assert ("A=B" if graded[0] == 0.5 else "A>B" if graded[0] > 0.5 else "B>A") == decision


def evaluators(mirror: Path) -> Iterator[tuple[str, list[list[Any]]]]:
    """(evaluator, the `results` of every row), of each recorded evaluator on each set."""
    folder = recordings(mirror / "llmbar" / "Dataset")
    for path in sorted(folder.glob("**/evaluators/*/*/result.json")):
        rows = json.loads(path.read_text(encoding="utf-8"))
        yield f"{path.parts[-3]}/{path.parts[-2]}", [row["results"] for row in rows]


def test_llmbar_comparisons(mirror: Path) -> None:
    """All winners of all comparisons are the recorded ones, none excepted: 10 strategies of GPT-4 and of ChatGPT, both
    orders, and both steps of swap-and-synthesize (one explains, and where the orders conflict, one settles it).

    The configuration that upstream publishes for ChatGPT/Swap_CoT has the pattern of `llmbar` for the second step, with
    which 211 recorded winners of that step would be others; they were read with `llmbar-cot`, as GPT-4's.
    """
    compared: Counter[str] = Counter()
    misconfigured = 0
    for evaluator, rows in evaluators(mirror):
        strategy = evaluator.split("/")[1]
        for results in rows:
            steps = [step for step in results if isinstance(step, dict) and "score_1" not in step]
            for number, step in enumerate(steps):
                explains = strategy in ("CoT", "Swap_CoT") or (strategy == "Swap" and number == 0)
                name = "llmbar-cot" if explains else "llmbar"
                for swapped in (False, True):
                    game = step[f"swap = {swapped}"]
                    answer = game["completion"][0]
                    scores = parse(name, answer, Asked()).scores
                    winner = None if scores is None else "1" if scores == (1, 0) else "2"
                    assert (SWAPPED[winner] if swapped else winner) == game["winner"], (evaluator, game)
                    compared[name] += 1
                    if name == "llmbar":  # all of them are no more than the two words
                        assert parse("vanilla", answer, Asked()).scores == scores
                    if evaluator == "ChatGPT/Swap_CoT" and number == 1:
                        misconfigured += parse("llmbar", answer, Asked()).scores != scores
    assert compared == {"llmbar": 15440, "llmbar-cot": 7484}
    assert misconfigured == 211


def test_llmbar_ratings(mirror: Path) -> None:
    """Where the two ratings differ, the higher one won. Where they are equal, upstream lets the response shown first
    lose in one order and win in the other, which comes to half a point; a tie, here. Five rows have no rating, because
    a content filter refused one of the two requests: upstream splits the point; a failure, here."""
    came_to: Counter[str] = Counter()
    for _, rows in evaluators(mirror):
        for results in rows:
            last = results[-1]
            if "score_1" not in last:
                continue
            winners = last["swap = False"]["winner"], last["swap = True"]["winner"]
            ratings = [parse("llmbar-rating", last[f"score_{slot}"][0], Asked(responses=1)).scores for slot in (1, 2)]
            if ratings[0] is None or ratings[1] is None:
                came_to["failure"] += 1
                assert "content management policy" in (last["score_1"][1], last["score_2"][1])
                assert winners == ("1", "2")
            elif ratings[0] == ratings[1]:
                came_to["tie"] += 1
                assert winners == ("2", "1")
            else:
                came_to["winner"] += 1
                assert winners == (("1", "1") if ratings[0] > ratings[1] else ("2", "2"))
    assert came_to == {"winner": 2214, "tie": 714, "failure": 5}


def test_gpt_3_5_on_pandalm(mirror: Path) -> None:
    """The recording keeps first lines only; what upstream calls garbage has no verdict, and stays without one."""
    path = recordings(mirror / "pandalm" / "gpt-3.5-turbo-testset-v1.json")
    said = [row["gpt_result"] for row in json.loads(path.read_text(encoding="utf-8"))]
    read = Counter(parse("pandalm", line, Asked()).scores for line in said)
    assert read == {(1, 0): said.count("1"), (0, 1): said.count("2"), (0.5, 0.5): said.count("Tie"), None: 25}
    assert (len(said), said.count("garbage")) == (999, 25)
