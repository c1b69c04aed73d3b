"""Every page of every shipped kind of result, as built: whole, readable, printable, reachable and without a network."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pytest
from built import EVERY_KIND, KINDS, handed_out, once
from in_browser import (
    LAPTOP,
    PHONE,
    asks_and_says,
    badly_drawn,
    badly_labelled,
    badly_printed,
    hard_to_read,
    opened,
    sideways,
    texts_of,
    too_small,
    unreachable,
    violations,
)
from lxml import html
from playwright.sync_api import Browser

from experiments.pack.build import build_pack

pytestmark = pytest.mark.browser

EASY = "easy-read.html"
CHECKS = ("network", "drawing", "axe", "sideways", "size", "contrast", "keyboard", "print")
Faults = dict[str, list[str]]


@dataclass
class Looks:
    """What was found on the pages of a kind, looked at once."""

    factory: pytest.TempPathFactory
    browser: Browser
    found: dict[str, Faults] = field(default_factory=dict)

    def faults(self, kind: str) -> Faults:
        """What is wrong with the pages of a kind, by check."""
        if kind not in self.found:
            faults: Faults = {name: [] for name in CHECKS}
            for file in sorted(handed_out(self.factory, kind).glob("*.html")):
                for size in (LAPTOP, PHONE):
                    for name, said in self.looked(file, size):
                        faults[name] += [f"{file.name} at {size['width']}: {fault}" for fault in said]
            self.found[kind] = faults
        return self.found[kind]

    def looked(self, file: Path, size: dict[str, int]) -> Iterator[tuple[str, list[str]]]:
        """A page at a size, folded tables opened after its first look."""
        one = opened(self.browser, file, size)
        yield "network", asks_and_says(one)
        yield "drawing", badly_drawn(one)
        one.unfold()
        yield "axe", violations(one)
        yield "sideways", sideways(one)
        texts = texts_of(one)
        yield "size", too_small(texts, 18 if file.name == EASY else 16)
        yield "contrast", hard_to_read(texts)
        yield "keyboard", unreachable(one)
        if size is LAPTOP:
            yield "print", badly_printed(one)
        one.page.context.close()


@pytest.fixture(scope="module")
def looks(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Looks:
    return Looks(tmp_path_factory, browser)


@EVERY_KIND
@pytest.mark.parametrize("check", CHECKS)
def test_no_page_has_a_fault(looks: Looks, kind: str, check: str) -> None:
    assert "\n".join(looks.faults(kind)[check]) == ""


@EVERY_KIND
def test_every_chart_has_words_a_short_title_a_table_and_its_data(
    tmp_path_factory: pytest.TempPathFactory, kind: str
) -> None:
    folder, seen = handed_out(tmp_path_factory, kind), 0
    for file in folder.glob("*.html"):
        for chart in html.parse(file).iterfind(".//div[@class='chart']"):
            name = str(chart.get("id")).removeprefix("chart-")
            part = next(chart.iterancestors("section", "main"))
            assert part.find(".//table") is not None, f"{file.name}: {name} has no table beside it"
            assert len(str(chart.get("aria-label")).split()) > 5, name
            if not name.endswith("_narrow"):
                seen += 1
                title = (folder / "charts" / f"{name}.txt").read_text(encoding="utf-8").splitlines()[0]
                assert 2 <= len(title.split()) <= 14, title
                assert len(pd.read_csv(folder / "charts" / f"{name}.csv")) > 0
    assert seen >= 3


@EVERY_KIND
def test_every_picture_leads_to_its_table_its_files_and_the_inputs_behind_it(
    tmp_path_factory: pytest.TempPathFactory, kind: str
) -> None:
    folder = handed_out(tmp_path_factory, kind)
    page, narrower = html.parse(folder / "report.html").getroot(), 0
    figures = page.findall(".//figure")
    assert len(figures) >= 3
    for figure in figures:
        table, *files, inputs = [str(a.get("href")) for a in figure.iterfind("./p[@class='data trail']/a")]
        (found,) = page.xpath(f"//*[@id='{table[1:]}']")
        assert found.find(".//tbody/tr") is not None
        assert files and all((folder / file).is_file() for file in files)
        (place,) = page.xpath(f"//*[@id='{inputs[1:]}']")
        rows = page.xpath("//details[@id='every-input']//tr[@data-in]")
        if place.tag == "p":
            mine = [row for row in rows if inputs[1:] in str(row.get("data-in")).split()]
            assert place.find("./data").text == f"{len(mine):,}" and 0 < len(mine) < len(rows)
            narrower += 1
        else:
            told = page.xpath("//details[@id='every-input']//tbody/tr")
            assert place.get("id") == "every-input" and len(told) == len(pd.read_csv(folder / "tables" / "inputs.csv"))
    assert narrower or kind == "service", "its prices all say how long care lasts, so none is about money alone"


def test_the_keyboard_leads_from_a_picture_to_its_inputs_and_no_others(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    one = opened(browser, handed_out(tmp_path_factory, "front_doors") / "report.html", LAPTOP)
    shown = "[...document.querySelectorAll('#every-input tr[data-in]')].filter(r => r.checkVisibility()).length"
    link = one.page.locator("#flows .only-wide .trail a").last
    assert one.page.evaluate(shown) == 0, "folded"
    link.focus()
    one.page.keyboard.press("Enter")
    view = one.page.locator(str(link.get_attribute("href")))
    view.wait_for(state="visible")
    assert one.page.evaluate("document.activeElement.id") == view.get_attribute("id")
    assert one.page.evaluate(shown) == int(str(view.locator("data").first.text_content()))
    one.page.keyboard.press("Tab")
    one.page.keyboard.press("Enter")
    view.wait_for(state="hidden")
    assert one.page.evaluate(shown) == one.page.locator("#every-input tr[data-in]").count()
    assert asks_and_says(one) == []
    one.page.context.close()


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_no_label_of_a_picture_to_print_is_cut_or_crossed(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, kind: str
) -> None:
    folder = Path(shutil.copytree(once(tmp_path_factory, kind, KINDS[kind]), tmp_path / kind))
    _, missing = build_pack(folder)
    assert missing == []
    drawn = sorted((folder / "charts").glob("*.svg"))
    assert len(drawn) >= 3
    assert "\n".join(fault for file in drawn for fault in badly_labelled(browser, file)) == ""


BAD = """<!DOCTYPE html><html data-drawn="yes"><body style="width:900px">
<p style="font-size:12px;color:#999">Too small, too pale, and no language is named.</p>
<img src="file:///nowhere.png"><div tabindex="0" style="outline:none">No mark</div>
<button style="position:absolute;left:-900px" tabindex="-1">never</button><a href="#x" tabindex="-1">never</a>
<div><div class="chart" id="chart-x" style="height:1500px;width:300px"><svg class="main-svg" width="400" height="1500">
<text x="380" y="20">beyond the edge</text><text x="10" y="50">one upon</text><text x="12" y="52">another</text></svg>
</div></div>
</body></html>"""


def test_each_check_finds_what_it_looks_for(looks: Looks, tmp_path: Path) -> None:
    file = tmp_path / "bad.html"
    file.write_text(BAD, encoding="utf-8")
    faults = dict(looks.looked(file, LAPTOP))
    assert any("nowhere.png" in fault for fault in faults["network"])
    drawn = {fault.split(": ")[1] for fault in faults["drawing"]}
    assert drawn >= {"cut", "crossed", "not drawn whole", "no words stand for it"}
    assert {fault.split(":")[0] for fault in faults["axe"]} >= {"html-has-lang", "image-alt", "color-contrast"}
    assert any(fault.startswith("12 px") for fault in faults["size"]) and faults["contrast"]
    assert any("no mark" in fault for fault in faults["keyboard"])
    assert any("never reached" in fault for fault in faults["keyboard"])
    assert any("begins on sheet 1 and ends on sheet 2" in fault for fault in faults["print"])
    one = opened(looks.browser, file, PHONE)
    assert sideways(one)
    one.page.context.close()
    (tmp_path / "bad.svg").write_text(BAD[BAD.index("<svg") : BAD.index("</div></div>")], encoding="utf-8")
    assert {fault.split(": ")[1] for fault in badly_labelled(looks.browser, tmp_path / "bad.svg")} == {"cut", "crossed"}
