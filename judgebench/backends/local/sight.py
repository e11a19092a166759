"""What a vision-language model sees: a conversation, and its images as the model's own processor has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
import torch
from transformers.image_utils import load_image

from judgebench.backends.local.packing import Tokens
from judgebench.types import Image


@dataclass(frozen=True)
class Sight:
    """A conversation in the model's chat template, its images, and the tokens of both."""

    text: str
    images: tuple[Image, ...]
    tokens: Tokens


def blank() -> Image:
    """A picture with nothing on it."""
    from PIL import Image as pictures  # noqa: N813

    file = BytesIO()
    pictures.new("RGB", (64, 64)).save(file, "PNG")
    return Image(media="image/png", data=file.getvalue())


class Eyes:
    """The processor of a model, for the time in which requests are made into tokens and for that in which they are
    answered: between the two, images are kept as they are in their files, since their pixels fill a memory."""

    def __init__(self, processor: Any) -> None:
        self._processor, self._tokenizer = processor, processor.tokenizer
        self._tokenizer.padding_side = "left"
        self._tokenizer.pad_token = self._tokenizer.pad_token or self._tokenizer.eos_token

    def look(self, text: str, images: tuple[Image, ...]) -> Sight:
        """An Exception of Pillow's or the processor's where an image is none, or the text has no place for it."""
        return Sight(text, images, self._read([(text, images)])["input_ids"][0].numpy().astype(np.int64))

    def adds_bos(self, text: str) -> bool:
        """Whether the tokenizer adds its special tokens to a conversation: as transformers' processors have it, where
        the template does not write them."""
        bos = self._tokenizer.bos_token
        return bos is None or not text.startswith(bos)

    def inputs(self, sights: Sequence[Sight], prompts: Sequence[Tokens]) -> Any:
        """What the model takes, padded on the left. Each prompt is that of a sight, and as many more tokens for all."""
        read = self._read([(sight.text, sight.images) for sight in sights])
        more = np.stack([prompt[len(one.tokens) :] for one, prompt in zip(sights, prompts, strict=True)])
        shape = read["input_ids"].shape
        beside = {"input_ids": torch.from_numpy(more), "attention_mask": torch.ones(more.shape, dtype=torch.long)}
        for name, value in read.items():
            if value.shape == shape:  # the other values are of images, or kinds of tokens, of which texts are the first
                read[name] = torch.cat([value, beside.get(name, torch.zeros(more.shape, dtype=value.dtype))], 1)
        return read

    def _read(self, shown: Sequence[tuple[str, tuple[Image, ...]]]) -> Any:
        from PIL import Image as pictures  # noqa: N813

        return self._processor(
            text=[text for text, _ in shown],
            images=[[load_image(pictures.open(BytesIO(image.data))) for image in images] for _, images in shown],
            add_special_tokens=self.adds_bos(shown[0][0]),
            padding=True,
            return_tensors="pt",
        )
