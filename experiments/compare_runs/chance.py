"""Whether two figures differ by more than chance: paired t, Welch's t, and Holm's correction. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.statistics import of_mean, t_quantile

PAIRED = "paired t over replications of the same seeds"
WELCH = "Welch's t from both intervals"
RESAMPLED = "both bootstrap intervals"

FEWEST = 10
"""Replications of each run below which nothing is tested: the scatter of a few says too little about luck."""

MEAN, ONE = "mean", "one"
"""What an interval covers: the mean of all replications, or one further replication."""


@dataclass(frozen=True)
class Test:
    """A difference (second - first) with its 95% interval, the chance of one as large by luck alone, and the method."""

    difference: float
    low: float
    high: float
    p: float
    method: str


def _two_sided(t: float, degrees: float) -> float:
    from scipy.special import stdtr

    return float(2 * stdtr(degrees, -abs(t)))


def paired(first: NDArray[np.float64], second: NDArray[np.float64]) -> Test | None:
    """Replication by replication: both from the same seed, so that luck they share cancels.

    None with fewer than ten replications, or where a value is missing.
    """
    if len(first) != len(second) or len(first) < FEWEST or not (np.isfinite(first).all() and np.isfinite(second).all()):
        return None
    found = of_mean((second - first).tolist())
    error = found.half_width / t_quantile(len(first) - 1)
    if error == 0:
        return Test(found.mean, found.low, found.high, 1.0 if found.mean == 0 else 0.0, PAIRED)
    return Test(found.mean, found.low, found.high, _two_sided(found.mean / error, len(first) - 1), PAIRED)


def standard_error(low: float, high: float, replications: int, covers: str) -> float:
    """Of the mean, from a 95% interval of Student's t: of the mean, or of one further replication."""
    half = (high - low) / 2 / t_quantile(replications - 1)
    return half if covers == MEAN else half / math.sqrt(replications + 1)


def welch(first: tuple[float, float, int], second: tuple[float, float, int]) -> Test | None:
    """Two means as (mean, standard error, replications), taken as independent of each other.

    None where an error is not known or a run has fewer than ten replications. Source: Welch 1947, with the degrees of
    freedom of Satterthwaite 1946.
    """
    from scipy.special import stdtrit

    (a, error_a, n_a), (b, error_b, n_b) = first, second
    if not all(math.isfinite(value) for value in (a, b, error_a, error_b)) or min(n_a, n_b) < FEWEST:
        return None
    difference, variance = b - a, error_a**2 + error_b**2
    if variance == 0:
        return Test(difference, difference, difference, 1.0 if difference == 0 else 0.0, WELCH)
    degrees = variance**2 / (error_a**4 / (n_a - 1) + error_b**4 / (n_b - 1))
    half = float(stdtrit(degrees, 0.975)) * math.sqrt(variance)
    p = _two_sided(difference / math.sqrt(variance), degrees)
    return Test(difference, difference - half, difference + half, p, WELCH)


def from_limits(first: tuple[float, float, float, int], second: tuple[float, float, float, int]) -> Test | None:
    """Two figures as (value, low, high, replications), whose 95% intervals are no intervals of a mean.

    The difference's own interval follows from the distances of each value to its limits, which need not be alike (Zou
    and Donner 2008); p is that of the limit on nought's side, taken as normal. The figures count as independent. None
    where a limit is not known or a run has fewer than ten replications.
    """
    from scipy.special import ndtr, ndtri

    if not all(math.isfinite(value) for value in (*first[:3], *second[:3])) or min(first[3], second[3]) < FEWEST:
        return None
    (a, a_low, a_high, _), (b, b_low, b_high, _) = first, second
    difference = b - a
    below, above = math.hypot(b - b_low, a_high - a), math.hypot(b_high - b, a - a_low)
    reach = below if difference > 0 else above
    p = float(2 * ndtr(-abs(difference) / reach * ndtri(0.975))) if reach else float(difference == 0)
    return Test(difference, difference - below, difference + above, p, RESAMPLED)


def holm(p_values: Sequence[float]) -> list[float]:
    """The same, corrected for their number (Holm 1979): all those below 0.05 together are wrong in 5 of 100 cases."""
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    corrected, largest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        corrected[place] = largest
    return corrected
