"""Who is affected by a change: funding, waits and possibly unmet need by client group, age band and door."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from experiments.affected import TOLD, reader_of, unit_of
from experiments.statistics import PREDICTION
from experiments.transition.plan import TransitionRun
from experiments.transition.runs import TODAY
from experiments.transition.spans import Found
from simulation.affected import cells

WHO = ["run", "financial_year", "by", "who", "measure", "unit", "mean", "chance_low", "chance_high", "difference",
       "difference_low", "difference_high", "interval"]  # fmt: skip


def who(run: TransitionRun, found: Found) -> pd.DataFrame:
    """The runs of the answer and today's model, at central inputs; differences from today, the same people.

    Someone whom nobody sees in a year has no wait in it, and an interval is empty where that happens in a replication.
    """
    return pd.DataFrame(_rows(run, Found(found.central, ())), columns=WHO)  # nobody is followed where inputs are drawn


def _rows(run: TransitionRun, found: Found) -> Iterator[dict[str, object]]:
    base = run.world.axes.base
    for one in run.runs:
        if not (one.headline or one.name == TODAY):
            continue
        for y, year in enumerate(base.years):
            for cell, (by, name) in enumerate(cells(base)):
                for measure in TOLD:
                    read = reader_of(measure, y, cell)
                    span = found.span(one.name, lambda figures, of=read: of(figures.affected))  # type: ignore[misc]
                    row: dict[str, object] = {
                        "run": one.name, "financial_year": year, "by": by, "who": name, "measure": measure,
                        "unit": unit_of(measure), "mean": span.mean, "chance_low": span.chance_low,
                        "chance_high": span.chance_high, "interval": f"chance, difference: {PREDICTION}",
                    }  # fmt: skip
                    if one.vehicle:
                        less = found.span(one.name, lambda figures, of=read: of(figures.affected), TODAY)  # type: ignore[misc]
                        row |= {"difference": less.mean, "difference_low": less.chance_low,
                                "difference_high": less.chance_high}  # fmt: skip
                    yield row
