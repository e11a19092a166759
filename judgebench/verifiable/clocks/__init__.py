"""Times of day: flights between time zones, a day of sessions and breaks, catching a bus, shared working hours."""

from __future__ import annotations

from judgebench.verifiable.clocks import bus, flight, overlap, sessions

KINDS = (
    flight.draw,
    sessions.draw,
    bus.draw,
    overlap.draw,
)
