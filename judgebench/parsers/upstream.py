"""The parsers with which published numbers were made, as lax as they are. Each reads the first or the last verdict as
its authors did. A failure stays a failure here; whether a benchmark counts it as a tie is that benchmark's rule."""

from __future__ import annotations

import re
from math import isfinite

from judgebench.parsers._answer import Asked, Parsed, chosen, tied, unread


def arena_hard(text: str, _: Asked) -> Parsed:
    """[[A>>B]] to [[B>>A]] anywhere in the text, where all such labels agree; much better counts as better."""
    labels = dict.fromkeys(re.findall(r"\[\[([AB<>=]++)\]\]", text))
    listed = ", ".join(labels) or None
    if len(labels) != 1:
        return unread("labels that differ" if labels else "no label in double brackets", listed)
    label = next(iter(labels))
    scores = {"A>B": (1.0, 0.0), "B>A": (0.0, 1.0), "A=B": (0.5, 0.5)}.get(label.replace(">>", ">"))
    return Parsed(scores, listed) if scores else unread(f"no such label: {label}", listed)


def judgelm(text: str, _: Asked) -> Parsed:
    """The first line is two numbers with one space or one comma between them, and not both."""
    line = text.strip().split("\n", 1)[0]
    numbers = line.replace(",", " ").split(" ")
    try:
        scores = tuple(float(number) for number in numbers)
    except ValueError:
        scores = ()
    if len(scores) != 2 or not all(map(isfinite, scores)):
        return unread("the first line is not two scores", line[:160] or None)
    return Parsed(scores, line)


def pandalm(text: str, asked: Asked) -> Parsed:
    """The first line is 1, 2 or Tie."""
    line = text.strip().split("\n", 1)[0]
    if line.lower() == "tie":
        return tied(asked, line)
    if line in ("1", "2"):
        return chosen(int(line) - 1, asked, line)
    return unread("the first line is not 1, 2 or Tie", line[:160] or None)


def autoj(text: str, asked: Asked) -> Parsed:
    """What follows the last "final decision is "; in bold, too, which upstream does not read."""
    _, marker, decision = text.strip().rpartition("final decision is ")
    decision = decision[:80].strip(" \n\t*_").lower()
    if not marker:
        return unread('no "final decision is"')
    for slot, words in enumerate(("response 1", "response 2")):
        if decision.startswith(words):
            return chosen(slot, asked, words)
    return tied(asked, "tie") if decision.startswith("tie") else unread("the final decision is not one", decision)


def vanilla(text: str, asked: Asked) -> Parsed:
    """Output (a) or Output (b), and nothing else."""
    answer = text.strip()
    if answer in ("Output (a)", "Output (b)"):
        return chosen(int(answer == "Output (b)"), asked, answer)
    return unread('neither "Output (a)" nor "Output (b)"', answer[:160] or None)


def first_of_a_b(text: str, asked: Asked) -> Parsed:
    """A if there is a capital A anywhere, B if there is a capital B and no A (Skywork-Critic, JudgerBench part A)."""
    for slot, letter in enumerate("AB"):
        if letter in text:
            return chosen(slot, asked, letter)
    return unread("neither A nor B")


_PROMETHEUS = re.compile(
    r"(?:\[result(?:\](?:\s+response)?|:)|\[response\s|^result:?)\s*([ab])(?:\]|\s|$)", re.IGNORECASE | re.MULTILINE
)


def prometheus2(text: str, asked: Asked) -> Parsed:
    """The first [RESULT] A, in any of the spellings that upstream's pattern takes."""
    match = _PROMETHEUS.search(text)
    return chosen("AB".index(match[1].upper()), asked, match[0].strip()) if match else unread("no result found")


def compassjudger(text: str, asked: Asked) -> Parsed:
    """The character after the last `"Choice": "Model `; where that is absent, the first character of the text."""
    choice = text.rpartition('"Choice": "Model ')[2][:1]
    if choice in ("A", "B"):
        return chosen("AB".index(choice), asked, choice)
    return unread("the choice is neither A nor B", choice or None)


def llmbar(text: str, asked: Asked) -> Parsed:
    """A line that begins with Output (a), else one that begins with Output (b)."""
    return _output(text.strip(), r"^ ?Output \({}\)", asked)


def llmbar_cot(text: str, asked: Asked) -> Parsed:
    """`Output (a) is better` and one more character, else the same with (b)."""
    return _output(text.strip(), r"Output \({}\) is better.", asked)


def llmbar_rating(text: str, _: Asked) -> Parsed:
    """A whole number, and nothing else."""
    answer = text.strip()[:160]
    try:
        return Parsed((float(int(text)),), answer)
    except (ValueError, OverflowError):
        return unread("not a whole number", answer or None)


def _output(text: str, pattern: str, asked: Asked) -> Parsed:
    for slot, letter in enumerate("ab"):
        if re.search(pattern.format(letter), text, re.MULTILINE):
            return chosen(slot, asked, f"Output ({letter})")
    return unread("neither Output (a) nor Output (b) is named")
