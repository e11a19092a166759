"""Models whose weights are loaded here: `local:` writes; `rm:`, `dpo:` and `pairrm:` score. One entry of KINDS each;
torch is imported when one of them is opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from judgebench.backends.local.settings import OPTIONS as LOADING
from judgebench.backends.local.settings import Loading, need_extra
from judgebench.errors import InputError
from judgebench.models import Model
from judgebench.models.table import Weights, described, resolved
from judgebench.options import Option, switch, whole, words

if TYPE_CHECKING:
    from judgebench.backends.local.loading import Checkpoint

Parts = tuple["Checkpoint", Any, Mapping[str, Any]]
"""What was loaded, what writes or scores with it, and which options are part of what it is."""


@dataclass(frozen=True)
class Loaded:
    """A kind of model, with what a module here has. `load` is given what messages call it, which model, and options;
    its docstring is the kind's."""

    kind: Weights
    load: Callable[[str, str, Mapping[str, Any]], Parts]
    typed: str
    what: str
    OPTIONS: tuple[Option, ...] = LOADING
    SCORES: bool = True

    @property
    def about(self) -> str:
        return self.load.__doc__ or ""

    @property
    def CHOICES(self) -> dict[str, str]:  # noqa: N802  (the seam's name)
        return {self.typed: self.what, **described(self.kind)}

    def open(self, name: str, options: Mapping[str, Any]) -> Model:
        spec = f"{self.kind}:{name}"
        need_extra(spec)
        model, entry = resolved(self.kind, name)
        checkpoint, part, more = self.load(spec, model, options)
        does = {"scorer" if self.SCORES else "writer": part}
        identity, prompt = {"model": {**checkpoint.identity, **more}}, entry.prompt if entry else None
        return Model(spec, name, identity, checkpoint.provenance, prompt=prompt, **does)


def _checkpoint(spec: str, model: str, options: Mapping[str, Any]) -> Checkpoint:
    from judgebench.backends.local.loading import Checkpoint

    return Checkpoint(spec, Loading.of(spec, model, options))


def _local(spec: str, model: str, options: Mapping[str, Any]) -> Parts:
    """`local:MODEL`: a model on this machine, asked with a prompt."""
    from judgebench.backends.local.backend import LocalBackend

    checkpoint = _checkpoint(spec, model, options)
    return checkpoint, LocalBackend(checkpoint), {}


def _rm(spec: str, model: str, options: Mapping[str, Any]) -> Parts:
    """`rm:MODEL`: a reward model, with a classification head or with code of its own."""
    from judgebench.backends.reward.classifier import Classifier, Custom

    checkpoint = _checkpoint(spec, model, options)
    if "AutoModel" in checkpoint.own_code and "AutoModelForSequenceClassification" not in checkpoint.own_code:
        return checkpoint, Custom(checkpoint), {}
    label, selfcheck = options.get("label"), options.get("selfcheck", False)
    scorer = Classifier(checkpoint, template=options["template"], label=label, selfcheck=selfcheck)
    return checkpoint, scorer, {"template": scorer.template, "label": scorer.label}


def _dpo(spec: str, model: str, options: Mapping[str, Any]) -> Parts:
    """`dpo:POLICY`: the reward that a model trained by DPO implies, as the verdict."""
    from judgebench.backends.reward.dpo import DPO

    if "reference" not in options:
        raise InputError(f"{spec}: add -J reference=MODEL, the model that it was trained from, or -J reference=none")
    named, average = options["reference"], options["average"]
    policy = _checkpoint(spec, model, options)
    others = {option: value for option, value in options.items() if option != "revision"}
    reference = None if named == "none" else _checkpoint(spec, named, others)
    identity = {"reference": reference and reference.identity, "average": average}
    return policy, DPO(policy, reference, average=average), identity


def _pairrm(spec: str, model: str, options: Mapping[str, Any]) -> Parts:
    """`pairrm:MODEL`: an encoder that reads a question and two responses at once."""
    from judgebench.backends.reward.pairrm import PairRM

    checkpoint, symmetric = _checkpoint(spec, model, options), options["symmetric"]
    return checkpoint, PairRM(checkpoint, symmetric=symmetric), {"symmetric": symmetric}


_TEMPLATE = "chat: the model's chat template; pair: question and response as a pair of texts"
_SELFCHECK = "yes: first make sure that scores do not depend on the batch"
_SYMMETRIC = "no: read the responses as shown, so that the verdict may depend on their order"
_KINDS = (
    Loaded(
        "local",
        _local,
        "local:MODEL",
        "any model of the hub or in a folder, asked with -J prompt= (the default is pairwise)",
        SCORES=False,
    ),
    Loaded(
        "rm",
        _rm,
        "rm:MODEL",
        "any reward model of the hub or in a folder: a classification head, or get_score of its own with "
        "--trust-remote-code; --selfcheck first makes sure that scores do not depend on the batch",
        (
            words("template", _TEMPLATE, ("chat", "pair")),
            whole("label", "which output of the head is the score, from 0 on", 0),
            *LOADING,
            switch("selfcheck", _SELFCHECK, harmless="checks, and ends the run or changes nothing"),
        ),
    ),
    Loaded(
        "dpo",
        _dpo,
        "dpo:POLICY",
        "log-probability of a response under a model, less that under -J reference=MODEL (or none); "
        "-J average=yes divides by its tokens",
        (
            Option("reference", "the model that it was trained from, or none"),
            switch("average", "yes: divide the log-probability of a response by its tokens", default=False),
            *LOADING,
        ),
    ),
    Loaded(
        "pairrm",
        _pairrm,
        "pairrm:MODEL",
        "a PairRM: reads two responses at once, in both orders, so that its verdict has none; "
        "-J symmetric=no reads them as shown",
        (switch("symmetric", _SYMMETRIC, default=True), *LOADING),
    ),
)
KINDS = {kind.kind: kind for kind in _KINDS}
