"""Random numbers for resampling: named, so that the same question always meets the same ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulation.identity import draw_id
from simulation.philox import first_of_each


def uniforms(name: str, seed: int, count: int) -> NDArray[np.float64]:
    """So many numbers in (0, 1), given by the name and the seed alone."""
    found: NDArray[np.float64] = first_of_each(np.arange(count, dtype=np.uint64), draw_id(name, "input"), 0, 0, seed, 0)
    return found


def resamples(name: str, seed: int, size: int, times: int) -> NDArray[np.int64]:
    """Places drawn with replacement: shape (times, size)."""
    return (uniforms(name, seed, size * times) * size).astype(np.int64).reshape(times, size)


def shuffles(name: str, seed: int, size: int, times: int) -> NDArray[np.int64]:
    """Orders of so many things: shape (times, size)."""
    return np.argsort(uniforms(name, seed, size * times).reshape(times, size), axis=1, kind="stable")


def middle(values: NDArray[np.float64]) -> tuple[float, float]:
    """The middle 95% of resampled values."""
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)
