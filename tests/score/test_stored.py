"""A stored score is compared with a tolerance: another machine's last bits are nothing, a millionth is tampering."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from judgebench import api, store
from judgebench.api.submission import submit_check
from judgebench.errors import JudgebenchError
from judgebench.score.stored import first_difference
from judgebench.types import Scores

RESULTS = Path(__file__).parents[2] / "results"
FLOATS = ("value", "low", "high", "share")


@pytest.fixture(scope="module")
def scores() -> Scores:
    found = store.read_scores(RESULTS / "pandalm" / "gpt-3.5-turbo")
    assert found is not None
    return found


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A copy of a run with its labels, to tamper with."""
    folder = tmp_path / "results" / "scalerlab-judgebench" / "internlm2-7b-reward"
    shutil.copytree(RESULTS / "scalerlab-judgebench" / folder.name, folder)
    shutil.copy(RESULTS / "scalerlab-judgebench" / "items.jsonl", folder.parent)
    return folder


def leaves(there: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to everything in a file that holds nothing more."""
    inside = there.items() if isinstance(there, dict) else enumerate(there) if isinstance(there, list) else ()
    if not isinstance(there, dict | list):
        yield at
    for name, value in inside:
        yield from leaves(value, (*at, name))


def changed(scores: Scores, way: tuple[Any, ...], change: Any) -> bytes:
    """scores.json with one value made another."""
    whole = json.loads(store.as_json(scores))
    at = whole
    for name in way[:-1]:
        at = at[name]
    at[way[-1]] = change(at[way[-1]])
    return json.dumps(whole).encode()


def test_the_layout_of_the_file_does_not_matter(scores: Scores) -> None:
    assert first_difference(store.as_json(scores), scores) is None
    assert first_difference(json.dumps(json.loads(store.as_json(scores)), indent=7).encode(), scores) is None


def test_every_value_of_the_file_is_compared(scores: Scores) -> None:
    """Floating-point numbers to a tolerance that a millionth is beyond; names, counts, reasons and all else exactly."""
    whole = json.loads(store.as_json(scores))
    ways = list(leaves(whole))
    kinds = {way[-1] for way in ways}
    assert {"value", "low", "high", "n", "n_clusters", "method", "reason", "name", "level", "rule", "ok"} <= kinds
    for way in ways:
        at = whole
        for name in way:
            at = at[name]
        if isinstance(at, float) and way[-1] in FLOATS:
            small = 1e-12 * at if str(way[-2]).endswith("_p") else 2e-10
            assert first_difference(changed(scores, way, lambda value, by=small: value + by), scores) is None, way
            assert first_difference(changed(scores, way, lambda value: value + 1e-6), scores), way
            assert first_difference(changed(scores, way, lambda value: value - 1e-6), scores), way
        else:
            other = {bool: not at, int: 1, str: "another"}.get(type(at), 0.5)
            if isinstance(at, int) and not isinstance(at, bool):
                other = at + 1
            elif isinstance(at, float):
                other = at * (1 + 1e-12)
            said = first_difference(changed(scores, way, lambda _, other=other: other), scores)
            assert said is not None, way
            assert str(way[-1]) in said or str(way[-2]) in said


def test_what_is_fitted_by_iteration_may_be_farther_off(scores: Scores) -> None:
    fitted, closed = (("metrics", name, "value") for name in ("length_effect", "agreement"))
    assert first_difference(changed(scores, fitted, lambda value: value + 5e-8), scores) is None
    assert first_difference(changed(scores, closed, lambda value: value + 5e-8), scores)


def test_a_tiny_p_value_stays_tiny() -> None:
    run = store.read_scores(RESULTS / "llmbar" / "ChatGPT+Vanilla")
    assert run is not None
    p_value = run.metrics["position_p"].value
    assert p_value is not None
    assert 0 < p_value < 1e-3
    assert first_difference(changed(run, ("metrics", "position_p", "value"), lambda value: value * (1 + 1e-6)), run)


@pytest.mark.parametrize("change", ["lost", "added", "renamed"])
def test_which_numbers_there_are_is_compared(scores: Scores, change: str) -> None:
    whole = json.loads(store.as_json(scores))
    metrics = whole["metrics"]
    if change == "added":
        metrics["own_invention"] = metrics["agreement"]
    if change != "added":
        number = metrics.pop("tie_rate")
        if change == "renamed":
            metrics["tie_share"] = number
    said = first_difference(json.dumps(whole).encode(), scores)
    assert said is not None
    assert said.startswith("metrics.")


@pytest.mark.parametrize("text", [b"", b"{", b"[1, 2]", b"null", b"\xff"])
def test_what_is_no_scores_json_is_no_stored_score(scores: Scores, text: bytes) -> None:
    assert first_difference(text, scores)


def test_another_machines_last_bits_are_left_alone(run: Path) -> None:
    """Else two machines would write the file in turns."""
    path = run / "scores.json"
    whole = json.loads(path.read_bytes())
    whole["metrics"]["agreement"]["low"] += 1e-13
    path.write_text(json.dumps(whole), encoding="utf-8")
    before = path.read_bytes(), path.stat().st_mtime_ns
    api.score(run)
    api.leaderboard(run.parents[1], run.parents[1] / "board.md", scores=True)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert api.check_scores([run]) == 1
    assert submit_check(run, known=RESULTS).faults == []


@pytest.mark.parametrize(
    ("way", "change"),
    [
        (("metrics", "agreement", "value"), lambda value: value + 1e-6),
        (("headline", "low"), lambda value: value - 1e-6),
        (("headline", "parts", "single_order", "high"), lambda value: value + 1e-6),
        (("metrics", "accuracy", "n"), lambda value: value + 1),
        (("metrics", "consistency", "reason"), lambda _: "it was late"),
        (("judge",), lambda value: value + "x"),
        (("coverage", "ok"), lambda value: value - 1),
    ],
)
def test_every_verb_sees_what_was_tampered_with(run: Path, way: tuple[str, ...], change: Any) -> None:
    path = run / "scores.json"
    right = store.read_scores(run)
    assert right is not None
    path.write_bytes(changed(right, way, change))
    place = ".".join(way).replace(".", r"\.")
    with pytest.raises(JudgebenchError, match=rf"scores\.json is not what its judgments give: {place} is "):
        api.check_scores([run])
    board = run.parents[1] / "board.md"
    assert list(api.leaderboard(run.parents[1], board).differs) == [run]
    with pytest.raises(JudgebenchError, match=rf"judgments give: {place} is "):
        api.leaderboard(run.parents[1], board, check=True)
    assert any(".".join(way) in str(fault) for fault in submit_check(run, known=RESULTS).faults)
    api.score(run)
    assert first_difference(path.read_bytes(), right) is None


def test_a_file_that_is_missing_is_written(run: Path) -> None:
    (run / "scores.json").unlink()
    api.score(run)
    assert api.check_scores([run]) == 1
