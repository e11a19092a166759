r"""Reads mathematics as people and models write it into sympy, without running any of it as code: plain (`3x^2/4`,
`sqrt(2)`) and a subset of LaTeX (`\frac{\sqrt{2}}{2}`). Brackets tell lists, tuples, intervals and sets apart. Whatever
is not understood is a ValueError; nothing is guessed.

    text -> tokens -> MathObject: value | tuple | set | list | interval [) | union, with its parts as sympy expressions

`equal` says whether two answers are the same.

Only the worker process of `judgebench.pairs.algebra` imports this module. It has limits on time and memory: 9^9^9^9 is
a short text and a large number.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from math import prod
from random import Random
from typing import Any

import sympy

LONGEST = 2000
_DEPTH = 60
_POINTS = 6
_ALIKE = ({"list", "set"}, {"list", "tuple"})
"""Kinds that may be equal: a bare list does not say whether its order counts. All other kinds differ."""

_GONE = re.compile(
    r"\\(?:left|right|displaystyle|limits|[bB]ig[lr]?)(?![A-Za-z])|\\[,!;:> ]|\\quad|~|\^\{?\\circ\}?|\\?%|°|\$"
)
_UNITS = re.compile(r"\\(?:text|mathrm|mbox|textbf|operatorname)\s*\{([^{}]*)\}")
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)|(?P<command>\\(?:[A-Za-z]+|[{}]))"
    r"|(?P<word>[A-Za-z]+)|(?P<sign>\*\*|[-+*/^_(){}\[\],=!|]))"
)
_TIDY = str.maketrans({"−": "-", "–": "-", "×": "*", "·": "*", "÷": "/", "π": r"\pi ", "∞": r"\infty ", "√": r"\sqrt "})
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: getattr(sympy, name)
    for name in ("sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "exp", "log", "sqrt")
}
_FUNCTIONS |= {"ln": sympy.log, "asin": sympy.asin, "acos": sympy.acos, "atan": sympy.atan}
_FUNCTIONS |= {"arcsin": sympy.asin, "arccos": sympy.acos, "arctan": sympy.atan}
_CONSTANTS = {"pi": sympy.pi, "infty": sympy.oo, "e": sympy.E, "i": sympy.I}
_GREEK = frozenset({
    "alpha", "beta", "gamma", "delta", "epsilon", "varepsilon", "zeta", "eta", "theta", "kappa", "lambda",
    "mu", "nu", "xi", "rho", "sigma", "tau", "phi", "varphi", "chi", "psi", "omega", "ell", "Gamma", "Delta", "Theta",
    "Lambda", "Sigma", "Phi", "Psi", "Omega",
})  # fmt: skip


_NOTHING = sympy.Float("1e-100", 30)
"""What is left of the difference of two equal numbers that are not rational."""


@dataclass(frozen=True)
class MathObject:
    """An answer: its kind, and its parts in the order in which they are written."""

    kind: str
    parts: tuple[Any, ...]


def read(text: str) -> MathObject:
    """ValueError says what is not understood."""
    if len(text) > LONGEST:
        raise ValueError("longer than an answer is")
    if text.count("=") == 1:  # x = 5; but not y = 2x + 1, which is the answer itself
        left, _, right = text.partition("=")
        named = re.fullmatch(r"\s*\$?\s*(?:\\?[A-Za-z]+(?:_\{?\w+\}?)?(?:\([A-Za-z]\))?)\s*", left)
        text = right if named else f"({left})-({right})"
    text = re.sub(r"^.*\\in(?![A-Za-z])", "", text)
    text = _UNITS.sub(" ", text).translate(_TIDY)
    text = _GONE.sub(" ", text.strip().rstrip(".")).strip()
    if re.fullmatch(r"\\?\{.*\\?\}|[(\[].*[)\]]", text, re.DOTALL) and (inner := _bracketed(text)) is not None:
        return inner
    if r"\cup" in text:
        members = [read(part) for part in text.split(r"\cup")]
        return MathObject("union", tuple(sorted(members, key=repr)))
    parts = _parts(text)
    return MathObject("value" if len(parts) == 1 else "list", tuple(parts))


def _bracketed(text: str) -> MathObject | None:
    """A set, tuple or interval; None where the first bracket and the last are not a pair."""
    opening, closing = (r"\{", r"\}") if text.startswith("\\") else (text[0], text[-1])
    if not text.endswith(closing):
        return None
    inside = text[len(opening) : -len(closing)]
    depths = [0, *accumulate((sign in "([{") - (sign in ")]}") for sign in inside)]
    if min(depths) < 0 or depths[-1]:
        return None
    parts = _parts(inside)
    if opening in ("{", r"\{"):
        return MathObject("set" if len(parts) > 1 or opening == r"\{" else "value", tuple(parts))
    if len(parts) == 1:
        return MathObject("value", tuple(parts)) if opening == "(" else MathObject("list", tuple(parts))
    pair = opening + closing
    return MathObject("tuple" if pair == "()" else f"interval {pair}", tuple(parts))


def _parts(text: str) -> list[Any]:
    parser = _ExpressionParser(text)
    parts = parser.whole_sum()
    while parser.take(","):
        parts += parser.whole_sum()
    if parser.here[0] != "end":
        raise ValueError(f"cannot read {parser.here[1]!r}")
    return parts


class _ExpressionParser:
    """A recursive descent parser over the tokens. `here` is the next token, as its kind and text."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        place, end = 0, len(text.rstrip())
        while place < end:
            match = _TOKEN.match(text, place)
            if match is None:
                raise ValueError(f"cannot read {text[place : place + 10]!r}")
            kind = str(match.lastgroup)
            self._tokens.append((kind, match[kind]))
            place = match.end()
        self._at = self._depth = 0

    @property
    def here(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "its end")

    def take(self, *wanted: str) -> str | None:
        if self.here[1] in wanted:
            self._at += 1
            return self._tokens[self._at - 1][1]
        return None

    def whole_sum(self) -> list[Any]:
        """One value, or two where there is a \\pm."""
        first = self.sum()
        if self.take(r"\pm"):
            second = self.sum()
            return [first + second, first - second]
        return [first]

    def sum(self) -> Any:
        if self.here[1] == r"\pm":
            return sympy.Integer(0)
        value = self.product()
        while sign := self.take("+", "-"):
            term = self.product()
            value = value + term if sign == "+" else value - term
        return value

    def product(self) -> Any:
        value = self.signed()
        while True:
            if self.take("*", r"\cdot", r"\times"):
                value = value * self.signed()
            elif self.take("/", r"\div"):
                value = value / self._not_zero(self.signed())
            elif self._goes_on():
                value = value * self.power()
            else:
                return value

    def signed(self) -> Any:
        if self.take("-"):
            return -self.signed()
        self.take("+")
        return self.power()

    def power(self) -> Any:
        value = self.atom()
        while self.take("!"):
            value = sympy.factorial(value)
        if self.take("^", "**"):
            exponent = self.group() if self.here[1] == "{" else self.signed()
            value = value**exponent
        return value

    def atom(self) -> Any:
        kind, token = self.here
        if token in ("(", "{", "|", "["):
            return self.group()
        self._at += 1
        if kind == "number":
            return self._number(token)
        if kind == "word":
            return self._word(token)
        if kind == "command":
            return self._command(token[1:])
        raise ValueError(f"cannot read {token!r}")

    def group(self) -> Any:
        opening = self.take("(", "{", "|", "[")
        if opening is None:
            return self.atom()
        self._depth += 1
        if self._depth > _DEPTH:
            raise ValueError("brackets are nested too deep")
        value = self.sum()
        if not self.take({"(": ")", "{": "}", "|": "|", "[": "]"}[opening]):
            raise ValueError(f"{opening} is not closed")
        self._depth -= 1
        return sympy.Abs(value) if opening == "|" else value

    def _number(self, token: str) -> Any:
        value = sympy.Rational(token.replace(",", ""))
        following = [name for _, name in self._tokens[self._at : self._at + 4]]
        if "." not in token and len(following) > 2 and following[0] in (r"\frac", r"\dfrac", r"\tfrac"):
            self._at += 1  # 3\frac{1}{2} is three and a half
            return value + self._command("frac")
        return value

    def _word(self, token: str) -> Any:
        if token in _FUNCTIONS:
            return self._applied(token)
        if token in ("pi", "e", "i"):
            return _CONSTANTS[token]
        if len(token) > 3:
            raise ValueError(f"{token!r} is a word")
        letters = [_CONSTANTS.get(letter, sympy.Symbol(letter)) for letter in token[:-1]]
        return prod(letters, start=sympy.Integer(1)) * self._symbol(token[-1])

    def _command(self, name: str) -> Any:
        if name in ("frac", "dfrac", "tfrac"):
            return self._short_group() / self._not_zero(self._short_group())
        if name == "sqrt":
            degree = self.group() if self.here[1] == "[" else sympy.Integer(2)
            return self._short_group() ** (1 / self._not_zero(degree))
        if name in _FUNCTIONS:
            return self._applied(name)
        if name in _CONSTANTS and name not in "ei":
            return _CONSTANTS[name]
        if name in _GREEK:
            return self._symbol(name)
        raise ValueError(f"\\{name} is not known")

    def _short_group(self) -> Any:
        r"""The argument of a command: {...}, or a single digit as in \frac12."""
        kind, token = self.here
        if kind == "number" and len(token) > 1 and token.isdigit():
            self._tokens[self._at] = (kind, token[1:])
            return sympy.Integer(token[0])
        return self.group()

    def _applied(self, name: str) -> Any:
        power = self.group() if self.take("^") else None
        base = self.group() if name == "log" and self.take("_") else None
        argument = self.group() if self.here[1] in ("(", "{", "|") else self.power()
        value = sympy.log(argument, base) if base is not None else _FUNCTIONS[name](argument)
        return value if power is None else value**power

    def _symbol(self, name: str) -> Any:
        if self.take("_"):
            name = f"{name}_{self.group()}"
        return _CONSTANTS[name] if name in _CONSTANTS else sympy.Symbol(name)

    def _goes_on(self) -> bool:
        """Whether a factor follows without a sign: 2x, 3(4), 2\\pi."""
        kind, token = self.here
        command = kind == "command" and token[1:].isalpha() and token not in (r"\pm", r"\cup", r"\div")
        return command or kind == "word" or token in ("(", "{")

    @staticmethod
    def _not_zero(value: Any) -> Any:
        if value == 0:
            raise ValueError("divides by zero")
        return value


