"""Materials and scales from the command to the card, with a judge on a real server."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from judgebench import api, resources, store
from judgebench.cli import main
from judgebench.errors import InputError
from judgebench.report import card as report_card
from judgebench.types import Item, Scores
from tests.backends.test_every_benchmark import bench, say


def asked(server: Any) -> list[str]:
    return [body["messages"][-1]["content"] for body in server.bodies]


def evaluate(server: Any, loaded: api.Benchmark, folder: Path, **options: str) -> Scores:
    judge = f"server:{server.url}#tiny"
    return api.evaluate(judge, loaded, results=folder / "results", judge_options=options).scores


def facts(scores: Scores, loaded: api.Benchmark) -> str:
    content = report_card.of(scores, loaded.card)
    return "\n".join((*content.facts, *content.warnings))


def test_a_reference_that_the_prompt_would_lose_is_refused_before_anything_is_asked(serve, mirror, tmp_path) -> None:
    server, loaded = serve(say=say), bench("judgelm-val", tmp_path, reference="with")
    with pytest.raises(InputError) as caught:
        evaluate(server, loaded, tmp_path, prompt="judgelm")
    assert str(caught.value).startswith(
        "judgelm-val[reference=with]: prompt judgelm does not show the reference of item "
    )
    assert ", pairwise, pairwise-cot, pairwise-reference, " in str(caught.value)
    assert str(caught.value).endswith("or leave it out: -J hide=reference")
    assert server.requests == 0
    assert not list(tmp_path.glob("results/*/*/manifest.json"))


def test_what_is_hidden_is_on_the_card_and_in_the_name(serve, tmp_path) -> None:
    server, loaded = serve(say=say), bench("judgelm-val", tmp_path, reference="with")
    hidden = evaluate(server, loaded, tmp_path, hide="reference")
    assert "Any colour." not in "".join(asked(server))
    assert hidden.judge == "server:tiny[hide=reference]"
    assert hidden.manifest.not_shown == ("reference",)
    assert "not shown: reference" in facts(hidden, loaded)
    before = server.requests
    shown = evaluate(server, loaded, tmp_path)
    assert all("<reference>\nAny colour.\n</reference>" in text for text in asked(server)[before:])
    assert (shown.judge, shown.manifest.not_shown) == ("server:tiny", ())
    assert "not shown" not in facts(shown, loaded)
    assert shown.manifest.protocol["prompt_hash"] != hidden.manifest.protocol["prompt_hash"]


def test_a_run_of_before_does_not_go_on_with_the_reference(serve, tmp_path) -> None:
    """It did not show it, and its answers are about something else."""
    server, loaded = serve(say=say), bench("judgelm-val", tmp_path, reference="with")
    evaluate(server, loaded, tmp_path)
    (folder,) = store.runs(tmp_path / "results")
    manifest = store.read_manifest(folder)
    old = {**manifest.protocol, "prompt_hash": "ebcca7a4c30fa2ee"}
    store.write_json(folder / "manifest.json", msgspec.structs.replace(manifest, protocol=old))
    with pytest.raises(InputError, match="holds answers to another question: its protocol is"):
        evaluate(server, loaded, tmp_path)


@pytest.mark.parametrize("judge", ["baseline:longest", "baseline:first"])
def test_a_judge_without_a_prompt_hides_by_nature(judge, tmp_path) -> None:
    loaded = bench("judgelm-val", tmp_path, reference="with")
    scores = api.evaluate(judge, loaded, results=tmp_path / "results").scores
    assert "not shown: reference" in facts(scores, loaded)
    plain = bench("judgelm-val", tmp_path)
    assert "not shown" not in facts(api.evaluate(judge, plain, results=tmp_path / "plain").scores, plain)


def test_a_judge_that_reads_is_given_no_labels_alone(tmp_path) -> None:
    loaded = bench("judgelm-val", tmp_path)
    bare = [Item.without_texts(label) for label in loaded.labels]
    for items in (bare, [*loaded.items[:1], *bare[1:]]):
        some = replace(loaded, items=items, absent="they are far away")
        with pytest.raises(InputError, match="baseline:longest reads the responses, and only the labels are at"):
            api.evaluate("baseline:longest", some, results=tmp_path / "results")
        api.evaluate("baseline:first", some, results=tmp_path / "results")


def test_a_persona_is_shown_with_any_prompt_of_ours(serve, tmp_path) -> None:
    server, loaded = serve(say=say), bench("personalized", tmp_path)
    evaluate(server, loaded, tmp_path, prompt="pairwise")
    known = {item.id: item.materials["persona"] for item in loaded.items}
    assert len(known) > 1
    for persona in known.values():
        assert any(f"<persona>\n{persona}\n</persona>" in text for text in asked(server))
    assert all("<persona>" in text for text in asked(server))


def test_ratings_of_another_scale_are_refused_or_mapped(serve, tmp_path) -> None:
    server, loaded = serve(say=say), bench("themis-alignbench", tmp_path, reference="with")
    with pytest.raises(InputError, match=r"prompt rating-1-10 rates from 1 to 10, and the question's scale is 1 to 5"):
        evaluate(server, loaded, tmp_path, prompt="rating-1-10")
    assert server.requests == 0
    scores = evaluate(server, loaded, tmp_path, prompt="rating-1-10", map="linear")
    assert all("Rating: N" in text and "<reference>" in text for text in asked(server))
    assert scores.judge == "server:tiny[prompt=rating-1-10,map=linear]"
    golds = [item.gold.scores[0] for item in loaded.items if item.gold]
    assert scores.metrics["mae"].value == pytest.approx(sum(5 - gold for gold in golds) / len(golds))
    (folder,) = store.runs(tmp_path / "results")
    assert {one.verdict.scores for one in store.read_judgments(folder) if one.verdict} == {(5.0,)}
    assert {one.text for one in store.read_judgments(folder)} == {"Fine.\nRating: 10"}


def test_where_no_scale_is_known_the_card_says_so(serve, tmp_path, capsys) -> None:
    path = tmp_path / "ratings.csv"
    path.write_text("id,question,answer,rating\n1,Why?,So.,3\n2,How?,Thus.,4\n3,When?,Now.,1\n", encoding="utf-8")
    server = serve(say=say)

    def run(*more: str) -> str:
        with pytest.raises(SystemExit):
            main(["run", "-b", str(path), "-j", f"server:{server.url}#tiny", "-J", "prompt=rating-1-10", *more])
        said = capsys.readouterr()
        return str(said.out + said.err)

    warning = "nobody says how the judge's scale and gold's go together"
    assert warning in run()
    assert "map=linear is for ratings on another scale than the question's" in run("-J", "map=linear")
    path.with_name("ratings.mapping.yaml").write_text("scale: [1, 5]\n", encoding="utf-8")
    assert "rates from 1 to 10, and the question's scale is 1 to 5; prompts that suit it: rating-rubric-1-5" in run()
    assert warning not in run("-J", "map=linear")


def test_a_file_s_materials_arrive_by_their_columns_names(serve, mirror, tmp_path, capsys) -> None:
    path = tmp_path / "mine.jsonl"
    row = {"question": "Where?", "response_a": "Here.", "response_b": "There.", "winner": "A"}
    more = {
        "context": "A harbour.",
        "persona": "A sailor.",
        "reference": "Here.",
        "rubric": "Short?",
        "page": "Page 7.",
    }
    path.write_text(
        "".join(json.dumps({**row, "id": f"{n}", **(more if n else {})}) + "\n" for n in range(3)), encoding="utf-8"
    )
    server = serve(say=say)

    def run(*more: str) -> str:
        with pytest.raises(SystemExit):
            main(["run", "-b", str(path), "-j", f"server:{server.url}#tiny", *more])
        said = capsys.readouterr()
        return str(said.out + said.err)

    notes = run()
    assert "materials: {context: context, persona: persona}" in notes
    assert "reference: reference" in notes
    whole = [text for text in asked(server) if "<context>\nA harbour.\n</context>" in text]
    assert len(whole) == 4
    assert all("<persona>\nA sailor.\n" in text and "<rubric>\nShort?" in text for text in whole)
    assert len(asked(server)) == 6, "an item without materials is asked about as ever"
    before = server.requests
    said = run("-J", "prompt=vanilla", "-J", "hide=persona")
    assert "does not show the context, reference, rubric of item" in said
    assert server.requests == before
    path.with_name("mine.mapping.yaml").write_text("materials: {source_page: page}\n", encoding="utf-8")
    run()
    assert "<source_page>\nPage 7.\n</source_page>" in asked(server)[-1]
    assert "A harbour." not in asked(server)[-1], "a mapping that names materials names all of them"
    path.with_name("mine.mapping.yaml").write_text("materials: {Answer: page}\n", encoding="utf-8")
    assert "mine.jsonl: a material is named in small letters, digits and _, and not 'Answer'" in run()
    path.with_name("mine.mapping.yaml").write_text("materials: {page: pages}\n", encoding="utf-8")
    assert "no column (the mapping of" in run()


def test_a_file_that_was_run_before_there_were_materials_is_read_as_it_was(tmp_path, capsys) -> None:
    path = tmp_path / "mine.jsonl"
    row = {"question": "Where?", "context": "A harbour.", "response_a": "Here.", "response_b": "There.", "winner": "A"}
    path.write_text("".join(json.dumps({**row, "id": f"{n}"}) + "\n" for n in range(3)), encoding="utf-8")
    mapping = path.with_name("mine.mapping.yaml")
    mapping.write_text("materials: {}\n", encoding="utf-8")
    with pytest.raises(SystemExit):
        main(["run", "-b", str(path), "-j", "baseline:first"])
    mapping.unlink()
    (card,) = Path("results").glob("*/card.yaml")
    assert "materials" not in card.read_text(encoding="utf-8")
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(["run", "-b", card.parent.name, "-j", "baseline:second"])
    assert ended.value.code == 0, capsys.readouterr().err
    assert resources.card_beside(card.parent) is not None
