"""Models from a folder or the hub: what exactly is loaded is known before its weights are, and nothing of theirs runs
unless the user says so."""

from __future__ import annotations

import hashlib
import json
import os
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers.processing_utils import ProcessorMixin
from transformers.utils import cached_file

from judgebench.backends.local.encoding import DATE
from judgebench.backends.local.settings import Loading, installed
from judgebench.errors import InputError, explained

KEPT = (".json", ".jinja", ".model", ".py", ".safetensors", ".bin")
SAMPLED = 65_536
"""Bytes at either end of a weight file that go into a folder's fingerprint: reading all of it takes minutes."""


class Checkpoint:
    """A model's repository or folder. Opening it reads its configuration and tokenizer; `load` its weights."""

    def __init__(self, judge: str, settings: Loading) -> None:
        self.judge, self.settings = judge, settings
        try:
            torch.empty(0, device=settings.device)
        except (RuntimeError, AssertionError) as error:  # of torch for one that it was not built for
            why = str(error).partition("\n")[0]
            raise InputError(f"{judge}: there is no device {settings.device}: {why}") from error
        with explained(self._cannot_load):
            # The hub's commit, at which a branch or tag stands: a repository may change while its model is used.
            here = Path(settings.model).is_dir()
            config = None if here else cached_file(settings.model, "config.json", revision=settings.revision or "main")
            self.commit = Path(config).parent.name if config else None  # .../snapshots/COMMIT/config.json
            self._source = {
                "pretrained_model_name_or_path": settings.model,
                "revision": self.commit,
                "trust_remote_code": settings.trust_remote_code,
            }
            self.config = transformers.AutoConfig.from_pretrained(**self._source)
            self.tokenizer = transformers.AutoTokenizer.from_pretrained(**self._source)
            self.sees = type(self.config) in transformers.MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING
            if self.sees and (template := ProcessorMixin.get_processor_dict(**self._source)[0].get("chat_template")):
                self.tokenizer.chat_template = template

    @cached_property
    def identity(self) -> dict[str, Any]:
        """What the answers are answers of: a change of any of this is another judge."""
        folder = Path(self.settings.model)
        if folder.is_dir():  # which may be moved without becoming another model
            which: dict[str, Any] = {"model": folder.resolve().name, "fingerprint": fingerprint(folder)}
        else:
            which = {"model": self.settings.model, "revision": self.commit}
        how = {name: getattr(self.settings, name) for name in ("quantization", "trust_remote_code")}
        return {
            **which,
            "dtype": str(self.dtype).removeprefix("torch."),
            **{name: value for name, value in how.items() if value},
            **({"template_date": str(DATE)} if "strftime_now" in str(self.tokenizer.chat_template) else {}),
        }

    @cached_property
    def provenance(self) -> dict[str, Any]:
        """Where and with what it is run."""
        device = torch.device(self.device)
        where: dict[str, Any] = {"device": self.settings.device_map or self.device, "architecture": self.architecture}
        if device.type == "cuda":
            where["gpu"] = f"{torch.cuda.get_device_name(device)} ({torch.cuda.device_count()} visible)"
            where["cuda"] = torch.version.cuda
        packages = ("transformers", "tokenizers", "accelerate", "safetensors", "bitsandbytes", "pillow")
        others = {name: number for name in packages if (number := installed(name))}
        # Torch itself says what it was built for: 2.13.0+cu130, where its package may say 2.13.0.
        return where | {"packages": {"torch": str(torch.__version__), **others}}

    @property
    def own_code(self) -> frozenset[str]:
        """The Auto classes that the repository has code of its own for, if the user lets it run."""
        return frozenset((getattr(self.config, "auto_map", None) or ()) if self.settings.trust_remote_code else ())

    @property
    def architecture(self) -> str:
        return str((getattr(self.config, "architectures", None) or [self.config.model_type])[0])

    @property
    def dtype(self) -> torch.dtype:
        stored = self.settings.dtype or self.config.dtype or "float32"
        dtype: torch.dtype = getattr(torch, stored) if isinstance(stored, str) else stored
        return dtype

    @property
    def device(self) -> str:
        if self.settings.device:
            return self.settings.device
        if torch.cuda.is_available():
            return "cuda"
        return "mps" if torch.backends.mps.is_available() else "cpu"

    @property
    def context(self) -> int | None:
        """Tokens of prompt and answer together that the model was made for, if its configuration says so."""
        stated: int | None = getattr(self.config.get_text_config(), "max_position_embeddings", None)
        return self.settings.context or stated

    @cached_property
    def processor(self) -> Any:
        """Of a model that sees. Pillow reads images; what reads videos is left out, for it asks for torchvision."""
        every = ProcessorMixin.__dict__["get_attributes"]
        parts = classmethod(lambda cls: [name for name in every.__func__(cls) if name != "video_processor"])
        with explained(self._cannot_load):
            try:
                ProcessorMixin.get_attributes = parts
                return transformers.AutoProcessor.from_pretrained(**self._source, backend="pil")
            finally:
                ProcessorMixin.get_attributes = every

    def load(self, kind: Any) -> Any:
        """The model, as `kind` (one of transformers' Auto classes). Weights that the checkpoint lacks are an error:
        transformers would make them up."""
        # Or else it has the hub convert pickles.
        os.environ["DISABLE_SAFETENSORS_CONVERSION"] = "1"
        # Its table of weights that are missing is not for users; the error below is.
        transformers.logging.set_verbosity_error()
        spread = self.settings.device_map or ""
        # transformers' sdpa leaves out the cap that such a model puts on its attention.
        capped = getattr(self.config.get_text_config(), "attn_logit_softcapping", None)
        attention = self.settings.attn or ("eager" if capped else None)
        with explained(self._cannot_load):
            model, report = kind.from_pretrained(
                **self._source,
                config=self.config,
                dtype=self.dtype,
                device_map=json.loads(spread) if spread.startswith("{") else spread or {"": self.device},
                quantization_config=self._quantization(),
                use_safetensors=None if self.settings.pickle else True,
                output_loading_info=True,
                **({"attn_implementation": attention} if attention else {}),
            )
        absent = sorted({*report["missing_keys"], *(key for key, *_ in report["mismatched_keys"])})
        if absent:
            listed = ", ".join(absent[:5]) + (", ..." if len(absent) > 5 else "")
            raise InputError(
                f"{self.judge}: {self.settings.model} has no weights for {listed}: they would be newly initialized, "
                f"which is to say random. It is stored as {self.architecture}; is this the right kind of judge for it?"
            )
        model.eval()
        if self.settings.compile:
            # Layer by layer: they are alike, so that one is compiled for all. What stands around the attention is
            # fused; the attention itself is left alone.
            layers = getattr(model.get_decoder(), "layers", None)
            if layers is None:
                raise InputError(
                    f"{self.judge}: {self.architecture} has no layers that could be compiled; leave out compile"
                )
            for layer in layers:
                layer.compile(dynamic=True)
        return model

    def _quantization(self) -> Any:
        typed = self.settings.quantization
        if typed in ("4bit", "8bit"):
            return transformers.BitsAndBytesConfig(**{f"load_in_{typed}": True}, bnb_4bit_compute_dtype=self.dtype)
        return typed and transformers.quantizers.AutoQuantizationConfig.from_dict(json.loads(typed))

    def _cannot_load(self, error: Exception) -> InputError:
        """What transformers, or a library below it, raises, as one line that says what to do."""
        why = " ".join(str(error).split()) or type(error).__name__
        if "trust_remote_code" in why:
            why = "its repository has code of its own; to run it, add --trust-remote-code (-J trust_remote_code=yes)"
        elif "safetensors" in why and not self.settings.pickle:
            why = (
                "its weights are not stored as safetensors; to load pickled ones (with torch's unpickler for weights, "
                "which takes nothing but tensors), add -J pickle=yes"
            )
        return InputError(f"{self.judge}: cannot load {self.settings.model}: {why}")


def fingerprint(folder: Path) -> str:
    """16 hex digits that change when the model in a folder does. Of its weights, sizes and ends are read."""
    files = sorted(path for path in folder.iterdir() if path.suffix in KEPT)
    digest = hashlib.sha256()
    for path in files:
        size = path.stat().st_size
        digest.update(f"{path.name} {size}\n".encode())
        with path.open("rb") as file:
            if path.suffix in (".safetensors", ".bin"):
                digest.update(file.read(SAMPLED))
                file.seek(max(0, size - SAMPLED))
            digest.update(file.read())
    return digest.hexdigest()[:16]
