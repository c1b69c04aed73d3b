"""A forecast by quarter with its band, and how bands of parts are put together: pure functions of arrays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.quarters import Quarter
from experiments.statistics import Interval, of_one_year

Floats = NDArray[np.float64]

FLOW, STOCK = "flow", "stock"
FEWEST = 40
"""Replications from which a 95% range of one quarter can be given."""
TAIL = 0.025


@dataclass(frozen=True)
class Series:
    """One measure of one scenario.

    Attributes:
        kind: 'flow', which adds up over quarters, or 'stock', taken at a quarter's end. how: where the quarter's band
        comes from, in words. bands: mean and 95% range of each quarter; the ends are NaN where no range is known.
        values: (replications, quarters) where each replication is known by quarter, so that sums have exact bands.
        drawn: replications draw the inputs too, and the band is their quantiles; else mean ± t·s·√(1 + 1/R).
    """

    scenario: str
    measure: str
    unit: str
    kind: str
    how: str
    quarters: tuple[Quarter, ...]
    bands: tuple[Interval, ...]
    values: Floats | None = None
    drawn: bool = False

    def band(self, quarter: Quarter) -> Interval:
        """The band of a quarter."""
        return self.bands[self.quarters.index(quarter)]

    def together(self, quarters: Sequence[Quarter]) -> Interval:
        """The band of the sum over some quarters."""
        places = [self.quarters.index(quarter) for quarter in quarters]
        if self.values is None:
            return added([self.bands[place] for place in places])
        band = of_values(self.values[:, places].sum(axis=1), self.drawn)
        return Interval(math.fsum(self.bands[place].mean for place in places), band.low, band.high)


def of_values(values: Floats, drawn: bool) -> Interval:
    """Mean and 95% range of one value a replication; no range where there are fewer than ``FEWEST``.

    ``drawn``: quantiles, since every replication draws the inputs; else the prediction interval of one more value.
    What cannot fall below nought is given no range that does.
    """
    mean = math.fsum(values.tolist()) / len(values)
    if len(values) < FEWEST:
        return Interval(mean, math.nan, math.nan)
    if drawn:
        low, high = (float(value) for value in np.quantile(values, (TAIL, 1 - TAIL)))
        return Interval(mean, low, high)
    return floored(of_one_year(values.tolist()), float(values.min()) >= 0)


def floored(band: Interval, positive: bool = True) -> Interval:
    """A band that does not begin below nought where its values cannot."""
    return Interval(band.mean, max(0.0, band.low), band.high) if positive and not math.isnan(band.low) else band


def added(bands: Sequence[Interval]) -> Interval:
    """The band of a sum of parts whose deviations are taken as independent.

    Each end lies off the sum of means by the root of the summed squares of its parts' distances. Where parts move
    together the true band is wider; ends that are simply added would be the widest.
    """
    mean = math.fsum(band.mean for band in bands)
    below = math.sqrt(math.fsum((band.mean - band.low) ** 2 for band in bands))
    above = math.sqrt(math.fsum((band.high - band.mean) ** 2 for band in bands))
    positive = all(band.mean >= 0 and not band.low < 0 for band in bands)
    return floored(Interval(mean, mean - below, mean + above), positive)


def part_of_year(year: Interval, share: float) -> Interval:
    """The band of a part of a year, when only the year is known.

    The mean is the share of the year's; deviations of quarters are taken as independent, so that a quarter's width is
    the root of its share of the year's: twice as wide, for its size, as the year's.
    """
    mean, root = year.mean * share, math.sqrt(share)
    band = Interval(mean, mean - (year.mean - year.low) * root, mean + (year.high - year.mean) * root)
    return floored(band, year.mean >= 0 and not year.low < 0)
