"""The report in a browser without a network, on a laptop and on a phone."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from conftest import Toys
from playwright.sync_api import Browser, Page, sync_playwright
from small_experiment import SMALL, made
from test_service_experiment import written

from experiments.diagram import draw
from experiments.experiment import run_experiment

pytestmark = pytest.mark.browser

LAPTOP = {"width": 1366, "height": 768}
PHONE = {"width": 360, "height": 740}
SCREENS = pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

TEXTS = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement;
    if (!node.textContent.trim() || !element || element.closest('script, style, noscript')) continue;
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    if (style.display === 'none' || style.visibility === 'hidden' || !box.width || !box.height) continue;
    let ground = element, back = 'rgba(0, 0, 0, 0)';
    while (ground && back === 'rgba(0, 0, 0, 0)') {
      back = getComputedStyle(ground).backgroundColor;
      ground = ground.parentElement;
    }
    const svg = element.closest('svg');
    found.push({
      text: node.textContent.trim().slice(0, 60), size: parseFloat(style.fontSize),
      colour: svg ? style.fill : style.color, back: back === 'rgba(0, 0, 0, 0)' ? 'rgb(255, 255, 255)' : back,
      svg: Boolean(svg),
    });
  }
  return found;
}"""

CHARTS = """() => Array.from(document.querySelectorAll('.chart')).filter(c => c.offsetParent !== null).map(chart => {
  const place = chart.getBoundingClientRect();
  const texts = Array.from(chart.querySelectorAll('svg text')).map(
    t => ({text: t.textContent, box: t.getBoundingClientRect()}));
  return {
    id: chart.id, role: chart.getAttribute('role'), label: chart.getAttribute('aria-label') || '',
    drawn: chart.querySelectorAll('svg.main-svg').length, marks: chart.querySelectorAll('path, text').length,
    width: place.width, wide: chart.querySelector('svg.main-svg')?.getBoundingClientRect().width ?? 0,
    cut: texts.filter(t => t.box.width && (t.box.left < place.left - 2 || t.box.right > place.right + 2
      || t.box.top < place.top - 2 || t.box.bottom > place.bottom + 2)).map(t => t.text),
    crossed: texts.flatMap((a, i) => texts.slice(i + 1).filter(b => a.text.trim() && b.text.trim()
      && a.box.left < b.box.right - 2 && b.box.left < a.box.right - 2
      && a.box.top < b.box.bottom - 4 && b.box.top < a.box.bottom - 4).map(b => [a.text, b.text])),
  };
})"""


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a small experiment."""
    return made(tmp_path_factory.mktemp("browser"), "small", SMALL) / "report.html"


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a small whole service."""
    folder = tmp_path_factory.mktemp("browser_service")
    return run_experiment(written(Toys(folder)), folder / "results", 1, False, quiet=True) / "report.html"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The installed Chromium; the tests fail where there is none."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.fail("Chromium is missing. Install it with: sh .ci/install-chromium")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield running
        running.close()


Opened = tuple[Page, list[str], list[str]]


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[[Path, Any], Opened]]:
    """Opens a file with the network off: the page, what it asked for, and what its console said."""
    contexts = []

    def go(file: Path, size: Any) -> Opened:
        context = browser.new_context(viewport=size, offline=True, reduced_motion="reduce")
        contexts.append(context)
        page, asked, said = context.new_page(), [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: said.append(f"error: {error}"))
        page.goto(file.as_uri())
        page.wait_for_selector("html[data-drawn=yes]", state="attached")
        page.wait_for_timeout(400)
        return page, asked, said

    yield go
    for context in contexts:
        context.close()


