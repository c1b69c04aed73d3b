"""What later money is worth now, in real terms, and when costs are paid back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulation.errors import DemandflowError
from simulation.money.columns import Floats
from simulation.schema.economics import Timing

_LATER = {"green_book": 0.0, "mid_year": 0.5, "year_end": 1.0}


@dataclass(frozen=True)
class Rate:
    """A real discount rate, the year it counts from (2016/17), when in a year money flows, and how long it holds."""

    rate: float
    base_year: str
    timing: Timing
    longest_years: float

    def __post_init__(self) -> None:
        if not self.rate >= 0:
            raise DemandflowError(
                f"the discount rate is {self.rate:g}: below nought, later money would count for more than money now. "
                "Give 0 or more, such as 0.035."
            )


def discount_factors(years: Sequence[str], rate: Rate) -> Floats:
    """What a pound of each year is worth in the base year: shape (years,).

    ``green_book``: 1 in the base year, 1 / (1 + r) in the next, …; ``mid_year`` and ``year_end``: half a year and a
    whole year more, counted from the first day of the base year.

    Raises:
        DemandflowError: a year before the base year, or so late that the rate no longer holds.
    """
    base = int(rate.base_year[:4])
    ages = [int(year[:4]) - base for year in years]
    for year, age in zip(years, ages, strict=True):
        if age < 0:
            raise DemandflowError(
                f"{year} lies before {rate.base_year}, the base year of the present value. Move the base year."
            )
        if age > rate.longest_years:
            raise DemandflowError(
                f"{year} is {age} years after {rate.base_year}, and the rate holds for {rate.longest_years:g}. "
                "End the run earlier."
            )
    return np.array([(1 + rate.rate) ** -(age + _LATER[rate.timing]) for age in ages])


def present_value(real: Sequence[float] | Floats, years: Sequence[str], rate: Rate) -> float:
    """The sum of discounted pounds. ``real``: pounds of each year at the base year's general prices."""
    return math.fsum(np.asarray(real, dtype=np.float64) * discount_factors(years, rate))


@dataclass(frozen=True)
class Payback:
    """When costs are paid back: years from the start of the first year, the year it happens in; None, and why not."""

    years: float | None
    in_year: str | None
    reason: str


def payback(net: Sequence[float] | Floats, years: Sequence[str]) -> Payback:
    """When the running sum of net pounds turns to nought or more and stays so; evenly within a year.

    Discounted payback is the same of discounted pounds.
    """
    money = [float(amount) for amount in net]
    sums = [math.fsum(money[: count + 1]) for count in range(len(money))]
    if all(total >= 0 for total in sums):
        return Payback(0.0, years[0], "In no year have costs outrun savings so far: there is nothing to pay back.")
    if sums[-1] < 0:
        short = f"At the end of {years[-1]} £{-sums[-1]:,.0f} of the costs are still not paid back"
        return Payback(None, None, f"{short}; what comes later is not in the run.")
    at = max(i for i, total in enumerate(sums) if total < 0) + 1
    part = -sums[at - 1] / money[at]
    return Payback(at + part, years[at], f"Paid back in {years[at]}, {at + part:.1f} years after the start.")
