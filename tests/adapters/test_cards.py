"""What holds of every card that has files, without them and with them: upstream's, or made-up ones in their place."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from urllib.parse import quote

import msgspec
import pytest

from judgebench import api, fetch, resources
from judgebench.adapters import adapter, lints
from judgebench.errors import InputError, UnknownName
from judgebench.rows.files import unzip
from judgebench.score import anchors, rules
from judgebench.score.catalogue import PAIRS, Metric
from judgebench.types import Anchor, Card, Kind, Question, Recording, Source, Verdict, digest

GOLDEN = Path(__file__).parent / "golden"
SYNTHETIC = Path(__file__).parent / "synthetic"
NAMES = [name for name in resources.benchmarks() if resources.card(name).mirror]
CLASS = Question(kind=Kind.CLASS, labels=("no", "yes"))
FAMILY = {
    "pandalm": (999, 170),
    "scalerlab-judgebench": (350, 350),
    "scalerlab-judgebench-claude": (270, 269),
    "llmbar": (419, 418),
    "llmbar-casestudy": (315, 313),
    "llmbar-faireval": (66, 66),
    "llmbar-llmeval2": (200, 200),
    "llmbar-mtbench": (200, 75),
    "autoj": (1392, 1182),
    "mt-bench-human": (1814, 80),
}
"""Items and clusters."""


def files(card: Card) -> list[Source]:
    return [*card.sources, *(source for recording in card.recordings for source in recording.files)]


def test_the_cards_are_all_there() -> None:
    assert set(FAMILY) <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_card_says_what_its_reader_needs(name: str) -> None:
    card = resources.card(name)
    assert card.label_source in {"human", "objective", "model"}
    assert card.citation.lstrip().startswith("@")
    assert card.citation.count("{") == card.citation.count("}")
    assert card.homepage.startswith("https://")
    assert all([card.title, card.authors, card.licence, card.description, card.headline.gloss, card.warnings])
    assert "\n" not in card.headline.gloss
    assert sum(card.labels.values()) in {0, card.items}
    assert sum(card.subsets.values()) in {0, card.items}
    assert ("tie" in card.labels) <= card.ties
    source = inspect.getsource(adapter(card.adapter))
    assert all(f'"{option}"' in source for option in card.options), "an option that its adapter does not read"


@pytest.mark.parametrize("name", NAMES)
def test_a_card_pins_every_file(name: str) -> None:
    card = resources.card(name)
    roles = [source.role for source in card.sources]
    assert len(set(roles)) == len(roles)
    for source in files(card):
        assert not Path(source.name).is_absolute()
        assert ".." not in Path(source.name).parts
        if source.sha256:
            assert re.fullmatch("[0-9a-f]{64}", source.sha256)
            assert source.url.endswith("/" + quote(Path(source.name).name)), "special characters are percent-encoded"
        if source.pinned:
            assert source.sha256 or re.fullmatch("git:[0-9a-f]{40}|md5:[0-9a-f]{32}", source.checksum)
            pinned = source.url.startswith("http://opencompass.oss-cn-shanghai.aliyuncs.com/") or re.match(
                r"https://raw\.githubusercontent\.com/[\w.-]+/[\w.-]+/[0-9a-f]{40}/", source.url
            )
            assert pinned, source.url
        elif source.url:
            assert source.url.startswith("https://huggingface.co/datasets/")
        assert source.sha256 or source.note, "why there is no hash"
        assert not re.search(r"[=,^ ]", source.url)


@pytest.mark.parametrize("name", NAMES)
def test_a_card_claims_no_more_than_it_is(name: str) -> None:
    """What is not pinned, not reachable or not offered is said with every score."""
    card = resources.card(name)
    said = " ".join(card.warnings)
    if not all(source.pinned for source in card.sources):
        assert "no hash of the files is known" in said
    if not any(source.url for source in card.sources):
        assert "user-supplied" in card.version
        assert "supply" in card.description
    elif (SYNTHETIC / f"{name}.json").exists() and name not in {"rm-bench", "mr-ben", "rmb"}:
        assert "made-up rows" in said
    assert not ("made-up rows" in said and not (SYNTHETIC / f"{name}.json").exists())


@pytest.mark.parametrize("name", NAMES)
def test_published_shares_are_possible(name: str) -> None:
    assert anchors.impossible(resources.card(name)) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_number_is_called_reproduced_only_where_the_judge_is_at_hand(name: str) -> None:
    card = resources.card(name)
    at_hand = {"human", *(recording.judge for recording in card.recordings)}
    for anchor in card.anchors:
        assert anchor.judge in at_hand or not anchor.reproduced, anchor
        assert anchor.orders in {"both", "single", "merged"}
        assert anchor.reproduced or anchor.judge != "human"


def test_licences_that_do_not_let_labels_be_passed_on_are_respected() -> None:
    withheld = {name for name in NAMES if not resources.card(name).publish_labels}
    assert withheld & set(FAMILY) == {"autoj", "llmbar-faireval"}


@pytest.mark.parametrize("name", NAMES)
def test_the_items_are_those_of_the_golden_file(name: str, bench, request: pytest.FixtureRequest) -> None:
    loaded = bench(name)
    labels = list(loaded.labels.values())
    assert len(labels) == len(loaded.items), "ids are unique"
    assert loaded.card.items in {0, len(labels)}
    assert [item.label() for item in loaded.items] == labels, "a label is a function of its item"
    facts = {
        "items": len(labels),
        "clusters": len({label.cluster for label in labels}),
        "raters": len({rater for label in labels for rater in label.raters}),
        "votes": sum(len(label.raters) for label in labels),
        "digest_of_labels": digest(labels),
        "digest_of_texts": digest([label.digest for label in labels]),
    }
    if loaded.card.publish_labels or not loaded.real:
        facts["shown"] = json.loads(msgspec.json.encode([*labels[:3], *labels[-2:]]))
    path = GOLDEN / f"{name}.json"
    if request.config.getoption("--update-golden"):
        path.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    assert facts == json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", FAMILY)
def test_clusters_are_questions(name: str, bench) -> None:
    loaded = bench(name)
    assert (len(loaded.items), len({item.cluster for item in loaded.items})) == FAMILY[name]
    if name != "mt-bench-human":
        asked = {item.cluster: item.messages for item in loaded.items}
        assert all(asked[item.cluster] == item.messages for item in loaded.items)


@pytest.mark.parametrize("name", NAMES)
def test_a_label_carries_no_text(name: str, bench) -> None:
    loaded = bench(name)
    for item in loaded.items:
        written = msgspec.json.encode(loaded.labels[item.id]).decode()
        texts = [message.content for message in item.messages] + [response.text or "" for response in item.responses]
        assert not any(json.dumps(text, ensure_ascii=False)[1:-1] in written for text in texts if len(text) > 40)


@pytest.mark.parametrize("name", NAMES)
def test_every_file_has_the_rows_and_the_provenance_that_the_card_says(name: str, mirror: Path) -> None:
    """Of the files that are here."""
    card = resources.card(name)
    here = [source for source in files(card) if fetch.where(card, source)]
    if not here:
        pytest.skip("none of its files is at hand")
    provenance = (mirror / str(card.mirror) / "PROVENANCE.md").read_text(encoding="utf-8")
    for source in here:
        path = fetch.locate(card, source)
        assert source.rows in {None, count(path)}
        commit = source.url.split("/")[5]
        listed = [line for line in provenance.splitlines() if str(source.sha256) in line and commit in line]
        # Where a provenance lists no hashes, it names the commit of all its files.
        unlisted = commit in provenance and not re.search(r"\b[0-9a-f]{64}\b", provenance)
        assert listed or unlisted or path.name == "result.json", source.name


def count(path: Path) -> int:
    if path.suffix == ".json":
        return len(json.loads(path.read_bytes()))
    data = unzip(path, "")[1] if path.suffix == ".zip" else path.read_bytes()
    return sum(bool(line.strip()) for line in data.split(b"\n"))


RECORDINGS = [(name, recording) for name in NAMES for recording in resources.card(name).recordings]


@pytest.mark.parametrize(("name", "recording"), RECORDINGS, ids=lambda value: getattr(value, "judge", value))
def test_every_recording_is_read_whole(name: str, recording: Recording, bench) -> None:
    loaded = bench(name)
    recorded = loaded.recorded(recording.judge)
    times = {"both": 2, "single": 1, "merged": 1}[recorded.orders]
    assert (
        len(recorded.judgments) == len({judgment.key for judgment in recorded.judgments}) == times * len(loaded.items)
    )
    assert all(judgment.item in loaded.labels for judgment in recorded.judgments)
    assert len(recorded.unmatched) == (586 if name == "mt-bench-human" else 0)


def test_all_statuses_of_all_recordings(bench) -> None:
    failures = {}
    for name, recording in RECORDINGS:
        if name in FAMILY:
            statuses = [judgment.status.value for judgment in bench(name).recorded(recording.judge).judgments]
            failed = {status: statuses.count(status) for status in sorted(set(statuses) - {"ok"})}
            if failed:
                failures[name, recording.judge] = failed
    assert failures == {
        ("pandalm", "gpt-3.5-turbo"): {"unparsed": 25},
        ("llmbar", "GPT-4+Vanilla_1shot"): {"refused": 2},
        ("llmbar", "GPT-4+Vanilla_2shot"): {"refused": 2},
        ("llmbar", "ChatGPT+CoT"): {"truncated": 1, "unparsed": 4},
        ("llmbar", "ChatGPT+Metrics"): {"refused": 2},
        ("llmbar", "ChatGPT+Swap"): {"unparsed": 3},
        ("llmbar", "ChatGPT+Swap_CoT"): {"truncated": 3, "unparsed": 2},
        ("llmbar", "ChatGPT+Vanilla_1shot"): {"refused": 2},
        ("llmbar", "ChatGPT+Vanilla_2shot"): {"refused": 2},
        ("llmbar-casestudy", "GPT-4+CoT"): {"unparsed": 2},
        ("llmbar-casestudy", "GPT-4+Swap_CoT"): {"unparsed": 5},
        ("llmbar-llmeval2", "GPT-4+Metrics_Reference"): {"refused": 7},
        ("llmbar-llmeval2", "GPT-4+Vanilla_NoRules"): {"refused": 11},
    }


def test_a_recording_of_another_benchmark_matches_nothing(bench) -> None:
    loaded, other = bench("llmbar-faireval"), bench("llmbar")
    recording = loaded.card.recordings[0]
    paths = [fetch.locate(loaded.card, source) for source in recording.files]
    recorded = adapter("llmbar").recorded(paths, other.labels, {})
    assert recorded.judgments == []
    assert len(recorded.unmatched) == 66 + 1, "each row, and a line for the items without one"


def test_an_adapter_that_is_not_there() -> None:
    with pytest.raises(UnknownName, match="did you mean pandalm"):
        adapter("padalm")
    for helper in ("errata", "items", "lints", "pairing"):
        with pytest.raises(UnknownName, match="no adapter named"):
            adapter(helper)


def impossible(name: str, **fields: object) -> list[str]:
    given = {"judge": "j", "source": "t", "protocol": "p", "orders": "both", "reproduced": False, **fields}
    return anchors.impossible(msgspec.structs.replace(resources.card(name), anchors=(msgspec.convert(given, Anchor),)))


def test_a_share_that_no_count_can_give_is_refused() -> None:
    """53.9 on the 270 Claude pairs of JudgeBench is quoted, and is not a whole number of pairs."""
    name = "scalerlab-judgebench-claude"
    assert impossible(name, n=350, values={"overall": 65.71}) == []
    assert impossible(name, n=270, values={"overall": 65.71}) == ["j, t: overall 65.71 is not k/270 for any k"]
    assert impossible(name, n=270, values={"overall": 53.9}, decimals=1) == [
        "j, t: overall 53.9 is not k/270 for any k"
    ]
    assert impossible(name, n=270, values={"overall": 44.8}, decimals=1) == []
    assert impossible(name, n={"Math": 34}, values={"Math": 50, "Coding": 50}) == ["j, t: no n for 'Coding'"]


def test_the_two_compassjudger_rows_are_flagged_by_the_check_and_carried_as_disputed() -> None:
    """CompassJudger-2's Table 2 pools both splits, 620 pairs in one order, but for two rows, which are of 350."""
    card = resources.card("scalerlab-judgebench")
    column = {anchor.judge: anchor for anchor in card.anchors if "pooled_single_order" in anchor.values}
    assert len(column) == 14
    undisputed = tuple(msgspec.structs.replace(anchor, disputed=None) for anchor in column.values())
    flagged = anchors.impossible(msgspec.structs.replace(card, anchors=undisputed))
    assert flagged == [
        "CompassJudger-1-7B-Instruct, arXiv:2507.09104, Table 2: pooled_single_order 46.0 is not k/620 for any k",
        "CompassJudger-1-32B-Instruct, arXiv:2507.09104, Table 2: pooled_single_order 62.29 is not k/620 for any k",
    ]
    assert {judge for judge, anchor in column.items() if anchor.disputed} == {
        "CompassJudger-1-7B-Instruct",
        "CompassJudger-1-32B-Instruct",
    }
    for judge, right in {"CompassJudger-1-7B-Instruct": 161, "CompassJudger-1-32B-Instruct": 218}.items():
        assert f"{100 * right / 350:.2f}" == f"{column[judge].values['pooled_single_order']:.2f}"
        assert f"{right}/350" in str(column[judge].disputed)
    assert anchors.impossible(card) == anchors.doubted_without_need(card) == []


