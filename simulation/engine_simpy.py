"""The engine to read and step through: people are Mesa agents, each a SimPy process; teams are resources."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import Any

import mesa
import numpy as np
from mesa.agent import Agent, AgentSet

from agents.codes import Kind, Phase
from agents.diary import Diary
from agents.person import Person
from agents.protocols import Draw, Plan, Row
from agents.team import Team
from simulation.admission import coming
from simulation.calendar import MS_PER_DAY, Calendar
from simulation.clock import Clock, Timer
from simulation.compiling import no_pauses
from simulation.limits import MOST_ATTEMPTS, beyond
from simulation.pathway import UNLIMITED, Pathway
from simulation.philox import pair
from simulation.population import Population
from simulation.quantiles import look_up
from simulation.slots import slot_times
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
        attempts=pathway.meets_again,
        met_as=pathway.met_as.tolist(),
        by_month=pathway.months > 1,
        adopts=pathway.adopts.tolist() or [-1] * len(pathway.branches),
        adoption=pathway.adoption.tolist(),
        delay=pathway.delay.tolist(),
        draw_delay=pathway.draw_delay.tolist(),
        draw_attend=pathway.draw_attend.tolist(),
        draw_size=pathway.draw_size.tolist(),
        draw_pays=int(pathway.draw_pays),
        once=pathway.once.astype(bool).tolist(),
        gives_up=pathway.gives_up.tolist(),
        rebookings=pathway.rebookings.tolist(),
        misses=pathway.misses.tolist(),
        hazards=_filled(pathway.hazards),
        forks=_filled(pathway.forks),
        goes_on=pathway.goes_on.astype(bool).tolist(),
        plain=_plain(pathway),
        replaces=_filled(pathway.replaces),
        set_need=[(times, plus) for times, plus in pathway.set_need.tolist()],
        set_care=pathway.set_care.tolist(),
        again=pathway.again.tolist(),
        again_at=pathway.again_at.tolist(),
        died=pathway.died.astype(bool).tolist(),
        pence=pathway.pence_per_week.tolist(),
        size=pathway.size.tolist(),
        size_weight=pathway.size_weight.tolist(),
        size_scale=[[_scale(pathway, at[0], at[1]) for at in by_type] for by_type in pathway.size_at.tolist()],
        pays=pathway.pays.tolist(),
    )


def _plain(pathway: Pathway) -> list[bool]:
    """Care in the foreground without hazards and reviews: shape (n,)."""
    cut = [np.any(table >= 0, axis=1) for table in (pathway.hazards, pathway.forks)]
    result: list[bool] = ((pathway.goes_on == 0) & ~cut[0] & ~cut[1]).tolist()
    return result


def _filled(table: Any) -> list[list[int]]:
    """Rows without their filling."""
    return [[entry for entry in row if entry >= 0] for row in table.tolist()]


def _diary(pathway: Pathway, stage: int, calendar: Calendar, end: int) -> Diary | None:
    """The slots of an appointments stage until ``end``; None where there are always enough, or none are needed."""
    if pathway.kind[stage] != Kind.APPOINTMENTS or pathway.unlimited_slots[stage]:
        return None
    times, free, sites = slot_times(pathway, stage, calendar, end)
    return Diary(times.tolist(), free.tolist(), sites.tolist())


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


def _drawer(model: CareModel, name: str, seed: int, replication: int) -> Draw:
    """Two uniforms that belong to a person and a decision."""

    def draw(person: int, draw: int, episode: int, attempt: int) -> tuple[float, float]:
        if episode > MOST_ATTEMPTS or attempt >= MOST_ATTEMPTS:
            raise beyond("attempts" if attempt >= MOST_ATTEMPTS else "episodes", name, int(model.clock.now))
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

    def __init__(self, pathway: Pathway, people: Population, calendar: Calendar, end: int, seed: int, replication: int):
        super().__init__()
        self.clock = Clock()
        self.plan = plan_of(pathway)
        self.people = people
        self.rows: list[int] = []  # flat, five numbers to a row: quicker than an array and no larger
        self.write: Callable[[Row], None] = self.rows.extend
        self.teams = [_team(self, pathway, number, calendar, end) for number in range(len(pathway.teams))]
        self.draw = _drawer(self, pathway.name, seed, replication)
        self.look_up = _looker_up(pathway)
        self._month_starts = calendar.month_starts_until(end)
        self._first_month = calendar.start.month - 1
        self.diaries = [_diary(pathway, stage, calendar, end) for stage in range(len(pathway.stages))]
        self._to_come = coming(people, pathway, seed, replication)
        self._await_next()

    def month_table(self, now: int) -> int:
        """Calendar month, 0 for January."""
        return (self._first_month + self.month_of(now)) % 12

    def month_of(self, now: int) -> int:
        """Month of the run, from 0 on."""
        return bisect_right(self._month_starts, now) - 1

    def _await_next(self) -> None:
        """One arrival at a time stands in the schedule."""
        for somebody in self._to_come:
            time, person, *_ = self._coming = somebody
            self.clock.timer(time - int(self.clock.now), _ARRIVES, person, 0, 0).callbacks.append(self._admit)
            break

    def _admit(self, arrival: Timer) -> None:
        _, person, kind, rank, entry, door, left, age = self._coming
        self._await_next()
        self.clock.live(Person(self, person, kind, rank, entry, door).life(left, age), arrival)

    def run_until(self, end: int) -> None:
        """Let everything happen before tick ``end``."""
        self.clock.run_until(end)

    def trace(self) -> Trace:
        """What has happened so far, or since the rows were last cleared."""
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


def run(pathway: Pathway, people: Population, calendar: Calendar, end: int, seed: int, replication: int) -> Trace:
    """One replication, from tick 0 to ``end``."""
    model = CareModel(pathway, people, calendar, end, seed, replication)
    with no_pauses():
        try:
            model.run_until(end)
            return model.trace()
        finally:
            model.close()


def blocks(
    pathway: Pathway,
    people: Population,
    calendar: Calendar,
    end: int,
    seed: int,
    replication: int,
    rows: int = 100_000,
) -> Iterator[Trace]:
    """One replication in pieces of whole days and at least ``rows`` rows: one after the other they are ``run``'s trace.

    For who wants only sums: a piece is forgotten when the next is asked for, so that memory goes with the people who
    are there now and not with all who ever came.
    """
    model = CareModel(pathway, people, calendar, end, seed, replication)
    now = 0
    try:
        while now < end:
            with no_pauses():
                while now < end and len(model.rows) < 5 * rows:
                    now = min(now + MS_PER_DAY, end)
                    model.run_until(now)
            yield model.trace()
            model.rows.clear()
    finally:
        model.close()
