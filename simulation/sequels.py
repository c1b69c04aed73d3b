"""What became of reviews, and of people who had enablement: whole numbers from a trace."""

from __future__ import annotations

import numpy as np

from agents.codes import Event, Kind
from simulation.calendar import MS_PER_DAY
from simulation.service_axes import Ints, Mask, ServiceAxes
from simulation.spells import Care, Lives, Spells
from simulation.working_time import NEVER
from simulation.workload import stages_of

REVIEWS = ("due", "done", "on_time", "raised", "kept", "cut", "ended", "withdrawn", "under_way")
"""What a review tally holds. ``withdrawn``: the care ended before the review was over."""

ENABLEMENT = ("new_clients", "new_clients_enabled", "completed", "no_ongoing_support", "discharged", "at_home_after_91")
"""What an enablement tally holds."""


def reviews(seen: Lives, axes: ServiceAxes) -> Ints:
    """Reviews by the year in which they fell due: shape (forks, years, len(REVIEWS))."""
    trace, pathway = seen.trace, seen.pathway
    table = np.zeros((len(axes.forks), len(axes.years), len(REVIEWS)), dtype=np.int64)
    stages, size = len(pathway.stages), trace.rows + 1
    due, done = (np.flatnonzero(trace.event == event) for event in (Event.REVIEW, Event.REVIEWED))
    if not len(due):
        return table
    # A person's reviews of one kind of care come one after the other: the k-th to end is the k-th that fell due.
    keys = [(seen.who[r] * stages + trace.stage[r]) * stages + trace.value[r] for r in (due, done)]
    due, done = (rows[np.argsort(key, kind="stable")] for rows, key in zip((due, done), keys, strict=True))
    keys = [np.sort(key) for key in keys]
    nth = [np.arange(len(key)) - np.searchsorted(key, key) for key in keys]
    both = [key * size + n for key, n in zip(keys, nth, strict=True)]
    at = np.searchsorted(both[1], both[0])
    over = np.isin(both[0], both[1])
    end = np.where(over, done[np.minimum(at, max(len(done) - 1, 0))] if len(done) else 0, trace.rows)
    of = seen.who[due] * stages + trace.value[due]
    before, after = (_price_before(seen, of, rows, stages, size) for rows in (due, end))
    ends = np.flatnonzero(trace.event == Event.PACKAGE_END)
    ended_at = np.sort((seen.who[ends] * stages + trace.stage[ends]) * size + ends)
    place = np.searchsorted(ended_at, of * size + due)
    next_end = ended_at[np.minimum(place, max(len(ended_at) - 1, 0))] if len(ended_at) else np.full(len(due), -1)
    withdrawn = over & (next_end > of * size + due) & (next_end < of * size + end)
    ended = over & (next_end == of * size + end + 1)
    kept = over & ~withdrawn & ~ended
    now = trace.time[np.minimum(end, trace.rows - 1)]
    columns = (
        np.ones(len(due), dtype=bool),
        over & ~withdrawn,
        over & ~withdrawn & (now - trace.time[due] <= axes.on_time),
        kept & (after > before),
        kept & (after == before),
        kept & (after < before),
        ended,
        withdrawn,
        ~over,
    )
    fork = np.searchsorted(np.flatnonzero(np.isin(pathway.stages, axes.forks)), trace.stage[due])
    year = axes.year_of(trace.time[due])
    for column, holds in enumerate(columns):
        keep = holds & (year >= 0)
        np.add.at(table[:, :, column], (fork[keep], year[keep]), 1)
    return table


