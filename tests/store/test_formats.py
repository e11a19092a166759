"""What an older judgebench wrote is read as what it was; of what a newer one wrote, what is known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from judgebench import adapters, resources, store
from judgebench.errors import InputError, StoreError
from judgebench.run import ask
from judgebench.types import (
    FIRST,
    FORMAT,
    Flag,
    Item,
    JudgeRef,
    Judgment,
    Manifest,
    Message,
    Response,
    Status,
    Verdict,
    digest,
    digest_of,
    digest_of_items,
)

RESULTS = Path(__file__).parents[2] / "results"
OLD = {"version": "1", "items": "i", "orders": "both"}
SERVER = "server:http://[::1]:8765/v1#org/m"


def read(folder: Path, **fields: Any) -> Manifest:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps({**OLD, **fields}), encoding="utf-8")
    return store.read_manifest(folder)


@pytest.mark.parametrize(
    ("old", "ref", "settings"),
    [
        ({"judge": "GPT-4+CoT"}, JudgeRef(called="GPT-4+CoT"), {}),
        ({"judge": "baseline:first", "spec": "baseline:first"}, JudgeRef(kind="baseline", model="first"), {}),
        (
            {"judge": "baseline:random[seed=3]", "spec": "baseline:random", "options": {"seed": "3"}},
            JudgeRef(kind="baseline", model="random", options={"seed": "3"}),
            {},
        ),
        (
            {
                "judge": f"{SERVER}[prompt=five-way,temperature=0.7]",
                "spec": "server:http://",  # so it was cut off at the first bracket
                "options": {"prompt": "five-way", "temperature": "0.70", "max_connections": "3"},
                "protocol": {"model": "org/m"},
            },
            JudgeRef(kind="server", model="org/m", options={"prompt": "five-way", "temperature": "0.7"}),
            {"max_connections": "3"},
        ),
        (
            {
                "judge": 'api:openai/gpt-4o[reasoning_effort=low,extra_body={"a":1,"b":[2]}][temperature=1]',
                "spec": "api:openai/gpt-4o",
                "options": {"reasoning_effort": "low", "extra_body": '{"a":1,"b":[2]}', "temperature": "1"},
            },
            JudgeRef(
                kind="api",
                model="openai/gpt-4o",
                options={"reasoning_effort": "low", "extra_body": '{"a":1,"b":[2]}', "temperature": "1"},
            ),
            {},
        ),
        ({"judge": "replay:out/v[2].csv", "spec": "replay:out/v"}, JudgeRef(kind="replay", model="out/v[2].csv"), {}),
        ({"judge": "mine", "spec": "mine"}, JudgeRef(kind="python", model="mine", called="mine"), {}),
    ],
)
def test_a_judge_of_format_0(tmp_path: Path, old: dict[str, Any], ref: JudgeRef, settings: dict[str, str]) -> None:
    manifest = read(tmp_path, benchmark="b", **old)
    assert (manifest.judge_ref, manifest.settings) == (ref, settings)
    assert manifest.format == FORMAT


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("pandalm", {}),
        ("my@0123abcd", {}),
        ("verifiable[n=8,seed=3]", {"n": "8", "seed": "3"}),
        ("codejudgebench[generators=a,b,tasks=c]", {"generators": "a,b", "tasks": "c"}),
    ],
)
def test_a_benchmark_of_format_0(tmp_path: Path, name: str, options: dict[str, str]) -> None:
    manifest = read(tmp_path, benchmark=name, judge="j")
    assert manifest.benchmark == name
    assert manifest.benchmark_ref.options == options


def test_an_address_of_format_0_is_a_record_and_no_identity(tmp_path: Path) -> None:
    old = {"judge": "api:a/b", "spec": "api:a/b", "options": {"api_base": "http://x"}}
    manifest = read(tmp_path, benchmark="b", **old, protocol={"model": "a/b", "api_base": "http://x"})
    assert manifest.addresses == ("http://x",)
    assert manifest.protocol == {"model": "a/b"}
    assert manifest.settings == {"api_base": "http://x"}


def test_the_digest_of_items_of_format_0_is_translated_where_it_is_right(tmp_path: Path, items: list[Item]) -> None:
    labels = [item.label() for item in items]
    store.write_labels(tmp_path / "items.jsonl", labels)
    right = read(tmp_path / "right", benchmark="b", judge="j", items=digest_of(labels))
    wrong = read(tmp_path / "wrong", benchmark="b", judge="j", items="0123456789abcdef")
    assert (right.items, wrong.items) == (digest_of_items(labels), "0123456789abcdef")


def test_an_old_run_goes_on_in_its_folder(tmp_path: Path, items: list[Item], scripted: Any) -> None:
    """Also where its name had an address in it: what was paid for is not asked again."""
    folder = tmp_path / "b" / "server-http-1-8765-v1-org-m"
    read(folder, benchmark="b", judge=SERVER, spec="server:http://", protocol={"model": "org/m"})
    (folder / "judgments.jsonl").write_text(
        '{"item":"one","order":[0,1],"status":"ok","verdict":[[1.0,0.0]]}\n', encoding="utf-8"
    )
    wanted = store.read_manifest(folder)
    assert wanted.judge == "server:org/m"
    assert store.folder_of(tmp_path, wanted) == folder
    with store.Run(folder, wanted) as run:
        assert ask(items, scripted(), run).before == 1
    assert json.loads((folder / "manifest.json").read_bytes())["format"] == FORMAT


@pytest.mark.parametrize(
    ("detail", "flag"),
    [
        ("inconsistent", Flag.INCONSISTENT),
        ("reason: right", Flag.RIGHT_REASON),
        ("reason: wrong", Flag.WRONG_REASON),
        ("A; cut on the left: 12 tokens", Flag.CUT),
        ("something else", None),
        (None, None),
    ],
)
def test_what_a_detail_said_is_a_flag(tmp_path: Path, detail: str | None, flag: Flag | None) -> None:
    judgment = Judgment(item="a", order=(0, 1), status=Status.OK, verdict=FIRST, detail=detail)
    (tmp_path / "judgments.jsonl").write_bytes(
        json.dumps({"item": "a", "order": [0, 1], "status": "ok", "verdict": [[1, 0]], "detail": detail}).encode()
        + b"\n"
    )
    (found,) = store.read_judgments(tmp_path)
    assert found.flags == ((flag,) if flag else ())
    assert found.detail == judgment.detail


def test_fields_of_a_later_version_are_passed_over(
    tmp_path: Path, items: list[Item], manifest: Manifest, scripted: Any
) -> None:
    with store.Run(tmp_path, manifest) as run:
        ask(items, scripted(), run)
    store.write_labels(tmp_path / "items.jsonl", [item.label() for item in items])
    kept = store.read_manifest(tmp_path), store.read_judgments(tmp_path), store.read_labels(tmp_path / "items.jsonl")
    for name in ("judgments.jsonl", "items.jsonl"):
        lines = (tmp_path / name).read_text(encoding="utf-8").strip("\n").split("\n")
        (tmp_path / name).write_text(
            "".join(json.dumps({**json.loads(line), "mood": "good"}) + "\n" for line in lines), encoding="utf-8"
        )
    fields = json.loads((tmp_path / "manifest.json").read_bytes())
    fields["judge"]["mood"] = fields["mood"] = "good"
    (tmp_path / "manifest.json").write_text(json.dumps(fields), encoding="utf-8")
    read = store.read_manifest(tmp_path), store.read_judgments(tmp_path), store.read_labels(tmp_path / "items.jsonl")
    assert read == kept


@pytest.mark.parametrize("name", ["manifest.json", "scores.json", "card.yaml"])
@pytest.mark.parametrize("number", [FORMAT + 1, 99, "two"])
def test_a_later_format_is_refused_in_one_line(tmp_path: Path, name: str, number: Any) -> None:
    path = tmp_path / name
    path.write_text(json.dumps({"format": number, "whatever": 1}), encoding="utf-8")
    reader = {
        "manifest.json": store.read_manifest,
        "scores.json": store.read_scores,
        "card.yaml": resources.card_beside,
    }
    with pytest.raises((StoreError, InputError), match=f"it is of format {number!r}, and this judgebench reads up to"):
        reader[name](tmp_path)


def test_cards_are_still_strict(tmp_path: Path) -> None:
    text = (resources.folder("benchmarks") / "pandalm.yaml").read_text(encoding="utf-8")
    (tmp_path / "pandalm.yaml").write_text(text + "\nmood: good\n", encoding="utf-8")
    with pytest.raises(InputError, match="unknown field `mood`"):
        resources.read_card(tmp_path / "pandalm.yaml")


# ------------------------------------------------------------------------------------------- the identity of items

# The first item of each committed benchmark: what runs from any year are made on.
DIGESTS = {
    "llmbar": ("Natural/0", "ecc8b6dcd4ccf789"),
    "llmbar-casestudy": ("Constraint/0", "d4bcb187011c7209"),
    "llmbar-llmeval2": ("LLMEval2/0", "209f9816115042d7"),
    "llmbar-mtbench": ("MT-Bench/0", "aa93156e797d6827"),
    "mt-bench-human": ("81/alpaca-13b-vs-gpt-3.5-turbo/turn-1", "8d633ac65428876d"),
    "pandalm": ("0", "1d7be1bdf825bb0f"),
    "scalerlab-judgebench": ("e302b0a0-28d5-5a3c-b1af-fedcf5543e72", "3ad4e00872fe98e5"),
    "scalerlab-judgebench-claude": ("b5ce1305-50fe-5a5e-b785-325ab15c6d2b", "af9e92b3837d898e"),
    "verifiable": ("arithmetic-000", "847dcbc1121f050f"),
}


def test_every_committed_benchmark_is_pinned_below() -> None:
    assert {path.parent.name for path in RESULTS.glob("*/items.jsonl")} == set(DIGESTS)


@pytest.mark.parametrize("name", DIGESTS)
def test_an_item_has_the_digest_it_always_had(name: str, mirror: Path) -> None:
    label = adapters.load(resources.card(name))[0].label()
    assert (label.id, label.digest) == DIGESTS[name]
    assert digest_of_items(store.read_labels(RESULTS / name / "items.jsonl")[:1]) == digest_of_items([label])


def test_what_else_is_known_of_an_item_does_not_orphan_its_runs(
    tmp_path: Path, items: list[Item], manifest: Manifest
) -> None:
    labels = [item.label() for item in items]
    more = [msgspec.structs.replace(label, facets={"new": 1}, scenario="s", language="en") for label in labels]
    assert digest_of_items(more) == digest_of_items(labels)
    other_gold = [msgspec.structs.replace(label, gold=Verdict(scores=(0, 1))) for label in labels]
    other_text = [msgspec.structs.replace(label, digest="0" * 16) for label in labels]
    voted = [msgspec.structs.replace(label, raters={"ann": FIRST}) for label in labels]
    for changed in (other_gold, other_text, voted, labels[:2], labels[::-1]):
        assert digest_of_items(changed) != digest_of_items(labels)


def test_the_text_of_an_item_has_the_digest_it_always_had() -> None:
    item = Item(
        id="q",
        messages=(Message(role="system", content="Be brief."), Message(role="user", content="Name a prime.")),
        responses=(Response(text="7", author="m"), Response(text="8")),
        materials={"rubric": "Is it prime?", "reference": "7"},
        cluster="q",
    )
    assert item.label().digest == "713e68d0a864e646"

    def of(**materials: str) -> str:
        return msgspec.structs.replace(item, materials=materials).label().digest

    texts = (item.messages, ["7", "8"])
    assert of() == digest((*texts, None, None))
    assert of(persona="p") == digest((*texts, None, "p")), "as when a persona was shown as the rubric"
    more = [of(context="7"), of(reference="7"), of(rubric="7"), of(rubric="7", persona="7"), of(source="7"), of()]
    assert len(set(more)) == len(more)
