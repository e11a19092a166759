"""Counting with conditions: letters in words, words of a kind, multiples in a range, digits written."""

from __future__ import annotations

from judgebench.verifiable.counting import digits, letters, multiples, words

KINDS = (
    letters.draw,
    words.draw,
    multiples.draw,
    digits.draw,
)