def _price_before(seen: Lives, of: Ints, rows: Ints, stages: int, size: int) -> Ints:
    """The price of care (who × stage) last told before some rows; -1 where none was."""
    told = np.flatnonzero(seen.trace.event == Event.WEEKLY)
    key = (seen.who[told] * stages + seen.trace.stage[told]) * size + told
    order = np.argsort(key)
    key, told = key[order], told[order]
    at = np.searchsorted(key, of * size + rows) - 1
    same = (at >= 0) & (key[np.maximum(at, 0)] // size == of) if len(key) else np.zeros(len(of), dtype=bool)
    result: Ints = np.where(same, seen.trace.value[told[np.maximum(at, 0)]] if len(key) else -1, -1)
    return result


def enablement(seen: Lives, found: Spells, care: Care, hospital: int, axes: ServiceAxes) -> Ints:
    """Counts around enablement by year: shape (len(ENABLEMENT), years, groups).

    ``new_clients``: people of sources that count whose first care or enablement starts in the year, and
    ``new_clients_enabled`` those of them who had enablement before any package. ``completed``: stays that ran their
    course, and ``no_ongoing_support`` those after which the episode brought no long-term care and none was running.
    ``discharged``: people of the source ``hospital`` (its code, -1 if there is none) who began enablement 91 days
    before the end of the run or earlier, and ``at_home_after_91`` those alive and outside a care home after 91 days.
    """
    table = np.zeros((len(ENABLEMENT), len(axes.years), len(axes.groups)), dtype=np.int64)
    group, source = seen.people.codes["client_group"], seen.people.codes["source"]
    size = seen.people.size
    mine = stages_of(seen.pathway, "enablement")[found.stage] & (found.began < NEVER) & ~seen.reviewing[found.row]
    who, began, left, how = found.who[mine], found.began[mine], found.left[mine], found.how[mine]
    first_care, first_enabled, first_package = (np.full(size, NEVER, dtype=np.int64) for _ in range(3))
    np.minimum.at(first_enabled, who, began)
    package = (seen.pathway.kind[care.stage] == Kind.PACKAGE) | care.held
    np.minimum.at(first_package, care.who[package], care.first[package])
    np.minimum.at(first_care, care.who, care.first)
    first_care = np.minimum(first_care, first_enabled)

    def add(row: int, whose: Ints, time: Ints) -> None:
        year = axes.year_of(time)
        keep = year >= 0
        np.add.at(table[row], (year[keep], group[whose[keep]]), 1)

    counted = np.array(axes.counted_sources, dtype=bool)[source]
    new = np.flatnonzero((first_care < NEVER) & counted)
    add(0, new, first_care[new])
    enabled = new[first_enabled[new] <= np.minimum(first_package[new], NEVER - 1)]
    add(1, enabled, first_care[enabled])
    completed = how == Event.END
    add(2, who[completed], left[completed])
    lasting = axes.care_mask("long_term")[axes.care_of_stage[care.stage]]
    contact = np.isin(seen.trace.event, (Event.CONTACT, Event.CONTACT_AGAIN))
    until = _next_after(seen.who[contact], seen.trace.time[contact], who, left)
    ongoing = _overlaps(care.who[lasting], care.first[lasting], care.stop[lasting], who, left, until)
    alone = completed & ~ongoing
    add(3, who[alone], left[alone])
    later = began + 91 * MS_PER_DAY
    discharged = (source[who] == hospital) & (later <= seen.trace.end)
    add(4, who[discharged], began[discharged])
    died = np.full(size, NEVER, dtype=np.int64)
    death = np.array([need == "died" for need in seen.pathway.need_goes], dtype=bool)
    deaths = (seen.trace.event == Event.OUTCOME) & death[seen.trace.stage]
    np.minimum.at(died, seen.who[deaths], seen.trace.time[deaths])
    homes = axes.care_mask("care_home")[axes.care_of_stage[care.stage]]
    in_home = _overlaps(care.who[homes], care.first[homes], care.stop[homes], who, later, later + 1)
    at_home = discharged & ~in_home & (died[who] > later)
    add(5, who[at_home], began[at_home])
    return table


def _next_after(who: Ints, time: Ints, asked: Ints, after: Ints) -> Ints:
    """The first of a person's moments after a tick, NEVER without any: shape (asked,)."""
    order = np.lexsort((time, who))
    who, time = who[order], time[order]
    result = np.full(len(asked), NEVER, dtype=np.int64)
    for place, (person, tick) in enumerate(zip(asked.tolist(), after.tolist(), strict=True)):
        low, high = np.searchsorted(who, (person, person + 1))
        at = low + int(np.searchsorted(time[low:high], tick, side="right"))
        if at < high:
            result[place] = time[at]
    return result


def _overlaps(who: Ints, first: Ints, stop: Ints, asked: Ints, since: Ints, until: Ints) -> Mask:
    """Whether a person has an interval that begins before ``until`` and ends after ``since``: shape (asked,)."""
    order = np.argsort(who, kind="stable")
    who, first, stop = who[order], first[order], stop[order]
    result = np.zeros(len(asked), dtype=bool)
    bounds = np.searchsorted(who, asked), np.searchsorted(who, asked, side="right")
    for place, (low, high) in enumerate(zip(bounds[0].tolist(), bounds[1].tolist(), strict=True)):
        if low < high:
            result[place] = bool(np.any((first[low:high] < until[place]) & (stop[low:high] > since[place])))
    return result
