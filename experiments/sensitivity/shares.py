"""How much of the spread that inputs make comes from each (Sobol indices, Saltelli's design)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FEWEST = 16
"""Blocks below which no index is given."""

RESAMPLES = 500
METHOD = (
    "Sobol indices by Saltelli's design on a scrambled Sobol sequence (SALib; Saltelli et al. 2010); 95% by bootstrap "
    "over blocks, normal"
)

Floats = NDArray[np.float64]


def _problem(count: int) -> dict[str, Any]:
    return {"num_vars": count, "names": [str(n) for n in range(count)], "bounds": [[0.0, 1.0]] * count}


def blocks(count: int, samples: int, seed: int) -> Floats:
    """Points of the unit cube: shape (samples, count + 2, count). ``samples``: a power of two."""
    from SALib.sample import sobol

    points = sobol.sample(_problem(count), samples, calc_second_order=False, seed=seed + 1)
    return np.asarray(points, dtype=np.float64).reshape(samples, count + 2, count)


@dataclass(frozen=True)
class Shares:
    """Indices by input, each with its 95% interval; NaN where there is nothing to share out.

    Attributes:
        s1: share that would go if the input alone were known. st: share that stays while it alone is not known. Both
        and their intervals have shape (3, inputs): value, low, high. dropped: blocks with a contradictory point.
    """

    s1: Floats
    st: Floats
    blocks: int
    dropped: int


def shares(count: int, outcomes: Sequence[float | None], seed: int) -> Shares:
    """Sobol indices of what came of ``blocks``; a block with a contradictory point is left out as a whole."""
    from SALib.analyze import sobol

    values = np.array([math.nan if one is None else one for one in outcomes], dtype=np.float64).reshape(-1, count + 2)
    whole = values[~np.isnan(values).any(axis=1)]
    dropped = len(values) - len(whole)
    if len(whole) < FEWEST or np.ptp(whole) == 0:
        nothing = np.full((3, count), math.nan)
        return Shares(nothing, nothing, len(whole), dropped)
    found = sobol.analyze(
        _problem(count), whole.ravel(), calc_second_order=False, num_resamples=RESAMPLES, seed=seed + 1
    )
    return Shares(_with_interval(found, "S1"), _with_interval(found, "ST"), len(whole), dropped)


def _with_interval(found: Any, name: str) -> Floats:
    value, half = np.asarray(found[name]), np.asarray(found[f"{name}_conf"])
    return np.array([value, value - half, value + half])
