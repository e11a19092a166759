"""No file makes an adapter raise anything but judgebench's own errors, whatever is in it."""

from __future__ import annotations

import copy
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from judgebench import resources
from judgebench.adapters import adapter
from judgebench.errors import JudgebenchError
from judgebench.types import Item, Status, digest

PAIR = {
    "pair_id": "p-1", "original_id": 7, "source": "mmlu-pro-law", "question": "Q?", "response_model": "m",
    "response_A": "a", "response_B": "b", "label": "A>B",
}  # fmt: skip
GAMES = [
    {"judgment": {"judge_model": "m", "prompt": "", "response": "r", "scores": [1.5, 0.5]}, "decision": "A>B"},
    {"judgment": {"judge_model": "m", "prompt": "", "response": "r"}, "decision": "A=B"},
]
SET = {"input": "Q?", "output_1": "a", "output_2": "b", "label": 2}
RESULTS: list[Any] = [
    ["aux", "stop"],
    {
        "swap = False": {"completion": ["a", "stop"], "winner": "1"},
        "swap = True": {"completion": ["b", "length"], "winner": None},
    },
]
RATED: list[Any] = [
    {
        "score_1": ["3", "stop"],
        "score_2": ["x", "stop"],
        "swap = False": {"winner": "1"},
        "swap = True": {"winner": "2"},
    }
]
PANDA = {
    "idx": 3, "motivation_app": "app", "cmp_key": "x_y", "instruction": "Q?", "input": "", "response1": True,
    "response2": "b", "annotator1": 1, "annotator2": 2, "annotator3": 0,
}  # fmt: skip
VOTE = {"judge": "expert_1", "model_a": "y", "model_b": "x", "question_id": 81, "turn": 2, "winner": "model_a"}
QUESTION = {"question_id": 81, "category": "c", "turns": ["Q?", "R?"]}


class Case(NamedTuple):
    """An adapter, its files (role -> rows), and the files (rows) and options of a recording."""

    name: str
    files: dict[str, list[Any]]
    suffix: str
    recorded: list[list[Any]]
    options: dict[str, str]


CASES = [
    Case("pandalm", {"testset": [PANDA]}, ".json", [[{"idx": 3, "gpt_result": "Tie", "gpt_reason": "r"}]], {}),
    Case("pandalm", {"testset": [PANDA]}, ".json", [[{**PANDA, "result": 1, "output": "r"}]], {}),
    Case("scalerlab_judgebench", {"pairs": [PAIR]}, ".jsonl", [[{**PAIR, "judge_name": "j", "judgments": GAMES}]], {}),
    Case("llmbar", {"Natural": [SET]}, ".json", [[{**SET, "results": RESULTS}]], {}),
    Case("llmbar", {"Natural": [SET]}, ".json", [[{**SET, "results": RATED}]], {"verdict": "first"}),
    Case("llmbar", {"Natural": [SET]}, ".json", [[{**SET, "results": RATED}]], {"verdict": "scores"}),
    Case(
        "autoj",
        {"testset": [{"scenario": "chitchat", "label": 2, "prompt": "Q?", "response 1": "a", "response 2": "b"}]},
        ".jsonl",
        [[{"output": 0}], [{"output": 2}]],
        {},
    ),
    Case(
        "mt_bench_human",
        {"votes": [VOTE], "questions": [QUESTION]},
        ".jsonl",
        [[{**VOTE, "winner": "tie (inconsistent)"}]],
        {},
    ),
]
IDS = [f"{case.name}-{number}" for number, case in enumerate(CASES)]

leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(
        [
            "1",
            "2",
            "A>B",
            "tie",
            "Tie",
            "model_a",
            "model_b",
            "stop",
            0,
            1,
            2,
            -1,
            10**400,
            "9" * 5000,
            "\ud800",
            "",
            "mmlu-pro-",
        ]
    )
)
anything = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path to every value inside `value`."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(place for key, child in inner for place in places(child, (*at, key)))]


