"""How long a series takes to forget how it began: MSER-5, on batches of five observations.

The beginning is cut where the rest tells its mean with the least standard error. Sources: White 1997, An effective
truncation heuristic for bias reduction in simulation output, Simulation 69; Franklin and White 2008, Stationarity tests
and MSER-5, Winter Simulation Conference (batches of five). A cut in the second half is no answer, and the last five
batches are not judged, because a few that happen to be alike would win: Hoad, Robinson and Davies 2010, Automating
warm-up length estimation, Journal of the Operational Research Society 61.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BATCH = 5
LEFT = 5
"""Batches that any cut leaves."""
FEWEST = 12
"""Batches below which nothing is said: the first half and the five that are left would be nearly all there are."""
TREND = 1.96
"""Standard errors beyond which what is left is said to rise or fall (two-sided 5%)."""

SETTLES, DOES_NOT_SETTLE, NOT_ENOUGH = "settles", "does not settle", "not enough data"


@dataclass(frozen=True)
class WarmUp:
    """What a series says of its beginning.

    Attributes:
        verdict: SETTLES, DOES_NOT_SETTLE or NOT_ENOUGH. cut: observations to leave out, None unless it settles.
    """

    verdict: str
    cut: int | None = None


def batch_means(series: Sequence[float]) -> NDArray[np.float64]:
    """Means of batches of five, from the first observation on; a last batch that is not full is left out."""
    whole = len(series) // BATCH
    means: NDArray[np.float64] = (
        np.asarray(series[: whole * BATCH], dtype=np.float64).reshape(whole, BATCH).mean(axis=1)
    )
    return means


def mser(means: NDArray[np.float64]) -> int:
    """The number of batches to cut: that of the least squared standard error of what is left, the first of equals."""
    errors = [float(((left := means[cut:]) - left.mean()) @ (left - left.mean())) / len(left) ** 2
              for cut in range(len(means) - LEFT + 1)]  # fmt: skip
    return int(np.argmin(errors))


def trend(values: NDArray[np.float64]) -> float:
    """How many standard errors the number of rises is from that of falls, over all pairs (Mann 1945, Kendall 1975)."""
    n = len(values)
    score = float(np.sign(values[None, :] - values[:, None])[np.triu_indices(n, 1)].sum())
    return math.copysign(max(abs(score) - 1, 0.0), score) / math.sqrt(n * (n - 1) * (2 * n + 5) / 18)


def warm_up(series: Sequence[float]) -> WarmUp:
    """Whether a series settles, and after how many observations.

    It does not settle where no cut in the first half is best and its second half still rises or falls; where that half
    does neither, the data are not enough to say.
    """
    means = batch_means(series)
    if len(means) < FEWEST:
        return WarmUp(NOT_ENOUGH)
    cut = mser(means)
    if 2 * cut < len(means):
        return WarmUp(SETTLES, cut * BATCH)
    return WarmUp(DOES_NOT_SETTLE if abs(trend(means[len(means) // 2 :])) > TREND else NOT_ENOUGH)
