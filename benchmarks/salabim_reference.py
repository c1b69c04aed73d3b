"""The reference pathway in salabim: people are components, teams are resources, as its manual shows.

Written with ``yield``, since with its other way, a greenlet for each person, the same takes longer. The monitors of
resources and their queues are off, since nobody reads them here. Time is in hours; the rows are those of ``by_hand``.
"""

from __future__ import annotations

from random import Random
from typing import Any

import salabim as sim

from benchmarks.by_hand import DAY, YEAR, Process, Row, lognormal

TEAMS = {"desk": 2, "hub": 1, "home_visit": 3, "enablement": 470, "assessment": 7}


class Council(sim.Environment):
    """The teams, the random numbers and the rows."""

    def setup(self, seed: int) -> None:
        """Called by salabim when the environment is made."""
        self.luck = Random(seed)
        self.rows: list[Row] = []
        self.contacts = 0
        self.teams = {name: sim.Resource(name, size, monitor=False, env=self) for name, size in TEAMS.items()}


class Person(sim.Component):
    """One person: from contact to the end of care."""

    env: Council

    def setup(self, who: int) -> None:
        """Called by salabim when the component is made."""
        self.who = who

    def tell(self, stage: str, event: str, value: str = "") -> None:
        """Append a row."""
        self.env.rows.append((self.env._now, self.who, stage, event, value))

    def serve(self, stage: str, hours: float) -> Process:
        """Wait for a team and be served."""
        team = self.env.teams[stage]
        self.tell(stage, "join")
        yield self.request(team)
        self.tell(stage, "start")
        yield self.hold(hours)
        self.release(team)
        self.tell(stage, "end")

    def care(self, begins: str) -> Process:
        """A package, for as long as it lasts."""
        self.tell("care", begins)
        self.tell("care", "weekly")
        yield self.hold(self.env.luck.expovariate(1 / (2.5 * YEAR)))
        self.tell("care", "package_end")
        self.tell("care_ended", "outcome")

    def process(self) -> Process:
        """From contact to an outcome."""
        luck = self.env.luck
        self.tell("contact", "contact")
        yield from self.serve("desk", luck.expovariate(3))
        if luck.random() < 0.7:
            self.tell("after_desk", "branch", "leaves")
            self.tell("advice", "outcome")
            return
        self.tell("after_desk", "branch", "goes_on")
        if luck.random() < 0.5:
            self.tell("where", "branch", "hub")
            yield from self.serve("hub", lognormal(luck, 1.5, 0.5))
        else:
            self.tell("where", "branch", "home_visit")
            yield from self.serve("home_visit", lognormal(luck, 4, 0.5))
        if luck.random() < 0.4:
            self.tell("reached", "branch", "enabled")
            yield from self.serve("enablement", 42 * DAY)
        else:
            self.tell("reached", "branch", "at_once")
        yield from self.serve("assessment", lognormal(luck, 6, 0.5))
        if luck.random() < 0.4:
            self.tell("funding", "branch", "not_funded")
            self.tell("no_package", "outcome")
            return
        self.tell("funding", "branch", "funded")
        yield from self.care("package_start")


class Holder(Person):
    """Somebody in care at the start."""

    def process(self) -> Process:
        """Until care ends."""
        yield from self.care("held")


class Contacts(sim.Component):
    """People who come one by one, as a Poisson process, until an hour."""

    env: Council

    def setup(self, per_hour: float, until: float) -> None:
        """Called by salabim when the component is made."""
        self.per_hour, self.until = per_hour, until

    def process(self) -> Any:
        """Make somebody, wait, and so on."""
        env = self.env
        while True:
            yield self.hold(env.luck.expovariate(self.per_hour))
            if env._now >= self.until:
                return
            env.contacts += 1
            Person(who=env.contacts, env=env)


def reference(seed: int, contacts_until: float, end: float, per_day: float = 85.0, held: int = 6_000) -> list[Row]:
    """The reference pathway: the same rows as ``by_hand.reference``."""
    council = Council(seed=seed, trace=False, yieldless=False)
    for number in range(held):
        Holder(who=-number, env=council)
    Contacts(per_hour=per_day / DAY, until=contacts_until, env=council)
    council.run(till=end)
    return council.rows
