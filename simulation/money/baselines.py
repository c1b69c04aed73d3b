"""Against what a saving counts: today's budget, today's model without growth, and with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from simulation.errors import DemandflowError
from simulation.money.columns import COLUMNS, Ints, Spend

MONTHS_OF_A_BUDGET = 12


def held(spend: Spend) -> Spend:
    """Today's budget: the spend of the first twelve months, held. Each later month has that of a year before.

    A budget is in pounds: February has the same money in a leap year.

    Raises:
        DemandflowError: a run of less than a year.
    """
    count = len(spend.months)
    if count < MONTHS_OF_A_BUDGET:
        raise DemandflowError(
            f"today's budget is the first twelve months' spend, and the run has {count}. Run a year or longer."
        )
    same = np.arange(count) % MONTHS_OF_A_BUDGET
    made: dict[str, Any] = {name: getattr(spend, name)[:, same, :] for name in COLUMNS}
    return replace(spend, **made)


@dataclass(frozen=True, eq=False)
class Split:
    """A saving in two parts that add up to it exactly: below today's budget, and growth that does not come."""

    cashable: Ints
    avoided: Ints


def split(budget: Ints, baseline: Ints, spend: Ints) -> Split:
    """What of ``baseline`` - ``spend`` lies below the budget; whole numbers of any one shape.

    Where spending rises, both parts can be negative: money lost below the budget, and pressure above it. Nothing is cut
    off at nought, so the parts always add up to the whole, and turning the sides round turns the signs.
    """
    cashable = np.minimum(baseline, budget) - np.minimum(spend, budget)
    return Split(cashable, (baseline - spend) - cashable)


def delayed(base: Spend, model: Spend, months: int) -> Spend:
    """The model's spend where everything that it changes comes so many months later; until then all is as in ``base``.

    Raises:
        ValueError: a negative delay.
    """
    if months < 0:
        raise ValueError("a delay cannot be negative")
    less = base - model
    shift = min(months, len(base.months))

    def later(column: Ints) -> Ints:
        result = np.zeros_like(column)
        result[:, shift:, :] = column[:, : column.shape[1] - shift, :]
        return result

    made: dict[str, Any] = {name: later(getattr(less, name)) for name in COLUMNS}
    return base - replace(less, **made)
