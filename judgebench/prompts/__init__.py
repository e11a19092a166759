"""Judge prompts: `prompts/<name>.j2` is YAML front matter between two lines of `---`, then a jinja template.

A prompt in our own words is such a template. Another author's prompt is that author's file, pinned by url and sha256
and fetched like data: the front matter maps its variables to ours, and there is no text below it.

A template sees `turns` (role and text of each), `question` (the same as one text), `answers` (letter and text of each)
and `answer_a`, `answer_b`, ..., or `answer` where each response has a request of its own; `reference` and `rubric`,
empty where the item has none; `tie` and `confidence`, whether they are asked for; and `mark`, which belongs in every
tag around a text: no text contains a tag with that mark, so no text can close its own tag.
"""

from __future__ import annotations

from judgebench.prompts._front import LETTERS, NAMES, Front, Prompt, load, names, read
from judgebench.prompts._template import Template, in_json, mark

__all__ = ["LETTERS", "NAMES", "Front", "Prompt", "Template", "in_json", "load", "mark", "names", "read"]
