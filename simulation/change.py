"""From a change file to adoption: its numbers read and bounded, and the S-curve or the culture model run."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from agents.drivers import Drivers
from simulation.adoption import NO_TEAM, Adoption, s_curve
from simulation.calendar import Calendar
from simulation.errors import DemandflowError, Problem, nearest
from simulation.inputs import Values
from simulation.library import Loaded
from simulation.printed import Reader
from simulation.reading import Where, at
from simulation.schema.change import Change, Culture, SCurve
from simulation.schema.quantity import Evidence

MONTH = re.compile(r"(1[89]|2[01])\d\d-(0[1-9]|1[0-2])")
MOST_MONTHS = 600.0
MOST_PRACTITIONERS = 10_000
RATINGS = ("LOW", "MEDIUM", "HIGH")
_ROOT = "adoption"


class _Bounded(Reader):
    """Figures of the ``adoption:`` section, each with its whole range between bounds."""

    def of(self, number: Any, where: Where, low: float = 0.0, high: float = 1.0) -> float:
        """A figure; a share unless bounds are given."""
        faults = len(self.found)
        place: Where = (_ROOT, *where)
        value = self.number(number, place, low, high)
        if len(self.found) > faults:
            return value
        inputs, file = self.values.inputs, self.loaded
        if isinstance(number, str) and number.isidentifier():  # a parameter alone: its range is this one's
            item = inputs.resolve(file.ref, number)
            number, file, place = item.number, item.loaded, item.where
        given = number.range if isinstance(number, Evidence) else None
        if given is not None and not (low <= given.low and given.high <= high):
            what = f"{at(place)}: the range runs from {given.low:,.15g} to {given.high:,.15g}."
            mend = f"Keep it between {low:,.15g} and {high:,.15g}."
            self.found.append(file.problem((*place, "range"), what, mend))
        return value


def _month(month: str) -> int:
    """A calendar month as year × 12 + month − 1."""
    if not MONTH.fullmatch(month):
        raise DemandflowError(f"'{month}' is not a month of launch. Write year and month, such as 2016-12.")
    return int(month[:4]) * 12 + int(month[5:]) - 1


def _known_teams(reader: _Bounded, named: Iterable[str], key: str, teams: tuple[str, ...]) -> None:
    reader.found.extend(
        reader.loaded.problem(
            (_ROOT, key, name),
            f"{at((_ROOT, key, name))}: '{name}' is not a team of the models that change.",
            nearest(name, teams),
        )
        for name in named
        if name not in teams
    )


def _curve(reader: _Bounded, curve: SCurve) -> tuple[float, float, dict[str, float]]:
    """Months to complete as planned, steepness, and months by which teams start later."""
    months = reader.of(curve.months_to_embed, ("months_to_embed",), 1.0, MOST_MONTHS)
    steepness = reader.of(curve.steepness, ("steepness",), 0.01, 100.0)
    later = {name: reader.of(n, ("later", name), -MOST_MONTHS, MOST_MONTHS) for name, n in curve.later.items()}
    return months, steepness, later


def _drivers(reader: _Bounded, config: Culture) -> tuple[Drivers, dict[str, int]]:
    """Drivers, and how many practitioners each team has."""
    sizes = {
        name: round(reader.of(team.practitioners, ("teams", name, "practitioners"), 1.0, MOST_PRACTITIONERS))
        for name, team in config.teams.items()
    }
    drivers = Drivers(
        training_reach=reader.of(config.training.reach, ("training", "reach")),
        training_effect=reader.of(config.training.effect, ("training", "effect")),
        training_months=reader.of(config.training.months, ("training", "months"), 0.0, MOST_MONTHS),
        leadership=reader.of(config.leadership.strength, ("leadership", "strength")),
        leadership_pull=reader.of(config.leadership.pull, ("leadership", "pull")),
        peer_pull=reader.of(config.peer_pull, ("peer_pull",)),
        slipping=reader.of(config.slipping, ("slipping",)),
        leaving=in_a_month(reader.of(config.turnover.leaving_a_year, ("turnover", "leaving_a_year"))),
        newcomers_practice=reader.of(config.turnover.newcomers_practice, ("turnover", "newcomers_practice")),
        least_receptive=reader.of(config.least_receptive, ("least_receptive",)),
    )
    return drivers, sizes


def in_a_month(in_a_year: float) -> float:
    """The chance of a month that comes to a chance of a year: 1 − (1 − p)^(1/12)."""
    return float(1.0 - (1.0 - in_a_year) ** (1.0 / 12.0))


def change_problems(loaded: Loaded, values: Values) -> list[Problem]:
    """What is wrong with a change file's numbers, beyond its schema."""
    reader = _Bounded(loaded, values)
    config: Change = loaded.config
    if isinstance(config.adoption, SCurve):
        _curve(reader, config.adoption)
    else:
        _drivers(reader, config.adoption)
    return reader.found


