"""What many replications of a run say of one number: a mean, what chance alone does, and what inputs and chance do."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.bootstrap import of_variance_share
from experiments.statistics import Interval, of_one_year
from experiments.transition.figures import Figures
from experiments.transition.job import TransitionOutcome

Read = Callable[[Figures], float]
FEWEST = 40
"""Replications below which the middle 95% of them is not told."""


@dataclass(frozen=True)
class Span:
    """A number with its two ranges; NaN where there were too few replications to tell.

    Attributes:
        mean: at central inputs, or over draws where only draws were run. chance_low, chance_high: within which one
            replication at central inputs falls, 95 times in 100. low, high: the middle 95% of replications whose inputs
            were drawn: inputs and chance together.
    """

    mean: float
    chance_low: float
    chance_high: float
    low: float
    high: float

    def row(self) -> dict[str, float]:
        """As columns."""
        return dict(self.__dict__)


@dataclass(frozen=True)
class Found:
    """All replications: at central inputs, and with inputs drawn (contradictory draws left out)."""

    central: Sequence[TransitionOutcome]
    drawn: Sequence[TransitionOutcome]

    def values(self, run: str, read: Read, drawn: bool) -> list[float]:
        """A number of a run, one per replication; none where the run was not made there."""
        outcomes = self.drawn if drawn else self.central
        return [read(outcome.tallies[run]) for outcome in outcomes if run in outcome.tallies]

    def span(self, run: str, read: Read, against: str | None = None) -> Span:
        """A number of a run, or its paired difference from another run's."""
        parts = []
        for drawn in (False, True):
            values = self.values(run, read, drawn)
            if against is not None and values:
                values = [a - b for a, b in zip(values, self.values(against, read, drawn), strict=True)]
            parts.append(values)
        return span_of(*parts)


def span_of(central: Sequence[float], drawn: Sequence[float]) -> Span:
    """From one value per replication."""
    values = central or drawn
    mean = math.fsum(values) / len(values) if values else math.nan
    chance = of_one_year(central) if len(central) >= FEWEST else None
    ends = middle(drawn)
    return Span(mean, chance.low if chance else math.nan, chance.high if chance else math.nan, *ends)


def middle(values: Sequence[float]) -> tuple[float, float]:
    """The middle 95% of values; NaN where they are fewer than ``FEWEST``."""
    if len(values) < FEWEST:
        return math.nan, math.nan
    low, high = np.quantile(np.array(values, dtype=np.float64), [0.025, 0.975])
    return float(low), float(high)


def middle_of(values: Sequence[float]) -> float:
    """The median; NaN where there are fewer than ``FEWEST`` values."""
    return float(np.median(values)) if len(values) >= FEWEST else math.nan


def share_of_chance(central: Sequence[float], drawn: Sequence[float], seed: int) -> Interval:
    """How much of the variance over inputs and chance is there at central inputs too; NaN where it cannot be told."""
    if len(central) < FEWEST or len(drawn) < FEWEST:
        return Interval(math.nan, math.nan, math.nan)
    return of_variance_share(central, drawn, seed)
