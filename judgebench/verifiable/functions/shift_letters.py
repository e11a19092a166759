"""Letters shifted along the alphabet: which way?"""

from __future__ import annotations

from random import Random

from judgebench.verifiable.functions.spec import Spec, block
from judgebench.verifiable.lexicon import WORDS

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def spec(rng: Random) -> Spec:
    x = rng.choice(("text", "word", "message"))

    def code(option: str) -> tuple[str, ...]:
        sign = "+" if option == "forward" else "-"
        return (
            block(
                f'letters = "{_LETTERS}"',
                f"moved = [letters[(letters.index(c) {sign} steps) % 26] if c in letters else c for c in {x}]",
                'return "".join(moved)',
            ),
            block(
                'result = ""',
                f"for c in {x}:",
                '    if "a" <= c <= "z":',
                f'        place = (ord(c) - ord("a") {sign} steps) % 26',
                '        c = chr(ord("a") + place)',
                "    result += c",
                "return result",
            ),
        )

    def run(option: str, text: str, steps: int) -> str:
        turn = steps % 26 if option == "forward" else -steps % 26
        table = dict(zip(_LETTERS, _LETTERS[turn:] + _LETTERS[:turn]))
        return "".join(table.get(c, c) for c in text)

    def draw(rng: Random) -> tuple[str, int]:
        # 13 steps come to the same in both directions: that is the example on which the two readings agree.
        text = rng.choice((rng.choice(WORDS), f"{rng.choice(WORDS)} {rng.randrange(2, 99)}"))
        return text, rng.choice((13, rng.randrange(1, 26)))

    return Spec(
        names=("shift_letters", "encode", "shift_text"),
        parameters=f"{x}, steps",
        purpose=(
            f"replaces each lower-case letter a to z of the string `{x}` by the one `steps` places further on in the "
            "alphabet"
        ),
        goal="shift the letters of a text along the alphabet",
        summary="return the text with its letters shifted",
        in_question={
            "forward": ("the shift goes from a towards z, and after z it goes on with a",),
            "back": ("the shift goes from z towards a, and after a it goes on with z",),
        },
        in_response={
            "forward": ("a shift by one turns b into c", "with one step, d becomes e"),
            "back": ("a shift by one turns c into b", "with one step, e becomes d"),
        },
        steps=(
            (
                "number the letters",
                "letters become the numbers 0 to 25",
                "Each letter has a number from 0 to 25, which makes shifting a sum.",
            ),
            (
                "wrap around",
                "modulo 26 wraps around",
                "Taking the result modulo 26 keeps it in the alphabet. All other characters stay as they are.",
            ),
        ),
        code=code,
        run=run,
        draw=draw,
        error="direction",
        note="All other characters are kept, and `steps` is between 0 and 25.",
    )
