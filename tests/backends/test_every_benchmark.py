"""Every benchmark with a judge on a real server: what a user gets who types `judgebench run -b NAME -j server:...` and
nothing else. Each kind of verdict has a prompt that asks for it and a parser that reads it."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import pytest

from judgebench import adapters, api, resources, store
from judgebench.cli import main
from judgebench.errors import InputError
from judgebench.types import BenchmarkRef

SYNTHETIC = Path(__file__).parents[1] / "adapters" / "synthetic"
NAMES = sorted(path.stem for path in SYNTHETIC.glob("*.json"))
ASKED = {
    "mr-ben": "error-step",
    "themis-alignbench": "scenario-rating-1-5",
    "themis-synui": "scenario-rating-1-5",
    "rewardbench2": "rating-1-10",
    "ppe-correctness": "rating-1-10",
    "judgerbench-b": "judgerbench-b",
    "personalized": "personalized",
    "href": "pairwise-reference",
}
"""The prompts that cards choose; `pairwise` is what all others are asked with."""


def say(body: dict[str, Any]) -> str:
    """What a model would answer that does as it is told, by the form that the question ends with."""
    asked = body["messages"][-1]["content"]
    end = asked[-600:]
    if "First wrong step: N" in end:
        return "Reason: the sum is wrong.\nFirst wrong step: 2"
    if "Rating: N" in end:
        highest = re.findall(r"N is (?:a whole number from \d+ to )?(\d+)", end)
        return f"Fine.\nRating: {highest[-1]}"
    if "A>>B" in end:
        return "A is a little better.\nVerdict: A>B"
    return ("Confidence: 80\n" if "Confidence: N" in end else "") + "Verdict: A"


def put(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for member, rows in content.items():
                archive.writestr(member, json.dumps(rows))
    elif path.suffix == ".jsonl":
        path.write_text("".join(f"{json.dumps(row)}\n" for row in content), encoding="utf-8")
    else:
        path.write_text(json.dumps(content), encoding="utf-8")


def bench(name: str, folder: Path, **options: str) -> api.Benchmark:
    """Of the card's made-up rows; tables as JSON lines. `options` are -B options."""
    card = resources.card(name)
    files = {}
    for file, content in json.loads((SYNTHETIC / f"{name}.json").read_text(encoding="utf-8")).items():
        path = folder / file
        path = path.with_suffix(".jsonl") if path.suffix == ".parquet" else path
        put(path, content)
        files[next(source.role for source in card.sources if source.name == file)] = path
    items = list(adapters.adapter(card.adapter).items(files, {**card.options, **options}))
    return api.Benchmark(BenchmarkRef(id=card.id, options=options), card, items, [item.label() for item in items])


@pytest.mark.parametrize("name", NAMES)
def test_a_server_judges_every_benchmark_as_it_wants_to_be_judged(name, serve, tmp_path) -> None:
    server, loaded = serve(say=say), bench(name, tmp_path / "data")
    scores, outcome = api.evaluate(f"server:{server.url}#tiny", loaded, results=tmp_path / "results")
    assert outcome.missing == 0
    assert (scores.coverage.share, {k: v for k, v in scores.coverage.failures.items() if v}) == (1, {})
    assert scores.metrics["agreement"].value is not None
    manifest = scores.manifest
    assert manifest.protocol["prompt"] == ASKED.get(name, "pairwise")
    assert manifest.judge_ref.options.get("prompt") == ASKED.get(name)
    undefined = {"mr-ben": "have no grade of the reason", "judgerbench-v2": None}
    if name not in undefined:
        assert scores.headline.value is not None or "orders" in str(scores.headline.reason), scores.headline.reason
    elif undefined[name]:
        assert undefined[name] in scores.headline.reason


def test_cards_ask_with_prompts_that_there_are() -> None:
    from judgebench import prompts
    from judgebench.judges import has_no_prompt

    assert {name: resources.card(name).ask["prompt"] for name in NAMES if resources.card(name).ask} == ASKED
    assert set(ASKED.values()) <= set(prompts.names())
    assert [has_no_prompt(spec) for spec in ("server:http://x#m", "api:openai/m", "local:org/m")] == [True] * 3
    assert [has_no_prompt(spec) for spec in ("local:judgelm-7b", "baseline:first", "rm:m")] == [False] * 3


