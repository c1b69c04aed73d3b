"""The table of a transition that says where the need of people without a package went."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from experiments.statistics import PREDICTION
from experiments.transition.plan import TransitionRun
from experiments.transition.runs import TODAY
from experiments.transition.spans import Found
from simulation.ledger import HOUR_PARTS, LEDGER

PEOPLE, HOURS, POUNDS = "people", "hours of need a week", "pounds a week if bought"
"""Units of the table: pounds are what the hours of need would cost if they were bought, whoever gives them."""


def ledger(run: TransitionRun, found: Found) -> pd.DataFrame:
    """Where the need of people without a package went, by run and year, at central inputs; differences from today.

    There are no pounds where no price of an hour is given.
    """
    rows = []
    hour = run.world.hour_of_care
    units = [(PEOPLE, 0, 1.0, 1), (HOURS, 1, 1.0, HOUR_PARTS), (POUNDS, 1, hour, HOUR_PARTS)]
    years = run.world.axes.base.years
    found = Found(found.central, ())  # nothing follows people's needs where inputs are drawn
    for one in run.runs:
        if not (one.headline or one.name == TODAY):
            continue
        for unit, what, worth, parts in units if math.isfinite(hour) else units[:2]:
            for place, name in enumerate(LEDGER):
                for y, year in enumerate(years):

                    def read(
                        figures: Any,
                        at: tuple[int, int, int] = (what, place, y),
                        worth: float = worth,
                        parts: int = parts,
                    ) -> float:
                        return worth * float(figures.ledger[at].sum()) / parts

                    span = found.span(one.name, read)
                    row = {"run": one.name, "financial_year": year, "row": name, "unit": unit, "mean": span.mean,
                           "chance_low": span.chance_low, "chance_high": span.chance_high}  # fmt: skip
                    if one.vehicle:
                        less = found.span(one.name, read, TODAY)
                        row |= {"difference": less.mean, "difference_low": less.chance_low,
                                "difference_high": less.chance_high}  # fmt: skip
                    rows.append(row | {"interval": f"chance, difference: {PREDICTION}"})
    return pd.DataFrame(rows)
