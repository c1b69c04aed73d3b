"""Who is affected by a change: funding, waits and possibly unmet need by client group, age band and door."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import pandas as pd

from experiments.affected import TOLD, reader_of, unit_of
from experiments.statistics import PREDICTION
from experiments.transition.plan import TransitionRun
from experiments.transition.runs import TODAY
from experiments.transition.spans import Found, Span, span_of
from simulation.affected import cells
from simulation.service_axes import Ints

WHO = ["run", "financial_year", "by", "who", "measure", "unit", "mean", "chance_low", "chance_high", "difference",
       "difference_low", "difference_high", "interval"]  # fmt: skip


def who(run: TransitionRun, found: Found) -> pd.DataFrame:
    """The runs of the answer and today's model, at central inputs; differences from today, the same people.

    Waits and shares leave out replications in which nobody was seen, under either model for a difference.
    """
    return pd.DataFrame(_rows(run, Found(found.central, ())), columns=WHO)  # nobody is followed where inputs are drawn


def _rows(run: TransitionRun, found: Found) -> Iterator[dict[str, object]]:
    base = run.world.axes.base
    names = [one.name for one in run.runs if one.headline or one.name == TODAY]
    for name in names:
        for y, year in enumerate(base.years):
            for cell, (by, whom) in enumerate(cells(base)):
                for measure in TOLD:
                    read = reader_of(measure, y, cell)
                    now, then = (_values(found, each, read) for each in (TODAY, name))
                    span = _of_known(then)
                    row: dict[str, object] = {
                        "run": name, "financial_year": year, "by": by, "who": whom, "measure": measure,
                        "unit": unit_of(measure), "mean": span.mean, "chance_low": span.chance_low,
                        "chance_high": span.chance_high, "interval": f"chance, difference: {PREDICTION}",
                    }  # fmt: skip
                    if name != TODAY:
                        less = _of_known([b - a for a, b in zip(now, then, strict=True)])
                        row |= {"difference": less.mean, "difference_low": less.chance_low,
                                "difference_high": less.chance_high}  # fmt: skip
                    yield row


def _values(found: Found, run: str, read: Callable[[Ints], float]) -> list[float]:
    return found.values(run, lambda figures: read(figures.affected), False)


def _of_known(values: Sequence[float]) -> Span:
    return span_of([value for value in values if not math.isnan(value)], ())
