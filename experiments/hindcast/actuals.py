"""The file of what happened: read row by row, every fault told with its line."""

from __future__ import annotations

import csv
import math
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from simulation.errors import ConfigError, Problem, nearest, problem, short, shown

NEEDED = ("year", "measure", "actual")
OPTIONAL = ("model", "low", "high", "source", "used_to_set_inputs")
COLUMNS = (*NEEDED, *OPTIONAL)

MOST_BYTES = 10_000_000
"""A file larger than this is no table of yearly figures."""

_YEAR = re.compile(r"(\d{4})/(\d{2})", re.ASCII)
_NEARLY_A_YEAR = re.compile(r"(\d{4})(?:\s*[-–/]\s*(?:\d{4}|\d{1,2}))?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True)
class Actual:
    """One figure of one financial year.

    Attributes:
        line: 1-based line of the file. year: the calendar year in which the financial year begins. model: as written,
        '' where none is. low, high: within which the true figure lies, as rounding or definitions leave it; equal to
        ``actual`` where not given. known: it was used to set the inputs, so it is shown and not scored.
    """

    line: int
    year: int
    measure: str
    model: str
    actual: float
    low: float
    high: float
    source: str
    known: bool

    @property
    def year_name(self) -> str:
        """Such as '2015/16'."""
        return name_of(self.year)


def name_of(year: int) -> str:
    """The name of the financial year that begins in April of a year."""
    return f"{year}/{(year + 1) % 100:02d}"


def read_actuals(path: Path) -> list[Actual]:
    """All rows of the file.

    Raises:
        ConfigError: with every fault that the file has by itself, whatever the experiment.
    """
    rows = list(_rows(path, _text(path)))
    (first, heads), body = rows[0], rows[1:]
    columns = [head.strip() for head in heads]
    found = _heading_problems(path, first, columns)
    if found:
        raise ConfigError(found)
    if not body:
        mend = "Add a row for each figure, such as 2015/16,contact,100."
        raise problem(path, 0, "holds a heading and no figures.", mend)
    reader = _Reader(path, columns)
    actuals = [reader.row(line, cells) for line, cells in body]
    if reader.found:
        raise Found(reader.found, [actual for actual in actuals if actual is not None])
    return [actual for actual in actuals if actual is not None]


class Found(ConfigError):
    """Faults in some rows, with the rows that are sound, so that these can be checked against the experiment too."""

    def __init__(self, problems: list[Problem], sound: list[Actual]):
        super().__init__(problems)
        self.sound = sound


def _text(path: Path) -> str:
    try:
        about = path.stat()
        if stat.S_ISDIR(about.st_mode):
            raise problem(path, 0, "is a folder, not a file.", "Name a CSV file.")
        if not stat.S_ISREG(about.st_mode):
            raise problem(path, 0, "is a device or a pipe, not a file.", "Name a CSV file.")
        if about.st_size > MOST_BYTES:
            what = f"is larger than {MOST_BYTES // 1_000_000} MB."
            raise problem(path, 0, what, "Keep one row a year and measure.")
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise problem(path, 0, "there is no such file.", "Check the name and the folder.") from None
    except UnicodeDecodeError:
        raise problem(path, 0, "is not UTF-8 text.", "Save it as “CSV UTF-8”.") from None
    except (OSError, ValueError) as error:
        reason = (error.strerror or str(error)).lower() if isinstance(error, OSError) else str(error)
        raise problem(path, 0, f"cannot be read: {reason}.", "Check the path and its permissions.") from None
    if not text.strip():
        what = "is empty."
        raise problem(path, 0, what, f"Begin with a heading: {','.join(NEEDED)}.")
    return text


def _rows(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """Line and cells of each row that is not blank. A cell in quotes may run over several lines."""
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise problem(path, line, f"this is not CSV: {error}.", "Mend the quotation marks of this row.") from None


def _heading_problems(path: Path, line: int, columns: list[str]) -> list[Problem]:
    file = shown(path)
    missing = [name for name in NEEDED if name not in columns]
    if missing and len(columns) == 1 and re.search(r"[;\t]", columns[0]):
        what = "the columns are not separated by commas."
        return [Problem(file, line, what, "Save the file as CSV with commas.")]
    found = []
    if missing:
        what = f"the heading has no column {' and no column '.join(f'“{name}”' for name in missing)}."
        found.append(Problem(file, line, what, f"Needed: {', '.join(NEEDED)}; possible: {', '.join(OPTIONAL)}."))
    for index, name in enumerate(columns):
        if name in columns[:index] and name:
            found.append(Problem(file, line, f"two columns are called “{short(name)}”.", "Leave one of them out."))
        elif name not in COLUMNS and name:
            what = f"there is no column “{short(name)}”."
            found.append(Problem(file, line, what, nearest(name, COLUMNS, "Known columns")))
    return found


class _Reader:
    """Turns cells into an ``Actual`` and collects what is wrong with them."""

    def __init__(self, path: Path, columns: list[str]):
        self.file = shown(path)
        self.columns = columns
        self.found: list[Problem] = []
        self.line = 0

    def _bad(self, what: str, mend: str) -> None:
        self.found.append(Problem(self.file, self.line, what, mend))

    def row(self, line: int, cells: list[str]) -> Actual | None:
        """The row, or None where something is wrong with it."""
        self.line, before = line, len(self.found)
        if len(cells) > len(self.columns) and any(cell.strip() for cell in cells[len(self.columns) :]):
            what = f"this row has {len(cells)} cells and the heading {len(self.columns)}."
            self._bad(what, "Write numbers without commas, and put a text with a comma in quotation marks.")
            return None
        given = {name: cell.strip() for name, cell in zip(self.columns, cells, strict=False)}
        year = self._year(given.get("year", ""))
        measure = given.get("measure", "")
        if not measure:
            self._bad("measure is empty.", "Name one, such as contact or funded_package.")
        actual = self._number("actual", given.get("actual", ""))
        low, high = self._range(given, actual)
        known = self._known(given.get("used_to_set_inputs", ""))
        if len(self.found) > before:
            return None
        source = " ".join(given.get("source", "").split())
        return Actual(line, year, measure, given.get("model", ""), actual, low, high, source, known)

    def _year(self, text: str) -> int:
        match = _YEAR.fullmatch(text)
        if match and int(match[2]) == (int(match[1]) + 1) % 100:
            return int(match[1])
        nearly = _NEARLY_A_YEAR.fullmatch(text)
        mend = f"Write {name_of(int(nearly[1]))}." if nearly else "Write it as 2015/16."
        self._bad(f"year: '{short(text)}' is not a financial year." if text else "year is empty.", mend)
        return 0

    def _number(self, name: str, text: str) -> float:
        if not text:
            self._bad(f"{name} is empty.", "Give a number, or leave the row out.")
        elif not _NUMBER.fullmatch(text):
            self._bad(f"{name}: '{short(text)}' is not a number.", "Write digits alone, such as 10026 or 0.5.")
        elif not math.isfinite(float(text)):
            self._bad(f"{name}: {short(text)} is too large.", "Mend the number.")
        elif float(text) < 0:
            self._bad(f"{name} is {short(text)}, below 0.", "Counts, packages and costs are 0 or more.")
        else:
            return float(text) + 0.0  # so that -0 is 0
        return math.nan

    def _range(self, given: dict[str, str], actual: float) -> tuple[float, float]:
        ends = [given.get("low", ""), given.get("high", "")]
        if not any(ends):
            return actual, actual
        if not all(ends):
            there, missing = ("low", "high") if ends[0] else ("high", "low")
            self._bad(f"{there} is given and {missing} is not.", "Give both or neither.")
            return actual, actual
        low, high = self._number("low", ends[0]), self._number("high", ends[1])
        if low > high:
            self._bad(f"low ({ends[0]}) is above high ({ends[1]}).", "Exchange them.")
        elif actual < low or actual > high:
            what = f"actual ({actual:g}) does not lie from low ({ends[0]}) to high ({ends[1]})."
            self._bad(what, "Mend one of them.")
        return low, high

    def _known(self, text: str) -> bool:
        if text.lower() not in ("", "yes", "no"):
            self._bad(f"used_to_set_inputs: '{short(text)}' is neither yes nor no.", "Write yes or no; empty means no.")
        return text.lower() == "yes"
