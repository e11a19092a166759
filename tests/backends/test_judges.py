"""`server:` and `api:` as a user types them: options, errors, and whole runs."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from math import exp
from pathlib import Path
from typing import Any

import pytest

from judgebench import cli, store
from judgebench.errors import InputError
from judgebench.judges import open_judge
from judgebench.types import Status

Serve = Callable[..., Any]


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    return int(ended.value.code or 0)


def judgments(results: Path) -> list[Any]:
    (folder,) = store.runs(results)
    return store.read_judgments(folder)


def test_a_whole_run(serve: Serve, tmp_path: Path) -> None:
    server = serve()
    judge = f"server:{server.url}"
    assert (
        run("run", "-j", judge, "-b", "verifiable", "--limit", "10", "--output-dir", "r", "--max-connections", "3") == 0
    )
    assert [judgment.status for judgment in judgments(Path("r"))] == [Status.OK] * 20
    assert (server.requests, server.peak <= 3) == (20, True)
    (folder,) = store.runs(Path("r"))
    manifest = store.read_manifest(folder)
    assert manifest.judge == "server:tiny"
    assert manifest.addresses == (server.url,)
    assert manifest.protocol["model"] == "tiny"
    assert run("run", "-j", judge, "-b", "verifiable", "--limit", "10", "--output-dir", "r") == 0
    assert server.requests == 20


def test_a_whole_run_through_litellm(serve: Serve, tmp_path: Path) -> None:
    server = serve("500", "drop")
    code = run(
        *("run", "-j", "api:openai/gpt-4o", "-J", f"api_base={server.url}", "-J", "backoff=0.01"),
        *("-b", "verifiable", "--limit", "5", "--output-dir", "r"),
    )
    assert code == 0
    assert [judgment.status for judgment in judgments(Path("r"))] == [Status.OK] * 10
    assert all(judgment.usage.cost > 0 for judgment in judgments(Path("r")))


def test_spending_stops_at_the_limit(serve: Serve, tmp_path: Path) -> None:
    server = serve(latency=0.02)
    code = run(
        *("run", "-j", f"server:{server.url}#tiny", "-J", "price_in=1000", "-J", "price_out=1000"),
        *("-b", "verifiable", "--output-dir", "r", "--max-connections", "4", "--cost-limit", "1.1"),
    )
    assert code == 3
    assert 10 <= server.requests <= 10 + 4  # 110 tokens at 0.1 cents: 11 cents a request


def test_the_limit_is_that_of_all_runs_together(
    serve: Serve, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server = serve(latency=0.02)
    code = run(
        *("run", "-j", f"server:{server.url}#tiny", "-j", f"server:{server.url}#small"),
        *("-J", "price_in=1000", "-J", "price_out=1000", "-b", "verifiable", "--limit", "5", "--output-dir", "r"),
        *("--max-connections", "2", "--cost-limit", "1.5"),
    )
    assert code == 3
    assert "the cost limit of $1.5 is reached" in capsys.readouterr().err
    assert 14 <= server.requests <= 14 + 2  # 11 cents each: the first run's ten, and what is left for the second


def test_samples_are_asked_at_a_temperature_each_with_its_seed(serve: Serve) -> None:
    server = serve()
    code = run(
        *("run", "-j", f"server:{server.url}#tiny", "-J", "temperature=0.7", "--seed", "5", "--samples", "3"),
        *("-b", "verifiable", "--limit", "2", "--output-dir", "r"),
    )
    assert code == 0
    found = judgments(Path("r"))
    assert len({judgment.key for judgment in found}) == len(found) == 2 * 2 * 3
    assert Counter((body["temperature"], body["seed"]) for body in server.bodies) == {
        (0.7, seed): 4 for seed in (5, 6, 7)
    }


@pytest.mark.parametrize(
    ("judge", "price"),
    [
        ("api:openai/gpt-4o", r"at most \$\d+\.\d\d"),
        ("api:openai/a-model-of-ours", "at a price that is not known"),
        ("server:{url}#tiny", "at a price that is not known"),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_a_dry_run_shows_prompts_tokens_and_price_and_asks_nothing(
    judge: str, price: str, serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    server = serve()
    base = ("-J", f"api_base={server.url}") if judge.startswith("api") else ()
    code = run(
        *("run", "-j", judge.format(url=server.url), *base, "-b", "verifiable", "--output-dir", "r", "--dry-run"),
        *("--limit", "20"),
    )
    said = capsys.readouterr().out
    assert code == 0
    assert "40 of 40 trials to ask" in said
    assert said.count("---- one of the requests\n") == 3
    assert said.count("Which answer to the last turn is better?") == 3
    tokens = re.search(rf"---- about ([\d,]+) tokens to send and at most 2,560 to receive, {price}\n", said)
    assert tokens is not None
    assert 40 * 300 < int(tokens[1].replace(",", "")) < 40 * 3000
    assert server.requests == 0
    assert not Path("r").exists()


ASKED = ("-J", "verdict=forced", "-b", "verifiable", "--limit", "2", "--output-dir", "r")


def test_forced_verdicts_come_from_log_probabilities(serve: Serve, tmp_path: Path) -> None:
    judge = f"server:{serve().url}#tiny"
    assert run("run", "-j", judge, *ASKED) == 0
    for judgment in judgments(Path("r")):
        assert 0 < min(judgment.verdict.scores) < max(judgment.verdict.scores) < 1
        assert judgment.mass == pytest.approx(exp(-0.1) + exp(-3) + exp(-2.5) + exp(-4), abs=0.06)
        assert judgment.chosen.best == judgment.order[0]
        assert judgment.confidence > 0.8
    assert run("run", "-j", judge, "-J", "verdict=logprobs", *ASKED[2:]) == 0  # the same judge by its older name
    assert len(store.runs(Path("r"))) == 1


def test_a_forced_verdict_without_all_options_has_no_mass_and_no_confidence(
    serve: Serve, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    judge = f"server:{serve(ranked={'The': -0.1, 'A': -3.0, 'B': -4.0}).url}#tiny"
    assert run("run", "-j", judge, *ASKED) == 0
    for judgment in judgments(Path("r")):
        assert judgment.verdict.scores[judgment.order[0]] == pytest.approx(1 / (1 + exp(-1)))
        assert (judgment.mass, judgment.confidence) == (None, None)
    capsys.readouterr()
    (folder,) = store.runs(Path("r"))
    assert run("analyze", "confidence", str(folder)) == 2
    assert "the verdicts carry no confidence" in capsys.readouterr().err


def test_where_no_option_comes_back_there_is_no_verdict(serve: Serve, tmp_path: Path) -> None:
    judge = f"server:{serve(ranked={'The': -0.1, 'I': -3.0}).url}#tiny"
    assert run("run", "-j", judge, *ASKED, "--min-coverage", "0") == 0
    assert {(judgment.status, judgment.text) for judgment in judgments(Path("r"))} == {(Status.UNPARSED, "A")}


@pytest.mark.parametrize(
    ("judge", "options", "words"),
    [
        ("server:localhost:8000", {}, "a server is named by its address"),
        ("server:ftp://x/v1", {}, "a server is named by its address"),
        ("server:http://me:secret@host/v1#m", {}, "may hold no password or key"),
        ("server:http://host/v1?api_key=secret#m", {}, "may hold no password or key"),
        ("server:http://host/v1#m", {"nope": "1"}, "no option of server:http://host/v1#m named 'nope'"),
        ("server:http://host/v1#m", {"api_key": "secret"}, "named 'api_key'"),
        ("server:http://host/v1#m", {"max_connections": "0"}, "max_connections is a whole number from 1, not '0'"),
        ("server:http://host/v1#m", {"rpm": "inf"}, "rpm is a number above 0, not 'inf'"),
        ("server:http://host/v1#m", {"price_in": "1"}, "price_in and price_out are given together"),
        ("server:http://host/v1#m", {"prefill": "yes"}, "no option of server:http://host/v1#m named 'prefill'"),
        ("server:http://host/v1#m", {"extra_body": "[1]"}, "extra_body is a JSON object"),
        ("api:openai/gpt-4o", {"extra_body": '{"api_key": "x"}'}, "extra_body may not set api_key"),
        ("api:openai/gpt-4o", {"extra_body": '{"api_base": "http://x"}'}, "extra_body may not set api_base"),
        ("api:openai/gpt-4o", {"api_base": "http://u:p@host"}, "may hold no password or key"),
        ("api:nobody/x", {}, "litellm knows no such provider"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_asked(judge: str, options: dict[str, str], words: str) -> None:
    with pytest.raises(InputError) as caught:
        open_judge(judge, options)
    assert words in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_key_among_the_options_is_refused(key: str) -> None:
    with pytest.raises(InputError, match="extra_body holds a key") as caught:
        open_judge("server:http://host/v1#m", {"extra_body": json.dumps({"token": key})})
    assert key not in str(caught.value)


def test_the_model_is_asked_for_where_there_are_several(serve: Serve) -> None:
    with pytest.raises(InputError, match=r"which model\?.* there are: a, b"):
        open_judge(f"server:{serve(models=('a', 'b')).url}")
    assert open_judge(f"server:{serve(models=('a',)).url}").name == "server:a"


def test_no_key_is_left_anywhere(
    serve: Serve, tmp_path: Path, key: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not in a file, not on the screen: when all is well, when the server repeats it, and when it is wrong."""
    monkeypatch.delenv("OPENAI_API_KEY")
    (tmp_path / ".env").write_text(f"OPENAI_API_KEY={key}\n", encoding="utf-8")
    chatty = serve("odd", key=key, say=lambda body: f"A, says {key}")
    strict = serve(key="sk-some-other-key-0123456789")
    for server, kind in ((chatty, "server:{0}#tiny"), (strict, "server:{0}#tiny"), (chatty, "api:openai/tiny")):
        options = ("-J", f"api_base={server.url}") if kind.startswith("api") else ()
        run("run", "-j", kind.format(server.url), *options, "-b", "verifiable", "--limit", "5", "--output-dir", "r")
    assert chatty.answered
    monkeypatch.delenv("OPENAI_API_KEY")
    said = capsys.readouterr()
    written = [path for path in (tmp_path / "r").rglob("*") if path.is_file()]
    assert len(written) > 5
    for text in (said.out, said.err, *(path.read_text(encoding="utf-8") for path in written)):
        assert key not in text
        assert "sk-some-other-key" not in text


