"""`dpo:POLICY`: the reward that a model trained by DPO implies; -J reference= is the model that it was trained from."""

from __future__ import annotations

from collections.abc import Mapping

from judgebench.backends.local.settings import OPTIONS, Settings, need_extra, yes
from judgebench.errors import InputError
from judgebench.judges import refuse_unknown
from judgebench.judges._models import choices, in_brackets, resolved
from judgebench.judges._scored import Scored

OWN = {
    "reference": "the model that it was trained from, or none",
    "average": "yes: divide the log-probability of a response by its tokens",
}
CHOICES = choices(
    "dpo",
    {
        "dpo:POLICY": "log-probability of a response under a model, less that under -J reference=MODEL (or none); "
        "-J average=yes divides by its tokens"
    },
)


def open(name: str, options: Mapping[str, str]) -> Scored:  # noqa: A001  (the seam's name)
    judge = f"dpo:{name}"
    refuse_unknown(judge, options, (*OPTIONS, *OWN))
    need_extra(judge)
    from judgebench.backends.local.loading import Checkpoint
    from judgebench.backends.reward.dpo import DPO

    model, chosen, _ = resolved("dpo", name, options)
    if "reference" not in chosen:
        raise InputError(f"{judge}: add -J reference=MODEL, the model that it was trained from, or -J reference=none")
    policy = Settings.of(judge, model, chosen)
    loaded = {option: value for option, value in chosen.items() if option != "revision"}
    reference = None if chosen["reference"] == "none" else Settings.of(judge, chosen["reference"], loaded)
    scorer = DPO(
        Checkpoint(judge, policy),
        Checkpoint(judge, reference) if reference else None,
        average=yes(judge, "average", chosen.get("average", "no")),
    )
    return Scored(in_brackets(judge, options, OWN), scorer, {"model": scorer.identity})
