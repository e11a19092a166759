r"""Reads numbers as people write them, exactly: 1,234.5 · −3/4 · 2 1/2 · 25 % · 1.2 × 10^-3 · $1.5 million · \frac34.

A text is read as a number only if it holds exactly one, and nothing beside it that could change its value: "3 to 5",
"12:30", "2^10", "√2", "3 squared", "2.5M" and "between 3 and 4" are not read as numbers. What may stand beside it is
listed: words that are no operation, units, punctuation and currencies. Any other sign or numeral means no reading.
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

_DIGITS = 400
_SPACES = "\u00a0\u2009\u202f"


def _decimal(name: str) -> str:
    grouped = rf"[1-9]\d{{0,2}}(?P<sep{name}>[,{_SPACES}'_])\d{{3}}(?:(?P=sep{name})\d{{3}})*(?!\d)"
    return rf"(?P<{name}>(?:(?:{grouped}|\d+)(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{{1,3}}(?!\d))?)"


_SIGN = r"(?P<sign>(?<![\w)\]}.])[-+]\s?|)"
_TIMES = r"(?:\s?(?:×|x|\*|·|\\times|\\cdot)\s?10\s?(?:\^|\*\*)\s?\{?\(?(?P<power>[-+]?\d{1,3})\)?\}?)"
_NUMBER = re.compile(
    rf"""{_SIGN}(?:[$€£¥]\s?)?
    (?: (?P<mixed>\d{{1,9}})(?:\s|\s?(?=\\))(?:(?P<mtop>\d{{1,9}})\s?/\s?(?P<mbottom>\d{{1,9}})
                                     |\\[dt]?frac\s?\{{(?P<mltop>\d{{1,9}})\}}\s?\{{(?P<mlbottom>\d{{1,9}})\}})
      | \\[dt]?frac\s?\{{\s?(?P<lsign>-?)\s?(?P<ltop>\d{{1,30}})\s?\}}\s?\{{\s?(?P<lbottom>\d{{1,30}})\s?\}}
      | (?<![\w.^{{\\])10\s?\^\s?\{{?(?P<ten>[-+]?\d{{1,3}})\}}?
      | (?<![\w.^{{\\]){_decimal("top")}(?:\s?/\s?(?=\d){_decimal("bottom")})?{_TIMES}?
    )
    (?P<percent>\s?(?:\\?%|per[ ]?cent\b))?
    (?:\s(?P<word>thousand|million|billion|trillion)\b)?""",
    re.VERBOSE | re.IGNORECASE,
)
_MARKS = frozenset(" \t\n\r.,;:?'\"`*_#()[]{}$€£¥%&@/\\-~°’“”‘" + _SPACES + "…–—·•|")
"""Signs that may stand beside a number: they end sentences, quote, list, emphasise, or name money and degrees."""
_COMMANDS = frozenset(
    {"boxed", "fbox", "text", "mathrm", "textbf", "mathbf", "displaystyle", "circ", "degree", "quad", "qquad"}
)
_OPERATIONS = frozenset({
    "above", "abs", "absolute", "arccos", "arcsin", "arctan", "below", "between", "billions", "bn", "bps", "cbrt",
    "cos", "cosh", "cot", "crore", "csc", "cube", "cubed", "cubes", "cubic", "decade", "divide", "divided",
    "double", "dozen", "dozens", "except", "exp", "exponent", "factorial", "fewer", "greater", "gross", "half",
    "halves", "hundred", "hundreds", "hundredth", "hundredths", "infinity", "inverse", "k", "lakh", "least", "less",
    "lg", "ln", "log", "logarithm", "max", "mil", "mill", "millions", "min", "minus", "mio", "mn", "mod", "modulo",
    "more", "most", "mrd", "negative", "nor", "not", "opposite", "over", "pair", "pairs", "per", "permil",
    "permille", "plus", "power", "quadruple", "quarter", "quarters", "reciprocal", "root", "roots", "score", "sec",
    "sin", "sinh", "sqrt", "square", "squared", "tan", "tanh", "tenth", "tenths", "third", "thirds", "thousands",
    "thousandth", "thousandths", "times", "tn", "trillions", "triple", "twice", "under",
})  # fmt: skip
"""Words that name an operation, another number, or a bound. ("per cent" is read with the number.)"""
_UNIT = (
    "km|cm|mm|m|nm|kg|mg|g|t|ms|s|sec|min|h|hr|hrs|d|L|l|mL|ml|cl|dl|C|F|K|Hz|kHz|MHz|GHz|W|kW|MW|V|A|J|kJ|N|Pa|kPa|mol|eV|"
    "kWh|ft|in|mi|yd|lb|lbs|oz|mph|kph|USD|EUR|GBP|px|pt|cc|dB|KB|MB|GB|TB"
)
"""What may follow a number without a space."""
_ATTACHED = re.compile(rf"(?:{_UNIT})?(?![A-Za-z])")
_GOES_ON = re.compile(r"\s?(?:[:^²³!]|\*\*\s?[\d(])|\s?[a-jnpqruwyz](?![A-Za-z])")
"""What makes the number a part of something else: a power, a factorial, a time of day, a variable."""
_UNIT_POWER = re.compile(rf"\b((?:{_UNIT})|[A-Za-z]{{3,}})(?:\^?\{{?-?\d\}}?|[²³])")
_WORDS = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_TIDY = str.maketrans(
    {"−": "-", "–": "-", "‐": "-", "‑": "-", "\u2044": "/", "∕": "/", "％": "%", "－": "-", "﹣": "-"}
)


def read(text: str) -> frozenset[Fraction] | None:
    """The values that the only number in the text may mean: itself, and for a percentage also its hundredth. None where
    there is no number, more than one, or an expression."""
    text = text.translate(_TIDY).replace("{,}", ",").replace("\\$", "$")
    spaces = r"\\[,!;: ]|\\left|\\right|\\(?:text|mathrm)\s?\{[^{}]*\}"
    text = re.sub(r"\^\s?\{?\s?\\circ\s?\}?", "°", text)
    text = re.sub(spaces, lambda match: "" if match[0][1] in ",!" else " ", text)
    if "=" in text:
        text = text.rpartition("=")[2]
    matches = [match for match in _NUMBER.finditer(text) if match[0].strip()]
    if len(matches) != 1:
        return None
    match = matches[0]
    before, after = text[: match.start()], text[match.end() :]
    beside = _UNIT_POWER.sub(r"\1", f"{before} {after}")
    if _GOES_ON.match(after) or not _ATTACHED.match(after) or not all(map(_harmless, beside)) or _says_more(beside):
        return None
    value = _value(match) if len(match[0]) <= _DIGITS else None
    if value is None:
        return None
    return frozenset({value, value / 100}) if match["percent"] else frozenset({value})


def _harmless(sign: str) -> bool:
    """Whether a sign beside a number leaves its value alone: a letter, or one of those that are listed."""
    return sign in _MARKS or unicodedata.category(sign) in ("Lu", "Ll", "Lo", "Lt")


def _says_more(text: str) -> bool:
    words = re.findall(r"(\\?)([^\W\d_]+)", text)
    return any(word not in _COMMANDS if command else word.lower() in _OPERATIONS for command, word in words)


def _value(match: re.Match[str]) -> Fraction | None:
    part = match.groupdict()
    try:
        if part["mixed"]:
            top, bottom = part["mtop"] or part["mltop"], part["mbottom"] or part["mlbottom"]
            value = int(part["mixed"]) + Fraction(int(top), int(bottom))
        elif part["ltop"]:
            value = Fraction(int(part["ltop"]), int(part["lbottom"])) * (-1 if part["lsign"] else 1)
        elif part["ten"]:
            value = Fraction(10) ** int(part["ten"])
        else:
            value = _plain(part["top"]) / (_plain(part["bottom"]) if part["bottom"] else 1)
            value *= Fraction(10) ** int(part["power"] or 0)
    except ZeroDivisionError:
        return None
    value *= _WORDS.get((part["word"] or "").lower(), 1)
    return -value if part["sign"].strip() == "-" else value


def _plain(digits: str) -> Fraction:
    return Fraction(re.sub(rf"[,{_SPACES}'_]", "", digits))


def same(value: frozenset[Fraction], reference: frozenset[Fraction], tolerance: Fraction) -> bool:
    """Whether one of the readings of `value` equals one of `reference`, to within `tolerance` times the latter."""
    return any(abs(a - b) <= tolerance * abs(b) for a in value for b in reference)