def ratio(first: str, second: str) -> float:
    """Contrast of two CSS colours."""

    def luminance(colour: str) -> float:
        parts = [float(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
        weights = (0.2126, 0.7152, 0.0722)
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return sum(w * p for w, p in zip(weights, linear, strict=True))

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@SCREENS
def test_it_opens_without_a_network_and_without_a_word_on_the_console(
    report: Path, opened: Callable[..., Opened], size: Any
) -> None:
    page, asked, said = opened(report, size)
    assert page.title().startswith("A small experiment")
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert [url for url in asked if url.startswith("file:")] == [report.as_uri()]
    assert said == []


@SCREENS
def test_the_first_screen_holds_question_answer_and_how_sure(
    report: Path, opened: Callable[..., Opened], size: Any
) -> None:
    page, _, _ = opened(report, size)
    wanted = ["h1", ".answer", ".how-sure", ".sure"] + ([".figures"] if size is LAPTOP else [])
    for selector in wanted:
        box = page.locator(selector).first.bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= size["height"], selector
    assert page.locator(".answer").inner_text().endswith("a year.")


@pytest.mark.parametrize("width", [320, 360, 768, 1024, 1366])
def test_nothing_scrolls_sideways_even_with_every_table_open(
    report: Path, opened: Callable[..., Opened], width: int
) -> None:
    page, _, _ = opened(report, {"width": width, "height": 740})
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    wide, seen = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= seen


@SCREENS
def test_no_text_is_smaller_than_16_pixels_or_hard_to_read(
    report: Path, opened: Callable[..., Opened], size: Any
) -> None:
    page, _, _ = opened(report, size)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    texts = page.evaluate(TEXTS)
    assert sum(text["svg"] for text in texts) > 50, "texts in charts were not looked at"
    assert sum(not text["svg"] for text in texts) > 500
    assert [text for text in texts if text["size"] < 16] == []
    # What stands behind a text in a chart is not known to CSS; its colours are tested with the theme.
    assert [text for text in texts if not text["svg"] and ratio(text["colour"], text["back"]) < 4.5] == []


@SCREENS
def test_every_chart_is_drawn_whole_and_has_words(report: Path, opened: Callable[..., Opened], size: Any) -> None:
    page, _, _ = opened(report, size)
    charts = page.evaluate(CHARTS)
    assert len(charts) >= 9
    for chart in charts:
        assert chart["role"] == "img"
        assert len(chart["label"]) > 40
        assert chart["drawn"] >= 1, chart["id"]
        assert chart["marks"] > 4, chart["id"]
        assert chart["wide"] <= chart["width"] + 1, chart["id"]
        assert chart["cut"] == [], chart["id"]
        assert chart["crossed"] == [], chart["id"]


def test_flow_pictures_change_their_form_with_the_screen(report: Path, opened: Callable[..., Opened]) -> None:
    page, _, said = opened(report, LAPTOP)
    wide, narrow = page.locator("#chart-flow_barnet_2014_15_wide"), page.locator("#chart-flow_barnet_2014_15_narrow")
    assert wide.is_visible()
    assert not narrow.is_visible()
    page.set_viewport_size({"width": 360, "height": 740})
    page.wait_for_timeout(500)
    assert narrow.is_visible()
    assert not wide.is_visible()
    assert narrow.locator("svg.main-svg").count() >= 1
    assert said == []


def test_the_first_key_leads_to_the_answer_and_tables_can_be_opened(
    report: Path, opened: Callable[..., Opened]
) -> None:
    page, _, _ = opened(report, LAPTOP)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    summary = page.locator("summary").first
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("details").first.get_attribute("open") is not None


def test_headings_go_down_one_step_at_a_time(report: Path, opened: Callable[..., Opened]) -> None:
    page, _, _ = opened(report, LAPTOP)
    steps = page.evaluate("Array.from(document.querySelectorAll('h1,h2,h3,h4')).map(h => Number(h.tagName[1]))")
    assert steps[0] == 1
    assert steps.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(steps))
    sizes = page.evaluate(
        "Array.from(document.querySelectorAll('h1,h2,h3,h4')).map(h => parseFloat(getComputedStyle(h).fontSize))"
    )
    assert min(sizes) >= 24


def test_on_a_phone_every_cell_says_its_column(report: Path, opened: Callable[..., Opened]) -> None:
    page, _, _ = opened(report, PHONE)
    cell = page.locator("#answer td").first
    assert cell.get_attribute("data-head") == "Share of the gap"
    shown = cell.evaluate("c => getComputedStyle(c, '::before').content")
    assert "data-head" in shown or "Share of the gap" in shown
    assert page.locator("#answer table").first.get_attribute("role") == "table"


def test_printing_opens_every_table(report: Path, opened: Callable[..., Opened], tmp_path: Path) -> None:
    page, _, said = opened(report, LAPTOP)
    page.evaluate("window.counted = []; window.addEventListener('beforeprint', () => counted.push("
                  "document.querySelectorAll('details:not([open])').length))")  # fmt: skip
    page.pdf(path=tmp_path / "report.pdf", format="A4")
    assert page.evaluate("counted") == [0]
    assert page.locator("details[open]").count() == 0, "they are folded again afterwards"
    assert said == []


@SCREENS
def test_the_diagram_opens_without_a_network(opened: Callable[..., Opened], tmp_path: Path, size: Any) -> None:
    draw(Path("barnet_2014_15"), tmp_path / "picture.html")
    page, asked, said = opened(tmp_path / "picture.html", size)
    assert said == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    (chart,) = page.evaluate(CHARTS)
    assert chart["drawn"] >= 1
    assert chart["cut"] == []
    wide, seen = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= seen
    assert min(text["size"] for text in page.evaluate(TEXTS)) >= 16


SERVICE_SCREENS = pytest.mark.parametrize("size", [LAPTOP, {"width": 390, "height": 844}], ids=["laptop", "phone"])


@SERVICE_SCREENS
def test_a_service_opens_without_a_network_and_its_first_screen_is_whole(
    service: Path, opened: Callable[..., Opened], size: Any
) -> None:
    page, asked, said = opened(service, size)
    assert said == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    wanted = ["h1", ".answer", ".how-sure", ".sure", ".outside"] + ([".figures"] if size is LAPTOP else [])
    for selector in wanted:
        box = page.locator(selector).first.bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= size["height"], selector


@SERVICE_SCREENS
def test_a_service_is_drawn_whole_and_can_be_read(service: Path, opened: Callable[..., Opened], size: Any) -> None:
    page, _, _ = opened(service, size)
    for chart in page.evaluate(CHARTS):
        assert chart["drawn"] >= 1 and chart["wide"] <= chart["width"] + 1, chart["id"]
        assert chart["cut"] == [] and chart["crossed"] == [], chart["id"]
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    wide, seen = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= seen
    texts = page.evaluate(TEXTS)
    assert [text for text in texts if text["size"] < 16] == []
    assert [text for text in texts if not text["svg"] and ratio(text["colour"], text["back"]) < 4.5] == []
