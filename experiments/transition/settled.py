"""Whether today's model is at rest before anything changes: people at each stage while nothing does."""

from __future__ import annotations

import numpy as np
import pandas as pd

from experiments import steady
from experiments.settling import course
from experiments.transition.plan import TransitionRun
from experiments.transition.runs import STEADY, TODAY
from experiments.transition.spans import Found
from simulation.transition_tally import standing_stages

MOVES = ["at_start", "year_before_last", "last_year", "change", "change_low", "change_high", "verdict"]
COLUMNS = ["run", "stage", *MOVES, *steady.COLUMNS, "interval"]


def settled(run: TransitionRun, found: Found) -> pd.DataFrame:
    """One row a stage of today's model without growth, over the whole run, the warm-up's months among them."""
    name = STEADY if run.config.growth else TODAY
    counted = [outcome.tallies[name].standing for outcome in found.central]
    months, rows = run.config.warm_up_months, []
    for place, stage in enumerate(standing_stages(run.world.settings.union.pathway)):
        series = np.array([table[place] for table in counted])
        if series.any():
            rows.append({"run": name, "stage": stage, **course(series[:, :months], series[:, months:])})
    return pd.DataFrame(rows, columns=COLUMNS)
