"""What a results folder forecasts by quarter: every measure that can be told, by scenario."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pyarrow import ArrowException

from experiments.report.results import Results
from experiments.store import status_of
from experiments.track.compared import Compared
from experiments.track.months import from_months, months_of
from experiments.track.series import Series
from experiments.track.service import Service
from simulation.errors import DemandflowError, short, shown

ONLY_CHANCE = "The bands hold chance alone, at the central inputs. What we do not know about the inputs is not in them."
BOTH = "The bands hold chance and the ranges of the inputs together."


@dataclass(frozen=True)
class Forecast:
    """A results folder as a forecast.

    Attributes:
        series: by scenario and measure. titles: of scenarios. usual: the scenario meant where a row names none, ''
        where a row must. unchanged: the scenario in which nothing changes, or None. holds: what is in the bands.
        yearly: measures of the folder that cannot be told by quarter, so that a row that asks for one is told why.
    """

    results: Results
    series: dict[tuple[str, str], Series]
    titles: dict[str, str]
    usual: str | None
    unchanged: str | None
    holds: str
    yearly: frozenset[str]

    @property
    def scenarios(self) -> list[str]:
        """Names of the scenarios."""
        return list(dict.fromkeys(scenario for scenario, _ in self.series))

    def measures(self, scenario: str) -> list[str]:
        """Measures that can be told by quarter in a scenario."""
        return [measure for name, measure in self.series if name == scenario]


def read_forecast(folder: Path) -> Forecast:
    """The forecast in a results folder: its table of months, else its comparison, else its whole service.

    Raises:
        DemandflowError: no folder, no finished experiment, nothing to tell by quarter, files that cannot be read.
    """
    try:
        return _read(folder, _finished(folder))
    except (KeyError, ArrowException) as error:
        broken = short(" ".join(str(error).split()))
        raise DemandflowError(
            f"{shown(folder)}: its files cannot be read ({broken}). Run the experiment again."
        ) from None


def _read(folder: Path, results: Results) -> Forecast:
    months = months_of(folder)
    if months is not None:
        drawn = bool(results.manifest.get("transition", {}).get("draws", True))
        found = list(from_months(folder, months, drawn))
        runs = list(dict.fromkeys(one.scenario for one in found))
        usual = runs[0] if len(runs) == 1 else None
        holds = BOTH if drawn else ONLY_CHANCE
        return _forecast(results, found, _titles(results, runs), usual, _today(results, runs), holds, frozenset())
    config = results.comparison
    if config is not None:
        compared = Compared(results)
        titles = {str(row["transfer"]): str(row["title"]) for row in results.rows("transfers")}
        told = {str(row["measure"]) for row in results.rows("comparison")}
        found = list(compared.series())
        return _forecast(
            results, found, titles, results.headline, compared.unchanged, ONLY_CHANCE,
            frozenset(told - {one.measure for one in found}),
        )  # fmt: skip
    if results.table("service") is not None:
        found = list(Service(results).series())
        told = {str(row["measure"]) for row in results.rows("service")}
        return _forecast(
            results, found, {"": results.manifest["title"]}, "", None, ONLY_CHANCE,
            frozenset(told - {one.measure for one in found}),
        )  # fmt: skip
    raise DemandflowError(
        f"{shown(folder)} holds no forecast over months or years: its models ran on their own contacts only. "
        "Name the results of an experiment with comparison: or service:."
    )


def _titles(results: Results, runs: list[str]) -> dict[str, str]:
    """What runs are called: their vehicle and route, where they have them."""
    titles = {run: results.title("run", run) for run in runs}
    for row in results.rows("transition_runs"):
        parts = [str(row[key]) for key in ("vehicle_title", "route_title", "change", "transfer") if row.get(key)]
        if row["vehicle"] and row["run"] in titles:
            titles[row["run"]] = ", ".join(parts).replace("_", " ")
    return titles


def _today(results: Results, runs: list[str]) -> str | None:
    """The run in which nothing changes: the first one without a vehicle, where runs say theirs."""
    without = [str(row["run"]) for row in results.rows("transition_runs") if not row["vehicle"]]
    return next((run for run in without if run in runs), None)


def _forecast(
    results: Results,
    found: list[Series],
    titles: dict[str, str],
    usual: str | None,
    unchanged: str | None,
    holds: str,
    yearly: frozenset[str],
) -> Forecast:
    if not found:
        raise DemandflowError(
            f"{shown(results.folder)}: its run covers no whole quarter. Give the experiment more months."
        )
    series = {(one.scenario, one.measure): one for one in found}
    return Forecast(results, series, titles, usual, unchanged, holds, yearly)


def _finished(folder: Path) -> Results:
    if not folder.exists():
        raise DemandflowError(f"{shown(folder)}: there is no such folder. Name a results folder of run.py experiment.")
    if not folder.is_dir():
        raise DemandflowError(f"{shown(folder)} is a file, not a folder. Name a results folder of run.py experiment.")
    status = status_of(folder)
    if status is None:
        raise DemandflowError(
            f"{shown(folder)} is not a results folder: it holds no whole manifest.json. "
            "Name a folder that run.py experiment wrote."
        )
    results = Results(folder)
    command = results.manifest.get("command", "experiment")
    if command != "experiment":
        raise DemandflowError(f"{shown(folder)} was written by run.py {command}. Name the results of an experiment.")
    if status != "finished":
        raise DemandflowError(f"{shown(folder)}: its run is {status}, not finished. Run the experiment again.")
    for key in ("config", "experiment", "seed", "title"):
        results.manifest[key]  # each is told of later; without them this is no experiment's folder
    return results
