"""`local:MODEL`: a model on this machine, asked with a prompt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from judgebench.backends.local.settings import OPTIONS as LOADING
from judgebench.backends.local.settings import Settings, need_extra
from judgebench.judges._models import choices, resolved
from judgebench.judges._prompted import PROMPT_OPTIONS, Prompted, prompted

CHOICES = choices(
    "local", {"local:MODEL": "any model of the hub or in a folder, asked with -J prompt= (the default is pairwise)"}
)


OPTIONS = (*LOADING, *PROMPT_OPTIONS)


def open(name: str, options: Mapping[str, Any]) -> Prompted:  # noqa: A001  (the seam's name)
    judge = f"local:{name}"
    need_extra(judge)
    from judgebench.backends.local.backend import LocalBackend
    from judgebench.backends.local.loading import Checkpoint

    model, entry = resolved("local", name)
    checkpoint = Checkpoint(judge, Settings.of(judge, model, options))
    prompt = (entry.prompt if entry else None) or "pairwise"
    backend = LocalBackend(checkpoint)
    made = prompted(judge, name, options, backend, default_prompt=prompt, protocol={"model": checkpoint.identity})
    if made.settings.prompt.front.form == "chat":
        backend.need_template()
    return made
