"""Spend of one replication as whole numbers, and its financial years.

The unit is the pence-day: a price in pence a week × days. Seven of them are a penny. Everything is added and taken
apart in pence-days, which is exact; ``pounds`` divides once, at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.calendar import Calendar

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

PENCE_DAYS_IN_A_PENNY = 7
PENCE_DAYS_IN_A_POUND = 700
DAYS_IN_A_YEAR = 365
"""A running rate is 365 / 7 weeks a year: 52 would lose a day of care. Leap days are in cash, not in running rates."""

PAYERS = ("council", "nhs", "client", "carer", "provider")
"""Who a money row belongs to."""

COLUMNS = ("gross", "client", "weekly", "weekly_client")


@dataclass(frozen=True, eq=False)
class Spend:
    """What care costs in one replication of one run.

    Attributes:
        care_types, months, groups: names; months are 2016-04, 2016-05, … without a gap.
        gross, client: pence-days in each month, the whole price and the part that clients pay.
        weekly, weekly_client: pence a week of care that runs at the end of each month, likewise.
            All of shape (care types, months, groups).

    Raises:
        ValueError: columns of another shape, or clients who pay what nobody charges.
    """

    care_types: tuple[str, ...]
    months: tuple[str, ...]
    groups: tuple[str, ...]
    gross: Ints
    client: Ints
    weekly: Ints
    weekly_client: Ints

    def __post_init__(self) -> None:
        shape = (len(self.care_types), len(self.months), len(self.groups))
        for name in COLUMNS:
            column = getattr(self, name)
            if column.shape != shape or column.dtype != np.int64:
                raise ValueError(f"{name} is {column.dtype} of shape {column.shape}, and should be int64 of {shape}")

    def __add__(self, other: Spend) -> Spend:
        return self._with(other, 1)

    def __sub__(self, other: Spend) -> Spend:
        return self._with(other, -1)

    def _with(self, other: Spend, sign: int) -> Spend:
        same = (self.care_types, self.months, self.groups) == (other.care_types, other.months, other.groups)
        if not same:
            raise ValueError("two columns of spend have other care types, months or groups")
        made: dict[str, Any] = {name: getattr(self, name) + sign * getattr(other, name) for name in COLUMNS}
        return replace(self, **made)

    def scaled(self, factor: int) -> Spend:
        """The same care at prices so many times as high."""
        made: dict[str, Any] = {name: getattr(self, name) * factor for name in COLUMNS}
        return replace(self, **made)

    @property
    def council(self) -> Ints:
        """Pence-days that the council pays: gross less what clients pay."""
        return self.gross - self.client


def month_names(calendar: Calendar) -> tuple[str, ...]:
    """The months of a calendar, such as 2016-04."""
    return tuple(f"{calendar.month(index):%Y-%m}" for index in range(calendar.months))


def year_of(month: str) -> str:
    """The financial year of a month: 2016-09 lies in 2016/17, 2017-03 too."""
    year, number = int(month[:4]), int(month[5:])
    first = year if number >= 4 else year - 1
    return f"{first}/{(first + 1) % 100:02d}"


def key_of(year: str) -> str:
    """A financial year as configs name it: 2016/17 is fy_2016_17."""
    return "fy_" + year.replace("/", "_")


def year_named(key: str) -> str:
    """A financial year as tables name it: fy_2016_17 is 2016/17."""
    return key.removeprefix("fy_").replace("_", "/")


def years_of(months: Sequence[str]) -> tuple[str, ...]:
    """The financial years that some months touch, in order."""
    return tuple(dict.fromkeys(map(year_of, months)))


def year_starts(months: Sequence[str]) -> list[int]:
    """The place of the first month of each financial year."""
    years = [year_of(month) for month in months]
    return [index for index, year in enumerate(years) if index == 0 or year != years[index - 1]]


def year_ends(months: Sequence[str]) -> list[int]:
    """The place of the last month of each financial year; of the last year, of the run."""
    return [start - 1 for start in (*year_starts(months)[1:], len(months))]


def months_in(months: Sequence[str]) -> tuple[int, ...]:
    """How many months of each financial year there are: below 12 the year is not whole."""
    starts = year_starts(months)
    return tuple(end - start for start, end in zip(starts, (*starts[1:], len(months)), strict=True))


def by_year(monthly: Ints, months: Sequence[str]) -> Ints:
    """Sums over the months of each financial year: (care types, months, groups) to (care types, years, groups)."""
    return np.asarray(np.add.reduceat(monthly, year_starts(months), axis=1), dtype=np.int64)


def running(weekly: Ints, months: Sequence[str]) -> Ints:
    """What the care that runs at each year's end would cost in a year: pence-days, shape (care types, years, groups).

    The last month of each financial year counts, or of the run.
    """
    return np.asarray(weekly[:, year_ends(months), :] * DAYS_IN_A_YEAR, dtype=np.int64)


def to_whole(amounts: NDArray[np.floating[Any]]) -> Ints:
    """The nearest whole number; half goes away from nought, so that a loss is rounded as its gain is."""
    return np.asarray(np.sign(amounts) * np.floor(np.abs(amounts) + 0.5), dtype=np.int64)


def pounds(pence_days: Ints) -> Floats:
    """Pence-days as pounds: the one division, at the end."""
    return np.asarray(pence_days / PENCE_DAYS_IN_A_POUND, dtype=np.float64)


def pence(pence_days: Ints) -> Ints:
    """Pence-days as whole pence, to the nearest; exactly half a penny cannot be, because seven is odd."""
    return np.asarray((2 * pence_days + PENCE_DAYS_IN_A_PENNY) // (2 * PENCE_DAYS_IN_A_PENNY), dtype=np.int64)
