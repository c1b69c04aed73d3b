"""What a service that changes comes to, month by month: whole numbers from a trace, by pure functions.

Stages of both models go by their own names here, so that the same work is one line before, while and after it changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from agents.codes import Event, Kind
from simulation.calendar import MS_PER_DAY, Calendar
from simulation.pathway import UNLIMITED, Pathway
from simulation.population import Finder, Population
from simulation.service_axes import WAITED_FOR, ServiceAxes, service_axes
from simulation.spells import Care, Spells, care_of
from simulation.tally import MEASURES, counts_of, what_rows_say
from simulation.trace import Trace
from simulation.working_time import NEVER, Windows
from simulation.workload import SINCE_CONTACT, WAIT, by_year, present, stages_of, worked_by

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class TransitionAxes:
    """Names along the axes of a transition, and what they are counted by.

    Attributes:
        base: years, months, groups, care types and their ticks. queues: stages where people wait for a team, a place or
            a slot, by their own names. queue_of: (stages,) place in ``queues``, -1 for none.
        teams: those whose time is counted. team_of: (teams of the pathway,) place in ``teams``, -1 for none.
    """

    base: ServiceAxes
    queues: tuple[str, ...]
    queue_of: Ints
    teams: tuple[str, ...]
    team_of: Ints


def transition_axes(
    pathway: Pathway,
    groups: tuple[str, ...],
    calendar: Calendar,
    warm_up_months: int,
    counted: Sequence[str] | None,
    told_by: Mapping[str, tuple[str, ...]] | None = None,
) -> TransitionAxes:
    """The axes of a pathway that changes; the first ``warm_up_months`` of the calendar do not count.

    ``told_by``: what people are told apart by besides (``affected.told_by``).
    """
    base = service_axes(pathway, groups, calendar, warm_up_months, {}, {}, counted_sources=counted, told_by=told_by)
    waits = np.isin(pathway.kind, (Kind.SERVICE, Kind.APPOINTMENTS, Kind.PLACES))
    limited = (pathway.team >= 0) & (pathway.team_size[pathway.team] != UNLIMITED)
    slots = (pathway.kind == Kind.APPOINTMENTS) & (pathway.unlimited_slots == 0)
    held_up = np.flatnonzero(waits & (limited | slots))
    queues = tuple(dict.fromkeys(pathway.own_names[stage] for stage in held_up.tolist()))
    queue_of = np.full(len(pathway.stages), -1, dtype=np.int64)
    for stage in held_up.tolist():
        queue_of[stage] = queues.index(pathway.own_names[stage])
    working = sorted({int(t) for t in pathway.team[pathway.kind == Kind.SERVICE]})
    team_of = np.full(len(pathway.teams), -1, dtype=np.int64)
    team_of[working] = np.arange(len(working))
    return TransitionAxes(base, queues, queue_of, tuple(pathway.teams[t] for t in working), team_of)


@dataclass(frozen=True)
class TransitionTally:
    """One replication of one run.

    Attributes:
        starts: (care types, months, groups) packages that start. live: those that run at each month's end.
        gross, client: (care types, months, groups) pence-days: days in the month × pence a week, less what comes back
            unspent; and what clients pay of it. weekly, weekly_client: pence a week of care on each month's last day.
        unpriced: (care types, months, groups) days of care without a known price.
        met: (measures, months, groups) how often people met each measure.
        since_contact: (len(SINCE_CONTACT), years, len(WAIT)) from the last contact to being seen.
        queues: (queues, years, len(WAIT)) from joining to being seen. hours: (teams, months) ticks of working time.
        new_way: (2, months) contacts that followed the new model, and all that could have.
        ledger: (2, ledger rows, years, groups), or empty. affected: see ``simulation.affected``, or empty.
        standing: (``standing_stages``, calendar's months + 1) people there at the start of every month, the warm-up's
            too, and at the end; or empty.
    """

    starts: Ints
    live: Ints
    gross: Ints
    client: Ints
    weekly: Ints
    weekly_client: Ints
    unpriced: Ints
    met: Ints
    since_contact: Ints
    queues: Ints
    hours: Ints
    new_way: Ints
    ledger: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    standing: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    affected: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def arrays(self) -> dict[str, Ints]:
        """All arrays by name."""
        return dict(self.__dict__)


def standing_stages(pathway: Pathway) -> tuple[str, ...]:
    """Stages where people wait, stay or are in care, by their own names."""
    shown = np.flatnonzero(np.isin(pathway.kind, (*WAITED_FOR, Kind.PACKAGE)))
    return tuple(dict.fromkeys(pathway.own_names[stage] for stage in shown.tolist()))


def standing(found: Spells, cared: Care, pathway: Pathway, calendar: Calendar) -> Ints:
    """People at each stage at the start of every month and at the end: shape (own stages, months + 1)."""
    there = present(found, cared, pathway, calendar.month_starts)[0]
    names = standing_stages(pathway)
    table = np.zeros((len(names), there.shape[1]), dtype=np.int64)
    for stage in np.flatnonzero(there.any(axis=1)).tolist():
        table[names.index(pathway.own_names[stage])] += there[stage]
    return table


def transition_tally(
    trace: Trace,
    pathway: Pathway,
    people: Population,
    axes: TransitionAxes,
    windows: Sequence[Windows | None] | None,
) -> TransitionTally:
    """Everything counted but the ledger.

    ``windows`` are the teams' opening hours (``workload.opening``); None where nobody asks for waits and hours: then
    they are left at nought.
    """
    if windows is None:
        trace = trace.where(_told_of(trace, pathway))
    who = Finder(people)(trace.person)
    group = people.codes["client_group"]
    money, starts, live, unpriced = _care(trace, pathway, who, group, axes.base)
    years = len(axes.base.years)
    since = np.zeros((len(SINCE_CONTACT), years, len(WAIT)), dtype=np.int64)
    queued = np.zeros((len(axes.queues), years, len(WAIT)), dtype=np.int64)
    hours = np.zeros((len(axes.teams), len(axes.base.months)), dtype=np.int64)
    if windows is not None:
        since, queued = _waits(trace, pathway, who, axes)
        hours = _hours(trace, pathway, who, axes, windows)
    return TransitionTally(
        starts=starts,
        live=live,
        **money,
        unpriced=unpriced,
        met=_met(trace, pathway, group[who], axes.base),
        since_contact=since,
        queues=queued,
        hours=hours,
        new_way=_new_way(trace, pathway, axes.base),
    )


def _told_of(trace: Trace, pathway: Pathway) -> Mask:
    """Rows that tell of care, of a measure, or of the way somebody took at a door: shape (rows,)."""
    care = np.array([bool(name) for name in pathway.care_types])
    told = np.zeros((len(pathway.stages), len(Event)), dtype=bool)
    told[:, [Event.CONTACT, Event.BRANCH, Event.PACKAGE_START, Event.PACKAGE_END, Event.HELD]] = True
    told[care] = True
    told[np.array([bool(name) for name in pathway.counts_as])] = True
    return told[trace.stage, trace.event]


def _month_of(time: Ints, axes: ServiceAxes) -> Ints:
    """The month of each tick, -1 outside those that count."""
    month = np.searchsorted(axes.month_ticks, time, side="right") - 1
    result: Ints = np.where(month < len(axes.months), month, -1)
    return result


def _counted(cells: int, months: int, cell: Ints, month: Ints, amount: Ints | None = None) -> Ints:
    """Sums by cell and month, those of month -1 left out: shape (cells, months)."""
    keep = month >= 0
    table = np.zeros(cells * months, dtype=np.int64)
    np.add.at(table, cell[keep] * months + month[keep], 1 if amount is None else amount[keep])
    return table.reshape(cells, months)


def _care(
    trace: Trace, pathway: Pathway, who: Ints, group: Ints, axes: ServiceAxes
) -> tuple[dict[str, Ints], Ints, Ints, Ints]:
    """Money, starts, care that runs, and days without a price: each (care types, months, groups)."""
    care, rates = care_of(trace, pathway, who)
    kinds, months, groups = len(axes.care_types), len(axes.months), len(axes.groups)
    cell = axes.care_of_stage[care.stage] * groups + group[care.who]

    def shaped(table: Ints) -> Ints:
        return np.ascontiguousarray(table.reshape(kinds, groups, months).swapaxes(1, 2))

    begun = _counted(kinds * groups, months, cell[~care.held], _month_of(care.first[~care.held], axes))
    # Care runs at a month's end if it began before and did not stop before: as many as have come less those gone.
    came = np.clip(np.searchsorted(axes.month_ticks[1:], care.first, side="right"), 0, months)
    gone = np.where(care.stop < NEVER, np.searchsorted(axes.month_ticks[1:], care.stop, side="right"), months)
    steps = np.zeros((kinds * groups, months + 1), dtype=np.int64)
    np.add.at(steps, (cell, came), 1)
    np.add.at(steps, (cell, np.clip(gone, 0, months)), -1)
    running = np.cumsum(steps[:, :months], axis=1)
    known = rates.pence >= 0
    back = pathway.recovered[care.stage[rates.care], care.type[rates.care]]
    price = np.where(known, rates.pence - rates.pence * back // 1000, 0)
    pays = np.where(known, np.minimum(rates.pays, price), 0)
    rows, at = (price, pays, np.where(known, 0, 1)), cell[rates.care]
    first, last = (axes.month_ticks[[0, -1]] // MS_PER_DAY).tolist()
    daily = [_by_day(at, amount, rates.first, rates.stop, kinds * groups, first, last) for amount in rows]
    bounds = axes.month_ticks // MS_PER_DAY - first
    monthly = [np.add.reduceat(rate, bounds[:-1], axis=1) for rate in daily]
    ends = [rate[:, bounds[1:] - 1] for rate in daily]
    money = {
        "gross": shaped(monthly[0]),
        "client": shaped(monthly[1]),
        "weekly": shaped(ends[0]),
        "weekly_client": shaped(ends[1]),
    }
    return money, shaped(begun), shaped(running), shaped(monthly[2])


def _by_day(cell: Ints, amount: Ints, first: Ints, stop: Ints, cells: int, start: int, end: int) -> Ints:
    """What runs on each day from ``start`` until before ``end``: shape (cells, days)."""
    days = end - start
    begin, over = np.clip(first - start, 0, days), np.clip(stop - start, 0, days)
    steps = np.zeros((cells, days + 1), dtype=np.int64)
    some = (over > begin) & (amount != 0)
    np.add.at(steps, (cell[some], begin[some]), amount[some])
    np.add.at(steps, (cell[some], over[some]), -amount[some])
    result: Ints = np.cumsum(steps[:, :days], axis=1)
    return result


def _met(trace: Trace, pathway: Pathway, group: Ints, axes: ServiceAxes) -> Ints:
    """How often each measure was met: (measures, months, groups)."""
    told, month = what_rows_say(trace, pathway), _month_of(trace.time, axes)
    tables = []
    for measure in MEASURES:
        rows = np.flatnonzero(counts_of(pathway, measure)[told])
        tables.append(_counted(len(axes.groups), len(axes.months), group[rows], month[rows]).T)
    return np.array(tables)


def _waits(trace: Trace, pathway: Pathway, who: Ints, axes: TransitionAxes) -> tuple[Ints, Ints]:
    """Waits since the last contact, and in queues, by the year in which people were seen."""
    years = len(axes.base.years)
    contact = np.isin(trace.event, (Event.CONTACT, Event.CONTACT_AGAIN))
    measured = [stages_of(pathway, measure) for measure in SINCE_CONTACT]
    asked = np.any(measured, axis=0)
    begun = trace.event == Event.START
    rows = np.flatnonzero(contact | (begun & asked[trace.stage]))
    rows = rows[np.argsort(who[rows], kind="stable")]
    is_contact = contact[rows]
    last = np.maximum.accumulate(np.where(is_contact, np.arange(len(rows)), -1)) if len(rows) else rows
    fits = ~is_contact & (last >= 0)
    fits[fits] = who[rows[fits]] == who[rows[last[fits]]]  # nobody in care at the start has made contact before that
    seen, since = rows[fits], trace.time[rows[last[fits]]]
    wait, episode = trace.time[seen] - since, who[seen] * len(rows) + last[fits]
    tables = []
    for mask in measured:
        here = np.flatnonzero(mask[trace.stage[seen]])
        here = here[np.unique(episode[here], return_index=True)[1]]  # the first time in an episode
        tables.append(by_year(np.zeros(len(here), dtype=np.int64), 1, trace.time[seen[here]], wait[here], axes.base)[0])
    queue = axes.queue_of[trace.stage]
    rows = np.flatnonzero((queue >= 0) & np.isin(trace.event, (Event.JOIN, Event.START)))
    rows = rows[np.lexsort((rows, trace.stage[rows], who[rows]))]
    start = np.flatnonzero(trace.event[rows] == Event.START)
    start = start[start > 0]
    joined = trace.event[rows[start - 1]] == Event.JOIN
    seen, came = rows[start[joined]], rows[start[joined] - 1]
    wait = trace.time[seen] - trace.time[came]
    queued = by_year(queue[seen], len(axes.queues), trace.time[seen], wait, axes.base)
    return np.array(tables, dtype=np.int64).reshape(len(SINCE_CONTACT), years, len(WAIT)), queued


def _hours(trace: Trace, pathway: Pathway, who: Ints, axes: TransitionAxes, windows: Sequence[Windows | None]) -> Ints:
    """Working time that teams spend with people, in the month in which it passes: (teams, months) ticks."""
    team = np.where(pathway.kind == Kind.SERVICE, pathway.team, -1)[trace.stage]
    rows = np.flatnonzero((team >= 0) & np.isin(trace.event, (Event.START, Event.END)))
    rows = rows[np.lexsort((rows, trace.stage[rows], who[rows]))]
    begins = trace.event[rows] == Event.START
    start = np.flatnonzero(begins)
    follows = np.append(begins[1:] | (trace.stage[rows[1:]] != trace.stage[rows[:-1]]), True)[start]
    follows[:-1] |= who[rows[start[:-1]]] != who[rows[np.minimum(start[:-1] + 1, len(rows) - 1)]]
    first = trace.time[rows[start]]
    last = np.where(follows, trace.end, trace.time[rows[np.minimum(start + 1, len(rows) - 1)]]) if len(rows) else first
    whose = team[rows[start]]
    table = np.zeros((len(axes.teams), len(axes.base.months)), dtype=np.int64)
    for number, place in enumerate(axes.team_of.tolist()):
        if place < 0:
            continue
        mine = whose == number
        bounds = worked_by(windows[number], axes.base.month_ticks)
        spent = (worked_by(windows[number], first[mine]), worked_by(windows[number], last[mine]))
        for month, (opens, closes) in enumerate(zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)):
            inside = np.minimum(spent[1], closes) - np.maximum(spent[0], opens)
            table[place, month] += int(np.clip(inside, 0, None).sum())
    return table


def _new_way(trace: Trace, pathway: Pathway, axes: ServiceAxes) -> Ints:
    """Contacts that followed the new model, and all that could have: (2, months)."""
    table = np.zeros((2, len(axes.months)), dtype=np.int64)
    doors = np.zeros(len(pathway.stages), dtype=bool)
    model = np.full(len(pathway.stages), -1, dtype=np.int64)
    for entry in np.unique(pathway.entry[pathway.entry >= 0]).tolist():
        door = int(pathway.following[entry])
        row = int(pathway.decision[door])
        if row >= 0 and pathway.adopts.size and pathway.adopts[row] >= 0:
            doors[door] = True
            model[door] = pathway.branch_names[row].index("model")
    rows = np.flatnonzero(doors[trace.stage] & (trace.event == Event.BRANCH))
    rows = rows[trace.value[rows] >= model[trace.stage[rows]]]  # those who keep today's way come before
    month = _month_of(trace.time[rows], axes)
    took = trace.value[rows] == model[trace.stage[rows]]
    for line, keep in enumerate((took, np.ones(len(rows), dtype=bool))):
        table[line] = np.bincount(month[keep & (month >= 0)], minlength=len(axes.months))
    return table
