"""A model on this machine, asked by whoever asks models."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from judgebench import cli
from judgebench.errors import InputError
from judgebench.models import open_model
from judgebench.types import Generation, Message, Request

pytest.importorskip("torch", reason="needs the extra: pip install 'judgebench-harness[local]'")
pytest.importorskip("transformers", reason="needs the extra: pip install 'judgebench-harness[local]'")
pytestmark = pytest.mark.local
Save = Callable[..., Path]


def build(tmp_path: Path, *arguments: str, rows: int = 2) -> None:
    questions = [{"question": f"What is {number} + 1?", "answer": number + 1} for number in range(rows)]
    path = tmp_path / "questions.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in questions), encoding="utf-8")
    with pytest.raises(SystemExit) as stopped:
        cli.main(["build-pairs", str(path), "-o", str(tmp_path / "out"), "-g", "number", "-k", "3", *arguments])
    assert not stopped.value.code


def test_a_dry_run_of_sampling_loads_no_weights(
    saved: Save, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from judgebench.backends.local.loading import Checkpoint

    monkeypatch.setattr(Checkpoint, "load", None)
    build(tmp_path, "--sample", f"local:{saved()}", "-J", "max_tokens=8", "--dry-run")
    printed = capsys.readouterr().out
    assert "6 of 6 responses to sample" in printed
    assert "What is 0 + 1?" in printed
    assert "at most $0.00" in printed
    assert not (tmp_path / "out").exists()


def test_a_dry_run_of_a_judge_counts_its_tokens(
    saved: Save, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = saved(max_position_embeddings=16_384)
    with pytest.raises(SystemExit) as stopped:
        cli.main(["run", "-b", "verifiable", "-B", "n=4", "-j", f"local:{folder}", "--dry-run", "--output-dir", "r"])
    assert not stopped.value.code
    assert "tokens to send and at most" in capsys.readouterr().out


def test_a_quote_counts_as_the_model_is_asked(saved: Save) -> None:
    model = open_model(f"local:{saved()}", {})[0].require_writer()
    request = Request(messages=(Message(role="user", content="Which is better?"),), generation=Generation(max_tokens=3))
    quote = model.quote(request)
    ((_, completion),) = model.complete([request])
    assert quote is not None
    assert completion.usage is not None
    assert (quote.prompt_tokens, quote.completion_tokens) == (completion.usage.prompt_tokens, 3)
    assert quote.cost == 0


def test_a_model_without_a_template_takes_no_chat(saved: Save) -> None:
    model = open_model(f"local:{saved(template=None)}", {})[0]
    model.require_writer().require_form(model.spec, "text")
    with pytest.raises(InputError, match="has no chat template"):
        model.require_writer().require_form(model.spec, "chat")
