"""The file of quarterly actual figures: read row by row, held against what the folder forecasts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from experiments.quarters import Quarter, read_quarter
from experiments.sheet import RowReader, Sheet, read_sheet
from experiments.track.forecast import Forecast
from simulation.errors import nearest, short

NEEDED = ("quarter", "measure", "actual")
OPTIONAL = ("scenario", "low", "high", "source")


@dataclass(frozen=True)
class Actual:
    """One figure of one quarter. ``low``, ``high``: its own range; the figure itself twice where none is given."""

    line: int
    quarter: Quarter
    measure: str
    scenario: str
    actual: float
    low: float
    high: float
    source: str


def read_actuals(path: Path, forecast: Forecast) -> list[Actual]:
    """All rows of the file.

    Raises:
        ConfigError: with every fault of the file, and every row that the folder has no forecast for.
    """
    sheet = read_sheet(path, NEEDED, OPTIONAL, "2017/18 Q1,funded_package,480")
    reader = _Reader(sheet, forecast)
    return reader.every(reader.row)


class _Reader(RowReader):
    """Turns cells into an ``Actual`` that the forecast has a band for."""

    def __init__(self, sheet: Sheet, forecast: Forecast):
        super().__init__(sheet)
        self.forecast = forecast
        self.seen: dict[tuple[Quarter, str, str], int] = {}

    def row(self, line: int, cells: list[str]) -> Actual | None:
        """The row, or None where something is wrong with it."""
        before = len(self.found)
        given = self.cells(line, cells)
        if given is None:
            return None
        quarter = read_quarter(given.get("quarter", ""))
        if isinstance(quarter, tuple):
            self.bad(*quarter)
        scenario = self._scenario(given.get("scenario", ""))
        measure = given.get("measure", "")
        if scenario is not None:
            self._measure(measure, scenario)
        actual = self.number("actual", given.get("actual", ""))
        low, high = self.span(given, "actual", actual)
        if len(self.found) > before or isinstance(quarter, tuple) or scenario is None:
            return None
        self._place(quarter, measure, scenario)
        source = " ".join(given.get("source", "").split())
        return Actual(line, quarter, measure, scenario, actual, low, high, source)

    def _scenario(self, text: str) -> str | None:
        known = self.forecast.scenarios
        if text in known and (text or known == [""]):
            return text
        if text and known == [""]:
            self.bad("the folder has no scenarios and this row names one.", "Leave scenario empty.")
            return None
        if text:
            self.bad(f"there is no scenario '{short(text)}'.", nearest(text, known, "Known scenarios"))
            return None
        if self.forecast.usual is None:
            what = "the folder has several scenarios and this row names none."
            self.bad(what, f"Add a column scenario with one of: {', '.join(known)}.")
        return self.forecast.usual

    def _measure(self, measure: str, scenario: str) -> None:
        known = self.forecast.measures(scenario)
        if measure in known:
            return
        if not measure:
            self.bad("measure is empty.", f"Name one, such as {known[0]}.")
        elif re.fullmatch(r"care_cost/.*", measure) and "care_cost" in known:
            self.bad(f"there is no measure '{short(measure)}' by quarter.", "Write care_cost.")
        elif measure == "packages_running_at_end" and "packages_running" in known:
            self.bad(f"{measure} is told at the end of the whole run only.", "Write packages_running.")
        elif measure in self.forecast.yearly:
            what = f"{measure} is not told by quarter: the folder has it by year or for the whole run only."
            self.bad(what, f"Leave the row out, or see what there is by quarter, such as {', '.join(known[:5])}.")
        else:
            self.bad(f"there is no measure '{short(measure)}'.", nearest(measure, known, "Known measures"))

    def _place(self, quarter: Quarter, measure: str, scenario: str) -> None:
        series = self.forecast.series[scenario, measure]
        if quarter not in series.quarters:
            ends = f"{series.quarters[0]} to {series.quarters[-1]}"
            self.bad(f"{quarter} is outside the forecast, {ends}.", "Leave the row out, or mend the quarter.")
        key = (quarter, measure, scenario)
        if key in self.seen:
            self.bad(f"{measure} of {quarter} stands in line {self.seen[key]} already.", "Keep one of the two.")
        self.seen.setdefault(key, self.line)
