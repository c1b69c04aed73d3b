"""The culture model: practitioners in teams, month by month, as a Mesa model. It runs before any engine.

A behavioural hypothesis: no number in it is measured. Engines get the table of shares it ends in, and nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import mesa
import numpy as np

from agents.culture import Team
from agents.drivers import Drivers
from simulation.adoption import NO_TEAM, PLACES, Floats
from simulation.identity import cell_id, draw_id, refuse_collisions
from simulation.philox import first_of_each

_RECEPTIVE = draw_id("practitioner_receptiveness", "attribute")
_LEAVES = draw_id("practitioner_leaves", "branch")
_TRAINED = draw_id("practitioner_training", "attend")


def seats_of(sizes: Mapping[str, int]) -> dict[str, list[int]]:
    """Each team's seats: numbers that depend on the team's name and the seat alone.

    Raises:
        DemandflowError: two teams whose seats would share their luck.
        ValueError: a team of nobody, or no team.
    """
    if not sizes or any(size < 1 for size in sizes.values()) or NO_TEAM in sizes:
        raise ValueError("the culture model needs teams with names, and practitioners in each")
    cells = {team: cell_id("practitioners", team, "", "") for team in sizes}
    refuse_collisions(cells.items())
    return {team: [(cells[team] << 32) | k for k in range(size)] for team, size in sizes.items()}


class CultureModel(mesa.Model):
    """Teams of practitioners from the month of launch on. Mesa's own random generators are never drawn from.

    Args:
        drivers: what moves practice.
        sizes: practitioners by team.
        launch: the calendar month of launch, as year × 12 + month − 1; from 0 to 65,535.
        seed, replication: whose luck it is.
    """

    def __init__(self, drivers: Drivers, sizes: Mapping[str, int], launch: int, seed: int, replication: int):
        super().__init__()
        self.drivers = drivers
        self.launch = self.month = launch
        self._seed_and_replication = seed, replication
        seats = seats_of(sizes)
        self._seats = np.array([seat for of_team in seats.values() for seat in of_team], dtype=np.uint64)
        self._receptiveness = self._luck(_RECEPTIVE, 0)
        self._leaves: dict[int, float] = {}  # drawn anew each month
        self._attends: dict[int, float] = {}
        self.teams = [Team(self, name, of_team) for name, of_team in seats.items()]

    @property
    def training_goes_on(self) -> bool:
        """Whether the programme still runs in this month."""
        return self.month - self.launch < self.drivers.training_months

    def receptiveness(self, seat: int) -> float:
        """A number in (0, 1) that belongs to a seat."""
        return self._receptiveness[seat]

    def leaves(self, seat: int) -> float:
        """A number in (0, 1) that belongs to a seat and this month: who leaves."""
        return self._leaves[seat]

    def attends(self, seat: int) -> float:
        """A number in (0, 1) that belongs to a seat and this month: who is trained."""
        return self._attends[seat]

    def _luck(self, draw: int, month: int) -> dict[int, float]:
        """A draw of every seat; together, because one by one a whole run takes half as long again."""
        luck = first_of_each(self._seats, draw, 0, month, *self._seed_and_replication)
        return dict(zip(self._seats.tolist(), luck.tolist(), strict=True))

    def step(self) -> None:
        """One month passes in every team."""
        self._leaves, self._attends = self._luck(_LEAVES, self.month), self._luck(_TRAINED, self.month)
        for team in self.teams:
            team.pass_month()
        self.month += 1

    def practice(self) -> list[float]:
        """Mean practice of each team, and last of all practitioners."""
        everybody = [member.practice for team in self.teams for member in team.practitioners]
        means = [*(team.practice for team in self.teams), math.fsum(everybody) / len(everybody)]
        return [round(mean, PLACES) for mean in means]

    def close(self) -> None:
        """Let go of everything: Mesa 3.3 would keep each model alive in ``Agent._ids``."""
        mesa.Agent._ids.pop(self, None)
        self.remove_all_agents()


def run(
    drivers: Drivers, sizes: Mapping[str, int], launch: int, months: int, seed: int, replication: int
) -> dict[str, Floats]:
    """Mean practice by team at the start of each month, the month of launch first and always 0.

    Returns:
        Arrays of shape (months,) from 0 to 1 by team; under ``''`` that of all practitioners.

    Raises:
        ValueError: drivers or sizes that cannot be. DemandflowError: two teams that would share their luck.
    """
    model = CultureModel(drivers, sizes, launch, seed, replication)
    try:
        table = [model.practice()]
        while len(table) < months:
            model.step()
            table.append(model.practice())
    finally:
        model.close()
    by_team = np.array(table[:months]).T
    return dict(zip((*sizes, NO_TEAM), by_team, strict=True))