def effect_of_rating(rating: str, size: float) -> float:
    """What a vehicle's rating by the board would mean if a step of it were worth ``size``: a scenario, not evidence.

    HIGH is 1 + size times as fast as MEDIUM, and LOW as much slower; so with no size vehicles do not differ.

    Returns:
        The ``effect`` for ``adoption_for``: speed less 1.

    Raises:
        DemandflowError: a rating outside the board's scale, or a size below 0.
    """
    if rating not in RATINGS:
        raise DemandflowError(f"'{rating}' is not on the board's scale of ratings. Use: {', '.join(RATINGS)}.")
    if not 0.0 <= size < float("inf"):
        raise DemandflowError(f"a vehicle effect of {size:g} is not a size. Give a number from 0 upward.")
    return {"LOW": 1.0 / (1.0 + size) - 1.0, "MEDIUM": 0.0, "HIGH": size}[rating]


def adoption_for(
    change: Loaded,
    values: Values,
    calendar: Calendar,
    teams: tuple[str, ...],
    launch: str,
    seed: int,
    replication: int,
    effect: float = 0.0,
    overrun: float = 0.0,
) -> Adoption:
    """Adoption by each of a model's teams after a launch.

    Args:
        change: a file of kind ``change``.
        teams: the teams of the models that change; one that the file does not list takes the row of ``''``.
        launch: the calendar month, such as '2016-12', in which change begins; it may lie before or after the run.
        seed, replication: whose luck the culture model's practitioners have. The S-curve has none.
        effect: how much faster than without it practice changes: the curve takes 1 / (1 + effect) of its months, and
            training and leadership move practitioners 1 + effect times as far. 0 where vehicles do not differ.
        overrun: an allowance for optimism about time: the share by which the curve's months are exceeded. Give it here
            or as a delay in the appraisal, not in both. The culture model plans no end, so it takes none.

    Returns:
        Rows in the order of ``teams``, then ``''``.

    Raises:
        ConfigError: numbers out of bounds, or a team that the models do not have, with file and line.
        DemandflowError: a launch that is not a month, an effect that is no speed, an overrun below 0.
    """
    if not -1.0 < effect < float("inf"):
        raise DemandflowError(f"an effect of {effect:g} leaves no speed of change. Give a number above -1.")
    if not 0.0 <= overrun < float("inf"):
        raise DemandflowError(f"an overrun of {overrun:g} makes a programme shorter. Give a share from 0 upward.")
    since = _month(launch) - _month(f"{calendar.start:%Y-%m}")
    reader = _Bounded(change, values)
    how = change.config.adoption
    if isinstance(how, SCurve):
        _known_teams(reader, how.later, "later", teams)
        months, steepness, later = _curve(reader, how)
        reader.stop_if_any()
        return s_curve(calendar.months, since, months * (1.0 + overrun) / (1.0 + effect), steepness, teams, later)
    _known_teams(reader, how.teams, "teams", teams)
    drivers, sizes = _drivers(reader, how)
    reader.stop_if_any()
    shares = np.zeros((len(teams) + 1, calendar.months))
    if since < calendar.months:
        from simulation import culture  # only now: importing Mesa decides how the process would start others

        rows = culture.run(
            drivers.at_speed(1.0 + effect), sizes, _month(launch), calendar.months - since, seed, replication
        )
        begins = max(since, 0)
        for index, team in enumerate((*teams, NO_TEAM)):
            shares[index, begins:] = rows.get(team, rows[NO_TEAM])[begins - since :]
    return Adoption((*teams, NO_TEAM), shares)
