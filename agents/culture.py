"""Practitioners who learn to work in the new way, and forget it again: the culture model's agents.

A behavioural hypothesis, not a finding. Practice is the share of a practitioner's decisions that are made in the new
way: 0 is how people work today, 1 is the target model. (Those who serve people in the queues are in agents/team.py.)
"""

from __future__ import annotations

import math
from typing import Any, Protocol

from mesa import Agent

from agents.drivers import Drivers


class World(Protocol):
    """The model that practitioners live in."""

    drivers: Drivers

    @property
    def month(self) -> int:
        """The calendar month that passes, counted from the year nought."""

    @property
    def training_goes_on(self) -> bool:
        """Whether the programme still runs in this month."""

    def receptiveness(self, seat: int) -> float:
        """A number in (0, 1) that belongs to a seat."""

    def leaves(self, seat: int) -> float:
        """A number in (0, 1) that belongs to a seat and this month: who leaves."""

    def attends(self, seat: int) -> float:
        """A number in (0, 1) that belongs to a seat and this month: who is trained."""


class Practitioner(Agent):
    """Whoever has one seat of a team.

    A seat's luck is its own in each calendar month, so the same people leave and are trained in the same months
    whatever else is asked of the model. Who comes new is as receptive as who left.
    """

    def __init__(self, world: Any, seat: int):
        super().__init__(world)
        self.seat = seat
        self.practice = 0.0
        least = world.drivers.least_receptive
        self.receptive = least + (1.0 - least) * world.receptiveness(seat)

    def come_and_learn(self) -> None:
        """The first part of a month: somebody may leave and be replaced; whoever is there then may be trained.

        Everything is written with the gap to the target, 1 − practice, so that in floating point too more of a driver
        never gives less practice, and practice stays between 0 and 1.
        """
        world: World = self.model
        drivers = world.drivers
        if world.leaves(self.seat) < drivers.leaving:
            self.practice = drivers.newcomers_practice
        if world.training_goes_on and world.attends(self.seat) < drivers.training_reach:
            self.practice = 1.0 - (1.0 - self.practice) * (1.0 - drivers.training_effect * self.receptive)

    def settle(self, team_practice: float) -> None:
        """The second part: colleagues and leaders pull, and what nobody supports slips."""
        drivers: Drivers = self.model.drivers
        practice = min(self.practice * (1.0 - drivers.peer_pull) + team_practice * drivers.peer_pull, 1.0)
        pull = drivers.leadership * drivers.leadership_pull * self.receptive
        practice = 1.0 - (1.0 - practice) * (1.0 - pull)
        self.practice = practice * (1.0 - drivers.slipping * (1.0 - drivers.leadership))


class Team(Agent):
    """Practitioners who see each other at work. Teams do not look at other teams, so their order does not matter."""

    def __init__(self, world: Any, name: str, seats: list[int]):
        super().__init__(world)
        self.name = name
        self.practitioners = [Practitioner(world, seat) for seat in seats]

    @property
    def practice(self) -> float:
        """Mean practice."""
        return math.fsum(member.practice for member in self.practitioners) / len(self.practitioners)

    def pass_month(self) -> None:
        """A month: everybody sees the same colleagues, as they are after leaving and training."""
        for member in self.practitioners:
            member.come_and_learn()
        practice = self.practice
        for member in self.practitioners:
            member.settle(practice)
