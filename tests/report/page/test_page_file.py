"""The report page as a file: what stands in it, that it agrees with scores.json, and what it must not hold."""

from __future__ import annotations

import base64
import dataclasses
import gzip
import json
import re
import shutil
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest

from judgebench import api, resources, store
from judgebench.errors import InputError
from judgebench.report import numbers, page
from judgebench.report.page import collect, document, packs, payload
from judgebench.report.page.collect import Bench
from judgebench.results import Run
from judgebench.score import figures
from judgebench.types import (
    BenchmarkRef,
    Estimate,
    JudgeRef,
    Judgment,
    Label,
    Manifest,
    Status,
    Verdict,
    digest_of_items,
)

ROOT = Path(__file__).parents[3]
LOADING = ("src", "srcset", "href", "action", "data", "background", "poster", "xlink:href")


@pytest.fixture(scope="module")
def bench(maker: Any) -> Bench:
    made: Bench = maker(items=120).bench()
    return made


@pytest.fixture(scope="module")
def html(bench: Bench) -> str:
    return document.render([bench])


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page") / "results"
    for judge in ("baseline:random", "baseline:longest"):
        api.evaluate(judge, "verifiable", results=folder, limit=20)
    return folder


def blocks(html: str) -> dict[str, str]:
    """The content of every script that has an id."""
    return dict(re.findall(r'<script type="[^"]+" id="([^"]+)">(.*?)</script>', html, re.DOTALL))


