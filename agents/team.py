"""Teams and practitioners: who does the work, when they are there, and who is served next."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

from mesa import Agent

from agents.codes import Phase

if TYPE_CHECKING:
    from agents.protocols import Hours, World

_CAPACITY, _HAND_OFF = int(Phase.CAPACITY), int(Phase.HAND_OFF)
_BOUNDLESS = 1 << 60  # practitioners of an unlimited team that has opening hours
_OPENING, _ROSTER = 0, 1  # tickets that tell a team's own events in one millisecond apart


class Practitioner(Agent):
    """One practitioner of a team; serves one person at a time."""

    def __init__(self, world: World, team: int):
        super().__init__(world)
        self.team = team


class Team(Agent):
    """Practitioners and the queue before them: lowest class first, then who joined first.

    The queue is a heap of (class, joined, person, ticket): a long queue costs little more than a short one. (SimPy's
    own priority resource sorts a list, which is quadratic in the backlog.)

    Args:
        practitioners: how many at the start; None for as many as are asked for.
        hours: opening hours, None for always. effort: factor on the length of work.
        roster: (tick, practitioners from then on), rising.
    """

    def __init__(
        self,
        world: World,
        number: int,
        practitioners: int | None,
        hours: Hours | None = None,
        effort: float = 1.0,
        roster: Sequence[tuple[int, int]] = (),
    ):
        super().__init__(world)
        self.number = number
        self.hours = hours
        self.effort = effort
        self.practitioners: list[Practitioner] = []
        self.idle = 0
        self.leaving = 0  # practitioners who are off the roster and still finish what they began
        self.opening = -1  # the tick of the opening that is in the schedule
        self.waiting: list[tuple[int, int, int, int, int, Any]] = []
        if practitioners is None:
            self.idle = _BOUNDLESS
        else:
            self._resize(practitioners)
        for tick, size in roster:
            event = world.clock.timer(tick - world.clock.now, _CAPACITY, number, _ROSTER, 0)
            event.callbacks.append(lambda _, size=size: self._resize(size))

    def is_open(self, now: int) -> bool:
        """Whether work can begin at a tick."""
        return self.hours is None or self.hours.is_open(now)

    def seat(self) -> bool:
        """Take an idle practitioner at once, if one is there. Nobody idles in opening hours while somebody waits."""
        if self.idle and self.is_open(self.model.clock.now):
            self.idle -= 1
            return True
        return False

    def queue(self, priority: int, person: int, ticket: int, step: int) -> Any:
        """Join the queue; the event comes when a practitioner is handed over."""
        clock = self.model.clock
        event = clock.never()
        heappush(self.waiting, (priority, clock.now, person, ticket, step, event))
        if self.idle:
            self._await_opening()
        return event

    def withdraw(self, event: Any) -> None:
        """Leave the queue. The entry stays where it is and is passed over when its turn comes."""
        event.gone = True

    def span(self, start: int, work: int) -> int:
        """Calendar ticks from ``start`` until ``work`` ticks of work are done, with interruptions at closing time."""
        if self.effort != 1.0:
            work = int(work * self.effort)
        return work if self.hours is None else self.hours.end_of(start, work) - start

    def leave(self) -> None:
        """Give the practitioner back: off the roster, to the next in the queue, or to idle."""
        if self.leaving:
            self.leaving -= 1
            self.practitioners.pop().remove()
            return
        self.idle += 1
        if self.waiting:
            self._serve()

    def _serve(self) -> None:
        """Hand idle practitioners to those who wait, each as an event of its own; at night, in the morning."""
        clock = self.model.clock
        if not self.is_open(clock.now):
            self._await_opening()
            return
        while self.idle and self.waiting:
            _, _, person, ticket, step, event = heappop(self.waiting)
            if event.gone:
                continue
            self.idle -= 1
            event.called = True
            clock.trigger(event, _HAND_OFF, person, ticket, step)

    def _await_opening(self) -> None:
        """See to it that those who wait are served when the doors open next."""
        clock = self.model.clock
        if self.hours is None:
            return
        opens = self.hours.next_open(clock.now)
        if opens != self.opening:
            self.opening = opens
            event = clock.timer(opens - clock.now, _CAPACITY, self.number, _OPENING, 0)
            event.callbacks.append(lambda _: self._serve())

    def _resize(self, size: int) -> None:
        """A new roster: more can start at once; those too many go as they come free."""
        while len(self.practitioners) - self.leaving < size:
            if self.leaving:
                self.leaving -= 1
            else:
                self.practitioners.append(Practitioner(self.model, self.number))
                self.idle += 1
        while len(self.practitioners) - self.leaving > size:
            if self.idle:
                self.idle -= 1
                self.practitioners.pop().remove()
            else:
                self.leaving += 1
        if self.waiting and self.idle:
            self._serve()
