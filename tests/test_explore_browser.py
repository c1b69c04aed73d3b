"""The page in headless Chromium: choose, slide, wait, read, save, run again; by keyboard, on a phone, in public."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from explorers import Served, served
from in_browser import LAPTOP, PHONE, Opened, sideways, texts_of, too_small, violations

from experiments.cli import main
from experiments.explore.asked import EXPLORED

pytestmark = pytest.mark.browser

RATE = "in.models/barnet_2014_15.hospital_funded_rate"


def visit(browser, one: Served, query: str = "", size=LAPTOP, **more) -> Opened:
    """Open the page and wait for the whole answer."""
    context = browser.new_context(viewport=size, reduced_motion="reduce", accept_downloads=True, **more)
    opened = Opened(context.new_page(), Path())
    opened.page.on("request", lambda request: opened.asked.append(request.url))
    opened.page.on("console", lambda message: opened.said.append(f"{message.type}: {message.text}"))
    opened.page.on("pageerror", lambda error: opened.said.append(f"error: {error}"))
    opened.page.goto(f"{one.url}/{query}")
    return opened


def answered(opened: Opened, number: int) -> None:
    """Wait until the n-th question of the page is answered to the end."""
    opened.page.locator(f'body[data-done="{number}"][data-complete="{number}"]').wait_for(
        state="attached", timeout=60_000
    )


def value(opened: Opened) -> float:
    return float(opened.page.evaluate("document.body.dataset.value"))


def test_choose_slide_wait_read_save_and_the_command_line_gives_the_same_number(
    browser, explored_page, explored_config, tmp_path
):
    opened = visit(browser, explored_page)
    answered(opened, 1)
    before = value(opened)
    opened.page.get_by_label("Half of the gap").check()
    answered(opened, 2)
    slider = opened.page.locator(f'[name="{RATE}"]')
    slider.focus()
    opened.page.keyboard.press("ArrowRight")
    answered(opened, 3)
    after = value(opened)
    assert after != before
    shown = opened.page.locator('[data-region="answer"] .figures').inner_text()
    assert re.sub("-", "−", f"{after:,.1f}") in shown
    assert "30 paired runs" in opened.page.locator('[data-region="answer"]').inner_text()
    with opened.page.expect_download() as told:
        opened.page.get_by_role("button", name="Save as an experiment").click()
    path = explored_config.parent / "explored.yaml"
    told.value.save_as(path)
    assert main(["experiment", str(path), "--out", str(tmp_path / "out"), "--workers", "1", "--quiet"]) == 0
    table = pd.read_csv(tmp_path / "out" / "tables" / "comparison.csv")
    row = table[(table["measure"] == "funded_package") & (table["transfer"] == EXPLORED)].iloc[0]
    assert row["difference"] == after
    # The address is the state: somebody else sees the same.
    other = visit(browser, explored_page, "?" + opened.page.url.partition("?")[2])
    answered(other, 1)
    assert value(other) == after
    opened.page.get_by_role("button", name="Reset to published").click()
    answered(opened, 4)
    assert value(opened) == before
    for one in (opened, other):
        assert not [url for url in one.asked if not url.startswith((explored_page.url, "data:", "blob:"))]
        assert not one.said
        one.page.context.close()


@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_axe_finds_nothing_and_nothing_is_cut(browser, explored_page, size):
    opened = visit(browser, explored_page, size=size)
    answered(opened, 1)
    opened.unfold()
    assert violations(opened) == []
    assert sideways(opened) == []
    assert too_small(texts_of(opened), 16) == []
    assert opened.page.locator("noscript").count() == 1
    opened.page.context.close()


def test_a_number_outside_its_range_is_told_and_the_answer_stays(browser, explored_page):
    opened = visit(browser, explored_page)
    answered(opened, 1)
    box = opened.page.get_by_label("Hospital funded rate, as a number")
    box.fill("7")
    box.press("Enter")
    fault = opened.page.get_by_role("alert")
    assert "give a number from 0.05 to 0.35" in fault.inner_text()
    box.fill("0.3")
    box.press("Enter")
    answered(opened, 2)
    assert not fault.is_visible()
    opened.page.context.close()


def test_those_who_hear_the_page_are_told_the_answer_and_keep_their_place(browser, explored_page):
    opened = visit(browser, explored_page)
    answered(opened, 1)
    said = opened.page.get_by_role("status").inner_text()
    assert "packages would start a year" in said and "from 30 paired runs" in said
    summary = opened.page.locator('[data-region="money"] summary').first
    summary.focus()
    opened.page.keyboard.press("Enter")
    opened.page.get_by_label("The whole gap").check()
    answered(opened, 2)
    assert opened.page.locator('[data-region="money"] details').first.get_attribute("open") is not None
    assert "The whole gap" not in said and said != opened.page.get_by_role("status").inner_text()
    assert opened.page.locator(":focus").get_attribute("name") == "transfer"
    opened.page.context.close()


def saved(opened: Opened, kind: str) -> str:
    with opened.page.expect_download() as told:
        opened.page.locator('[data-region="money"] button', has_text=kind).first.click()
    return Path(told.value.path()).read_text(encoding="utf-8")


def test_a_chart_is_saved_as_in_the_pack_with_its_title_its_key_and_its_data(browser, explored_page):
    opened = visit(browser, explored_page, size=PHONE)
    answered(opened, 1)
    picture = saved(opened, "SVG")
    assert 'width="920"' in picture  # as in the pack, on a phone too
    assert "Gross savings by year" in picture and "As large a fall as Harrow reports" in picture
    assert saved(opened, "CSV").startswith("series,at,x,y,text\n")
    opened.page.context.close()


def test_where_the_difference_vanishes_is_marked_and_told(browser, explored_page):
    opened = visit(browser, explored_page)
    answered(opened, 1)
    page = opened.page
    slider = page.locator(f'[name="{RATE}"]')
    told = page.locator(f'[id="{slider.get_attribute("aria-describedby")}"]')
    assert re.fullmatch(r"no difference at 0\.39\d, beyond this range ▲", told.inner_text())
    assert page.locator(".track", has_text="does not vanish within this range").count() > 1
    before = told.inner_text()
    page.get_by_label("Harrow fall, as a number").fill("-0.2")
    page.keyboard.press("Enter")
    page.locator('body[data-marked="2"]').wait_for(state="attached", timeout=60_000)
    assert told.inner_text() == before  # nothing that the rate rests on was moved
    opened.page.context.close()


def test_without_scripts_a_sentence_says_what_to_do(browser, explored_page):
    opened = visit(browser, explored_page, java_script_enabled=False)
    assert "needs JavaScript" in opened.page.locator("main").inner_text()
    opened.page.context.close()


@pytest.mark.slow
def test_in_public_the_choices_are_presets_in_large_type(browser, explored_config):
    with served(explored_config, public=True) as one:
        opened = visit(browser, one, size=PHONE)
        answered(opened, 1)
        assert opened.page.locator("input[type=range], #save").count() == 0
        assert violations(opened) == []
        assert sideways(opened) == []
        assert float(opened.page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")) >= 22
        opened.page.get_by_label("High").first.check()
        answered(opened, 2)
        opened.page.context.close()
