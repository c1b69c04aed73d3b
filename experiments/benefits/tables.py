"""What the plan comes to by scheme, period and payer, with ranges from the draws: pure functions of a plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from experiments.benefits.plan import Floats, Plan
from simulation.options import saving_of

ALL = "all"
PRINTED, SOLVED = "printed", "solved back, printed nowhere"
QUANTILES = (0.025, 0.5, 0.975)
LINES = [
    "period", "scheme", "scheme_title", "benefit", "benefit_title", "payer", "planned_avoided", "avoided_low",
    "avoided_high", "unit_value", "unit_value_is", "planned_saving", "saving_low", "saving_median", "saving_high",
]  # fmt: skip
TOTALS = [
    "period", "scheme", "scheme_title", "payer", "planned_saving", "saving_low", "saving_median", "saving_high",
    "share_of_planned", "on_solved_back", "cost",
]  # fmt: skip


def middle_95(drawn: Floats) -> tuple[float, float, float]:
    """2.5%, 50% and 97.5% of some draws."""
    low, median, high = (float(value) + 0.0 for value in np.quantile(drawn, QUANTILES))
    return low, median, high


def planned_savings(plan: Plan) -> list[int]:
    """Pounds of each line as the plan prints them."""
    worth = {name: benefit.pounds for name, benefit in plan.benefits.items()}
    return [saving_of({line.benefit: line.planned}, worth)[line.benefit] for line in plan.lines]


def lines_table(plan: Plan) -> pd.DataFrame:
    """One row a period, scheme and benefit."""
    planned, avoided, savings = planned_savings(plan), plan.drawn_avoided, plan.drawn_savings
    rows = []
    for index, line in enumerate(plan.lines):
        benefit = plan.benefits[line.benefit]
        fewest, _, most = middle_95(avoided[:, index])
        rows.append(
            (
                plan.periods[line.period], line.scheme, plan.schemes[line.scheme], line.benefit, benefit.title,
                benefit.payer, line.planned, fewest, most, benefit.pounds, SOLVED if benefit.back_solved else PRINTED,
                planned[index], *middle_95(savings[:, index]),
            )
        )  # fmt: skip
    return pd.DataFrame(rows, columns=LINES)


def _groups(plan: Plan) -> Iterator[tuple[str, str, str]]:
    """Period, scheme and payer of every row of the totals: the whole plan first, then scheme by scheme."""
    payers = list(dict.fromkeys(benefit.payer for benefit in plan.benefits.values()))
    for period in plan.periods:
        yield from ((period, ALL, payer) for payer in (ALL, *payers))
        schemes = dict.fromkeys(scheme for when, scheme in plan.costs if when == period)
        for scheme in schemes:
            paid = {plan.benefits[li.benefit].payer for li in plan.lines if (li.period, li.scheme) == (period, scheme)}
            yield (period, scheme, ALL)
            yield from ((period, scheme, payer) for payer in payers if payer in paid)


def totals_table(plan: Plan) -> pd.DataFrame:
    """One row a period, scheme (or all) and payer (or all). Sums are made draw by draw: their ends are not added.

    ``planned_saving`` and the range are empty where a scheme claims no saving: that is not nought.
    """
    planned, savings = planned_savings(plan), plan.drawn_savings
    rows = []
    for period, scheme, payer in _groups(plan):
        places = _places(plan, period, scheme, payer)
        whole = sum(planned[i] for i in _places(plan, period, ALL, ALL))
        own = sum(planned[i] for i in places)
        solved = sum(planned[i] for i in places if plan.benefits[plan.lines[i].benefit].back_solved)
        cost = sum(c for (p, s), c in plan.costs.items() if p == period and scheme in (ALL, s))
        claims = bool(places)
        rows.append(
            {
                "period": plan.periods[period],
                "scheme": scheme,
                "scheme_title": "All schemes" if scheme == ALL else plan.schemes[scheme],
                "payer": payer,
                "planned_saving": own if claims else np.nan,
                **_range(savings[:, places].sum(axis=1) if claims else None),
                "share_of_planned": own / whole if claims and whole else np.nan,
                "on_solved_back": solved if claims else np.nan,
                "cost": cost if payer == ALL else np.nan,
            }
        )
    return pd.DataFrame(rows, columns=TOTALS)


def _range(drawn: Floats | None) -> dict[str, float]:
    low, median, high = (np.nan,) * 3 if drawn is None else middle_95(drawn)
    return {"saving_low": low, "saving_median": median, "saving_high": high}


def _places(plan: Plan, period: str, scheme: str, payer: str) -> Sequence[int]:
    """Which lines belong to a row of the totals."""
    return [
        index
        for index, line in enumerate(plan.lines)
        if line.period == period and scheme in (ALL, line.scheme) and payer in (ALL, plan.benefits[line.benefit].payer)
    ]


def inputs_table(plan: Plan) -> pd.DataFrame:
    """What was drawn: input, low, high, why."""
    return pd.DataFrame(plan.rests_on, columns=["input", "low", "high", "why"])