def test_a_possible_number_is_not_to_be_disputed() -> None:
    card = resources.card("scalerlab-judgebench")
    doubted = tuple(msgspec.structs.replace(anchor, disputed="looks odd") for anchor in card.anchors[:1])
    assert anchors.doubted_without_need(msgspec.structs.replace(card, anchors=doubted)) == [
        "GPT-4o+vanilla, arXiv:2410.12784, Table 1: is marked as disputed, and is possible"
    ]


def test_the_n_of_judgelm_s_table_is_not_the_whole_set() -> None:
    """Its filter drops items, and 81.11 % is no share of 5,000: that is why the card carries no n."""
    fields = {"values": {"accuracy": 81.11}, "metric": "accuracy"}
    assert impossible("judgelm-val", n=5000, **fields) != []
    assert impossible("judgelm-val", n=None, **fields) == []


def test_the_scenarios_of_themis_sum_up_to_the_paper_s_totals() -> None:
    for name, total in (("themis-alignbench", 3393), ("themis-synui", 4000)):
        for anchor in resources.card(name).anchors:
            if isinstance(anchor.n, dict):
                assert sum(n for key, n in anchor.n.items() if key != "overall") == anchor.n["overall"] == total


def test_a_mean_of_two_orders_is_a_share_of_both() -> None:
    assert impossible("llmbar", n=100, values={"Natural": 93.5}, decimals=1) == []
    assert impossible("llmbar", n=100, values={"Natural": 93.5}, decimals=1, metric="equal") != []


