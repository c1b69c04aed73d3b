"""How waits of a transition spread: the share of those seen who were seen within so many days, exactly counted."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from experiments.bootstrap import of_ratio
from experiments.statistics import BOOTSTRAP, REPLICATIONS
from experiments.transition.plan import TransitionRun
from experiments.transition.runs import TODAY
from experiments.transition.spans import Found, middle
from simulation.workload import SINCE_CONTACT, WAIT, WITHIN_DAYS, share_within

SPREAD = ["run", "since", "place", "financial_year", "days", "seen_a_year", "share", "share_low", "share_high", "low",
          "high", "interval"]  # fmt: skip


def waits_spread(run: TransitionRun, found: Found) -> pd.DataFrame:
    """The runs of the answer and today's model, by place, year and days, at central inputs.

    ``share``: of all who were seen, with its bootstrap interval; ``low`` and ``high``: the middle 95% of replications.
    """
    return pd.DataFrame(_rows(run, found), columns=SPREAD)


def _rows(run: TransitionRun, found: Found) -> Iterator[dict[str, object]]:
    axes = run.world.axes
    places = [("since_contact", "contact", place, name) for place, name in enumerate(SINCE_CONTACT)]
    places += [("queues", "joining", place, name) for place, name in enumerate(axes.queues)]
    for one in (one.name for one in run.runs if one.headline or one.name == TODAY):
        for table, since, place, name in places:
            for y, year in enumerate(axes.base.years):
                cells = np.array([getattr(outcome.tallies[one], table)[place, y] for outcome in found.central])
                if not len(cells) or not cells[:, 0].any():
                    continue
                for days in WITHIN_DAYS:
                    within = cells[:, WAIT.index(f"within_{days}_days")]
                    share = of_ratio(within.tolist(), cells[:, 0].tolist(), run.job.seed)
                    shares = np.array([share_within(cell, days) for cell in cells])
                    low, high = middle(shares[~np.isnan(shares)].tolist())
                    yield {
                        "run": one, "since": since, "place": name, "financial_year": year, "days": days,
                        "seen_a_year": float(cells[:, 0].mean()), "share": float(within.sum() / cells[:, 0].sum()),
                        "share_low": share.low,
                        "share_high": share.high, "low": low, "high": high,
                        "interval": f"{REPLICATIONS}; share: {BOOTSTRAP}",
                    }  # fmt: skip
