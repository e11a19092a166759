"""A benchmark's datasheet: what it holds, and which of its properties would flatter a judge that reads nothing."""

from judgebench.score.datasheet.sheet import Datasheet
from judgebench.score.datasheet.tally import gather

__all__ = ["Datasheet", "gather"]
