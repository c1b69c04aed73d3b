"""Who is in care at each month's end, what care costs, and how long it lasts: whole numbers from care read back.

Money is days of care × pence a week; it is divided by 7 once, when tables are made.
"""

from __future__ import annotations

import numpy as np

from simulation.calendar import MS_PER_DAY
from simulation.service_axes import Ints, Mask, ServiceAxes
from simulation.spells import Care, Rates
from simulation.working_time import NEVER

MONEY = ("days", "unpriced_days", "gross", "pays", "recovered")
"""What a spend tally holds: days of care, those of no known price, and days × pence a week: the price, what clients
pay of it, and (× a thousand) what comes back unspent."""

STAY_DAYS = 10
STAY_BINS = 220
"""Stays are counted in steps of ten days, six years and more in the last."""


def in_care(care: Care, group: Ints, axes: ServiceAxes) -> Ints:
    """People in care at the start and at each month's end: shape (care types + sets, months + 1, groups).

    A person counts once for each care type, and once in each named set of types, whatever they hold of it.
    """
    kinds, sets = len(axes.care_types), [axes.care_mask(name) for name in axes.care_sets]
    size = len(axes.groups)
    counts = np.zeros((kinds + len(sets), len(axes.month_ticks), size), dtype=np.int64)
    kind = axes.care_of_stage[care.stage]
    for month, tick in enumerate(axes.month_ticks.tolist()):
        running = (care.first < tick) & (care.stop >= tick)
        who, what = care.who[running], kind[running]
        once = np.unique(who * kinds + what)
        np.add.at(counts[:, month], (once % kinds, group[once // kinds]), 1)
        for place, members in enumerate(sets):
            counts[kinds + place, month] = np.bincount(group[np.unique(who[members[what]])], minlength=size)
    return counts


def spend(care: Care, rates: Rates, recovered: Ints, group: Ints, axes: ServiceAxes) -> Ints:
    """Days and money: shape (len(MONEY), care types, years, groups). ``recovered``: permille (stages, types)."""
    counts = np.zeros((len(MONEY), len(axes.care_types), len(axes.years), len(axes.groups)), dtype=np.int64)
    stage = care.stage[rates.care]
    kind, whose = axes.care_of_stage[stage], group[care.who[rates.care]]
    back = recovered[stage, care.type[rates.care]]
    known = rates.pence >= 0
    for year in range(len(axes.years)):
        first, stop = (axes.year_ticks[year : year + 2] // MS_PER_DAY).tolist()
        days = np.clip(np.minimum(rates.stop, stop) - np.maximum(rates.first, first), 0, None)
        gross = np.where(known, days * rates.pence, 0)
        money = (days, np.where(known, 0, days), gross, np.where(known, days * rates.pays, 0), gross * back)
        for row, amount in enumerate(money):
            np.add.at(counts[row], (kind, np.full(len(kind), year), whose), amount)
    return counts


def _counted(who: Ints, time: Ints, group: Ints, axes: ServiceAxes, keep: Mask) -> Ints:
    """How many of some moments fall in each year: shape (years, groups)."""
    year = axes.year_of(time)
    keep = keep & (year >= 0)
    counts = np.zeros((len(axes.years), len(axes.groups)), dtype=np.int64)
    np.add.at(counts, (year[keep], group[who[keep]]), 1)
    return counts


def started(care: Care, group: Ints, axes: ServiceAxes) -> Ints:
    """Care that starts: shape (care types, years, groups)."""
    kind = axes.care_of_stage[care.stage]
    begins = [
        _counted(care.who, care.first, group, axes, (kind == k) & ~care.held) for k in range(len(axes.care_types))
    ]
    return np.array(begins, dtype=np.int64).reshape(-1, len(axes.years), len(axes.groups))


def admissions(care: Care, group: Ints, counted: Mask, axes: ServiceAxes) -> Ints:
    """People who go into the set ``care_home`` from outside it: shape (years, groups). Moves within do not count.

    Only people of sources that count do (``counted``, by person): somebody whose own money ran out was there before.
    """
    kind = axes.care_of_stage[care.stage]
    homes = np.flatnonzero(axes.care_mask("care_home")[kind])
    order = homes[np.lexsort((care.first[homes], care.who[homes]))]
    who, first, stop = care.who[order], care.first[order], care.stop[order]
    moves = np.zeros(len(order), dtype=bool)
    if len(order):
        moves[1:] = (who[1:] == who[:-1]) & (stop[:-1] >= first[1:])
    return _counted(who, first, group, axes, ~moves & ~care.held[order] & counted[who])


def stays(care: Care, group: Ints, axes: ServiceAxes, end: int) -> Ints:
    """How long care that started in the run lasted: shape (2, care types, groups, STAY_BINS).

    The first row counts care that ended after so many steps of ten days, the second care that still ran then.
    """
    counts = np.zeros((2, len(axes.care_types), len(axes.groups), STAY_BINS), dtype=np.int64)
    new = ~care.held
    ended = care.stop < NEVER
    length = (np.where(ended, care.stop, end) - care.first) // (STAY_DAYS * MS_PER_DAY)
    at = (
        np.where(ended, 0, 1)[new],
        axes.care_of_stage[care.stage][new],
        group[care.who][new],
        np.clip(length, 0, STAY_BINS - 1)[new],
    )
    np.add.at(counts, at, 1)
    return counts
