"""Spread split into what comes of inputs nobody knows and what comes of chance.

The design is nested: each draw of the inputs is lived by replications of its own, so that draws are independent.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.resampling import middle, resamples

RESAMPLES = 2000
METHOD = "one-way analysis of variance of replications within draws (unbiased); 95% by bootstrap over draws"

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Part:
    """A figure with its 95% interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Split:
    """The variance of one replication's result over inputs and chance.

    Attributes:
        inputs: variance of the expectation over inputs; below nought where chance drowns it. chance: mean variance of
        a replication around its own inputs' expectation. share: inputs' share of both, 0 to 1.
    """

    mean: float
    inputs: Part
    chance: Part
    share: Part


def split(values: Floats, seed: int, name: str) -> Split:
    """The two parts of a variance.

    The variance of draws' means holds the chance of ``each`` replications besides what inputs do: that is taken off
    (Searle, Casella and McCulloch 1992, Variance Components, 3.5).

    Args:
        values: shape (draws, each), each at least 2; the replications of a draw are its own. name: of the measure.

    Raises:
        ValueError: fewer than two draws, or fewer than two replications of each.
    """
    draws, each = values.shape
    if draws < 2 or each < 2:
        raise ValueError("a split of variance needs two draws and two replications of each")
    means, within = values.mean(axis=1), values.var(axis=1, ddof=1)
    chance = float(within.mean())
    inputs = float(means.var(ddof=1)) - chance / each
    places = resamples(f"{name}, variance", seed, draws, RESAMPLES)
    chances = within[places].mean(axis=1)
    # A resample of n draws varies by (n - 1)/n of what they do.
    varied = means[places].var(axis=1, ddof=1) * draws / (draws - 1) - chances / each
    return Split(
        float(means.mean()),
        Part(inputs, *middle(varied)),
        Part(chance, *middle(chances)),
        Part(_share(inputs, chance), *middle(_shares(varied, chances))),
    )


def _share(inputs: float, chance: float) -> float:
    return float(_shares(np.array([inputs]), np.array([chance]))[0])


def _shares(inputs: Floats, chance: Floats) -> Floats:
    whole = np.maximum(inputs, 0.0) + chance
    found: Floats = np.divide(np.maximum(inputs, 0.0), whole, out=np.full(whole.shape, math.nan), where=whole > 0)
    return found
