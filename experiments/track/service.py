"""Forecasts by quarter from the tables of a whole service: people by month, the rest by year."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from experiments.quarters import Quarter, whole_quarters
from experiments.report.results import Results
from experiments.statistics import Interval
from experiments.track.compared import BY_DAYS
from experiments.track.series import FLOW, STOCK, Series, added, part_of_year

SCENARIO = ""
"""A service has one run and no scenarios."""

AT_END = "people at the quarter's end; 95% range of one such day, chance alone"
SUMMED = "people at the quarter's end, groups added as if independent; chance alone"
HOURS = "three months added, widths as the root of summed squares: too narrow where months move together; chance alone"
FAMILIES = ("branch", "started", "weeks", "gross", "contributions", "recovered", "net", "admissions", "reviews")
"""Families of yearly measures whose quarters add up to the year."""
UNITS = {"a year": "a quarter", "pounds": "£", "starts a year": "starts a quarter", "people a year": "people a quarter",
         "reviews a year": "reviews a quarter"}  # fmt: skip


@dataclass(frozen=True)
class Service:
    """The whole service of a results folder."""

    results: Results

    @cached_property
    def months(self) -> list[str]:
        """Months that count."""
        return [month for month in dict.fromkeys(self._table("present")["month"]) if month != "start"]

    @cached_property
    def quarters(self) -> tuple[Quarter, ...]:
        """Whole quarters that count."""
        return tuple(whole_quarters(self.months))

    def _table(self, name: str) -> pd.DataFrame:
        table = self.results.table(name)
        return pd.DataFrame(columns=["month"]) if table is None else table

    def series(self) -> Iterator[Series]:
        """Every measure that can be told by quarter."""
        yield from self._in_care()
        yield from self._present()
        yield from self._hours()
        yield from self._yearly()

    def _ends(self, rows: pd.DataFrame) -> tuple[Interval, ...]:
        told = dict(zip(rows["month"], _bands(rows), strict=True))
        return tuple(told[quarter.months[2]] for quarter in self.quarters)

    def _in_care(self) -> Iterator[Series]:
        table = self._table("in_care")
        if table.empty:
            return
        for care, rows in table.groupby("care", sort=False):
            parts = {}
            for group, own in rows.groupby("client_group", sort=False):
                parts[group] = self._ends(own)
                yield self._made(f"in_care/{group}/{care}", "people", STOCK, AT_END, parts[group])
            every = tuple(added(column) for column in zip(*parts.values(), strict=True))
            yield self._made(f"in_care/all/{care}", "people", STOCK, SUMMED if len(parts) > 1 else AT_END, every)

    def _present(self) -> Iterator[Series]:
        table = self._table("present")
        if not table.empty:
            for stage, rows in table.groupby("stage", sort=False):
                yield self._made(f"present/{stage}", "people", STOCK, AT_END, self._ends(rows))

    def _hours(self) -> Iterator[Series]:
        table = self._table("work")
        if table.empty:
            return
        for team, rows in table.groupby("team", sort=False):
            told = dict(zip(rows["month"], _bands(rows), strict=True))
            bands = tuple(added([told[month] for month in quarter.months]) for quarter in self.quarters)
            yield self._made(f"hours/{team}", "hours", FLOW, HOURS, bands)

    def _yearly(self) -> Iterator[Series]:
        table = self._table("service")
        if table.empty:
            return
        for measure, rows in table.groupby("measure", sort=False):
            unit, family = str(rows["unit"].iloc[0]), str(measure).partition("/")[0]
            if unit != "a year" and family not in FAMILIES:
                continue
            told = dict(zip(rows["financial_year"], _bands(rows), strict=True))
            bands = tuple(part_of_year(told[q.year_name], q.share_of_year(self.months)) for q in self.quarters)
            yield self._made(str(measure), UNITS.get(unit, unit), FLOW, BY_DAYS, bands)

    def _made(self, measure: str, unit: str, kind: str, how: str, bands: tuple[Interval, ...]) -> Series:
        return Series(SCENARIO, measure, unit, kind, how, self.quarters, bands)


def _bands(rows: pd.DataFrame) -> Iterator[Interval]:
    """Mean and 95% range of one month or year; NaN where there were too few replications."""
    for mean, low, high in zip(rows["mean"], rows["year_low"], rows["year_high"], strict=True):
        yield Interval(float(mean), max(0.0, float(low)) if low == low else float(low), float(high))
