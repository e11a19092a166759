"""Pictures in a user's file: a path below the file's own folder, base64, a data: URL, or bytes. Nothing is fetched."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from judgebench.adapters.own.meanings import MISSING
from judgebench.rows import Row, shown
from judgebench.types import Image, Message

PLACE = "\ufffc"
"""Where an image stands in a text that is being read."""
MOST = 20 << 20
"""Bytes of a picture: providers take no larger ones."""
_KINDS = (
    (rb"\x89PNG\r\n\x1a\n", "image/png"),
    (rb"\xff\xd8\xff", "image/jpeg"),
    (rb"GIF8[79]a", "image/gif"),
    (rb"RIFF....WEBP", "image/webp"),
)
_FILE = re.compile(r"[^\n]{1,1000}\.(?:png|jpe?g|gif|webp)", re.IGNORECASE)
_DATA = re.compile(r"data:[\w/+.-]{0,100};base64,", re.IGNORECASE)


def images(row: Row, column: str, value: Any) -> list[Image]:
    """The pictures of a cell. BadRow says what it may hold."""
    if value is None or (isinstance(value, str) and value.strip().lower() in MISSING):
        return []
    if isinstance(value, list):
        return [image for one in value for image in images(row, column, one)]
    if isinstance(value, Mapping):  # as data sets of the hub have it, and content parts of OpenAI's API
        kept = (value.get(key) for key in ("bytes", "url", "path"))
        return images(row, column, next((one for one in kept if one is not None), None))
    data = value if isinstance(value, bytes) else _data(row, column, value)
    if len(data) > MOST:
        raise row.bad(f"{column} has a picture of more than {MOST >> 20} MiB")
    media = next((media for start, media in _KINDS if re.match(start, data, re.DOTALL)), None)
    if media is None:
        raise row.bad(f"{column} is no PNG, JPEG, GIF or WebP ({len(data):,} bytes)")
    return [Image(media=media, data=data)]


def parts(row: Row, column: str, value: Sequence[Any]) -> tuple[str, tuple[Image, ...]]:
    """The content of a turn that is a list of parts, as OpenAI's API has them: its text, and its images by place."""
    texts: list[str] = []
    found: list[Image] = []
    for one in value:
        part = row.within(one, f"a part of {column}")
        if isinstance(part.fields.get("text"), str):
            texts.append(part.text("text").replace(PLACE, ""))
            continue
        kind = str(part.fields.get("type"))
        pictures = images(part, kind, part.fields.get(kind)) if kind in ("image", "image_url") else []
        if not pictures:
            raise part.bad(f"a part of {column} is a text, or an image in image or image_url, not {shown(one)}")
        texts += [PLACE] * len(pictures)
        found += pictures
    return "\n".join(texts), tuple(found)


def numbered(messages: Sequence[Message]) -> tuple[Message, ...]:
    """With the number of each image at its place."""
    numbers = count(1)

    def named(message: Message) -> Message:
        text = re.sub(PLACE, lambda _: f"[image {next(numbers)}]", message.content, count=len(message.images))
        return msgspec.structs.replace(message, content=text)

    return tuple(named(message) if message.images else message for message in messages)


def _data(row: Row, column: str, value: Any) -> bytes:
    if not isinstance(value, str):
        raise row.bad(f"{column} is a path to a picture, base64 or bytes, not {shown(value)}")
    if "://" in value[:10]:
        raise row.bad(f"{column} is an address, and nothing is fetched: name a file beside {row.path.name}")
    if _FILE.fullmatch(value):
        return _read(row, column, value)
    try:
        return b64decode(_DATA.sub("", value, count=1), validate=True)
    except ValueError as error:
        raise row.bad(
            f"{column} is neither a path to a .png, .jpg, .gif or .webp nor base64: {shown(value)}"
        ) from error


def _read(row: Row, column: str, name: str) -> bytes:
    """A file in the folder of the data, or below it: a data set cannot have other files sent to a model."""
    folder = row.path.parent.resolve()
    try:
        path = (folder / name).resolve()
        if Path(name).is_absolute() or not path.is_relative_to(folder):
            raise row.bad(f"{column} is a path that leaves the folder of {row.path.name}: {name!r}")
        if not path.is_file():
            raise row.bad(f"{column}: there is no file {name!r} in the folder of {row.path.name}")
        if path.stat().st_size > MOST:
            raise row.bad(f"{column} has a picture of more than {MOST >> 20} MiB: {name}")
        return path.read_bytes()
    except (OSError, RuntimeError, ValueError) as error:  # among them a loop of links, and a zero byte in the name
        raise row.bad(f"{column}: {name!r} cannot be read: {error}") from error
