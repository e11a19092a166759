"""`dpo:POLICY`: the reward that a model trained by DPO implies, as the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from judgebench.judges._scored import Scored
from judgebench.models import dpo as models

OPTIONS = models.OPTIONS
CHOICES = models.CHOICES


def open(name: str, options: Mapping[str, Any]) -> Scored:  # noqa: A001  (the seam's name)
    return Scored(models.open(name, options))
