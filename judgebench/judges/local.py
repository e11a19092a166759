"""`local:MODEL`: a model on this machine, asked with a prompt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from judgebench.judges._prompted import PROMPT_OPTIONS, Prompted, prompted
from judgebench.models import local as models

OPTIONS = (*models.OPTIONS, *PROMPT_OPTIONS)
CHOICES = models.CHOICES


def open(name: str, options: Mapping[str, Any]) -> Prompted:  # noqa: A001  (the seam's name)
    return prompted(models.open(name, options), options)