def test_a_user_s_own_prompt_is_taken(serve, tmp_path) -> None:
    server, loaded = serve(say=say), bench("themis-synui", tmp_path / "data")
    options = {"prompt": "rating-rubric-1-5"}
    scores, _ = api.evaluate(f"server:{server.url}#tiny", loaded, results=tmp_path / "r", judge_options=options)
    assert scores.manifest.protocol["prompt"] == "rating-rubric-1-5"


def test_by_command_line_several_benchmarks_are_each_asked_in_their_way(serve, tmp_path, capsys, monkeypatch) -> None:
    for name in ("mr-ben", "themis-synui"):
        for file, content in json.loads((SYNTHETIC / f"{name}.json").read_text(encoding="utf-8")).items():
            put(tmp_path / "mirror" / str(resources.card(name).mirror) / file, content)
    monkeypatch.setenv("JUDGEBENCH_MIRROR", str(tmp_path / "mirror"))
    server = serve(say=say)
    with pytest.raises(SystemExit) as ended:
        main(["run", "-b", "themis-synui,verifiable", "-j", f"server:{server.url}#tiny", "--limit", "2"])
    said = capsys.readouterr()
    assert ended.value.code == 0, said.err
    asked = {
        store.read_manifest(run).benchmark: store.read_manifest(run).protocol["prompt"]
        for run in store.runs(Path("results"))
    }
    assert asked == {"themis-synui": "scenario-rating-1-5", "verifiable": "pairwise"}


def test_mr_ben_from_the_command_to_its_score(serve, tmp_path, capsys, monkeypatch) -> None:
    """Judged, its reasons graded by another model, scored; graded again, nobody is asked. All of it on made-up rows."""
    card = resources.card("mr-ben")
    for file, content in json.loads((SYNTHETIC / "mr-ben.json").read_text(encoding="utf-8")).items():
        put(tmp_path / "mirror" / str(card.mirror) / file, content)
    unpinned = tuple(msgspec.structs.replace(source, sha256=None, checksum=None) for source in card.sources)
    made_up = msgspec.structs.replace(card, sources=unpinned)
    monkeypatch.setattr(resources, "card", lambda name: made_up)
    monkeypatch.setenv("JUDGEBENCH_MIRROR", str(tmp_path / "mirror"))

    def command(*words: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        said = capsys.readouterr()
        assert ended.value.code == 0, said.err
        return str(said.out)

    judge, grader = serve(say=say), serve(say=lambda body: "Rating: 1")
    command("run", "-b", "mr-ben", "-j", f"server:{judge.url}#tiny")
    asked = judge.bodies[0]["messages"][-1]["content"]
    assert "First wrong step: N" in asked
    assert "2 and 2 are 4." not in str(judge.bodies), "what people know about the error is not shown to the judge"
    (folder,) = store.runs(Path("results"))
    before = api.rescore(folder)
    assert before.headline.value is None
    assert "see `judgebench grade`" in before.headline.reason
    mine = tmp_path / "mine.j2"
    front = "title: t\nshows: one\nresponses: [1, 1]\nparser: rating\nscale: [0, 1]\ngeneration: {max_tokens: 9}"
    mine.write_text(f"---\n{front}\n---\nIs that right? {{{{ question }}}} {{{{ answer }}}}\n", encoding="utf-8")
    with pytest.raises(InputError, match="prompt mine does not show the reference of item"):
        api.grade(folder, f"server:{grader.url}#tiny", {"prompt": str(mine)})
    assert grader.requests == 0
    out = command("grade", str(folder), "-j", f"server:{grader.url}#tiny")
    wrong = sum(label.gold.scores[0] > 0 for label in store.read_labels(Path("results/mr-ben/items.jsonl")))
    assert f"of {wrong:,} reasons {wrong:,} right, 0 wrong" in out
    assert "2 and 2 are 4." in str(grader.bodies[0])
    after = api.rescore(folder)
    assert after.headline.value is not None
    assert after.headline.parts["reason_accuracy"].value == 1
    requests = grader.requests
    assert "of 0 reasons" in command("grade", str(folder), "-j", f"server:{grader.url}#tiny")
    assert grader.requests == requests


def test_only_reasons_that_something_is_known_about_are_graded(serve, tmp_path) -> None:
    scores, _ = api.evaluate("baseline:first", "verifiable", results=tmp_path, limit=2)
    assert scores.benchmark == "verifiable"
    with pytest.raises(InputError, match="nothing is known about the reasons on verifiable"):
        api.grade(tmp_path / "verifiable" / "baseline-first", "baseline:first")
