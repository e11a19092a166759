"""Pictures in files of one's own: what is read, what is refused, and what a server receives."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from judgebench.errors import BadRow
from judgebench.types import Image, Item, Message
from tests.own.conftest import opened

ROW = {"question": "What is to be seen?", "response_a": "A dot.", "response_b": "A cat.", "winner": "A"}


def png(red: int, size: int = 1) -> bytes:
    """A real picture of one colour."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\0" + bytes((red, 0, 0)) * size for _ in range(size))
    head = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def coded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def items(folder: Path, rows: list[dict[str, Any]], name: str = "my.jsonl") -> list[Item]:
    (folder / name).write_text("".join(json.dumps({**ROW, **row}) + "\n" for row in rows), encoding="utf-8")
    return list(opened(folder / name).items)


def pictures(item: Item) -> list[bytes]:
    return [image.data for message in item.messages for image in message.images]


def test_a_picture_in_every_form(tmp_path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "red.PNG").write_bytes(png(9))
    forms = ["in/red.PNG", coded(png(9)), f"data:image/png;base64,{coded(png(9))}", ["./in/red.PNG"],
             {"url": f"data:image/png;base64,{coded(png(9))}"}, {"path": "in/red.PNG", "bytes": None}]  # fmt: skip
    read = items(tmp_path, [{"id": f"{n}", "image": form} for n, form in enumerate(forms)])
    picture = Image(media="image/png", data=png(9))
    assert [item.messages for item in read] == [
        (Message(role="user", content="[image 1]\nWhat is to be seen?", images=(picture,)),)
    ] * len(forms)
    assert len({item.label().digest for item in read}) == 1


@pytest.mark.parametrize(
    ("data", "media"),
    [(b"\xff\xd8\xff\xe0rest", "image/jpeg"), (b"GIF89a...", "image/gif"), (b"RIFF\n\0\0\0WEBPVP8 ", "image/webp")],
)
def test_other_kinds_by_their_bytes(tmp_path, data, media) -> None:
    (item,) = items(tmp_path, [{"picture": coded(data)}])
    assert item.messages[0].images == (Image(media=media, data=data),)


def test_several_pictures_and_none(tmp_path) -> None:
    rows = [{"images": [coded(png(1)), coded(png(2))]}, {"images": []}, {"images": None}, {"images": ""}]
    both, *none = items(tmp_path, [{**row, "id": f"{n}"} for n, row in enumerate(rows)])
    assert pictures(both) == [png(1), png(2)]
    assert both.messages[0].content == "[image 1]\n[image 2]\nWhat is to be seen?"
    assert all(item.messages == (Message(role="user", content="What is to be seen?"),) for item in none)


def test_the_bytes_of_a_picture_are_part_of_the_item(tmp_path) -> None:
    one, other, plain = items(tmp_path, [{"image": coded(png(1))}, {"image": coded(png(2))}, {}])
    assert len({item.id for item in (one, other, plain)}) == 3
    assert len({item.label().digest for item in (one, other, plain)}) == 3
    assert len({item.cluster for item in (one, other, plain)}) == 3
    (alone,) = items(tmp_path, [{}], "plain.jsonl")
    assert (alone.id, alone.label().digest) == (plain.id, plain.label().digest)


def test_bytes_in_parquet(tmp_path) -> None:
    rows = [{**ROW, "image": png(3)}, {**ROW, "image": png(4)}]
    pd.DataFrame(rows).to_parquet(tmp_path / "plain.parquet")
    assert [pictures(item) for item in opened(tmp_path / "plain.parquet").items] == [[png(3)], [png(4)]]
    nested = [{**row, "image": {"bytes": row["image"], "path": "gone.png"}} for row in rows]
    pd.DataFrame(nested).to_parquet(tmp_path / "nested.parquet")
    assert [pictures(item) for item in opened(tmp_path / "nested.parquet").items] == [[png(3)], [png(4)]]


