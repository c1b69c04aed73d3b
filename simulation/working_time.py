"""Opening hours: between calendar time and working time, exactly, in whole milliseconds.

Work is measured in working time, which passes only while a team is open. The end of a piece of work is the *left*
inverse (work that is done when the doors close ends at closing time, not the next morning); the start is the *right*
inverse (work cannot begin at closing time, it begins when the doors open next).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simulation.calendar import MS_PER_DAY, Calendar
from simulation.compiling import compiled
from simulation.errors import DemandflowError

Ints = NDArray[np.int64]

NEVER = 2**62
"""A tick that no run reaches."""

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MS_PER_MINUTE = 60_000
_SPAN = re.compile(r"^([0-2]?[0-9]):([0-5][0-9])-([0-2]?[0-9]):([0-5][0-9])$")


def parse_span(text: str) -> tuple[int, int]:
    """Opening and closing minute of a day, from text such as ``09:00-17:30``; ``24:00`` is midnight at its end.

    Raises:
        DemandflowError: text that is no such span, or closes before it opens.
    """
    found = _SPAN.match(text.replace(" ", ""))
    if not found:
        raise DemandflowError(f"'{text}' is not a span of hours. Write it as 09:00-17:00.")
    opens = int(found[1]) * 60 + int(found[2])
    closes = int(found[3]) * 60 + int(found[4])
    if closes > 24 * 60 or opens >= closes:
        raise DemandflowError(f"'{text}' closes before it opens, or after midnight. Write it as 09:00-17:00.")
    return opens, closes


@lru_cache(maxsize=64)
def bank_holidays(first: date, last: date) -> frozenset[date]:
    """England's bank holidays from ``first`` to ``last``, those moved to another weekday included."""
    import holidays

    years = range(first.year, last.year + 1)
    return frozenset(day for day in holidays.country_holidays("GB", subdiv="ENG", years=years) if first <= day <= last)


@dataclass(frozen=True)
class Windows:
    """When a team is open: ``opens[i] <= t < closes[i]``; shapes (windows,), rising.

    ``before[i]`` is the working time that has passed when window i opens.
    """

    opens: Ints
    closes: Ints
    before: Ints

    def worked(self, tick: int) -> int:
        """Working time that has passed by a tick."""
        return int(worked(self.opens, self.closes, self.before, tick))

    def end_of(self, start: int, work: int) -> int:
        """When work begun at ``start`` is done: the left inverse. NEVER beyond the last window."""
        return int(end_of(self.opens, self.closes, self.before, start, work))

    def next_open(self, tick: int) -> int:
        """The first open tick from ``tick`` on: the right inverse. NEVER beyond the last window."""
        return int(next_open(self.opens, self.closes, tick))

    def is_open(self, tick: int) -> bool:
        """Whether the team is open at a tick."""
        return self.next_open(tick) == tick


@compiled()
def _not_after(times, tick):  # type: ignore[no-untyped-def]
    """How many of some times in order are not after a tick. (``np.searchsorted`` takes far longer to compile.)"""
    low, high = 0, times.shape[0]
    while low < high:
        middle = (low + high) >> 1
        if times[middle] <= tick:
            low = middle + 1
        else:
            high = middle
    return low


@compiled()
def worked(opens, closes, before, tick):  # type: ignore[no-untyped-def]
    """Working time that has passed by ``tick``."""
    i = _not_after(opens, tick) - 1
    if i < 0:
        return 0
    return before[i] + min(tick, closes[i]) - opens[i]


@compiled()
def next_open(opens, closes, tick):  # type: ignore[no-untyped-def]
    """The first tick from ``tick`` on inside a window."""
    i = _not_after(closes, tick)
    if i >= opens.shape[0]:
        return NEVER
    return max(tick, opens[i])


@compiled()
def end_of(opens, closes, before, start, work):  # type: ignore[no-untyped-def]
    """The first tick by which ``work`` more working time has passed since ``start``."""
    if work <= 0:
        return start
    goal = worked(opens, closes, before, start) + work
    # The window in which the goal is reached: the last one that opens before the goal is met.
    i = _not_after(before, goal - 1) - 1
    end = opens[i] + goal - before[i]
    return end if end <= closes[i] else NEVER


@dataclass(frozen=True)
class Week:
    """Opening hours: spans of (weekday 0 to 6, opening minute, closing minute), and whether bank holidays close."""

    spans: tuple[tuple[int, int, int], ...]
    closed_on_bank_holidays: bool

    def windows(self, calendar: Calendar, end: int) -> Windows:
        """The windows from the calendar's start to ``end``, and the first week after.

        Spans that touch (to midnight, from midnight) become one window.

        Raises:
            DemandflowError: a week that never opens.
        """
        return _windows(self, calendar, end)


@lru_cache(maxsize=64)
def _windows(week: Week, calendar: Calendar, end: int) -> Windows:
    """As ``Week.windows``, kept: every replication asks for the same."""
    if not week.spans:
        raise DemandflowError("these hours never open. Give at least one day a span such as 09:00-17:00.")
    days = end // MS_PER_DAY + 8
    closed = (
        bank_holidays(calendar.start, calendar.start + timedelta(days=days))
        if week.closed_on_bank_holidays
        else frozenset()
    )
    opens: list[int] = []
    closes: list[int] = []
    for index in range(days):
        day = calendar.start + timedelta(days=index)
        if day in closed:
            continue
        for weekday, first, last in sorted(week.spans):
            if weekday == day.weekday():
                start = index * MS_PER_DAY + first * MS_PER_MINUTE
                stop = index * MS_PER_DAY + last * MS_PER_MINUTE
                if closes and start <= closes[-1]:
                    closes[-1] = max(closes[-1], stop)
                else:
                    opens.append(start)
                    closes.append(stop)
    begin, finish = np.array(opens, dtype=np.int64), np.array(closes, dtype=np.int64)
    before = np.concatenate([[0], np.cumsum(finish - begin)[:-1]]).astype(np.int64)
    return Windows(begin, finish, before)
