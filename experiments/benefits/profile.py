"""Expected and realised by quarter, with the band that inputs and chance leave: pure functions of a plan."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from experiments.benefits.actuals import Realised
from experiments.benefits.plan import Floats, Plan
from experiments.benefits.tables import ALL, PRINTED, SOLVED, middle_95
from experiments.variances import verdict
from simulation.identity import draw_id
from simulation.philox import first_of_each

PROFILE = [
    "quarter", "benefit", "benefit_title", "scheme", "payer", "expected_avoided", "band_low", "band_high",
    "chance_in_band", "realised_avoided", "realised_low", "realised_high", "verdict", "expected_saving",
    "realised_saving", "realised_saving_low", "realised_saving_high", "unit_value_is", "cumulative_quarters",
    "cumulative_expected", "cumulative_low", "cumulative_high", "cumulative_realised", "cumulative_verdict", "source",
]  # fmt: skip


def chance(plan: Plan, benefit: str, quarter: str) -> Floats | None:
    """What chance alone does to a quarter's change in a count, one value a draw; None where no number is published.

    The change is a quarter before the plan less one under it; each count is taken as a Poisson one (variance = mean),
    so the change has a variance of twice a quarter of ``before``. Counts that come in clusters vary more.
    """
    from scipy.special import ndtri

    before = plan.benefits[benefit].before
    if before is None:
        return None
    draws = np.arange(plan.tracking.input_draws, dtype=np.uint64)
    name = f"{plan.loaded.ref}.chance.{benefit}.{quarter}"
    luck = first_of_each(draws, draw_id(name, "number"), 0, 0, plan.tracking.seed, 0)
    return np.asarray(ndtri(luck) * math.sqrt(2 * before / 4), dtype=float)


def _expected(plan: Plan, row: Realised) -> tuple[float, Floats, bool]:
    """Expected number of a row, its draws, and whether chance is in them."""
    period = next(name for name, title in plan.periods.items() if title == row.quarter.year_name)
    at = row.quarter.number - 1
    places = [
        i
        for i, line in enumerate(plan.lines)
        if (line.period, line.benefit) == (period, row.benefit) and row.scheme in (ALL, line.scheme)
    ]
    planned = math.fsum(plan.lines[i].planned for i in places)
    central = planned * float(plan.weights[at]) * float(plan.realised[plan.place(row.benefit)])
    drawn = plan.drawn_avoided[:, places].sum(axis=1) * plan.drawn_weights[:, at]
    noise = chance(plan, row.benefit, str(row.quarter)) if row.scheme == ALL else None
    return central, drawn if noise is None else drawn + noise, noise is not None


def profile_table(plan: Plan, rows: Sequence[Realised]) -> pd.DataFrame:
    """One row a realised figure, by benefit, scheme and quarter; cumulative since the first quarter that is given."""
    made = []
    order = {name: index for index, name in enumerate(plan.benefits)}
    groups = sorted({(order[r.benefit], r.scheme) for r in rows})
    names = list(plan.benefits)
    for place, scheme in groups:
        benefit = plan.benefits[names[place]]
        own = sorted((r for r in rows if (r.benefit, r.scheme) == (benefit.name, scheme)), key=lambda r: r.quarter)
        total, sums, so_far = 0.0, np.zeros(plan.tracking.input_draws), [0.0, 0.0, 0.0]
        for count, row in enumerate(own, start=1):
            expected, drawn, with_chance = _expected(plan, row)
            low, _, high = middle_95(drawn)
            total, sums = total + expected, sums + drawn
            so_far = [so_far[0] + row.avoided, so_far[1] + row.low, so_far[2] + row.high]
            sum_low, _, sum_high = middle_95(sums)
            worth = plan.drawn_worth[:, place]
            ends = middle_95(np.concatenate([worth * row.low, worth * row.high]))
            made.append(
                (
                    str(row.quarter), benefit.name, benefit.title, scheme, benefit.payer, expected, low, high,
                    with_chance, row.avoided, row.low, row.high, verdict((low, high), (row.low, row.high)),
                    expected * benefit.pounds, row.avoided * benefit.pounds, ends[0], ends[2],
                    SOLVED if benefit.back_solved else PRINTED, count, total, sum_low, sum_high, so_far[0],
                    verdict((sum_low, sum_high), (so_far[1], so_far[2])), row.source,
                )
            )  # fmt: skip
    return pd.DataFrame(made, columns=PROFILE)
