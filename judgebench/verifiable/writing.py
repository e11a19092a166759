"""From a worked solution to a response: long or short, markdown or plain.

Nothing here knows whether the solution is right. A family passes a `Solver` in which the premise or the slip is already
fixed; the solver describes its work in a `Voice`, and a layout arranges it. Each response has a voice with random
numbers of its own, so that no turn of phrase goes with being right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Voice:
    """The form of a response, and the random numbers that choose its wording."""

    rng: Random
    long: bool
    markdown: bool

    def pick(self, *options: str) -> str:
        return self.rng.choice(options)

    def lit(self, text: str) -> str:
        """A string, in quotes or as code."""
        return f"`{text}`" if self.markdown else f'"{text}"'

    def code(self, text: str) -> str:
        """Code within a sentence."""
        return f"`{text}`" if self.markdown else text

    def rows(self, sentence: str, lines: Sequence[str]) -> str:
        """A sentence that ends in a colon, and below it the lines that it announces."""
        if self.markdown:
            return f"{sentence}\n\n" + "\n".join(f"- {line}" for line in lines)
        return f"{sentence}\n" + "\n".join(lines)


@dataclass(frozen=True)
class Step:
    """A step of a solution. `title` is an imperative in lower case, `brief` one clause for a short response, `full` one
    to three sentences for a long one, perhaps followed by rows."""

    title: str
    brief: str
    full: str
    titled: bool = False
    """Whether `full` can be understood only with the title."""


@dataclass(frozen=True)
class Working:
    """A complete solution. `closing` is a sentence with a placeholder for the answer. `code`, where there is any, is
    the answer, and takes the place of the final line."""

    task: str
    plan: str
    steps: tuple[Step, ...]
    check: str
    closing: str
    answer: str
    literal: bool = False
    code: str = ""


Solver = Callable[[Voice], Working]


@dataclass(frozen=True)
class Problem:
    """A question with a solver that is right and one that makes a single slip, which `error` names."""

    question: str
    error: str
    right: Solver
    wrong: Solver


def twin(
    rng: Random, question: str, error: str, solve: Callable[[Voice, T, T], Working], true: T, misread: T
) -> Problem:
    """A problem whose slip is a premise taken the other way. `solve(voice, stated, applied)` states one premise and
    applies one: half of the wrong responses misstate it, the others state it correctly and then apply the other one.

    Where `true` is drawn evenly, a wrong response to this question has the same distribution as a right response to
    the question with the other premise, so that nothing in it alone can give it away.
    """
    stated = rng.choice((true, misread))
    return Problem(question, error, right=lambda v: solve(v, true, true), wrong=lambda v: solve(v, stated, misread))


def slip(question: str, error: str, solve: Callable[[Voice, T], Working], correct: T, slipped: T) -> Problem:
    """A problem whose slip is made in a step, which is carried out with `slipped` instead of `correct`."""
    return Problem(question, error, right=lambda v: solve(v, correct), wrong=lambda v: solve(v, slipped))


def respond(solve: Solver, *, long: bool, markdown: bool, rng: Random) -> tuple[str, str]:
    """The response's text, and the answer in it alone."""
    voice = Voice(rng, long, markdown)
    working = solve(voice)
    body = (_long if long else _short)(voice, working)
    return "\n\n".join([*body, _final(voice, working)]), working.answer


# --- layouts ---------------------------------------------------------------------------------------------------------

_HELLO = (
    "Let's work through this.",
    "Let me take this step by step.",
    "Let's do this carefully.",
    "Happy to help.",
    "Sure.",
)
_CHECKS = ("Check", "Verification", "Double-check", "Sanity check")
_CHECKS_PLAIN = (
    "Check:",
    "Let me check this.",
    "To verify:",
    "A quick check.",
    "Double-checking:",
    "As a sanity check:",
)


def _long(v: Voice, w: Working) -> list[str]:
    opening = v.rng.choice(([f"{w.task} {w.plan}"], [w.task, w.plan], [f"{v.pick(*_HELLO)} {w.task}", w.plan]))
    steps = (_step_markdown if v.markdown else _step_plain)(v, w.steps)
    return [*opening, *steps, *_check(v, w.check)]


