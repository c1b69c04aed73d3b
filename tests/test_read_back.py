"""Numbers read back from page, document, workbook and charts are those of the tables, for every kind of result."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from built import EVERY_KIND, handed_out
from docx import Document
from lxml import html

from experiments.pack.blocks import Grid, blocks_of
from experiments.pack.pictures import chart_data, drawings
from experiments.report import Page, pages_of
from experiments.report.results import Results

SCALES = (1.0, 100.0, 1e-3, 1e-6)
"""A chart may say a figure of a table in per cent, thousands or millions."""

WORKED_OUT = {
    "checks_": "per cent above or below the published figure",
    "hundred_": "people of 100, one mark each",
    "timeline": "months along a line",
    "mobilisation": "months along a line",
    "first_in_the_draws": "shares of draws, counted",
    "indicators_others": "per cent of the target",
    "packages_by_month": "sums over kinds of care",
}
"""Charts that show what the page works out or arranges; tests of their own hold them against the tables."""

PARTLY = {
    "waterfall": (0.8, "its bars begin where the axis does"),
    "like_for_like": (0.8, "the printed rates and the break-even stand on it"),
}
"""Charts of which a share of the points stands in the tables, and what the others are."""

STANDARDS = [14.0, 28.0, 50.0, 90.0]
"""Days of the two standards of waiting, and the places of a median and of a ninetieth percentile."""


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory, kind: str) -> Path:
    return handed_out(tmp_path_factory, kind)


@cache
def pages(folder: Path) -> list[Page]:
    return [page for page in pages_of(Results(folder)) if not page.extra]


def words(text: str) -> str:
    return " ".join(text.split())


def numbers_of(folder: Path, tables: list[str]) -> np.ndarray:
    """Every size that stands in some tables, sorted."""
    found = [np.zeros(1)]
    for name in tables:
        path = folder / "tables" / f"{name}.parquet"
        if path.is_file():
            frame = pd.read_parquet(path)
            found += [frame[column].to_numpy(float) for column in frame.select_dtypes("number")]
    every = np.concatenate([*found, STANDARDS])
    return np.unique(np.abs(every[np.isfinite(every)]))


def is_there(value: float, known: np.ndarray) -> bool:
    """Whether a size is one of those known, as it is or scaled."""
    for scale in SCALES:
        wanted = abs(value) / scale
        near = known[max(0, np.searchsorted(known, wanted) - 1) :][:2]
        if len(near) and np.min(np.abs(near - wanted)) <= 1e-9 * max(wanted, 1e-9):
            return True
    return False


def written(cell: object) -> str:
    """A cell that is no number; what is missing is empty."""
    return "" if cell is None or cell != cell else str(cell)


@EVERY_KIND
def test_what_a_chart_shows_stands_in_the_tables_of_its_part(folder: Path) -> None:
    looked, found = 0, []
    for page in pages(folder):
        for part in page.parts:
            known = numbers_of(folder, list(part.data))
            for drawing in drawings([part]):
                if drawing.name.startswith(tuple(WORKED_OUT)):
                    continue
                data = chart_data(drawing.chart.figure)
                kept = pd.read_csv(folder / "charts" / f"{drawing.name}.csv")
                assert len(kept) == len(data)
                best = []
                for axis in ("x", "y"):
                    shown = pd.to_numeric(data.loc[data["series"] != "label", axis], errors="coerce").dropna()
                    same = pd.to_numeric(kept.loc[kept["series"] != "label", axis], errors="coerce").dropna()
                    assert np.allclose(shown, same, rtol=1e-12)
                    if len(shown):
                        best.append(float(np.mean([is_there(value, known) for value in shown])))
                if best and max(best) < PARTLY.get(drawing.name, (1.0, ""))[0]:
                    found.append(f"{drawing.name}: {1 - max(best):.0%} of its points stand in no table of {part.id}")
                looked += 1
    assert looked >= 1
    assert "\n".join(found) == ""


@EVERY_KIND
def test_every_number_of_the_page_stands_in_the_document(folder: Path) -> None:
    document = Document(str(folder / "report.docx"))
    text = " ".join(words(paragraph.text) for paragraph in document.paragraphs)
    tables = [[tuple(words(cell.text) for cell in row.cells) for row in table.rows] for table in document.tables]
    text += " ".join(cell for table in tables for row in table for cell in row)
    marked, grids = set(), []
    for page in pages(folder):
        read = (folder / page.file).read_text(encoding="utf-8")
        main = html.fromstring(read).find(".//main")
        assert main is not None
        marked |= {words(element.text_content()) for element in main.iter("data")}
        grids += [list(block.rows) for block in blocks_of(read) if isinstance(block, Grid)]
    assert len(marked) > 20
    assert [number for number in marked if number not in text] == []
    assert len(grids) > 2
    assert [grid for grid in grids if grid not in tables] == []


@EVERY_KIND
def test_the_workbook_holds_every_table_as_numbers(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "results.xlsx", read_only=True)
    tables = {path.stem: pd.read_parquet(path) for path in (folder / "tables").glob("*.parquet")}
    assert set(book.sheetnames) == {"Contents", "Notes", *tables}
    for name, table in tables.items():
        heads, *rows = book[name].iter_rows(values_only=True)
        assert list(heads) == list(table.columns) and len(rows) == len(table)
        back = pd.DataFrame(rows, columns=list(heads))
        for column in table:
            given = table[column]
            if given.dtype.kind in "iuf":
                assert np.allclose(back[column].astype(float), given.astype(float), rtol=1e-14, atol=0, equal_nan=True)
            else:
                assert [written(cell) for cell in back[column]] == [written(cell) for cell in given]
