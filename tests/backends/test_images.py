"""Pictures from a file to a real server, which decodes what it got; judges that cannot see ask nothing."""

from __future__ import annotations

import base64
import json
import zlib
from pathlib import Path
from typing import Any

import pytest

from judgebench import store
from judgebench.cli import main
from tests.own.test_images import ROW, coded, png

PIXELS = 8


def decoded(url: str) -> bytes:
    """The pixels of a picture, as a program that shows it has them."""
    head, _, data = url.partition(",")
    assert head == "data:image/png;base64"
    chunks, rest = {}, base64.b64decode(data, validate=True)[8:]
    while rest:
        size = int.from_bytes(rest[:4])
        name, content, sum_ = rest[4:8], rest[8 : 8 + size], rest[8 + size : 12 + size]
        assert int.from_bytes(sum_) == zlib.crc32(name + content)
        chunks[name], rest = content, rest[12 + size :]
    assert chunks[b"IHDR"][:8] == PIXELS.to_bytes(4) * 2
    return zlib.decompress(chunks[b"IDAT"])


def colour(red: int) -> bytes:
    return (b"\0" + bytes((red, 0, 0)) * PIXELS) * PIXELS


def file(folder: Path) -> Path:
    (folder / "pictures").mkdir()
    (folder / "pictures" / "9.png").write_bytes(png(9, PIXELS))
    rows = [
        {"id": "path", "image": "pictures/9.png"},
        {"id": "two", "image": [coded(png(1, PIXELS)), coded(png(2, PIXELS))]},
        {"id": "none", "image": None},
    ]
    path = folder / "seen.jsonl"
    path.write_text("".join(json.dumps({**ROW, **row}) + "\n" for row in rows), encoding="utf-8")
    return path


def run(capsys: Any, *words: str, code: int = 0) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["run", *words])
    said = capsys.readouterr()
    assert ended.value.code == code, said.err
    return str(said.out + said.err)


def received(server: Any) -> dict[str, tuple[str, list[bytes]]]:
    """By the order in which the responses stand, the text of a question and its pictures."""
    found = {}
    for body in server.bodies:
        content = body["messages"][-1]["content"]
        if isinstance(content, str):
            found[f"{len(found)} none"] = content, []
            continue
        text, *images = content
        assert {part["type"] for part in images} == {"image_url"}
        pixels = [decoded(part["image_url"]["url"]) for part in images]
        found[f"{len(found)} {len(pixels)}"] = text["text"], pixels
    return found


@pytest.mark.parametrize("kind", ["server", "api"])
def test_a_server_sees_the_pictures(kind, serve, tmp_path, capsys) -> None:
    server = serve(say=lambda body: "A")
    judge = [f"server:{server.url}#eye"] if kind == "server" else ["api:openai/eye", "-J", f"api_base={server.url}"]
    run(capsys, "-b", str(file(tmp_path)), "-j", *judge)
    found = sorted(received(server).values(), key=lambda one: (len(one[1]), one[0]))
    assert [pixels for _, pixels in found] == [[], [], [colour(9)], [colour(9)], *[[colour(1), colour(2)]] * 2]
    assert "[image" not in found[0][0]
    assert '<turn role="user">\n[image 1]\nWhat is to be seen?\n</turn>' in found[2][0]
    assert "[image 1]\n[image 2]\nWhat is to be seen?" in found[4][0]
    (folder,) = store.runs(Path("results"))
    manifest, judgments = store.read_manifest(folder), store.read_judgments(folder)
    assert {one.status for one in judgments} == {"ok"}
    assert manifest.not_shown == ()
    written = b"".join(path.read_bytes() for path in Path("results").rglob("*") if path.is_file())
    assert coded(png(1, PIXELS))[:60].encode() not in written, "results hold labels, no pictures"


def test_a_picture_may_be_hidden_and_a_prompt_of_one_text_has_no_place_for_it(serve, mirror, tmp_path, capsys) -> None:
    server, path = serve(say=lambda body: "A"), str(file(tmp_path))
    said = run(capsys, "-b", path, "-j", f"server:{server.url}#eye", "-J", "prompt=autoj", code=2)
    assert "prompt autoj does not show the images of item path; prompts that suit it: " in said
    assert "-J hide=images" in said
    assert server.requests == 0
    said = run(capsys, "-b", path, "-j", f"server:{server.url}#eye", "-J", "hide=images")
    assert "not shown: images" in said
    assert {type(body["messages"][-1]["content"]) for body in server.bodies} == {str}
    assert "[image 1]" in str(server.bodies), "the text still says that there is one"


def test_a_judge_that_reads_nothing_does_not_look(tmp_path, capsys) -> None:
    said = run(capsys, "-b", str(file(tmp_path)), "-j", "baseline:longest", "-j", "baseline:first")
    assert "baseline:first: seen@" in said
    for folder in store.runs(Path("results")):
        assert store.read_manifest(folder).not_shown == ("images",)


def test_what_would_be_asked_is_shown_and_counted(serve, tmp_path, capsys) -> None:
    server = serve()
    said = run(capsys, "-b", str(file(tmp_path)), "-j", f"server:{server.url}#eye", "--dry-run")
    assert "[image 1]" in said
    assert server.requests == 0


def test_verbs_that_read_the_items_read_them_with_pictures(serve, tmp_path, capsys) -> None:
    server, path = serve(say=lambda body: "A"), str(file(tmp_path))
    run(capsys, "-b", path, "-j", f"server:{server.url}#eye")
    for words in (["data", "check", path], ["report"], ["retry", str(store.runs(Path("results"))[0])]):
        more = ["-j", f"server:{server.url}#eye"] if words[0] == "retry" else []
        with pytest.raises(SystemExit) as ended:
            main([*words, *more])
        assert not ended.value.code, capsys.readouterr().err
    (tmp_path / "pictures" / "9.png").write_bytes(png(8, PIXELS))
    (card,) = Path("results").glob("*/card.yaml")
    assert "has changed since" in run(capsys, "-b", card.parent.name, "-j", "baseline:tie", code=2)
