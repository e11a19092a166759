"""What really happened stands in the record: which model answered, where and when, and what was not sent to it."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from judgebench import cli, store
from judgebench.judges import open_judge
from judgebench.types import Manifest

Serve = Callable[..., Any]
Capture = pytest.CaptureFixture[str]


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    return int(ended.value.code or 0)


def ask(*judges: str, limit: int = 3, more: Sequence[str] = ()) -> int:
    named = [part for judge in judges for part in ("-j", judge)]
    return run("run", *named, "-b", "verifiable", "--limit", str(limit), "--output-dir", "r", *more)


def manifest() -> Manifest:
    (folder,) = store.runs(Path("r"))
    return store.read_manifest(folder)


def test_a_setting_that_was_refused_and_a_model_of_another_name_are_in_the_record(
    serve: Serve, capsys: Capture
) -> None:
    server = serve(unknown=("temperature",), served=lambda body: "gpt-secret-2026-11-11")
    assert ask(f"server:{server.url}#m") == 0
    found = manifest()
    assert found.protocol["generation"]["temperature"] == 0.0
    assert (found.dropped, found.served) == (("temperature",), ("gpt-secret-2026-11-11",))
    assert found.addresses == (server.url,)
    utc = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
    assert re.fullmatch(utc, found.started or "")
    assert re.fullmatch(utc, found.ended or "")
    (folder,) = store.runs(Path("r"))
    rows = store.read_judgments(folder)
    assert {row.dropped for row in rows} == {("temperature",)}
    card = capsys.readouterr().out
    assert "gpt-secret-2026-11-11" in card
    assert "temperature" in card
    scores = json.loads((folder / "scores.json").read_bytes())
    assert scores["manifest"] == json.loads((folder / "manifest.json").read_bytes())


def test_a_judgment_says_what_served_it_where_that_is_another_than_the_first(serve: Serve) -> None:
    names = iter(["one", "one", "two", *["one"] * 100])
    server = serve(served=lambda body: next(names))
    assert ask(f"server:{server.url}#m", more=["--max-connections", "1"]) == 0
    (folder,) = store.runs(Path("r"))
    assert manifest().served == ("one", "two")
    assert [row.served for row in store.read_judgments(folder)].count(("two",)) == 1
    assert (folder / "judgments.jsonl").read_text(encoding="utf-8").count("served") == 1


def test_a_judge_keeps_its_answers_when_its_server_moves(serve: Serve) -> None:
    old, new = serve(), serve()
    assert ask(f"server:{old.url}#m") == 0
    assert ask(f"server:{new.url}#m", limit=5) == 0
    assert (old.requests, new.requests) == (6, 4)
    assert manifest().addresses == (old.url, new.url)
    assert manifest().judge == "server:m"


def test_another_model_under_the_same_name_stops_the_run_at_the_first_answer(serve: Serve, capsys: Capture) -> None:
    old, new = serve(served=lambda body: "m-2026-01"), serve(served=lambda body: "m-2026-11")
    assert ask(f"server:{old.url}#m") == 0
    before = manifest()
    capsys.readouterr()
    assert ask(f"server:{new.url}#m", limit=20) == 2
    said = capsys.readouterr().err
    assert "6 answers there are by m-2026-01, and now m-2026-11 answers" in said
    assert said.count("\n") == 1
    assert new.requests == 1
    assert manifest() == msgspec.structs.replace(before, limit=20)
    assert ask(f"server:{new.url}#m", limit=20, more=["--same-model"]) == 0
    assert manifest().served == ("m-2026-01", "m-2026-11")


def test_where_nothing_is_named_a_move_needs_the_users_word(serve: Serve, capsys: Capture) -> None:
    old, new = serve(served=lambda body: None), serve(served=lambda body: None)
    assert ask(f"server:{old.url}#m") == 0
    assert ask(f"server:{old.url}#m", limit=4) == 0, "at the same address nothing is asked"
    capsys.readouterr()
    assert ask(f"server:{new.url}#m", limit=5) == 2
    assert "--same-model" in capsys.readouterr().err
    assert new.requests == 0
    assert manifest().addresses == (old.url,)
    assert ask(f"server:{new.url}#m", limit=5, more=["--same-model"]) == 0
    assert new.requests == 2


def test_a_server_that_falls_silent_elsewhere_needs_the_users_word(serve: Serve, capsys: Capture) -> None:
    old, new = serve(), serve(served=lambda body: None)
    assert ask(f"server:{old.url}#m") == 0
    assert ask(f"server:{new.url}#m", limit=5) == 2
    assert "does not say what it is" in capsys.readouterr().err
    assert new.requests == 1


def test_two_judges_that_would_share_their_answers_are_refused(serve: Serve, capsys: Capture) -> None:
    one, two = serve(), serve()
    assert ask(f"server:{one.url}#m", f"server:{two.url}#m") == 2
    said = capsys.readouterr().err
    assert "are both server:m" in said
    assert f"-j NAME=server:{two.url}#m" in said
    assert one.requests == two.requests == 0
    assert ask(f"server:{one.url}#m", f"other=server:{two.url}#m") == 0
    assert {folder.name for folder in store.runs(Path("r"))} == {"server-m", "other"}


def test_an_option_may_be_for_one_judge(serve: Serve) -> None:
    server = serve()
    options = ("-J", "a.temperature=0.7", "-J", "a.b.temperature=0.2", "-J", "max_tokens=9")
    assert ask(f"a=server:{server.url}#m", f"a.b=server:{server.url}#m", limit=1, more=options) == 0
    found = {folder.name: store.read_manifest(folder) for folder in store.runs(Path("r"))}
    assert found["a"].judge_ref.options == {"temperature": "0.7", "max_tokens": "9"}
    assert found["a.b"].judge_ref.options == {"temperature": "0.2", "max_tokens": "9"}
    assert {(body["temperature"], body["max_tokens"]) for body in server.bodies} == {(0.7, 9), (0.2, 9)}


def test_a_retry_is_told_where_the_server_is(serve: Serve, capsys: Capture) -> None:
    server = serve("odd")
    ask(f"server:{server.url}#m", limit=1)
    asked = server.requests
    (folder,) = store.runs(Path("r"))
    capsys.readouterr()
    assert run("retry", str(folder)) == 2
    assert "may not choose where its judge is asked: add -j server:URL#m" in capsys.readouterr().err
    path = folder / "manifest.json"
    honest = path.read_text(encoding="utf-8")
    for model in (f"{server.url}#m", "m"):  # a folder from elsewhere, which hides the address where the model stands
        path.write_text(
            json.dumps({**json.loads(honest), "addresses": [], "judge": {"kind": "server", "model": model}}),
            encoding="utf-8",
        )
        assert run("retry", str(folder)) == 2
    path.write_text(honest, encoding="utf-8")
    assert server.requests == asked
    assert run("retry", str(folder), "-j", f"server:{server.url}#m") == 0
    assert server.requests > asked


def test_a_manifest_sends_no_key_to_an_address_of_its_own(serve: Serve, capsys: Capture) -> None:
    """A folder from elsewhere that names an address, or a variable with a key, is not obeyed."""
    server = serve("odd")
    options = ("-J", f"api_base={server.url}", "-J", "backoff=0.01")
    ask("api:openai/gpt-4o", limit=1, more=options)
    asked = server.requests
    (folder,) = store.runs(Path("r"))
    capsys.readouterr()
    assert run("retry", str(folder)) == 2
    assert "this run had api_base=" in capsys.readouterr().err
    for name, value in {"extra_body": "{}", "api_base": server.url, "key_env": "HOME"}.items():
        path = folder / "manifest.json"
        fields = json.loads(path.read_text(encoding="utf-8"))
        fields["settings"] = {name: value}
        path.write_text(json.dumps(fields), encoding="utf-8")
        assert run("retry", str(folder)) == 2, name
    assert server.requests == asked


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_an_address_of_ipv6(serve: Serve, capsys: Capture) -> None:
    try:
        server = serve(host="::1")
    except OSError:
        pytest.skip("no IPv6 loopback")
    judge = f"server:{server.url}#m"
    assert open_judge(judge).name == "server:m"
    assert ask(judge, limit=1) == 0
    (folder,) = store.runs(Path("r"))
    assert run("retry", str(folder), "-j", judge) == 0
    assert run("score", str(folder)) == 0
    assert run("ls", "runs", "--output-dir", "r") == 0
    assert run("report", "--output-dir", "r", "-o", "page.html") == 0
    assert run("submit-check", str(folder)) == 2
    assert "Traceback" not in capsys.readouterr().err
