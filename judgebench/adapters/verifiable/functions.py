"""Small Python functions written to a specification. The slip: one rule of the specification is taken the other way, so
that the code agrees with it on the example but not everywhere.

What a piece of code returns is worked out by a twin of it in `snippets`; no generated text is ever executed here.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from judgebench.adapters.verifiable.snippets import Arguments, Spec
from judgebench.adapters.verifiable.snippets_lists import LISTS
from judgebench.adapters.verifiable.snippets_numbers import NUMBERS
from judgebench.adapters.verifiable.writing import Problem, Step, Voice, Working, cap, twin

_DRAWS = 200


def _call(name: str, arguments: Arguments) -> str:
    return f"{name}({', '.join(repr(argument) for argument in arguments)})"


def _indent(body: str) -> str:
    return "\n".join(f"    {line}" if line else "" for line in body.split("\n"))


def _examples(rng: Random, spec: Spec, one: str, other: str) -> tuple[Arguments, Arguments] | None:
    """Arguments on which the two readings agree, for the question, and arguments on which they do not."""
    same: Arguments | None = None
    differ: Arguments | None = None
    for _ in range(_DRAWS):
        arguments = spec.draw(rng)
        if spec.run(one, *arguments) != spec.run(other, *arguments):
            differ = differ or arguments
        elif spec.telling(spec.run(one, *arguments)):
            same = same or arguments
        if same and differ:
            return same, differ
    return None


def _kind(build: Callable[[Random], Spec]) -> Callable[[Random], Problem | None]:
    def draw(rng: Random) -> Problem | None:
        return _problem(rng, build(rng))

    return draw


def _problem(rng: Random, spec: Spec) -> Problem | None:
    true, read = rng.sample(sorted(spec.asked), 2)
    found = _examples(rng, spec, true, read)
    if found is None:
        return None
    example, witness = found
    name = rng.choice(spec.names)
    question = (
        f"Write a Python function `{name}({spec.parameters})` that {spec.purpose}. {cap(rng.choice(spec.asked[true]))}. "
        + (f"{spec.note} " if spec.note else "")
        + f"For example, `{_call(name, example)}` returns `{spec.run(true, *example)!r}`."
    )

    def solve(v: Voice, told: str, done: str) -> Working:
        style = v.rng.randrange(len(spec.code(done)))
        lines = [f"def {name}({spec.parameters}):", _indent(spec.code(done)[style])]
        if v.rng.random() < 0.3:
            lines.insert(1, f'    """{cap(spec.summary)}."""')
        rule = v.pick(*spec.told[told])
        outcome = [v.lit(repr(spec.run(done, *arguments))) for arguments in (example, witness)]
        calls = [v.lit(_call(name, arguments)) for arguments in (example, witness)]
        return Working(
            task=v.pick(
                f"The function has to {spec.goal}. The point to watch is that {rule}.",
                f"We need a function to {spec.goal}, and {rule}.",
            ),
            plan=v.pick("Here is how I go about it.", "I keep it as simple as possible.", "Let me go through the idea first."),
            steps=(
                *(Step(title, brief, full) for title, brief, full in spec.steps),
                Step("see to the special rule", f"{rule}", f"In the code below, {rule}; this is decided in a single place."),
            ),
            check=v.pick(
                f"By hand, {calls[0]} gives {outcome[0]} as in the task. A second case is {calls[1]}, which gives {outcome[1]}.",
                f"For {calls[1]} the code returns {outcome[1]}, and for the example {calls[0]} it returns {outcome[0]}.",
            )
            + " "
            + v.pick("This is the function:", "The complete function:", "So the code is:"),
            closing="",
            answer=f"{_call(name, witness)} == {spec.run(done, *witness)!r}",
            code="\n".join(lines),
        )

    return twin(rng, question, spec.error, solve, true, read)


KINDS = tuple(_kind(build) for build in (*LISTS, *NUMBERS))
