"""`judgebench run --judge local:PATH`, from the command line to the file on disk."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from judgebench import cli
from judgebench.errors import InputError, UnknownName
from judgebench.judges import open_judge
from judgebench.types import Status, Trial

pytest.importorskip("torch", reason="needs the extra: pip install 'judgebench-harness[local]'")
pytest.importorskip("transformers", reason="needs the extra: pip install 'judgebench-harness[local]'")

pytestmark = pytest.mark.local

Save = Callable[..., Path]
LONG = {"max_position_embeddings": 16_384}


def run(tmp_path: Path, *arguments: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    common = ["run", "--benchmarks", "verifiable", "--limit", "3", "--min-coverage", "0", "--output-dir", str(tmp_path)]
    with pytest.raises(SystemExit) as stopped:
        cli.main([*common, *arguments])
    assert not stopped.value.code
    (folder,) = [path.parent for path in tmp_path.glob("*/*/manifest.json")]
    lines = (folder / "judgments.jsonl").read_text(encoding="utf-8").splitlines()
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8")), [json.loads(line) for line in lines]


def test_a_run_with_a_local_model(saved: Save, tmp_path: Path) -> None:
    folder = saved(**LONG)
    options = ["--judge", f"local:{folder}", "-J", "prompt=pairwise", "-J", "verdict=forced"]
    manifest, judgments = run(tmp_path, *options)
    assert len(judgments) == 6
    assert manifest["judge"] == {"kind": "local", "model": str(folder), "options": {"verdict": "forced"}}
    assert manifest["protocol"]["options"]["A"] == ["A", " A"]
    assert manifest["protocol"]["model"].keys() == {"model", "dtype", "fingerprint"}
    assert manifest["provenance"]["architecture"] == "LlamaForCausalLM"
    assert manifest["provenance"]["packages"]["torch"]
    for judgment in judgments:
        assert judgment["usage"]["prompt_tokens"] > 100
        assert judgment["usage"]["completion_tokens"] == 1
        assert (judgment["status"], sum(judgment["verdict"][0])) == ("ok", pytest.approx(1))
        assert 0 < judgment["mass"] < 1
    again = run(tmp_path, *options)
    assert again == (manifest, judgments)


def test_every_trial_has_a_forced_verdict(saved: Save, trials: list[Trial]) -> None:
    for prompt in ("pairwise", "pairwise-cot", "rating-1-10"):
        judge = open_judge(f"local:{saved(**LONG)}", {"device": "cpu", "prompt": prompt, "verdict": "forced"})
        for judgment in judge.judge(iter(trials)):
            assert judgment.status == Status.OK
            assert (judgment.mass or 0) > 0
            assert judgment.verdict is not None
            assert prompt != "rating-1-10" or all(1 <= score <= 10 for score in judgment.verdict.scores)
    with pytest.raises(InputError, match=r"computes how likely each option is: logprobs is for server: and api:"):
        open_judge(f"local:{saved(**LONG)}", {"prompt": "pairwise", "verdict": "forced", "logprobs": "5"})


@pytest.fixture
def judgelm(saved: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The commit of a tiny model that stands in the hub's cache as BAAI/JudgeLM-7B-v1.0, its weights pickled."""
    import torch
    from huggingface_hub import constants
    from safetensors.torch import load_file

    commit = "d6c8" * 10
    repository = tmp_path / "hub" / "models--BAAI--JudgeLM-7B-v1.0"
    snapshot = Path(shutil.copytree(saved(template=None), repository / "snapshots" / commit))
    torch.save(load_file(snapshot / "model.safetensors"), snapshot / "pytorch_model.bin")
    (snapshot / "model.safetensors").unlink()
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(commit, encoding="utf-8")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    return commit


def test_what_a_user_types(judgelm: str, mirror: Path, tmp_path: Path) -> None:
    manifest, judgments = run(tmp_path / "results", "--judge", "local:judgelm-7b")
    assert len(judgments) == 6
    assert manifest["judge"] == {"kind": "local", "model": "judgelm-7b"}
    assert manifest["protocol"]["model"] == {"model": "BAAI/JudgeLM-7B-v1.0", "revision": judgelm, "dtype": "float32"}
    assert manifest["protocol"]["prompt"] == "judgelm"
    assert manifest["protocol"]["generation"]["max_tokens"] == 16
    assert {judgment["status"] for judgment in judgments} <= {"ok", "unparsed", "truncated"}