def equal(first: MathObject, second: MathObject) -> bool:
    """Whether all parts are the same, in any order for sets and bare lists."""
    kinds = {first.kind, second.kind}
    if len(first.parts) != len(second.parts) or (len(kinds) == 2 and kinds not in _ALIKE):
        return False
    if kinds == {"union"}:
        return all(map(equal, first.parts, second.parts))
    if not kinds <= {"list", "set"}:
        return all(map(same, first.parts, second.parts))
    unmatched = list(second.parts)
    for part in first.parts:
        match = next((candidate for candidate in unmatched if same(part, candidate)), None)
        if match is None:
            return False
        unmatched.remove(match)
    return True


def same(a: Any, b: Any) -> bool:
    """Whether two expressions are equal at random points: positive, or negative where both are real. Rational numbers
    are compared exactly, others by their difference, to a hundred digits after the point."""
    if a == b:
        return True
    if a.is_Rational and b.is_Rational:
        return False
    symbols = sorted(a.free_symbols | b.free_symbols, key=str)
    if sympy.oo in (a, b) or -sympy.oo in (a, b):
        return False
    points, seen = Random(0), 0
    for number in range(_POINTS if symbols else 1):
        sign = 1 if number % 2 == 0 else -1
        at = {symbol: sympy.Rational(sign * points.randint(1, 10**6), points.randint(1, 10**6)) for symbol in symbols}
        there = [expression.subs(at) for expression in (a, b)]
        x, y = (value.evalf(30, maxn=500) for value in there)
        if not (x.is_number and y.is_number) or {sympy.nan, sympy.zoo} & {x, y}:
            continue
        if sign < 0 and not (x.is_real and y.is_real):  # another branch of a root or a logarithm
            continue
        seen += 1
        if abs((there[0] - there[1]).evalf(30, maxn=500)) > _NOTHING:
            return False
    if not seen:
        raise ValueError("has no value at any point tried")
    return True