def test_parts_of_a_turn(tmp_path) -> None:
    text = [{"type": "text", "text": "What is"}, {"type": "text", "text": "this?"}]
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{coded(png(5))}"}}
    turns = [[{"role": "user", "content": content}] for content in (text, [*text, picture])]
    rows = [{**ROW, "question": None, "messages": turn} for turn in turns]
    for row in rows:
        del row["question"]
    (tmp_path / "my.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    words, seen = opened(tmp_path / "my.jsonl").items
    assert words.messages == (Message(role="user", content="What is\nthis?"),)
    assert seen.messages[0].content == "What is\nthis?\n[image 1]"
    assert pictures(seen) == [png(5)]


def test_numbers_go_through_all_turns(tmp_path) -> None:
    def turn(role: str, *parts: int | str) -> dict[str, Any]:
        made = [{"type": "text", "text": one} if isinstance(one, str) else {"type": "image", "image": coded(png(one))}
                for one in parts]  # fmt: skip
        return {"role": role, "content": made}

    row = {key: value for key, value in ROW.items() if key != "question"}
    turns = [turn("user", "\ufffcOne", 1), turn("assistant", "Fine."), turn("user", 2, "and", 3)]
    rows = [{**row, "messages": turns, "image": image} for image in (None, coded(png(0)))]
    (tmp_path / "my.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    plain, more = opened(tmp_path / "my.jsonl").items
    assert [one.content for one in plain.messages] == ["One\n[image 1]", "Fine.", "[image 2]\nand\n[image 3]"]
    assert pictures(plain) == [png(1), png(2), png(3)]
    assert more.messages[0].content == "[image 1]\nOne\n[image 2]"
    assert pictures(more) == [png(0), png(1), png(2), png(3)]
    spoken = [turn("user", "One", 1), turn("assistant", "Fine.", 2)]
    row = {"chosen": spoken, "rejected": [spoken[0], turn("assistant", "No.")]}
    (tmp_path / "spoken.jsonl").write_text(json.dumps(row), encoding="utf-8")
    with pytest.raises(BadRow, match="a response has an image, and only the question may have some"):
        list(opened(tmp_path / "spoken.jsonl").items)


@pytest.mark.parametrize(
    ("image", "problem"),
    [
        ("../secret.png", r"image is a path that leaves the folder of my\.jsonl: '\.\./secret\.png'"),
        ("in/../../secret.png", "leaves the folder"),
        ("out.png", "leaves the folder"),
        ("/etc/hostname.png", "leaves the folder"),
        ("absent.png", r"image: there is no file 'absent\.png' in the folder of my\.jsonl"),
        ("folder.png", "there is no file"),
        ("https://example.org/a.png", r"image is an address, and nothing is fetched: name a file beside my\.jsonl"),
        ("file:///etc/a.png", "is an address"),
        ("fake.png", r"image is no PNG, JPEG, GIF or WebP \(5 bytes\)"),
        ("/etc/passwd", "neither a path to a"),
        ("a cat", "neither a path to a .png, .jpg, .gif or .webp nor base64: .a cat."),
        (7, "image is a path to a picture, base64 or bytes, not 7"),
        ({"url": 3}, "image is a path to a picture, base64 or bytes, not 3"),
        (["fine.png", "absent.png"], "there is no file"),
        ("large.png", "more than 20 MiB: large.png"),
        ("n\0l.png", "image"),
    ],
)
def test_what_is_no_picture_of_this_folder_is_refused(tmp_path, image, problem) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (tmp_path / "secret.png").write_bytes(png(1))
    (folder / "in").mkdir()
    (folder / "folder.png").mkdir()
    (folder / "out.png").symlink_to(tmp_path / "secret.png")
    (folder / "fine.png").write_bytes(png(1))
    (folder / "fake.png").write_bytes(b"hello")
    with (folder / "large.png").open("wb") as file:
        file.truncate((20 << 20) + 1)
    with pytest.raises(BadRow, match=problem) as caught:
        items(folder, [{"image": image}])
    assert caught.value.row == 1


@pytest.mark.parametrize(
    "part", [{"type": "audio", "audio": "x"}, {"type": "image_url"}, "words", {"type": "text", "text": 3}]
)
def test_other_parts_are_refused(tmp_path, part) -> None:
    row = {key: value for key, value in ROW.items() if key != "question"}
    (tmp_path / "my.jsonl").write_text(
        json.dumps({**row, "messages": [{"role": "user", "content": [part]}]}), encoding="utf-8"
    )
    with pytest.raises(BadRow, match="a part of content"):
        list(opened(tmp_path / "my.jsonl").items)