@st.composite
def spoiled(draw: Callable[..., Any], rows: list[Any]) -> bytes | list[Any]:
    """Rows with some values replaced or missing or repeated, or bytes that begin like them, or any bytes."""
    rows = copy.deepcopy(rows)
    if isinstance(rows, list) and draw(st.booleans()):
        rows = rows * draw(st.integers(0, 3))
    for _ in range(draw(st.integers(0, 3))):
        *above, last = draw(st.sampled_from(places(rows))) or (None,)
        holder: Any = rows
        for key in above:
            holder = holder[key]
        if last is None:
            return draw(anything)
        if draw(st.booleans()):
            holder[last] = draw(anything)
        else:
            del holder[last]
        if not rows:
            break
    return rows


def encoded(value: Any, suffix: str) -> bytes:
    if suffix == ".jsonl" and isinstance(value, list):
        return b"".join(json.dumps(row).encode() + b"\n" for row in value)
    return json.dumps(value).encode()


def put(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def content(draw: Callable[..., Any], rows: list[Any], suffix: str) -> bytes:
    kind = draw(st.sampled_from(["spoiled", "cut", "bytes", "good"]))
    if kind == "bytes":
        return bytes(draw(st.binary(max_size=60)))
    if kind == "spoiled":
        return encoded(draw(spoiled(rows)), suffix)
    data = encoded(rows, suffix)
    return data if kind == "good" else data[: draw(st.integers(0, len(data)))]


def attempt(read: Callable[[], Any], mentions: str = "") -> Any:
    """What `read` returns, or None where it raises one of judgebench's own errors, whose message must not be empty."""
    try:
        return read()
    except JudgebenchError as error:
        message = str(error)
    assert message
    assert mentions in message
    return None


LENIENT = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("case", CASES, ids=IDS)
@LENIENT
@given(data=st.data())
def test_items_of_any_file(case: Case, tmp_path: Path, data: st.DataObject) -> None:
    files = {
        role: put(tmp_path, f"{role}{case.suffix}", content(data.draw, rows, case.suffix))
        for role, rows in case.files.items()
    }
    items: list[Item] = attempt(lambda: list(adapter(case.name).items(files, {}))) or []
    for item in items:
        label = item.label()
        assert msgspec.json.decode(msgspec.json.encode(label), type=type(label)) == label
        assert len(item.responses) == 2


@pytest.mark.parametrize("case", CASES, ids=IDS)
@LENIENT
@given(data=st.data())
def test_recordings_of_any_file(case: Case, tmp_path: Path, data: st.DataObject) -> None:
    files = {
        role: put(tmp_path, f"{role}{case.suffix}", encoded(rows, case.suffix)) for role, rows in case.files.items()
    }
    reader = adapter(case.name)
    labels = {item.id: item.label() for item in reader.items(files, {})}
    paths = [
        put(tmp_path, f"recorded-{number}{case.suffix}", content(data.draw, rows, case.suffix))
        for number, rows in enumerate(case.recorded)
    ]
    recorded = attempt(lambda: reader.recorded(paths, labels, case.options))
    if recorded is None:
        return
    assert recorded.orders in {"both", "single", "merged"}
    assert {judgment.item for judgment in recorded.judgments} <= set(labels)
    assert len({judgment.key for judgment in recorded.judgments}) == len(recorded.judgments)
    assert all((judgment.status == Status.OK) == (judgment.verdict is not None) for judgment in recorded.judgments)
    assert digest(recorded.judgments)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_the_rows_that_are_spoiled_are_good_to_begin_with(case: Case, tmp_path: Path) -> None:
    files = {
        role: put(tmp_path, f"{role}{case.suffix}", encoded(rows, case.suffix)) for role, rows in case.files.items()
    }
    labels = {item.id: item.label() for item in adapter(case.name).items(files, {})}
    paths = [put(tmp_path, f"{n}{case.suffix}", encoded(rows, case.suffix)) for n, rows in enumerate(case.recorded)]
    recorded = adapter(case.name).recorded(paths, labels, case.options)
    assert recorded.unmatched == []
    assert len(recorded.judgments) == {"both": 2, "single": 1, "merged": 1}[recorded.orders]


@pytest.mark.parametrize("case", CASES, ids=IDS)
@pytest.mark.parametrize(
    "data", [b"", b"[" * 100_000, b"\xff", b"\x00", b"null", b'"', b"[{}]", b"{}", b"[[]]", b"\xef\xbb\xbf[]"]
)
def test_files_that_are_not_what_they_should_be(case: Case, data: bytes, tmp_path: Path) -> None:
    path = put(tmp_path, "x", data)
    for read in (
        lambda: list(adapter(case.name).items(dict.fromkeys(case.files, path), {})),
        lambda: adapter(case.name).recorded([path] * len(case.recorded), {}, case.options),
    ):
        attempt(read, mentions=str(path))


SYNTHETIC = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in (Path(__file__).parent / "synthetic").glob("*.json")
}
FEWER = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def packed(folder: Path, name: str, value: Any) -> Path:
    """A made-up file, tables as JSON lines; the adapters tell the two apart by the suffix."""
    path = folder / name.replace("/", "_")
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            members = value if isinstance(value, dict) else {"x": value}
            for member, rows in members.items():
                archive.writestr(str(member) or "x", json.dumps(rows))
        return path
    path = path.with_suffix(".jsonl") if path.suffix == ".parquet" else path
    path.write_bytes(encoded(value, path.suffix))
    return path


