"""Intervals of ratios and quantiles, by drawing replications again: bootstrap with bias correction and acceleration.

A ratio of means, a ratio of variances or a percentile is not spread evenly about its value, so Student's t does not
suit it. Source: Efron 1987, Better bootstrap confidence intervals, Journal of the American Statistical Association 82;
the same as ``scipy.stats.bootstrap`` with method BCa, which tests hold it against. A statistic is told as a function of
the weights of the replications, so that all draws are one product of matrices. What is drawn depends on the
experiment's seed and the number of replications alone: an interval repeats exactly, whatever ran them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from experiments.resampling import resamples
from experiments.statistics import LEVEL, Interval

DRAWS = 1999
FEWEST = 10
"""Replications below which too few different sets can be drawn."""

Floats = NDArray[np.float64]
Statistic = Callable[..., Floats]
"""Of the weights of one sample or more, each (sets, replications) with rows that add up to 1: shape (sets,)."""


@lru_cache(maxsize=2)
def _drawn(seed: int, size: int, sample: int) -> Floats:
    """Weights of the replications in each draw: shape (DRAWS, size)."""
    places = resamples(f"bootstrap/{sample}", seed, size, DRAWS)
    counts = np.zeros((DRAWS, size))
    np.add.at(counts, (np.arange(DRAWS)[:, None], places), 1.0)
    return counts / size


def _without_one(size: int) -> Floats:
    return (1.0 - np.eye(size)) / (size - 1)


def _acceleration(statistic: Statistic, sizes: Sequence[int]) -> float:
    """From leaving out one replication at a time, of each sample in turn."""
    above = below = 0.0
    for sample, size in enumerate(sizes):
        same = [np.full((size, other), 1.0 / other) for other in sizes]
        same[sample] = _without_one(size)
        values = statistic(*same)
        moved = (values.mean() - values) * (size - 1) / size
        above, below = above + float((moved**3).sum()), below + float((moved**2).sum())
    return above / (6 * below**1.5) if below > 0 else math.nan


def of_statistic(statistic: Statistic, sizes: Sequence[int], seed: int) -> Interval:
    """A statistic with its 95% interval.

    Args:
        sizes: replications of each sample; samples are drawn apart. One statistic may read several numbers of the same
            replications, which then stay together.

    Returns:
        NaN throughout where it has no value, and for the ends with fewer than ten replications or where some draws have
        none; both ends are the statistic itself where it does not vary.
    """
    from scipy.special import ndtr, ndtri

    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(statistic(*(np.full((1, size), 1.0 / size) for size in sizes))[0])
        if not math.isfinite(value):
            return Interval(math.nan, math.nan, math.nan)
        if min(sizes) < FEWEST:
            return Interval(value, math.nan, math.nan)
        draws = statistic(*(_drawn(seed, size, sample) for sample, size in enumerate(sizes)))
        accelerated = _acceleration(statistic, sizes)
    if not np.isfinite(draws).all():
        return Interval(value, math.nan, math.nan)
    if np.ptp(draws) <= 1e-12 * abs(value):
        return Interval(value, value, value)
    share = (float((draws < value).mean()) + float((draws <= value).mean())) / 2
    tails = [0.5 - LEVEL / 2, 0.5 + LEVEL / 2]
    if 0 < share < 1 and math.isfinite(accelerated):  # else neither can be told: the plain quantiles
        bias = float(ndtri(share))
        shifted = [bias + float(ndtri(tail)) for tail in tails]
        tails = [float(ndtr(bias + shift / (1 - accelerated * shift))) for shift in shifted]
    low, high = (float(end) for end in np.quantile(draws, tails))
    return Interval(value, low, high)


def _sample(values: Sequence[float]) -> Floats:
    return np.asarray(values, dtype=np.float64)


def of_ratio(above: Sequence[float], below: Sequence[float], seed: int) -> Interval:
    """The ratio of two sums over the same replications."""
    a, b = _sample(above), _sample(below)
    return of_statistic(lambda w: (w @ a) / (w @ b), [len(a)], seed)


def of_average(values: Sequence[float], seed: int) -> Interval:
    """The mean over replications of something that is a ratio or a percentile in each."""
    x = _sample(values)
    return of_statistic(lambda w: w @ x, [len(x)], seed)


def _variance(weights: Floats, centred: Floats) -> Floats:
    result: Floats = weights @ centred**2 - (weights @ centred) ** 2
    return result * len(centred) / (len(centred) - 1)


def of_variance_ratio(baseline: Sequence[float], model: Sequence[float], seed: int) -> Interval:
    """How many times less the difference varies for being paired: (var a + var b) / var (b - a).

    NaN throughout where the difference does not vary.
    """
    a, b = _sample(baseline), _sample(model)
    a, b = a - a.mean(), b - b.mean()
    if not (b - a).any():
        return Interval(math.nan, math.nan, math.nan)
    return of_statistic(lambda w: (_variance(w, a) + _variance(w, b)) / _variance(w, b - a), [len(a)], seed)


def of_variance_share(part: Sequence[float], whole: Sequence[float], seed: int) -> Interval:
    """How much of the variance of one sample another's is, at most all of it; NaN where the whole does not vary."""
    x, y = (values - values.mean() for values in (_sample(part), _sample(whole)))
    if not y.any():
        return Interval(math.nan, math.nan, math.nan)
    return of_statistic(lambda w, v: np.minimum(1.0, _variance(w, x) / _variance(v, y)), [len(x), len(y)], seed)
