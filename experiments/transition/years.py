"""Lines by financial year: what comes in a year, and what there is at its end, with differences from today's model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from experiments.statistics import DRAWS, PREDICTION, RANGES
from experiments.transition.figures import SERIES
from experiments.transition.plan import TransitionRun
from experiments.transition.runs import TODAY
from experiments.transition.spans import Found, Read, middle_of
from simulation.money.columns import PENCE_DAYS_IN_A_POUND

STOCKS = ("packages_running",)
MONEY_SERIES = ("spend_gross", "spend_council", "spend_client")


def unit_of(name: str, per: str = "month") -> tuple[str, str, float]:
    """Unit, flow or stock, and what a whole number is divided by."""
    if name in MONEY_SERIES:
        return f"£ in the {per}, at prices of the price year", "flow", float(PENCE_DAYS_IN_A_POUND)
    if name in STOCKS:
        return f"packages at the {per}'s end", "stock", 1.0
    return ("packages" if name == "packages_started" else "people") + f" in the {per}", "flow", 1.0


def _reader(line: int, months: slice, divisor: float) -> Read:
    return lambda figures: float(np.sum(figures.months[line, months])) / divisor


def years(run: TransitionRun, found: Found) -> pd.DataFrame:
    """Lines by run and financial year, with the paired difference from today's model.

    Columns: run, financial_year, measure, unit, kind (flow: the year's sum; stock: at its end), mean, chance_low,
    chance_high, low, high, drawn_median; and difference, difference_chance_low, difference_chance_high, difference_low,
    difference_high, difference_drawn_median; interval.
    """
    rows = []
    for one in run.runs:
        against = TODAY if one.vehicle and one.growth == run.runs[0].growth else None
        for line, name in enumerate(SERIES):
            unit, kind, divisor = unit_of(name, "year")
            for y, year in enumerate(run.world.axes.base.years):
                read = _reader(line, slice(12 * y + 11 if kind == "stock" else 12 * y, 12 * y + 12), divisor)
                span = found.span(one.name, read)
                row: dict[str, Any] = {
                    "run": one.name,
                    "financial_year": year,
                    "measure": name,
                    "unit": unit,
                    "kind": kind,
                    **span.row(),
                    "drawn_median": middle_of(found.values(one.name, read, True)),
                }
                if against is not None:
                    less = found.span(one.name, read, against)
                    for key, value in less.row().items():
                        row["difference" if key == "mean" else f"difference_{key}"] = value
                    drawn = [found.values(which, read, True) for which in (one.name, against)]
                    row["difference_drawn_median"] = middle_of([a - b for a, b in zip(*drawn, strict=True)])
                row["interval"] = f"{RANGES}; difference: {DRAWS}; difference_chance: {PREDICTION}"
                rows.append(row)
    return pd.DataFrame(rows)