def of_card(name: str, folder: Path, spoil: Callable[[Any], Any], at: int = 0) -> dict[str, Path]:
    """The card's files by role, the one at `at` spoiled."""
    names = {source.name: source.role for source in resources.card(name).sources}
    return {
        names[file]: packed(folder, file, spoil(value) if place == at else value)
        for place, (file, value) in enumerate(SYNTHETIC[name].items())
    }


@pytest.mark.parametrize("name", sorted(SYNTHETIC))
@FEWER
@given(data=st.data())
def test_items_of_any_made_up_file(name: str, tmp_path: Path, data: st.DataObject) -> None:
    card = resources.card(name)
    at = data.draw(st.integers(0, len(SYNTHETIC[name]) - 1))
    files = of_card(name, tmp_path, lambda value: data.draw(spoiled(value)), at)
    items: list[Item] = attempt(lambda: list(adapter(card.adapter).items(files, card.options))) or []
    for item in items:
        label = item.label()
        assert msgspec.json.decode(msgspec.json.encode(label), type=type(label)) == label
        assert item.gold is None or len(item.gold.scores) == len(item.responses)


@pytest.mark.parametrize("name", sorted(SYNTHETIC))
@pytest.mark.parametrize(
    "data", [b"", b"[" * 10_000, b"\xff", b"PAR1", b"PK\x03\x04", b"null", b"[{}]", b"{}", b"PAR1PAR1"]
)
def test_made_up_files_that_are_not_what_they_should_be(name: str, data: bytes, tmp_path: Path) -> None:
    card = resources.card(name)
    sources = card.sources
    files = {source.role: put(tmp_path, f"x{Path(source.name).suffix}", data) for source in sources}
    attempt(lambda: list(adapter(card.adapter).items(files, card.options)), mentions=str(tmp_path))


def test_annotations_of_any_shape(tmp_path: Path) -> None:
    """AltTest's files, one object each."""
    people = {"a": {"1__x__y__1": "model_a"}, "b": {"1__x__y__1": "tie"}}
    talk = "[{'role': 'user', 'content': 'Q'}, {'role': 'assistant', 'content': 'A'}]"
    prompts = {"1__x__y__1": {"conversation_a": talk, "conversation_b": talk}}
    good = {"people": people, "prompts": prompts}

    @LENIENT
    @given(data=st.data())
    def check(data: st.DataObject) -> None:
        files = {}
        for role, value in good.items():
            wrong = data.draw(spoiled([value])) if data.draw(st.booleans()) else [value]
            files[role] = put(
                tmp_path, f"{role}.json", encoded(wrong[0] if isinstance(wrong, list) and wrong else wrong, ".json")
            )
        for name in ("mtbench", "summeval"):
            attempt(lambda: list(adapter("alttest").items(files, {"set": name})))  # noqa: B023
        attempt(lambda: adapter("alttest").recorded([files["people"]], {}, {}))

    check()
