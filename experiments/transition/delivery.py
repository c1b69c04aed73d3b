"""What is delivered of what is asked: simulated savings beside the published factor, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence, Set

import numpy as np
import pandas as pd

from experiments.bootstrap import of_average
from experiments.statistics import BOOTSTRAP, DRAWS, RANGES
from experiments.transition.figures import WORTH, Figures
from experiments.transition.job import TransitionOutcome
from experiments.transition.plan import TransitionRun
from experiments.transition.spans import FEWEST, Found, middle_of, share_of_chance, span_of
from simulation.inputs import Inputs
from simulation.money.columns import PENCE_DAYS_IN_A_POUND
from simulation.money.year_savings import MEASURES, PARTS

COLUMNS = [
    "run", "financial_year", "yardstick", "asked", "delivered", "chance_low", "chance_high", "low", "high",
    "drawn_median", "delivered_share", "delivered_share_low", "delivered_share_high", "share_low", "share_high",
    "published_factor", "p_met", "p_met_at_central_inputs", "share_of_variance_by_chance",
    "share_of_variance_by_chance_low", "share_of_variance_by_chance_high", "cumulative_cash", "cumulative_cash_low",
    "cumulative_cash_high", "cumulative_cash_asked", "interval",
]  # fmt: skip

_WHEN = frozenset(("slots", "priority", "rebookings", "practitioners", "places"))
"""Parts of a stage or team that say who is served when."""

CHANGE = ("vehicle", "change")
"""Where a vehicle's file holds what a run needs of it."""

_GUESSED = ("assumption", "elicited", "unlabelled")

MADE = f"{RANGES}; share, cumulative_cash: {DRAWS}; delivered_share, share_of_variance_by_chance: {BOOTSTRAP}"

_RELEASED = [PARTS.index("cashable"), PARTS.index("avoided")]


def released(figures: Figures, measure: str, year: int) -> float:
    """Pounds that leave the council's spending, in each year's money: in a year, or running at its end."""
    part = figures.nominal[MEASURES.index(measure), _RELEASED, year, -1]
    return float(part.sum()) / PENCE_DAYS_IN_A_POUND


def cumulative(figures: Figures, year: int) -> float:
    """Cash from the first year to this one."""
    return math.fsum(released(figures, "cash", y) for y in range(year + 1))


def refused(run: TransitionRun) -> list[str]:
    """Numbers that money may rest on and that have no range: while there are any, no probability is given.

    Of vehicles' files only what their section ``change`` rests on counts, months and scope: the rest is read for the
    board's table.
    """
    inputs, own = run.maker.inputs, {file.ref for file in run.maker.vehicles.values()}
    change = [key for key, item in inputs.inputs.items() if item.loaded.ref in own and item.where[:2] == CHANGE]
    rests = {under for key in change for under in inputs.rests_on(key)}
    return without_range(inputs, own, rests)


def without_range(inputs: Inputs, aside: Set[str], yet: Set[str] = frozenset()) -> list[str]:
    """Keys of the numbers that money may rest on and that have no range: assumptions, and those without any label.

    Nought and one are choices (nobody, everybody, first in the queue) and have none. Numbers that say only who is
    served when (slots, priorities, practitioners) move waits.

    Args:
        aside: files on which the question does not rest, such as ``options/in_house``. yet: keys in them on which
            it does.
    """
    used: set[str] = set()
    for item in inputs.inputs.values():
        if item.formula is not None and not _WHEN.intersection(map(str, item.where)):
            used |= inputs.rests_on(item.key)
    found = []
    for key, item in inputs.inputs.items():
        evidence = item.evidence
        if item.formula is not None or (evidence is not None and evidence.range is not None):
            continue
        value = item.number if evidence is None else evidence.value
        place = item.where[0] != "parameters" and not _WHEN.intersection(map(str, item.where))
        asked = key in yet or (item.loaded.ref not in aside and (key in used or place))
        if asked and value not in (0, 1) and item.status in _GUESSED:
            found.append(key)
    return sorted(found)


