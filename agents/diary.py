"""Bookable slots: which is the earliest that is free."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence


class Diary:
    """Slots of one appointments stage, in order of time.

    Args:
        times: tick of each slot, rising. free: people it can still take. sites: where it is.
    """

    def __init__(self, times: Sequence[int], free: Sequence[int], sites: Sequence[int]):
        self.times, self.sites = list(times), list(sites)
        self.free = list(free)
        self._next = list(range(len(self.times) + 1))  # the first slot from here on that may be free

    def _first_free(self, slot: int) -> int:
        """The first slot from ``slot`` on with room; paths are halved on the way, so a full diary is passed quickly."""
        onward = self._next
        while onward[slot] != slot:
            onward[slot] = onward[onward[slot]]
            slot = onward[slot]
        return slot

    def book(self, earliest: int) -> tuple[int, int] | None:
        """Take the earliest free slot from a tick on: its tick and site, or None if the diary has no more."""
        slot = self._first_free(bisect_left(self.times, earliest))
        if slot == len(self.times):
            return None
        self.free[slot] -= 1
        if self.free[slot] == 0:
            self._next[slot] = slot + 1
        return self.times[slot], self.sites[slot]
