"""`local:MODEL`: a model on this machine, asked with a prompt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from judgebench.backends.local.settings import OPTIONS, Settings, need_extra
from judgebench.judges import refuse_unknown
from judgebench.judges._models import choices, in_brackets, resolved
from judgebench.judges._prompted import PROMPT_OPTIONS, Prompted, prompted

CHOICES = choices(
    "local", {"local:MODEL": "any model of the hub or in a folder, asked with -J prompt= (the default is pairwise)"}
)


def open(name: str, options: Mapping[str, str]) -> Prompted:  # noqa: A001  (the seam's name)
    judge = f"local:{name}"
    refuse_unknown(judge, options, (*OPTIONS, *PROMPT_OPTIONS))
    need_extra(judge)
    from judgebench.backends.local.backend import LocalBackend
    from judgebench.backends.local.loading import Checkpoint

    model, chosen, entry = resolved("local", name, options)
    checkpoint = Checkpoint(judge, Settings.of(judge, model, chosen))
    prompt = (entry.prompt if entry else None) or "pairwise"
    asked = {option: value for option, value in chosen.items() if option in PROMPT_OPTIONS}
    backend = LocalBackend(checkpoint)
    made = prompted(judge, asked, backend, default_prompt=prompt, protocol={"model": checkpoint.identity})
    if made.settings.prompt.front.form == "chat":
        backend.need_template()
    # One pair of brackets: what is loaded otherwise, then what is asked otherwise.
    name = f"{in_brackets(judge, options, ())}{made.name.removeprefix(judge)}".replace("][", ",")
    return replace(made, name=name)
