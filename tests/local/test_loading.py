"""What is loaded is what was meant: no code of others, no pickles, no made-up weights unless the user says so."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from judgebench.backends.local.settings import OPTIONS, Loading
from judgebench.errors import InputError
from judgebench.options import read

torch = pytest.importorskip("torch", reason="needs the extra: pip install 'judgebench-harness[local]'")
transformers = pytest.importorskip("transformers", reason="needs the extra: pip install 'judgebench-harness[local]'")

from judgebench.backends.local.loading import Checkpoint, fingerprint  # noqa: E402

pytestmark = pytest.mark.local

Save = Callable[..., Path]


def checkpoint(folder: Path, **settings: Any) -> Checkpoint:
    return Checkpoint("local:test", Loading(model=str(folder), device="cpu", **settings))


def load(folder: Path, **settings: Any) -> Any:
    return checkpoint(folder, **settings).load(transformers.AutoModelForCausalLM)


@pytest.fixture
def copied(saved: Save, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved(), tmp_path / "copy"))


def test_pickled_weights_are_loaded_only_on_request(copied: Path) -> None:
    (copied / "model.safetensors").unlink()
    weights = load_weights(copied)
    torch.save(weights, copied / "pytorch_model.bin")
    with pytest.raises(InputError, match=r"not stored as safetensors.*-J pickle=yes"):
        load(copied)
    assert load(copied, pickle=True).state_dict().keys() >= weights.keys() - {"lm_head.weight"}


def load_weights(folder: Path) -> dict[str, Any]:
    torch.manual_seed(0)
    model = transformers.AutoModelForCausalLM.from_config(transformers.AutoConfig.from_pretrained(folder))
    return dict(model.state_dict())


def test_a_pickle_that_would_run_code_is_refused_even_then(copied: Path, tmp_path: Path) -> None:
    (copied / "model.safetensors").unlink()
    witness = tmp_path / "ran"

    class Trap:
        def __reduce__(self) -> Any:
            return Path.touch, (witness,)

    torch.save({"model.embed_tokens.weight": Trap()}, copied / "pytorch_model.bin")
    with pytest.raises(InputError, match=r"(?i)weights.only"):
        load(copied, pickle=True)
    assert not witness.exists()


def test_code_of_the_repository_runs_only_on_request(copied: Path) -> None:
    config = json.loads((copied / "config.json").read_text(encoding="utf-8"))
    config |= {"model_type": "judgebench-own", "auto_map": {"AutoConfig": "own.Own"}}
    (copied / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (copied / "own.py").write_text(
        "from transformers import LlamaConfig\nclass Own(LlamaConfig):\n    model_type = 'judgebench-own'\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError, match=r"code of its own.*-J trust_remote_code=yes"):
        checkpoint(copied)
    assert checkpoint(copied, trust_remote_code=True).identity["trust_remote_code"] is True


def test_weights_that_are_missing_are_not_made_up(copied: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(copied / "model.safetensors")
    del weights["model.layers.1.mlp.up_proj.weight"]
    save_file(weights, copied / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(InputError, match=r"no weights for model\.layers\.1\.mlp\.up_proj\.weight.*newly initialized"):
        load(copied)


def test_a_folder_is_known_by_what_is_in_it(saved: Save, copied: Path) -> None:
    identity = checkpoint(copied).identity
    assert identity["fingerprint"] == fingerprint(saved())
    assert identity == {"model": "copy", "dtype": "float32", "fingerprint": fingerprint(copied)}
    weights = copied / "model.safetensors"
    raw = bytearray(weights.read_bytes())
    raw[-1] ^= 1
    weights.write_bytes(raw)
    assert checkpoint(copied).identity["fingerprint"] != identity["fingerprint"]


@pytest.mark.parametrize("device", ["cuda:99", "gpu"])
def test_a_device_that_is_not_there_is_said_at_once(saved: Save, device: str) -> None:
    with pytest.raises(InputError, match=f"local:test: there is no device {device}: "):
        Checkpoint("local:test", Loading(model=str(saved()), device=device))


def test_dtype_is_the_weights_own_or_the_users(saved: Save) -> None:
    assert checkpoint(saved()).dtype == torch.float32
    other = checkpoint(saved(), dtype="bfloat16")
    assert other.identity["dtype"] == "bfloat16"
    assert other.load(transformers.AutoModelForCausalLM).dtype == torch.bfloat16


def test_provenance_says_where_and_with_what(saved: Save) -> None:
    found = checkpoint(saved()).provenance
    assert found["device"] == "cpu"
    assert found["architecture"] == "LlamaForCausalLM"
    assert found["packages"]["torch"] == torch.__version__
    assert found["packages"]["transformers"] == transformers.__version__


def test_a_model_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="local:test: cannot load ") as caught:
        checkpoint(tmp_path)
    assert "\n" not in str(caught.value)


def test_capped_attention_is_computed_with_its_cap(saved: Save) -> None:
    """transformers' sdpa leaves the cap out, or is refused for such a model, as its release will have it."""
    assert load(saved("Gemma2", head_dim=16)).config._attn_implementation == "eager"


def test_layers_can_be_compiled(saved: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = []
    monkeypatch.setattr(torch.nn.Module, "compile", lambda self, **given: compiled.append((type(self).__name__, given)))
    load(saved(), compile=True)
    assert compiled == [("LlamaDecoderLayer", {"dynamic": True})] * 2


def test_options_are_checked_before_anything_is_loaded() -> None:
    for option, value, complaint in (
        ("dtype", "int8", "dtype is bfloat16, float16 or float32, not 'int8'"),
        ("batch_tokens", "0", "batch_tokens is a whole number from 1,"),
        ("context", "many", "context is a whole number"),
        ("pickle", "maybe", "pickle is yes or no"),
        ("quantization", "5bit", "quantization is 4bit, 8bit or a JSON object, not '5bit'"),
        ("device_map", "{bad", "device_map is a word or a JSON object"),
    ):
        with pytest.raises(InputError, match=complaint):
            read("local:it", OPTIONS, {option: value})
    with pytest.raises(InputError, match="not both"):
        Loading.of("local:it", "it", {"device": "cuda", "device_map": "auto"})
    values = read("local:it", OPTIONS, {"trust_remote_code": "yes", "batch_tokens": "10"})
    settings = Loading.of("local:it", "it", {**values, "prompt": "pairwise"})
    assert (settings.trust_remote_code, settings.batch_tokens) == (True, 10)
    assert set(Loading.__dataclass_fields__) == {"model", *(option.name for option in OPTIONS)}


@pytest.mark.parametrize("given", ["4bit", "8bit", '{"quant_method": "bitsandbytes", "load_in_4bit": true}'])
def test_quantization_is_passed_on(saved: Save, given: str) -> None:
    quantized = checkpoint(saved(), quantization=given)
    assert quantized.identity["quantization"] == given
    assert type(quantized._quantization()).__name__ == "BitsAndBytesConfig"
