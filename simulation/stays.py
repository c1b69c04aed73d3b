"""How a stay ends: by itself, by a hazard or by a review; and how long it lasts with all three.

Computed from the laws by numbers, without chance, as if nobody waited for a review. Intervals between reviews that are
neither constant nor exponential are taken at their mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.codes import Kind
from simulation.pathway import Pathway
from simulation.quantiles import KNOTS, knot_probabilities, mean_of, survival

Floats = NDArray[np.float64]
LawNumbers = tuple[str, dict[str, Any], int]
"""A law behind a row of the quantile tables: family, numbers and ticks in its unit."""

_OUTCOME, _SET, _DECISION, _APPOINTMENTS = map(int, (Kind.OUTCOME, Kind.SET, Kind.DECISION, Kind.APPOINTMENTS))

FOR_EVER = 200 * 365.25 * 86_400_000.0
"""Ticks after which care without a known end is taken to have ended, where its mean is asked for."""

STEPS = np.concatenate([np.linspace(0.0, 4.0, 4001), [1.0 - 1e-8], np.geomspace(4.0, 80.0, 400)[1:]])
STEPS.sort()
"""Multiples of the mean at which a share is computed; one just before the mean, where a constant law drops."""


@dataclass(frozen=True)
class Stay:
    """What becomes of people in a stay.

    Attributes:
        by_itself: share that ends by itself. hazards: share that leaves by each hazard. reviews: mean number of reviews
            under each fork. by_review: share that a review ends.
        at, alive: ticks since the start, and the share still there; both of shape (grid,).
    """

    by_itself: float
    hazards: dict[int, float]
    reviews: dict[int, float]
    by_review: float
    at: Floats
    alive: Floats

    @property
    def mean(self) -> float:
        """Mean length, in ticks."""
        return float(np.trapezoid(self.alive, self.at))


def _entries(table: NDArray[np.int64]) -> list[int]:
    return [int(entry) for entry in table if entry >= 0]


def ends_care(pathway: Pathway, stage: int, kind: int) -> float:
    """The probability that one review whose activity begins at ``stage`` ends the care, for a type of person."""
    total, ahead = 0.0, [(stage, 1.0)]
    steps = 0
    while ahead and steps < 10_000:
        steps += 1
        here, share = ahead.pop()
        what = int(pathway.kind[here])
        if share < 1e-12 or what == _OUTCOME:
            continue
        if what == _SET and pathway.set_care[here] == 0:
            total += share
        elif what == _DECISION:
            row = pathway.decision[here]
            shares = np.diff(pathway.cumulative[row, 0, kind, : pathway.branches[row]], prepend=0.0)
            ahead += [(int(to), share * p) for to, p in zip(pathway.branch_to[row], shares.tolist(), strict=False)]
        elif what == _APPOINTMENTS:
            missed = float(pathway.misses[here, kind]) ** (int(pathway.rebookings[here]) + 1)
            ahead.append((int(pathway.following[here]), share * (1 - missed)))
            ahead.append((int(pathway.gives_up[here]), share * missed))
        else:
            ahead.append((int(pathway.following[here]), share))
    return min(total, 1.0)


class Stays:
    """Stays of a pathway, each computed once."""

    def __init__(self, pathway: Pathway, laws: Sequence[LawNumbers]):
        self.pathway, self.laws = pathway, laws
        self._known: dict[tuple[Any, ...], Stay] = {}
        self._of: dict[tuple[int, int], Stay] = {}
        self._ends: dict[tuple[int, int], float] = {}

    def rate(self, hazard: int, kind: int) -> float:
        """A hazard's rate per tick."""
        row = int(self.pathway.duration[hazard, kind])
        if row < 0:
            return 0.0
        _, numbers, ticks = self.laws[row]
        return 1.0 / float(numbers["mean"] * ticks)

    def waits_through(self, row: int, rate: float) -> float:
        """The share whom no hazard of a rate (per tick) takes during a time with the law of a row."""
        family, numbers, ticks = self.laws[row]
        mean = mean_of(family, numbers) * ticks
        at = mean * STEPS
        alive = survival(family, numbers, at / ticks)
        return 1.0 - rate * float(np.trapezoid(alive * np.exp(-rate * at), at))

    def of(self, stage: int, kind: int) -> Stay:
        """The stay of a type of person at a stage of kind places or package."""
        if (stage, kind) not in self._of:
            self._of[stage, kind] = self._found(stage, kind)
        return self._of[stage, kind]

    def _found(self, stage: int, kind: int) -> Stay:
        pathway = self.pathway
        hazards = tuple((h, self.rate(h, kind)) for h in _entries(pathway.hazards[stage]))
        forks = []
        for fork in _entries(pathway.forks[stage]):
            family, numbers, ticks = self.laws[int(pathway.duration[fork, kind])]
            every = mean_of(family, numbers) * ticks
            begins = int(pathway.following[fork])
            if (begins, kind) not in self._ends:
                self._ends[begins, kind] = ends_care(pathway, begins, kind)
            forks.append((fork, family == "exponential", every, self._ends[begins, kind]))
        key = (int(pathway.duration[stage, kind]), hazards, tuple(forks))
        if key not in self._known:
            self._known[key] = self._resolved(key[0], hazards, forks)
        return self._known[key]

    def _resolved(
        self, row: int, hazards: Sequence[tuple[int, float]], forks: Sequence[tuple[int, bool, float, float]]
    ) -> Stay:
        def still(at: Floats) -> Floats:
            """The share still there just before each moment; at a review it has not yet ended any."""
            own = survival(family, numbers, at / ticks) if row >= 0 else np.where(at < FOR_EVER, 1.0, 0.0)
            alive: Floats = own * np.exp(-sum(rate for _, rate in hazards) * at)
            for _, memoryless, every, ends in forks:
                # A review that falls due at the very moment is yet to come, whatever the division rounds to.
                done = at / every if memoryless else np.ceil(at / every - 1.0 - 1e-9).clip(0)
                alive = alive * (np.exp(-ends * done) if memoryless else (1.0 - ends) ** done)
            return alive

        if row < 0:
            at = np.linspace(0.0, FOR_EVER, 20_001)
        else:
            family, numbers, ticks = self.laws[row]
            at = STEPS * mean_of(family, numbers) * ticks
        due = [np.arange(every, at[-1], every) if not memoryless else at[:0] for _, memoryless, every, _ in forks]
        at = np.unique(np.concatenate([at, *due, *(moments * (1.0 + 1e-8) for moments in due)]))
        alive = still(at)
        mean = float(np.trapezoid(alive, at))
        reviews, by_review = {}, 0.0
        for (fork, memoryless, every, ends), moments in zip(forks, due, strict=True):
            number = mean / every if memoryless else float(still(moments).sum())
            reviews[fork] = number
            by_review += ends * number
        left = {hazard: rate * mean for hazard, rate in hazards}
        whole = by_review + sum(left.values())
        if whole > 1.0:  # numbers on a grid: never more people out than in
            left = {hazard: share / whole for hazard, share in left.items()}
            by_review /= whole
            whole = 1.0
        return Stay(1.0 - whole, left, reviews, by_review, at, alive)


def age_table(stay: Stay) -> NDArray[np.int64]:
    """How long care has run that is found running: a quantile table in ticks, shape (2 × KNOTS,).

    In a service at rest the chance of finding care of age x is in proportion to the share still there after x.
    """
    area = np.concatenate([[0.0], np.cumsum((stay.alive[1:] + stay.alive[:-1]) / 2 * np.diff(stay.at))])
    q = knot_probabilities()
    share = area / area[-1]
    rising = np.concatenate([[True], np.diff(share) > 0])
    share, at = share[rising], stay.at[rising]
    knots = np.concatenate([np.interp(q, share, at), np.interp(1.0 - q, share, at)])
    result: NDArray[np.int64] = np.rint(knots).astype(np.int64)
    assert result.shape == (2 * KNOTS,)
    return result
