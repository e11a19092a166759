"""Counting with overlapping sets: three clubs given by their sizes, three sets given by their elements."""

from __future__ import annotations

from judgebench.verifiable.sets import elements, venn

KINDS = (
    venn.draw,
    elements.draw,
)
