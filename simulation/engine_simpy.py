"""The engine to read and step through: people are Mesa agents, each a SimPy process; teams are resources."""

from __future__ import annotations

import gc
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import mesa
import networkx as nx
import numpy as np
from mesa.agent import Agent, AgentSet

from agents.codes import Phase
from agents.person import Person
from agents.protocols import Draw, Plan, Row
from agents.team import Team
from simulation.calendar import Calendar
from simulation.clock import Clock, Life, Timer
from simulation.pathway import UNLIMITED, Pathway
from simulation.philox import pair
from simulation.population import Population
from simulation.quantiles import look_up
from simulation.trace import Trace
from simulation.working_time import Week

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


def _team(world: CareModel, pathway: Pathway, number: int, calendar: Calendar, end: int) -> Team | None:
    """A team with its hours and roster until ``end``; None where nobody waits and nothing interrupts the work."""
    size, effort = int(pathway.team_size[number]), float(pathway.team_effort[number])
    spans = [(day, opens, closes) for day, opens, closes in pathway.team_spans[number].tolist() if day >= 0]
    if size == UNLIMITED and not spans and effort == 1.0:
        return None
    hours = Week(tuple(spans), bool(pathway.team_holidays[number])).windows(calendar, end) if spans else None
    first = calendar.start.year * 12 + calendar.start.month - 1
    changes = []
    for month, practitioners in pathway.team_roster[number].tolist():
        if 0 <= month <= first:
            size = practitioners
        elif month > first:
            changes.append((calendar.tick(calendar.month(month - first)), practitioners))
    return Team(world, number, None if size == UNLIMITED else size, hours, effort, changes)


Coming = tuple[int, int, int, float, int]
"""Somebody about to make contact: tick, identity, type, need rank and the stage where they come in."""


def _in_order(people: Population, pathway: Pathway) -> Iterator[Coming]:
    """Those whom the pathway lets in, by (time, person)."""
    entry = pathway.entry[people.codes["source"]]
    kind = pathway.types.number(people.codes, people.size)
    columns = (people.time, people.person, kind, people.rank, entry)
    return zip(*(column[entry >= 0].tolist() for column in columns), strict=True)


def _drawer(seed: int, replication: int) -> Draw:
    """Two uniforms that belong to a person and a decision."""

    def draw(person: int, draw: int, episode: int, attempt: int) -> tuple[float, float]:
        return pair(person, draw, episode, attempt, seed, replication)  # type: ignore[no-any-return]

    return draw


def _looker_up(pathway: Pathway) -> Callable[[int, float], int]:
    """A duration in ticks from a row of the quantile tables and a uniform."""
    tables = list(pathway.tables)

    def duration(table: int, u: float) -> int:
        return look_up(tables[table], u)  # type: ignore[no-any-return]

    return duration


class CareModel(mesa.Model):
    """The world of one run: a clock, teams, and the people who are in it now (``model.agents``).

    Mesa's own random generators exist and are never drawn from.
    """

    def __init__(
        self, pathway: Pathway, people: Population, calendar: Calendar, end: int, seed: int, replication: int
    ):
        super().__init__()
        self.clock = Clock()
        self.plan = plan_of(pathway)
        self.people = people
        self.rows: list[int] = []  # flat, five numbers to a row: quicker than an array and no larger
        self.write: Callable[[Row], None] = self.rows.extend
        self.teams = [_team(self, pathway, number, calendar, end) for number in range(len(pathway.teams))]
        self.draw = _drawer(seed, replication)
        self.look_up = _looker_up(pathway)
        self._month_starts = calendar.month_starts_until(end)
        self._first_month = calendar.start.month - 1
        self._to_come = _in_order(people, pathway)
        self._await_next()

    def month_table(self, now: int) -> int:
        """Calendar month, 0 for January."""
        return (self._first_month + bisect_right(self._month_starts, now) - 1) % 12

    def _await_next(self) -> None:
        """One arrival at a time stands in the schedule."""
        for coming in self._to_come:
            time, person, *_ = self._coming = coming
            self.clock.timer(time - int(self.clock.now), _ARRIVES, person, 0, 0).callbacks.append(self._admit)
            break

    def _admit(self, arrival: Timer) -> None:
        _, person, kind, rank, entry = self._coming
        self._await_next()
        Life(self.clock, Person(self, person, kind, rank, entry).life(), arrival)

    def run_until(self, end: int) -> None:
        """Let everything happen before tick ``end``."""
        self.clock.run_until(end)

    def trace(self) -> Trace:
        """What has happened so far."""
        table = np.fromiter(self.rows, np.int64, len(self.rows)).reshape(-1, 5).T.copy()
        time, person, stage, event, value = table
        return Trace(time, person, stage, event, value, int(self.clock.now))

    # Mesa keeps three registers of its agents, two of them of weak references, which costs a person more than their
    # draws do. One is enough: the sets are made from it when somebody asks.

    def register_agent(self, agent: Agent) -> None:
        """Take in an agent; Mesa calls this when one is made."""
        self._agents[agent] = None

    def deregister_agent(self, agent: Agent) -> None:
        """Let an agent go; Mesa calls this when one is removed."""
        del self._agents[agent]

    @property
    def agents(self) -> AgentSet:
        """Everybody who is in the model now."""
        return AgentSet(self._agents, random=self.random)

    @property
    def agents_by_type(self) -> dict[type[Agent], AgentSet]:
        """Persons, teams and practitioners who are in the model now."""
        return {kind: self.agents.select(agent_type=kind) for kind in self.agent_types}

    @property
    def agent_types(self) -> list[type[Agent]]:
        """The kinds of agent in the model now."""
        return list(dict.fromkeys(type(agent) for agent in self._agents))

    def close(self) -> None:
        """Let go of everything: Mesa 3.3 would keep each model alive in ``Agent._ids``."""
        mesa.Agent._ids.pop(self, None)
        self._agents.clear()
        self.rows.clear()


@contextmanager
def no_pauses() -> Iterator[None]:
    """Without Python's search for circular garbage: people who leave hold no circles, so it would find nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def run(pathway: Pathway, people: Population, calendar: Calendar, end: int, seed: int, replication: int) -> Trace:
    """One replication, from tick 0 to ``end``."""
    model = CareModel(pathway, people, calendar, end, seed, replication)
    with no_pauses():
        try:
            model.run_until(end)
            return model.trace()
        finally:
            model.close()
