"""`local:MODEL`: a model on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from judgebench.backends.local.settings import OPTIONS, Settings, need_extra
from judgebench.models import Model
from judgebench.models.table import choices, resolved

__all__ = ["CHOICES", "OPTIONS", "open"]

CHOICES = choices(
    "local", {"local:MODEL": "any model of the hub or in a folder, asked with -J prompt= (the default is pairwise)"}
)


def open(name: str, options: Mapping[str, Any]) -> Model:  # noqa: A001  (the seam's name)
    judge = f"local:{name}"
    need_extra(judge)
    from judgebench.backends.local.backend import LocalBackend
    from judgebench.backends.local.loading import Checkpoint

    model, entry = resolved("local", name)
    checkpoint = Checkpoint(judge, Settings.of(judge, model, options))
    return Model(
        spec=judge,
        model=name,
        identity={"model": checkpoint.identity},
        writer=LocalBackend(checkpoint),
        prompt=entry.prompt if entry else None,
    )
