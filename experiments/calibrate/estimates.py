"""What counts, times and prices say about a share, a rate, a length of stay and a mean: estimates with intervals.

Each interval covers 95%. Beside it stands a wider range for the model file: a PERT law over a range is narrower than
the range, so the range reaches ``REACH`` standard errors either way, and the law over it then has the estimate's own
standard error (a symmetric PERT law's standard deviation is its range times √(1/28)).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

LEVEL = 0.95
Z = 1.959963984540054
REACH = math.sqrt(28) / 2
"""Standard errors from the middle of a symmetric PERT law's range to its end."""


@dataclass(frozen=True)
class Estimate:
    """A value, its 95% interval, and the range for a model file; NaN where one value cannot tell."""

    value: float
    low: float
    high: float
    range_low: float
    range_high: float
    of: int
    method: str

    @property
    def has_range(self) -> bool:
        """Whether there is a range with any width."""
        return self.range_low < self.range_high


def wilson(count: int, of: int, z: float = Z) -> tuple[float, float]:
    """Wilson's score interval of a share (Wilson 1927, JASA 22, 209-212); holds ``count / of``."""
    share = count / of
    middle = share + z * z / (2 * of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    low, high = (middle - half) / (1 + z * z / of), (middle + half) / (1 + z * z / of)
    return min(max(low, 0.0), share), max(min(high, 1.0), share)


def share(count: int, of: int) -> Estimate:
    """A share of ``of`` people."""
    return Estimate(count / of, *wilson(count, of), *wilson(count, of, REACH), of, "Wilson")


def garwood(count: int, level: float = LEVEL) -> tuple[float, float]:
    """The exact interval of a Poisson mean (Garwood 1936, Biometrika 28, 437-442)."""
    from scipy.special import gammaincinv

    tail = (1 - level) / 2
    low = float(gammaincinv(count, tail)) if count else 0.0
    return low, float(gammaincinv(count + 1, 1 - tail))


def _reach_level() -> float:
    return math.erf(REACH / math.sqrt(2))


def rate(count: int, times: float) -> Estimate:
    """A Poisson count multiplied, such as contacts in a year of 365 days from those of a period."""
    low, high = (times * end for end in garwood(count))
    range_low, range_high = (times * end for end in garwood(count, _reach_level()))
    return Estimate(count * times, low, high, range_low, range_high, count, "Poisson, exact")


def stay(ends: int, risk: float, shape: float = 1.0) -> Estimate:
    """Mean stay from ends seen and the time at risk of ending; what runs on is censored, not left out.

    Args:
        ends: stays that ended in the period, at least one. risk: sum of the time in care in the period, in the unit of
            the result; with a Weibull shape, of exit age to the power shape less entry age to the power shape.
        shape: of the Weibull law, taken as known; 1: exponential.

    The maximum likelihood estimate is the Weibull scale ``(risk / ends) ** (1 / shape)``; its interval is that of the
    Poisson count of ends (for the exponential law: Cox and Oakes 1984, Analysis of Survival Data, 3.4).
    """
    factor = math.gamma(1 + 1 / shape)
    method = "exponential with censoring" if shape == 1 else f"Weibull (shape {shape:.3g}) with censoring"

    def mean(number: float) -> float:
        return factor * math.pow(risk / number, 1 / shape)

    lows, wides = garwood(ends), garwood(ends, _reach_level())
    return Estimate(mean(ends), mean(lows[1]), mean(lows[0]), mean(wides[1]), mean(wides[0]), ends, method)


def mean_of(numbers: Sequence[float]) -> Estimate:
    """A mean with Student's t; no interval from one number."""
    from scipy.special import stdtrit

    n = len(numbers)
    middle = math.fsum(numbers) / n
    if n < 2:
        return only(middle, n)
    if min(numbers) == max(numbers):
        return replace(only(middle, n), method="all alike")
    error = math.sqrt(math.fsum((x - middle) ** 2 for x in numbers) / (n - 1) / n)
    half = float(stdtrit(n - 1, 0.5 + LEVEL / 2)) * error
    least = max(middle - half * REACH / Z, 0.0)
    return Estimate(middle, max(middle - half, 0.0), middle + half, least, middle + half * REACH / Z, n, "Student's t")


def only(value: float, of: int = 0) -> Estimate:
    """A figure that comes alone and so has no interval."""
    nan = math.nan
    return Estimate(value, nan, nan, nan, nan, of, "as given, no interval")


def kaplan_meier_mean(stays: Sequence[tuple[float, bool]]) -> tuple[float, float]:
    """Mean stay within the longest time seen, and the share still in care then (Kaplan and Meier 1958, JASA 53).

    Args:
        stays: length and whether it ended; what did not end is censored there.
    """
    at_risk, alive, area, before = len(stays), 1.0, 0.0, 0.0
    for length, ended in sorted(stays, key=lambda item: (item[0], not item[1])):
        area += alive * (length - before)
        before = length
        if ended:
            alive *= 1 - 1 / at_risk
        at_risk -= 1
    return area, alive
