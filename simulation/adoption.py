"""How much of practice follows the new model, by team and month, and the plain S-curve.

Only tables leave this place: both engines read shares and know nothing of how they came about.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NO_TEAM = ""
"""The row for work that belongs to no listed team; always the last."""

PLACES = 12
"""Decimal places of a share: functions differ between machines in the last bits, and a draw is compared with it."""


@dataclass(frozen=True, eq=False)
class Adoption:
    """Share of practice that is the new model's, by team and month of the run.

    Args:
        teams: names, each once; the row ``''``, always last, is for work that belongs to no listed team.
        shares: shape (teams, months), each from 0 to 1; month 0 is the calendar's first; after the last month its
            value stays.

    Raises:
        ValueError: shares outside 0 to 1, or of another shape.
    """

    teams: tuple[str, ...]
    shares: Floats

    def __post_init__(self) -> None:
        if not self.teams or self.teams[-1] != NO_TEAM or len(set(self.teams)) < len(self.teams):
            raise ValueError("adoption has a row for each team, each once, and '' as its last")
        shares = np.array(self.shares, dtype=np.float64)
        if shares.ndim != 2 or shares.shape[0] != len(self.teams) or shares.shape[1] < 1:
            raise ValueError(f"adoption of {len(self.teams)} teams needs as many rows of months, not {shares.shape}")
        if not np.all((shares >= 0.0) & (shares <= 1.0)):  # false for what is no number, too
            raise ValueError("a share of practice lies outside 0 to 1")
        shares.setflags(write=False)
        object.__setattr__(self, "shares", shares)

    @classmethod
    def none(cls, months: int, teams: tuple[str, ...] = ()) -> Adoption:
        """Nobody changes: 0 in every month."""
        return cls((*teams, NO_TEAM), np.zeros((len(teams) + 1, months)))

    @classmethod
    def at_once(cls, months: int, teams: tuple[str, ...] = ()) -> Adoption:
        """Everybody works in the new way from the first day: 1 in every month."""
        return cls((*teams, NO_TEAM), np.ones((len(teams) + 1, months)))

    @property
    def months(self) -> int:
        """How many months the table has."""
        return int(self.shares.shape[1])

    def of(self, team: str) -> Floats:
        """A team's shares by month, shape (months,); those of ``''`` for a team that is not listed."""
        return self.shares[self.teams.index(team) if team in self.teams else -1]  # type: ignore[no-any-return]

    def at(self, team: str, month: int) -> float:
        """A team's share in a month; the last month's in all later ones.

        Raises:
            ValueError: a month before the run.
        """
        if month < 0:
            raise ValueError("there is no adoption before the run")
        return float(self.of(team)[min(month, self.months - 1)])

    def scaled(self, transfer: float) -> Adoption:
        """The same where only a share ``transfer`` of the gap between the two models is ever closed.

        Raises:
            ValueError: a transfer outside 0 to 1.
        """
        if not 0.0 <= transfer <= 1.0:
            raise ValueError("a transfer is a share from 0 to 1")
        return Adoption(self.teams, self.shares * transfer)


def risen(months_since: float, months_to_complete: float, steepness: float) -> float:
    """The S-curve: a logistic curve stretched so that it is exactly 0 at its start and 1 at its completion.

    With x = months_since / months_to_complete and s = steepness, (L(x) − L(0)) / (L(1) − L(0)) where
    L(x) = 1 / (1 + exp(−s (x − ½))). Written with the hyperbolic tangent, which cannot overflow. A small s is nearly a
    straight line, a large one nearly a step half way.

    Raises:
        ValueError: a steepness or a time to complete that is not above 0.
    """
    if not (steepness > 0.0 and math.isfinite(steepness)):
        raise ValueError("the steepness of an S-curve is above 0")
    if not (months_to_complete > 0.0 and math.isfinite(months_to_complete)):
        raise ValueError("an S-curve takes more than 0 months")
    if months_since <= 0.0:
        return 0.0
    if months_since >= months_to_complete:
        return 1.0
    x = months_since / months_to_complete
    least = math.tanh(steepness / 4)
    if least == 0.0:  # so little steepness that it is a straight line to the last bit
        return round(x, PLACES)
    return round(min(max((1.0 + math.tanh(steepness * (x - 0.5) / 2) / least) / 2, 0.0), 1.0), PLACES)


def s_curve(
    months: int,
    start: float,
    months_to_complete: float,
    steepness: float,
    teams: tuple[str, ...] = (),
    later: Mapping[str, float] | None = None,
) -> Adoption:
    """Adoption that follows an S-curve.

    A month has the value at its start: the month of the start is still 0, which is half a month on the cautious side;
    the first month that begins at or after completion is exactly 1.

    Args:
        months: how many months the run has.
        start: the month in which change begins, counted from the run's first; below 0 where it began before the run.
        months_to_complete: from the start until everybody works in the new way.
        steepness: see ``risen``.
        later: months by which some of ``teams`` start later (or, below 0, earlier) than the others.

    Raises:
        ValueError: as ``risen``, or a start that is not finite.
    """
    given = dict(later or {})
    starts = [start + given.pop(team, 0.0) for team in (*teams, NO_TEAM)]
    if given:
        raise ValueError(f"no such team: {', '.join(sorted(given))}")
    if not all(math.isfinite(begins) for begins in starts):
        raise ValueError("an S-curve needs a start")
    shares = [[risen(month - begins, months_to_complete, steepness) for month in range(months)] for begins in starts]
    return Adoption((*teams, NO_TEAM), np.array(shares))
