"""A parser never raises, never hangs, and never makes a verdict out of noise."""

from __future__ import annotations

import time
from math import isfinite

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judgebench.parsers import PARSERS, Asked, confidence, parse
from judgebench.thoughts import outside

PIECES = (
    *(
        "Verdict:",
        "Verdict：",
        "verdict is =",
        "Rating:",
        "Scores:",
        "[RESULT]",
        "Result:",
        "Confidence:",
        "A",
        "B",
        "tie",
    ),
    *(
        "A>>B",
        "B=A",
        "[[",
        "]]",
        "［［Ａ］］",
        "【",
        "】",
        "8",
        "7.5",
        "/10",
        "10",
        " ",
        "\n",
        "\r\n",
        "**",
        "`",
        "> ",
        "# ",
    ),
    *(
        "<think>",
        "</think>",
        "[THINK]",
        "<|channel|>final<|message|>",
        "\u200b",
        "\ufeff",
        "\u202e",
        "平局",
        "判决：",
        "ⓐ",
    ),
    *(
        "Output (a)",
        "Output (b) is better.",
        "final decision is ",
        "response 1",
        '"Choice": "Model ',
        "\\boxed{",
        "\ud800",
    ),
)
texts = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
asked = st.builds(
    Asked,
    responses=st.integers(1, 5),
    scale=st.sampled_from([None, (1, 10), (1, 5)]),
    cut=st.booleans(),
)


@settings(deadline=None)
@given(st.sampled_from(sorted(PARSERS)), texts, asked)
def test_never_raises(name: str, text: str, asked: Asked) -> None:
    parsed = parse(name, text, asked)
    assert (parsed.scores is None) == (parsed.reason is not None)
    assert parsed.scores is None or all(isfinite(score) for score in parsed.scores)
    assert confidence(text) is None or 0 <= confidence(text) <= 1  # type: ignore[operator]


@settings(deadline=None)
@given(texts, st.sampled_from([("A", (1, 0)), ("B", (0, 1)), ("tie", (0.5, 0.5))]))
def test_the_last_verdict_counts_whatever_came_before(before: str, last: tuple[str, tuple[float, ...]]) -> None:
    word, expected = last
    text = f"{before}\nVerdict: {word}"
    if outside(text).endswith(f"\nVerdict: {word}"):  # or else it is a thought
        assert parse("verdict", text, Asked()).scores == expected


@settings(deadline=None)
@given(st.lists(st.sampled_from("\u200b\u200c\u200d\u2060\ufeff\u00ad"), min_size=10, max_size=10), st.booleans())
def test_what_cannot_be_seen_does_not_count(invisible: list[str], upper: bool) -> None:
    spread = "".join(char + (invisible.pop() if invisible else "") for char in "Verdict: B")
    assert parse("verdict", spread.upper() if upper else spread.lower(), Asked()).scores == (0, 1)


@pytest.mark.parametrize("piece", ["[[A", "\n", " ", "\n<think>", "Verdict: A\n", "[RESULT] ", "9", "“é<"])
def test_a_megabyte_takes_no_longer_than_its_length(piece: str) -> None:
    text = f"Verdict:{piece * (1_000_000 // len(piece))}"
    for name in PARSERS:
        started = time.process_time()
        parse(name, text, Asked(scale=(1, 10)))
        assert time.process_time() - started < 3, name
