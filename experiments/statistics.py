"""Intervals and ratios, as pure functions of one value per replication."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

LEVEL = 0.95

STUDENT, PAIRED, BOOTSTRAP, PREDICTION = "t", "paired t", "bootstrap", "prediction"
DRAWS, REPLICATIONS = "quantiles of draws", "quantiles of replications"
RANGES = f"{DRAWS}; chance: {PREDICTION}"
"""How an interval was made, as the column ``interval`` of a table names it; docs/outputs.md says what each means."""


def t_quantile(degrees: int) -> float:
    """The two-sided 95% quantile of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 0.5 + LEVEL / 2))


@dataclass(frozen=True)
class Interval:
    """A mean with its interval."""

    mean: float
    low: float
    high: float

    @property
    def half_width(self) -> float:
        """Half the interval's width."""
        return (self.high - self.low) / 2


def _mean_and_deviation(values: Sequence[float]) -> tuple[float, float]:
    """Mean and standard deviation by exact summation in the given order."""
    n = len(values)
    mean = math.fsum(values) / n
    variance = math.fsum((v - mean) ** 2 for v in values) / (n - 1) if n > 1 else math.nan
    return mean, math.sqrt(variance)


def of_mean(values: Sequence[float]) -> Interval:
    """The 95% interval of the mean (Student's t); on paired differences this is the paired t interval.

    Raises:
        ValueError: fewer than two values.
    """
    if len(values) < 2:
        raise ValueError("an interval needs at least two replications")
    mean, deviation = _mean_and_deviation(values)
    half = t_quantile(len(values) - 1) * deviation / math.sqrt(len(values))
    return Interval(mean, mean - half, mean + half)


def of_one_year(values: Sequence[float]) -> Interval:
    """The 95% prediction interval for one further year: mean ± t · s · √(1 + 1/R).

    Raises:
        ValueError: fewer than 40 values.
    """
    if len(values) < 40:
        raise ValueError("a prediction interval needs at least 40 replications")
    mean, deviation = _mean_and_deviation(values)
    half = t_quantile(len(values) - 1) * deviation * math.sqrt(1 + 1 / len(values))
    return Interval(mean, mean - half, mean + half)


def z_score(count: float, trials: float, share: float) -> float:
    """How many standard errors a binomial count is from its expected share.

    Where nothing can vary: 0 if the count is the expected one, infinite if it is not.
    """
    variance = trials * share * (1 - share)
    off = count - trials * share
    if variance > 0:
        return off / math.sqrt(variance)
    return math.copysign(math.inf, off) if off else 0.0
