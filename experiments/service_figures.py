"""Numbers to be read from a service, with the published ones beside them: what checks and indicators name."""

from __future__ import annotations

import math
from dataclasses import dataclass

from experiments.checks import Faults
from experiments.service_measures import CannotRead, Measures, Read
from simulation.errors import ConfigError, nearest
from simulation.inputs import Values
from simulation.library import Loaded
from simulation.reading import Where, at
from simulation.schema.quantity import Evidence
from simulation.schema.service import Check, Indicator, Reading, WholeService
from simulation.service_tally import ServiceTally


@dataclass(frozen=True)
class Figure:
    """A number to be read from each replication, and the published one beside it.

    ``low`` and ``high`` are the ends of the published figure's range, where it has one; all None where none is printed.
    """

    config: Check | Indicator
    where: Where
    read: Read
    divide_by: Read | None
    plus: float
    residents: float | None
    year: int
    published: float | None
    low: float | None
    high: float | None
    target: float | None

    def value(self, tally: ServiceTally) -> float:
        """The number in one replication; NaN where it would be a division by nought."""
        top = self.read(tally, self.year)
        if self.divide_by is not None:
            under = self.divide_by(tally, self.year) + self.plus
            return top / under if under else math.nan
        return top if self.residents is None else 100_000 * top / self.residents


def _number(number: float | str | Evidence | None, loaded: Loaded, where: Where, values: Values) -> float | None:
    return None if number is None else values.at(number, loaded, where)


def _figure(
    loaded: Loaded,
    config: Check | Indicator,
    where: Where,
    measures: Measures,
    residents: dict[str, float],
    reported_year: str,
    values: Values,
) -> Figure:
    faults = Faults()

    def reader(key: str) -> Read | None:
        name = getattr(config, key)
        if name is None:
            return None
        try:
            return measures.named(name)
        except CannotRead as error:
            place: Where = (*where, key)
            faults.problems.append(loaded.problem(place, f"{at(place)}: {error.what}", error.mend))
            return None

    read, divide_by = reader("measure"), reader("of")
    per = config.per_100000
    if per is not None and per not in residents:
        what = f"{at((*where, 'per_100000'))}: there are no residents '{per}'."
        faults.problems.append(loaded.problem((*where, "per_100000"), what, nearest(per, residents)))
    published = target = plus = None
    with faults:
        published = _number(config.published, loaded, (*where, "published"), values)
    with faults:
        plus = _number(config.of_plus, loaded, (*where, "of_plus"), values)
    if isinstance(config, Indicator):
        with faults:
            target = _number(config.target, loaded, (*where, "target"), values)
    faults.stop_if_any()
    span = config.published.range if isinstance(config.published, Evidence) else None
    assert read is not None
    return Figure(
        config,
        where,
        read,
        divide_by,
        plus or 0.0,
        None if per is None else residents[per],
        measures.axes.years.index(year) if (year := config.year or reported_year) in measures.axes.years else 0,
        published,
        published if span is None else span.low,
        published if span is None else span.high,
        target,
    )


def figures(
    loaded: Loaded, config: WholeService, measures: Measures, values: Values
) -> tuple[tuple[Figure, ...], tuple[Figure, ...]]:
    """The checks and the indicators of a service.

    Raises:
        ConfigError: names that cannot be read, residents that are none, numbers that cannot be evaluated.
    """
    faults = Faults()
    residents: dict[str, float] = {}
    for name, number in config.residents.items():
        where: Where = ("service", "residents", name)
        residents[name] = math.nan  # known by name, whatever is wrong with the number
        with faults:
            people = values.at(number, loaded, where)
            if people <= 0:
                what = f"{at(where)} is {people:g}."
                raise ConfigError([loaded.problem(where, what, "Give the number of people, above 0.")])
            residents[name] = people
    found: dict[str, list[Figure]] = {"checks": [], "indicators": []}
    for key, made in found.items():
        readings: list[Reading] = getattr(config, key)
        for index, reading in enumerate(readings):
            assert isinstance(reading, Check | Indicator)
            with faults:
                made.append(
                    _figure(loaded, reading, ("service", key, index), measures, residents, config.reported_year, values)
                )
    faults.stop_if_any()
    return tuple(found["checks"]), tuple(found["indicators"])