# ------------------------------------------------------------------------------------- the placebo of forced verdicts

PRICED = ("-J", "price_in=1000", "-J", "price_out=1000")


def placebo(results: Path = Path("r")) -> list[Any]:
    (folder,) = store.runs(results)
    return store.read_judgments(folder, store.PLACEBO)


def scores(results: Path = Path("r")) -> Any:
    (folder,) = store.runs(results)
    return store.read_scores(folder)


def test_a_forced_run_is_asked_again_with_the_words_exchanged(serve: Serve, tmp_path: Path) -> None:
    """By a server that ranks the words alike, whatever they stand for: all of it follows the word."""
    server = serve()
    judge = ("-j", f"server:{server.url}#tiny", *PRICED)
    assert run("run", *judge, *ASKED) == 0
    assert server.requests == 8
    assert {judgment.key for judgment in placebo()} == {judgment.key for judgment in judgments(Path("r"))}
    first, last = server.bodies[0]["messages"][0]["content"], server.bodies[-1]["messages"][0]["content"]
    assert first.index("<answer_a>") < first.index("<answer_b>")
    assert last.index("<answer_b>") < last.index("<answer_a>")
    assert "its letter (B or A)" in last
    for plain, beside in zip(judgments(Path("r")), sorted(placebo(), key=lambda one: one.key), strict=False):
        assert plain.chosen.best == plain.order[0]
        assert beside.chosen.best == beside.order[1]
    found = scores().metrics["placebo"]
    options = [exp(-0.1) + exp(-3), exp(-2.5), exp(-4)]
    least, tie = options[1] / sum(options), options[2] / sum(options)
    assert (found.value, found.n) == (pytest.approx(1 / (1 + 2 * least + tie), abs=0.01), 4)
    assert run("run", *judge, *ASKED) == 0
    assert server.requests == 8, "what was answered is never asked again"


