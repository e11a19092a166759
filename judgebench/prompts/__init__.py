"""Judge prompts: `prompts/<name>.j2` is YAML front matter between two lines of `---`, then a jinja template.

A prompt in our own words is such a template. Another author's prompt is that author's file, pinned by url and sha256
and fetched like data: the front matter maps its variables to ours, and there is no text below it.

A template sees `turns` (role and text of each), `question` (the same as one text), `answers` (letter and text of each)
and `answer_a`, `answer_b`, ..., or `answer` where each response has a request of its own; `called`, what kind of word
their letters are (a letter, a number or a name); the `labels` of a question, as they are listed, and `choices`, the
word for each; `reference`, `rubric`, `context` and `persona`, empty where the item has none; `materials`, from name to
text those of the item that the template does not name, which `{% include "_materials.j2" %}` shows; `tie` and
`confidence`, whether they are asked for; and `mark`, which belongs in every tag around a text: no text contains a tag
with that mark, so no text can close its own tag.
"""

from __future__ import annotations

from judgebench.prompts._front import LETTERS, NAMES, Front, Prompt, Words, load, names, read
from judgebench.prompts._template import Template, fitting, in_json, mark

__all__ = [
    "LETTERS", "NAMES", "Front", "Prompt", "Template", "Words", "fitting", "in_json", "load", "mark", "names", "read",
]  # fmt: skip
