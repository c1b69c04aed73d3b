"""The single input whose change alone moves the challenger's answer to the officers'."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.challenge.assumptions import Challenge, Disputed
from experiments.crew import Crew
from experiments.elicit.asked import Asked, Headline
from simulation.errors import DemandflowError

POINTS = 21
"""Values tried over an input's range before the crossing is closed in on."""

MEASURES = ("packages", "saving")
SAME = {"packages": 0.005, "saving": 0.5}
"""Two answers closer than this are the same: a two-hundredth of a package, fifty pence."""


@dataclass(frozen=True)
class Way:
    """What moving one input alone does to the distance between two answers.

    Attributes:
        agrees: whether the answers meet somewhere in the range. value: where they do, nearest to the challenger's
        value; else where they come closest among the values tried. reached: the challenger's headline there. moved:
        how far the value lies from the challenger's, as a share of the range searched.
    """

    measure: str
    disputed: Disputed
    agrees: bool
    value: float
    reached: float
    moved: float


def ways(asked: Asked, challenge: Challenge, officers: Headline, crew: Crew) -> list[Way]:
    """For each measure and input in dispute, how near the challenger's answer comes when that input alone is moved.

    Searched is the officers' range, widened to hold both values; where they gave none, from one value to the other.
    """
    over = challenge.over()
    grids = [_grid(one) for one in challenge.disputed]
    sets = [{**over, one.key: x} for one, grid in zip(challenge.disputed, grids, strict=True) for x in grid]
    found = iter(asked.headlines(sets, crew))
    told = [[next(found) for _ in grid] for grid in grids]
    result = []
    for measure in MEASURES:
        target = float(getattr(officers, measure))
        for one, grid, headlines in zip(challenge.disputed, grids, told, strict=True):
            off = [None if h is None else float(getattr(h, measure)) - target for h in headlines]
            result.append(_way(asked, over, measure, one, target, grid, off))
    return result


def _grid(one: Disputed) -> list[float]:
    points = {float(x) for x in np.linspace(one.low, one.high, POINTS)}
    return sorted(points | {one.officers, one.challenger})


def _way(
    asked: Asked,
    over: dict[str, float],
    measure: str,
    one: Disputed,
    target: float,
    grid: Sequence[float],
    off: Sequence[float | None],
) -> Way:
    def away(x: float) -> float:
        return float(getattr(asked.headline({**over, one.key: x}), measure)) - target

    met = [x for x, o in zip(grid, off, strict=True) if o is not None and abs(o) < SAME[measure]]
    for x, y, a, b in zip(grid, grid[1:], off, off[1:], strict=False):
        if a is not None and b is not None and a * b < 0:
            crossing = _closed_in(away, x, y)
            met += [] if crossing is None else [crossing]
    width = one.high - one.low
    if met:
        value = min(met, key=lambda x: (abs(x - one.challenger), x))
    else:
        known = [(abs(o), abs(x - one.challenger), x) for x, o in zip(grid, off, strict=True) if o is not None]
        value = min(known)[2]
    return Way(measure, one, bool(met), value, away(value) + target, abs(value - one.challenger) / width)


def _closed_in(away: Callable[[float], float], low: float, high: float) -> float | None:
    """Where a difference crosses nought between two values; None where inputs contradict each other in between."""
    from scipy.optimize import brentq

    try:
        return float(brentq(away, low, high, xtol=1e-9 * (high - low)))
    except DemandflowError:
        return None


def the_one(found: Sequence[Way], measure: str) -> Way | None:
    """The input that would make both sides agree with the smallest move; None where none would."""
    agreeing = [way for way in found if way.measure == measure and way.agrees]
    return min(agreeing, key=lambda way: (way.moved, way.disputed.key), default=None)


def closest(found: Sequence[Way], measure: str, target: float) -> Way:
    """The input that brings the answers closest, where none makes them agree."""
    own = [way for way in found if way.measure == measure]
    return min(own, key=lambda way: (abs(way.reached - target), way.disputed.key))
