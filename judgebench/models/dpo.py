"""`dpo:POLICY`: the reward that a model trained by DPO implies; -J reference= is the model that it was trained from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from judgebench.backends.local.settings import OPTIONS as LOADING
from judgebench.backends.local.settings import Settings, need_extra
from judgebench.errors import InputError
from judgebench.models import Model
from judgebench.models.table import choices, resolved
from judgebench.options import Option, switch

OPTIONS = (
    Option("reference", "the model that it was trained from, or none"),
    switch("average", "yes: divide the log-probability of a response by its tokens", default=False),
    *LOADING,
)
CHOICES = choices(
    "dpo",
    {
        "dpo:POLICY": "log-probability of a response under a model, less that under -J reference=MODEL (or none); "
        "-J average=yes divides by its tokens"
    },
)


def open(name: str, options: Mapping[str, Any]) -> Model:  # noqa: A001  (the seam's name)
    judge = f"dpo:{name}"
    need_extra(judge)
    from judgebench.backends.local.loading import Checkpoint
    from judgebench.backends.reward.dpo import DPO

    model, _ = resolved("dpo", name)
    if "reference" not in options:
        raise InputError(f"{judge}: add -J reference=MODEL, the model that it was trained from, or -J reference=none")
    policy = Settings.of(judge, model, options)
    loaded = {option: value for option, value in options.items() if option != "revision"}
    reference = None if options["reference"] == "none" else Settings.of(judge, options["reference"], loaded)
    scorer = DPO(
        Checkpoint(judge, policy),
        Checkpoint(judge, reference) if reference else None,
        average=options["average"],
    )
    return Model(spec=judge, model=name, identity={"model": scorer.identity}, scorer=scorer)
