"""Visitors apart: each waits for one state at a time, and nobody may ask for more than their share of the work."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from experiments.explore.live import Run
from experiments.explore.state import Refused

MOST_KNOWN = 4096
"""Visitors remembered; the one not seen for longest is forgotten first."""


@dataclass(frozen=True)
class Limits:
    """How much work is done.

    Attributes:
        runs: states that are lived at once, whoever asked. burst, each_second: states that one visitor may ask for at
        once, and from then on. from_one_place: times as much that one address may ask for. pairs: most for a state.
    """

    runs: int
    burst: float
    each_second: float
    from_one_place: float
    pairs: int


USUAL = Limits(runs=32, burst=60, each_second=10, from_one_place=20, pairs=10_000)
PUBLIC = Limits(runs=12, burst=12, each_second=1, from_one_place=20, pairs=40)


class Bucket:
    """So many at once, and so many a second from then on."""

    def __init__(self, burst: float, each_second: float, now: float):
        self.burst, self.each_second, self.left, self.since = burst, each_second, burst, now

    def take(self, now: float) -> bool:
        """One more, if there is room."""
        self.left = min(self.burst, self.left + (now - self.since) * self.each_second)
        self.since = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Sessions:
    """Who waits for what. Safe to use from many threads."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic):
        self.limits, self._clock, self._lock = limits, clock, Lock()
        self._runs: dict[str, Run] = {}
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def begin(self, visitor: str, place: str) -> Run:
        """A visitor asks for a state: what they waited for before is stopped.

        Args:
            visitor: a page in a browser. place: the address it asks from.

        Raises:
            Refused: too much work.
        """
        limits, run = self.limits, Run()
        with self._lock:
            older = self._runs.pop(visitor, None)
            if older is not None:
                older.stop()
            wide = limits.from_one_place
            mine = self._room(f"visitor {visitor}", limits.burst, limits.each_second)
            if not (mine and self._room(f"place {place}", limits.burst * wide, limits.each_second * wide)):
                raise Refused("That was asked very often in a short time. Wait a few seconds, then move on.")
            if self.running >= limits.runs:
                raise Refused("Many people are using this page at the moment. Try again in a few seconds.")
            self._runs[visitor] = run
        return run

    def end(self, visitor: str, run: Run) -> None:
        """A visitor has the answer, or has gone."""
        run.stop()
        with self._lock:
            if self._runs.get(visitor) is run:
                del self._runs[visitor]

    @property
    def running(self) -> int:
        """States that are being lived."""
        return len(self._runs)

    def _room(self, name: str, burst: float, each_second: float) -> bool:
        now = self._clock()
        bucket = self._buckets.setdefault(name, Bucket(burst, each_second, now))
        self._buckets.move_to_end(name)
        while len(self._buckets) > MOST_KNOWN:
            self._buckets.popitem(last=False)
        return bucket.take(now)
