"""Quarters of financial years: April to June is the first. Written '2017/18 Q1'."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

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

    @property
    def share_of_year(self) -> float:
        """Its days ÷ those of its financial year."""
        first, stop = _day(self.year, self.number), _day(self.year, self.number + 1)
        return (stop - first).days / (date(self.year + 1, 4, 1) - date(self.year, 4, 1)).days


def _day(year: int, number: int) -> date:
    month = year * 12 + 3 * number
    return date(month // 12, month % 12 + 1, 1)


def quarter_of(month: str) -> Quarter:
    """The quarter a month lies in."""
    year, _, number = month.partition("-")
    since = int(year) * 12 + int(number) - 4
    return Quarter(since // 12, since % 12 // 3 + 1)


def whole_quarters(months: list[str]) -> list[Quarter]:
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
