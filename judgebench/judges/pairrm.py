"""`pairrm:MODEL`: an encoder that reads a question and two responses at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from judgebench.backends.local.settings import OPTIONS as LOADING
from judgebench.backends.local.settings import Settings, need_extra
from judgebench.judges._models import choices, resolved
from judgebench.judges._scored import Scored
from judgebench.options import switch

OPTIONS = (
    switch(
        "symmetric",
        "no: read the responses as shown, so that the verdict may depend on their order",
        default=True,
    ),
    *LOADING,
)
CHOICES = choices(
    "pairrm",
    {
        "pairrm:MODEL": "a PairRM: reads two responses at once, in both orders, so that its verdict has none; "
        "-J symmetric=no reads them as shown"
    },
)


def open(name: str, options: Mapping[str, Any]) -> Scored:  # noqa: A001  (the seam's name)
    judge = f"pairrm:{name}"
    need_extra(judge)
    from judgebench.backends.local.loading import Checkpoint
    from judgebench.backends.reward.pairrm import PairRM

    model, _ = resolved("pairrm", name)
    checkpoint = Checkpoint(judge, Settings.of(judge, model, options))
    scorer = PairRM(checkpoint, symmetric=options["symmetric"])
    return Scored(judge, scorer, {"model": scorer.identity})
