"""judgebench: how far can you trust an LLM judge? Measured, with an interval on every number.

The verbs as functions are in `judgebench.api`, the statistics in `judgebench.stats`; `judgebench.load("results")` gives
results as pandas frames.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from judgebench import extensions

if TYPE_CHECKING:
    from judgebench.api.frames import load as load

__version__ = extensions.VERSION


def __getattr__(name: str) -> Any:
    """`load`, which brings pandas along, is imported when it is asked for."""
    if name == "load":
        from judgebench.api.frames import load

        return load
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