def tags(html: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Every tag with its attributes, as an HTML parser sees them."""
    found: list[tuple[str, list[tuple[str, str]]]] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append((tag, [(name, value or "") for name, value in attrs]))

    Parser().feed(html)
    return found


def shapes(html: str) -> set[tuple[str, tuple[str, ...]]]:
    return {(tag, tuple(name for name, _ in attributes)) for tag, attributes in tags(html)}


def unpacked(text: str) -> Any:
    return json.loads(gzip.decompress(base64.b64decode(text)))


def test_the_scripts_are_given_all_that_they_ask_for(html: str) -> None:
    """Every group of numbers of the layout, and everything about a run."""
    scripts = sorted(Path(document.__file__).with_name("assets").glob("*.js"))
    text = "\n".join(path.read_text(encoding="utf-8") for path in scripts)
    data = json.loads(blocks(html)["data"])
    groups = set(re.findall(r"\bLAYOUT\.(\w+)", text))
    assert {"person", "tiles"} < groups <= set(data["layout"])
    assert all(data["layout"][name] for name in groups), "none is empty"
    of_a_run = set(re.findall(r"\brun\.(\w+)", text))
    written = set(re.findall(r"\brun\.(\w+) =[^=]", text))
    (shown,) = data["benches"]
    assert len(shown["runs"]) > 1
    for run in shown["runs"]:
        assert of_a_run - written - set(run) <= {"bench"}, "which data.js puts there"
        assert set(re.findall(r"\bcoverage\.(\w+)", text)) <= set(run["coverage"])
        assert all(run[name] for name in ("orders", "made", "rule"))
        assert run["coverage"]["wanted"] == run["coverage"]["ok"] + sum(run["coverage"]["failures"].values())


def test_the_same_results_give_the_same_bytes(bench: Bench, html: str) -> None:
    assert document.render([bench]) == html


def test_nothing_in_the_page_comes_from_elsewhere(html: str) -> None:
    links = [(name, value) for _, attributes in tags(html) for name, value in attributes if name in LOADING]
    assert links
    assert all(name == "href" and value.startswith("#") for name, value in links)
    assert "default-src &#39;none&#39;" in html


def test_attacks_stay_text_in_the_file(hostile: Bench, html: str, attacks: tuple[str, ...]) -> None:
    """As an HTML parser sees it: no tag or attribute that is not in a harmless page, and no script more."""
    attacked = document.render([hostile])
    warned = ("small", ("class", "tabindex", "data-tip", "aria-label", "role"))  # it has fewer questions
    assert shapes(attacked) - {warned} <= shapes(html)
    assert sum(tag == "script" for tag, _ in tags(attacked)) == 4 + len(attacks)  # data, items, a run each, two of ours
    assert json.loads(blocks(attacked)["data"])["benches"][0]["runs"][0]["judge"] in attacks


def test_printed_numbers_are_those_of_the_tables(bench: Bench) -> None:
    for run in bench.runs:
        for name in ("agreement", "accuracy", "macro_f1", "consistency", "first_slot_rate", "delta_bias", "coverage"):
            estimate = run.scores.metrics[name]
            value, low, high = (numbers.on_page(estimate) or [])[:3]
            assert f"{value} [{low}, {high}]".replace("\N{MINUS SIGN}", "-") == numbers.text(estimate)


def test_an_undefined_number_has_its_reason_and_nothing_else() -> None:
    shown = numbers.on_page(Estimate(name="agreement", value=None, reason="no items with gold"))
    assert shown == [None, None, None, None, None, None, 0, 0, 0.95, "none", "no items with gold", 100]


@pytest.mark.parametrize(
    ("name", "value", "printed"),
    [
        ("agreement", 0.71071, "71.07"),
        ("judge_minus_human", -0.2312, "\N{MINUS SIGN}23.12"),
        ("cohen_kappa", 0.4931, "0.493"),
        ("cohen_kappa[a,b]", 0.4931, "0.493"),
        ("position_p", 0.00321, "0.0032"),
        ("position_p", 0.0000321, "< 0.001"),
        ("raters", 66.0, "66"),
        ("mae", 1.25, "1.25"),
        ("length_effect", 0.23842, "0.24"),
        ("effect_length", 0.0512, "5.12"),
    ],
)
def test_each_kind_of_number_is_printed_in_its_own_way(name: str, value: float, printed: str) -> None:
    shown = numbers.on_page(Estimate(name=name, value=value, n=1, method="count"))
    assert shown is not None
    assert shown[0] == printed


def test_flags_count_what_scores_count(bench: Bench) -> None:
    columns = packs.items(bench)
    for run, said in zip(bench.runs, columns["said"], strict=True):
        metrics, counted = run.scores.metrics, packs.counts(said)
        steady = metrics["consistency"]
        assert steady.value is not None
        assert counted["changed"] == round((1 - steady.value) * steady.n)
        marks = "".join(one[1] for one in said)
        assert metrics["agreement"].value == pytest.approx(marks.count("r") / len(marks))
        assert metrics["coverage"].value == pytest.approx(1 - marks.count("f") / len(marks))
        assert counted["failed"] == sum("f" in one[1] for one in said)
        assert counted["wrong"] == sum("w" in one[1] for one in said)


def test_what_a_pack_holds_is_what_the_run_holds(bench: Bench, html: str) -> None:
    packed = unpacked(blocks(html)["trials-0-0"])
    run = bench.runs[0]
    judgments = packs.by_item(run)
    assert len(packed["trials"]) == len(bench.labels)
    for label, trials in zip(bench.labels, packed["trials"], strict=True):
        for trial, judgment in zip(trials, judgments[label.id], strict=True):
            assert tuple(trial[0]) == judgment.order
            assert trial[2] == judgment.status
            assert (None if trial[4] is None else packed["strings"][trial[4]]) == judgment.text
            assert trial[5] == judgment.confidence


@pytest.mark.parametrize(
    ("scores", "word"),
    [
        ((1, 0), "1"),
        ((0.2, 0.9), "2"),
        ((0.5, 0.5), "="),
        ((7,), "7"),
        ((6.5,), "6.5"),
        ((0, 0, 1, 0), "3"),
        ((1, 0, 1, 0), "1=3"),
    ],
)
def test_a_verdict_in_a_word(scores: tuple[float, ...], word: str) -> None:
    assert packs.word(Verdict(scores=scores)) == word


@pytest.mark.parametrize(
    ("said", "gold", "mark"),
    [
        ((8, 7), (1, 0), "r"),
        ((7, 7), (0.5, 0.5), "r"),
        ((1, 0), (0.5, 0.5), "w"),
        ((0, 0, 1, 0), (0, 0, 1, 1), "r"),
        ((0, 1, 1, 0), (0, 0, 1, 1), "w"),
        ((7,), (7,), "r"),
        ((6,), (7,), "w"),
        ((6,), None, "-"),
    ],
)
def test_a_mark_says_what_agreement_counts(said: tuple[float, ...], gold: tuple[float, ...] | None, mark: str) -> None:
    order = tuple(range(len(said)))
    judgment = Judgment(item="i", order=order, status=Status.OK, verdict=Verdict(scores=said))
    label = Label(
        id="i",
        gold=None if gold is None else Verdict(scores=gold),
        cluster="q",
        authors=(None,) * len(said),
        lengths=(1,) * len(said),
        digest="0" * 16,
    )
    card = resources.card("pandalm" if len(said) == 2 else "rewardbench2" if len(said) > 2 else "themis-synui")
    manifest = Manifest(
        benchmark_ref=BenchmarkRef(id=card.id), version="1", items="x", judge_ref=JudgeRef(called="j"), orders="single"
    )
    assert figures.marks(Run(card, [label], manifest, [judgment])) == [mark]


def test_length_bins_cover_every_decisive_pair(bench: Bench) -> None:
    pairs = figures.pairs_of(bench.runs[0].run)
    assert pairs is not None
    found = figures.by_length(pairs)
    assert found is not None
    assert sum(estimate.n for _, estimate in found["bins"]) == len(bench.labels)


def test_confidence_is_drawn_for_the_trials_that_have_one(bench: Bench) -> None:
    pairs = figures.pairs_of(bench.runs[0].run)
    assert pairs is not None
    found = figures.confidence(pairs)
    assert found is not None
    assert found["n"] == found["of"] == sum(estimate.n for _, estimate in found["bins"])
    coverage, risk = found["curve"][-1]
    accuracy = bench.runs[0].scores.metrics["accuracy"].value
    assert coverage == 1
    assert accuracy is not None
    assert risk == pytest.approx(1 - accuracy, abs=1e-4)


def test_a_judge_agrees_with_itself_as_far_as_it_answers(bench: Bench) -> None:
    found = payload.described(bench, 0)[0]["matrix"]
    for index, run in enumerate(bench.runs):
        assert found["cells"][index][index][3] == pytest.approx(run.scores.coverage.share)


def test_one_judge_is_compared_with_nobody_and_some_items_are_not_all(maker: Any) -> None:
    made = maker(items=30, judges=("sharp",)).bench()
    assert payload.described(made, 0)[0]["matrix"] is None
    (run,) = made.runs
    manifest = msgspec.structs.replace(run.scores.manifest, limit=20)
    limited = dataclasses.replace(run, scores=msgspec.structs.replace(run.scores, manifest=manifest))
    assert payload.people([limited]) is None
    assert payload.people([limited, run]) is run.scores


def test_how_a_run_was_made_begins_with_what_and_in_which_orders(bench: Bench) -> None:
    for run, shown in zip(bench.runs, payload.described(bench, 0)[0]["runs"], strict=True):
        made = dict(shown["made"])
        assert made["benchmark version"] == run.scores.manifest.version
        assert made["orders"] == shown["orders"]
        assert made["items digest"] == run.scores.manifest.items


def test_numbers_of_single_responses_differ_as_choices_do() -> None:
    def label(*votes: tuple[float, ...]) -> Label:
        raters = {f"rater {place}": Verdict(scores=vote) for place, vote in enumerate(votes)}
        alike = (None,) * len(votes[0])
        return Label(id="1", cluster="1", digest="", lengths=alike, authors=alike, raters=raters)

    assert figures.people_disagree(label((1.0,), (5.0,)))
    assert not figures.people_disagree(label((5.0,), (5.0,)))
    assert figures.people_disagree(label((1.0, 0.0), (0.0, 1.0)))
    assert not figures.people_disagree(label((1.0, 0.0), (0.75, 0.25)))


def test_ranks_are_those_that_the_tests_leave_open(bench: Bench) -> None:
    described, _ = payload.described(bench, 0)
    shown = {run["judge"]: run["rank"] for run in described["runs"]}
    assert shown["sharp"][0] == "1"  # 120 items tell it from the others
    assert shown["baseline:random"][2] == 3
    assert [run["rank"][1] for run in described["runs"]] == sorted(run["rank"][1] for run in described["runs"])


def test_a_run_over_some_items_has_no_rank(results: Path) -> None:
    (found,) = collect.read(results)
    described, _ = payload.described(found, 0)
    assert [run["rank"] for run in described["runs"]] == [None, None]


def test_a_folder_becomes_one_file(results: Path, tmp_path: Path) -> None:
    contents = api.report(results, tmp_path / "report.html")
    assert (contents.runs, contents.benchmarks) == (2, 1)
    assert contents.size == (tmp_path / "report.html").stat().st_size
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "only 20 items drawn with seed 0" in html
    assert unpacked(blocks(html)["items-0"])["texts"]


def test_without_texts_it_holds_none(results: Path, tmp_path: Path) -> None:
    copy = tmp_path / "results"
    shutil.copytree(results, copy)
    run = next(copy.glob("*/*/judgments.jsonl"))
    lines = [msgspec.structs.replace(one, text="a secret reason") for one in store.read_judgments(run.parent)]
    run.write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in lines))
    for texts in (True, False):
        api.report(copy, tmp_path / "report.html", texts=texts)
        found = blocks((tmp_path / "report.html").read_text(encoding="utf-8"))
        whole = json.dumps({name: unpacked(block) for name, block in found.items() if name != "data"})
        assert ("a secret reason" in whole) == texts
        assert (unpacked(found["items-0"])["texts"] is not None) == texts
        assert bool(unpacked(found["items-0"])["strings"]) == texts


def test_scores_of_fewer_answers_than_there_are_now_are_recomputed(results: Path, tmp_path: Path) -> None:
    copy = tmp_path / "results"
    shutil.copytree(results, copy)
    run = next(copy.glob("*/*/judgments.jsonl"))
    lines = run.read_bytes().splitlines(keepends=True)
    run.write_bytes(b"".join(lines[:-1]))
    (stale,) = [found for one in collect.read(copy) for found in one.runs if len(found.run.judgments) == len(lines) - 1]
    assert stale.scores.coverage.failures["missing"] == 1
    run.with_name("scores.json").unlink()
    assert collect.read(copy)[0].runs


def test_a_text_that_has_changed_is_left_out(results: Path, tmp_path: Path) -> None:
    copy = tmp_path / "results"
    shutil.copytree(results, copy)
    path = next(copy.glob("*/items.jsonl"))
    labels = store.read_labels(path)
    store.write_labels(path, [msgspec.structs.replace(labels[0], digest="0" * 16), *labels[1:]])
    changed = digest_of_items(store.read_labels(path))
    for run in store.runs(copy):
        store.write_json(run / "manifest.json", msgspec.structs.replace(store.read_manifest(run), items=changed))
    (bench,) = collect.read(copy)
    assert labels[0].id not in bench.texts
    assert len(bench.texts) == len(labels) - 1


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no runs"):
        page.render(tmp_path)


def test_all_results_at_hand_make_a_page_in_time_and_size(tmp_path: Path, mirror: Path) -> None:
    if not store.runs(ROOT / "results"):
        pytest.skip("this checkout has no results")
    start = time.perf_counter()
    api.report(ROOT / "results", tmp_path / "report.html")
    assert time.perf_counter() - start < 30
    assert (tmp_path / "report.html").stat().st_size < 15_000_000
