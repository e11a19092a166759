"""The table of known models. Needs no torch."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from judgebench import prompts
from judgebench.backends.local.settings import OPTIONS
from judgebench.errors import InputError, UnknownName
from judgebench.judges import choices, kinds
from judgebench.models.table import Weights, entries, presets, resolved

ALL = [(kind, name) for kind in get_args(Weights) for name in entries(kind)]


@pytest.mark.parametrize(("kind", "name"), ALL)
def test_an_entry_has_what_its_kind_needs(kind: Weights, name: str) -> None:
    entry = entries(kind)[name]
    assert kind in kinds()
    assert name == name.lower()
    assert entry.model.count("/") == 1
    assert entry.source.startswith("https://")
    assert (entry.prompt is not None) == (kind == "local")
    assert entry.prompt is None or entry.prompt in prompts.names()
    own = {"rm": ("template", "label"), "dpo": ("reference",)}.get(kind, ())
    assert set(entry.options) <= {*(option.name for option in OPTIONS), *own} - {"trust_remote_code"}
    assert kind != "dpo" or "reference" in entry.options
    assert f"{kind}:{name}" in choices(kind)


def test_the_judges_of_the_papers_are_there() -> None:
    expected = "judgelm-7b judgelm-13b judgelm-33b pandalm-7b autoj-13b prometheus2-7b prometheus2-8x7b"
    expected += " skywork-critic-8b skywork-critic-70b compassjudger-1-7b compassjudger-1-32b compassjudger-2-7b"
    assert set(expected.split()) <= set(entries("local"))


def test_a_short_name_stands_for_a_model_and_what_it_needs() -> None:
    assert presets("dpo", "zephyr-7b-beta").keys() == {"reference"}
    assert resolved("local", "JudgeLM-7B")[0] == "BAAI/JudgeLM-7B-v1.0"
    assert presets("local", "JudgeLM-7B") == {"pickle": "yes"}
    assert (resolved("local", "my/model"), presets("local", "my/model")) == (("my/model", None), {})


def test_what_can_be_no_model_is_said_before_the_hub_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnknownName, match=r"no model or folder named 'judgelm-7' .*mean judgelm-7b.*ORG/MODEL"):
        resolved("local", "judgelm-7")
    for path in ("/no/such", "./no", "~/models/mine", "one/two/three"):
        with pytest.raises(InputError, match=r"rm:.*there is no such folder"):
            resolved("rm", path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    assert resolved("rm", "mine")[0] == "mine"
