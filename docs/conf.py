"""Sphinx: Markdown pages, and a reference that is written from the code before every build (reference_pages.py)."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import judgebench

project = "judgebench"
author = "the judgebench authors"
release = judgebench.__version__
extensions = ["myst_parser", "reference_pages"]
html_theme = "furo"
html_title = f"judgebench {release}"
html_show_copyright = False

# Headings of the first three levels can be linked to, and a link to one that is not there fails the build.
myst_heading_anchors = 3
nitpicky = True
# `make links` asks these servers in vain: they want a browser, or a login.
linkcheck_ignore = [r"https://huggingface\.co/.*"]
