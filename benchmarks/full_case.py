"""The benchmark with every feature on: its pathway, plain SimPy and C++ by hand, and what all count.

``full_figures`` reads the figures of both programs from the compiled pathway, so that no number is typed twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.agreeing import Measures, measures_of_trace
from benchmarks.by_hand import Row
from benchmarks.cases import Case
from benchmarks.cpp import SOURCES, compiled, told
from benchmarks.full_by_hand import full
from benchmarks.full_figures import CARE, Figures, figures_of, written
from benchmarks.ours import HERE, MS_PER_HOUR, Ours, load
from simulation.calendar import MS_PER_DAY
from simulation.population import Finder, Population
from simulation.spells import care_of
from simulation.trace import Trace

WAITS = ("desk", "hub", "home_visit", "enablement", "assessment", "duty_assessment", "review")
PACKAGES = CARE[1:]


@dataclass(frozen=True)
class Full:
    """The case as the others have it, and the figures of the programs written by hand."""

    case: Case
    figures: Figures

    @property
    def ours(self) -> Ours:
        """The compiled pathway and the maker of its people."""
        return self.case.ours

    @cached_property
    def parameters(self) -> str:
        """What the C++ program reads."""
        return written(self.figures)

    def cpp(self, seed: int, runs: int = 1) -> list[dict[str, Any]]:
        """What the C++ program tells of runs with seeds from ``seed`` on: its CPU seconds, and what it counted.

        Raises:
            RuntimeError: there is no g++.
        """
        program = compiled(SOURCES / "full.cpp")
        with TemporaryDirectory() as folder:
            path = Path(folder) / "parameters.txt"
            path.write_text(self.parameters, encoding="ascii")
            found: list[dict[str, Any]] = told(program, (path, seed, runs))["runs"]
        return found

    def measures_of_ours(self, trace: Trace, people: Population) -> Measures:
        """Every measure of one of our traces."""
        return measures_of_trace(self.case, trace) | self._service_of_trace(trace, people)

    def measures_by_hand(self, rows: list[Row]) -> Measures:
        """The same of the program in SimPy."""
        return _flows_by_hand(rows) | self._service_by_hand(rows)

    def measures_of_cpp(self, run: dict[str, Any]) -> Measures:
        """The same of the program in C++."""
        found = {name: float(number) for name, number in run["measures"].items()}
        for month in self._months:
            for kind in PACKAGES:
                found[_live(kind, month)] = float(sum(run["live"][kind][month - 1]))
        for year in range(len(self.figures["years"]) - 1):
            for kind in CARE:
                for what in ("days", "gross", "pays"):
                    found[_money(kind, what, year)] = float(sum(run[what][kind][year])) / (1 if what == "days" else 700)
        return found

    @property
    def _months(self) -> range:
        """Ends of months at which people in care are compared."""
        return range(6, self.ours.calendar.months + 1, 6)

    def _service_of_trace(self, trace: Trace, people: Population) -> Measures:
        care, rates = care_of(trace, self.ours.pathway, Finder(people)(trace.person))
        kinds = np.array([CARE.index(kind) if kind else -1 for kind in self.ours.pathway.care_types])[care.stage]
        found: Measures = {}
        for month in self._months:
            tick = int(self.ours.calendar.month_starts[month])
            running = (care.first < tick) & (care.stop >= tick)
            for kind in PACKAGES:
                found[_live(kind, month)] = float(np.count_nonzero(running & (kinds == CARE.index(kind))))
        years = [int(day) for day in self.figures["years"]]
        for year, (first, stop) in enumerate(pairwise(years)):
            days = np.clip(np.minimum(rates.stop, stop) - np.maximum(rates.first, first), 0, None)
            for code, kind in enumerate(CARE):
                here = kinds[rates.care] == code
                found[_money(kind, "days", year)] = float(days[here].sum())
                found[_money(kind, "gross", year)] = float((days * rates.pence)[here].sum()) / 700
                found[_money(kind, "pays", year)] = float((days * rates.pays)[here].sum()) / 700
        return found

    def _service_by_hand(self, rows: list[Row]) -> Measures:
        ticks = [int(self.ours.calendar.month_starts[month]) / MS_PER_HOUR for month in self._months]
        years = [int(day) for day in self.figures["years"]]
        found = {_live(kind, month): 0.0 for month in self._months for kind in PACKAGES}
        found |= {
            _money(kind, what, year): 0.0
            for kind in CARE
            for what in ("days", "gross", "pays")
            for year in range(len(years) - 1)
        }
        begun: dict[tuple[int, str], float] = {}
        priced: dict[tuple[int, str], tuple[int, float, float]] = {}

        def over(key: tuple[int, str], until: int) -> None:
            since, weekly, pays = priced.pop(key)
            for year, (first, stop) in enumerate(pairwise(years)):
                days = max(0, min(until, stop) - max(since, first))
                for what, amount in (("days", days), ("gross", days * weekly / 700), ("pays", days * pays / 700)):
                    found[_money(key[1], what, year)] += amount

        def live(key: tuple[int, str], until: float) -> None:
            since = begun.pop(key)
            for month, tick in zip(self._months, ticks, strict=True):
                found[_live(key[1], month)] += since < tick <= until

        for time, who, stage, event, value in rows:
            key = (who, stage)
            if event in ("held", "package_start"):
                begun[key] = -1.0 if event == "held" else time
            elif event == "weekly":
                if key in priced:
                    over(key, int(time // 24))
                priced[key] = (int(time // 24), float(value), 0.0)
            elif event == "pays":
                priced[key] = (*priced[key][:2], float(value))
            elif event == "package_end" or (event == "end" and stage == "enablement"):
                over(key, int(time // 24))
                if event == "package_end":
                    live(key, time)
        end = self.ours.end // MS_PER_DAY
        for key in list(priced):
            over(key, end)
        for key in list(begun):
            live(key, end * 24.0)
        return found


def _flows_by_hand(rows: list[Row]) -> Measures:
    """As ``measures_by_hand``, for people who may start care without having made contact: they moved to a home."""
    found: Measures = {}
    joined: dict[tuple[int, str], float] = {}
    waited: dict[str, list[float]] = {name: [] for name in WAITS}
    for time, who, stage, event, value in rows:
        label = f"{stage} {event} {value}" if event == "branch" else f"{stage} {event}"
        found[label] = found.get(label, 0.0) + 1
        if event == "join":
            joined[who, stage] = time
        elif event == "start" and stage in waited:
            waited[stage].append(time - joined[who, stage])
    return found | {f"{name} mean wait": sum(hours) / len(hours) for name, hours in waited.items()}


def _live(kind: str, month: int) -> str:
    return f"{kind} in care after {month} months"


def _money(kind: str, what: str, year: int) -> str:
    return f"{kind} {what} in year {year + 1}"


def full_of(ours: Ours) -> Full:
    """The case of a pathway that has been loaded."""
    figures = figures_of(ours)
    return Full(Case("full", ours, lambda seed: full(seed, figures), WAITS, delay=False), figures)


def full_case(years: int) -> Full:
    """The pathway with every feature on, for so many years of contacts and one more to follow them."""
    return full_of(load(HERE / "configs/models/full.yaml", HERE / "configs/demand/full.yaml", years))
