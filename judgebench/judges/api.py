"""`api:PROVIDER/MODEL`: a model behind any API that litellm knows, asked with a prompt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from judgebench.judges._prompted import PROMPT_OPTIONS, Prompted, prompted
from judgebench.models import api as models

OPTIONS = (*models.OPTIONS, *PROMPT_OPTIONS)
CHOICES = models.CHOICES


def open(name: str, options: Mapping[str, Any]) -> Prompted:  # noqa: A001  (the seam's name)
    return prompted(models.open(name, options), options)
