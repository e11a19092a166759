"""How likely each of several options is where an answer begins: the probability of its whole label, in any of its
spellings, as the model's tokenizer writes it after the prompt. Here is the arithmetic; a backend writes and reads.

An option of one token is read where the prompt ends. Of a longer one, each token is read after those before it: after a
beginning, which is the prompt and the first tokens of a label.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import exp, inf, log

from judgebench.errors import InputError

Options = tuple[tuple[str, ...], ...]
"""What the answer may be, each in all its spellings."""
Start = tuple[int, ...]
Labels = dict[Start, int]
"""The tokens of each spelling, and which option it is one of."""


def labels(tail: str, options: Options, write: Callable[[str], Sequence[int]]) -> Labels:
    """Of options that follow this end of a prompt; `write` gives a text's tokens. It is asked for the end, for the end
    with each spelling, and for the first spelling alone. InputError where the tokenizer writes two options alike."""
    before, found = list(write(tail)), Labels()
    for option, spellings in enumerate(options):
        written = [list(write(tail + spelling)) for spelling in spellings]
        # A spelling that grows together with the end of the prompt is not what the model could write after it.
        after = [ids[len(before) :] for ids in written if ids[: len(before)] == before != ids]
        for ids in after or [list(write(spellings[0]))]:
            if found.setdefault(tuple(ids), option) != option:
                other = options[found[tuple(ids)]][0]
                raise InputError(f"the tokenizer writes {spellings[0]!r} as it writes {other!r}")
    return found


def beginnings(found: Labels) -> dict[Start, tuple[int, ...]]:
    """After which tokens of a label something is read, and which tokens that is."""
    wanted: dict[Start, dict[int, None]] = {}
    for ids in found:
        for place, token in enumerate(ids):
            wanted.setdefault(ids[:place], {})[token] = None
    return {start: tuple(tokens) for start, tokens in wanted.items()}


def chances(found: Labels, options: int, read: Mapping[Start, Mapping[int, float]]) -> tuple[float, ...]:
    """The log-probability of each option, from that of each token after each beginning."""
    whole = {ids: sum(read[ids[:place]][token] for place, token in enumerate(ids)) for ids in found}
    sums = [0.0] * options
    # What goes on as another spelling is that one: "10" is not "1".
    for ids, logarithm in whole.items():
        longer = [other for other in whole if len(other) > len(ids) and other[: len(ids)] == ids]
        next_ones = [one for one in longer if not any(one != less and one[: len(less)] == less for less in longer)]
        gone = sum(exp(whole[one] - logarithm) for one in next_ones) if logarithm > -inf else 0.0
        sums[found[ids]] += exp(logarithm) * max(0.0, 1 - gone)
    return tuple(log(chance) if chance > 0 else -inf for chance in sums)
