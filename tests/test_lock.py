"""The lock and pyproject.toml agree, and what does not is one line."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "requirements" / "lock.py"
TORCH = re.search(r"^TORCH \?= (\S+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
FILES = sorted(SCRIPT.parent.glob("*.txt"))
BY_HAND = {"smollm.txt"}


@pytest.fixture
def lock() -> ModuleType:
    spec = importlib.util.spec_from_file_location("lock", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["lock"] = module  # where its dataclass looks for its types
    spec.loader.exec_module(module)
    return module


def test_the_command_finds_nothing() -> None:
    assert TORCH is not None
    command = [sys.executable, SCRIPT, "check", TORCH[1]]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("asked", "instead", "says"),
    [
        (
            '  "tqdm>=4.66",\n',
            '  "tqdm>=4.66",\n  "left-pad>=1",\n',
            "left-pad>=1, and requirements/core.txt does not have",
        ),
        ('"tqdm>=4.66"', '"tqdm>=999"', r"tqdm>=999, and requirements/core.txt has tqdm 4\.\d+"),
        ('"numpy>=2.1"', '"numpy>=2.1,<2.2"', r"numpy<2\.2,>=2\.1, and requirements/core.txt has numpy 2\.\d+"),
        ('"statsmodels>=', '"statsmodels<0.1,>=', "requirements/test.txt has statsmodels"),
        ('"furo>=', '"furo<2000,>=', "requirements/docs.txt has furo"),
        ('"torch>=2.10"', '"torch>=99"', "torch>=99, and requirements/local.txt has torch"),
    ],
    ids=["a new one", "a higher bound", "an upper bound of several versions", "of the tests", "of the docs", "torch"],
)
def test_a_disagreement_is_one_line(asked, instead, says, lock, tmp_path, monkeypatch) -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert text.count(asked) == 1
    project = tmp_path / "pyproject.toml"
    project.write_text(text.replace(asked, instead), encoding="utf-8")
    monkeypatch.setattr(lock, "PROJECT", project)
    assert TORCH is not None
    with pytest.raises(SystemExit, match=rf"pyproject\.toml asks for .*{says}.*: run `make lock`") as caught:
        lock.check(TORCH[1])
    assert "\n" not in str(caught.value.code)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_version_has_its_hashes_and_nothing_says_where_it_is_from(path, lock) -> None:
    text = path.read_text(encoding="utf-8")
    blocks = lock.blocks(text)
    assert len(blocks) >= (2 if path.name in BY_HAND else 10)
    for block in blocks:
        first, *hashes = block.rstrip("\n").split(" \\\n")
        assert re.fullmatch(r"==[\w.]+", str(Requirement(first).specifier)), first
        assert hashes, first
        assert all(re.fullmatch(r" {4}--hash=sha256:[0-9a-f]{64}", line) for line in hashes), first
    others = [
        line for line in text.splitlines() if not line.startswith("#") and line not in "".join(blocks).splitlines()
    ]
    assert all(re.fullmatch(r"-r [\w-]+\.txt", line) for line in others)
    assert "://" not in text
    assert not re.search(r"^(torch|triton|nvidia|cuda)\b", text, re.MULTILINE)


def test_each_layer_has_only_what_it_needs(lock) -> None:
    names = {name: {pin.name for pin in lock.pins(name)} for name in lock.LAYERS}
    assert {f"{name}.txt" for name in lock.LAYERS} | BY_HAND == {path.name for path in FILES}
    assert not names["core"] & {"pytest", "hypothesis", "ruff", "mypy", "sphinx", "transformers", "statsmodels"}
    assert {"numpy", "hatchling", "litellm"} <= names["core"]
    assert names["test"] > names["core"]
    assert names["local-test"] > names["test"]
    assert names["local"] > names["core"]
    assert not names["local"] & {"pytest", "fastapi"}


def test_every_python_has_one_version_of_each(lock) -> None:
    for python in ("3.11", "3.12", "3.13"):
        here = {"python_version": python, "python_full_version": f"{python}.1"}
        for name in lock.LAYERS:
            pins = [pin.name for pin in lock.pins(name) if pin.marker is None or pin.marker.evaluate(here)]
            assert len(set(pins)) == len(pins)
            assert {wanted.name.lower() for wanted in lock.direct(lock.LAYERS[name])} - {"torch"} <= set(pins)
