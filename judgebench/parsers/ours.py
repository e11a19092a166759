"""The strict forms: what our own prompts ask for.

The verdict stands on a line of its own, `Verdict: A`, and the last such line counts, even if it cannot be read: falling
back to an earlier one would read a thought as a decision. An answer that is nothing but a verdict counts too. A bare
letter at the end of a longer answer does not: it may be the judge's answer to a multiple-choice question. Nor does one
in a box or in <answer> tags, unless the prompt asks for that. Markdown, quotes, brackets, case and a final full stop
don't matter; anything else on the line does. In an answer that was cut off the line has to be the last one, and whole.

Two strict forms are for prompts of other authors: the last label in double brackets, and the last [RESULT].
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from re import Match, Pattern
from string import ascii_uppercase

from judgebench.characters import plain
from judgebench.parsers._answer import Asked, Parsed, chosen, tied, unread

# Every repetition is bounded and no two neighbours can match the same character, so that time stays linear.
_OPEN = r"""(?:[\s*_`~"'“”‘’«»()\[\]{}$|]|</?\w{1,20}>|\\(?:boxed|text(?:bf)?|math(?:bf|rm))\b){0,40}"""
_CLOSE = r"""(?:[ \t*_`~"'“”‘’«»()\[\]{}>$|.!]|</?\w{1,20}>){0,40}(?=\n|\Z)"""
_NUMBER = r"(\d{1,6}(?:\.\d{1,6})?)(?:[ \t]{0,4}(?:/|out[ ]of)[ \t]{0,4}(\d{1,6}))?"
_QUOTED = 160


def _marker(word: str) -> Pattern[str]:
    return re.compile(
        r"""^[ \t>#*_`~"'“‘•({\[|-]{0,20}(?:(?:so|thus|therefore|hence|my|the|final|overall)[ ,]{1,3}){0,4}"""
        rf"""[*_`"']{{0,6}}{word}[ \t*_`"'”’]{{0,8}}(?:is[ \t]{{0,4}})?[:=]""",
        re.IGNORECASE | re.MULTILINE,
    )


def _form(inside: str) -> Pattern[str]:
    return re.compile(f"{_OPEN}{inside}{_CLOSE}", re.IGNORECASE)


_VERDICT, _RATING, _SCORES, _CONFIDENCE, _LABEL, _RANKING, _NUMBERED = map(
    _marker, ("verdict", "rating", "scores", "confidence", "(?:label|verdict)", "ranking", r"step[ ]{1,3}(\d{1,4})")
)
_STEP = _marker("(?:first[ ]wrong[ ]step|first[ ]error[ ]step)")
_RESULT = re.compile(r"\[RESULT\]", re.IGNORECASE)
_BRACKETS = re.compile(r"\[\[([^\[\]\n]{1,40})\]\]")

_LETTER = _form(
    r"(?:(?:the[ ])?(?:answer|response|assistant|output|option)[\s_*]{1,4})?(?:[\"'(\[]{0,2})"
    r"((?:a[ ])?(?:tie|draw)|[A-Z])(?![^\W_])"
    r"(?:[\"')\]*]{0,4}[ ](?:is[ ](?:slightly[ ]|much[ ]|clearly[ ])?better|wins))?"
)
_COMPARED = _form(r"([AB])[ ]{0,2}(>{1,2}|<{1,2}|={1,2})[ ]{0,2}([AB])(?![^\W_])")
_ONE = _form(_NUMBER)
_TWO = _form(rf"(?:A[ ]?[:=]?[ ]{{0,2}})?{_NUMBER}[ \t,;|&]{{1,6}}(?:and[ ])?(?:B[ ]?[:=]?[ ]{{0,2}})?{_NUMBER}")
_WHICH_STEP = _form(r"(?:step[ ]{1,3}|line[ ]{1,3})?(\d{1,4}|none|n/a)(?![^\W_])")
_RIGHT_OR_WRONG = _form(r"(?:(right|correct)|wrong|incorrect)(?![^\W_])")
_IN_ORDER = _form(r"([A-Z](?:[ ]{0,2}[>=][ ]{0,2}[A-Z]){1,25})(?![^\W_])")
_PER_CENT = _form(r"(\d{1,3})[ ]?%?")
_AT_END = {
    "answer": re.compile(r"<answer>\s{0,8}([^<>\n]{1,40}?)\s{0,8}</answer>\s*\Z", re.IGNORECASE),
    "boxed": re.compile(r"\\boxed\{([^\n]{1,60}?)\}[\s$.*]*\Z"),
}
_RESTATED = re.compile(
    r"\b[Vv]erdict\b[^.:\n]{0,40}?\b(?:is|be|to)[ ]{1,3}[*_`\"'(\[]{0,4}((?:a )?(?:tie|draw)|[A-Z])\b"
)


def verdict(text: str, asked: Asked) -> Parsed:
    """`Verdict: A`, B, ... or tie."""

    def unless_revoked(match: Match[str]) -> Parsed:
        said = _letter(match, asked)
        later = _RESTATED.search(match.string, match.end())
        if later is not None and said.scores and _letter(later, asked).said != said.said:
            return unread(f"says another verdict after {said.said}: {later[0]!r}", said.said)
        return said

    return _behind_last(text, asked, "verdict", _VERDICT, _LETTER, unless_revoked)


def result(text: str, asked: Asked) -> Parsed:
    """Prometheus' own form, `[RESULT] A`."""
    return _behind_last(text, asked, "[RESULT]", _RESULT, _LETTER, lambda match: _letter(match, asked))


def five_way(text: str, asked: Asked) -> Parsed:
    """`Verdict: A>>B`, A>B, A=B, B>A or B>>A: 1, .75, .5, .25 or 0 for A and the rest for B."""
    return _behind_last(text, asked, "verdict", _VERDICT, _COMPARED, _graded)


def brackets(text: str, asked: Asked) -> Parsed:
    """The last [[A]], [[tie]] or [[A>>B]]: what Arena-Hard, MT-Bench and Skywork-Critic ask for, read strictly. [[C]]
    is MT-Bench's tie, where the prompt offers that."""
    *_, last = [None, *_BRACKETS.finditer(plain(text).replace("\\[", "[").replace("\\]", "]"))]
    if last is None:
        return unread("nothing in double brackets")
    if _is_cut(last, asked):
        return unread(f"the label may be taken back: {last[1]!r}", last[1])
    if asked.responses == 2 and last[1].upper() == "C" in asked.accepts:
        return tied(asked, "tie")
    letter, compared = _LETTER.fullmatch(last[1]), _COMPARED.fullmatch(last[1])
    if compared is not None:
        return _graded(compared)
    return _letter(letter, asked) if letter is not None else _unmatched("label", last[1])


def _graded(match: Match[str]) -> Parsed:
    left, sign, right = match[1].upper(), match[2], match[3].upper()
    if sign[0] == "<":
        left, sign, right = right, sign.replace("<", ">"), left
    if left == right:
        return unread(f"compares {left} with itself", match[0].strip())
    strength = {">>": 1.0, ">": 0.75}.get(sign, 0.5)
    share = strength if left == "A" else 1 - strength
    return Parsed((share, 1 - share), "A=B" if strength == 0.5 else f"{left}{sign}{right}")


def label(text: str, asked: Asked) -> Parsed:
    """`Label: correct`, one of the labels that the question has; `The answer is correct` says it too."""
    if not asked.labels:
        return unread("the question has no labels")
    folded = [label.casefold() for label in asked.labels]

    def named(match: Match[str]) -> Parsed:
        place = folded.index(match[1].casefold())
        return chosen(place, asked, asked.labels[place])

    return _behind_last(text, asked, "label", _LABEL, _one_of(asked.labels), named)


@cache
def _one_of(labels: tuple[str, ...]) -> Pattern[str]:
    longest_first = sorted(labels, key=lambda label: -len(label))
    said = r"(?:(?:the[ ])?(?:answer|response|label)[ ](?:is[ ])?)?"
    return _form(rf"{said}({'|'.join(map(re.escape, longest_first))})(?![^\W_])")


def rating(text: str, asked: Asked) -> Parsed:
    """`Rating: 7`, on the scale of the prompt; 7/10 where 10 is the scale's upper end."""
    return _numbers(text, asked, _RATING, _ONE, "rating")


def two_scores(text: str, asked: Asked) -> Parsed:
    """`Scores: 8 7`, for A and B."""
    return _numbers(text, asked, _SCORES, _TWO, "scores")


def error_step(text: str, asked: Asked) -> Parsed:
    """`First wrong step: 3`, counted from 1; 0, none or N/A where every step is right."""

    def counted(match: Match[str]) -> Parsed:
        return Parsed((float(match[1]) if match[1].isdigit() else 0.0,), match[1].lower())

    return _behind_last(text, asked, "first wrong step", _STEP, _WHICH_STEP, counted)


def steps(text: str, asked: Asked) -> Parsed:
    """`Step 1: right`, `Step 2: wrong`, a line for each step, as 0 and 1; of several lines about a step the last."""
    text = plain(text)
    lines = {int(match[1]): match.end() for match in _NUMBERED.finditer(text)}
    if not lines:
        return unread("no verdict on a step found")
    said = f"steps {', '.join(map(str, sorted(lines)))}"
    if unknown := sorted(lines.keys() ^ set(range(1, asked.responses + 1))):
        what = "no verdict on" if unknown[0] <= asked.responses else "a verdict on"
        return unread(f"{what} step {unknown[0]} of {asked.responses}", said)
    verdicts = {step: _RIGHT_OR_WRONG.match(text, lines[step]) for step in sorted(lines)}
    for step, match in verdicts.items():
        if match is None:
            return _unmatched(f"verdict on step {step}", text[lines[step] :].split("\n", 1)[0][:_QUOTED].strip())
        if asked.cut and match.end() == len(text):
            return unread(f"the verdict on step {step} may be cut off", said)
    scores = tuple(float(match[1] is None) for match in verdicts.values() if match)
    wrong = [str(step) for step, score in zip(verdicts, scores) if score]
    return Parsed(scores, f"wrong: {', '.join(wrong) or 'none'}")


def ranking(text: str, asked: Asked) -> Parsed:
    """`Ranking: B > A = C`, each letter once: minus the rank, which is one more than how many are better."""
    match, words = _last(plain(text), _RANKING, _IN_ORDER)
    if match is None:
        return _unmatched("ranking", words)
    order = match[1].upper().replace(" ", "")
    letters = ascii_uppercase[: asked.responses]
    if sorted(order[::2]) != list(letters):
        return unread(f"{order} has not each of {', '.join(letters)} once", order)
    if asked.cut and match.end() == len(match.string):
        return unread(f"the ranking may be cut off: {order}", order)
    ranks, rank = {}, 1
    for place, letter in enumerate(order[::2]):
        rank = place + 1 if place and order[2 * place - 1] == ">" else rank
        ranks[letter] = rank
    return Parsed(tuple(float(-ranks[letter]) for letter in letters), order)


def graded_or_rated(text: str, asked: Asked) -> Parsed:
    """Two responses compared in five degrees, a single one rated."""
    return rating(text, asked) if asked.responses == 1 else five_way(text, asked)


def confidence(answer: str) -> float | None:
    """`Confidence: 80`, in per cent, as a fraction; None where there is no such line."""
    match, _ = _last(plain(answer), _CONFIDENCE, _PER_CENT)
    return int(match[1]) / 100 if match and int(match[1]) <= 100 else None


def _behind_last(
    text: str,
    asked: Asked,
    what: str,
    marker: Pattern[str],
    form: Pattern[str],
    meaning: Callable[[Match[str]], Parsed],
) -> Parsed:
    """What is meant by the form behind the last marker, if it stands there and was not cut off."""
    text = plain(text)
    match, words = _last(text, marker, form)
    if match is None and words is None and not asked.cut:
        ends = (_AT_END[place].search(text[-_QUOTED:]) for place in asked.accepts if place in _AT_END)
        match = next((found for end in ends if end and (found := form.fullmatch(end[1]))), None)
    if match is None:
        return _unmatched(what, words)
    if _is_cut(match, asked):
        return unread(f"the {what} may be cut off or taken back: {match[0].strip()!r}", match[0].strip())
    return meaning(match)


def _is_cut(match: Match[str], asked: Asked) -> bool:
    """Whether the answer was cut off where its verdict stands, or while it went on from there."""
    rest = match.string[match.end() :]
    return asked.cut and (not rest.startswith("\n") or bool(rest.strip()))


def _last(text: str, marker: Pattern[str], form: Pattern[str]) -> tuple[Match[str] | None, str | None]:
    """What follows the last marker, or the whole text where there is no marker, as a match of the form (None where it
    does not match); and the words after the marker, or None where there is no marker."""
    *_, end = [None, *(match.end() for match in marker.finditer(text))]
    if end is None:
        answer = text.strip()
        return (form.fullmatch(answer) if len(answer) <= _QUOTED else None), None
    return form.match(text, end), text[end : end + _QUOTED].strip().split("\n", 1)[0].strip()


def _unmatched(what: str, words: str | None) -> Parsed:
    if words is None:
        return unread(f"no {what} found")
    return unread(f"the last {what} cannot be read: {words!r}" if words else f"the last {what} is empty", words)


def _letter(match: Match[str], asked: Asked) -> Parsed:
    letter = match[1].upper()
    if len(letter) > 1:
        return tied(asked, "tie")
    if ord(letter) - ord("A") >= asked.responses:
        return unread(f"chooses {letter} among {asked.responses} responses", letter)
    return chosen(ord(letter) - ord("A"), asked, letter)


def _numbers(text: str, asked: Asked, marker: Pattern[str], form: Pattern[str], what: str) -> Parsed:
    def on_scale(match: Match[str]) -> Parsed:
        words = match[0].strip()
        scores = tuple(float(number) for number in match.groups()[::2])
        low, high = asked.scale or (0.0, float("inf"))
        if not all(low <= score <= high for score in scores):
            return unread(f"{words} is outside the scale from {low:g} to {high:g}", words)
        if any(out_of is not None and float(out_of) != high for out_of in match.groups()[1::2]):
            return unread(f"{words} is on another scale than {low:g} to {high:g}", words)
        return Parsed(scores, words)

    return _behind_last(text, asked, what, marker, form, on_scale)