def test_a_zero_at_the_end_was_printed_too() -> None:
    assert impossible("autoj", n=43, values={"overall": 50}, metric="consistency", decimals=0) != []
    assert impossible("autoj", n=43, values={"overall": 51}, metric="consistency", decimals=0) == []
    assert impossible("autoj", n=43, values={"overall": 51}, metric="consistency") != []


def test_macro_means_and_kappas_are_not_shares() -> None:
    assert impossible("pandalm", n=3, values={"macro_f1": 57.55, "cohen_kappa": 50.47, "overall": 12.34}) == []
    assert impossible("pandalm", n=3, values={"accuracy": 57.55}) != []
    assert impossible("mt-bench-human", n=3, values={"turn-1/s1": 57.55, "turn-1/cohen_kappa": 57.55}) != []


def test_a_card_with_an_impossible_number_does_not_load(monkeypatch: pytest.MonkeyPatch) -> None:
    card = resources.card("autoj")
    wrong = msgspec.structs.replace(card.anchors[0], n=1391, values={"overall": 54.96})
    monkeypatch.setattr(resources, "card", lambda _: msgspec.structs.replace(card, anchors=(wrong,)))
    for opened in (api.open_benchmark, api.verify_benchmark):
        with pytest.raises(InputError, match=r"autoj: .*overall 54\.96 is not k/1,391"):
            opened("autoj")


