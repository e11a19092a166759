"""`rm:MODEL`: a reward model, with a classification head or with code of its own. A response's score is its verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from judgebench.judges._scored import Scored
from judgebench.models import rm as models

OPTIONS = models.OPTIONS
CHOICES = models.CHOICES


def open(name: str, options: Mapping[str, Any]) -> Scored:  # noqa: A001  (the seam's name)
    return Scored(models.open(name, options))
