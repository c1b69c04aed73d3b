"""A report taken apart, its numbers held against the tables they come from, and results changed before it is made."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from experiments.report import build_report
from experiments.report.results import table_path

MOST_WORDS = 14
"""Of a headline."""

PARTS_OF_A_HUNDRED = ("%", "in 100", "points")

Change = Callable[[Path], None]
"""Changes a results folder."""


@dataclass
class Page(HTMLParser):
    """A page taken apart: its words, its numbers with where they come from, its sections and its charts."""

    text: list[str] = field(default_factory=list)
    numbers: list[tuple[str, str, str]] = field(default_factory=list)
    headlines: list[str] = field(default_factory=list)
    sections: list[str] = field(default_factory=list)
    charts: list[dict[str, str]] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str, str]] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._quiet = 0
        self._open: tuple[str, str] | None = None
        self._in_headline = False

    @classmethod
    def of(cls, folder: Path) -> Page:
        page = cls()
        page.feed((folder / "report.html").read_text(encoding="utf-8"))
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        self.attributes += [(tag, key, value) for key, value in given.items()]
        if tag in ("script", "style"):
            self._quiet += 1
        if tag == "data":
            self._open = (given["value"], given["data-from"])
        if tag == "section" and "id" in given:
            self.sections.append(given["id"])
        if tag == "p" and "headline" in given.get("class", ""):
            self._in_headline = True
            self.headlines.append("")
        if given.get("class") == "chart":
            self.charts.append({**given, "section": self.sections[-1]})
        if tag == "table":
            self.tables.append(self.sections[-1])
        if tag == "a":
            self.links.append(given["href"])
        self.labels += [given[key] for key in ("aria-label", "alt", "title") if key in given]

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._quiet -= 1
        if tag == "p":
            self._in_headline = False

    def handle_data(self, data: str) -> None:
        if self._quiet:
            return
        self.text.append(data)
        if self._in_headline:
            self.headlines[-1] += data
        if self._open is not None:
            self.numbers.append((*self._open, data))
            self._open = None

    @property
    def read(self) -> str:
        """Everything a reader reads or hears, on one line."""
        return " ".join(" ".join([*self.text, *self.labels]).split())


def in_table(folder: Path, source: str) -> float | None:
    """The value a number says it was read from, read again from the CSV or the manifest; None if it was computed."""
    file, _, place = source.partition(": ")
    if file == "computed" or file.startswith("computed"):
        return None
    if file == "manifest.json":
        value = json.loads((folder / file).read_text(encoding="utf-8"))
        for step in place.split("."):
            value = value[step]
        return float(value)
    frame = pd.read_csv(folder / table_path(file), keep_default_na=False, dtype=str)
    column, *keys = place.split("; ")
    for key in keys:
        name, _, wanted = key.partition("=")
        same = frame[name].map(lambda text, wanted=wanted: text == wanted or _equal(text, wanted))
        frame = frame[same]
    if column == "sum of contacts":
        return float(frame["contacts"].astype(float).sum())
    if column.startswith("count of"):
        return float(len(frame) if column.endswith("rows") else (frame["rests_on_assumption"] == "True").sum())
    assert len(frame) == 1, source
    text = frame[column].iloc[0]
    return float(text) if text else None


def _equal(text: str, wanted: str) -> bool:
    try:
        return float(text) == float(wanted)
    except ValueError:
        return False


def said(text: str) -> float | None:
    """The number a reader reads: '£4.3m' is 4,300,000."""
    found = re.search(r"([−+]?)£?([\d,]+\.?\d*)(m\b|%| in 100| points)?", text)
    if found is None:
        return None
    size = float(found[2].replace(",", "")) * {"m": 1e6, "%": 0.01, " in 100": 0.01, " points": 0.01}.get(
        found[3] or "", 1.0
    )
    return -size if found[1] == "−" else size


def section(page_text: str, name: str) -> str:
    """One section as it is read."""
    found = re.search(rf'<section id="{name}".*?</section>', page_text, flags=re.DOTALL)
    assert found is not None
    text = re.sub(r"<script.*?</script>", "", found[0], flags=re.DOTALL)
    text = re.sub(r"</?(data|strong|a)\b[^>]*>", "", text)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def same_as_in_tables(folder: Path, page: Page) -> int:
    """Every number is the one in its table; how many were compared."""
    checked = 0
    for value, place, _ in page.numbers:
        wanted = in_table(folder, place)
        if wanted is not None and value != "nan":
            assert float(value) == pytest.approx(wanted, rel=1e-8), place
            checked += 1
    return checked


def said_as_they_are(page: Page, to_whole_pounds: float = 0.0) -> int:
    """Every number is said as it is, but for rounding; how many were compared.

    ``to_whole_pounds``: how far off one in pounds may be said that is neither whole nor said with a decimal point.
    """
    checked = 0
    for value, place, text in page.numbers:
        read = said(text)
        if read is None or value == "nan":
            continue
        size = abs(float(value))
        # Two significant figures at least, or half of the last place shown.
        places = len(text.partition(".")[2].rstrip("m%"))
        unit = 1e6 if text.endswith("m") else 0.01 if any(word in text for word in PARTS_OF_A_HUNDRED) else 1.0
        room = to_whole_pounds if "£" in text and float(value) % 1 and "." not in text else 0.0
        assert abs(abs(read) - size) <= max(0.051 * size, 0.51 * unit * 10.0**-places, room), (text, value, place)
        checked += 1
    return checked


def of_a_copy(results: Path, copy: Path, *changes: Change) -> Page:
    """The page of a copy of the results that was changed."""
    shutil.copytree(results, copy)
    for change in changes:
        change(copy)
    build_report(copy)
    return Page.of(copy)


def edit(name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Change:
    """Changes a table."""

    def go(folder: Path) -> None:
        path = folder / "tables" / f"{name}.parquet"
        frame = change(pd.read_parquet(path))
        frame.to_parquet(path)
        frame.to_csv(path.with_suffix(".csv"), index=False)

    return go


def noted(*place: str, **values: Any) -> Change:
    """Changes values at a place of the manifest."""

    def go(folder: Path) -> None:
        path = folder / "manifest.json"
        manifest = json.loads(path.read_text(encoding="utf-8"))
        inside = manifest
        for step in place:
            inside = inside[step]
        inside.update(values)
        path.write_text(json.dumps(manifest), encoding="utf-8")

    return go
