"""What tables say of who is affected, read from the whole numbers of a replication."""

from __future__ import annotations

import math
from collections.abc import Callable

from simulation.affected import AFFECTED
from simulation.calendar import MS_PER_DAY
from simulation.service_axes import Ints

TOLD = ("contact", "funded_package", "possibly_unmet", "seen", "mean_days", "within_14_days", "within_28_days")
"""People; then, of those who are seen in the year, mean days from contact, and shares within two and four weeks."""

OF_THE_SEEN = {"mean_days": "waited", "within_14_days": "within_14_days", "within_28_days": "within_28_days"}


def unit_of(measure: str) -> str:
    """What a measure is counted in."""
    if measure not in OF_THE_SEEN:
        return "people in the year"
    return "days" if measure == "mean_days" else "share of those seen"


def reader_of(measure: str, year: int, cell: int) -> Callable[[Ints], float]:
    """Reads a measure from ``affected``; NaN where nobody was seen."""
    seen, at = AFFECTED.index("seen"), AFFECTED.index(OF_THE_SEEN.get(measure, measure))
    per = MS_PER_DAY if measure == "mean_days" else 1

    def ratio(table: Ints) -> float:
        among = int(table[seen, year, cell])
        return int(table[at, year, cell]) / among / per if among else math.nan

    return ratio if measure in OF_THE_SEEN else lambda table: float(table[at, year, cell])
