"""The reference pathway with Mesa's own event scheduler: people are agents, whatever they wait for is an event.

Mesa calls ``mesa.experimental.devs`` experimental. An event holds its function weakly; the model's register keeps the
agents alive, so a person's own methods may be scheduled. Teams are no part of Mesa: a number and a queue do. Time is in
hours, random numbers come from the model, and the rows are those of ``by_hand``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import mesa
from mesa.experimental.devs import DEVSimulator

from benchmarks.by_hand import DAY, YEAR, Row, lognormal


class Team:
    """Practitioners or places, and the people who wait for one."""

    def __init__(self, stage: str, size: int):
        self.stage = stage
        self.free = size
        self.queue: deque[Person] = deque()


class Council(mesa.Model):
    """The desk, the hub, the visitors, the places, the assessors, and everybody who is in the pathway now."""

    def __init__(self, simulator: DEVSimulator, contacts_until: float, per_day: float, held: int, seed: int):
        super().__init__(seed=seed)
        self.simulator = simulator
        simulator.setup(self)
        self.rows: list[Row] = []
        self.contacts_until = contacts_until
        self.per_hour = per_day / DAY
        self.contacts = 0
        self.desk, self.hub = Team("desk", 2), Team("hub", 1)
        self.visitors, self.assessors = Team("home_visit", 3), Team("assessment", 7)
        self.places = Team("enablement", 470)
        for number in range(held):
            Person(self, -number).receive_care("held")
        self.await_next()

    def await_next(self) -> None:
        """Schedule the next contact."""
        self.simulator.schedule_event_relative(self.contact, self.random.expovariate(self.per_hour))

    def contact(self) -> None:
        """Somebody gets in touch."""
        if self.simulator.time >= self.contacts_until:
            return
        self.contacts += 1
        Person(self, self.contacts).begin()
        self.await_next()


class Person(mesa.Agent):
    """One person and what happens to them."""

    def __init__(self, model: Council, who: int):
        super().__init__(model)
        self.who = who
        self.hours = 0.0
        self.then: Callable[[], None] = self.after_desk

    def tell(self, stage: str, event: str, value: str = "") -> None:
        """Append a row."""
        self.model.rows.append((self.model.simulator.time, self.who, stage, event, value))

    def join(self, team: Team, hours: float, then: Callable[[], None]) -> None:
        """Wait for a team, be served, and go on."""
        self.tell(team.stage, "join")
        self.hours, self.then = hours, then
        if team.free > 0:
            team.free -= 1
            self.start(team)
        else:
            team.queue.append(self)

    def start(self, team: Team) -> None:
        """Be served from now on."""
        self.tell(team.stage, "start")
        self.model.simulator.schedule_event_relative(self.finish, self.hours, function_args=[team])

    def finish(self, team: Team) -> None:
        """Whoever waits longest is next."""
        self.tell(team.stage, "end")
        if team.queue:
            team.queue.popleft().start(team)
        else:
            team.free += 1
        self.then()

    def leave(self, outcome: str) -> None:
        """Be gone."""
        self.tell(outcome, "outcome")
        self.remove()

    def begin(self) -> None:
        """The first contact."""
        self.tell("contact", "contact")
        self.join(self.model.desk, self.random.expovariate(3), self.after_desk)

    def after_desk(self) -> None:
        """Seven in ten leave; half of the others come to the hub, half are visited."""
        if self.random.random() < 0.7:
            self.tell("after_desk", "branch", "leaves")
            self.leave("advice")
            return
        self.tell("after_desk", "branch", "goes_on")
        if self.random.random() < 0.5:
            self.tell("where", "branch", "hub")
            self.join(self.model.hub, lognormal(self.random, 1.5, 0.5), self.reached)
        else:
            self.tell("where", "branch", "home_visit")
            self.join(self.model.visitors, lognormal(self.random, 4, 0.5), self.reached)

    def reached(self) -> None:
        """Two in five are enabled first."""
        if self.random.random() < 0.4:
            self.tell("reached", "branch", "enabled")
            self.join(self.model.places, 42 * DAY, self.be_assessed)
        else:
            self.tell("reached", "branch", "at_once")
            self.be_assessed()

    def be_assessed(self) -> None:
        """Everybody who was reached."""
        self.join(self.model.assessors, lognormal(self.random, 6, 0.5), self.funding)

    def funding(self) -> None:
        """Three in five get a package."""
        if self.random.random() < 0.4:
            self.tell("funding", "branch", "not_funded")
            self.leave("no_package")
        else:
            self.tell("funding", "branch", "funded")
            self.receive_care("package_start")

    def receive_care(self, begins: str) -> None:
        """A package, for as long as it lasts."""
        self.tell("care", begins)
        self.tell("care", "weekly")
        length = self.random.expovariate(1 / (2.5 * YEAR))
        self.model.simulator.schedule_event_relative(self.care_ends, length)

    def care_ends(self) -> None:
        """The package ends."""
        self.tell("care", "package_end")
        self.leave("care_ended")


def reference(seed: int, contacts_until: float, end: float, per_day: float = 85.0, held: int = 6_000) -> list[Row]:
    """The reference pathway: the same rows as ``by_hand.reference``."""
    simulator = DEVSimulator()
    council = Council(simulator, contacts_until, per_day, held, seed)
    simulator.run_until(end)
    mesa.Agent._ids.pop(council, None)  # or Mesa 3.3 would keep every model alive
    return council.rows
