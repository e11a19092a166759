"""What stands inside a judge's thoughts is not its answer."""

from __future__ import annotations

import pytest

from judgebench.parsers import Asked, parse
from judgebench.thoughts import outside


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
        # Channels.
        ("<|channel|>analysis<|message|>A?<|end|><|start|>assistant<|channel|>final<|message|>B<|return|>", "B"),
        ("<|channel|>analysis<|message|>A?", ""),
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
