"""A sequence of edits, to the letters of a string or to the entries of a list."""

from __future__ import annotations

from judgebench.verifiable.edits import sequence

KINDS = (sequence.string, sequence.listed)
