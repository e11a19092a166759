"""The bundled chart library: what the lock file gives, small, and with its licences."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from judgebench.report.page import document

CHARTS = Path(document.__file__).parent / "charts"
ASSETS = CHARTS.with_name("assets")
SINKS = (
    *("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "createContextualFragment"),
    *("srcdoc", "eval(", "new Function", "javascript:"),
)


def test_it_is_the_one_that_was_built_and_small() -> None:
    bundle = (CHARTS / "charts.min.js").read_bytes()
    assert hashlib.sha256(bundle).hexdigest() == json.loads((CHARTS / "charts.json").read_bytes())["sha256"]
    assert len(bundle) < 700_000
    assert b"</script" not in bundle.lower()
    assert b"\r" not in bundle


def test_every_package_in_it_has_its_licence_beside_it() -> None:
    text = (CHARTS / "LICENSES.txt").read_text(encoding="utf-8")
    packages = json.loads((CHARTS / "charts.json").read_bytes())["packages"]
    wanted = json.loads((CHARTS / "package.json").read_bytes())["dependencies"]["@observablehq/plot"]
    assert packages["@observablehq/plot"] == f"{wanted} ISC"
    for name, described in packages.items():
        version, licence = described.split()
        assert f"{name} {version}\n" in text
        assert licence in ("ISC", "MIT", "BSD-3-Clause")
    assert text.count("Permission to use, copy, modify") == len(packages)


def test_it_is_rebuilt_byte_for_byte(node_modules: Path) -> None:
    node = shutil.which("node")
    assert node
    done = subprocess.run(
        [node, str(CHARTS / "build.mjs"), "--check"],
        env={**os.environ, "CHARTS_MODULES": str(node_modules)},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", document.SCRIPTS)
def test_our_scripts_turn_no_text_into_markup_or_code(name: str) -> None:
    script = (ASSETS / name).read_text(encoding="utf-8")
    assert not [sink for sink in SINKS if sink in script]


def test_every_asset_is_used() -> None:
    assert {path.name for path in ASSETS.iterdir()} == {*document.SCRIPTS, "page.css", "page.html.j2"}
