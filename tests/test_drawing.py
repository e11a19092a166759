"""Samples under --limit: nested, spread over subsets and questions, the same on every machine."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from judgebench import api, drawing, results
from judgebench.cli import main
from judgebench.drawing import Limit
from judgebench.errors import InputError, ManifestMismatch
from judgebench.score import score_run
from judgebench.types import Label

RESULTS = Path(__file__).resolve().parents[1] / "results"


def labels(**sizes: int) -> list[Label]:
    """Of each subset so many, three to a question."""
    return [
        Label(
            id=f"{subset}{number}",
            subset=subset,
            cluster=f"{subset}-question-{number // 3}",
            authors=(None, None),
            lengths=(1, 1),
            digest="x",
        )
        for subset, size in sizes.items()
        for number in range(size)
    ]


def ids(count: int, seed: int | None, whole: list[Label]) -> list[str]:
    return [label.id for label in drawing.drawn(whole, Limit(count, seed))]


WHOLE = labels(easy=300, hard=60, rare=6)


def test_a_smaller_sample_is_part_of_a_larger_one() -> None:
    for seed in range(5):
        before: set[str] = set()
        for count in range(0, len(WHOLE) + 2, 7):
            sample = ids(count, seed, WHOLE)
            assert len(sample) == len(set(sample)) == min(count, len(WHOLE))
            assert before <= set(sample)
            before = set(sample)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("count", [1, 10, 61, 183, 300])
def test_every_subset_has_its_share(seed: int, count: int) -> None:
    there = Counter(name.rstrip("0123456789") for name in ids(count, seed, WHOLE))
    for subset, size in (("easy", 300), ("hard", 60), ("rare", 6)):
        assert abs(there[subset] - count * size / len(WHOLE)) < 2


def test_no_question_comes_twice_before_all_have_come() -> None:
    for count in (20, 100, 101, 200, 201):
        whole = labels(one=300)
        by_question = Counter(label.cluster for label in drawing.drawn(whole, Limit(count, 3)))
        assert max(by_question.values()) - min([by_question[label.cluster] for label in whole]) <= 1


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("subsets", [1, 2, 10])
def test_subsets_that_share_their_questions_are_asked_about_different_ones(subsets: int, seed: int) -> None:
    """As in prmbench, where each of 758 questions has a solution with every kind of error."""
    whole = [
        msgspec.structs.replace(
            labels(one=1)[0], id=f"{subset}/{question}/{copy}", cluster=f"q{question}", subset=f"s{subset}"
        )
        for subset in range(subsets)
        for question in range(60)
        for copy in range(2)
    ]
    for count in (1, 7, 30, 59, 60):
        drawn = drawing.drawn(whole, Limit(count, seed))
        assert len({label.cluster for label in drawn}) == count
    for rounds in (2, 2 * subsets):
        drawn = drawing.drawn(whole, Limit(60 * rounds, seed))
        assert set(Counter(label.cluster for label in drawn).values()) == {rounds}


def test_the_items_keep_their_order_and_a_seed_its_sample() -> None:
    sample = ids(40, 0, WHOLE)
    assert sample == [label.id for label in WHOLE if label.id in set(sample)]
    assert sample == ids(40, 0, WHOLE) != ids(40, 1, WHOLE)
    # What a run on disk says must mean the same for ever.
    assert ids(6, 0, WHOLE) == FIXED


FIXED = ["easy87", "easy160", "easy205", "easy261", "easy272", "hard16"]


def test_the_first_ones_go_by_their_own_name() -> None:
    assert drawing.limit("first:4") == Limit(4)
    assert drawing.limit(4, seed=2) == Limit(4, 2)
    assert ids(4, None, WHOLE) == ["easy0", "easy1", "easy2", "easy3"]
    for typed in ("0", "first:", "first:0", "last:3", "-1", "1.5", "³", "", "first:first:1"):
        with pytest.raises(InputError, match="limit is a whole number from 1, or first: and one, as in first:100"):
            drawing.limit(typed)


def run(folder: Path, *arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["run", "-b", "verifiable", "-j", "baseline:longest", "--output-dir", str(folder), *arguments])
    return int(ended.value.code or 0)


def asked(folder: Path) -> set[str]:
    (path,) = folder.glob("*/baseline-longest/judgments.jsonl")
    return {json.loads(line)["item"] for line in path.read_text(encoding="utf-8").splitlines()}


def test_a_run_says_what_is_left_out_and_grows_with_its_sample(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, "--limit", "30", "--limit-seed", "5") == 0
    card = " ".join(capsys.readouterr().out.split())
    assert "only 30 of 240 items were asked, drawn with seed 5; 210 are left out; not for a leaderboard" in card
    (folder,) = tmp_path.glob("*/baseline-longest")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["limit"], manifest["limit_seed"]) == (30, 5)
    before = asked(tmp_path)
    assert run(tmp_path, "--limit", "60", "--limit-seed", "5") == 0
    after = asked(tmp_path)
    assert before < after
    assert len(after) == 60
    assert run(tmp_path, "--limit", "first:90") == 2
    assert "is of the 60 items drawn with seed 5, and now of the first 90 items" in capsys.readouterr().err
    assert asked(tmp_path) == after
    assert run(tmp_path) == 0
    assert len(asked(tmp_path)) == 240


def test_another_draw_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    api.evaluate("baseline:first", "verifiable", results=tmp_path, limit=20)
    with pytest.raises(ManifestMismatch, match="is of the 20 items drawn with seed 0, and now of the first 20 items"):
        api.evaluate("baseline:first", "verifiable", results=tmp_path, limit="first:20")
    with pytest.raises(ManifestMismatch, match="and now of the 20 items drawn with seed 1"):
        api.evaluate("baseline:first", "verifiable", results=tmp_path, limit=20, limit_seed=1)
    whole = api.evaluate("baseline:first", "verifiable", results=tmp_path)
    assert whole.scores.manifest.limit is None
    assert whole.outcome.before == 40


def test_a_run_from_before_samples_were_drawn_is_of_the_first_items(tmp_path: Path) -> None:
    scores = api.evaluate("baseline:first", "verifiable", results=tmp_path, limit="first:20").scores
    assert scores.manifest.limit_seed is None
    assert any(warning.startswith("only the first 20 of 240 items were asked; 220 ") for warning in scores.warnings)


def test_subsets_without_an_item_are_named() -> None:
    whole = results.read(RESULTS / "scalerlab-judgebench" / "Skywork-Reward-Gemma-2-27B")
    part = whole._replace(manifest=msgspec.structs.replace(whole.manifest, limit=20))
    (warning,) = [warning for warning in score_run(part).warnings if "left out" in warning]
    names = list(dict.fromkeys(label.subset or "" for label in whole.labels))
    absent = sorted(set(names) - {label.subset for label in whole.labels[:20]})
    assert f"330 are left out, with them all of {', '.join(absent[:5])}" in warning
    assert len(absent) <= 5 or f" and {len(absent) - 5} more subsets; not for" in warning
    sample = whole._replace(manifest=msgspec.structs.replace(whole.manifest, limit=60, limit_seed=0))
    assert any("drawn with seed 0; 290 are left out; not" in warning for warning in score_run(sample).warnings)


def test_runs_of_different_samples_are_compared_on_what_both_have(tmp_path: Path) -> None:
    runs = [tmp_path / "verifiable" / f"baseline-{name}" for name in ("first", "longest")]
    api.evaluate("baseline:first", "verifiable", results=tmp_path, limit=80)
    api.evaluate("baseline:longest", "verifiable", results=tmp_path, limit="first:120")
    shared = {label.id for label in results.read(runs[0]).asked} & {label.id for label in results.read(runs[1]).asked}
    comparison = api.compare(runs)
    assert comparison.items == len(shared)
    assert comparison.notes == (f"on {len(shared)} of 240 items, which all runs have",)


def test_runs_without_an_item_in_common_are_not_compared(tmp_path: Path) -> None:
    runs = [tmp_path / "verifiable" / f"baseline-{name}" for name in ("first", "longest")]
    api.evaluate("baseline:first", "verifiable", results=tmp_path, limit="first:1")
    api.evaluate("baseline:longest", "verifiable", results=tmp_path, limit=1)
    with pytest.raises(InputError, match=r"no item in common .*the first 1 items; .*the 1 items drawn with seed 0"):
        api.compare(runs)


@pytest.mark.parametrize("limit", [None, 30, 300])
def test_items_within_a_draw_are_a_part_of_it_and_nested(limit: int | None) -> None:
    items = labels(a=80, b=40)
    to = drawing.limit(limit, 4)
    asked = {item.id for item in drawing.drawn(items, to)}
    before: set[str] = set()
    for count in (5, 10, 25, 200):
        inside = {item.id for item in drawing.inside(items, to, count)}
        assert before <= inside <= asked
        assert len(inside) == min(count, len(asked))
        before = inside
    wider = {item.id for item in drawing.inside(items, drawing.limit(60, 4), 20)}
    assert {item.id for item in drawing.inside(items, drawing.limit(30, 4), 20)} == wider, "a run may grow"
    first = {item.id for item in drawing.inside(items, drawing.limit("first:30"), 10)}
    assert first < {item.id for item in items[:30]}
