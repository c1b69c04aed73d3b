"""Everything that is handed out says what the page and the tables say."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import plotly.graph_objects as go
import pytest
from docx import Document
from docx.enum.section import WD_ORIENT
from PIL import Image
from small_experiment import SMALL, made

from experiments.cli import main
from experiments.pack import pictures
from experiments.pack.blocks import Grid, Heading, Paragraph, Picture, blocks_of
from experiments.pack.build import build_pack
from experiments.pack.document import shared, write_document
from experiments.pack.pictures import Drawing, chart_data
from experiments.pack.workbook import Meaning, meanings, write_workbook
from experiments.report.pieces import Chart
from simulation.errors import DemandflowError


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("pack"), "small", SMALL)


@pytest.fixture
def copied(results: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(results, tmp_path / "copied"))


@pytest.fixture(scope="module")
def built(results: Path) -> Path:
    """Without pictures, which take a browser."""
    _, missing = build_pack(results, pictures=False)
    assert missing == []
    return results


def words(text: str) -> str:
    return " ".join(text.split())


def test_the_document_says_what_the_page_says_in_its_order(built: Path) -> None:
    page, annex = ((built / name).read_text(encoding="utf-8") for name in ("report.html", "annex.html"))
    apart = Heading("The technical annex, with its sign-off", 1)
    blocks, document = [*blocks_of(page), apart, *blocks_of(annex)], Document(str(built / "report.docx"))
    said = [words(p.text) for p in document.paragraphs if p.text.strip()]
    expected = []
    for block in blocks:
        if isinstance(block, Heading | Paragraph):
            expected.append(block.text)
        elif isinstance(block, Picture):
            expected.append(f"Picture, in words: {words(block.alt)}")
        elif block.caption:
            expected.append(block.caption)
    assert said == expected
    grids = [block for block in blocks if isinstance(block, Grid)]
    assert len(grids) == len(document.tables) > 3
    for grid, table in zip(grids, document.tables, strict=True):
        assert [tuple(cell.text for cell in row.cells) for row in table.rows] == list(grid.rows)


def test_no_number_of_a_sentence_is_lost_on_the_way(built: Path) -> None:
    """Every number that the page marks with its place in the tables stands in the document."""
    page = (built / "report.html").read_text(encoding="utf-8")
    from lxml import html

    main_part = html.fromstring(page).find(".//main")
    marked = {words(e.text_content()) for e in main_part.iter("data")}
    document = Document(str(built / "report.docx"))
    text = " ".join(words(p.text) for p in document.paragraphs)
    text += " ".join(cell.text for table in document.tables for row in table.rows for cell in row.cells)
    assert len(marked) > 30
    assert [number for number in marked if number not in text] == []


def test_the_workbook_holds_every_table_as_numbers(built: Path) -> None:
    book = openpyxl.load_workbook(built / "results.xlsx")
    tables = {path.stem: pd.read_parquet(path) for path in (built / "tables").glob("*.parquet")}
    assert set(book.sheetnames) == {"Contents", "Notes", *tables}
    for name, table in tables.items():
        sheet = book[name]
        assert not sheet.merged_cells.ranges
        rows = list(sheet.iter_rows(values_only=True))
        assert rows[0] == tuple(table.columns) and len(rows) == len(table) + 1
        for column, place in zip(table.columns, range(len(table.columns)), strict=True):
            for found, given in zip([row[place] for row in rows[1:]], table[column], strict=True):
                if isinstance(given, str):
                    assert (found or "") == given
                elif pd.isna(given):
                    assert found is None
                else:
                    assert found == pytest.approx(given, rel=1e-14, abs=0), (name, column)  # a sheet's own precision


def test_columns_have_room_for_their_words_and_long_text_for_the_rest() -> None:
    assert shared([10, 10], [10, 20], 100) == [10, 20]  # no wider than one line
    assert shared([10, 10, 10], [10, 20, 90], 60) == [10, 13, 36]
    assert sum(shared([40, 80], [40, 80], 60)) == 60


def test_a_table_too_wide_for_the_page_stands_on_its_side(tmp_path: Path) -> None:
    narrow = Grid("few", (("Year", "People"), ("2017/18", "1,982")), (False, True))
    heads = (
        "Authorities",
        "Descriptions",
        "Percentages",
        "Differences",
        "Probabilities",
        "Assessments",
        "Practitioners",
    )
    wide = Grid("many", (heads, tuple(map(str, range(7)))), (True,) * 7)
    write_document(tmp_path / "a.docx", "a", "b", [("A", [narrow, wide, wide, narrow])], {})
    document = Document(str(tmp_path / "a.docx"))
    assert [one.orientation for one in document.sections] == [
        WD_ORIENT.PORTRAIT,
        WD_ORIENT.LANDSCAPE,
        WD_ORIENT.PORTRAIT,
    ]
    upright, side, again = document.sections
    for table, section in zip(document.tables, (upright, side, side, again), strict=True):
        across = section.page_width - section.left_margin - section.right_margin
        assert 0 < sum(column.width for column in table.columns) <= across
        for row in table.rows:
            assert [cell.width for cell in row.cells] == [column.width for column in table.columns]


def test_notes_are_what_the_documentation_says() -> None:
    known = meanings()
    assert known["flows"].columns["n_expected"].startswith("exact expectation from the compiled graph")
    assert "Packages running at each month's end" in known["census"].said[0]
    assert any("what runs at a year's end" in line for line in known["delivery"].said)
    assert "`" not in str(list(known.values())) and isinstance(known["transfers"], Meaning)


def test_a_text_that_looks_like_a_formula_stays_text_and_long_names_stay_apart(tmp_path: Path) -> None:
    one, two = "a" * 40, "a" * 41
    table = pd.DataFrame({"x": ["=1+1", "plain"], "y": [1.5, float("nan")]})
    write_workbook(tmp_path / "b.xlsx", "Title", {}, {one: table, two: table})
    book = openpyxl.load_workbook(tmp_path / "b.xlsx")
    assert len(book.sheetnames) == 4 and all(len(name) <= 31 for name in book.sheetnames)
    sheet = book[book.sheetnames[1]]
    assert sheet["A2"].value == "=1+1" and sheet["A2"].data_type == "s" and sheet["B3"].value is None


def test_each_chart_has_data_and_words(built: Path) -> None:
    page = blocks_of((built / "report.html").read_text(encoding="utf-8"))
    shown = {block.name: block.alt for block in page if isinstance(block, Picture)}
    files = {path.name for path in (built / "charts").iterdir()}
    assert files == {f"{name}.{kind}" for name in shown for kind in ("csv", "txt")}
    for name, alt in shown.items():
        text = (built / "charts" / f"{name}.txt").read_text(encoding="utf-8")
        assert words(alt) in words(text) and len(text.splitlines()[0].split()) <= 14
        assert len(pd.read_csv(built / "charts" / f"{name}.csv")) > 0


def test_the_data_of_a_chart_names_its_places_and_ranges() -> None:
    figure = go.Figure(
        [go.Scatter(x=[0, 1], y=[5.0, 7.0], name="saved"), go.Scatter(x=[1, 1], y=[6.0, 8.0], mode="lines")],
        {
            "xaxis": {"tickvals": [0, 1], "ticktext": ["2017/18", "2018/19"]},
            "yaxis": {"tickvals": [5], "ticktext": ["£5"]},
        },
    )  # fmt: skip
    found = chart_data(figure)
    assert found["series"].tolist() == ["saved", "saved", "range", "range"]
    assert found["at"].tolist() == ["2017/18", "2018/19", "2018/19", "2018/19"]
    assert found["y"].tolist() == [5.0, 7.0, 6.0, 8.0]


def test_a_picture_on_its_own_has_title_and_key_above_the_chart() -> None:
    figure = go.Figure(go.Scatter(x=[0], y=[0]), {"height": 200, "margin": {"t": 10, "l": 30, "r": 5, "b": 5}})
    chart = Chart("one", figure, "Alt.", key=[("#FFFFFF", "□", "asked"), ("#12436D", "●", "saved")])
    alone = Drawing(chart, "What it shows & more").figure()
    texts = [note.text for note in alone.layout.annotations]
    assert texts[0] == "<b>What it shows &amp; more</b>" and "asked" in texts[1] and "#0B0C0C" in texts[1]
    more = alone.layout.height - 200
    assert alone.layout.margin.t == 10 + more
    assert all(0 < 10 + more - note.yshift < more for note in alone.layout.annotations)
    assert figure.layout.margin.t == 10, "the page's own chart is left as it is"


def test_the_archive_holds_all_of_it_and_is_the_same_again(built: Path) -> None:
    names = set(zipfile.ZipFile(built / "pack.zip").namelist())
    assert {"report.html", "report.docx", "results.xlsx", "manifest.json"} <= names
    assert {f"tables/{path.name}" for path in (built / "tables").iterdir()} <= names
    assert {f"charts/{path.name}" for path in (built / "charts").iterdir()} <= names
    assert not any("replications" in name or ".part" in name for name in names)


@pytest.mark.slow
@pytest.mark.browser
def test_pictures_are_drawn_for_print(copied: Path) -> None:
    said, missing = build_pack(copied)
    assert missing == [] and "slowest step" in said[-1]
    drawn = sorted((copied / "charts").glob("*.png"))
    assert (
        len(drawn) == len(list((copied / "charts").glob("*.svg"))) == len(list((copied / "charts").glob("*.txt"))) > 5
    )
    for path in drawn:
        with Image.open(path) as picture:
            assert picture.width >= pictures.NARROWEST * pictures.SCALE
        title = path.with_suffix(".txt").read_text(encoding="utf-8").split()[0]
        assert title in path.with_suffix(".svg").read_text(encoding="utf-8")
    document = Document(str(copied / "report.docx"))
    shapes = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    assert len(shapes) == len(drawn) and all(len(alt) > 20 for alt in shapes)


def test_without_a_browser_everything_else_is_built(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures.shutil, "which", lambda name: None)
    _, missing = build_pack(copied)
    assert missing == [pictures.NO_BROWSER]
    assert (copied / "report.docx").is_file() and not list((copied / "charts").glob("*.png"))


def test_a_broken_table_costs_its_own_sheet_only(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (copied / "tables" / "census.parquet").write_bytes(b"no table")
    assert main(["report", str(copied), "--no-pictures"]) == 2
    err = capsys.readouterr().err
    assert "results.xlsx lacks the table census" in err and "Traceback" not in err
    assert "census" not in openpyxl.load_workbook(copied / "results.xlsx").sheetnames
    assert (copied / "pack.zip").is_file()


def test_results_that_are_not_finished_or_no_results_are_refused(copied: Path, tmp_path: Path) -> None:
    manifest = json.loads((copied / "manifest.json").read_text(encoding="utf-8"))
    (copied / "manifest.json").write_text(json.dumps(manifest | {"status": "interrupted"}), encoding="utf-8")
    with pytest.raises(DemandflowError, match="interrupted, not finished"):
        build_pack(copied)
    with pytest.raises(DemandflowError, match="there is no such folder"):
        build_pack(tmp_path / "nothing")
