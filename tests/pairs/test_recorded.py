"""The letter graders on the responses of JudgeBench itself, whose labels were made by upstream's grader.

The right letters are not in the data, but every pair says which response has it: so the two responses of a pair must
state different letters, and the right responses to a question (of GPT-4o and of Claude) the same one.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from judgebench.pairs import answers

FILES = {"gpt": "gpt-4o-2024-05-13", "claude": "claude-3-5-sonnet-20240620"}


def pairs(mirror: Path, split: str) -> Iterator[tuple[str, str, str, str]]:
    """(source, question, right, wrong) of the multiple-choice questions."""
    path = mirror / "scalerlab-judgebench" / "data" / f"dataset=judgebench,response_model={FILES[split]}.jsonl"
    for line in path.read_text(encoding="utf-8").splitlines():
        row: dict[str, Any] = json.loads(line)
        source = row["source"].partition("-")[0] if row["source"].startswith("mmlu") else row["source"]
        if source == "mmlu" or (source == "livebench-math" and "(A)" in row["question"]):
            texts = row["response_A"], row["response_B"]
            right, wrong = texts if row["label"] == "A>B" else texts[::-1]
            yield source, row["question"].strip(), right, wrong


def tally(mirror: Path, split: str, source: str, read: Callable[[str, int], answers.Stated]) -> Counter[str]:
    found: Counter[str] = Counter()
    for where, _, right, wrong in pairs(mirror, split):
        if where == source:
            letters = [read(text, 10).answer for text in (right, wrong)]
            found["pairs"] += 1
            found["right read"] += letters[0] is not None
            found["both read"] += None not in letters
            found["as labelled"] += None not in letters and letters[0] != letters[1]
    return found


@pytest.mark.parametrize(
    ("split", "read", "right_read", "both_read", "as_labelled"),
    [
        ("gpt", answers.choice, 154, 150, 149),
        ("claude", answers.choice, 154, 154, 154),
        ("gpt", answers.last_line_choice, 153, 146, 145),
        ("claude", answers.last_line_choice, 154, 154, 154),
    ],
)
def test_mmlu_pro(
    split: str,
    read: Callable[[str, int], answers.Stated],
    right_read: int,
    both_read: int,
    as_labelled: int,
    mirror: Path,
) -> None:
    """The one pair of which both responses state the same letter: the one that upstream calls wrong repeats it four
    times, where the prompt asks for five."""
    expected = {"pairs": 154, "right read": right_read, "both read": both_read, "as labelled": as_labelled}
    assert tally(mirror, split, "mmlu", read) == expected


def test_a_question_has_one_right_letter(mirror: Path) -> None:
    letters: dict[str, set[str | None]] = defaultdict(set)
    for split in FILES:
        for source, question, right, _ in pairs(mirror, split):
            if source == "mmlu":
                letters[question].add(answers.choice(right, 10).answer)
    assert Counter(len(found) for found in letters.values()) == {1: len(letters)}


def test_format_decides_in_livebench_math(mirror: Path) -> None:
    """In 11 of the 25 multiple-choice pairs of GPT-4o in which both responses state a letter, it is the same letter:
    what upstream calls wrong there is the form (EEEEEE for EEEEE)."""
    found = tally(mirror, "gpt", "livebench-math", answers.choice)
    assert (found["both read"], found["both read"] - found["as labelled"]) == (25, 11)


def test_a_count_of_letters_is_a_form_and_no_answer() -> None:
    assert [answers.choice("so\n" + "E" * count, 5).answer for count in (3, 4, 5, 12, 13)] == [
        None,
        "E",
        "E",
        "E",
        None,
    ]