def test_a_placebo_is_of_so_many_items_within_the_draw_and_grows_with_it(serve: Serve, tmp_path: Path) -> None:
    server = serve()
    judge = ("-j", f"server:{server.url}#tiny", "-J", "placebo=3")
    whole = ("-J", "verdict=forced", "-b", "verifiable", "--output-dir", "r", "--limit")
    assert run("run", *judge, *whole, "2") == 0
    before = {one.item for one in placebo()}
    assert before == {one.item for one in judgments(Path("r"))}
    assert run("run", *judge, *whole, "9") == 0
    after = {one.item for one in placebo()}
    assert before < after
    assert len(after) == 3
    assert after < {one.item for one in judgments(Path("r"))}
    assert run("run", *judge[:2], "-J", "placebo=no", *whole, "9") == 0
    assert server.requests == 18 + 6
    assert len(store.runs(Path("r"))) == 1, "it changes no answer, and so no name"


def test_a_placebo_that_was_stopped_goes_on_where_it_was(serve: Serve, tmp_path: Path) -> None:
    server = serve(lambda number, same, body: "401" if number == 6 else "ok")
    judge = ("-j", f"server:{server.url}#tiny", "--max-connections", "1", *ASKED)
    assert run("run", *judge) != 0
    assert len(judgments(Path("r"))) == 4
    stopped = placebo()
    assert 0 < len(stopped) < 4
    (folder,) = store.runs(Path("r"))
    with (folder / store.PLACEBO).open("ab") as file:
        file.write(b'{"item":"half of a li')  # and killed in the middle of the next one
    assert run("run", *judge) == 0
    assert len(placebo()) == 4
    assert [one.key for one in placebo()][: len(stopped)] == [one.key for one in stopped]
    assert max(server.answered.values()) == 1


