"""From today's budget to spend under the new model, in steps that add up to the penny."""

from __future__ import annotations

import pandas as pd

from experiments.transition.plan import TransitionRun
from experiments.transition.runs import STEADY, TODAY
from experiments.transition.spans import Found
from simulation.money.waterfall import Levels, waterfall, waterfall_frame


def waterfalls(run: TransitionRun, found: Found) -> pd.DataFrame:
    """The waterfall of the route ``over`` by year, as means of the replications at central inputs.

    Each level is the mean rounded to a pence-day once, so that the steps add up exactly. Costs of change
    stand at the prices they are given in, and at 0 while any vehicle's are not known. Columns: run, financial_year,
    step, title, pounds, level. Without growth in the experiment there is nothing to take apart, and no row.
    """
    columns = ["run", "financial_year", "step", "title", "pounds", "level"]
    if not run.config.growth:
        return pd.DataFrame(columns=columns)

    def mean(name: str, line: int, year: int, table: str = "levels") -> int:
        total = sum(int(getattr(outcome.tallies[name], table)[line, year]) for outcome in found.central)
        return round(total / len(found.central))

    parts = []
    for y, year in enumerate(run.world.axes.base.years):
        steps = waterfall(
            Levels(
                budget=mean(STEADY, 0, 0),
                today=mean(STEADY, 0, y),
                growth=mean(TODAY, 0, y),
                change=mean(f"{run.over}/without_growth", 0, y),
                target=mean(run.over, 0, y),
                freed=mean(run.over, 2, y),
                costs=mean(run.over, 0, y, "costs"),
            )
        )
        parts.append(waterfall_frame(steps).assign(run=run.over, financial_year=year))
    return pd.concat(parts, ignore_index=True)[columns]
