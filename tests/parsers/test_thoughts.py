"""What stands inside a judge's thoughts is not its answer."""

from __future__ import annotations

import re

import pytest

from judgebench.parsers import Asked, parse
from judgebench.thoughts import left_open, outside, table


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("no thoughts", "no thoughts"),
        ("<think>A?</think>B", "B"),
        ("<think>\nA?\n</think>\n\nB", "\n\nB"),
        ("<THINKING>A?</THINKING>B", "B"),
        ("<seed:think>A?</seed:think>B", "B"),
        ("<reasoning>A?</reasoning>B", "B"),
        ("[THINK]A?[/THINK]B", "B"),
        ("◁think▷A?◁/think▷B", "B"),
        ("<|begin_of_thought|>A?<|end_of_thought|>B", "B"),
        ("B\n<think>A?</think>\nC", "B\n\nC"),
        # Never ends: what follows is thought. Ends without a beginning: the chat template began it.
        ("<think>A", ""),
        ("B\n<think>A", "B\n"),
        ("A?</think>B", "B"),
        ("A?</think>A??</think>B", "B"),
        # A tag within a thought opens nothing; within a sentence, it is being talked about.
        ("<think>so\n<think> it is A</think>B", "B"),
        ("A shows its <think> tags. B does not.", "A shows its <think> tags. B does not."),
        # Families with marks of their own.
        ("<|channel>thought\nA?<channel|>B", "B"),
        ("<|channel>thought\n<channel|>B", "B"),
        ("<|START_THINKING|>A?<|END_THINKING|><|START_RESPONSE|>B<|END_RESPONSE|>", "B"),
        ("<|START_THINKING|>A?", ""),
        ("<|inner_prefix|>A?<|inner_suffix|>B", "B"),
        ("<|think|>A?<|end|><|begin|>assistant<|content|>B<|end|>", "B"),
        ("<think>A?</think><response>B</response>", "B"),
        ("Here are my reasoning steps:\nA?\n[BEGIN FINAL RESPONSE]\nB\n[END FINAL RESPONSE]", "\nB\n"),
        ("Here are my reasoning steps:\nB is right.", "Here are my reasoning steps:\nB is right."),
        ("<think duration=3 why='x'>\nA?", ""),
        ("Let me think. <think>\nA?", "Let me think. "),
        ("Well,<think>so it is A", "Well,"),
        ("A has `<think>` and <think>, and (<think>) too.", "A has `<think>` and <think>, and (<think>) too."),
        ("[THINK]A writes </think>\nno[/THINK]B", "B"),
        ("[THINK]A writes </think>\nA?", ""),
        # Nobody can tell where these end: a server left the marks out.
        ("thought\nA?\nB", ""),
        ("A thought\nB", "A thought\nB"),
        # What ended the answer, or stands around it.
        ("B<|im_end|>", "B"),
        ("B<|eot_id|>\n<|end_of_text|>", "B"),
        ("B</s><|im_start|>user\nA", "B"),
        ("A ends with </s>, B does not", "A ends with </s>, B does not"),
        ("<|begin_of_box|>B<|end_of_box|>", "B"),
        # Channels.
        ("<|channel|>analysis<|message|>A?<|end|><|start|>assistant<|channel|>final<|message|>B<|return|>", "B"),
        ("<|channel|>analysis<|message|>A?", ""),
        ("<|channel|>commentary to=x <|message|>A?<|end|><|start|>assistant<|channel|>final<|message|>B", "B"),
        ("analysisA? But", ""),
        ("<|channel|>final<|message|>B", "B"),
        ("analysisA? or B?assistantfinalB", "B"),
        ("analysis: B is right", "analysis: B is right"),
    ],
)
def test_outside(text: str, answer: str) -> None:
    assert outside(text) == answer


def test_a_verdict_in_thought_is_none() -> None:
    assert parse("verdict", "<think>Verdict: A</think>\nVerdict: B", Asked()).scores == (0, 1)
    assert parse("arena-hard", "<think>[[A>B]]</think>[[B>A]]", Asked()).scores == (0, 1)
    assert parse("verdict", "<think>Verdict: A", Asked()).reason == "nothing but thoughts"


def test_every_pair_of_marks_is_found() -> None:
    for pair in table().pairs:
        assert re.compile(pair.opens)
        assert not any(re.compile(side).groups for side in (pair.opens, pair.closes))


def test_an_end_of_a_prompt_shows_what_it_begins() -> None:
    assert left_open("<|im_end|>\n<|im_start|>assistant\n") is None
    assert left_open("<|assistant|><think>\n\n</think>\n\n") is None
    begun = left_open("<|assistant|><think>\n")
    assert begun is not None
    assert begun.in_ours("A?</think>B") == "<think>A?</think>B"
    apriel = left_open("<|begin_assistant|>\nHere are my reasoning steps:\n")
    assert apriel is not None
    assert outside(apriel.in_ours("A?\n[BEGIN FINAL RESPONSE]\nB")) == "\nB"
    assert outside(apriel.in_ours("A?")) == ""
