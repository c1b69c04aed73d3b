"""Savings by client group, payer and financial year: cash in the year, the running rate at its end, and their parts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from simulation.money.baselines import split
from simulation.money.columns import Floats, Ints, Spend, by_year, months_in, pounds, running, to_whole, years_of
from simulation.money.taken_out import TakenOut, saving

if TYPE_CHECKING:
    import pandas as pd

MEASURES = ("cash", "run_rate")
PARTS = ("cashable", "avoided", "capacity_freed", "client")
PAYER_OF = {"cashable": "council", "avoided": "council", "capacity_freed": "council", "client": "client"}
"""The council's saving is its three parts together; the client's is what clients pay less."""

ALL = "all"


@dataclass(frozen=True, eq=False)
class YearSavings:
    """Savings in pence-days: shape (measures, parts, years, groups + 1); the last group is all of them.

    Cash, freed capacity and clients' money add up over the groups. The split into cashable and avoided of ``all`` is
    that of the council's whole budget, where one group's growth uses up another's saving: it need not be the sum of
    the groups' own splits, but cashable + avoided always is.

    Attributes:
        months_in: months of each year that the run has; below 12 its cash is part of a year's.
        assumed: what was taken for want of a figure, a sentence each.
    """

    years: tuple[str, ...]
    groups: tuple[str, ...]
    amounts: Ints
    months_in: tuple[int, ...]
    assumed: tuple[str, ...]

    def part(self, measure: str, part: str) -> Ints:
        """One part: shape (years, groups + 1)."""
        return np.asarray(self.amounts[MEASURES.index(measure), PARTS.index(part)])

    def council(self, measure: str) -> Ints:
        """What the council's care costs less, whether cash or not: shape (years, groups + 1)."""
        return self.released(measure) + self.part(measure, "capacity_freed")

    def released(self, measure: str) -> Ints:
        """What leaves the council's spending: cashable and avoided."""
        return self.part(measure, "cashable") + self.part(measure, "avoided")

    def at_prices(self, factors: Floats) -> YearSavings:
        """The same at other prices: each part × its year's factor, to the nearest pence-day, so that sums stay exact.

        The factors are of shape (years,). Only the groups are raised; ``all`` moves with their sums, and its cashable
        part is raised by itself.
        """
        raised = to_whole(self.amounts * factors[:, None])
        total = raised[..., :-1].sum(axis=-1)
        released = total[:, PARTS.index("cashable")] + total[:, PARTS.index("avoided")]
        raised[..., -1] = total
        cashable = to_whole(self.amounts[:, PARTS.index("cashable"), :, -1] * factors)
        raised[:, PARTS.index("cashable"), :, -1] = cashable
        raised[:, PARTS.index("avoided"), :, -1] = released - cashable
        return replace(self, amounts=raised)

    def frame(self) -> pd.DataFrame:
        """One row a group, payer, year, measure and part, in pounds.

        Columns: client_group, payer, financial_year, months_in_year, measure, part, pounds.
        """
        import pandas as pd  # a quarter of a second that only readers of tables wait for

        rows = [
            (group, PAYER_OF[part], year, self.months_in[y], measure, part, float(pounds(self.amounts[m, p, y, g])))
            for m, measure in enumerate(MEASURES)
            for p, part in enumerate(PARTS)
            for y, year in enumerate(self.years)
            for g, group in enumerate((*self.groups, ALL))
        ]
        columns = ["client_group", "payer", "financial_year", "months_in_year", "measure", "part", "pounds"]
        return pd.DataFrame(rows, columns=columns)


def with_all(amounts: Ints) -> Ints:
    """Groups, and their sum as one more."""
    return np.concatenate([amounts, amounts.sum(axis=-1, keepdims=True)], axis=-1)


def council_spend(spend: Spend) -> tuple[Ints, Ints]:
    """What the council's care costs, cash and running rate, in pence-days: each of shape (years, groups + 1)."""
    weekly = spend.weekly - spend.weekly_client
    cash, rate = by_year(spend.council, spend.months), running(weekly, spend.months)
    return with_all(cash.sum(axis=0)), with_all(rate.sum(axis=0))


def year_savings(base: Spend, model: Spend, budget: Spend, out: TakenOut) -> YearSavings:
    """What ``model`` saves against ``base`` in each year, taken apart.

    ``budget`` is today's (``baselines.held``). What leaves spending is split at the budget, after what stays because
    contracts are still paid for.
    """
    amounts = np.zeros((len(MEASURES), len(PARTS), len(years_of(base.months)), len(base.groups) + 1), dtype=np.int64)
    pairs = zip(saving(base, model, out), council_spend(base), council_spend(budget), strict=True)
    for m, (found, before, today) in enumerate(pairs):
        released = with_all(found.released.sum(axis=0))
        parts = split(today, before, before - released)
        freed, client = with_all(found.freed.sum(axis=0)), with_all(found.client.sum(axis=0))
        amounts[m] = np.stack([parts.cashable, parts.avoided, freed, client])
    return YearSavings(years_of(base.months), base.groups, amounts, months_in(base.months), out.assumed)
