"""The robustness note is one page, and says what the tables say: both ranges, what is not in it, what to do first."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import built
import pytest
from conftest import Toys
from pypdf import PdfReader
from report_page import Page, edit, noted, said_as_they_are, same_as_in_tables
from small_experiment import CALIBRATION_ONLY, made
from test_report import FORBIDDEN
from test_service_experiment import written
from test_transition_report import put_ranges

from experiments.experiment import run_experiment
from experiments.report import pages_of
from experiments.report.annex.note_facts import CONDITION, CONDITIONS, cut
from experiments.report.results import Results

FILE = "robustness.html"
LONG = "responsibilities of neighbourhood partnerships " * 12
Note = Callable[..., str]


@pytest.fixture(scope="module")
def comparison(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built.once(tmp_path_factory, "comparison", built.small)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("note_service")
    return run_experiment(written(Toys(folder)), folder / "results", 1, False, quiet=True)


@pytest.fixture(scope="module")
def transition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small transition with the ranges that only many runs give."""
    results = built.once(tmp_path_factory, "transition", built.transition)
    copy = Path(shutil.copytree(results, tmp_path_factory.mktemp("note_ranged") / "copy"))
    put_ranges(copy)
    return copy


def note_of(folder: Path) -> str:
    results = Results(folder)
    found = [page.text for page in pages_of(results) if page.file == FILE]
    assert found, results.missing
    return found[0]


@pytest.fixture
def changed(tmp_path: Path) -> Note:
    """The note of a copy of results that was changed."""

    def make(folder: Path, *changes: Callable[[Path], None]) -> str:
        copy = Path(shutil.copytree(folder, tmp_path / "copy"))
        for change in changes:
            change(copy)
        return note_of(copy)

    return make


def read(text: str) -> str:
    page = Page()
    page.feed(text)
    return page.read


def sheets(browser: Any, text: str, place: Path) -> int:
    """How many sheets of A4 it prints on."""
    file = place / FILE
    file.write_text(text, encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    printed = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True)))
    page.close()
    width, height = (float(side) for side in printed.pages[0].mediabox[2:])
    assert (width, height) == pytest.approx((595, 842), abs=1), "A4"
    return len(printed.pages)


KINDS = pytest.mark.parametrize("kind", ["comparison", "service", pytest.param("transition", marks=pytest.mark.slow)])


@KINDS
def test_every_number_is_the_number_in_its_table_and_is_said_as_it_is(kind: str, request: Any) -> None:
    folder = request.getfixturevalue(kind)
    page = Page()
    page.feed(note_of(folder))
    assert same_as_in_tables(folder, page) >= 5
    assert said_as_they_are(page) > 10
    for pattern in FORBIDDEN:
        assert not re.search(pattern, page.read, flags=re.IGNORECASE), pattern
    for wanted in ("What is asked", "Not in it", "What would make it fail", "Before relying on it", "Section 25"):
        assert wanted in page.read, wanted


@KINDS
def test_it_prints_on_one_page(kind: str, request: Any, browser: Any, tmp_path: Path) -> None:
    assert sheets(browser, note_of(request.getfixturevalue(kind)), tmp_path) == 1


@KINDS
def test_whatever_the_experiment_says_it_prints_on_one_page(
    kind: str, request: Any, browser: Any, tmp_path: Path, changed: Note
) -> None:
    crowded = noted("config", true_only_if=[LONG] * 8)
    text = changed(request.getfixturevalue(kind), noted(title=LONG, question=LONG), crowded)
    assert "5 more stand in the report." in read(text)
    assert sheets(browser, text, tmp_path) == 1


def test_a_comparison_says_what_it_leaves_out_and_gives_no_chance(comparison: Path) -> None:
    said = read(note_of(comparison))
    assert "Costs of the change, what clients pay, inflation" in said
    assert "No chance of meeting the target is given" in said
    assert "How much of it managing demand can reach was not recorded" in said
    assert "a comparison of models is no forecast" in said
    assert "of what could move the number of packages rests on assumption" in said
    assert "no assurer has signed" in said


def test_an_assurer_who_has_signed_is_not_asked_for(comparison: Path, changed: Note) -> None:
    signed = noted("config", sign_off={"assurer": {"name": "C. Person", "date": "2026-03-02"}})
    assert "no assurer has signed" not in read(changed(comparison, signed))


def test_a_base_case_claims_no_savings(service: Path, changed: Note) -> None:
    said = read(note_of(service))
    assert "No savings are asked of this run, and none are delivered" in said
    assert "What is delivered" not in said and "these ranges hold chance only" in said
    weak = edit("checks", lambda frame: frame.assign(use="validation", note="a weak test"))
    assert "of these are weak tests" in read(changed(service, weak))


@pytest.mark.slow
def test_a_transition_claims_no_check_that_was_not_made(transition: Path) -> None:
    checks = Results(transition).manifest["checks"]
    assert checks["people_without_an_outcome_at_the_end"] is None and checks["largest_z_of_simulated_shares"] is None
    assert "Nobody may be lost" not in "".join(page.text for page in pages_of(Results(transition)))


@pytest.mark.slow
def test_a_transition_says_what_is_cash_and_what_nobody_published(transition: Path, changed: Note) -> None:
    said = read(note_of(transition))
    for wanted in (
        "Cashable: below today's budget",
        "Capacity freed, still paid for: not cash",
        "within reach of managing demand; that share is an input",
        "Costs that are not published: set up, VAT, pensions",
        "No net saving and no ranking is given.",
        "Ask for the costs that are not published",
    ):
        assert wanted in said, wanted
    refused = noted("transition", probabilities_refused=["models/x.y"])
    assert "No chance of meeting the target is given: money rests on an assumption without a range." in read(
        changed(transition, refused)
    )


def test_a_calibration_alone_has_no_note(tmp_path: Path) -> None:
    folder = made(tmp_path, "calibration_only", CALIBRATION_ONLY)
    assert not (folder / FILE).exists()
    assert FILE not in (folder / "report.html").read_text(encoding="utf-8")
    assert (folder / "annex.html").is_file()


def test_long_conditions_are_cut_at_a_word() -> None:
    short = cut(LONG, CONDITION)
    assert len(short) <= CONDITION < CONDITIONS and short.endswith("…") and LONG.startswith(short[:-1])
    assert cut("Short.", CONDITION) == "Short."
