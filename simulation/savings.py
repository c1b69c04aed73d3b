"""Money from package-days: pure functions of whole numbers.

A saving is the difference in days of care × weekly price, by client group. Packages that run already are the same
under both models and cancel. Pence stay whole until one division by 7 at the end. ``simulation/money`` takes a saving
apart: what of it is cash, against what, and over time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulation.money.columns import pounds as pounds


def gross_saving(baseline: NDArray[np.int64], model: NDArray[np.int64]) -> NDArray[np.float64]:
    """Gross pounds saved (positive where the model spends less); any shape, the same for both."""
    return pounds(baseline - model)


def cumulative_target(targets: dict[str, float], years: list[str]) -> list[float]:
    """What is asked of each year when each year's target is a further recurring reduction.

    ``targets`` maps fy_2017_18 to pounds; ``years`` are names such as 2017/18. Years without a target add nothing.
    """
    total, result = 0.0, []
    for year in years:
        total += targets.get("fy_" + year.replace("/", "_"), 0.0)
        result.append(total)
    return result
