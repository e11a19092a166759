"""The README's picture: the report card of one recorded judge, as `judgebench report --no-texts` shows it.

    make screenshot

Takes the results as they are committed, playwright's client and the machine's own Chromium.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

from judgebench import api

HERE = Path(__file__).parent
BENCHMARK, JUDGE = "scalerlab-judgebench", "o1-mini-2024-09-12+arena-hard"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


def main() -> None:
    if CHROMIUM is None:
        sys.exit("no Chromium here (Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as running:
        page_file = Path(folder) / "report.html"
        api.report(HERE.parents[1] / "results", page_file, texts=False)
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 1140}, color_scheme="light")
        page.goto(f"{page_file.as_uri()}#/run/{BENCHMARK}/{quote(JUDGE, safe='')}")
        page.wait_for_selector(".panel svg")
        page.wait_for_timeout(500)
        page.screenshot(path=HERE / "report.png")
        browser.close()


main()
