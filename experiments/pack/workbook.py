"""``results.xlsx``: a sheet for each table, with what its columns mean, and numbers as numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from experiments import theme
from experiments.report.results import table_path
from simulation.reading import SHIPPED

MEANINGS = SHIPPED.parent / "docs" / "outputs.md"
MOST_ROWS = 1_048_000
"""A sheet holds no more."""

LONGEST_NAME = 31
FIRST = "Contents"


@dataclass
class Meaning:
    """What docs/outputs.md, where tables are documented once, says of a table: in words, and by column."""

    said: list[str] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)


@cache
def meanings() -> dict[str, Meaning]:
    """What is documented of each table.

    A table has a section under its own name, a row of a table of tables, or an item of a list.
    """
    found: dict[str, Meaning] = {}
    section: list[str] = []
    item = ""
    for line in MEANINGS.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            section, item = re.findall(r"`([a-z_0-9]+)`", line), ""
            continue
        row = re.match(r"\|\s*(`.+?)\s*\|\s*(.+?)\s*\|$", line)
        listed = re.match(r"- `([a-z_0-9]+)`: (.+)", line)
        names = re.findall(r"`([^`]+)`", row[1]) if row else []
        if row and section:
            for table in section:
                found.setdefault(table, Meaning()).columns.update(dict.fromkeys(names, _plain(row[2])))
        elif row:
            for table in names:
                found.setdefault(table, Meaning()).said.append(_plain(row[2].replace(" | ", ". Columns: ")))
        elif listed:
            item = listed[1]
            found.setdefault(item, Meaning()).said.append(_plain(listed[2]))
        elif item and line.startswith("  "):
            found[item].said.append(_plain(line.strip()))
        elif line and not line.startswith("|"):
            item = ""
            for table in section:
                found.setdefault(table, Meaning()).said.append(_plain(line))
    return found


def _plain(text: str) -> str:
    return re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", text).replace("**", "").replace("`", "")


def write_workbook(path: Path, title: str, about: Mapping[str, str], tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Write the workbook.

    Args:
        about: what the first sheet says of the run, by name. tables: by name, in the order of the sheets.

    Returns:
        Names of tables that are too long for a sheet: they hold what fits, and the first sheet says so.
    """
    book = Workbook()
    contents = book.active
    assert contents is not None
    contents.title = FIRST
    contents.append([title])
    contents["A1"].font = Font(bold=True, size=16)
    for name, value in about.items():
        contents.append([name, value])
    contents.append([])
    contents.append(["Sheet", "Table", "Rows", "Note"])
    _head(contents, contents.max_row)
    cut = []
    for name, table in tables.items():
        sheet = book.create_sheet(_sheet_name(name, book.sheetnames))
        fits = table.iloc[:MOST_ROWS]
        _fill(sheet, fits)
        note = ""
        if len(fits) < len(table):
            cut.append(name)
            note = f"The first {len(fits):,} of {len(table):,} rows; all are in {table_path(name)}.csv."
        contents.append([sheet.title, name, len(fits), note])
        link = contents.cell(contents.max_row, 1)
        link.hyperlink, link.font = f"#'{sheet.title}'!A1", Font(underline="single", color=theme.TODAY[1:])
    notes = book.create_sheet("Notes")
    notes.append(["Table", "Column", "What it holds, and its unit"])
    _head(notes, 1)
    for name, table in tables.items():
        known = meanings().get(name.rpartition("/")[2], Meaning())
        notes.append([name, "", " ".join(known.said)])
        for column in table.columns:
            if str(column) in known.columns:
                notes.append([name, str(column), known.columns[str(column)]])
    for row in notes.iter_rows(min_row=2, min_col=3, max_col=3):
        row[0].alignment = Alignment(wrap_text=True, vertical="top")
    for sheet, widths in ((contents, (34, 60, 12, 60)), (notes, (28, 32, 110))):
        for place, width in enumerate(widths, 1):
            sheet.column_dimensions[get_column_letter(place)].width = width
    notes.freeze_panes = "A2"
    book.properties.title, book.properties.creator = title, "Demandflow"
    book.save(path)
    return cut


def _sheet_name(name: str, taken: list[str]) -> str:
    name = name.replace("/", " ")  # an analysis's table: a sheet's name may hold no slash
    short = name[:LONGEST_NAME]
    number = 2
    while short in taken:
        short = f"{name[: LONGEST_NAME - 3]}_{number}"
        number += 1
    return short


def _head(sheet: Any, row: int) -> None:
    for cell in sheet[row]:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")


def _fill(sheet: Any, table: pd.DataFrame) -> None:
    sheet.append([str(column) for column in table.columns])
    _head(sheet, 1)
    for number, row in enumerate(table.itertuples(index=False, name=None), 2):
        values = [_value(cell) for cell in row]
        sheet.append(values)
        for place, value in enumerate(values, 1):
            if isinstance(value, str) and value.startswith("="):  # a text that begins as a formula would
                sheet.cell(number, place).data_type = "s"
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    for place, column in enumerate(table.columns, 1):
        longest = max((len(str(value)) for value in table[column].head(200)), default=0)
        sheet.column_dimensions[get_column_letter(place)].width = min(60, max(len(str(column)), min(longest, 40)) + 3)


def _value(cell: Any) -> Any:
    """A cell: numbers stay numbers, what is missing is empty."""
    if cell is None or cell is pd.NaT or (isinstance(cell, float) and not math.isfinite(cell)):
        return None
    if hasattr(cell, "item"):
        cell = cell.item()
    if isinstance(cell, bool | int | float):
        return cell
    return ILLEGAL_CHARACTERS_RE.sub("", str(cell))[:32_000]
