"""The report in a browser without a network, on a laptop and on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import in_browser
import pytest
from built import KINDS, once
from conftest import Toys
from in_browser import CHARTS, TEXTS, ratio
from playwright.sync_api import Browser, Page
from test_service_experiment import written

from experiments.diagram import draw
from experiments.experiment import run_experiment

pytestmark = pytest.mark.browser

LAPTOP = {"width": 1366, "height": 768}
PHONE = {"width": 360, "height": 740}
SCREENS = pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a small experiment."""
    return once(tmp_path_factory, "comparison", KINDS["comparison"]) / "report.html"


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a small whole service."""
    folder = tmp_path_factory.mktemp("browser_service")
    return run_experiment(written(Toys(folder)), folder / "results", 1, False, quiet=True) / "report.html"


Opened = tuple[Page, list[str], list[str]]


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[[Path, Any], Opened]]:
    """Opens a file with the network off: the page, what it asked for, and what its console said."""
    there = []

    def go(file: Path, size: Any) -> Opened:
        one = in_browser.opened(browser, file, size)
        there.append(one.page.context)
        return one.page, one.asked, one.said

    yield go
    for context in there:
        context.close()


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


@pytest.mark.parametrize("width", [360, 1366, *(pytest.param(w, marks=pytest.mark.slow) for w in (320, 768, 1024))])
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