def test_every_rule_says_whether_its_score_is_a_share_of_right_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule of another distribution too, which no list names: 51.23 % of 40 is refused, 52.5 % is not."""
    card = resources.card("autoj")
    either = rules.Rule(
        value=Metric(name="either_order", meaning="share right in either order", answers=1),
        whole={PAIRS: rules.orders.both_orders},
    )
    monkeypatch.setitem(rules.RULES, "either_order", either)
    for value, possible in ((51.23, False), (52.5, True)):
        anchor = msgspec.structs.replace(card.anchors[0], n=40, values={"overall": value}, metric="headline")
        headline = msgspec.structs.replace(card.headline, rule="either_order")
        wrong = anchors.impossible(msgspec.structs.replace(card, anchors=(anchor,), headline=headline))
        assert (wrong == []) == possible
    macro = msgspec.structs.replace(card.headline, rule="majority_gold_macro_f1")
    anchor = msgspec.structs.replace(card.anchors[0], n=40, values={"overall": 51.23}, metric="headline")
    assert anchors.impossible(msgspec.structs.replace(card, anchors=(anchor,), headline=macro)) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda items: [*items, items[0]], "2 items have the id '0'"),
        (lambda items: [msgspec.structs.replace(items[0], id=""), *items[1:]], "empty id"),
        (lambda items: items[:-1], "expected items 999, found 998"),
        (lambda items: [msgspec.structs.replace(item, gold=items[0].gold) for item in items], "every gold label is"),
        (
            lambda items: [msgspec.structs.replace(items[0], gold=Verdict(scores=(1,))), *items[1:]],
            "item '0', gold: 1 scores for 2 responses",
        ),
        (
            lambda items: [msgspec.structs.replace(items[0], raters={"x": Verdict(scores=(1, 2, 3))}), *items[1:]],
            "item '0', rater x: 3 scores for 2 responses",
        ),
        (
            lambda items: [msgspec.structs.replace(items[0], question=CLASS), *items[1:]],
            "item '0' has labels that its card does not have",
        ),
        (lambda items: [msgspec.structs.replace(items[0], gold=None), *items[1:]], "expected gold labels"),
        (lambda items: [msgspec.structs.replace(items[0], subset="a"), *items[1:]], None),
    ],
)
def test_lints_name_what_is_wrong(change, message, bench) -> None:
    loaded = bench("pandalm")
    if message is None:  # this card has no subsets to compare with
        lints.require(loaded.card, change(loaded.items), as_published=True)
    else:
        with pytest.raises(InputError, match=message):
            lints.require(loaded.card, change(loaded.items), as_published=True)


def test_oddities_are_reported(bench) -> None:
    assert lints.notes(bench("pandalm").items) == [
        "empty responses: 54",
        "items that repeat an earlier item's texts: 99",
    ]
    assert lints.notes(bench("autoj").items) == [
        "empty responses: 1",
        "items with identical responses: 9",
        "items that repeat an earlier item's texts: 2",
    ]
    assert lints.notes(bench("mt-bench-human").items) == ["responses whose text this snapshot leaves out: 3,628"]
    assert lints.notes(bench("scalerlab-judgebench").items) == []
    assert lints.notes(bench("scalerlab-judgebench-claude").items) == ["items with identical responses: 1"]
    assert lints.notes(bench("llmbar-faireval").items) == ["gold is 'first' in 41 of 66 items (62%)"]
