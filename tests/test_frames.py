"""judgebench.load: what the frames hold, that they say what scores.json says, and the example that uses them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pandas as pd
import pytest

import judgebench
from judgebench import api, store
from judgebench.api.frames import Frames
from judgebench.errors import InputError
from judgebench.types import Flag, digest_of_items

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "results"


@pytest.fixture(scope="module")
def frames() -> Frames:
    return judgebench.load(RESULTS)


def test_there_is_a_row_for_every_item_answer_and_number(frames: Frames) -> None:
    runs = store.runs(RESULTS)
    assert len(frames.items) == sum(
        len(store.read_labels(path)) for path in {folder.parent / "items.jsonl" for folder in runs}
    )
    assert len(frames.judgments) == sum(len(store.read_judgments(folder)) for folder in runs)
    assert len(frames.scores[frames.scores.part == "headline"]) == len(runs)
    assert not frames.items.duplicated(["benchmark", "item"]).any()
    assert not frames.judgments.duplicated(["benchmark", "judge", "item", "order", "sample"]).any()


def test_the_mean_of_right_is_agreement(frames: Frames) -> None:
    means = frames.judgments.groupby(["benchmark", "judge"], observed=True).right.mean()
    chosen = frames.scores[(frames.scores.part == "metrics") & (frames.scores.name == "agreement")]
    stored = chosen.set_index(["benchmark", "judge"]).value
    assert len(stored) == len(means) == len(store.runs(RESULTS))
    # Pandas aligns the two by name; nothing is left over.
    assert (means - stored).abs().max() < 1e-12


def test_columns_have_the_documented_types_whatever_they_hold(frames: Frames) -> None:
    kinds = {name: str(kind) for frame in frames for name, kind in frame.dtypes.items()}
    for name in ("benchmark", "judge", "order", "status", "part"):
        assert kinds[name] == "category"
    for name in ("right", "confidence", "cost", "seconds", "value", "low", "high"):
        assert kinds[name] == "float64", "a column of nothing but None is one of numbers still"
    for name in ("sample", "attempt", "prompt_tokens", "completion_tokens", "n", "questions", "people"):
        assert kinds[name] == "Int64"
    for name in ("item", "question", "detail", "text", "name", "method", "reason"):
        assert kinds[name] == "string"
    documented = Frames.__doc__ or ""
    assert [name for frame in frames for name in frame.columns if name not in documented] == []


def test_flags_are_those_of_the_judgments(frames: Frames) -> None:
    flagged = frames.judgments[frames.judgments["flags"].map(len) > 0]
    assert 0 < len(flagged) < len(frames.judgments)
    assert set(flagged["flags"].explode()) <= {str(flag) for flag in Flag}
    stored = (judgment for folder in store.runs(RESULTS) for judgment in store.read_judgments(folder))
    assert len(flagged) == sum(bool(judgment.flags) for judgment in stored)


def test_a_failure_is_wrong_and_has_no_verdict(frames: Frames) -> None:
    failed = frames.judgments[frames.judgments.status != "ok"]
    assert len(failed) > 20
    assert failed.verdict.isna().all()
    assert (failed.right.dropna() == 0).all()


def test_one_benchmark_one_judge_and_names_that_are_not_there() -> None:
    found = judgebench.load(str(RESULTS), benchmarks=["pandalm"], judges=["gpt-3.5-turbo"])
    assert set(found.judgments.judge) == {"gpt-3.5-turbo"}
    assert len(found.items) == 999
    with pytest.raises(InputError, match="did you mean pandalm"):
        judgebench.load(RESULTS, benchmarks=["padalm"])
    with pytest.raises(InputError, match="holds no runs"):
        judgebench.load(RESULTS / "pandalm")


def test_texts_are_none_where_the_data_are_not_at_hand(tmp_path: Path) -> None:
    shutil.copytree(RESULTS / "mt-bench-human", tmp_path / "mt-bench-human")
    items = judgebench.load(tmp_path, texts=True).items
    assert items.responses.isna().all()


def test_texts_are_those_that_were_judged(tmp_path: Path) -> None:
    api.evaluate("baseline:longest", "verifiable", results=tmp_path)
    items = judgebench.load(tmp_path, texts=True).items
    assert items.prompt.notna().all()
    assert [tuple(map(len, pair)) for pair in items.responses] == list(items.lengths)
    labels = tmp_path / "verifiable" / "items.jsonl"
    digest = store.read_labels(labels)[0].digest
    labels.write_text(labels.read_text(encoding="utf-8").replace(digest, "0" * 16), encoding="utf-8")
    (run,) = store.runs(tmp_path)
    judged = msgspec.structs.replace(store.read_manifest(run), items=digest_of_items(store.read_labels(labels)))
    store.write_json(run / "manifest.json", judged)
    assert judgebench.load(tmp_path, texts=True).items.responses.isna().sum() == 1, "that text has changed since"


def test_scores_are_computed_where_none_are_stored(tmp_path: Path) -> None:
    scores, _ = api.evaluate("baseline:longest", "verifiable", results=tmp_path, limit=12)
    (tmp_path / "verifiable" / "baseline-longest" / "scores.json").unlink()
    found = judgebench.load(tmp_path).scores
    value = found[(found.part == "metrics") & (found.name == "agreement")].value.item()
    assert value == scores.metrics["agreement"].value


def test_importing_judgebench_brings_no_pandas_along() -> None:
    code = "import sys, judgebench; print(sorted({'pandas', 'numpy', 'msgspec'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.strip() == "[]"
    with pytest.raises(AttributeError, match="no attribute 'loda'"):
        judgebench.loda  # noqa: B018


def test_the_example_runs() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", ROOT / "examples" / "load_results.py", RESULTS],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "o1-mini-2024-09-12+arena-hard" in done.stdout
    assert "Knowledge" in done.stdout


def test_pandas_merges_the_frames(frames: Frames) -> None:
    joined = frames.judgments.merge(frames.items, on=["benchmark", "item"], how="left", validate="many_to_one")
    assert len(joined) == len(frames.judgments)
    assert isinstance(joined, pd.DataFrame)
    assert joined.question.notna().all()