def _step_markdown(v: Voice, steps: Sequence[Step]) -> list[str]:
    layouts = ["heading", "numbered heading", "bold"]
    if not any("\n" in step.full for step in steps):
        layouts.append("list")
    layout = v.rng.choice(layouts)
    numbered = list(enumerate(steps, 1))
    if layout == "heading":
        return [f"### {cap(step.title)}\n\n{step.full}" for step in steps]
    if layout == "numbered heading":
        return [f"### Step {number}: {step.title}\n\n{step.full}" for number, step in numbered]
    if layout == "bold":
        return [f"**Step {number}: {step.title}.** {step.full}" for number, step in numbered]
    return ["\n".join(f"{number}. **{cap(step.title)}.** {step.full}" for number, step in numbered)]


def _step_plain(v: Voice, steps: Sequence[Step]) -> list[str]:
    layout = v.pick("numbered", "led", "led" if any(step.titled for step in steps) else "bare")
    if layout == "numbered":
        return [f"Step {number}: {step.title}. {step.full}" for number, step in enumerate(steps, 1)]
    if layout == "bare":
        return [step.full for step in steps]
    middle = ["Next", "Then", "After that", "Next", "Then"]
    leads = ["First", *middle[: len(steps) - 2], *["Finally"][: len(steps) - 1]]
    return [f"{lead}, {step.title}. {step.full}" for lead, step in zip(leads, steps, strict=True)]


def _check(v: Voice, check: str) -> list[str]:
    if v.markdown:
        name = v.pick(*_CHECKS)
        return [v.pick(f"### {name}\n\n{check}", f"**{name}.** {check}", f"*{name}:* {check}")]
    return [f"{v.pick(*_CHECKS_PLAIN)} {check}"]


def _short(v: Voice, w: Working) -> list[str]:
    lead = [w.task] if v.rng.random() < 0.4 else []
    briefs = [sentence(step.brief) for step in w.steps]
    if not v.markdown:
        return [*lead, v.pick(" ", "\n").join(briefs)]
    layout = v.pick("bullets", "numbers", "paragraph")
    if layout == "bullets":
        return [*lead, "\n".join(f"- {brief}" for brief in briefs)]
    if layout == "numbers":
        return [*lead, "\n".join(f"{number}. {brief}" for number, brief in enumerate(briefs, 1))]
    return [" ".join([*lead, *briefs])]


def _final(v: Voice, w: Working) -> str:
    """The last line, the only one that states the answer."""
    if w.code:
        return f"```python\n{w.code}\n```" if v.markdown else w.code
    answer = v.lit(w.answer) if w.literal else w.answer
    if not v.markdown:
        form = v.pick(
            "Answer: {}", "Final answer: {}", "The answer is {}.", "So the answer is {}.", w.closing, w.closing
        )
        return form.format(answer)
    bold = f"**{answer}**"
    return v.pick(
        f"**Answer:** {answer}",
        f"**Answer: {answer}**",
        f"**Final answer:** {answer}",
        f"The answer is {bold}.",
        w.closing.format(bold),
        w.closing.format(bold),
    )


# --- words -----------------------------------------------------------------------------------------------------------


def cap(text: str) -> str:
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    return cap(text) if text.endswith((".", ":", "?", "!")) else cap(text) + "."


def series(words: Sequence[object], last: str = "and") -> str:
    """As in `a, b and c`."""
    texts = [str(word) for word in words]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} {last} {texts[-1]}"


def count(number: int, singular: str, plural: str = "") -> str:
    """As in `1 day` and `2 days`."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def spread(a: int, b: int) -> str:
    """A multiplication as it is done by hand: 23 × 40 as 20 × 40 and 3 × 40."""
    tens, ones = a // 10 * 10, a % 10
    if not tens or not ones:
        return f"{a} × {b:,} = {a * b:,}"
    return f"{tens} × {b:,} = {tens * b:,} and {ones} × {b:,} = {ones * b:,}, together {a * b:,}"


def duration(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} h" if hours else "", f"{rest} min" if rest or not hours else ""]
    return " ".join(part for part in parts if part)


def clock(minutes: int) -> str:
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"
