"""Stays read back from a trace: spells at stages where people wait and are seen, and care with what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agents.codes import Event, Kind
from simulation.calendar import MS_PER_DAY
from simulation.pathway import Pathway
from simulation.population import Finder, Population
from simulation.service_axes import WAITED_FOR, review_stages
from simulation.trace import Trace
from simulation.working_time import NEVER

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

_CLOSES = (Event.END, Event.OVERFLOW, Event.WITHDRAWN, Event.MISSED, Event.HAZARD)


@dataclass(frozen=True)
class Lives:
    """A trace with what is asked of it again and again; all arrays have shape (rows,).

    Attributes:
        who: place of each row's person in the population.
        episode: how many contacts the person has made so far, 1 for the first; 0 for people in care at the start.
        reviewing: whether the row belongs to a review, as far as the trace tells.
        counted: whether the row's person comes from a source that counts as contacts.
    """

    trace: Trace
    pathway: Pathway
    people: Population
    who: Ints
    episode: Ints
    reviewing: Mask
    counted: Mask


@dataclass(frozen=True)
class Spells:
    """Stays at services, appointments and places: columns of shape (spells,).

    Attributes:
        who: place in the population. stage: where. row: the trace row at which they joined.
        joined, began, left: ticks; NEVER for what did not happen within the run.
        how: the event by which they left, -1 while they are there; HAZARD also where it cut short a stay in a place.
    """

    who: Ints
    stage: Ints
    row: Ints
    joined: Ints
    began: Ints
    left: Ints
    how: Ints


@dataclass(frozen=True)
class Care:
    """Care: packages, and stays in places that have a care type. Columns of shape (care,).

    Attributes:
        who: place in the population. stage: where. type: the person's type when it began (packages; else 0).
        first, stop: ticks; care held at the start begins at -1, and care that goes on stops at NEVER.
        held: whether it ran before the start.
    """

    who: Ints
    stage: Ints
    type: Ints
    first: Ints
    stop: Ints
    held: Mask


@dataclass(frozen=True)
class Rates:
    """What care costs, piece by piece: columns of shape (pieces,).

    Attributes:
        care: place in ``Care``. first, stop: days, from the first on and until before ``stop``.
        pence: gross pence a week, -1 where no price is known. pays: pence a week that the client pays of it.
    """

    care: Ints
    first: Ints
    stop: Ints
    pence: Ints
    pays: Ints


def running_count(sorted_key: Ints, step: Ints) -> Ints:
    """Cumulative sum of ``step`` that begins anew with each key: shape (rows,)."""
    total = np.cumsum(step)
    new = np.concatenate([[True], sorted_key[1:] != sorted_key[:-1]]) if len(sorted_key) else np.zeros(0, dtype=bool)
    before = np.where(new, total - step, 0)
    starts = np.flatnonzero(new)
    lengths = np.diff(np.concatenate([starts, [len(sorted_key)]]))
    result: Ints = total - np.repeat(before[starts], lengths)
    return result


def lives(trace: Trace, pathway: Pathway, people: Population, counted_sources: Sequence[bool]) -> Lives:
    """A trace made ready for counting."""
    who = Finder(people)(trace.person)
    order = np.argsort(who, kind="stable")
    contact = np.isin(trace.event, (Event.CONTACT, Event.CONTACT_AGAIN)).astype(np.int64)
    review = (trace.event == Event.REVIEW).astype(np.int64) - (trace.event == Event.REVIEWED)
    episode, under_way = np.empty_like(who), np.empty_like(who)
    episode[order] = running_count(who[order], contact[order])
    under_way[order] = running_count(who[order], review[order])
    counted = np.array(counted_sources, dtype=bool)[people.codes["source"]][who]
    reviewing = (under_way > 0) & review_stages(pathway)[trace.stage]
    return Lives(trace, pathway, people, who, episode, reviewing, counted)


def spells(seen: Lives) -> Spells:
    """All spells of a trace."""
    trace, pathway = seen.trace, seen.pathway
    stage = np.where(trace.event == Event.HAZARD, trace.value, trace.stage)
    event = trace.event
    here = np.isin(pathway.kind, WAITED_FOR)[stage] & np.isin(event, (Event.JOIN, Event.START, *_CLOSES))
    gave_up = trace.value > pathway.rebookings[stage]
    here &= (event != Event.MISSED) | gave_up
    rows = np.flatnonzero(here)
    key = seen.who[rows] * len(pathway.stages) + stage[rows]
    order = np.argsort(key, kind="stable")
    rows, key = rows[order], key[order]
    what, time = event[rows], trace.time[rows]
    # A stay in a place that is cut short tells its hazard first and its end next, in the same millisecond.
    cut = np.zeros(len(rows), dtype=bool)
    if len(rows):
        cut[:-1] = (what[:-1] == Event.HAZARD) & (what[1:] == Event.END) & (key[1:] == key[:-1])
        cut[:-1] &= time[1:] == time[:-1]
    join, start = what == Event.JOIN, what == Event.START
    close = ~join & ~start & ~cut
    number = np.cumsum(join) - 1
    count = int(join.sum())
    began, left = np.full(count, NEVER, dtype=np.int64), np.full(count, NEVER, dtype=np.int64)
    how = np.full(count, -1, dtype=np.int64)
    began[number[start]] = time[start]
    left[number[close]] = time[close]
    how[number[close]] = what[close]
    how[number[cut]] = Event.HAZARD
    at_once = running_count(key, join.astype(np.int64) - close) > 1
    for crowded in np.unique(key[at_once]).tolist():
        _one_by_one(np.flatnonzero(key == crowded), number, what, time, cut, began, left, how)
    first = rows[join]
    return Spells(seen.who[first], stage[first], first, time[join], began, left, how)


def _one_by_one(
    places: Ints, number: Ints, what: Ints, time: Ints, cut: Mask, began: Ints, left: Ints, how: Ints
) -> None:
    """Somebody who is twice at a stage at once, as with two reviews: first come, first served, first done."""
    waiting: list[int] = []
    inside: list[int] = []
    mine = number[places][what[places] == Event.JOIN]
    began[mine], left[mine], how[mine] = NEVER, NEVER, -1
    for place in places.tolist():
        event, now = int(what[place]), int(time[place])
        if event == Event.JOIN:
            waiting.append(int(number[place]))
        elif event == Event.START:
            inside.append(waiting.pop(0))
            began[inside[-1]] = now
        elif not cut[place]:
            of = inside.pop(0) if event == Event.END else waiting.pop(0)
            left[of], how[of] = now, event


def care_of(trace: Trace, pathway: Pathway, who: Ints) -> tuple[Care, Rates]:
    """All care of a trace, and what it costs; ``who`` is the place of each row's person in the population."""
    event, stage = trace.event, trace.stage
    is_care = np.array([bool(name) for name in pathway.care_types], dtype=bool)
    stay = is_care & (pathway.kind == Kind.PLACES)
    begins = np.isin(event, (Event.PACKAGE_START, Event.HELD)) | ((event == Event.START) & stay[stage])
    ends = (event == Event.PACKAGE_END) | ((event == Event.END) & stay[stage])
    prices = np.isin(event, (Event.WEEKLY, Event.PAYS)) & is_care[stage]
    rows = np.flatnonzero(begins | ends | prices)
    key = who[rows] * len(pathway.stages) + stage[rows]
    order = np.argsort(key, kind="stable")
    rows = rows[order]
    begin, end = begins[rows], ends[rows]
    number = np.cumsum(begin) - 1
    start = rows[begin]
    held = event[start] == Event.HELD
    stop = np.full(len(start), NEVER, dtype=np.int64)
    stop[number[end]] = trace.time[rows[end]]
    packaged = np.where(event[start] == Event.START, 0, trace.value[start])
    first = np.where(held, -1, trace.time[start])
    found = Care(who[start], stage[start], packaged, first, stop, held)
    return found, _rates(trace, rows, number, found)


def _rates(trace: Trace, rows: Ints, number: Ints, found: Care) -> Rates:
    """The pieces between one price and the next; care that never tells a price is one piece without one."""
    event = trace.event[rows]
    weekly = event == Event.WEEKLY
    piece = np.cumsum(weekly) - 1
    pays = np.zeros(int(weekly.sum()), dtype=np.int64)
    paid = event == Event.PAYS
    pays[piece[paid]] = trace.value[rows[paid]]
    of, since = number[weekly], trace.time[rows[weekly]] // MS_PER_DAY
    until = found.stop[of] // MS_PER_DAY
    if len(of):
        more = of[1:] == of[:-1]
        until[:-1] = np.where(more, since[1:], until[:-1])
    silent = np.setdiff1d(np.arange(len(found.who)), of)
    none = np.full(len(silent), -1, dtype=np.int64)
    return Rates(
        np.concatenate([of, silent]),
        np.concatenate([since, np.maximum(found.first[silent], 0) // MS_PER_DAY]),
        np.concatenate([until, found.stop[silent] // MS_PER_DAY]),
        np.concatenate([trace.value[rows[weekly]], none]),
        np.concatenate([np.maximum(pays, 0), np.zeros(len(silent), dtype=np.int64)]),
    )
