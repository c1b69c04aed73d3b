"""What was realised beside what was expected, in words. No word here claims to know why."""

from __future__ import annotations

import math
from collections.abc import Callable

INSIDE, ABOVE, BELOW, NO_BAND = "inside", "above", "below", "no band"

Say = Callable[[float], str]
"""A size as people say it."""


def verdict(band: tuple[float, float], realised: tuple[float, float]) -> str:
    """Where a realised figure, given by its own low and high, lies to a band; a touch is inside."""
    low, high = band
    if math.isnan(low) or math.isnan(high):
        return NO_BAND
    if realised[0] > high:
        return ABOVE
    return BELOW if realised[1] < low else INSIDE


def variance(expected: float, band: tuple[float, float], actual: float, realised: tuple[float, float], say: Say) -> str:
    """A variance in words: 'above the band: 40 more than expected (25%), 12 beyond its upper end'.

    Args:
        realised: low and high that rounding or definitions leave the actual figure. say: how a size is written.
    """
    where = verdict(band, realised)
    off = _off(expected, actual, say)
    if where == NO_BAND:
        return f"no band is known: {off}"
    if where == INSIDE:
        alone = "" if band[0] <= actual <= band[1] else ", by the actual figure's own range alone"
        return f"inside the band{alone}: {off}"
    beyond, end = (realised[0] - band[1], "upper") if where == ABOVE else (band[0] - realised[1], "lower")
    return f"{where} the band: {off}, {say(beyond)} beyond its {end} end"


def _off(expected: float, actual: float, say: Say) -> str:
    difference = actual - expected
    if say(abs(difference)) == say(0.0):
        return "as expected"
    share = f" ({abs(difference) / abs(expected):.0%})" if expected and abs(difference / expected) < 10 else ""
    return f"{say(abs(difference))} {'more' if difference > 0 else 'less'} than expected{share}"
