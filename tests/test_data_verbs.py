"""What users see of benchmark data: the list, licences, where files are, errata, published numbers."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from judgebench import adapters, api, fetch, resources
from judgebench.adapters import errata
from judgebench.cli import main
from judgebench.errors import InputError, UnknownName
from judgebench.judges import open_judge
from judgebench.report import listings, published, tables
from judgebench.score import anchors
from judgebench.types import Erratum, Verdict

Run = Callable[..., tuple[int, str, str]]
CLAUDE = "scalerlab-judgebench-claude"
RESULTS = Path(__file__).parents[1] / "results"
SAME_TEXT = "a28a8dae-78a7-51a7-a46f-84a6e502068d"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return command


# ------------------------------------------------------------------------------------------------------- the list


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("what", ["benchmarks", "judges", "prompts", "anchors"])
def test_every_list_fits_the_terminal(what, columns, run, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    code, out, _ = run("ls", what)
    assert code == 0
    assert max(map(len, out.splitlines())) <= columns


def test_the_list_of_benchmarks_says_what_a_user_chooses_by(run, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    _, out, _ = run("ls", "benchmarks")
    lines = out.splitlines()
    for name in resources.benchmarks():
        card = resources.card(name)
        at = next(number for number, line in enumerate(lines) if line.split()[:1] == [name])
        assert card.headline.rule in lines[at]
        assert not card.items or f"{card.items:,}" in lines[at]
        assert any(word in lines[at] for word in ("here", "to fetch", "user-supplied", "built in"))
        assert card.label_source in lines[at + 1]
        assert card.raters is None or card.raters in lines[at + 1]
        if card.commercial_use != "allowed":
            assert f"commercial use {card.commercial_use}" in lines[at + 1]


def test_json_holds_all_of_it(run) -> None:
    _, out, _ = run("ls", "--json")
    rows = {row["benchmark"]: row for row in json.loads(out)}
    assert set(rows) == set(resources.benchmarks())
    for name, row in rows.items():
        card = resources.card(name)
        assert (row["licence"], row["commercial use"], row["raters"]) == (
            card.licence,
            card.commercial_use,
            card.raters,
        )


def test_a_list_of_some(run) -> None:
    _, out, _ = run("ls", "-b", "pandalm,autoj", "--json")
    assert [row["benchmark"] for row in json.loads(out)] == ["pandalm", "autoj"]
    code, _, err = run("ls", "-b", "pandlm")
    assert (code, "did you mean pandalm" in err) == (2, True)


def test_a_table_is_narrowed_and_loses_nothing() -> None:
    rows = [("long-name-", 1, "some words that go on and on"), ("b", 2, "short")]
    table = tables.Table(columns=("name", "n", "what it is"), rows=rows)
    shown = tables.as_text(table, 30)
    assert max(map(len, shown.splitlines())) <= 30
    assert shown.splitlines()[2:4] == ["long-name-  1  some words that", "               go on and on"]
    assert tables.as_text(table, 80) == tables.as_text(table)


# ------------------------------------------------------------------------------------------------------- licences


def test_what_a_licence_says_of_commercial_use_is_in_step_with_its_words() -> None:
    for name in resources.benchmarks():
        card = resources.card(name)
        words = card.licence.lower()
        if "-nc" in words or "no commercial" in words or "research only" in words:
            assert card.commercial_use == "forbidden", name
        if words.startswith(("no ", "none", "not ")) and "states mit" not in words:
            assert card.commercial_use == "unclear", name
        assert (listings.restriction(card) is None) == (card.commercial_use == "allowed")


def test_a_forbidding_licence_is_said_at_fetch_and_once_at_run(run, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("JUDGEBENCH_OFFLINE", "1")
    code, out, err = run("data", "fetch", "judgelm-val")
    assert "judgelm-val: the licence forbids commercial use (CC-BY-NC-4.0 (BAAI/JudgeLM-100K)" in out
    assert (code, "forbids to download" in err) == (2, True)


def test_at_run_the_licence_is_one_line(run, mirror, tmp_path) -> None:
    judges = ("-j", "baseline:first", "-j", "baseline:second")
    _, out, err = run("run", "-b", "faireval", *judges, "--limit", "3", "--output-dir", str(tmp_path))
    assert err.count("faireval: no licence that allows commercial use is known") == 1
    assert "licence" not in out
    _, _, err = run("run", "-b", "pandalm", *judges, "--limit", "3", "--output-dir", str(tmp_path))
    assert err == ""


# ------------------------------------------------------------------------------------------------------- where


def test_where_says_from_where_each_file_is_taken(run, mirror, tmp_path, monkeypatch) -> None:
    _, out, _ = run("data", "where", "pandalm", "faireval", "--json")
    rows = [row for row in json.loads(out) if row["benchmark"] == "pandalm" and "testset" in row["file"]]
    assert [(row["from"], row["hash"], row["bytes"]) for row in rows] == [("mirror", "sha256 as pinned", 937899)]
    monkeypatch.delenv("JUDGEBENCH_MIRROR")
    source = resources.card("pandalm").sources[0]
    cached = fetch.cache_folder() / "data" / "pandalm" / source.name
    _, out, _ = run("data", "where", "pandalm", "--json")
    assert {(row["from"], row["hash"], row["file"]) for row in json.loads(out)} >= {(None, "to fetch", str(cached))}
    cached.parent.mkdir(parents=True)
    shutil.copy(mirror / "pandalm" / source.name, cached)
    with cached.open("ab") as file:
        file.write(b"\n")
    _, out, _ = run("data", "where", "pandalm", "--json")
    found = next(row for row in json.loads(out) if row["file"] == str(cached))
    assert found["from"] == "cache"
    assert found["hash"].startswith("DIFFERS: sha256 ")


def test_where_knows_what_only_its_user_has(run) -> None:
    _, out, _ = run("data", "where", "themis-synui", "--json")
    assert [(row["from"], row["hash"]) for row in json.loads(out)] == [(None, "you supply it")]


# ------------------------------------------------------------------------------------------------------- errata


def test_errata_are_off_by_default_and_a_benchmark_of_their_own(mirror, tmp_path) -> None:
    plain, corrected = (api.open_benchmark(CLAUDE, options, tmp_path) for options in ({}, {"errata": "latest"}))
    assert (plain.id, len(plain.items)) == (CLAUDE, 270)
    assert (corrected.id, len(corrected.items)) == (f"{CLAUDE}[errata=1]", 269)
    assert {item.id for item in plain.items} - {item.id for item in corrected.items} == {SAME_TEXT}
    dropped = next(item for item in plain.items if item.id == SAME_TEXT)
    assert dropped.responses[0].text == dropped.responses[1].text
    assert api.open_benchmark(CLAUDE, {"errata": "none"}, tmp_path).id == CLAUDE
    assert api.open_benchmark("pandalm", {"errata": "latest"}, tmp_path).id == "pandalm"
    with pytest.raises(UnknownName, match=r"no errata of .* named '2'.*there are: 1, latest, none"):
        api.open_benchmark(CLAUDE, {"errata": "2"}, tmp_path)


def test_an_erratum_corrects_gold(mirror, tmp_path) -> None:
    plain, corrected = (
        {item.id: item for item in api.open_benchmark("autoj", options, tmp_path).items}
        for options in ({}, {"errata": "1"})
    )
    changed = {name for name in plain if plain[name] != corrected[name]}
    assert changed == {"1279"}
    assert plain["1279"].responses[0].text == plain["1279"].responses[1].text
    assert (plain["1279"].gold, corrected["1279"].gold) == (Verdict(scores=(0, 1)), Verdict(scores=(0.5, 0.5)))


def test_errata_are_counted_and_checked(mirror, tmp_path) -> None:
    assert "1 erratum (1 dropped), applied with -B errata=1" in api.verify_benchmark(CLAUDE).notes
    assert "1 erratum (1 corrected), applied with -B errata=1" in api.verify_benchmark("autoj").notes
    card = resources.card("autoj")
    stray = Erratum(version=1, item="nowhere", reason="r", source="s")
    with pytest.raises(InputError, match="an erratum is about 'nowhere', and there is no such item"):
        errata.applied(card.__class__(**{**_fields(card), "errata": (stray,)}), adapters.load(card), 1)


def _fields(card):
    return {name: getattr(card, name) for name in card.__struct_fields__}


def test_every_erratum_has_a_reason_and_a_source() -> None:
    carded = [name for name in resources.benchmarks() if resources.card(name).errata]
    assert carded == ["autoj", "rmb", CLAUDE]
    for name in carded:
        assert all(erratum.reason and erratum.source for erratum in resources.card(name).errata)


# ------------------------------------------------------------------------------------------------------- anchors


def test_every_anchor_says_what_it_takes_to_compare_with_it(run) -> None:
    _, out, _ = run("ls", "anchors", "--json")
    rows = json.loads(out)
    assert len(rows) > 500
    for row in rows:
        assert all(row[column] for column in ("benchmark", "judge", "metric", "orders", "status", "source", "protocol"))
    disputed = {row["judge"] for row in rows if row["status"] == "disputed"}
    assert disputed == {"CompassJudger-1-7B-Instruct", "CompassJudger-1-32B-Instruct", "GPT-4o+arena-hard"}
    assert any("161/350" in row["protocol"] for row in rows)


def test_no_card_carries_an_impossible_number_unmarked() -> None:
    for name in resources.benchmarks():
        card = resources.card(name)
        assert anchors.impossible(card) == anchors.doubted_without_need(card) == []


def test_published_rows_stand_beside_measured_ones_and_are_marked() -> None:
    group = [api.rescore(RESULTS / "scalerlab-judgebench" / "o1-mini-2024-09-12+arena-hard")]
    table = published.table(resources.card("scalerlab-judgebench"), group)
    assert table is not None
    rows = {row[0]: dict(zip(table.columns, row, strict=True)) for row in table.rows}
    assert rows["o1-mini-2024-09-12+arena-hard"]["printed"] == "65.71"
    measured = rows["o1-mini-2024-09-12+arena-hard"]["measured here"]
    assert f"{100 * measured.value:.2f}" == "65.71"
    assert rows["o1-mini-2024-09-12+arena-hard"]["status"] == "reproduced"
    assert rows["VertexAI"]["measured here"] is None
    assert rows["VertexAI"]["status"] == "quoted"
    disputed = [note for note in table.notes if note.startswith("- disputed")]
    assert len(disputed) == 2
    assert "161/350" in disputed[0]
    assert [row[0] for row in table.rows][:2] == ["o3-mini-high+arena-hard", "o3-mini-medium+arena-hard"]
    assert published.table(resources.card("llmeval2"), []) is None


def test_the_leaderboard_has_published_rows_when_it_is_asked(run, tmp_path) -> None:
    results = tmp_path / "results"
    for name in ("o1-mini-2024-09-12+arena-hard", "baseline-first"):
        shutil.copytree(RESULTS / "scalerlab-judgebench" / name, results / "scalerlab-judgebench" / name)
    shutil.copy(RESULTS / "scalerlab-judgebench" / "items.jsonl", results / "scalerlab-judgebench")
    where = ("--output-dir", str(results), "-o", str(tmp_path / "board.md"))
    run("leaderboard", *where)
    plain = (tmp_path / "board.md").read_text(encoding="utf-8")
    run("leaderboard", "--published", *where)
    text = (tmp_path / "board.md").read_text(encoding="utf-8")
    assert "### Published for" not in plain
    assert text.count("### Published for scalerlab-judgebench") == 1
    assert "| o3-mini-high+arena-hard | net_vote | 80.86 | – | 350 | both | quoted |" in text
    assert "- disputed, CompassJudger-1-7B-Instruct: no k/620 is 46.00 %" in text
    assert text.index("## scalerlab-judgebench") < text.index("### Published for scalerlab-judgebench")


def test_themis_by_scenario_has_the_paper_s_shape(tmp_path, run, monkeypatch) -> None:
    """Runs without and with the reference on made-up rows, beside the published columns."""
    rows = json.loads(
        (Path(__file__).parent / "adapters" / "synthetic" / "themis-synui.json").read_text(encoding="utf-8")
    )
    folder = tmp_path / "mirror" / "themis"
    folder.mkdir(parents=True)
    for name, content in rows.items():
        given = [{**row, "reference": row.get("reference") or "R"} for row in content]
        (folder / name).write_text("".join(f"{json.dumps(row)}\n" for row in given), encoding="utf-8")
    monkeypatch.setenv("JUDGEBENCH_MIRROR", str(tmp_path / "mirror"))
    out = ("--output-dir", str(tmp_path / "results"))
    said = "".join(f"{row['id']},A,3\n" for row in given)
    (tmp_path / "said.csv").write_text(f"item,order,verdict\n{said}", encoding="utf-8")
    for options in ([], ["-B", "reference=with"]):
        code, _, err = run("run", "-b", "themis-synui", *options, "-j", f"three=replay:{tmp_path / 'said.csv'}", *out)
        assert code == 0, err
    code, text, err = run("export", "--table", "scenarios", "--json", *out)
    assert code == 0, err
    table = json.loads(text)
    assert table[0]["scenario"] == "All"
    assert table[0]["n"] == len(given)
    assert {"three SAG", "three RGG"} < set(table[0])
    assert (table[0]["Themis-14B, published"], table[0]["Themis-14B+reference, published"]) == (58.2, 58.4)
    by_name = {row["scenario"]: row for row in table}
    assert by_name["Programming"]["Themis-14B, published"] == 62.3
    run("run", "-b", "verifiable", "-j", "baseline:tie", *out)
    code, _, err = run("export", "--table", "scenarios", "-b", "verifiable", *out)
    assert (code, "none has ratings by scenario" in err) == (2, True)


# --------------------------------------------------------------------------------------------------- from Python


def test_the_verbs_return_data(tmp_path) -> None:
    """The words are the command line's and the report's."""
    assert list(api.fetch_benchmark("verifiable")) == [resources.card("verifiable")]
    checked = api.verify_benchmark("verifiable")
    assert (checked.items, checked.labels, checked.notes) == (240, {"first": 120, "second": 120}, [])
    bench = api.open_benchmark("verifiable", {"n": 80})
    left = api.preview(
        open_judge("baseline:first", {}), bench, orders="both", samples=2, limit=10, results=tmp_path / "r"
    )
    assert (left.trials, left.still, left.requests, left.quote) == (40, 40, (), None)
    assert left.folder.parent == tmp_path / "r" / "verifiable-n=80"
    run = api.evaluate("baseline:first", bench, results=tmp_path / "r")
    assert api.report_card(run.outcome.folder).title.startswith("baseline:first on verifiable[n=80] ")
    assert [table.about for table in api.export(results=tmp_path / "r")] == ["verifiable[n=80]"]


def test_fetching_returns_the_prompt_the_card_and_its_files(mirror) -> None:
    prompt, card, *files = api.fetch_benchmark("pandalm")
    assert isinstance(prompt, api.Fetched)
    assert prompt.is_prompt
    assert card == resources.card("pandalm")
    assert all(not file.is_prompt and file.path.is_file() and file.sha256 is None for file in files)


# ------------------------------------------------------------------------------------------------------- speed


@pytest.mark.slow
def test_all_benchmarks_at_hand_load_in_ten_seconds(mirror) -> None:
    """In a process of its own, imports and all; the figure of record is in bench/README.md."""
    code = (
        "import time; start = time.process_time()\n"
        "from judgebench import adapters, fetch, resources\n"
        "cards = [resources.card(name) for name in resources.benchmarks()]\n"
        "here = [card for card in cards if all(fetch.where(card, source) for source in card.sources)]\n"
        "items = sum(len(adapters.load(card)) for card in here)\n"
        "print(len(here), items, time.process_time() - start)\n"
    )
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    count, items, seconds = done.stdout.split()
    assert int(count) >= 15
    assert int(items) > 10_000
    assert float(seconds) < 10, f"{time.monotonic() - began:.1f} s of wall time"
