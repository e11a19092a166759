"""From the specification of a small function to a question, and to two responses with code and an explanation of it."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from judgebench.verifiable.functions.spec import Arguments, Spec
from judgebench.verifiable.writing import Problem, Step, Voice, Working, cap, twin

_DRAWS = 200


def _call(name: str, arguments: Arguments) -> str:
    return f"{name}({', '.join(repr(argument) for argument in arguments)})"


def _indent(body: str) -> str:
    return "\n".join(f"    {line}" if line else "" for line in body.split("\n"))


def _examples(rng: Random, spec: Spec, true: str, misread: str) -> tuple[Arguments, Arguments] | None:
    """Arguments on which the two readings of the rule agree, for the question's example, and ones on which they
    differ."""
    same: Arguments | None = None
    differ: Arguments | None = None
    for _ in range(_DRAWS):
        arguments = spec.draw(rng)
        if spec.run(true, *arguments) != spec.run(misread, *arguments):
            differ = differ or arguments
        elif spec.telling(spec.run(true, *arguments)):
            same = same or arguments
        if same and differ:
            return same, differ
    return None


def kind(specify: Callable[[Random], Spec]) -> Callable[[Random], Problem | None]:
    def draw(rng: Random) -> Problem | None:
        return _problem(rng, specify(rng))

    return draw


def _problem(rng: Random, spec: Spec) -> Problem | None:
    true, misread = rng.sample(sorted(spec.in_question), 2)
    examples = _examples(rng, spec, true, misread)
    if examples is None:
        return None
    example, witness = examples
    name = rng.choice(spec.names)
    question = (
        (
            f"Write a Python function `{name}({spec.parameters})` that {spec.purpose}. "
            f"{cap(rng.choice(spec.in_question[true]))}. "
        )
        + (f"{spec.note} " if spec.note else "")
        + f"For example, `{_call(name, example)}` returns `{spec.run(true, *example)!r}`."
    )

    def solve(v: Voice, stated: str, applied: str) -> Working:
        style = v.rng.randrange(len(spec.code(applied)))
        lines = [f"def {name}({spec.parameters}):", _indent(spec.code(applied)[style])]
        if v.rng.random() < 0.3:
            lines.insert(1, f'    """{cap(spec.summary)}."""')
        rule = v.pick(*spec.in_response[stated])
        outcome = [v.code(repr(spec.run(applied, *arguments))) for arguments in (example, witness)]
        calls = [v.code(_call(name, arguments)) for arguments in (example, witness)]
        return Working(
            task=v.pick(
                f"The function has to {spec.goal}.",
                f"The task is to {spec.goal}.",
                f"We need a function to {spec.goal}.",
            ),
            plan=v.pick(
                "Here is the idea, part by part.",
                "The idea is simple, with one detail to watch.",
                "The idea comes first, then the code.",
            ),
            steps=(
                *(Step(title, brief, full) for title, brief, full in spec.steps),
                Step(
                    "get the detail right",
                    rule,
                    v.pick(
                        f"One detail needs care: {rule}.",
                        f"Note that {rule}.",
                        f"As for the detail that is easy to miss, {rule}.",
                    ),
                ),
            ),
            check=v.pick(
                f"Traced by hand, {calls[0]} gives {outcome[0]} as in the task, and {calls[1]} gives {outcome[1]}.",
                (
                    f"For {calls[1]} the code returns {outcome[1]}, and for the example {calls[0]} it returns "
                    f"{outcome[0]}."
                ),
            )
            + " "
            + v.pick("This is the function:", "The complete function:", "So the code is:"),
            closing="",
            answer=f"{_call(name, witness)} == {spec.run(applied, *witness)!r}",
            code="\n".join(lines),
        )

    return twin(rng, question, spec.error, solve, true, misread)
