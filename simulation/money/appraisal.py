"""A change appraised: the budget view in each year's money, and the present value in real terms, kept apart.

Both as planned and with optimism taken out. Everything is for one replication; intervals are made from many of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulation.money.baselines import delayed
from simulation.money.columns import Floats, Ints, Spend, pounds
from simulation.money.costs import Cost, Net, by_payer, costs_of_change
from simulation.money.economics import Valuation
from simulation.money.optimism import Adjusted, adjusted, extra_months
from simulation.money.present_value import Payback, payback
from simulation.money.prices_over_time import raised
from simulation.money.taken_out import TakenOut
from simulation.money.year_savings import YearSavings, year_savings

if TYPE_CHECKING:
    import pandas as pd

VIEWS = ("as_planned", "less_optimism")


@dataclass(frozen=True, eq=False)
class Worth:
    """The council's net in real pounds of the base year by year, its present value, and when costs are paid back."""

    real: Floats
    present_value: float
    payback: Payback
    discounted_payback: Payback


@dataclass(frozen=True, eq=False)
class Appraisal:
    """One change against one baseline.

    Attributes:
        savings: by group, payer and year at the prices of the price year, as planned; ``nominal`` the same in each
            year's money.
        months_later: how much later savings come where change takes longer than planned.
        budget: savings released, costs and net by payer and year in each year's money (the budget view).
        worth: by view, the real present value of the council's net. Capacity freed and not cash is in neither.
    """

    savings: YearSavings
    nominal: YearSavings
    months_later: int
    budget: Adjusted
    worth: dict[str, Worth]

    def frame(self) -> pd.DataFrame:
        """The budget view, both ways, in pounds. Columns: view, payer, financial_year, gross, cost, net."""
        import pandas as pd  # a quarter of a second that only readers of tables wait for

        parts = [self.budget.before.frame(), self.budget.after.frame()]
        return pd.concat([part.assign(view=view) for view, part in zip(VIEWS, parts, strict=True)], ignore_index=True)[
            ["view", "payer", "financial_year", "gross", "cost", "net"]
        ]


def _gross(found: YearSavings) -> Ints:
    """Money by payer: what leaves the council's spending, and what clients pay less."""
    return by_payer(council=found.released("cash")[:, -1], client=found.part("cash", "client")[:, -1])


def _worth(net: Net, value: Valuation) -> Worth:
    real = pounds(net.of("council")) / value.general
    discounted = real * value.discount
    return Worth(real, math.fsum(discounted), payback(real, net.years), payback(discounted, net.years))


def appraise(
    base: Spend,
    model: Spend,
    budget: Spend,
    out: TakenOut,
    costs: Sequence[Cost],
    value: Valuation,
    planned_months: float,
) -> Appraisal:
    """Appraise ``model`` against ``base`` with today's ``budget``.

    Costs are in prices of the discount rate's base year and follow prices in general; savings are at the weekly prices
    of the price year and follow the fees of care. ``planned_months``: how long the change is planned to take, from
    which optimism makes a delay.

    Raises:
        DemandflowError: costs outside the run. ValueError: a valuation of other years.
    """
    planned = year_savings(base, model, budget, out)
    if planned.years != value.years:
        raise ValueError(f"the run has the years {planned.years} and the valuation {value.years}")
    months_later = extra_months(planned_months, value.bias)
    late = year_savings(base, delayed(base, model, months_later), budget, out).at_prices(value.care)
    nominal = planned.at_prices(value.care)
    cost = raised(costs_of_change(costs, base.months), value.general)
    view = adjusted(Net(planned.years, _gross(nominal), cost), _gross(late), value.bias)
    worth = {name: _worth(net, value) for name, net in zip(VIEWS, (view.before, view.after), strict=True)}
    return Appraisal(planned, nominal, months_later, view, worth)
