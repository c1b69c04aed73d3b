"""Teams and practitioners: who does the work, and who is served next."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

from mesa import Agent

from agents.codes import Phase

if TYPE_CHECKING:
    from agents.protocols import World


class Practitioner(Agent):
    """One practitioner of a team; serves one person at a time."""

    def __init__(self, world: World, team: int):
        super().__init__(world)
        self.team = team


class Team(Agent):
    """Practitioners and the queue before them: lowest class first, then who joined first.

    The queue is a heap of (class, joined, person, ticket): a long queue costs little more than a short one. (SimPy's
    own priority resource sorts a list, which is quadratic in the backlog.)
    """

    def __init__(self, world: World, number: int, practitioners: int):
        super().__init__(world)
        self.number = number
        self.practitioners = [Practitioner(world, number) for _ in range(practitioners)]
        self.idle = practitioners
        self.waiting: list[tuple[int, int, int, int, int, Any]] = []

    def seat(self) -> bool:
        """Take an idle practitioner at once, if there is one. Nobody idles while somebody waits."""
        if self.idle:
            self.idle -= 1
            return True
        return False

    def queue(self, priority: int, person: int, ticket: int, step: int) -> Any:
        """Join the queue; the event comes when a practitioner is handed over."""
        clock = self.model.clock
        event = clock.never()
        heappush(self.waiting, (priority, clock.now, person, ticket, step, event))
        return event

    def leave(self) -> None:
        """Hand the practitioner to the next in the queue, as an event of its own, or let them idle."""
        if self.waiting:
            _, _, person, ticket, step, event = heappop(self.waiting)
            self.model.clock.trigger(event, int(Phase.HAND_OFF), person, ticket, step)
        else:
            self.idle += 1
