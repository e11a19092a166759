"""What a vision-language model sees: a conversation, and its images as the model's own processor has them."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
import torch
from transformers.image_utils import load_image

from judgebench.backends.local.loading import Checkpoint
from judgebench.backends.local.packing import Tokens
from judgebench.backends.local.sampling import Draft
from judgebench.types import Generation, Image, Message, Request

_BLACK = "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAAAAABWESUoAAAAEklEQVR42mNgGAWjYBSMAuwAAAQgAAF8we+4AAAAAElFTkSuQmCC"
_SHOWN = Message(role="user", content="judgebench", images=(Image(media="image/png", data=b64decode(_BLACK)),))
BLANK = Request(messages=(_SHOWN,), generation=Generation(max_tokens=1))


@dataclass(frozen=True)
class Sight:
    """A conversation in the model's chat template, its images, and the tokens of both."""

    eyes: Eyes
    text: str
    images: tuple[Image, ...]
    tokens: Tokens


class Eyes:
    """A model's processor, loaded for the first image. It is asked twice about each: until their batch is made, images
    are kept as they are in their files, since the pixels of all would fill the memory."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._checkpoint, self._bos = checkpoint, checkpoint.tokenizer.bos_token or "\0"

    def bare(self, text: str) -> bool:
        """Whether a template leaves the special tokens at the beginning to the tokenizer, as processors have it."""
        return not text.startswith(self._bos)

    def look(self, text: str, images: tuple[Image, ...]) -> Sight:
        """Whatever Pillow or the processor raises where an image is none, or the text has no place for it."""
        marks = [getattr(self._checkpoint.processor, name, None) for name in ("image_token", "boi_token")]
        places = [text.count(str(mark)) for mark in marks if mark]
        if places and len(images) not in places:  # which not every version of transformers looks for
            raise ValueError(f"there are {len(images)}, and {max(places)} places for them")
        return Sight(self, text, images, self._read([(text, images)])["input_ids"][0].numpy())

    def inputs(self, batch: Sequence[Draft]) -> Any:
        """What the model takes, padded on the left. Behind what is seen, all prompts have as many tokens."""
        read = self._read([(one.sight.text, one.sight.images) for one in batch])
        more = torch.tensor(np.array([one.prompt[len(one.sight.tokens) :] for one in batch]))
        beside, shape = {"input_ids": more, "attention_mask": torch.ones_like(more)}, read["input_ids"].shape
        for name, value in read.items():
            if value.shape == shape:  # of tokens, and not of images; what else is said of text is 0
                read[name] = torch.cat([value, beside.get(name, torch.zeros_like(more))], 1)
        return read

    def _read(self, shown: Sequence[tuple[str, tuple[Image, ...]]]) -> Any:
        from PIL.Image import open as opened

        texts = [text for text, _ in shown]
        images = [[load_image(opened(BytesIO(image.data))) for image in seen] for _, seen in shown]
        more = {"padding": True, "padding_side": "left", "add_special_tokens": self.bare(texts[0])}
        return self._checkpoint.processor(text=texts, images=images, return_tensors="pt", **more)
