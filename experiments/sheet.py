"""Tables of what happened, as people keep them: CSV read row by row, every fault told with its line."""

from __future__ import annotations

import csv
import math
import re
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TypeVar

from simulation.errors import ConfigError, Problem, nearest, problem, short, shown

MOST_BYTES = 10_000_000
"""A file larger than this is no table of figures a year or a quarter."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


T = TypeVar("T")


@dataclass(frozen=True)
class Sheet:
    """A table read from a file: its columns, and line and cells of each row below the heading."""

    path: Path
    columns: tuple[str, ...]
    rows: tuple[tuple[int, list[str]], ...]


def read_sheet(path: Path, needed: Sequence[str], optional: Sequence[str], example: str) -> Sheet:
    """The table in a file.

    Args:
        needed, optional: names of columns, which may stand in any order. example: a row, to show how one is written.

    Raises:
        ConfigError: no such file, no CSV, a heading that does not do, no rows.
    """
    smaller, begin = f"Keep one row a {needed[0]} and measure.", f"Begin with a heading: {','.join(needed)}."
    lines = list(lines_of(path, text_of(path, MOST_BYTES, smaller, begin)))
    (first, heads), body = lines[0], lines[1:]
    columns = tuple(head.strip() for head in heads)
    found = _heading_problems(path, first, columns, needed, optional)
    if found:
        raise ConfigError(found)
    if not body:
        what = "holds a heading and no figures."
        raise problem(path, 0, what, f"Add a row for each figure, such as {example}.")
    return Sheet(path, columns, tuple(body))


def text_of(path: Path, most_bytes: int, smaller: str, begin: str) -> str:
    """The text of a CSV file.

    Args:
        smaller: what to do where it is larger than ``most_bytes``. begin: what to do where it is empty.

    Raises:
        ConfigError: no such file, not a file, too large, not UTF-8, empty.
    """
    try:
        about = path.stat()
        if stat.S_ISDIR(about.st_mode):
            raise problem(path, 0, "is a folder, not a file.", "Name a CSV file.")
        if not stat.S_ISREG(about.st_mode):
            raise problem(path, 0, "is a device or a pipe, not a file.", "Name a CSV file.")
        if about.st_size > most_bytes:
            raise problem(path, 0, f"is larger than {most_bytes // 1_000_000} MB.", smaller)
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise problem(path, 0, "there is no such file.", "Check the name and the folder.") from None
    except UnicodeDecodeError:
        raise problem(path, 0, "is not UTF-8 text.", "Save it as “CSV UTF-8”.") from None
    except (OSError, ValueError) as error:
        reason = (error.strerror or str(error)).lower() if isinstance(error, OSError) else str(error)
        raise problem(path, 0, f"cannot be read: {reason}.", "Check the path and its permissions.") from None
    if not text.strip():
        raise problem(path, 0, "is empty.", begin)
    return text


def lines_of(path: Path, text: str, separator: str = ",") -> Iterator[tuple[int, list[str]]]:
    """Line and cells of each row that is not blank. A cell in quotes may run over several lines."""
    reader = csv.reader(StringIO(text, newline=""), strict=True, delimiter=separator)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise problem(path, line, f"this is not CSV: {error}.", "Mend the quotation marks of this row.") from None


def _heading_problems(
    path: Path, line: int, columns: Sequence[str], needed: Sequence[str], optional: Sequence[str]
) -> list[Problem]:
    file = shown(path)
    missing = [name for name in needed if name not in columns]
    if missing and len(columns) == 1 and re.search(r"[;\t]", columns[0]):
        what = "the columns are not separated by commas."
        return [Problem(file, line, what, "Save the file as CSV with commas.")]
    found = []
    if missing:
        what = f"the heading has no column {' and no column '.join(f'“{name}”' for name in missing)}."
        found.append(Problem(file, line, what, f"Needed: {', '.join(needed)}; possible: {', '.join(optional)}."))
    for index, name in enumerate(columns):
        if name in columns[:index] and name:
            found.append(Problem(file, line, f"two columns are called “{short(name)}”.", "Leave one of them out."))
        elif name not in (*needed, *optional) and name:
            what = f"there is no column “{short(name)}”."
            found.append(Problem(file, line, what, nearest(name, (*needed, *optional), "Known columns")))
    return found


class RowReader:
    """Reads the cells of one row after another, and keeps what is wrong with them in ``found``."""

    def __init__(self, sheet: Sheet):
        self.file = shown(sheet.path)
        self.columns, self.rows = sheet.columns, sheet.rows
        self.found: list[Problem] = []
        self.line = 0

    def every(self, read: Callable[[int, list[str]], T | None]) -> list[T]:
        """All rows as ``read`` makes them.

        Raises:
            ConfigError: with all that it kept in ``found``.
        """
        rows = [row for line, cells in self.rows if (row := read(line, cells)) is not None]
        if self.found:
            raise ConfigError(self.found)
        return rows

    def bad(self, what: str, mend: str) -> None:
        """Keep a fault of this row."""
        self.found.append(Problem(self.file, self.line, what, mend))

    def cells(self, line: int, cells: list[str]) -> dict[str, str] | None:
        """Begin a row: its cells by column, or None where there are more of them than columns."""
        self.line = line
        if len(cells) > len(self.columns) and any(cell.strip() for cell in cells[len(self.columns) :]):
            what = f"this row has {len(cells)} cells and the heading {len(self.columns)}."
            self.bad(what, "Write numbers without commas, and put a text with a comma in quotation marks.")
            return None
        return {name: cell.strip() for name, cell in zip(self.columns, cells, strict=False)}

    def number(self, name: str, text: str, least: float = 0.0) -> float:
        """A number of at least ``least``, or NaN and a fault."""
        if not text:
            self.bad(f"{name} is empty.", "Give a number, or leave the row out.")
        elif not _NUMBER.fullmatch(text):
            self.bad(f"{name}: '{short(text)}' is not a number.", "Write digits alone, such as 10026 or 0.5.")
        elif not math.isfinite(float(text)):
            self.bad(f"{name}: {short(text)} is too large.", "Mend the number.")
        elif float(text) < least:
            self.bad(f"{name} is {short(text)}, below {least:g}.", "Counts, packages and costs are 0 or more.")
        else:
            return float(text) + 0.0  # so that -0 is 0
        return math.nan

    def span(self, given: Mapping[str, str], name: str, value: float, least: float = 0.0) -> tuple[float, float]:
        """The ends ``low`` and ``high`` around a value, or the value itself twice where none are given."""
        ends = [given.get("low", ""), given.get("high", "")]
        if not any(ends):
            return value, value
        if not all(ends):
            there, missing = ("low", "high") if ends[0] else ("high", "low")
            self.bad(f"{there} is given and {missing} is not.", "Give both or neither.")
            return value, value
        low, high = self.number("low", ends[0], least), self.number("high", ends[1], least)
        if low > high:
            self.bad(f"low ({ends[0]}) is above high ({ends[1]}).", "Exchange them.")
        elif value < low or value > high:
            what = f"{name} ({value:g}) does not lie from low ({ends[0]}) to high ({ends[1]})."
            self.bad(what, "Mend one of them.")
        return low, high
