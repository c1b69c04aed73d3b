"""The summary in plain English: never more than 200 words, each number that of its table, and nothing promised."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from plain_results import KINDS, results_of
from report_page import Page, in_table, said_as_they_are, same_as_in_tables
from test_report import FORBIDDEN

from experiments.pack.blocks import Heading, Paragraph, blocks_of
from experiments.report import build_report
from experiments.report.people import per_hundred
from experiments.report.plain.reading import facts_of
from experiments.report.plain.summary import MOST_WORDS, summary_of
from experiments.report.results import Results


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, str]]:
    """The report of each: its folder and the text of its page."""
    found = {}
    for kind, folder in results_of(tmp_path_factory).items():
        copy = tmp_path_factory.mktemp("pages") / kind
        shutil.copytree(folder, copy)
        build_report(copy)
        found[kind] = (copy, (copy / "report.html").read_text(encoding="utf-8"))
    return found


def block_of(text: str) -> str:
    """The HTML of the summary."""
    ends = '<div class="reading">|<div class="two">|<p class="data">|</section>'
    found = re.search(f'<div class="plain two">.*?(?={ends})', text, flags=re.DOTALL)
    assert found is not None
    return found[0]


def read(html: str) -> str:
    """HTML as it is read."""
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"</?(data|strong)\b[^>]*>", "", html)).split())


def summary_in(text: str) -> Page:
    page = Page()
    page.feed(block_of(text))
    return page


@pytest.mark.parametrize("kind", KINDS)
def test_the_summary_has_at_most_200_words(pages: dict[str, tuple[Path, str]], kind: str) -> None:
    words = read(block_of(pages[kind][1])).split()
    assert 40 < len(words) <= MOST_WORDS == 200
    (facts,) = facts_of(Results(pages[kind][0]))
    assert summary_of(facts).words == len(words), "what is counted is what is read"


@pytest.mark.parametrize("kind", KINDS)
def test_every_number_of_the_summary_is_that_of_its_table(pages: dict[str, tuple[Path, str]], kind: str) -> None:
    folder, text = pages[kind]
    page = summary_in(text)
    assert len(page.numbers) >= {"front_doors": 1, "service": 6}.get(kind, 12)
    computed = [one for one in page.numbers if one[1].startswith("computed")]
    assert same_as_in_tables(folder, page) == len(page.numbers) - len(computed)
    for value, place, _ in computed:
        assert float(value) == pytest.approx(recomputed(folder, place), abs=1.0 if "100 ×" in place else 1e-9), place
    assert said_as_they_are(page) == sum(any(c.isdigit() for c in text) for *_, text in page.numbers)


def recomputed(folder: Path, place: str) -> float:
    """A figure that is no cell of a table, worked out again from the cells that it names."""
    place = place.removeprefix("computed: ")
    if place.startswith("count of"):
        head = "true_only_if" if "True" in place else "cannot_say"
        (facts,) = facts_of(Results(folder))
        shown = {item for items in summary_of(facts).lists for item in items.shown}
        return float(sum(item not in shown for item in getattr(facts.limits, head)))
    if place.startswith("checks.csv rows"):
        frame = pd.read_csv(folder / "tables" / "checks.csv")
        rows = frame[frame["use"] == "validation"]
        return float((rows["verdict"] == "inside").sum() if "inside" in place else len(rows))
    if place.startswith("not below nought; "):
        return 0.0
    part, _, whole = place.removeprefix("100 × ").partition(" ÷ ")
    return 100 * _terms(folder, part) / _terms(folder, whole)


def _terms(folder: Path, text: str) -> float:
    if text.startswith("(sum of "):
        frame = pd.read_csv(folder / "tables" / "sources.csv")
        model = re.search(r"model=(\w+)", text)
        assert model is not None
        return float(frame[(frame["model"] == model[1]) & (frame["population"] == "own")]["funded_package"].sum())
    plus = [in_table(folder, one) for one in text.strip("()").split(" + ")]
    return float(sum(one for one in plus if one is not None))


def test_the_hundreds_are_those_of_the_grids(pages: dict[str, tuple[Path, str]]) -> None:
    folder, text = pages["comparison"]
    frame = pd.read_csv(folder / "tables" / "comparison.csv").query("transfer == 'harrow'").set_index("measure")
    names = ["resolved_at_first_contact", "referred_without_assessment", "no_council_funding", "funded_package"]
    grids = [per_hundred(list(frame.loc[names, side])) for side in ("value_baseline", "value_model")]
    said = read(block_of(text))
    assert f"about {grids[0][-1]} go on to a Council-funded package today" in said
    assert f"closed, about {grids[1][-1]} would." in said


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("pattern", FORBIDDEN)
def test_words_that_mislead_are_absent(pages: dict[str, tuple[Path, str]], kind: str, pattern: str) -> None:
    assert not re.search(pattern, read(block_of(pages[kind][1])), flags=re.IGNORECASE)


@pytest.mark.parametrize("kind", ["comparison", "transition"])
def test_the_summary_says_what_a_change_is_not(pages: dict[str, tuple[Path, str]], kind: str) -> None:
    said = read(block_of(pages[kind][1]))
    for sentence in (
        "In plain English", "Of every 100 people who contact the council",
        "Two councils side by side are not an effect.", "Fewer packages is not less need:",
        "True only if", "What the model cannot say", "by chance alone",
    ):  # fmt: skip
        assert sentence in said
    assert "a probability" not in said and "will " not in said


@pytest.mark.parametrize("kind", KINDS)
def test_the_document_has_the_summary(pages: dict[str, tuple[Path, str]], kind: str) -> None:
    blocks = blocks_of(pages[kind][1])
    at = next(i for i, block in enumerate(blocks) if isinstance(block, Heading) and block.text == "In plain English")
    (facts,) = facts_of(Results(pages[kind][0]))
    said = [str(line) for line in summary_of(facts).said]
    assert [block.text for block in blocks[at + 1 : at + 1 + len(said)] if isinstance(block, Paragraph)] == said
