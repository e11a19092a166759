"""The report page in a real browser: clicked through, attacked, and looked at by an accessibility checker."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from judgebench.report.page import document
from judgebench.report.page.collect import Bench

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"),
    *("--disable-component-update", "--disable-quic"),
)
LISTEN = """addEventListener("securitypolicyviolation", (event) => {
  (window.refused ??= []).push(event.violatedDirective);
});"""
OPEN = """async address => {
  if (location.hash === address) return;
  const view = document.querySelector("#view");
  const before = view.firstChild;
  location.hash = address;
  const open = () => (address === "#/" ? view.hidden : view.firstChild !== before);
  while (!open()) await new Promise(requestAnimationFrame);
}"""
BREAK_IN = """() => {
  const script = document.createElement("script");
  try { script.text = "window.pwned = 1"; document.body.append(script); } catch { /* trusted types */ }
  const image = document.createElement("img");
  try { image.setAttribute("onerror", "window.pwned = 1"); } catch { /* trusted types */ }
  image.src = "x:";
  document.body.append(image);
  try { document.body.insertAdjacentHTML("beforeend", "<b>in</b>"); return "markup"; } catch { return "refused"; }
}"""
USUAL_STEP = """() => {
  const list = document.querySelector(".list");
  const took = [];
  for (let step = 0; step < 61; step += 1) {
    const start = performance.now();
    if (step % 2) {
      list.scrollTop = (list.scrollHeight * step) / 61;
      list.dispatchEvent(new Event("scroll"));
    } else {
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "j", bubbles: true }));
    }
    list.getBoundingClientRect(); // the layout is part of it
    took.push(performance.now() - start);
  }
  return took.sort((a, b) => a - b)[30];
}"""
USUAL_FILTER = """() => {
  const took = [];
  for (const key of "wcpffpcw") {
    const start = performance.now();
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    document.querySelector(".list").getBoundingClientRect();
    took.push(performance.now() - start);
  }
  return took.sort((a, b) => a - b)[4];
}"""
SHOWS = "name => document.querySelector('#view h1')?.textContent.startsWith(name)"
FOREIGN = (
    "img, iframe, object, embed, base, link, form:not(#filters):not([method=dialog]), [onerror], [onload], [onfocus]"
)
FLAGGED = {
    "judged wrong": "wrong",
    "it changed its mind": "changed",
    "a trial failed": "failed",
    "people disagree": "split",
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no Chromium here (Debian: apt-get install chromium)")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright's Python client is not installed")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def bench(maker: Any) -> Bench:
    made: Bench = maker(items=60).bench()
    return made


@pytest.fixture(scope="module")
def address(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> str:
    return written(document.render([bench]), tmp_path_factory)


@pytest.fixture(scope="module")
def axe(node_modules: Path) -> str:
    """axe-core's script."""
    return (node_modules / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def written(html: str, folders: pytest.TempPathFactory) -> str:
    path = folders.mktemp("page") / "report.html"
    path.write_text(html, encoding="utf-8")
    return path.as_uri()


class Page:
    """A page that remembers what went wrong on it."""

    def __init__(self, browser: Any, address: str, **settings: Any) -> None:
        self.context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **settings})
        self.page = self.context.new_page()
        self.page.set_default_timeout(10_000)
        self.wrong: list[str] = []
        self.asked: list[str] = []
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("console", lambda message: self.wrong.append(message.text) if message.type == "error" else None)
        self.page.on("dialog", lambda dialog: (self.wrong.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.add_init_script(LISTEN)
        self.address = address
        self.page.goto(address)

    def __enter__(self) -> Page:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()

    def go(self, *parts: str, query: str = "") -> Any:
        address = "/".join(quote(part, safe="") for part in parts)
        self.page.evaluate(OPEN, f"#/{address}{query}")
        return self.page

    def require_quiet(self) -> None:
        assert self.wrong == []
        assert self.page.evaluate("window.refused ?? []") == []
        assert {url.partition("#")[0] for url in self.asked} == {self.address}


def texts(page: Any, selector: str) -> list[str]:
    found: list[str] = page.locator(selector).all_inner_texts()
    return found


def test_from_the_overview_to_an_item_and_back(browser: Any, bench: Bench, address: str) -> None:
    with Page(browser, address) as opened:
        page = opened.page
        assert page.locator("#runs tbody tr:visible").count() == 4  # people, two judges, a baseline
        page.select_option("#of-kind", "judge")
        page.fill("#find", "SHARP")
        assert page.inner_text("#shown-count") == "1 row of 4"
        page.click("#runs tbody a >> text=sharp")
        assert page.inner_text("#view h1") == "sharp on llmbar"
        headline = bench.runs[[run.judge for run in bench.runs].index("sharp")].scores.headline.value
        assert page.inner_text(".tiles dd b >> nth=0") == f"{100 * (headline or 0):.2f}"
        page.wait_for_selector(".panel svg")
        assert texts(page, ".panel h3") == [
            "The judge and the human ceiling", "Judges side by side", "Length", "Position bias: primacy and recency",
            "Calibration", "Risk and coverage", "Score by subset", "Judge by judge",
        ]  # fmt: skip
        assert page.locator(".panel .chart svg").count() == 9  # two of length
        page.click("text=judged wrong")
        page.wait_for_selector(".row")
        assert page.get_attribute(".toggle >> text=/^wrong$/", "aria-pressed") == "true"
        page.click(".row >> nth=1")
        assert page.inner_text(".steps span").startswith("2 of ")
        assert "As stored" in page.inner_text(".answer >> nth=0")
        assert texts(page, ".response h3")[0].startswith("Response 1")
        page.wait_for_function("() => location.hash.includes('/item%20')")
        held = page.evaluate("location.hash")
        page.goto("about:blank")
        page.goto(address + held)
        assert page.inner_text(".steps span").startswith("2 of ")
        page.click("#crumbs a >> nth=0")
        assert page.is_visible("#runs")
        opened.require_quiet()


def test_sorting_puts_numbers_first_and_turns_round(browser: Any, address: str) -> None:
    with Page(browser, address) as opened:
        page = opened.page
        page.click("th[data-column=agreement] button")
        falling = [float(text) for text in texts(page, "#runs td[data-label=Agreement] b")]
        assert falling == sorted(falling, reverse=True)
        assert page.get_attribute("th[data-column=agreement]", "aria-sort") == "descending"
        assert page.locator("#runs tbody tr >> nth=-1").get_attribute("data-kind") == "people"  # has no agreement
        page.click("th[data-column=agreement] button")
        assert [float(text) for text in texts(page, "#runs td[data-label=Agreement] b")] == falling[::-1]
        page.click("th[data-column=rank] button")
        best = [int(text.partition("–")[0].split()[0]) for text in texts(page, "#runs td[data-label=Rank]:has(.ci)")]
        assert best == sorted(best)
        page.click("th[data-column=judge] button")
        names = [text.split()[0] for text in texts(page, "#runs tbody th")]
        assert names == sorted(names, key=str.lower)
        opened.require_quiet()


def test_the_keyboard_walks_and_filters_items(browser: Any, bench: Bench, address: str) -> None:
    with Page(browser, address) as opened:
        page = opened.go("items", bench.id, "leaning")
        page.keyboard.press("j")
        page.keyboard.press("j")
        assert page.inner_text(".detail h2") == "Item item 1"
        page.keyboard.press("k")
        assert page.inner_text(".detail h2") == "Item item 0"
        for key, name in (("c", "changed its mind"), ("p", "people disagree"), ("f", "failed"), ("w", "wrong")):
            page.keyboard.press(key)
            assert page.get_attribute(f".toggle >> text='{name}'", "aria-pressed") == "true"
            shown, whole = page.inner_text("#view output").split(" of ")
            assert (int(shown), whole) < (60, "60 items!")
            page.keyboard.press(key)
        page.keyboard.press("/")
        page.keyboard.type("question 17")
        page.wait_for_function("() => document.querySelector('#view output').textContent === '1 of 60 items'")
        page.wait_for_function("() => location.hash.endsWith('?q=question+17')")
        page.keyboard.press("Escape")
        page.keyboard.press("j")
        assert texts(page, ".message mark") == ["question 17"]
        page.keyboard.press("/")
        page.keyboard.press("Control+A")
        page.keyboard.type("Reason 0")  # the judge's own words are searched too
        page.wait_for_function("() => Number.parseInt(document.querySelector('#view output').textContent) > 50")
        assert texts(page, ".answer mark")[0] == "reason 0"
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        assert page.is_visible("#help")
        page.keyboard.press("Escape")
        assert not page.is_visible("#help")
        opened.require_quiet()


def test_filters_agree_with_the_card(browser: Any, bench: Bench, address: str) -> None:
    with Page(browser, address) as opened:
        for label, flag in FLAGGED.items():
            page = opened.go("run", bench.id, "leaning")
            counted = page.inner_text(f".actions a >> text=/^{label}/").rpartition("(")[2].rstrip(")")
            page = opened.go("items", bench.id, "leaning", query=f"?show={flag}")
            assert page.inner_text("#view output") == f"{counted} of 60 items"


def test_the_glossary_says_what_every_number_of_a_card_means(browser: Any, bench: Bench, address: str) -> None:
    with Page(browser, address) as opened:
        page = opened.go("run", bench.id, "sharp")
        shown = [
            text.partition("\n")
            for caption in ("Judge against gold and against itself", "People")
            for text in texts(page, f"table:has(caption:text-is('{caption}')) tbody th")
        ]
        assert [name for name, _, below in shown if not below] == []
        names = [name for name, _, _ in shown]
        assert {"agreement", "length_effect", "human_length_effect", "krippendorff_alpha"} <= set(names)
        page = opened.go("glossary")
        explained = set(texts(page, ".glossary tbody th"))
        assert {name.partition("[")[0] for name in names} <= explained
        assert f"{bench.card.headline.rule} ({bench.id})" in explained
        opened.require_quiet()


def test_the_pull_of_length_stands_beside_that_of_people(browser: Any, bench: Bench, address: str) -> None:
    run = bench.runs[[run.judge for run in bench.runs].index("leaning")]
    with Page(browser, address) as opened:
        page = opened.go("run", bench.id, "leaning")
        panel = page.locator(".panel:has(h3:text-is('Length'))")
        panel.locator("summary").click()
        printed = panel.locator("table:has(caption:text('equal gold')) tbody tr").all_inner_texts()
        for row, name in zip(printed, ("length_effect", "human_length_effect"), strict=True):
            value = run.scores.metrics[name].value
            assert value is not None
            assert row.split("\t")[1].replace("\N{MINUS SIGN}", "-") == f"{value:.2f}"


def test_an_undefined_number_says_why_to_the_keyboard(
    browser: Any, maker: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    bench = maker(items=6, raters=0, orders="single").bench()
    with Page(browser, written(document.render([bench]), tmp_path_factory)) as opened:
        page = opened.go("run", bench.id, "sharp")
        undefined = page.locator(".tiles .undefined").first
        undefined.focus()
        assert page.inner_text("#tip").startswith("No value: ")
        assert page.inner_text("#tip") == undefined.get_attribute("aria-label")
        page.keyboard.press("Escape")
        assert not page.is_visible("#tip")
        opened.require_quiet()


def test_attacks_do_nothing_and_are_shown_as_text(
    browser: Any, hostile: Bench, attacks: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> None:
    with Page(browser, written(document.render([hostile]), tmp_path_factory)) as opened:
        opened.page.wait_for_selector("#runs tbody tr")
        rows = opened.page.locator("#runs tbody tr[data-judge]")
        assert set(attacks) <= {rows.nth(index).get_attribute("data-judge") for index in range(rows.count())}
        opened.go("benchmark", hostile.id)
        opened.page.wait_for_selector(".panel svg")
        for judge in (attacks[0], *attacks[-3:]):  # each page shows all of their names
            page = opened.go("run", hostile.id, judge)
            page.wait_for_function(SHOWS, arg=judge)
            page.wait_for_selector(".panel svg")
            assert page.locator("a[href^='javascript']").count() == 0
            page = opened.go("items", hostile.id, judge)
            for _ in range(4):
                page.keyboard.press("j")
            page.wait_for_selector(".answer")
        page = opened.go("items", hostile.id, attacks[0], "no such <img src=x onerror=window.pwned=1>")
        page.wait_for_selector(".detail .empty")
        page.keyboard.press("/")
        page.keyboard.type("<script>")
        page.wait_for_selector(".detail")
        assert page.locator(FOREIGN).count() == 0
        assert page.locator("script").count() == 4 + len(hostile.runs)
        assert page.evaluate("window.pwned") is None
        assert page.evaluate("({}).polluted") is None
        opened.require_quiet()


def test_even_markup_that_got_in_would_not_run(browser: Any, address: str) -> None:
    """The policy, were the escaping to fail: no script, handler, style or string made into markup."""
    with Page(browser, address) as opened:
        tried = opened.page.evaluate(BREAK_IN)
        opened.page.wait_for_timeout(200)
        assert tried == "refused"
        assert opened.page.evaluate("window.pwned") is None


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)])
def test_axe_finds_no_fault(browser: Any, bench: Bench, address: str, axe: str, scheme: str, width: int) -> None:
    with Page(browser, address, color_scheme=scheme, viewport={"width": width, "height": 844}) as opened:
        for place in (
            (),
            ("benchmark", bench.id),
            ("run", bench.id, "leaning"),
            ("items", bench.id, "leaning", "item 3"),
            ("glossary",),
        ):
            page = opened.go(*place)
            page.wait_for_timeout(200)
            page.evaluate(axe)
            found = page.evaluate("() => axe.run(document, { resultTypes: ['violations'], preload: false })")
            bad = [
                f"{place}: {fault['id']}: {fault['nodes'][0]['html'][:200]}: {fault['nodes'][0]['failureSummary']}"
                for fault in found["violations"]
            ]
            assert bad == []


@pytest.mark.parametrize(
    "place", [(), ("glossary",), ("run", "leaning"), ("items", "leaning"), ("items", "leaning", "item 3")]
)
def test_a_phone_scrolls_one_way_only(browser: Any, bench: Bench, address: str, place: tuple[str, ...]) -> None:
    with Page(browser, address, viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True) as opened:
        page = opened.go(*(place if len(place) < 2 else (place[0], bench.id, *place[1:])))
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        opened.require_quiet()


def test_ten_thousand_items_stay_smooth(browser: Any, maker: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    bench = maker(items=10_000, judges=("sharp",), raters=0).bench()
    with Page(browser, written(document.render([bench]), tmp_path_factory)) as opened:
        page = opened.go("items", bench.id, "sharp")
        page.wait_for_selector(".row")
        assert page.inner_text("#view output") == "10,000 of 10,000 items"
        assert texts(page, ".toggle") == ["wrong", "changed its mind", "failed"]  # nobody rated them
        assert page.locator(".row").count() < 50
        # Milliseconds; a few where the machine is free.
        assert page.evaluate(USUAL_STEP) < 200
        assert page.evaluate(USUAL_FILTER) < 200
        page.keyboard.press("/")
        page.keyboard.type("item 9999")
        found = "() => document.querySelector('#view output').textContent.startsWith('1 of 10,000')"
        page.wait_for_function(found, timeout=3_000)
        opened.require_quiet()


def test_a_browser_that_cannot_unpack_says_so(browser: Any, bench: Bench, address: str) -> None:
    with Page(browser, address) as opened:
        opened.page.evaluate("() => { delete globalThis.DecompressionStream; }")
        opened.page.evaluate("address => { location.hash = address; }", f"#/items/{bench.id}/sharp")
        opened.page.wait_for_selector("#view .warning")
        assert "DecompressionStream" in opened.page.inner_text("#view .warning")


def test_the_theme_is_chosen_by_hand(browser: Any, address: str) -> None:
    with Page(browser, address) as opened:
        background = "getComputedStyle(document.body).backgroundColor"
        light = opened.page.evaluate(background)
        opened.page.click("#theme")
        opened.page.click("#theme")
        assert opened.page.inner_text("#theme") == "Theme: dark"
        assert opened.page.evaluate(background) != light
        opened.page.reload()
        assert opened.page.inner_text("#theme") == "Theme: dark"
        opened.require_quiet()


def test_it_prints(browser: Any, bench: Bench, address: str) -> None:
    with Page(browser, address, color_scheme="dark") as opened:
        page = opened.go("run", bench.id, "leaning")
        page.wait_for_selector(".panel svg")
        assert len(page.pdf(format="A4")) > 20_000
        opened.require_quiet()