def test_what_a_placebo_costs_is_counted_and_limited(
    serve: Serve, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server = serve()
    judge = ("-j", f"server:{server.url}#tiny", *PRICED, "--max-connections", "1", *ASKED)
    assert run("run", *judge, "--dry-run") == 0
    said = capsys.readouterr().out
    assert "4 of 4 trials to ask, and 4 with the words exchanged" in said
    both = float(re.search(r"at most \$([\d.]+)", said)[1])  # type: ignore[index]
    assert run("run", *judge, "-J", "placebo=no", "--dry-run") == 0
    alone = float(re.search(r"at most \$([\d.]+)", capsys.readouterr().out)[1])  # type: ignore[index]
    assert both == pytest.approx(2 * alone, rel=0.02)
    assert run("run", *judge, "--cost-limit", "0.6") == 0
    spent = sum(one.usage.cost for one in (*judgments(Path("r")), *placebo()))
    assert (len(judgments(Path("r"))), len(placebo())) == (4, 2)  # 11 cents a request
    assert f"cost ${spent:.2f}" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("-J", "placebo=5"), "a placebo goes with verdict=forced and words that mean nothing"),
        (("-J", "verdict=forced", "-J", "placebo=none"), "placebo is a number of items, or no, not 'none'"),
        (("-J", "verdict=forced", "-J", "words=one/one"), "words is letters, own, different capital letters or digits"),
        (("-J", "verdict=forced", "-J", "words=yes/tie"), "words is letters, own, different capital letters or digits"),
        (("-J", "verdict=forced", "-J", "words=own"), "words go with verdict=forced and a prompt that names none"),
        (("-J", "verdict=forced", "-J", "words=BA", "-J", "letters=BA"), "letters and words say the same"),
        (("-J", "verdict=forced", "-J", "labels=reversed"), "labels go with a prompt that lists them"),
    ],
)
def test_what_is_wrong_with_words_is_said(
    options: tuple[str, ...], words: str, serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    server = serve()
    assert run("run", "-j", f"server:{server.url}#tiny", *options, "-b", "verifiable", "--output-dir", "r") == 2
    assert words in capsys.readouterr().err
    assert not server.requests


# ------------------------------------------------------------------------------------- numbers on a scale, by force

RATED = """---
title: a rating in one word
shows: one
responses: [1, 1000]
parser: rating
scale: [{low}, {high}]
generation: {{max_tokens: 4, temperature: 0.0}}
---
Rate this from {low} to {high}: {{{{ answer }}}}
"""


def rated(tmp_path: Path, high: int, ranked: dict[str, float], serve: Serve) -> list[Any]:
    prompt = tmp_path / "rated.j2"
    prompt.write_text(RATED.format(low=1, high=high), encoding="utf-8")
    judge = ("-j", f"server:{serve(ranked=ranked).url}#tiny", "-J", f"prompt={prompt}")
    assert run("run", *judge, *ASKED, "--min-coverage", "0") == 0
    assert not placebo()
    assert "placebo" not in scores().metrics
    return judgments(Path("r"))


def test_a_score_read_by_force_is_its_expectation(serve: Serve, tmp_path: Path) -> None:
    for judgment in rated(tmp_path, 3, {"1": -1.0, " 2": -2.0, "3": -3.0, "The": -0.9}, serve):
        weights = [exp(-number) for number in (1, 2, 3)]
        mean = sum(number * weight for number, weight in zip((1, 2, 3), weights, strict=True)) / sum(weights)
        assert judgment.verdict.scores == pytest.approx((mean, mean), abs=1e-4)
        assert judgment.mass == pytest.approx(sum(weights), abs=1e-4)
        assert (judgment.chosen, judgment.confidence) == (None, None)


def test_ten_that_did_not_come_back_may_be_the_one(serve: Serve, tmp_path: Path) -> None:
    ranked = {str(number): -1.0 - number for number in range(1, 10)}
    for judgment in rated(tmp_path, 10, ranked, serve):
        assert judgment.mass is None
        assert min(judgment.verdict.scores) > 2, "a 1 may be the beginning of a 10, and is not counted"


def test_an_option_that_one_order_lacks(serve: Serve, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It has no mass there, so that the item is in no calibration; it still has a verdict of both orders."""
    server = serve(latency=0.0)
    whole, judge = (
        dict(server.ranked),
        ("-j", f"server:{server.url}#tiny", "-J", "placebo=no", "--max-connections", "1"),
    )
    asked = ("-J", "verdict=forced", "-b", "verifiable", "--limit", "12", "--output-dir", "r")

    def every_other_item(number: int, same: int, body: dict[str, Any]) -> str:
        server.ranked = {token: log for token, log in whole.items() if token != "B" or number % 4 != 1}
        return "ok"

    server.plan = every_other_item
    assert run("run", *judge, *asked) == 0
    without = {one.item for one in judgments(Path("r")) if one.mass is None}
    assert len(without) == 6
    assert scores().metrics["agreement_combined"].n == 12
    (folder,) = store.runs(Path("r"))
    capsys.readouterr()
    assert run("analyze", "confidence", str(folder)) == 0
    assert "Left out: 6 trials without one." in " ".join(capsys.readouterr().out.split())


def test_labels_by_force_by_their_names_and_by_letters(
    serve: Serve, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"question {number},answer {number},{'pass' if number % 2 else 'fail'}" for number in range(6)]
    Path("mine.csv").write_text("\n".join(["prompt,response,label", *rows]) + "\n", encoding="utf-8")
    server = serve(ranked={"pass": -0.5, " fail": -1.5, "A": -2.0, "B": -3.0})
    asked = ("-J", "prompt=class", "-J", "verdict=forced", "-b", "mine.csv", "--output-dir", "r")
    assert run("run", "-j", f"named=server:{server.url}#tiny", *asked) == 0
    own = " ".join(capsys.readouterr().out.split())
    assert "not asked: the labels have meanings of their own; -J words=letters makes it possible" in own
    assert run("run", "-j", f"lettered=server:{server.url}#tiny", *asked, "-J", "words=letters") == 0
    lettered = " ".join(capsys.readouterr().out.split())
    assert re.search(r"placebo: follows the word, not its meaning (6\d|7\d)\.\d\d", lettered)
    assert run("run", "-j", f"unasked=server:{server.url}#tiny", *asked, "-J", "words=letters", "-J", "placebo=no") == 0
    assert "not its meaning – not asked Its own" in " ".join(capsys.readouterr().out.split())
    by_name = {folder.name: store.read_judgments(folder) for folder in store.runs(Path("r"))}
    (fail, right) = (exp(-1.5), exp(-0.5))
    for judgment in by_name["named"]:
        assert sorted(judgment.verdict.scores) == pytest.approx([fail / (fail + right), right / (fail + right)])
        assert judgment.mass == pytest.approx(fail + right)
    for judgment in by_name["lettered"]:
        assert judgment.verdict.scores == pytest.approx((1 / (1 + exp(-1)), 1 / (1 + exp(1))))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("_litellm_is_warm")
def test_a_verdict_in_json(serve: Serve, tmp_path: Path) -> None:
    """Through server: and api:, where it is a part of the judge's name, and what was left out is recorded."""
    answer = '{"reason": "B has an error", "confidence": 70, "verdict": "A"}'
    server = serve(say=lambda body: answer)
    options = (
        "-J",
        "verdict=json",
        "-J",
        "prompt=pairwise-cot",
        "-J",
        "confidence=yes",
        "-b",
        "verifiable",
        "--limit",
        "2",
    )
    assert run("run", "-j", f"server:{server.url}", *options, "--output-dir", "r") == 0
    assert [(one.status, one.confidence) for one in judgments(Path("r"))] == [(Status.OK, 0.7)] * 4
    body = server.bodies[-1]
    assert body["response_format"]["json_schema"]["schema"] == {
        "type": "object",
        "properties": {
            "reason": {"type": "string"},
            "confidence": {"type": "integer", "minimum": 0, "maximum": 100},
            "verdict": {"type": "string", "enum": ["A", "B", "tie"]},
        },
        "required": ["reason", "confidence", "verdict"],
        "additionalProperties": False,
    }
    assert body["messages"][-1]["content"].endswith('"confidence": N, "verdict": "A" or "B" or "tie"}')
    manifest = store.read_manifest(store.runs(Path("r"))[0])
    assert manifest.judge == "server:tiny[prompt=pairwise-cot,verdict=json,confidence=yes]"
    assert manifest.protocol["asks"] in body["messages"][-1]["content"]
    assert manifest.dropped == ()
    refusing = serve(say=lambda body: answer, unknown=("response_format",))
    judge = ("-j", "api:openai/gpt-4o", "-J", f"api_base={refusing.url}")
    code = run("run", *judge, *options, "--output-dir", "a")
    assert code == 0, [(one.status, one.detail) for one in judgments(Path("a"))]
    assert store.read_manifest(store.runs(Path("a"))[0]).dropped == ("response_format",)
    assert {one.status for one in judgments(Path("a"))} == {Status.OK}


def test_prompts_of_others_are_not_asked_for_json() -> None:
    with pytest.raises(InputError, match=r"prompt arena-hard .* its authors' own form.* for answer-check, class"):
        open_judge("server:http://127.0.0.1:9/v1#m", {"verdict": "json", "prompt": "arena-hard"})


def test_a_prompt_says_what_else_is_a_verdict(serve: Serve, tmp_path: Path) -> None:
    front = "title: mine\nparser: {parser}\n{more}generation: {{max_tokens: 64, temperature: 0.0}}\n"
    body = "{{ question }} {{ answer_a }} {{ answer_b }}"
    said = {"boxed.j2": "so\n\\boxed{A}", "strict.j2": "so\n\\boxed{A}", "mt.j2": "so [[C]]"}
    fronts = {
        "boxed.j2": front.format(parser="verdict", more="accepts: [boxed]\n"),
        "strict.j2": front.format(parser="verdict", more=""),
        "mt.j2": front.format(parser="brackets", more=""),
    }
    statuses = {}
    for name, head in fronts.items():
        tie = "Say [[A]], [[B]] or [[C]] for a tie." if name == "mt.j2" else ""
        (tmp_path / name).write_text(f"---\n{head}---\n{body} {tie}\n", encoding="utf-8")
        judge = ("-j", f"server:{serve(say=lambda body, name=name: said[name]).url}", "-J", f"prompt={tmp_path / name}")
        run("run", *judge, "-b", "verifiable", "--limit", "2", "--output-dir", f"out-{name}", "--min-coverage", "0")
        statuses[name] = {one.status for one in judgments(Path(f"out-{name}"))}
    assert statuses == {"boxed.j2": {Status.OK}, "strict.j2": {Status.UNPARSED}, "mt.j2": {Status.OK}}
