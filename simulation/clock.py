"""Time in whole milliseconds, and one order for all that happens in the same millisecond.

The key is (time, phase, person, ticket, step). It belongs to who is concerned, never to the order in which things
were scheduled, so that two engines that schedule differently still agree.
"""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import count
from typing import Any

import simpy
from simpy.events import PENDING, Event, Process

_AT_ONCE = -1  # before every phase: SimPy's own housekeeping, which concerns nobody's place in the order


class Timer(Event):
    """An event that comes at a known moment; what all timers have in common stands here once."""

    _value = None
    _ok = True
    _defused = False

    def __init__(self, env: Clock):
        self.env = env
        self.callbacks = []


class Call(Event):
    """Waited for in a queue; comes when a practitioner or a place is handed over.

    Attributes:
        called: handed over in this millisecond, though the hand-off itself may still be to come.
        gone: the person has left the queue.
    """

    called = False
    gone = False


class Life(Process):
    """A process that starts inside the event that brings it: the arrival itself, with the arrival's key."""

    def __init__(self, env: Clock, generator: Any, arrival: Event):
        self.env = env
        self.callbacks = []
        self._value = PENDING
        self._generator = generator
        self._target = arrival
        self._resume(arrival)


class Clock(simpy.Environment):
    """A SimPy environment in which every event has its key."""

    def __init__(self) -> None:
        super().__init__(0)
        self._queue: list[Any] = []  # entries are longer than SimPy's own
        self._housekeeping = count()

    def schedule(self, event: Event, priority: int = 1, delay: float = 0) -> None:
        """Put SimPy's own events (the end of a process) in order; one that nobody waits for is done at once."""
        if isinstance(event, Process) and event._ok and not event.callbacks:
            event.callbacks = None  # type: ignore[assignment]  # SimPy's own mark of a processed event
            return
        heappush(self._queue, (self._now + delay, _AT_ONCE, next(self._housekeeping), 0, 0, event))

    def timer(self, delay: int, phase: int, person: int, ticket: int, step: int) -> Timer:
        """An event ``delay`` ticks from now."""
        event = Timer(self)
        heappush(self._queue, (self._now + delay, phase, person, ticket, step, event))
        return event

    def trigger(self, event: Event, phase: int, person: int, ticket: int, step: int) -> None:
        """Let a waiting event come now, in its place in the order."""
        event._ok = True
        event._value = None
        heappush(self._queue, (self._now, phase, person, ticket, step, event))

    def never(self) -> Call:
        """An event that comes only if it is triggered."""
        return Call(self)

    def live(self, generator: Any, now: Event) -> Life:
        """Let a life begin inside the event that is happening."""
        return Life(self, generator, now)

    def run_until(self, end: int) -> None:
        """Let everything happen that happens before tick ``end``."""
        queue = self._queue
        while queue and queue[0][0] < end:
            entry = heappop(queue)
            self._now = entry[0]
            event = entry[5]
            callbacks = event.callbacks
            event.callbacks = None
            for callback in callbacks:
                callback(event)
            if not event._ok and not getattr(event, "_defused", False):
                raise event._value
        self._now = end
