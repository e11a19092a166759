"""`rm:MODEL`: a reward model, with a classification head or with code of its own. A response's score is its verdict."""

from __future__ import annotations

from collections.abc import Mapping

from judgebench.backends.local.settings import OPTIONS, Settings, need_extra, yes
from judgebench.errors import InputError
from judgebench.judges import refuse_unknown
from judgebench.judges._models import choices, in_brackets, resolved
from judgebench.judges._scored import Scored

OWN = {
    "template": "chat: the model's chat template; pair: question and response as a pair of texts",
    "label": "which output of the head is the score, from 0 on",
    "selfcheck": "yes: first make sure that scores do not depend on the batch",
}
TEMPLATES = ("chat", "pair")
CHOICES = choices(
    "rm",
    {
        "rm:MODEL": "any reward model of the hub or in a folder: a classification head, or get_score of its own with "
        "--trust-remote-code; --selfcheck first makes sure that scores do not depend on the batch"
    },
)


def open(name: str, options: Mapping[str, str]) -> Scored:  # noqa: A001  (the seam's name)
    judge = f"rm:{name}"
    refuse_unknown(judge, options, (*OPTIONS, *OWN))
    need_extra(judge)
    from judgebench.backends.local.loading import Checkpoint
    from judgebench.backends.reward import Scorer
    from judgebench.backends.reward.classifier import Classifier
    from judgebench.backends.reward.custom import Custom

    model, chosen, _ = resolved("rm", name, options)
    template = chosen.get("template", TEMPLATES[0])
    if template not in TEMPLATES:
        raise InputError(f"{judge}: template is {' or '.join(TEMPLATES)}, not {template!r}")
    if not chosen.get("label", "0").isdecimal():
        raise InputError(f"{judge}: label is the number of an output, from 0 on, not {chosen['label']!r}")
    label = int(chosen["label"]) if "label" in chosen else None
    selfcheck = yes(judge, "selfcheck", chosen.get("selfcheck", "no"))
    checkpoint = Checkpoint(judge, Settings.of(judge, model, chosen))
    scorer: Scorer
    if "AutoModel" in checkpoint.own_code and "AutoModelForSequenceClassification" not in checkpoint.own_code:
        scorer = Custom(checkpoint)
    else:
        scorer = Classifier(checkpoint, template=template, label=label, selfcheck=selfcheck)
    return Scored(in_brackets(judge, options, ("template", "label")), scorer, {"model": scorer.identity})
