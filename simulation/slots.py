"""Appointments: the slots of a week laid out over the calendar."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from simulation.calendar import MS_PER_DAY, Calendar
from simulation.pathway import Pathway
from simulation.working_time import MS_PER_MINUTE, bank_holidays

Ints = NDArray[np.int64]


def slot_times(pathway: Pathway, stage: int, calendar: Calendar, end: int) -> tuple[Ints, Ints, Ints]:
    """Tick, people and site of each slot of a stage that begins before ``end``, in order of (tick, site)."""
    pattern = pathway.slots[stage]
    pattern = pattern[pattern[:, 0] >= 0]
    days = np.arange(-(-end // MS_PER_DAY))
    if pathway.slot_holidays[stage]:
        closed = bank_holidays(calendar.start, calendar.start + timedelta(days=len(days)))
        days = days[~np.isin(days, [(day - calendar.start).days for day in closed])]
    weekday = (calendar.start.weekday() + days) % 7
    parts = [
        (days[weekday == day] * MS_PER_DAY + minute * MS_PER_MINUTE, people, site)
        for day, minute, people, site in pattern.tolist()
    ]
    times = np.concatenate([np.zeros(0, np.int64), *(part[0] for part in parts)]).astype(np.int64)
    free = np.concatenate([np.zeros(0, np.int64), *(np.full(len(t), people) for t, people, _ in parts)])
    sites = np.concatenate([np.zeros(0, np.int64), *(np.full(len(t), site) for t, _, site in parts)])
    order = np.lexsort((sites, times))
    order = order[times[order] < end]
    return times[order], free[order].astype(np.int64), sites[order].astype(np.int64)
