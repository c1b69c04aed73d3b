"""Forecasts by quarter from a comparison of models: the whole numbers of its replications, read by name.

Packages running are known by month, people and packages that start by year only, and what care costs by year and cell.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from experiments.quarters import Quarter, days_of, quarter_of, whole_quarters
from experiments.report.results import Results
from experiments.statistics import Interval, of_one_year
from experiments.track.series import FEWEST, FLOW, STOCK, Floats, Series, floored, of_values, part_of_year
from simulation.errors import DemandflowError, shown
from simulation.tally import LATENT, MEASURES

RUN = "comparison"
PEOPLE, STARTS, MONEY, RUNNING = "people", "packages", "£ gross", "packages at the quarter's end"
BY_DAYS = (
    "the year's figure by days, its width by the root of the share: quarters taken as alike and independent of each "
    "other; 95% range of one quarter, chance alone"
)
BY_CENSUS = (
    "each cell's cost of the year by its packages running at both ends of each month of the quarter; 95% range of one "
    "quarter, chance alone"
)
AT_END = "packages running at the quarter's end; 95% range of one quarter, chance alone"


@dataclass(frozen=True)
class Compared:
    """The comparison of a results folder. Axes are read from its tables, in the order in which they were counted."""

    results: Results

    @cached_property
    def months(self) -> list[str]:
        """Months of the run."""
        return list(dict.fromkeys(self._census["month"]))

    @cached_property
    def quarters(self) -> tuple[Quarter, ...]:
        """Whole quarters of the run."""
        return tuple(whole_quarters(self.months))

    @cached_property
    def _census(self) -> pd.DataFrame:
        table = self.results.table("census")
        if table is None:
            raise DemandflowError(f"{shown(self.results.folder)}: tables/census is missing. Run the experiment again.")
        return table

    @cached_property
    def _axes(self) -> dict[str, list[str]]:
        sources = self.results.rows("sources", population=RUN)
        return {
            "care_type": list(dict.fromkeys(self._census["care_type"])),
            "client_group": list(dict.fromkeys(self._census["client_group"])),
            "source": list(dict.fromkeys(str(row["source"]) for row in sources)),
            "year": self.results.years,
        }

    @cached_property
    def scenarios(self) -> dict[str, float]:
        """Share of the gap closed, by scenario."""
        return {str(row["transfer"]): float(row["share_of_gap"]) for row in self.results.rows("transfers")}

    @property
    def unchanged(self) -> str | None:
        """The scenario in which nothing of the gap is closed, if there is one."""
        return next((name for name, share in self.scenarios.items() if share == 0), None)

    @cached_property
    def _counts(self) -> pd.DataFrame:
        files = sorted((self.results.folder / "replications").glob(f"{RUN}-*.parquet"))
        if not files:
            where = shown(self.results.folder)
            raise DemandflowError(f"{where} holds no replications/ of its comparison. Name the whole results folder.")
        return pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)

    def _array(self, scenario: str, tally: str, shape: tuple[int, ...]) -> Floats:
        """A tally of every replication: shape (replications, *shape)."""
        replications = int(self.results.manifest["replications"][RUN])
        rows = self._counts
        rows = rows[(rows["transfer"] == scenario) & (rows["tally"] == tally)]
        size = math.prod(shape)
        if len(rows) and (rows["place"].max() >= size or rows["replication"].max() >= replications):
            raise self._other_version()
        flat = np.zeros((replications, size))
        flat[rows["replication"], rows["place"]] = rows["value"]
        return flat.reshape(replications, *shape)

    def _other_version(self) -> DemandflowError:
        where = shown(self.results.folder)
        return DemandflowError(f"{where}: its replications do not fit its tables. Run the experiment again.")

    def _length(self, *axes: str) -> tuple[int, ...]:
        return tuple(len(self._axes[axis]) for axis in axes)

    def series(self) -> Iterator[Series]:
        """Every measure that can be told by quarter, in every scenario."""
        for scenario in self.scenarios:
            yield from self._running(scenario)
            yield from self._yearly(scenario)
            yield from self._cost(scenario)

    def _live(self, scenario: str) -> Floats:
        """Packages running: (replications, care types, months, groups)."""
        care, groups = self._length("care_type", "client_group")
        return self._array(scenario, "live", (care, len(self.months), groups))

    def _running(self, scenario: str) -> Iterator[Series]:
        ends = [self.months.index(quarter.months[2]) for quarter in self.quarters]
        live = self._live(scenario)[:, :, ends]
        cells = {"packages_running": live.sum(axis=(1, 3))}
        for c, care in enumerate(self._axes["care_type"]):
            cells[f"packages_running/care_type/{care}"] = live[:, c].sum(axis=2)
        for g, group in enumerate(self._axes["client_group"]):
            cells[f"packages_running/client_group/{group}"] = live[:, :, :, g].sum(axis=1)
        for measure, values in cells.items():
            yield self._of_values(scenario, measure, RUNNING, STOCK, AT_END, values)

    def _of_values(self, scenario: str, measure: str, unit: str, kind: str, how: str, values: Floats) -> Series:
        bands = tuple(of_values(values[:, place], False) for place in range(values.shape[1]))
        return Series(scenario, measure, unit, kind, how, self.quarters, bands, values)

    def _yearly(self, scenario: str) -> Iterator[Series]:
        shape = (len(MEASURES) + len(LATENT), *self._length("year", "source", "client_group"))
        people = self._array(scenario, "people", shape)
        starts = self._array(scenario, "starts", self._length("care_type", "year", "source", "client_group"))
        for m, measure in enumerate((*MEASURES, *LATENT)):
            counted = people[:, m]
            if not counted.any():
                continue
            yield self._by_days(scenario, measure, PEOPLE, counted.sum(axis=(2, 3)))
            for s, source in enumerate(self._axes["source"]):
                yield self._by_days(scenario, f"{measure}/source/{source}", PEOPLE, counted[:, :, s].sum(axis=2))
            for g, group in enumerate(self._axes["client_group"]):
                yield self._by_days(scenario, f"{measure}/client_group/{group}", PEOPLE, counted[..., g].sum(axis=2))
        for c, care in enumerate(self._axes["care_type"]):
            yield self._by_days(scenario, f"package_start/care_type/{care}", STARTS, starts[:, c].sum(axis=(2, 3)))

    def _by_days(self, scenario: str, measure: str, unit: str, years: Floats) -> Series:
        """A yearly count by quarter; ``years``: (replications, years)."""
        self._check(scenario, measure, years)
        told = {year: years[:, index] for index, year in enumerate(self._axes["year"])}
        bands = []
        for quarter in self.quarters:
            share = quarter.share_of_year(self.months)
            bands.append(part_of_year(_year(told[quarter.year_name]), share))
        return Series(scenario, measure, unit, FLOW, BY_DAYS, self.quarters, tuple(bands))

    def _check(self, scenario: str, measure: str, years: Floats) -> None:
        """The table ``comparison`` tells the mean a year: what is read from the replications must be the same."""
        rows = self.results.rows("comparison", measure=measure, transfer=scenario)
        run_years = len(self.months) / 12
        mean = float(years.sum()) / len(years) / run_years
        if rows and not math.isclose(mean, rows[0]["value_model"], rel_tol=0.01, abs_tol=0.01):
            raise self._other_version()

    def _package_days(self, scenario: str) -> Floats:
        """Days of care by month, from the packages running at both its ends: (replications, types, months, groups).

        How many ran at the very start is not kept: it is what leads to the first two ends in a straight line.
        """
        ends = self._live(scenario)
        first = ends[:, :, :1] if len(self.months) == 1 else np.maximum(0.0, 2 * ends[:, :, :1] - ends[:, :, 1:2])
        starts = np.concatenate([first, ends[:, :, :-1]], axis=2)
        days = np.array([days_of(month) for month in self.months], dtype=float)
        result: Floats = (starts + ends) / 2 * days[:, None]
        return result

    def _cost(self, scenario: str) -> Iterator[Series]:
        """What care costs: each cell's year falls on months as its packages running do, in each replication."""
        shape = self._length("care_type", "year", "client_group")
        spent = self._array(scenario, "pence_days", shape) / 700.0
        if not spent.any():
            return
        weight, years = self._package_days(scenario), self._axes["year"]
        values = np.zeros((len(spent), len(self.quarters)))
        for place, quarter in enumerate(self.quarters):
            own = [m for m, month in enumerate(self.months) if quarter_of(month).year == quarter.year]
            here = [self.months.index(month) for month in quarter.months]
            whole, part = weight[:, :, own].sum(axis=2), weight[:, :, here].sum(axis=2)
            evenly = quarter.share_of_year(self.months)  # care that no month's end saw
            share = np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), evenly)
            values[:, place] = (spent[:, :, years.index(quarter.year_name)] * share).sum(axis=(1, 2))
        yield self._of_values(scenario, "care_cost", MONEY, FLOW, BY_CENSUS, values)


def _year(values: Floats) -> Interval:
    if len(values) < FEWEST:
        return Interval(math.fsum(values.tolist()) / len(values), math.nan, math.nan)
    return floored(of_one_year(values.tolist()), float(values.min()) >= 0)
