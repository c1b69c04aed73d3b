"""Contacts that change with the years: people of an age band × contacts a head, compounding from a date on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulation.calendar import Calendar
from simulation.errors import ConfigError, Problem, nearest
from simulation.reading import Where, at

if TYPE_CHECKING:
    from simulation.inputs import Values
    from simulation.library import Loaded

DAYS_IN_YEAR = 365.25


@dataclass(frozen=True)
class GrowthByAge:
    """Yearly factors by age band: shape (bands,), in the order of the population's age bands."""

    since: date
    yearly: NDArray[np.float64]

    def _weights(self, shares: NDArray[np.float64], day: date) -> NDArray[np.float64]:
        result: NDArray[np.float64] = shares * self.yearly ** ((day - self.since).days / DAYS_IN_YEAR)
        return result

    def factor(self, shares: NDArray[np.float64], day: date) -> float:
        """Contacts in the month that begins on ``day``, against those at ``since``; ``shares`` are the age bands'."""
        return float(self._weights(shares, day).sum())

    def bands(
        self, shares: NDArray[np.float64], calendar: Calendar, time: NDArray[np.int64], u: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """The age band of each person by the month they come in, from their own number ``u``: shape (people,)."""
        month = np.searchsorted(calendar.month_starts, time, side="right") - 1
        steps = np.array([np.cumsum(self._weights(shares, calendar.month(m))) for m in range(calendar.months)])
        steps = steps.reshape(-1, len(shares)) / np.maximum(steps.reshape(-1, len(shares))[:, -1:], 1e-300)
        result: NDArray[np.int64] = (u[:, None] >= steps[np.clip(month, 0, None)][:, :-1]).sum(axis=1).astype(np.int64)
        return result


def growth_of(demand: Loaded, values: Values) -> GrowthByAge | None:
    """The growth a demand file gives, None where it gives none.

    Raises:
        ConfigError: growth of −100% or below, or age bands that are missing or unknown.
    """
    growth = demand.config.growth
    if growth is None:
        return None
    bands = demand.config.person.age_band.values
    place: Where = ("growth", "population_per_year")
    found: list[Problem] = []

    def number(given: object, where: Where) -> float:
        try:
            value = values.at(given, demand, where)  # type: ignore[arg-type]
        except ConfigError as error:
            found.extend(error.problems)
            return 0.0
        if value <= -1:
            what = f"{at(where)} is {value:g}: nobody can be fewer than none."
            found.append(demand.problem(where, what, "Give a yearly change above -1, such as 0.02 for +2%."))
            return 0.0
        return value

    given = growth.population_per_year
    for name in given:
        if name not in bands:
            what = f"{at((*place, name))}: '{name}' is not an age band."
            found.append(demand.problem((*place, name), what, nearest(name, bands)))
    missing = [band for band in bands if band not in given]
    if missing:
        what = f"{at(place)}: nothing is given for {', '.join(missing)}."
        found.append(demand.problem(place, what, "Add what is missing."))
    rate = 1.0 + number(growth.contact_rate_per_year, ("growth", "contact_rate_per_year"))
    yearly = np.array([(1.0 + number(given.get(band, 0.0), (*place, band))) * rate for band in bands])
    if found:
        raise ConfigError(found)
    return GrowthByAge(growth.since, yearly)
