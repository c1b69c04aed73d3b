"""What one run of one replication comes to, in whole numbers: by month, savings against today, waits, ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simulation.money.appraisal import Appraisal, appraise
from simulation.money.baselines import held
from simulation.money.columns import PAYERS, Spend, to_whole
from simulation.money.costs import Cost, costs_of_change
from simulation.money.economics import Valuation
from simulation.money.taken_out import TakenOut
from simulation.money.year_savings import council_spend, year_savings
from simulation.tally import MEASURES
from simulation.transition_tally import TransitionAxes, TransitionTally

Ints = NDArray[np.int64]

SERIES = (
    "packages_started", "packages_running", "spend_gross", "spend_council", "spend_client", "new_way", "could_change",
    *MEASURES,
)  # fmt: skip
"""Lines by month: packages, pence-days of money, contacts by which model answers them, and people by measure."""

WORTH = ("as_planned", "less_optimism")

SAVING, COST, NET = "saving", "cost", "net"
PRESENT_VALUE, PAYBACK = "present_value", "payback_years"
ALL_YEARS = "all"
"""Items of what remains after the costs of change: three by year, two of all years together."""


@dataclass(frozen=True)
class Figures:
    """One run of one replication.

    Attributes:
        months: (len(SERIES), months). by_group: (2, months, groups) packages started and council's pence-days.
        savings, nominal: (measures, parts, years, groups + 1) pence-days, see ``money.year_savings``; at the prices of
            the price year, and in each year's money. Against today's model with the same growth.
        worth: (len(WORTH), 2, years) pence of the council's net in prices of the base year, and the same discounted;
            net of ``costs`` where they are known.
        costs: (1 + len(WORTH), years) pence-days of the council's costs of change: at the prices they are given in, in
            each year's money, and with optimism taken out. views: (len(WORTH), years) pence-days released in each
            year's money, as planned and with optimism taken out. levels: (3, years) pence-days: council's spend in the
            year, its running rate at the end, and freed capacity that is still paid for.
        since_contact, queues, hours: see ``TransitionTally``. posts: (teams, months) practitioners on the rosters.
        ledger: (2, rows, years, groups), or empty. affected: as ``TransitionTally``, or empty. standing: the same, of
            today's model only.
    """

    months: Ints
    by_group: Ints
    savings: Ints
    nominal: Ints
    worth: Ints
    costs: Ints
    views: Ints
    levels: Ints
    since_contact: Ints
    queues: Ints
    hours: Ints
    posts: Ints
    ledger: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    standing: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    affected: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def arrays(self) -> dict[str, Ints]:
        """All arrays by name."""
        return dict(self.__dict__)


def spend_of(tally: TransitionTally, axes: TransitionAxes) -> Spend:
    """The money of a run."""
    base = axes.base
    return Spend(
        base.care_types, base.months, base.groups, tally.gross, tally.client, tally.weekly, tally.weekly_client
    )


def series_of(tally: TransitionTally) -> Ints:
    """The lines by month: shape (len(SERIES), months)."""
    council = tally.gross - tally.client
    lines = [
        *(column.sum(axis=(0, 2)) for column in (tally.starts, tally.live, tally.gross, council, tally.client)),
        *tally.new_way,
        *tally.met.sum(axis=2),
    ]
    return np.array(lines, dtype=np.int64)


def figures(
    tally: TransitionTally,
    base: TransitionTally,
    steady: TransitionTally,
    axes: TransitionAxes,
    out: TakenOut,
    value: Valuation,
    planned_months: float,
    posts: Sequence[Sequence[int]],
    costs: Sequence[Cost] = (),
) -> Figures:
    """A run's figures against ``base``, today's model with the same growth and the same people.

    ``steady``: today's model without growth, whose first year is today's budget. ``planned_months``: how long its
    change is planned to take, from which optimism makes a delay. ``costs``: of change, where all are known.
    """
    spend, today = spend_of(tally, axes), spend_of(base, axes)
    budget = held(spend_of(steady, axes))
    appraisal: Appraisal = appraise(today, spend, budget, out, costs, value, planned_months)
    views = (appraisal.budget.before, appraisal.budget.after)
    worth = [appraisal.worth[view].real for view in WORTH]
    cash, rate = council_spend(spend)
    council = PAYERS.index("council")
    freed = appraisal.savings.part("cash", "capacity_freed")
    return Figures(
        months=series_of(tally),
        by_group=np.array([tally.starts.sum(axis=0), (tally.gross - tally.client).sum(axis=0)]),
        savings=appraisal.savings.amounts,
        nominal=appraisal.nominal.amounts,
        worth=to_whole(100 * np.array([[real, real * value.discount] for real in worth])),
        costs=np.array([costs_of_change(costs, spend.months)[council], *(view.cost[council] for view in views)]),
        views=np.array([view.gross[council] for view in views]),
        levels=np.array([cash[:, -1], rate[:, -1], freed[:, -1]]),
        since_contact=tally.since_contact,
        queues=tally.queues,
        hours=tally.hours,
        posts=np.array(posts, dtype=np.int64).reshape(len(posts), -1),
        ledger=tally.ledger,
        affected=tally.affected,
        standing=tally.standing if tally is base else np.zeros(0, dtype=np.int64),
    )


__all__ = ["SERIES", "WORTH", "Figures", "figures", "series_of", "spend_of", "year_savings"]
