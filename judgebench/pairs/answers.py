r"""Finds the final answer that a response states. Only explicit statements count: \boxed{...}, `Answer: ...`, `the
answer is ...`, `#### ...`, a last line that is bold or only the answer. The last one counts; thoughts are not searched.

A letter is read as a choice only where it cannot be a word: "the answer is A because" is a choice, "the answer is a
matter of taste" and "A good answer is" are not. A last statement that names two letters is no answer, and no earlier
statement takes its place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from judgebench import thoughts
from judgebench.characters import plain

_OPEN = r"""(?:[\s*_`"'“‘(\[{$]|\\\(|\\\[|\\(?:text(?:bf|rm|it)?|math(?:bf|rm)|boxed)\s?\{){0,12}"""
_CLOSE = r"""(?:[*_`"'”’)\]}$]|\\\)|\\\]){0,12}"""
_STATES = r"""(?:(?:[ ](?:to|for)[ ](?:this|the|your)(?:[ ]\w+){1,2})?\s*[*_`]{0,3}\s*
              (?::|=|is|would[ ]be|should[ ]be|must[ ]be)(?:[ ](?:therefore|thus|clearly))?[*_`]{0,3}\s*:?)"""
_SAYS = re.compile(
    rf"\b(?:answer|solution|result)\b{_STATES}(?P<answer>[^\n]*[^\s*_`:][^\n]*|[\s*_`:]*\n\s*[^\n]+)",
    re.IGNORECASE | re.VERBOSE,
)
_HASHES = re.compile(r"^####[ \t]*(?P<answer>[^\n]+)", re.MULTILINE)
_BOXED = re.compile(r"\\(?:boxed|fbox)\s*\{")
_BRACE = re.compile(r"(?<!\\)[{}]")
_BOLD = re.compile(r"^\s*\*\*(?P<answer>[^*\n]+)\*\*[.\s]*\Z")


@dataclass(frozen=True)
class Stated:
    """What a response states. `answer` is None where it states none, or several; `why` says which."""

    answer: str | None
    why: str = ""


def answer_proper(text: str) -> str:
    """The response without its thoughts, with full-width letters as ASCII and without invisible characters."""
    return plain(thoughts.outside(text)).strip()


def stated(text: str) -> Stated:
    """The last explicit statement of an answer, as it is written."""
    text = answer_proper(text)
    statements = [(match.start(), match["answer"]) for match in (*_SAYS.finditer(text), *_HASHES.finditer(text))]
    statements += boxes(text)
    if bold := _BOLD.search(text[text.rfind("\n") + 1 :]):
        statements.append((text.rfind("\n") + 1, bold["answer"]))
    statements = [(place, answer) for place, answer in statements if answer.strip(" \t*_`.:")]
    if not statements:
        return Stated(None, "it states no answer")
    answer = max(statements)[1]
    inner = boxes(answer)
    return Stated((inner[-1][1] if inner else answer.strip().split("\n")[0]).strip(" \t*_`"))


def boxes(text: str) -> list[tuple[int, str]]:
    """The contents of every \\boxed{...} with balanced braces, each with the place where it begins. This takes a single
    pass over the text, however many braces are never closed."""
    begins = {match.end() - 1: match.start() for match in _BOXED.finditer(text)}
    contents, opened = [], []
    for match in _BRACE.finditer(text) if begins else ():
        if match[0] == "{":
            opened.append(match.start())
        elif opened and (inner := opened.pop()) in begins:
            contents.append((begins[inner], text[inner + 1 : match.start()]))
    return sorted(contents)


def final_of(answer: str) -> str:
    """The result of an answer that has its working with it: after GSM8K's ####, or in MATH's last \\boxed."""
    if "####" in answer:
        return answer.rpartition("####")[2].strip()
    boxed = boxes(answer)
    return (boxed[-1][1] if boxed else answer).strip()


_ALONE = r"(?![A-Za-z0-9'’])"
_WORDY = r"(?:because|since|as|with|for|due|given|which|by|based|from|if|or|and)\b"
_NOT_A_WORD = rf"(?![ ]+(?!{_WORDY})[a-z])"
_MORE = re.compile(
    rf"{_CLOSE}\s*(?:,|/|\bor\b|\band\b|&)\s*(?:\(?(?:option|choice)\s)?{_OPEN}[A-Z](?:{_CLOSE}\s*(?:[.,;]|$))",
    re.MULTILINE,
)
_LETTER = (
    rf"(?:{_OPEN}(?:option|choice|answer|letter)[ ]?)?(?P<open>{_OPEN})"
    rf"(?:(?P<letter>[A-Z]){_ALONE}(?:(?=[ ]?[).:\]}}*$\\\"'”])|{_NOT_A_WORD})|(?P<small>[b-z])(?={_CLOSE}[.\s]*$))"
)
_CHOICES = (
    re.compile(
        rf"\b(?i:answer|choice|option|selection)\b{_STATES.replace('is|', 'is|as|')}\s*{_LETTER}",
        re.VERBOSE | re.MULTILINE,
    ),
    re.compile(
        rf"\b(?i:answer|choice|option)[ ]?{_OPEN}(?P<letter>[A-Z]){_ALONE}{_CLOSE}[ ]is[ ](?:the[ ])?(?:most[ ])?"
        r"(?:correct|right|best|accurate)\b"
    ),
    re.compile(
        r"\b(?i:choose|select|pick|aligns?(?:[ ]best)?[ ]with|go(?:ing)?[ ]with)[ ](?:(?i:answer|choice|option)[ ])?"
        rf"{_OPEN}(?P<letter>[A-Z]){_ALONE}{_NOT_A_WORD}"
    ),
    re.compile(
        rf"\\boxed\s*\{{\s*(?:\\(?:text(?:bf|rm)?|math(?:bf|rm))\s*\{{)?[\s(]*(?P<letter>[A-Z]){_ALONE}(?=\s*[).:}}])"
    ),
    re.compile(rf"^####[ \t]*{_OPEN}(?P<letter>[A-Z]){_ALONE}", re.MULTILINE),
    re.compile(r"(?<![A-Za-z0-9])(?P<letter>[A-Z])(?P=letter){3,11}(?![A-Za-z0-9])"),
    re.compile(rf"(?:\A|\n)[ \t]*(?:[-*]\s)?{_OPEN}(?P<letter>[A-Z]){_CLOSE}[.)]?{_CLOSE}\s*\Z"),
    re.compile(rf"\A{_OPEN}(?P<letter>[A-Z]){_CLOSE}[.):][^\n]*\Z"),
)


def choice(text: str, letters: int) -> Stated:
    """The choice that the response states last: one of the first `letters` capital letters."""
    text = answer_proper(text)
    matches = [match for form in _CHOICES for match in form.finditer(text)]
    if not matches:
        return Stated(None, "it states no choice")
    last = max(matches, key=lambda match: (match.end(), match.start()))
    letter = (last.groupdict().get("letter") or last.groupdict().get("small") or "").upper()
    if _MORE.match(text, last.end()):
        return Stated(None, "it names more than one choice")
    if ord(letter) - ord("A") >= letters:
        return Stated(None, f"it chooses {letter} among {letters} choices")
    return Stated(letter)


def last_line(text: str) -> str:
    """The last line with a letter or digit, without what markdown and LaTeX put around it."""
    lines = [line.strip() for line in answer_proper(text).split("\n")]
    kept = [line for line in lines if re.search(r"\w", line)]
    around = r"\\(?:boxed|text(?:bf)?|math(?:bf|rm))(?=\s*\{)|\\[()\[\]]|[*_`$#]"
    return re.sub(around, "", kept[-1]).strip() if kept else ""


def last_line_choice(text: str, letters: int) -> Stated:
    """The only capital letter that stands alone in the last line; a run such as AAAAA counts as one letter."""
    words = re.findall(rf"(?<![\w'’])([A-{chr(ord('A') + letters - 1)}])(?:\1{{3,11}})?(?![\w'’])", last_line(text))
    if len(set(words)) > 1 and words[0] in "AI":  # "A good way to put it is C"
        words = words[1:]
    if len(set(words)) != 1:
        return Stated(None, f"its last line names {len(set(words)) or 'no'} choice{'s' if words else ''}")
    return Stated(words[0])
