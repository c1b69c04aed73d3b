"""Quarters of financial years: April to June is the first. Written '2017/18 Q1'."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass

_QUARTER = re.compile(r"(\d{4})/(\d{2}) Q([1-4])", re.ASCII)
_NEARLY = re.compile(r"(\d{4})\s*(?:[-–/]\s*(?:\d{4}|\d{1,2}))?\W*(?:[Qq]\w*\W*([1-4]))?", re.ASCII)


@dataclass(frozen=True, order=True)
class Quarter:
    """A quarter. ``year``: the calendar year in which its financial year begins; ``number``: 1 (April) to 4."""

    year: int
    number: int

    @property
    def year_name(self) -> str:
        """Such as '2017/18'."""
        return f"{self.year}/{(self.year + 1) % 100:02d}"

    def __str__(self) -> str:
        return f"{self.year_name} Q{self.number}"

    @property
    def months(self) -> tuple[str, str, str]:
        """Its three months, as '2017-04'."""
        first = self.year * 12 + 3 * self.number
        a, b, c = (f"{month // 12:04d}-{month % 12 + 1:02d}" for month in range(first, first + 3))
        return a, b, c

    def share_of_year(self, months: Sequence[str]) -> float:
        """Its days ÷ those of its financial year that lie in some months, which hold the quarter."""
        own = {month for number in (1, 2, 3, 4) for month in Quarter(self.year, number).months}
        return sum(map(days_of, self.months)) / sum(days_of(month) for month in months if month in own)


def days_of(month: str) -> int:
    """Days of a month."""
    year, _, number = month.partition("-")
    return monthrange(int(year), int(number))[1]


def quarter_of(month: str) -> Quarter:
    """The quarter a month lies in."""
    year, _, number = month.partition("-")
    since = int(year) * 12 + int(number) - 4
    return Quarter(since // 12, since % 12 // 3 + 1)


def whole_quarters(months: Sequence[str]) -> list[Quarter]:
    """Quarters of which every month is there, in order."""
    there = set(months)
    return [q for q in sorted({quarter_of(month) for month in there}) if there.issuperset(q.months)]


def read_quarter(text: str) -> Quarter | tuple[str, str]:
    """The quarter as written, or what is wrong with it and the mend."""
    match = _QUARTER.fullmatch(text)
    if match and int(match[2]) == (int(match[1]) + 1) % 100 and int(match[1]) > 0:
        return Quarter(int(match[1]), int(match[3]))
    if not text:
        return "quarter is empty.", "Write it as 2017/18 Q1; April to June is Q1."
    nearly = _NEARLY.fullmatch(text)
    mend = f"Write {Quarter(int(nearly[1]), int(nearly[2]))}." if nearly and nearly[2] else "Write it as 2017/18 Q1."
    return f"quarter: '{text[:60]}' is not a quarter of a financial year.", f"{mend} April to June is Q1."
