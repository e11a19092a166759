"""Analyses of runs beyond their report cards, by name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judgebench import results
from judgebench.errors import UnknownName

if TYPE_CHECKING:
    from judgebench.score.analysis import Finding


def analyze(what: str, folders: Sequence[Path], **options: Any) -> list[Finding]:
    """Tables about runs: `judgebench.score.analysis` lists what there is and which options each takes. InputError
    where the runs do not have what it needs, UnknownName for another name."""
    from judgebench.score.analysis import ANALYSES

    if what not in ANALYSES:
        raise UnknownName("analysis", what, ANALYSES)
    return ANALYSES[what]([results.read(folder) for folder in folders], **options)
