"""Plans are too hopeful: costs higher, savings lower, change later. Shown before and after, never one alone."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from simulation.money.columns import Ints, to_whole
from simulation.money.costs import Net


@dataclass(frozen=True)
class Bias:
    """Shares: costs are ``cost`` higher than planned, savings ``benefit`` lower, change takes ``duration`` longer."""

    cost: float
    benefit: float
    duration: float


def extra_months(planned: float, bias: Bias) -> int:
    """Whole months by which a change planned to take so many comes later; a part of a month counts as one."""
    return math.ceil(round(planned * bias.duration, 9))


def lowered(savings: Ints, bias: Bias) -> Ints:
    """Savings as they may turn out. A loss is not a saving and is not made smaller."""
    return np.where(savings > 0, to_whole(savings * (1 - bias.benefit)), savings)


def increased(costs: Ints, bias: Bias) -> Ints:
    """Costs as they may turn out. Money that comes back (below nought) is not made more of."""
    return np.where(costs > 0, to_whole(costs * (1 + bias.cost)), costs)


@dataclass(frozen=True, eq=False)
class Adjusted:
    """As planned, and with optimism taken out."""

    before: Net
    after: Net


def adjusted(planned: Net, later: Ints, bias: Bias) -> Adjusted:
    """``later``: the gross savings of shape (payers, years) with everything ``extra_months`` later."""
    return Adjusted(planned, Net(planned.years, lowered(later, bias), increased(planned.cost, bias)))
