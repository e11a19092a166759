"""`rm:MODEL`: a reward model, with a classification head or with code of its own. A response's score is its verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from judgebench.backends.local.settings import OPTIONS as LOADING
from judgebench.backends.local.settings import Settings, need_extra
from judgebench.models import Model
from judgebench.models.table import choices, resolved
from judgebench.options import switch, whole, words

OPTIONS = (
    words(
        "template", "chat: the model's chat template; pair: question and response as a pair of texts", ("chat", "pair")
    ),
    whole("label", "which output of the head is the score, from 0 on", 0),
    *LOADING,
    switch(
        "selfcheck",
        "yes: first make sure that scores do not depend on the batch",
        harmless="checks, and ends the run or changes nothing",
    ),
)
CHOICES = choices(
    "rm",
    {
        "rm:MODEL": "any reward model of the hub or in a folder: a classification head, or get_score of its own with "
        "--trust-remote-code; --selfcheck first makes sure that scores do not depend on the batch"
    },
)


def open(name: str, options: Mapping[str, Any]) -> Model:  # noqa: A001  (the seam's name)
    judge = f"rm:{name}"
    need_extra(judge)
    from judgebench.backends.local.loading import Checkpoint
    from judgebench.backends.reward import Scorer
    from judgebench.backends.reward.classifier import Classifier
    from judgebench.backends.reward.custom import Custom

    model, _ = resolved("rm", name)
    checkpoint = Checkpoint(judge, Settings.of(judge, model, options))
    scorer: Scorer
    if "AutoModel" in checkpoint.own_code and "AutoModelForSequenceClassification" not in checkpoint.own_code:
        scorer = Custom(checkpoint)
    else:
        scorer = Classifier(
            checkpoint,
            template=options["template"],
            label=options.get("label"),
            selfcheck=options.get("selfcheck", False),
        )
    return Model(spec=judge, model=name, identity={"model": scorer.identity}, scorer=scorer)
