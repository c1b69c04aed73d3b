"""Contacts that are not the first: what share of all contacts they are, and how soon they come."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simulation.calendar import MS_PER_DAY

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Repeats:
    """Repeat contacts of a service at rest.

    Attributes:
        share: repeats as a share of all contacts, by source; nothing for sources without any.
        days, returned: of those who come again, the share who have by so many days after the contact: shape (grid,).
    """

    share: dict[str, float] = field(default_factory=dict)
    days: Floats = field(default_factory=lambda: np.array([0.0, 1.0]))
    returned: Floats = field(default_factory=lambda: np.array([1.0, 1.0]))

    @property
    def first_share(self) -> dict[str, float]:
        """First contacts as a share of all, by source, in a service at rest."""
        return {source: 1.0 - share for source, share in self.share.items()}

    def first(self, source: str, since: int, ticks: int) -> float:
        """New people as a share of all contacts, on average over the ``ticks`` from tick ``since`` of a run.

        At a run's beginning nobody has been there before, so new people stand in for those who would come again, and
        there are as many contacts as ever: 1 − share × (share of returns due by then).
        """
        share = self.share.get(source, 0.0)
        if share == 0.0:
            return 1.0
        at = np.linspace(since, since + ticks, 33) / MS_PER_DAY
        due = np.interp(at, self.days, self.returned)
        return 1.0 - share * float(np.trapezoid(due, at) / (at[-1] - at[0]))
