"""The report card: one judge on one benchmark. What stands on it (content) and in what words (report/readings) is the
same in every form: text of one screen of 80 columns, markdown, JSON."""

from __future__ import annotations

from judgebench.report import numbers
from judgebench.report.card import forms
from judgebench.report.card.content import Content, of
from judgebench.report.selection import AGREEMENT
from judgebench.types import Scores

__all__ = ["Content", "of", "one_line", "render"]


def render(card: Content, form: str = "text") -> str:
    """As `text`, `markdown` or `json`."""
    return {"text": forms.as_text, "markdown": forms.as_markdown, "json": forms.as_json}[form](card)


def one_line(scores: Scores) -> str:
    headline, agreement = numbers.text(scores.headline), numbers.text(scores.metrics[AGREEMENT])
    own = "" if scores.headline.rule == AGREEMENT else f"{scores.headline.rule} {headline}, "
    return f"{scores.benchmark}: {own}agreement {agreement}, coverage {numbers.percent(scores.coverage.share)}"
