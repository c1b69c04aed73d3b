"""Calendar time and model time. Model time is a whole number of milliseconds since midnight of the first day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

MS_PER_DAY = 86_400_000


@dataclass(frozen=True)
class Calendar:
    """Months and financial years from ``start`` on; ``start`` is the first of a month."""

    start: date
    months: int

    def __post_init__(self) -> None:
        if self.start.day != 1:
            raise ValueError("a run starts on the first of a month")

    def month(self, index: int) -> date:
        """First day of the ``index``-th month."""
        count = self.start.year * 12 + self.start.month - 1 + index
        return date(count // 12, count % 12 + 1, 1)

    def tick(self, day: date) -> int:
        """Midnight at the start of ``day``, in milliseconds."""
        return (day - self.start).days * MS_PER_DAY

    @property
    def month_starts(self) -> NDArray[np.int64]:
        """Ticks of the month starts, with the end of the last month: shape (months + 1,)."""
        return np.array([self.tick(self.month(i)) for i in range(self.months + 1)], dtype=np.int64)

    def month_starts_until(self, end: int) -> list[int]:
        """Ticks of the month starts before ``end``, which may lie beyond the last month; at least the first."""
        starts = [0]
        while (following := self.tick(self.month(len(starts)))) < end:
            starts.append(following)
        return starts

    @property
    def end(self) -> int:
        """Tick of the end of the last month."""
        return self.tick(self.month(self.months))

    @property
    def first_year(self) -> int:
        """Tick of the end of the first twelve months, or of the calendar where that comes first."""
        return self.tick(self.month(min(12, self.months)))

    def day_of(self, tick: int) -> date:
        """The day a tick falls on."""
        return self.start + timedelta(days=tick // MS_PER_DAY)

    def financial_years(self) -> list[tuple[str, int, int]]:
        """Each financial year (April to March) touched: name such as '2017/18', first day, day after the last.

        Days count from ``start``; the first and last year are cut at the calendar's ends.
        """
        years: list[tuple[str, int, int]] = []
        last_day = self.end // MS_PER_DAY
        first = self.start.year if self.start.month >= 4 else self.start.year - 1
        for year in range(first, first + self.months // 12 + 2):
            begin = max(0, (date(year, 4, 1) - self.start).days)
            stop = min(last_day, (date(year + 1, 4, 1) - self.start).days)
            if begin < stop:
                years.append((f"{year}/{(year + 1) % 100:02d}", begin, stop))
        return years
