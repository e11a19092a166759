"""`pairrm:MODEL`: an encoder that reads a question and two responses at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from judgebench.backends.local.settings import OPTIONS as LOADING
from judgebench.backends.local.settings import Settings, need_extra
from judgebench.models import Model
from judgebench.models.table import choices, resolved
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


def open(name: str, options: Mapping[str, Any]) -> Model:  # noqa: A001  (the seam's name)
    judge = f"pairrm:{name}"
    need_extra(judge)
    from judgebench.backends.local.loading import Checkpoint
    from judgebench.backends.reward.pairrm import PairRM

    model, _ = resolved("pairrm", name)
    checkpoint = Checkpoint(judge, Settings.of(judge, model, options))
    scorer = PairRM(checkpoint, symmetric=options["symmetric"])
    return Model(spec=judge, model=name, identity={"model": scorer.identity}, scorer=scorer)
