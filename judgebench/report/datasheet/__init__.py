"""A benchmark's datasheet: what it holds, and which of its properties would flatter a judge that reads nothing.

tally     one pass over the items, in some 100 bytes an item    sheet    the numbers
warnings  what of it should worry a user, and what to do        text     all of it, for a terminal
"""

from judgebench.report.datasheet.sheet import Datasheet
from judgebench.report.datasheet.tally import gather
from judgebench.report.datasheet.text import render

__all__ = ["Datasheet", "gather", "render"]
