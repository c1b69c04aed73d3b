"""The easy-read page has short sentences, and the dots of the moving picture are the figures of the results."""

from __future__ import annotations

import re
import shutil
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from built import KINDS, once
from in_browser import LAPTOP, PHONE, opened
from lxml import html
from playwright.sync_api import Browser
from report_page import Page, edit, said_as_they_are, same_as_in_tables
from test_report import FORBIDDEN

from experiments.report import build_report
from experiments.report.pages import Draft
from experiments.report.pages import Page as Main
from experiments.report.plain.animation import ways
from experiments.report.plain.easy import draft
from experiments.report.plain.easy_lines import million
from experiments.report.plain.facts import Change
from experiments.report.plain.reading import facts_of
from experiments.report.results import Results
from experiments.report.words import Number, pounds

MOST, SHORT = 14, 11
"""Words of a sentence, and of most sentences."""

JARGON = r"\b(simulat|calibrat|scenario|baseline|transfer|interval|confidence|gross|net|input|cohort|eligib|gap)"
CHANGES = ("comparison", "transition")


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A small result of each kind with its pages."""
    found = {}
    for kind, make in KINDS.items():
        found[kind] = tmp_path_factory.mktemp("plain_pages") / kind
        shutil.copytree(once(tmp_path_factory, kind, make), found[kind])
        assert [said for said in build_report(found[kind]) if said.startswith(("easy", "animation", "report"))] == []
    return found


def main_of(folder: Path, file: str) -> Any:
    return html.fromstring((folder / file).read_text(encoding="utf-8")).find(".//main")


def numbers_of(folder: Path, file: str) -> Page:
    page = Page()
    page.feed((folder / file).read_text(encoding="utf-8"))
    return page


def sentences(folder: Path) -> list[str]:
    """The sentences of the easy-read page."""
    found = [" ".join(e.text_content().split()) for e in main_of(folder, "easy-read.html").iter("p", "dd")]
    return [one for text in found for one in re.split(r"(?<=[.?])\s+(?=[A-Z])", text)]


@pytest.mark.parametrize("kind", KINDS)
def test_easy_sentences_are_short_and_plain(folders: dict[str, Path], kind: str) -> None:
    found = sentences(folders[kind])
    assert len(found) > 15
    assert [one for one in found if len(one.split()) > MOST] == []
    assert sum(len(one.split()) <= SHORT for one in found) >= 0.9 * len(found)
    assert [one for one in found if re.search(JARGON, one, flags=re.IGNORECASE)] == []
    assert [one for one in found for pattern in FORBIDDEN if re.search(pattern, one, flags=re.IGNORECASE)] == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_part_of_the_easy_page_has_a_picture_with_words(folders: dict[str, Path], kind: str) -> None:
    for section in main_of(folders[kind], "easy-read.html").iter("section"):
        (picture,) = section.iter("svg")
        assert picture.get("role") == "img" and len(picture.get("aria-label")) > 5


@pytest.mark.parametrize("file", ["easy-read.html", "animation.html"])
@pytest.mark.parametrize("kind", CHANGES)
def test_numbers_of_the_pages_are_those_of_the_tables(folders: dict[str, Path], kind: str, file: str) -> None:
    page = numbers_of(folders[kind], file)
    assert same_as_in_tables(folders[kind], page) >= 5
    plain = Page()
    plain.numbers = [one for one in page.numbers if "million" not in one[2]]
    assert said_as_they_are(plain) > 5
    million = [float(value) for value, _, text in page.numbers if "million" in text]
    shown = [float(text.split()[0].strip("£")) for _, _, text in page.numbers if "million" in text]
    assert [round(abs(one) / 1e6, 1) for one in million] == shown
    assert bool(shown) == (file == "easy-read.html")


@pytest.mark.parametrize("kind", CHANGES)
def test_the_dark_figures_are_the_people_of_the_sentence(folders: dict[str, Path], kind: str) -> None:
    main = main_of(folders[kind], "easy-read.html")
    (facts,) = facts_of(Results(folders[kind]))
    assert isinstance(facts, Change) and facts.outcomes is not None
    today, then = (section for section in main.iter("section") if len(list(section.iter("use"))) == 100
                   and "hub" not in section.text_content())  # fmt: skip
    for section, side in ((today, 0), (then, 1)):
        dark = sum(one.get("class") == "dark" for one in section.iter("use"))
        assert dark == round(facts.outcomes.funded(side).value)
        assert re.search(rf"(?i)about {dark} of", section.text_content())


def circles(picture: Any) -> list[tuple[float, float]]:
    return [(float(dot.get("cx")), float(dot.get("cy"))) for dot in picture.iter("circle")]


def inside(dots: list[tuple[float, float]], box: Any) -> int:
    x, y, wide, high = (float(box.get(name)) for name in ("x", "y", "width", "height"))
    return sum(x <= along <= x + wide and y <= down <= y + high for along, down in dots)


@pytest.mark.parametrize("kind", CHANGES)
def test_the_dots_of_the_still_picture_are_the_figures(folders: dict[str, Path], kind: str) -> None:
    main = main_of(folders[kind], "animation.html")
    (facts,) = facts_of(Results(folders[kind]))
    assert isinstance(facts, Change) and facts.outcomes is not None
    for picture, counts in zip(main.iter("svg"), (facts.outcomes.today, facts.outcomes.then), strict=True):
        dots = circles(picture)
        assert len(dots) == len(set(dots)) == 100, "no dot hides another"
        assert [inside(dots, box) for box in picture.iter("rect") if box.get("class") == "end"] == list(counts)
        assert all(str(count) in picture.get("aria-label") for count in counts)
    cells = [[cell.text_content() for cell in row] for row in main.iter("tr")]
    assert [row[1:3] for row in cells[1:5]] == [
        [str(a), str(b)] for a, b in zip(facts.outcomes.today, facts.outcomes.then, strict=True)
    ]


@pytest.mark.parametrize("kind", CHANGES)
def test_the_moving_page_says_what_a_dot_is_and_what_it_is_not(folders: dict[str, Path], kind: str) -> None:
    said = " ".join(main_of(folders[kind], "animation.html").text_content().split())
    for sentence in ("Dots are not people.", "Here a dot stands for", "Two councils side by side are not an effect.",
                     "Fewer packages is not less need."):  # fmt: skip
        assert sentence in said


def test_only_a_change_has_a_moving_picture_and_the_report_links_to_it(folders: dict[str, Path]) -> None:
    for kind, folder in folders.items():
        assert (folder / "animation.html").is_file() == (kind in CHANGES)
        report = html.fromstring((folder / "report.html").read_text(encoding="utf-8"))
        links = {link.get("href"): link.text_content() for link in report.iter("a")}
        assert ("animation.html" in links) == (kind in CHANGES)
        assert "easy-read.html" in links
        assert "(optional)" in links.get("animation.html", "(optional)")


def test_ways_keep_their_counts_and_are_mixed() -> None:
    found = ways([66, 8, 6, 20])
    assert [found.count(kind) for kind in range(4)] == [66, 8, 6, 20]
    assert max(b - a for a, b in pairwise(i for i, kind in enumerate(found) if kind == 3)) <= 7
    assert ways([0, 100]) == [1] * 100


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"delivered": -2e6, "low": -3e6, "high": -1e6}, "this might cost £2.0 million more."),
        ({"delivered": 2e6, "chance_low": -1e6, "chance_high": 3e6}, "We cannot tell if this would save money."),
        (dict.fromkeys(("chance_low", "chance_high", "low", "high"), np.nan), "We ran the computer too few times"),
    ],
)
def test_odd_results_are_said_as_they_are(
    folders: dict[str, Path], tmp_path: Path, change: dict[str, float], sentence: str
) -> None:
    copy = Path(shutil.copytree(folders["transition"], tmp_path / "copy"))
    edit("delivery", lambda frame: frame.assign(**change))(copy)
    made = draft(Results(copy), [Main("report.html", "", Draft())])
    assert made is not None
    found = [str(line) for panel in made.words["panels"] for line in panel.lines]
    assert any(sentence in one for one in found), found
    assert not any("nan" in one for one in found)


def test_a_million_is_spelt_out() -> None:
    assert str(million(pounds(Number(4.3e6, "x")))) == "£4.3 million"
    assert str(million(pounds(Number(-44_000, "x")))) == "£44,000"


PLACES = """Array.from(document.querySelectorAll('.dot')).map(d =>
  [Number(d.getAttribute('cx')), Number(d.getAttribute('cy'))])"""
SLOTS = """Array.from(document.querySelectorAll('.dot')).every(d =>
  d.dataset.path.split(' ').includes(d.getAttribute('cx') + ',' + d.getAttribute('cy')))"""


@pytest.mark.browser
def test_the_picture_plays_and_pauses_by_keyboard(folders: dict[str, Path], browser: Browser) -> None:
    one = opened(browser, folders["comparison"] / "animation.html", LAPTOP)
    page = one.page
    page.emulate_media(reduced_motion="no-preference")
    still = page.evaluate(PLACES)
    page.locator("#play").focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(900)
    assert page.locator("#play").inner_text() == "Pause"
    page.keyboard.press("Space")
    paused = page.evaluate(PLACES)
    assert paused != still
    page.wait_for_timeout(300)
    assert page.evaluate(PLACES) == paused
    assert page.locator("#step").inner_text().startswith("Step 2 of ")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(PLACES) == still, "what is printed is the still"
    assert one.said == []
    page.context.close()


@pytest.mark.browser
def test_with_less_motion_dots_only_stand(folders: dict[str, Path], browser: Browser) -> None:
    page = opened(browser, folders["comparison"] / "animation.html", PHONE).page
    still = page.evaluate(PLACES)
    page.locator("#play").press("Enter")
    for _ in range(4):
        page.wait_for_timeout(150)
        assert page.evaluate(SLOTS), "no dot is between two places"
    assert page.evaluate(PLACES) != still
    page.locator("#next").press("Enter")
    assert page.locator("#step").inner_text().startswith("Step 2 of ")
    assert page.evaluate(SLOTS)
    page.context.close()


@pytest.mark.browser
@pytest.mark.parametrize("kind", CHANGES)
def test_words_in_the_pictures_are_whole(folders: dict[str, Path], browser: Browser, kind: str) -> None:
    """At 360 px no text of a picture is smaller than 16 px, cut or crossed by another."""
    page = opened(browser, folders[kind] / "animation.html", PHONE).page
    texts = page.evaluate("""() => Array.from(document.querySelectorAll('.flow svg')).flatMap((svg, at) =>
      Array.from(svg.querySelectorAll('text')).filter(t => t.textContent).map(t => {
        const b = t.getBoundingClientRect(), s = svg.getBoundingClientRect();
        return {at, text: t.textContent, left: b.left - s.left, right: b.right - s.left, wide: s.width, top: b.top,
                bottom: b.bottom, size: parseFloat(getComputedStyle(t).fontSize) * s.width / svg.viewBox.baseVal.width};
      }))""")
    assert len(texts) > 10
    assert [t for t in texts if t["size"] < 16 or t["left"] < -1 or t["right"] > t["wide"] + 1] == []
    crossed = [
        (a["text"], b["text"])
        for i, a in enumerate(texts)
        for b in texts[i + 1 :]
        if a["left"] < b["right"] - 2 and b["left"] < a["right"] - 2
        and a["top"] < b["bottom"] - 4 and b["top"] < a["bottom"] - 4
    ]  # fmt: skip
    assert crossed == []
    page.context.close()
