"""A law from three quantiles, and the equal-weight pool of several laws.

An expert's law is a PERT: the beta law on [low, high] with a most likely value and weight 4, the shape that ranges in
configs have. Its three numbers are fitted to the 5%, 50% and 95% quantiles by least squares. A PERT is at most so
lopsided: where three quantiles ask for more, ``misfit`` says by how much it misses.
The linear pool is the plain mean of the experts' laws (Stone 1961; O'Hagan et al. 2006, Uncertain Judgements).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simulation.inputs import pert

LEVELS = (0.05, 0.5, 0.95)
_FARTHEST = 3.0  # ends lie at most so many widths of the 90% interval beyond it
_STARTS = (0.1, 0.5, 0.9)


@dataclass(frozen=True)
class Pert:
    """A PERT law: ``low`` and ``high`` in the input's own unit, ``mode`` the most likely value."""

    low: float
    mode: float
    high: float

    def quantile(self, u: float) -> float:
        """The value that lies above a share ``u`` of the law."""
        return pert(self.low, self.mode, self.high, u)

    def below(self, x: float) -> float:
        """The share of the law that lies below ``x``."""
        from scipy.special import betainc

        if x <= self.low:
            return 0.0
        if x >= self.high:
            return 1.0
        width = self.high - self.low
        alpha, beta = 1 + 4 * (self.mode - self.low) / width, 1 + 4 * (self.high - self.mode) / width
        return float(betainc(alpha, beta, (x - self.low) / width))


def fitted(quantiles: Sequence[float], least: float = -math.inf, most: float = math.inf) -> Pert:
    """The PERT law closest to the 5%, 50% and 95% quantiles, with its ends between ``least`` and ``most``.

    Closest: the least sum of squared distances of its quantiles at these levels. ``least`` may not lie above the first
    quantile, ``most`` not below the last.
    """
    from scipy.optimize import least_squares

    q5, q50, q95 = quantiles
    width = q95 - q5
    lowest = max((least - q5) / width, -_FARTHEST)
    highest = min((most - q95) / width, _FARTHEST)
    wanted = [0.0, (q50 - q5) / width, 1.0]

    def law(numbers: Sequence[float]) -> Pert:
        low, high, along = numbers
        return Pert(low, low + along * (high - low), high)

    def off(numbers: Sequence[float]) -> list[float]:
        shape = law(numbers)
        return [shape.quantile(u) - want for u, want in zip(LEVELS, wanted, strict=True)]

    room = 1e-9  # so that no end is fixed: the solver wants its bounds apart
    bounds = ([min(lowest, -room), 1.0, 0.0], [0.0, 1.0 + max(highest, room), 1.0])
    found = None
    for along in _STARTS:
        start = [max(bounds[0][0], -0.3), min(bounds[1][1], 1.3), along]
        done = least_squares(off, start, bounds=bounds, xtol=1e-12, ftol=1e-12, gtol=1e-12)
        if found is None or done.cost < found.cost * (1 - 1e-6) - 1e-15:
            found = done
    assert found is not None
    shape = law([float(number) for number in found.x])
    low, high = _snapped(q5 + width * shape.low, least, width), _snapped(q5 + width * shape.high, most, width)
    return Pert(low, min(max(q5 + width * shape.mode, low), high), high)


def _snapped(end: float, limit: float, width: float) -> float:
    """An end that the solver left a hair from its limit, put onto it."""
    return limit if abs(end - limit) < 1e-6 * width else end


def misfit(law: Pert, quantiles: Sequence[float]) -> float:
    """How far a law misses the three quantiles at most, as a share of the distance from the first to the last."""
    missed = max(abs(law.quantile(u) - q) for u, q in zip(LEVELS, quantiles, strict=True))
    return missed / (quantiles[-1] - quantiles[0])


def pooled_quantile(laws: Sequence[Pert], u: float) -> float:
    """A quantile of the equal-weight linear pool."""
    low, high = min(law.quantile(u) for law in laws), max(law.quantile(u) for law in laws)
    if low == high:
        return low
    return _halved(lambda x: math.fsum(law.below(x) for law in laws) / len(laws) - u, low, high)


def _halved(rises: Callable[[float], float], low: float, high: float) -> float:
    """Where a rising function crosses nought."""
    for _ in range(100):
        middle = (low + high) / 2
        if rises(middle) < 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2