def test_answers_of_a_run_are_those_of_single_trials(saved: Save, trials: list[Trial]) -> None:
    judge = open_judge(f"local:{saved(**LONG)}", {"device": "cpu", "max_tokens": "12"})
    together = {judgment.key: judgment for judgment in judge.judge(iter(trials))}
    assert len(together) == len(trials)
    for trial in trials[::5]:
        assert list(judge.judge([trial])) == [together[trial.key]]


def test_the_name_says_what_was_chosen(saved: Save) -> None:
    folder = saved()
    assert open_judge(f"local:{folder}", {"device": "cpu", "batch_tokens": "64"}).name == f"local:{folder}"
    changed = {"dtype": "bfloat16", "context": "512", "prompt": "pairwise-cot", "temperature": "0.7"}
    name = open_judge(f"local:{folder}", changed).name
    assert name == f"local:{folder}[dtype=bfloat16,context=512,prompt=pairwise-cot,temperature=0.7]"


def test_prompts_that_do_not_fit_are_failures(saved: Save, trials: list[Trial]) -> None:
    judge = open_judge(f"local:{saved()}", {"context": "100"})
    judgments = list(judge.judge(iter(trials)))
    assert {judgment.status for judgment in judgments} == {Status.FAILED}
    assert "the model's context is 100" in (judgments[0].detail or "")


def test_a_pinned_prompt_is_cut_to_its_context(saved: Save, mirror: Path, trials: list[Trial]) -> None:
    judge = open_judge(f"local:{saved(template=None)}", {"prompt": "judgelm", "device": "cpu"})
    (judgment,) = judge.judge([trials[0]])
    assert judgment.usage is not None
    assert (judgment.usage.prompt_tokens or 0) > 200
    assert (judgment.usage.completion_tokens or 0) <= 16


def test_texts_that_were_cut_are_counted_in_the_scores(saved: Save, tmp_path: Path) -> None:
    folder = saved(head="SequenceClassification", num_labels=1)
    _, judgments = run(tmp_path, "--judge", f"rm:{folder}", "-J", "context=60", "--selfcheck")
    assert all("cut on the left" in judgment["detail"] for judgment in judgments)
    (scores,) = tmp_path.glob("*/*/scores.json")
    assert "6 of 6 answers are to texts that were cut to fit" in " ".join(
        json.loads(scores.read_text(encoding="utf-8"))["warnings"]
    )


def test_mistakes_are_named_before_anything_is_loaded(saved: Save) -> None:
    with pytest.raises(UnknownName, match=r"no option of local:it named 'dtyp'.*did you mean dtype"):
        open_judge("local:it", {"dtyp": "float16"})
    with pytest.raises(InputError, match="no chat template; choose a prompt that is one text"):
        open_judge(f"local:{saved(template=None)}", {"prompt": "pairwise"})
    with pytest.raises(InputError, match="add -J reference="):
        open_judge("dpo:org/it", {})
    with pytest.raises(InputError, match="template is chat or pair"):
        open_judge("rm:org/it", {"template": "none"})


def test_without_torch_the_user_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from judgebench.backends.local import settings

    monkeypatch.setattr(settings, "installed", lambda _: None)
    for judge in ("local:it", "rm:it", "dpo:it", "pairrm:it"):
        with pytest.raises(Exception, match=r"pip install 'judgebench-harness\[local\]'"):
            open_judge(judge, {"reference": "none"} if judge.startswith("dpo") else {})


@pytest.mark.parametrize("kind", ["local", "rm", "dpo"])
def test_a_model_of_texts_asks_nothing_about_images(kind: str, saved: Save, tmp_path: Path, capsys: Any) -> None:
    head = {"head": "SequenceClassification", "num_labels": 1} if kind == "rm" else {}
    options = ["-J", "reference=none"] if kind == "dpo" else []
    row = {"question": "What is this?", "response_a": "A dot.", "response_b": "A cat.", "winner": "A"}
    data = tmp_path / "seen.jsonl"
    data.write_text(json.dumps({**row, "image": "iVBORw0KGgo="}) + "\n", encoding="utf-8")
    judge = f"{kind}:{saved(**LONG, **head)}"
    with pytest.raises(SystemExit) as stopped:
        cli.main(["run", "-b", str(data), "-j", judge, *options, "--output-dir", str(tmp_path / "r")])
    assert stopped.value.code == 2
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("judgebench: ")]
    assert line.startswith("judgebench: seen@")
    assert f": {judge}" in line
    assert (
        "reads texts alone, and the items have images: ask server:, api:, or a vision-language model in local:" in line
    )
    assert not list(tmp_path.glob("r/*/*/manifest.json"))