def _probability(values: Sequence[float], asked: Sequence[float]) -> float:
    """The share of replications that meet what is asked; NaN where there are too few to tell."""
    if len(values) < FEWEST:
        return math.nan
    return float(np.mean([value >= want for value, want in zip(values, asked, strict=True)]))


def _asked(outcome: TransitionOutcome, year: int, whole: bool) -> float:
    """Recurring reductions asked by the end of a year, under a replication's inputs."""
    yardstick = outcome.yardstick
    return math.fsum(yardstick.asked[: year + 1]) * (1.0 if whole else yardstick.addressable_share)


def delivery(run: TransitionRun, found: Found) -> pd.DataFrame:
    """By run and year: what runs at the year's end of what is asked by then, the whole and the part within reach."""
    rows = []
    years = run.world.axes.base.years
    silent = bool(refused(run))
    for one in run.runs:
        if not one.vehicle:
            continue
        factor = run.world.settings.routes[f"{one.vehicle}.{one.route}"].delivery_factor
        for y, year in enumerate(years):
            parts = [[o for o in outcomes if one.name in o.tallies] for outcomes in (found.central, found.drawn)]
            values = [[released(o.tallies[one.name], "run_rate", y) for o in part] for part in parts]
            cash = [[cumulative(o.tallies[one.name], y) for o in part] for part in parts]
            for whole in (True, False):
                asked = [[_asked(o, y, whole) for o in part] for part in parts]
                want = math.fsum(run.world.yardstick.asked[: y + 1])
                want *= 1.0 if whole else run.world.yardstick.addressable_share
                if not want:
                    continue
                span, money = span_of(*values), span_of(*cash)
                shares = [[v / a for v, a in zip(*pair, strict=True)] for pair in zip(values, asked, strict=True)]
                share = span_of(*shares)
                known = of_average([v / want for v in values[0] or values[1]], run.job.seed)
                by_chance = share_of_chance(values[0], values[1], run.job.seed)
                so_far = math.fsum(math.fsum(run.world.yardstick.asked[: k + 1]) for k in range(y + 1))
                chances = [math.nan if silent else _probability(v, a) for v, a in zip(values, asked, strict=True)]
                rows.append(
                    {
                        "run": one.name,
                        "financial_year": year,
                        "yardstick": "whole" if whole else "addressable",
                        "asked": want,
                        "delivered": span.mean,
                        "chance_low": span.chance_low,
                        "chance_high": span.chance_high,
                        "low": span.low,
                        "high": span.high,
                        "drawn_median": middle_of(values[1]),
                        "delivered_share": span.mean / want,
                        "delivered_share_low": known.low,
                        "delivered_share_high": known.high,
                        "share_low": share.low,
                        "share_high": share.high,
                        "published_factor": factor if whole else math.nan,
                        "p_met": chances[1],
                        "p_met_at_central_inputs": chances[0],
                        "share_of_variance_by_chance": by_chance.mean,
                        "share_of_variance_by_chance_low": by_chance.low,
                        "share_of_variance_by_chance_high": by_chance.high,
                        "cumulative_cash": money.mean,
                        "cumulative_cash_low": money.low,
                        "cumulative_cash_high": money.high,
                        "cumulative_cash_asked": so_far * (1.0 if whole else run.world.yardstick.addressable_share),
                        "interval": MADE,
                    }
                )
    return pd.DataFrame(rows, columns=COLUMNS)


def optimism(run: TransitionRun, found: Found) -> pd.DataFrame:
    """What leaves the council's spending in each year, as planned and with optimism taken out, in each year's money.

    Of the runs of the answer, before any cost of change. Columns: run, financial_year, view, mean, chance_low,
    chance_high, low, high, interval.
    """
    rows = []
    for one in run.runs:
        if not one.headline:
            continue
        for place, view in enumerate(WORTH):
            for y, year in enumerate(run.world.axes.base.years):

                def read(figures: Figures, at: tuple[int, int] = (place, y)) -> float:
                    return float(figures.views[at]) / PENCE_DAYS_IN_A_POUND

                rows.append({"run": one.name, "financial_year": year, "view": view, **found.span(one.name, read).row(),
                             "interval": RANGES})  # fmt: skip
    return pd.DataFrame(rows)
