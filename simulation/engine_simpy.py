"""The engine to read and step through: people are Mesa agents, each a SimPy process; teams are resources."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable
from typing import Any

import mesa
import networkx as nx
import numpy as np

from agents.codes import Phase
from agents.person import Person
from agents.protocols import Plan, Row
from agents.team import Team
from simulation.calendar import Calendar
from simulation.clock import Clock, Life
from simulation.pathway import UNLIMITED, Pathway
from simulation.philox import pair
from simulation.population import Population
from simulation.quantiles import look_up
from simulation.trace import Trace

_ARRIVES = int(Phase.ARRIVAL)


def plan_of(pathway: Pathway) -> Plan:
    """The pathway's arrays as lists."""
    scale: list[Any] = [
        [[_scale(pathway, at[0], at[1]) for at in by_type] for by_type in by_month]
        for by_month in pathway.scale_at.tolist()
    ]
    return Plan(
        kind=pathway.kind.tolist(),
        following=pathway.following.tolist(),
        team=pathway.team.tolist(),
        draw_duration=pathway.draw_duration.tolist(),
        draw_branch=pathway.draw_branch.tolist(),
        duration=pathway.duration.tolist(),
        priority=pathway.priority.tolist(),
        becomes=pathway.becomes.tolist(),
        decision=pathway.decision.tolist(),
        branch_to=pathway.branch_to.tolist(),
        cumulative=pathway.cumulative.tolist(),
        follows_need=pathway.follows_need.tolist(),
        scale=scale,
        entry=pathway.entry.tolist(),
        loops=not nx.is_directed_acyclic_graph(pathway.network()),
        by_month=pathway.months > 1,
    )


def _scale(pathway: Pathway, start: int, length: int) -> tuple[list[float], list[float]] | None:
    if length == 0:
        return None
    part = slice(start, start + length)
    return pathway.scale_rank[part].tolist(), pathway.scale_standing[part].tolist()


class CareModel(mesa.Model):
    """The world of one run: a clock, teams, and the people who are in it now (``model.agents``).

    Mesa's own random generators exist and are never drawn from.
    """

    def __init__(self, pathway: Pathway, people: Population, calendar: Calendar, seed: int, replication: int):
        super().__init__()
        self.clock = Clock()
        self.plan = plan_of(pathway)
        self.people = people
        self.rows = array("q")
        self.write: Callable[[Row], None] = self.rows.extend
        self.teams = [
            None if size == UNLIMITED else Team(self, number, size)
            for number, size in enumerate(pathway.team_size.tolist())
        ]
        self._tables = list(pathway.tables)
        self._seed, self._replication = seed, replication
        self._month_starts = calendar.month_starts.tolist()
        self._first_month = calendar.start.month - 1
        self._persons = people.person.tolist()
        self._times = people.time.tolist()
        self._ranks = people.rank.tolist()
        self._sources = people.codes["source"].tolist()
        self._types = pathway.types.number(people.codes, people.size).tolist()
        self._next = 0
        self._await_next()

    def draw(self, person: int, draw: int, episode: int, attempt: int) -> tuple[float, float]:
        """Two uniforms that belong to this person and this decision."""
        return pair(person, draw, episode, attempt, self._seed, self._replication)  # type: ignore[no-any-return]

    def look_up(self, table: int, u: float) -> int:
        """A duration in ticks."""
        return look_up(self._tables[table], u)  # type: ignore[no-any-return]

    def month_table(self, now: int) -> int:
        """Calendar month, 0 for January."""
        return (self._first_month + bisect_right(self._month_starts, now) - 1) % 12

    def _await_next(self) -> None:
        """One arrival at a time stands in the schedule: people are sorted by (time, person)."""
        if self._next < len(self._persons):
            person, time = self._persons[self._next], self._times[self._next]
            event = self.clock.timer(time - self.clock.now, _ARRIVES, person, 0, 0)
            event.callbacks.append(self._admit)

    def _admit(self, arrival: Any) -> None:
        i = self._next
        self._next = i + 1
        self._await_next()
        entry = self.plan.entry[self._sources[i]]
        if entry >= 0:
            person = Person(self, self._persons[i], self._types[i], self._ranks[i], entry)
            Life(self.clock, person.life(), arrival)

    def run_until(self, end: int) -> None:
        """Let everything happen before tick ``end``."""
        self.clock.run_until(end)

    def trace(self) -> Trace:
        """What has happened so far."""
        table = np.frombuffer(self.rows, dtype=np.int64).reshape(-1, 5).T.copy()
        time, person, stage, event, value = table
        return Trace(time, person, stage, event, value, int(self.clock.now))

    def close(self) -> None:
        """Let go of everything: Mesa 3.3 would keep each model alive in ``Agent._ids``."""
        mesa.Agent._ids.pop(self, None)


def run(pathway: Pathway, people: Population, calendar: Calendar, end: int, seed: int, replication: int) -> Trace:
    """One replication, from tick 0 to ``end``."""
    model = CareModel(pathway, people, calendar, seed, replication)
    try:
        model.run_until(end)
        return model.trace()
    finally:
        model.close()
