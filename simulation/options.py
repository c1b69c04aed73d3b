"""The published tables of options, computed: pure functions of plain numbers, in whole pounds.

Nothing here knows of files. ``simulation/option_tables.py`` reads the figures and compares with what is printed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


def whole(value: float) -> int:
    """The nearest whole pound; half a pound goes up. A product such as 0.85 × 13,107,100 is exact to a millionth."""
    return math.floor(round(value, 6) + 0.5)


def agrees(comes_to: float, printed: float, unit: float) -> bool:
    """Whether a figure printed to the nearest ``unit`` (1, 1,000, 0.01, …) is what ``comes_to`` rounds to.

    Exactly half a unit may be rounded either way. To the nearest one, only the whole number itself agrees.
    """
    if unit == 1:
        return whole(comes_to) == printed
    return abs(comes_to - printed) <= unit / 2 * (1 + 1e-9)


@dataclass(frozen=True)
class VehicleTable:
    """A column of the vehicles' table, in pounds over the savings period; the share is of the vehicle's own target."""

    efficiency_saving: int
    revised_budget: int
    target_delivered: int
    total_benefit: int
    share_of_own_target: float


def vehicle_table(budget: float, saving: float, target: float, factor: float, own_target: float) -> VehicleTable:
    """What the board's table says of one vehicle.

    ``factor`` is multiplied by the wider ``target``: a share the board expects to be delivered, not a probability.
    """
    delivered = whole(target * factor)
    return VehicleTable(
        whole(saving), whole(budget - saving), delivered, whole(saving) + delivered, saving / own_target
    )


def ranks(totals: Mapping[str, int]) -> dict[str, int]:
    """Rank 1 to the greatest total; equal totals share the better rank."""
    return {name: 1 + sum(other > total for other in totals.values()) for name, total in totals.items()}


@dataclass(frozen=True)
class Lead:
    """How far one vehicle is ahead of another, in pounds: by the judged factor, and by efficiency.

    ``efficiency`` is also the extra cost at which the lead disappears where the two are judged alike.
    """

    total: int
    judged: int
    efficiency: int


def lead(first: VehicleTable, second: VehicleTable) -> Lead:
    """The lead of ``first`` over ``second``; negative where it lies behind."""
    judged = first.target_delivered - second.target_delivered
    efficiency = first.efficiency_saving - second.efficiency_saving
    return Lead(judged + efficiency, judged, efficiency)


@dataclass(frozen=True)
class Span:
    """A saving from low to high, in pounds, and the budgets it is a share of."""

    base: int
    low: int
    high: int


def share_of_budgets(budgets: Iterable[float], rate: float, low_factor: float, less: float = 0.0) -> Span:
    """``rate`` of the budgets less ``less``; the low end is ``low_factor`` of that, taken before rounding."""
    base = math.fsum(budgets) - less
    return Span(whole(base), whole(base * rate * low_factor), whole(base * rate))


def saving_of(avoided: Mapping[str, float], unit_values: Mapping[str, float]) -> dict[str, int]:
    """Pounds by unit value: numbers avoided × what one is worth."""
    return {name: whole(number * unit_values[name]) for name, number in avoided.items()}


def month_number(month: str) -> int:
    """A month counted from the year nought, so that months can be taken from each other: 2016-09 is 24,200."""
    year, _, number = month.partition("-")
    return int(year) * 12 + int(number) - 1


def months_after(month: str, months: float) -> str:
    """The month so many months after another (before it, below nought), to the nearest whole month; halves go up."""
    total = month_number(month) + whole(months)
    return f"{total // 12:04d}-{total % 12 + 1:02d}"
