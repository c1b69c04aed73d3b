"""Costs of change by financial year and payer, and what remains of a saving after them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulation.errors import DemandflowError, nearest
from simulation.money.columns import PAYERS, PENCE_DAYS_IN_A_PENNY, Ints, pounds, year_starts

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Cost:
    """What a change costs: ``one_off`` pence in the month ``first``, and ``yearly`` pence a year from then on.

    ``last`` is the last month of the yearly cost; without it, it runs to the end.
    """

    title: str
    payer: str
    first: str
    one_off: int = 0
    yearly: int = 0
    last: str | None = None


def costs_of_change(costs: Iterable[Cost], months: Sequence[str]) -> Ints:
    """Pence-days by payer and financial year: shape (payers, years). Yearly costs fall evenly on the months.

    Raises:
        DemandflowError: a payer nobody knows, or a month outside the run: nothing is left out without a word.
    """
    monthly = np.zeros((len(PAYERS), len(months)), dtype=np.int64)
    for cost in costs:
        if cost.payer not in PAYERS:
            raise DemandflowError(f"{cost.title}: there is no payer '{cost.payer}'. {nearest(cost.payer, PAYERS)}")
        if cost.first not in months:
            raise DemandflowError(
                f"{cost.title}: its cost falls in {cost.first}, and the run has {months[0]} to {months[-1]}. "
                "Move the cost, or run longer."
            )
        row, start = PAYERS.index(cost.payer), list(months).index(cost.first)
        monthly[row, start] += cost.one_off * PENCE_DAYS_IN_A_PENNY
        count = sum(cost.first <= month <= (cost.last or month) for month in months)
        so_far = np.arange(count + 1, dtype=np.int64) * (cost.yearly * PENCE_DAYS_IN_A_PENNY) // 12
        monthly[row, start : start + count] += np.diff(so_far)
    return np.asarray(np.add.reduceat(monthly, year_starts(months), axis=1), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Net:
    """Savings, what it costs to make them, and the rest: pence-days of shape (payers, years)."""

    years: tuple[str, ...]
    gross: Ints
    cost: Ints

    @property
    def net(self) -> Ints:
        """Gross less cost."""
        return self.gross - self.cost

    def of(self, payer: str) -> Ints:
        """The net of one payer: shape (years,)."""
        return np.asarray(self.net[PAYERS.index(payer)])

    def frame(self) -> pd.DataFrame:
        """One row a payer and year, in pounds. Columns: payer, financial_year, gross, cost, net."""
        import pandas as pd  # a quarter of a second that only readers of tables wait for

        rows = [
            (payer, year, *(float(pounds(part[p, y])) for part in (self.gross, self.cost, self.net)))
            for p, payer in enumerate(PAYERS)
            for y, year in enumerate(self.years)
        ]
        return pd.DataFrame(rows, columns=["payer", "financial_year", "gross", "cost", "net"])


def by_payer(**amounts: Ints) -> Ints:
    """Amounts of shape (years,) by payer's name, those of the others nought: shape (payers, years).

    Raises:
        DemandflowError: a payer nobody knows.
    """
    for name in amounts:
        if name not in PAYERS:
            raise DemandflowError(f"there is no payer '{name}'. {nearest(name, PAYERS)}")
    years = len(next(iter(amounts.values())))
    return np.stack([amounts.get(payer, np.zeros(years, dtype=np.int64)) for payer in PAYERS])
