"""The file of what happened: read row by row, every fault told with its line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from experiments.sheet import RowReader, read_sheet
from simulation.errors import ConfigError, Problem, short

NEEDED = ("year", "measure", "actual")
OPTIONAL = ("model", "low", "high", "source", "used_to_set_inputs")

_YEAR = re.compile(r"(\d{4})/(\d{2})", re.ASCII)
_NEARLY_A_YEAR = re.compile(r"(\d{4})(?:\s*[-–/]\s*(?:\d{4}|\d{1,2}))?", re.ASCII)


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
    sheet = read_sheet(path, NEEDED, OPTIONAL, "2015/16,contact,100")
    reader = _Reader(sheet)
    actuals = [reader.row(line, cells) for line, cells in sheet.rows]
    if reader.found:
        raise Found(reader.found, [actual for actual in actuals if actual is not None])
    return [actual for actual in actuals if actual is not None]


class Found(ConfigError):
    """Faults in some rows, with the rows that are sound, so that these can be checked against the experiment too."""

    def __init__(self, problems: list[Problem], sound: list[Actual]):
        super().__init__(problems)
        self.sound = sound


class _Reader(RowReader):
    """Turns cells into an ``Actual``."""

    def row(self, line: int, cells: list[str]) -> Actual | None:
        """The row, or None where something is wrong with it."""
        before = len(self.found)
        given = self.cells(line, cells)
        if given is None:
            return None
        year = self._year(given.get("year", ""))
        measure = given.get("measure", "")
        if not measure:
            self.bad("measure is empty.", "Name one, such as contact or funded_package.")
        actual = self.number("actual", given.get("actual", ""))
        low, high = self.span(given, "actual", actual)
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
        self.bad(f"year: '{short(text)}' is not a financial year." if text else "year is empty.", mend)
        return 0

    def _known(self, text: str) -> bool:
        if text.lower() not in ("", "yes", "no"):
            self.bad(f"used_to_set_inputs: '{short(text)}' is neither yes nor no.", "Write yes or no; empty means no.")
        return text.lower() == "yes"
