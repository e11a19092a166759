"""`pairrm:MODEL`: an encoder that reads a question and two responses at once."""

from __future__ import annotations

from collections.abc import Mapping

from judgebench.backends.local.settings import OPTIONS, Settings, need_extra, yes
from judgebench.judges import refuse_unknown
from judgebench.judges._models import choices, in_brackets, resolved
from judgebench.judges._scored import Scored

OWN = {"symmetric": "no: read the responses as shown, so that the verdict may depend on their order"}
CHOICES = choices(
    "pairrm",
    {
        "pairrm:MODEL": "a PairRM: reads two responses at once, in both orders, so that its verdict has none; "
        "-J symmetric=no reads them as shown"
    },
)


def open(name: str, options: Mapping[str, str]) -> Scored:  # noqa: A001  (the seam's name)
    judge = f"pairrm:{name}"
    refuse_unknown(judge, options, (*OPTIONS, *OWN))
    need_extra(judge)
    from judgebench.backends.local.loading import Checkpoint
    from judgebench.backends.reward.pairrm import PairRM

    model, chosen, _ = resolved("pairrm", name, options)
    checkpoint = Checkpoint(judge, Settings.of(judge, model, chosen))
    scorer = PairRM(checkpoint, symmetric=yes(judge, "symmetric", chosen.get("symmetric", "yes")))
    return Scored(in_brackets(judge, options, OWN), scorer, {"model": scorer.identity})
