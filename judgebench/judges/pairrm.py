"""`pairrm:MODEL`: an encoder that reads a question and two responses at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from judgebench.judges._scored import Scored
from judgebench.models import pairrm as models

OPTIONS = models.OPTIONS
CHOICES = models.CHOICES


def open(name: str, options: Mapping[str, Any]) -> Scored:  # noqa: A001  (the seam's name)
    return Scored(models.open(name, options))
