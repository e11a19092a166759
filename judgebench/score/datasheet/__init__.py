"""A benchmark's datasheet: what it holds, and which of its properties would flatter a judge that reads nothing.

tally     one pass over the items, in some 100 bytes an item    sheet    the numbers
warnings  what of it should worry a user, and what to do
"""

from judgebench.score.datasheet.sheet import Datasheet
from judgebench.score.datasheet.tally import gather

__all__ = ["Datasheet", "gather"]
