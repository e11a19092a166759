"""The report card: one judge on one benchmark. What stands on it (content) and in what words (report/readings) is the
same in every form: text of one screen of 80 columns, markdown, JSON."""

from __future__ import annotations

from judgebench.errors import UnknownName
from judgebench.report import numbers
from judgebench.report.card import content, forms
from judgebench.report.card.content import Content
from judgebench.report.selection import AGREEMENT
from judgebench.types import Card, Scores

FORMS = {"text": forms.as_text, "markdown": forms.as_markdown, "json": forms.as_json}


def render(scores: Scores, card: Card, *, full: bool = False, form: str = "text", cost: float | None = None) -> str:
    """One screen; with `full`, every number there is, each with what it means. `cost` is in dollars, where known."""
    if form not in FORMS:
        raise UnknownName("form of a report card", form, FORMS)
    return FORMS[form](make(scores, card, full=full, cost=cost))


def make(scores: Scores, card: Card, *, full: bool = False, cost: float | None = None) -> Content:
    return content.of(scores, card, full=full, cost=cost)


def one_line(scores: Scores) -> str:
    headline, agreement = numbers.text(scores.headline), numbers.text(scores.metrics[AGREEMENT])
    own = "" if scores.headline.rule == AGREEMENT else f"{scores.headline.rule} {headline}, "
    return f"{scores.benchmark}: {own}agreement {agreement}, coverage {numbers.percent(scores.coverage.share)}"
