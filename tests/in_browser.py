"""What is measured of a built page in headless Chromium: each function returns what is wrong, in words."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from pypdf import PdfReader

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

Text = dict[str, Any]

LAPTOP = {"width": 1280, "height": 720}
PHONE = {"width": 360, "height": 740}

MOST_TABS = 2000

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

DRAWING = """() => {
  const place = document.querySelector('svg').getBoundingClientRect();
  const texts = Array.from(document.querySelectorAll('svg text')).filter(t => t.textContent.trim()).map(
    t => ({text: t.textContent, box: t.getBoundingClientRect()}));
  return [
    ...texts.filter(t => t.box.width && (t.box.left < place.left - 1 || t.box.right > place.right + 1
      || t.box.top < place.top - 1 || t.box.bottom > place.bottom + 1)).map(t => 'cut: ' + t.text),
    ...texts.flatMap((a, i) => texts.slice(i + 1).filter(b => a.box.left < b.box.right - 2
      && b.box.left < a.box.right - 2 && a.box.top < b.box.bottom - 4 && b.box.top < a.box.bottom - 4)
      .map(b => 'crossed: ' + a.text + ' | ' + b.text)),
    ...(texts.length ? [] : ['no text']),
  ];
}"""

FOCUS = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  if (!at.dataset.seen) at.dataset.seen = String(document.querySelectorAll('[data-seen]').length + 1);
  const box = at.getBoundingClientRect(), style = getComputedStyle(at);
  return {
    name: at.dataset.seen, what: at.outerHTML.slice(0, 80),
    marked: parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== 'none',
    seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0,
  };
}"""

CONTROLS = """() => Array.from(document.querySelectorAll(
  'a[href], button, input, select, textarea, summary, [tabindex="0"], video, audio')).filter(
  c => !c.disabled && c.checkVisibility() && c.getClientRects().length && !(c.type === 'radio' && !c.checked)
    && !c.dataset.seen
).map(c => c.outerHTML.slice(0, 80))"""

MARKERS = """() => Array.from(document.querySelectorAll('.chart')).filter(
  c => c.offsetParent !== null).forEach((chart, i) => {
  chart.style.position = 'relative';
  for (const end of ['TOP', 'END']) {
    const mark = document.createElement('span');
    mark.textContent = 'Q' + end + i + 'Q';
    mark.style.cssText = 'position:absolute;left:0;font:6px Arial;color:#fff;' + (end === 'TOP' ? 'top:0' : 'bottom:0');
    chart.appendChild(mark);
  }
})"""

PAPER = {"width": 794, "height": 1123}
"""A4 in pixels: a page asks for the sheet's width, whatever its margins leave."""

MARGIN = "body{margin:0 60px!important}"


