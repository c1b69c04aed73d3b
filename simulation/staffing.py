"""Teams as arrays: practitioners by month, opening hours, and how much longer work takes than its bare length."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulation.errors import ConfigError, DemandflowError, Problem
from simulation.graph import Graph
from simulation.inputs import Values, Where
from simulation.library import Loaded
from simulation.pathway import UNLIMITED, padded
from simulation.reading import at
from simulation.schema.model import Hours, Practitioners, Roster, Team
from simulation.schema.quantity import Evidence
from simulation.schema.stages import Places
from simulation.working_time import DAYS, parse_span

MOST_PRACTITIONERS = 1_000_000

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Staffing:
    """Arrays of the teams of a pathway, and after them of its places: they have a size, a roster and no hours.

    Attributes:
        size: (teams,) practitioners at the start, -1 for unlimited; a roster's first number.
        roster: (teams, R, 2) absolute month (year × 12 + month − 1) and practitioners from then on; -1 fills up.
        spans: (teams, S, 3) weekday, opening and closing minute; -1 fills up; none: always open.
        holidays: (teams,) 1 where bank holidays are closed.
        effort: (teams,) factor on the length of work: 1 / (productive share × (1 − absence share)).
    """

    size: Ints
    roster: Ints
    spans: Ints
    holidays: Ints
    effort: NDArray[np.float64]


class _Teams:
    def __init__(self, graph: Graph, values: Values):
        self.graph, self.values = graph, values
        self.problems: list[Problem] = []

    def number(self, loaded: Loaded, where: Where, number: float | str | Evidence) -> float | None:
        try:
            return self.values.at(number, loaded, where)
        except ConfigError as error:
            self.problems.extend(error.problems)
            return None

    def practitioners(
        self, loaded: Loaded, where: Where, number: float | str | Evidence, least: int, what: str = "practitioners"
    ) -> int:
        size = self.number(loaded, where, number)
        if size is None:
            return least
        if size < least or size != int(size) or size > MOST_PRACTITIONERS:
            name = ".".join(str(step) for step in where if step != what)
            self.problems.append(
                loaded.problem(
                    where,
                    f"{name}: {size:g} {what}.",
                    f"Give a whole number of at least {least}{', or unlimited' if least else ''}.",
                )
            )
            return least
        return int(size)

    def roster(
        self, loaded: Loaded, where: Where, roster: Roster, what: str = "practitioners"
    ) -> list[tuple[int, ...]]:
        here = (*where, what, "by_month")
        months = sorted(roster.by_month)
        rows: list[tuple[int, ...]] = []
        for month in months:
            year, of_year = month.split("-")
            faults = len(self.problems)
            count = self.practitioners(loaded, (*here, month), roster.by_month[month], 0, what)
            if len(self.problems) > faults:
                count = 1  # its own fault is told; "for ever" would be a second one
            rows.append((int(year) * 12 + int(of_year) - 1, count))
        if rows[-1][1] == 0:
            self.problems.append(
                loaded.problem(
                    (*here, months[-1]),
                    f"{at(where)}: {'nobody' if what == 'practitioners' else 'no place'} is left from {months[-1]} on, "
                    "for ever.",
                    "Give a later month with at least 1, or a number above 0.",
                )
            )
        return rows

    def size(self, loaded: Loaded, where: Where, given: Practitioners, what: str) -> tuple[int, list[tuple[int, ...]]]:
        """How many at the start, and the roster."""
        if given == "unlimited":
            return UNLIMITED, []
        if isinstance(given, Roster):
            rows = self.roster(loaded, where, given, what)
            return rows[0][1], rows
        return self.practitioners(loaded, (*where, what), given, 1, what), []

    def spans(self, loaded: Loaded, where: Where, hours: Hours) -> list[tuple[int, ...]]:
        found: list[tuple[int, ...]] = []
        for weekday, day in enumerate(DAYS):
            for index, span in enumerate(getattr(hours, day)):
                here: Where = (*where, "hours", day, index)
                try:
                    opens, closes = parse_span(span)
                except DemandflowError as error:
                    self.problems.append(loaded.problem(here, f"{at(here)}: {error}"))
                    continue
                if any(on == weekday and opens < other[1] and closes > other[0] for on, *other in found):
                    what = f"{at(here)}: '{span}' overlaps another span of that day."
                    self.problems.append(loaded.problem(here, what, "Make one span of them."))
                found.append((weekday, opens, closes))
        if not any(getattr(hours, day) for day in DAYS):
            self.problems.append(
                loaded.problem(
                    (*where, "hours"),
                    f"teams.{where[-1]}: these hours never open.",
                    "Give a day a span such as 09:00-17:00, or hours: always.",
                )
            )
        return found

    def effort(self, loaded: Loaded, where: Where, team: Team) -> float:
        productive, absent = 1.0, 0.0
        if team.productive_share is not None:
            here: Where = (*where, "productive_share")
            given = self.number(loaded, here, team.productive_share)
            if given is not None and 0 < given <= 1:
                productive = given
            elif given is not None:
                what = f"{at(where)}: a productive share of {given:g}."
                self.problems.append(loaded.problem(here, what, "Give a share above 0, at most 1."))
        if team.absence_share is not None:
            here = (*where, "absence_share")
            given = self.number(loaded, here, team.absence_share)
            if given is not None and 0 <= given < 1:
                absent = given
            elif given is not None:
                what = f"{at(where)}: an absence share of {given:g}."
                self.problems.append(loaded.problem(here, what, "Give a share from 0 to below 1."))
        return 1.0 / (productive * (1.0 - absent))

    def all(self) -> Staffing:
        sizes: list[int] = []
        rosters: list[list[tuple[int, ...]]] = []
        spans: list[list[tuple[int, ...]]] = []
        holidays: list[int] = []
        efforts: list[float] = []
        for name, team in self.graph.teams.items():
            loaded, where = self.graph.team_places[name]
            size, rows = self.size(loaded, where, team.practitioners, "practitioners")
            sizes.append(size)
            rosters.append(rows)
            hours = team.hours if isinstance(team.hours, Hours) else None
            spans.append(self.spans(loaded, where, hours) if hours is not None else [])
            holidays.append(int(hours is not None and hours.bank_holidays == "closed"))
            efforts.append(self.effort(loaded, where, team))
        for node, stage in self.graph.of_kind(Places):
            size, rows = self.size(node.loaded, node.where, stage.places, "places")
            sizes.append(size)
            rosters.append(rows)
            spans.append([])
            holidays.append(0)
            efforts.append(1.0)
        return Staffing(
            np.array(sizes, dtype=np.int64),
            padded(rosters, 2),
            padded(spans, 3),
            np.array(holidays, dtype=np.int64),
            np.array(efforts, dtype=np.float64),
        )


def staffing(graph: Graph, values: Values) -> tuple[Staffing, list[Problem]]:
    """The arrays, in the order of ``graph.teams`` and then of the stages with places, and every fault found in them."""
    teams = _Teams(graph, values)
    return teams.all(), teams.problems
