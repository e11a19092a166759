"""Verdicts in JSON: one reader for all prompts, which never makes one verdict out of two."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judgebench.parsers import Asked, field, parse
from judgebench.parsers._answer import value_in

A, B, TIE = (1.0, 0.0), (0.0, 1.0), (0.5, 0.5)
CASES = Path(__file__).parents[2].parent / "shared" / "cases" / "judges" / "parse.jsonl"
SCORES = {"A": A, "B": B, "tie": TIE, "none": None}


def read(text: str, name: str = "verdict", asked: Asked | None = None) -> tuple[float, ...] | None:
    return parse(name, text, asked or Asked(), json=True).scores


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"verdict": "A"}', A),
        ('{"verdict":"tie"}', TIE),
        ('{"verdict": "A", "reason": "B is worse"}', A),
        ('{"reason": "a {brace} and \\"quotes\\"", "verdict": "B"}', B),
        ('```json\n{"verdict": "A"}\n```', A),
        ('Here it is: {"verdict": "A"} I hope that helps.', A),
        ('<think>{"verdict": "A"}</think>{"verdict": "B"}', B),
        ('{"verdict": "A",}', A),
        ('{"verdict": "A"}\n{"verdict": "A"}', A),
        ('For {"a", "b"} and {"x": 1}: {"verdict": "B"}', B),
        ('{"verdict": "Answer A"}', A),
        # Never one out of two.
        ('{"verdict": "A"}\n{"verdict": "B"}', None),
        ('{"verdict": "A", "verdict": "B"}', None),
        ('{"verdict": "A", "verdict": "A"}', None),
        ('{"verdict": "A"}\nBut no.\nVerdict: B', None),
        ('{"verdict": "A"}\nSo:\nVerdict: A', A),
        ('{"verdict": "A"} {"verdict": "B", "reason": "', None),
        ('{"verdict": "A or B"}', None),
        ('{"verdict": ["A", "B"]}', None),
        ('{"verdict": "C"}', None),
        ('{"verdict": null}', None),
        ('{"verdict": true}', None),
        ('{"verdict": {"winner": "A"}}', None),
        ('{"result": {"verdict": "A"}}', None),
        ('{"Verdict": "A"}', None),
        ('{"reason": "verdict: A"}', None),
        ("Verdict: A", None),
        ("A", None),
        ('{"verdict": "A"', None),
        ("{'verdict': 'A'}", None),
        ('[{"verdict": "A"}]', A),
    ],
)
def test_a_verdict_in_an_object(text: str, expected: tuple[float, ...] | None) -> None:
    assert read(text) == expected


TEN = Asked(scale=(1, 10))


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("rating", '{"rating": 7}', (7.0,)),
        ("rating", '{"rating": "7"}', (7.0,)),
        ("rating", '{"rating": 7.5, "reason": ""}', (7.5,)),
        ("rating", '{"rating": 11}', None),
        ("rating", '{"rating": 1e1}', None),
        ("rating", '{"rating": NaN}', None),
        ("rating", '{"rating": -1}', None),
        ("two-scores", '{"scores": [8, 7]}', (8.0, 7.0)),
        ("two-scores", '{"scores": [8]}', None),
        ("two-scores", '{"scores": [8, null]}', None),
        ("five-way", '{"verdict": "B>>A"}', B),
        ("error-step", '{"first_wrong_step": 3}', (3.0,)),
        ("judgerbench-b", '{"verdict": "A>B"}', (0.75, 0.25)),
    ],
)
def test_other_verdicts(name: str, text: str, expected: tuple[float, ...] | None) -> None:
    assert read(text, name, TEN if name != "rating" else Asked(1, (1, 10))) == expected


def test_labels_and_the_reasons() -> None:
    asked = Asked(1, labels=("wrong", "right"))
    assert read('{"label": "right"}', "label", asked) == (0, 1)
    assert parse("label", '{"label": "left"}', asked, json=True).said == "left"
    assert parse("verdict", "so it is A", Asked(), json=True).reason == "no JSON object with verdict found"
    two = '{"verdict": "A"} {"verdict": "B"}'
    assert parse("verdict", two, Asked(), json=True).reason == "JSON objects with different verdict: 'A' and 'B'"
    assert parse("verdict", two, Asked()).scores is None


def test_what_is_asked_for_is_what_is_read() -> None:
    """Each option of a schema is read as itself by the parser that it was made for."""
    options = field("verdict", Asked(responses=4), tie=True)
    assert options is not None
    assert options.schema["enum"] == ["A", "B", "C", "D", "tie"]
    assert [read(json.dumps({"verdict": one}), asked=Asked(4)) for one in "ABC"] == [
        (1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0),
    ]  # fmt: skip
    graded = field("five-way", Asked(), tie=False)
    assert graded is not None
    assert [read(json.dumps({"verdict": one}), "five-way") for one in graded.schema["enum"]] == [
        A, (0.75, 0.25), (0.25, 0.75), B,
    ]  # fmt: skip
    assert field("arena-hard", Asked()) is None


def test_steps_are_lines_and_a_ranking_is_a_text() -> None:
    assert value_in('{"steps": ["right", "wrong"]}', "steps") == ("Step 1: right\nStep 2: wrong\n", "")
    assert value_in('{"ranking": "B > A = C"} ', "ranking") == ("B > A = C", " ")
    assert read('{"steps": ["right", "wrong", "right"]}', "steps", Asked(3)) == (0, 1, 0)
    assert read('{"steps": ["right", "wrong"]}', "steps", Asked(3)) is None
    assert read('{"ranking": "B > A = C"}', "ranking", Asked(3)) == (-2, -1, -2)
    assert read('{"ranking": "B > A"}', "ranking", Asked(3)) is None
    for name in ("steps", "ranking"):
        asked = field(name, Asked(3))
        assert asked is not None
        assert asked.key == name


@settings(deadline=None)
@given(st.lists(st.sampled_from(["{", "}", '"', "verdict", ":", "A", "B", ",", "[", "]", "\\", " ", "1e999"])))
def test_never_raises_and_never_chooses_between_two(pieces: list[str]) -> None:
    parsed = parse("verdict", "".join(pieces), Asked(), json=True)
    assert (parsed.scores is None) == (parsed.reason is not None)


def test_deep_and_long_answers_end() -> None:
    for text in ('{"a":' * 100_000, '{"verdict": "A"}' * 10_000, '{ "' * 100_000, f'{{"rating": {"9" * 5_000}}}'):
        assert read(text, "rating" if "rating" in text else "verdict", TEN) in (None, A)


@pytest.mark.skipif(not CASES.is_file(), reason="the shared cases are not at hand")
def test_the_field_s_cases() -> None:
    rows = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
    for row in rows:
        single = row["parser"] == "rating"
        asked = Asked(1 if single else 2, (1, 10) if single else None, row.get("cut", False))
        right = SCORES[row["right"]] if isinstance(row["right"], str) else tuple(row["right"])
        assert parse(row["parser"], row["text"], asked).scores == right, row["why"]
