"""A person who asks for help: a Mesa agent whose life is a SimPy process."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from mesa import Agent

from agents.codes import Event, Kind, Phase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agents.protocols import Life, World

_SERVICE, _DECISION, _SET, _PACKAGE = (int(k) for k in (Kind.SERVICE, Kind.DECISION, Kind.SET, Kind.PACKAGE))
_ENDS = int(Phase.END)
_BELOW_ONE = 1.0 - 2.0**-53  # the largest float below 1
_CONTACT, _JOIN, _START, _END, _BRANCH, _BECAME, _IN_CARE, _CARE_ENDS, _LEFT = (int(e) for e in tuple(Event)[:9])


def standing(rank: float, scale: tuple[Sequence[float], Sequence[float]] | None) -> float:
    """Where a need rank stands among those who reach a decision; ``scale`` None means all ranks alike.

    Always below 1, also for somebody heavier than anyone the scale was made from: they take the last branch that
    anybody takes.
    """
    if scale is None:
        return rank
    ranks, standings = scale
    right = bisect_right(ranks, rank)
    if right >= len(ranks):
        return min(standings[-1], _BELOW_ONE)
    low = ranks[right - 1]
    base = standings[right - 1]
    return min(base + (rank - low) / (ranks[right] - low) * (standings[right] - base), _BELOW_ONE)


class Person(Agent):
    """One person and the present state of their episode.

    Attributes:
        person: 64-bit identity; random draws and the order of simultaneous events go by it.
        type: person type, an index into the plan's tables. rank: need rank, 0 to 1.
        episode: which episode of need this is. ticket: queue entries so far. step: own events so far.
    """

    def __init__(self, world: World, person: int, kind: int, rank: float, entry: int):
        super().__init__(world)
        self.person = person
        self.type = kind
        self.rank = rank
        self.entry = entry
        self.episode = 0
        self.ticket = 0
        self.step = 0
        self.stage = entry
        self.visits: dict[int, int] = {}

    def remove(self) -> None:
        """Leave the model; Mesa's own way also looks after agents who have left before."""
        self.model.deregister_agent(self)

    def _attempt(self, stage: int) -> int:
        """How often this person has met this stage before in this episode."""
        before = self.visits.get(stage, 0)
        self.visits[stage] = before + 1
        return before

    def life(self) -> Life:
        """From contact to outcome, stage by stage."""
        world: World = self.model
        clock, plan, draw, write = world.clock, world.plan, world.draw, world.write
        kinds, following, person, loops = plan.kind, plan.following, self.person, plan.loops
        now, stage = clock.now, self.entry
        write((now, person, stage, _CONTACT, self.type))
        stage = following[stage]
        while True:
            kind = kinds[stage]
            self.stage = stage
            attempt = self._attempt(stage) if loops else 0
            if kind == _DECISION:
                branch = self._decide(stage, attempt, now)
                write((now, person, stage, _BRANCH, branch))
                stage = plan.branch_to[plan.decision[stage]][branch]
            elif kind == _SERVICE:
                self.ticket = ticket = self.ticket + 1
                write((now, person, stage, _JOIN, 0))
                team = world.teams[plan.team[stage]]
                if team is not None and not team.seat():
                    self.step += 1
                    yield team.queue(plan.priority[stage][self.type], person, ticket, self.step)
                    now = clock.now
                write((now, person, stage, _START, 0))
                u, _ = draw(person, plan.draw_duration[stage], self.episode, attempt)
                length = world.look_up(plan.duration[stage][self.type], u)
                if team is not None:
                    length = team.span(now, length)
                self.step += 1
                yield clock.timer(length, _ENDS, person, ticket, self.step)
                now += length
                write((now, person, stage, _END, 0))
                if team is not None:
                    team.leave()
                stage = following[stage]
            elif kind == _PACKAGE:
                write((now, person, stage, _IN_CARE, self.type))
                table = plan.duration[stage][self.type]
                if table < 0:  # no length of stay is known: care goes on for as long as the run
                    yield clock.never()
                u, _ = draw(person, plan.draw_duration[stage], self.episode, attempt)
                length = world.look_up(table, u)
                self.step += 1
                yield clock.timer(length, _ENDS, person, self.ticket, self.step)
                now += length
                write((now, person, stage, _CARE_ENDS, self.type))
                stage = following[stage]
            elif kind == _SET:
                self.type = plan.becomes[stage][self.type]
                write((now, person, stage, _BECAME, self.type))
                stage = following[stage]
            else:
                write((now, person, stage, _LEFT, 0))
                self.remove()
                return

    def _decide(self, stage: int, attempt: int, now: int) -> int:
        """The branch: by need rank with the decision's weight, by chance otherwise."""
        world: World = self.model
        plan = world.plan
        row = plan.decision[stage]
        table = world.month_table(now) if plan.by_month else 0
        chance, coin = world.draw(self.person, plan.draw_branch[stage], self.episode, attempt)
        if coin < plan.follows_need[row]:
            chance = standing(self.rank, plan.scale[row][table][self.type])
        return bisect_right(plan.cumulative[row][table][self.type], chance)
