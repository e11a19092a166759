"""The README's example is what the tool prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from judgebench.cli import main

ROOT = Path(__file__).parents[2]


def test_the_example(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    before, opened, rest = readme.partition("<!-- pairs -->\n```\n")
    shown, closed, after = rest.partition("```\n<!-- /pairs -->\n")
    assert opened
    assert closed
    monkeypatch.chdir(tmp_path)
    (tmp_path / "questions.jsonl").write_bytes(Path(__file__).with_name("example.jsonl").read_bytes())
    with pytest.raises(SystemExit) as stop:
        main(["build-pairs", "questions.jsonl", "-o", "sums", "-g", "number"])
    assert stop.value.code == 0
    printed = capsys.readouterr().out
    if request.config.getoption("--update-golden"):
        (ROOT / "README.md").write_text(before + opened + printed + closed + after, encoding="utf-8")
    else:
        assert printed == shown
    assert max(map(len, printed.splitlines())) <= 80
