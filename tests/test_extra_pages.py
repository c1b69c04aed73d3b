"""Pages beside the main ones: linked, handed out, and left out when they fail; so it is with a part that fails."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from built import KINDS, once

from experiments.pack.build import build_pack
from experiments.report import build_report, extras, pages_of
from experiments.report.pages import Draft, Extra, Page
from experiments.report.results import Results


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return once(tmp_path_factory, "comparison", KINDS["comparison"])


@pytest.fixture
def copied(results: Path, tmp_path: Path) -> Path:
    """A copy of the results without the pages that the run made."""
    return Path(shutil.copytree(results, tmp_path / "copied", ignore=shutil.ignore_patterns("*.html")))


def again(results: Results, pages: Sequence[Page]) -> Draft:
    """The first part of the main page on a page of its own."""
    return Draft(pages[0].parts[:1])


def nothing(results: Results, pages: Sequence[Page]) -> Draft | None:
    return None


def fails(results: Results, pages: Sequence[Page]) -> Draft:
    results.rows("absent")
    raise KeyError("low")


def cannot_be_written(results: Results, pages: Sequence[Page]) -> Draft:
    return Draft(pages[0].parts[:1], template="no_such.html")


def test_extra_pages_are_linked_handed_out_and_kept_out_of_the_document(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "EXTRAS", (Extra("one.html", "The answer alone", again), Extra("no.html", "", nothing)))
    assert [(page.file, page.extra) for page in pages_of(Results(copied))] == [
        ("report.html", False),
        ("one.html", True),
    ]
    _, missing = build_pack(copied, pictures=False)
    assert missing == []
    main, extra = ((copied / name).read_text(encoding="utf-8") for name in ("report.html", "one.html"))
    assert '<a href="one.html">The answer alone</a>' in main and '<a href="report.html">' in extra
    assert "no.html" not in main + extra and not (copied / "no.html").exists()
    assert {"report.html", "one.html"} <= set(zipfile.ZipFile(copied / "pack.zip").namelist())


def test_an_extra_page_that_fails_costs_itself_only(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = (Extra("a.html", "A", fails), Extra("b.html", "B", cannot_be_written), Extra("c.html", "C", again))
    monkeypatch.setattr(extras, "EXTRAS", bad)
    first, second = build_report(copied)
    assert first.startswith("a.html could not be built: there is no table absent") and "KeyError" in first
    assert second.startswith("b.html could not be built: ")
    assert {path.name for path in copied.glob("*.html")} == {"report.html", "c.html"}
    for name in ("report.html", "c.html"):
        text = (copied / name).read_text(encoding="utf-8")
        assert "a.html" not in text and "b.html" not in text


def test_a_page_without_charts_goes_without_what_draws_them(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def plain(results: Results, pages: Sequence[Page]) -> Draft:
        return Draft([replace(pages[0].parts[-1], charts={})])

    monkeypatch.setattr(extras, "EXTRAS", (Extra("plain.html", "Plain", plain),))
    build_report(copied)
    assert (copied / "plain.html").stat().st_size < 300_000 < (copied / "report.html").stat().st_size


def test_a_part_that_cannot_be_made_is_named_on_the_page_and_the_rest_is_there(copied: Path) -> None:
    (copied / "tables" / "sources.parquet").write_text("no table")
    said = build_report(copied)
    assert said and all("could not be built" in sentence and "sources.parquet" in sentence for sentence in said)
    text = (copied / "report.html").read_text(encoding="utf-8")
    assert "What is missing from this report" in text and '<section id="money"' in text
    assert text.count("<h1") == 1
