from __future__ import annotations

import os
from pathlib import Path

import pytest

from judgebench.backends.remote import Redactor, load_dotenv


def test_a_dotenv_file_is_read_and_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ONE_KEY", "TWO_KEY", "THREE", "FOUR", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setenv("TWO_KEY", "from the shell")
    (tmp_path / ".env").write_text(
        "# keys\nONE_KEY=abc # mine\nexport TWO_KEY=def\nTHREE='a b # c' # d\nFOUR=\"x=y\"\nnot a line\n=\n",
        encoding="utf-8",
    )
    load_dotenv(tmp_path / ".env")
    assert [os.environ.get(name) for name in ("ONE_KEY", "TWO_KEY", "THREE", "FOUR")] == [
        "abc",
        "from the shell",
        "a b # c",
        "x=y",
    ]
    load_dotenv(tmp_path / "absent")


def test_keys_are_blanked(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_TOKEN", "true")
    monkeypatch.setenv("MY_SERVICE_PASSWORD", "correct horse battery")
    redact = Redactor()
    assert redact.answer(f"It says {key}, true, correct horse battery.") == "It says [key], true, [key]."
    assert redact.message("Incorrect key sk-proj-abcdefghijklmnop, Bearer abcdefgh12345") == (
        "Incorrect key [key], Bearer [key]"
    )
    assert redact.answer("The sk-learn-of-the-town stays") == "The sk-learn-of-the-town stays"
