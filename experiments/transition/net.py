"""What remains of savings after the costs of change, once every required cost of every vehicle is known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from experiments.statistics import DRAWS, RANGES, REPLICATIONS
from experiments.transition.figures import ALL_YEARS, COST, NET, PAYBACK, PRESENT_VALUE, SAVING, WORTH, Figures
from experiments.transition.plan import TransitionRun
from experiments.transition.spans import FEWEST, Found, Read
from simulation.money.columns import PENCE_DAYS_IN_A_POUND
from simulation.money.present_value import payback

COLUMNS = ["run", "view", "item", "financial_year", "mean", "chance_low", "chance_high", "low", "high", "interval"]


def _in_year(item: str, view: int, year: int) -> Read:
    def read(figures: Figures) -> float:
        saving, cost = int(figures.views[view, year]), int(figures.costs[1 + view, year])
        return {SAVING: saving, COST: cost, NET: saving - cost}[item] / PENCE_DAYS_IN_A_POUND

    return read


def _present_value(view: int) -> Read:
    return lambda figures: int(figures.worth[view, 1].sum()) / 100


def _payback(view: int, years: Sequence[str]) -> Read:
    """Years until costs are paid back; endless where they are not within the run."""

    def read(figures: Figures) -> float:
        found = payback(figures.worth[view, 0] / 100, years).years
        return math.inf if found is None else found

    return read


def _ordered(values: Sequence[float], shares: Sequence[float]) -> list[float]:
    """Values below which such shares of all lie; NaN where that is endless."""
    found = np.quantile(np.array(values), shares, method="inverted_cdf")
    return [float(value) if math.isfinite(value) else math.nan for value in found]


def paid_back(found: Found, run: str, read: Read) -> dict[str, float]:
    """The median at central inputs and the middle 95% of replications; NaN: not within the run, or too few to tell."""
    central, drawn = (found.values(run, read, which) for which in (False, True))
    ends = [
        end
        for values in (central, drawn)
        for end in (_ordered(values, (0.025, 0.975)) if len(values) >= FEWEST else (math.nan, math.nan))
    ]
    names = ("mean", "chance_low", "chance_high", "low", "high")
    return dict(zip(names, (*_ordered(central or drawn, (0.5,)), *ends), strict=True))


def net(run: TransitionRun, found: Found) -> pd.DataFrame:
    """Saving, cost and net by year, present value and payback of the runs of the answer; empty while a cost is missing.

    Savings and costs are the council's, in each year's money; the present value is in pounds of the discount rate's
    base year. Columns: ``COLUMNS``; ``financial_year`` is ``all`` for the last two.
    """
    rows: list[dict[str, Any]] = []
    years = run.world.axes.base.years
    for one in run.runs if run.world.costs is not None else ():
        if not one.headline:
            continue
        for place, view in enumerate(WORTH):
            mine = {"run": one.name, "view": view}
            for item in (SAVING, COST, NET):
                rows += [
                    {**mine, "item": item, "financial_year": year,
                     **found.span(one.name, _in_year(item, place, y)).row(), "interval": RANGES}
                    for y, year in enumerate(years)
                ]  # fmt: skip
            value = found.span(one.name, _present_value(place)).row()
            rows.append({**mine, "item": PRESENT_VALUE, "financial_year": ALL_YEARS, **value, "interval": RANGES})
            back = paid_back(found, one.name, _payback(place, years))
            how = f"{DRAWS}; chance: {REPLICATIONS}"
            rows.append({**mine, "item": PAYBACK, "financial_year": ALL_YEARS, **back, "interval": how})
    return pd.DataFrame(rows, columns=COLUMNS)