@contextmanager
def chromium() -> Iterator[Browser]:
    """The installed Chromium; a test fails where there is none."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.fail("Chromium is missing. Install it with: sh .ci/install-chromium")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield running
        running.close()


@dataclass(frozen=True)
class Opened:
    """A page that was opened with the network off, what it asked for, and what its console said."""

    page: Page
    file: Path
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def unfold(self) -> None:
        """Open every folded table."""
        self.page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")


def opened(browser: Browser, file: Path, size: Any) -> Opened:
    """Open a file in a window of its own; close it with ``page.context.close()``."""
    context = browser.new_context(viewport=size, offline=True, reduced_motion="reduce")
    one = Opened(context.new_page(), file)
    one.page.on("request", lambda request: one.asked.append(request.url))
    one.page.on("console", lambda message: one.said.append(f"{message.type}: {message.text}"))
    one.page.on("pageerror", lambda error: one.said.append(f"error: {error}"))
    one.page.goto(file.as_uri())
    one.page.wait_for_selector("html[data-drawn=yes]", state="attached")
    one.page.wait_for_timeout(400)
    return one


def asks_and_says(one: Opened) -> list[str]:
    """A page needs itself only, and has nothing to say on the console."""
    asked = [url for url in one.asked if not url.startswith("data:") and url != one.file.as_uri()]
    return [*(f"asked for {url}" for url in asked), *one.said]


def violations(one: Opened) -> list[str]:
    """What axe-core finds."""
    wanted = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"], "selectors": False}
    found = Axe().run(one.page, options=wanted)
    return [
        f"{rule['id']}: {rule['help']}: {'; '.join(node['html'][:120] for node in rule['nodes'][:4])}"
        for rule in found.response["violations"]
    ]


def sideways(one: Opened) -> list[str]:
    """Whether the page scrolls sideways."""
    wide, seen = one.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    return [f"{wide} px are wanted and {seen} are there"] if wide > seen else []


def texts_of(one: Opened) -> list[Text]:
    """Every text that is seen."""
    found: list[Text] = one.page.evaluate(TEXTS)
    return found


def too_small(texts: list[Text], least: float) -> list[str]:
    """Texts smaller than so many pixels, charts included."""
    return [f"{text['size']} px: {text['text']}" for text in texts if text["size"] < least]


def hard_to_read(texts: list[Text]) -> list[str]:
    """Texts of too little contrast; what stands behind a text in a chart is not known to CSS, and tested elsewhere."""
    return [text["text"] for text in texts if not text["svg"] and ratio(text["colour"], text["back"]) < 4.5]


def ratio(first: str, second: str) -> float:
    """Contrast of two CSS colours."""

    def luminance(colour: str) -> float:
        parts = [float(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
        weights = (0.2126, 0.7152, 0.0722)
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return sum(w * p for w, p in zip(weights, linear, strict=True))

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def badly_drawn(one: Opened) -> list[str]:
    """Charts that are not drawn, are cut, cross their own labels, or have no words."""
    found = []
    for chart in one.page.evaluate(CHARTS):
        found += [f"{chart['id']}: cut: {text}" for text in chart["cut"]]
        found += [f"{chart['id']}: crossed: {' | '.join(pair)}" for pair in chart["crossed"]]
        if not chart["drawn"] or chart["marks"] <= 4 or chart["wide"] > chart["width"] + 1:
            found.append(f"{chart['id']}: not drawn whole")
        if chart["role"] != "img" or len(chart["label"]) <= 40:
            found.append(f"{chart['id']}: no words stand for it")
    return found


def unreachable(one: Opened) -> list[str]:
    """Controls that the tab key does not reach, or that do not show that they are reached."""
    found, seen = [], set()
    for _ in range(MOST_TABS):
        one.page.keyboard.press("Tab")
        at = one.page.evaluate(FOCUS)
        if at is None or at["name"] in seen:
            break
        seen.add(at["name"])
        if not at["marked"]:
            found.append(f"no mark of focus: {at['what']}")
        if not at["seen"]:
            found.append(f"focus out of sight: {at['what']}")
    return [*found, *(f"never reached: {control}" for control in one.page.evaluate(CONTROLS))]


def badly_printed(one: Opened) -> list[str]:
    """Charts that are cut or too wide on paper, or whose two ends are on different pages of the printed report."""
    page = one.page
    page.emulate_media(media="print")
    page.set_viewport_size(PAPER)
    page.add_style_tag(content=f"@media print{{@page{{margin:16mm 0}}{MARGIN}}}")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.wait_for_timeout(100)
    wanted = page.evaluate(CHARTS)
    found = [f"{chart['id']}: cut on paper: {text}" for chart in wanted for text in chart["cut"]]
    found += [f"{chart['id']}: wider than paper" for chart in wanted if chart["wide"] > chart["width"] + 1]
    page.evaluate(MARKERS)
    printed = PdfReader(BytesIO(page.pdf(format="A4", print_background=True)))
    ends: dict[str, dict[str, int]] = {"TOP": {}, "END": {}}
    for number, sheet in enumerate(printed.pages):
        for end, chart in re.findall(r"Q(TOP|END)([0-9]+)Q", sheet.extract_text().replace(" ", "")):
            ends[end][wanted[int(chart)]["id"]] = number
    for chart in wanted:
        top, end = ends["TOP"].get(chart["id"]), ends["END"].get(chart["id"])
        if top is None or top != end:
            found.append(f"{chart['id']}: begins on sheet {top} and ends on sheet {end}")
    return found


def badly_labelled(browser: Browser, file: Path) -> list[str]:
    """Labels of a chart's SVG file that are cut or cross each other."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000}, offline=True)
    page = context.new_page()
    page.set_content(f"<body style='margin:0'>{file.read_text(encoding='utf-8')}</body>")
    found: list[str] = page.evaluate(DRAWING)
    context.close()
    return [f"{file.name}: {fault}" for fault in found]
