"""All inputs moved, a step at a time along random ways (Morris 1991), to see which ones matter at all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.resampling import middle, resamples

LEVELS = 4
REACH = (0.025, 0.975)
"""Steps go over the middle 95% of each range: its very ends are next to impossible where it has a peak."""

RESAMPLES = 1000
METHOD = "Morris elementary effects over the middle 95% of each range; 95% by bootstrap over ways"

Floats = NDArray[np.float64]


def ways(count: int, trajectories: int, seed: int) -> Floats:
    """Points of the unit cube: shape (trajectories, count + 1, count); neighbours differ in one coordinate."""
    from SALib.sample import morris

    problem: dict[str, Any] = {
        "num_vars": count,
        "names": [str(n) for n in range(count)],
        "bounds": [[0.0, 1.0]] * count,
    }
    points = morris.sample(problem, trajectories, num_levels=LEVELS, seed=seed + 1)
    return np.asarray(points, dtype=np.float64).reshape(trajectories, count + 1, count)


def reached(points: Floats) -> Floats:
    """Where points of the unit cube lie in the ranges' quantiles."""
    low, high = REACH
    return low + (high - low) * points


def effects(points: Floats, outcomes: Sequence[float | None]) -> Floats:
    """Elementary effects: shape (trajectories, inputs); NaN where either end of a step is contradictory.

    Args:
        points: as of ``ways``. outcomes: one a point, way after way; None where inputs contradict each other.
    """
    values = np.array([math.nan if one is None else one for one in outcomes], dtype=np.float64)
    values = values.reshape(points.shape[:2])
    steps = np.diff(points, axis=1)
    moved = np.abs(steps).argmax(axis=2)
    sizes = np.take_along_axis(steps, moved[:, :, None], axis=2)[:, :, 0]
    found = np.empty(moved.shape)
    np.put_along_axis(found, moved, np.diff(values, axis=1) / sizes, axis=1)
    return found


def screened(found: Floats, seed: int, name: str) -> list[dict[str, float]]:
    """By input: mu, mu_star with mu_star_low and mu_star_high, sigma, effects and contradictory_effects (counts).

    Effects are of moving an input over the whole reach: mu_star is the mean of their sizes, sigma their standard
    deviation (large where an input's effect depends on others, or bends). NaN where too few effects are known.
    """
    places = resamples(f"{name}, screen", seed, len(found), RESAMPLES)
    rows = []
    for column in found.T:
        known = column[~np.isnan(column)]
        row = {"mu": math.nan, "mu_star": math.nan, "mu_star_low": math.nan, "mu_star_high": math.nan,
               "sigma": math.nan, "effects": len(known), "contradictory_effects": len(column) - len(known)}  # fmt: skip
        if len(known):
            row |= {"mu": float(known.mean()), "mu_star": float(np.abs(known).mean())}
        if len(known) > 1:
            sizes = np.abs(column[places])
            counted = (~np.isnan(sizes)).sum(axis=1)
            again = np.nansum(sizes, axis=1)[counted > 0] / counted[counted > 0]
            row["mu_star_low"], row["mu_star_high"] = middle(again)
            row["sigma"] = float(known.std(ddof=1))
        rows.append(row)
    return rows


def leading(scores: Sequence[Floats], most: int) -> list[int]:
    """Places of the inputs that matter most, most first, by the best of their sizes among the measures.

    Args:
        scores: for each measure one size an input. An input that moves nothing is not among them.
    """
    best = np.zeros(len(scores[0]))
    for sizes in scores:
        largest = np.nanmax(sizes) if np.isfinite(sizes).any() else 0.0
        if largest > 0:
            best = np.fmax(best, sizes / largest)
    order = np.argsort(-best, kind="stable")
    return [int(n) for n in order[:most] if best[n] > 0]
