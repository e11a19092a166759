"""Putting things in order where ties need a rule: a league table, runners, shared places, a shelf of words."""

from __future__ import annotations

from judgebench.verifiable.ranking import league, places, runners, shelf

KINDS = (
    league.draw,
    runners.draw,
    places.draw,
    shelf.draw,
)
